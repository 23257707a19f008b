"""What `auditor.__getattr__` gives, for type checkers."""

from auditor.runs.frames import open_run as open_run

__version__: str
