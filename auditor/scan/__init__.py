"""One audit: list, classify, merge with rows, look again, account, write the run folder."""
