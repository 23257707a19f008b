"""`auditor objects`, `findings`, `tree` and `cost`: questions to a run that is finished."""
