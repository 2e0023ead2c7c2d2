"""How well questions are found: sets of questions with known answers, put to every engine and embedder."""
