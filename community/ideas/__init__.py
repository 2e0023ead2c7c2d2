"""Ideas of members for the company: how many want them, and the steps and answers that staff give them."""
