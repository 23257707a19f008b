"""One row of the table of files through all backups of a database: when it was there, and what went with it.

Nothing here prints or asks anybody. `trace` looks at as few backups as it can and gives a `Story`.
"""

from auditor.tracing.backups import Backup, in_bucket, in_folder
from auditor.tracing.search import most_looks
from auditor.tracing.session import BucketFiles, FolderFiles, Session
from auditor.tracing.story import Story
from auditor.tracing.trace import Question, trace

__all__ = [
    "Backup",
    "BucketFiles",
    "FolderFiles",
    "Question",
    "Session",
    "Story",
    "in_bucket",
    "in_folder",
    "most_looks",
    "trace",
]
