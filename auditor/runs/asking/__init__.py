"""Questions to a finished run: what to look at, in which order, how much, and in sum; nothing here prints."""
