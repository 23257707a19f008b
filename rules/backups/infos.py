"""What the rules say about themselves."""

from __future__ import annotations

from auditor.findings import Need, RuleInfo, RuleKind, Severity

_WHOLE = frozenset({Need.FULL_SCAN, Need.COMPLETE_RANGE})

DATABASE = RuleInfo(
    code="BAK001",
    name="database-backup-unreadable",
    severity=Severity.ERROR,
    kind=RuleKind.CONTENT,
    summary="A database backup is no SQLite file, has the wrong length, or fails SQLite's integrity check.",
    why="A backup that cannot be restored is noticed on the day on which it is needed.",
    action="Keep the backup before it, make a new one at once, and find out what the job wrote.",
    good="the magic, a length of page size times pages, `PRAGMA integrity_check` says ok, and it has its tables",
    bad="the last megabyte is missing; an error page in place of a file; a page that was overwritten",
)

REDIS = RuleInfo(
    code="BAK002",
    name="redis-backup-unreadable",
    severity=Severity.ERROR,
    kind=RuleKind.CONTENT,
    summary="A redis backup cannot be followed chunk by chunk to its end, or a dump has the wrong version or CRC-64.",
    why="Redis refuses to restore such a dump, and behind a wrong length no key can be found any more.",
    action="Keep the backup before it and make a new one; what lies before the named offset can still be restored.",
    good="chunks of key length, key, dump length and dump to the end; an empty file",
    bad="a file that ends within a dump; one bit of a dump flipped",
)

GAP = RuleInfo(
    code="BAK003",
    name="backup-gap",
    severity=Severity.WARNING,
    kind=RuleKind.RUN,
    summary="There are fewer backups in a stretch of time than the schedule says, or the newest is too old.",
    why="A job that has stopped says nothing. What was written since the last backup has no second copy.",
    action="Look at the job's log for that time; if the newest is too old, make a backup now.",
    good="two backups in any 26 hours",
    bad="none since the day before yesterday; a weekend with one backup a day",
    needs=_WHOLE,
)

SHRUNK = RuleInfo(
    code="BAK004",
    name="backup-shrunk",
    severity=Severity.WARNING,
    kind=RuleKind.RUN,
    summary="A backup is much smaller than the one before it.",
    why="A database seldom loses half of its rows in a night; a job that was cut short loses them at once.",
    action="Compare the rows of both backups before the older one is deleted.",
    good="512 MB after 515 MB",
    bad="20 MB after 515 MB; no byte after 3 MB",
    needs=frozenset({Need.COMPLETE_RANGE}),
)

CLOCK = RuleInfo(
    code="BAK005",
    name="backup-clock",
    severity=Severity.WARNING,
    kind=RuleKind.RUN,
    summary="The time in a backup's key and the time at which it was stored disagree.",
    why="Which backup is the newest, and what it can know, is judged by the earlier of the two.",
    action="Set the clock of the host that makes backups, or find out who stored the file again.",
    good="1730000000.bak, stored 40 seconds later",
    bad="1730000000.bak, stored two days later, or an hour before",
)

KEPT = RuleInfo(
    code="BAK006",
    name="backup-retention",
    severity=Severity.INFO,
    kind=RuleKind.RUN,
    summary="Backups are older than they are meant to be kept, or nothing says how long that is.",
    why="What nobody deletes grows without end, and holds the data of users who are long gone.",
    action="Decide how long backups are kept, let a lifecycle rule see to it, and say it in the bindings (`kept`).",
    good="`kept` is 400 days and the oldest backup is 399 days old",
    bad="1,160 backups of 412 GB since April 2023, and no rule that ends it",
    needs=_WHOLE,
)
