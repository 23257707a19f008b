"""Keys that S3 keeps and a file system cannot: planted last, so that a world without them is the same otherwise."""

from __future__ import annotations

from auditor.spec.model import Fit
from tests.world import misspelt, strays, traps
from tests.world.bodies import mp4
from tests.world.faults import Faults
from tests.world.files import Files
from tests.world.ledger import DAY, Ledger

NAMES = ("a//b", "./here", "up/../down", "é" * 400)
OUTSIDE = (
    "s3_files//images/originals/x/y",
    "./s3_files/images/originals/x/y",
    "../../etc/passwd",
    "/s3_files/images/originals/x/y",
    "a//b",
    "s3_files/./images/x",
    "x" * 1024,
)
DEPARTED = (
    "s3_files/images/originals//x",
    "s3_files/uploads//1/x",
    "s3_files/courses/a//x.zip",
)
MARKERS = ("s3_files/", "s3_files/images/", "s3_files/images/originals/", "builds/", "s3_files/uploads/oseh_s3fu_x/")


def plant(ledger: Ledger, wanted: Faults) -> None:
    files = Files(ledger, "s3-only")
    traps.names(files, NAMES)
    _longest(files)
    if wanted.directory_markers:
        _markers(files)
    if wanted.hostile_keys:
        for fit, keys in ((Fit.UNKNOWN, OUTSIDE), (Fit.MALFORMED, DEPARTED)):
            strays.foreign(files, fit, keys)
    if wanted.misspelt_keys:
        misspelt.s3_only(files)
    if wanted.orphans:
        strays.named_orphans(files, ("a//b", "./c"))


def _longest(files: Files) -> None:
    """A key of exactly 1024 bytes, the most that S3 takes."""
    beginning = f"s3_files/videos/originals/{files.names.uid('cf')}/"
    key = beginning + "n" * (1024 - len(beginning))
    if files.ledger.holds(key):
        files.store(files.plant("name", key), mp4(key, 100), "videos/originals", at=files.ago(90 * DAY))


def _markers(files: Files) -> None:
    """Empty objects that consoles make for "folders"; one of five bytes is no marker."""
    for key in MARKERS:
        at = files.moment(DAY, 900 * DAY)
        if files.ledger.holds(key, 0):
            files.ledger.put(files.plant("marker", key), b"", at, None, Fit.IGNORED)
    key = "s3_files/images/exports/"
    if files.ledger.holds(key, 5):
        files.ledger.put(files.plant("malformed", key), b"hello", files.ago(9 * DAY), None, Fit.MALFORMED)
