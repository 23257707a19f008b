"""What the two rules say about themselves."""

from __future__ import annotations

from auditor.findings import RuleInfo, RuleKind, Severity

_AGAIN = "Make the export again from its original; restore an original from wherever it came from."

INFOS: tuple[RuleInfo, ...] = (
    RuleInfo(
        code="MED001",
        name="media-signature",
        severity=Severity.ERROR,
        kind=RuleKind.CONTENT,
        summary="An audio or video file is not of its family's container, or the container is broken or cut off.",
        why="Players show an error, or stop where the file does.",
        action=_AGAIN,
        good="an .mp4 with ftyp, moov and mdat that fill it; a .ts of packets of 188 bytes that begin with 0x47",
        bad="an .mp4 that ends within mdat; a .ts of 1,000 bytes; an original that is an error page",
    ),
    RuleInfo(
        code="MED002",
        name="media-not-faststart",
        severity=Severity.WARNING,
        kind=RuleKind.CONTENT,
        summary="An MP4 has its index (moov) behind its samples (mdat).",
        why="A player has to fetch the end of the file before it can begin, or all of it.",
        action="Make the export again with ffmpeg's -movflags +faststart.",
        good="ftyp, moov, mdat",
        bad="ftyp, mdat, moov, as ffmpeg writes by itself",
    ),
)
