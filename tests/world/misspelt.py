"""One file under two spellings of its key, an object under one and a row under the other; and what only looks so."""

from __future__ import annotations

from unicodedata import normalize
from urllib.parse import quote, quote_plus

from auditor.spec.model import Fit
from tests.world.bodies import mp4
from tests.world.files import Files
from tests.world.ledger import DAY, HOUR

FAMILY = "audio/originals"


def pairs(files: Files) -> None:
    for row, found in (
        ("Übung.mp3", normalize("NFD", "Übung.mp3")),
        (normalize("NFD", "pièce.mp3"), "pièce.mp3"),
        ("ﬁnale № 2.mp3", normalize("NFKC", "ﬁnale № 2.mp3")),
        ("deep breath 100%.mp3", quote("deep breath 100%.mp3")),
        (quote("slow (1).mp3", safe=""), "slow (1).mp3"),
        ("a b c.mp3", "a+b+c.mp3"),
        ("été & co.mp3", quote(quote_plus("été & co.mp3"))),
        ("Morning.MP3", "morning.mp3"),
        ("café.mp3", "café.mp3".encode().decode("latin-1")),
        ("“calm“.mp3".encode().decode("cp1252"), "“calm“.mp3"),
    ):
        folder = f"s3_files/{FAMILY}/{files.names.uid('cf')}/{files.names.token(16)}-"
        _pair(files, folder + row, folder + found)
    _pair(files, row := _key(files), quote(row, safe=""), Fit.UNKNOWN)
    _pair(files, row := _key(files), row.replace("audio/", "audio", 1), Fit.UNKNOWN)
    _one_row_and_two_objects(files)
    _no_pairs(files)


def _no_pairs(files: Files) -> None:
    """Alike, and not in the ways that REF006 knows; or not both lost."""
    for row, found in (
        ("1/23.mp3", "12/3.mp3"),
        ("pièce.mp3", "piece.mp3"),
        ("a b.mp3", "a_b.mp3"),
        ("1.mp3", "l.mp3"),
    ):
        folder = f"s3_files/{FAMILY}/{files.names.uid('cf')}/{files.names.token(16)}-"
        _lost(files, folder + row, _age(files))
        _object(files, folder + found, _age(files))
    row = _key(files) + " a"  # the upload under the right key may still come
    _lost(files, row, files.ago(2 * HOUR))
    _object(files, quote(row), _age(files))
    row = _key(files) + " b"
    _lost(files, row, _age(files))
    _object(files, row.replace(" ", "+"), files.ago(2 * HOUR))
    row = _key(files) + " c"
    _lost(files, row, _age(files))
    spelt = row.replace(" ", "%20")
    files.store(spelt, mp4(spelt, 100), FAMILY, at=_age(files))


def s3_only(files: Files) -> None:
    """Slashes that no file system keeps."""
    for change in (
        lambda key: "/" + key,
        lambda key: key.replace("/", "//", 1),
        lambda key: key.replace("originals/", "originals//"),
    ):
        row = _key(files)
        found = change(row)
        _pair(files, row, found, Fit.MALFORMED if found.startswith("s3_files/audio/") else Fit.UNKNOWN)


def _one_row_and_two_objects(files: Files) -> None:
    row = _key(files) + " é"
    _lost(files, row, _age(files))
    for found in (quote(row), normalize("NFD", row)):
        _object(files, found, _age(files))
        _together(files, row, found)


def _pair(files: Files, row: str, found: str, fit: Fit = Fit.FITS) -> None:
    ages = _age(files), _age(files)
    if files.ledger.holds(found):
        _lost(files, row, ages[0])
        _object(files, found, ages[1], fit)
        _together(files, row, found)


def _together(files: Files, row: str, found: str) -> None:
    files.ledger.misspelt.append((files.plant("misspelt", found), row))


def _key(files: Files) -> str:
    return f"s3_files/{FAMILY}/{files.names.uid('cf')}/{files.names.token(16)}"


def _age(files: Files) -> int:
    return files.moment(3 * DAY, 900 * DAY)


def _lost(files: Files, key: str, born: int) -> None:
    if born < files.ago(DAY):
        files.plant("dangling", key)
    files.record(key, FAMILY, 1234, born=born)


def _object(files: Files, key: str, at: int, fit: Fit = Fit.FITS) -> None:
    if fit is not Fit.FITS or at < files.ago(DAY):
        files.plant({Fit.FITS: "orphan", Fit.UNKNOWN: "unknown-prefix", Fit.MALFORMED: "malformed"}[fit], key)
    files.ledger.put(key, mp4(key, 100), at, FAMILY if fit is Fit.FITS else None, fit)
