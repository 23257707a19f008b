"""From findings to a plan that others carry out, and the looks before and after it. Nothing here writes to a bucket."""
