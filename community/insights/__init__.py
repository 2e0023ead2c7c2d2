"""What is counted without who: searches, ask sessions, openings of threads and entries, satisfaction; for staff."""
