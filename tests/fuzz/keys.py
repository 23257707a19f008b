"""Any text as a key: both readers say the same, and what is said can be shown."""

from __future__ import annotations

import pyarrow as pa

from auditor.spec import compile_specification
from rules.shipped import file_service
from tests.spec.building import compiled

_SHIPPED = compile_specification(*file_service(), strict=True)
_TANGLED = compiled(
    {
        "{a}-{b}_{c}.bak": {"b": "slug", "c": "timestamp(hint)"},
        "x/{a}{b}/{c}": {"a": "int", "b": "choice(p, pq, q)", "c": "path"},
        "x/{a}/{b}.{c}": {"b": "isodatetime"},
        "{a}/y/{b}": {"a": "path"},
    },
    '[ignore]\nglobs = ["*~", "tmp/*-*/?"]',
)
_UID = b"mKc0l1ZpAx9TqUe_4rW-7Q"
SEEDS = (
    b"0s3_files/images/exports/oseh_ife_" + _UID + b"/mKc0l1ZpAx8.png",
    b"0s3_files/audio/oseh_cf_" + _UID + b"/mp4/128/mKc0l1ZpAx8.mp4",
    b"0s3_files/audio/originals/oseh_cf_" + _UID + b"/oseh_vn_" + _UID + b"/b'x'-" + _UID,
    b"0s3_files/backup/database/timely/0056_x-pre-1690000000.bak",
    b"0s3_files/backup/database/1690000000manual.bak",
    b"0s3_files/jobs/repopulate_emotions/dropped_2024-07-18T09:30:00.123456.txt",
    b"0s3_files/voice_notes/stitched/oseh_vn_" + _UID + b"/abcdef",
    b"1a-b-c_d_1690000000x.bak",
    b"1x/12pq/a/b/c",
    b"1x/a/2024-07-18T09:30:00Z.txt",
    b"1a/y/b/y/c~",
)


def one(data: bytes) -> None:
    """The first byte chooses the document; the rest is the key, as far as S3 would take it."""
    spec = _TANGLED if data[:1] == b"1" else _SHIPPED
    key = data[1:1025].decode(errors="ignore")
    said = spec.explain(key)
    classes = spec.classify(pa.array([key]))
    assert (said.family, said.fit) == (classes.family[0].as_py(), classes.fit[0].as_py())
    assert list(spec.explanations([key])) == [said]
    assert said.sentence.isprintable()
    for field in said.fields:
        assert key[field.column - 1 :].startswith(field.value)
    if said.column is not None:
        assert 1 <= said.column <= len(key) + 1
