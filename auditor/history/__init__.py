"""What is known from run to run: which findings are new, known and fixed, and since when."""
