"""What `auditor explain` prints, word for word."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from auditor.cli.excerpt import excerpt
from tests.scanning import auditor

BODY = "mKc0l1ZpAx9TqUe_4rW-7Q"
UPLOAD = f"s3_files/uploads/oseh_s3fu_{BODY}"

FITS = f"""\
{UPLOAD}/7/mKc0l1ZpAx8
fits `uploads`
  template  s3_files/uploads/{{upload_uid}}/{{part_number}}/{{random}}
            uploads, rules/file_service.md:16
  fields    ok     upload_uid   oseh_s3fu_{BODY}  uid(s3fu)
            ok     part_number  7                                 int
            ok     random       mKc0l1ZpAx8                       token(8)
  rows      required, in s3_file_upload_parts
"""

SECRET = f"""\
s3_files/journals/keys/master/oseh_ujmk_{BODY}
fits `journals/keys/master`
  template  s3_files/journals/keys/master/{{uid}}
            journals/keys/master, rules/file_service.md:54
  fields    ok     uid  oseh_ujmk_{BODY}  uid(ujmk)
  rows      required, in user_journal_master_keys
  content   journal-key (secret: never downloaded)
  note      never read it; its length is known from the listing.
"""

WRONG_FIELDS = f"""\
s3_files/uploads/oseh_if_{BODY}/seven/mKc0l1ZpAx8
                      ^
KEY003 invalid-field: has the form of `uploads`, but `upload_uid` and `part_number` are not of their
kinds
  template  s3_files/uploads/{{upload_uid}}/{{part_number}}/{{random}}
            uploads, rules/file_service.md:16
  fields    wrong  upload_uid   oseh_if_{BODY}  uid(s3fu)
                   expected a uid that begins with `oseh_s3fu_`, then 22 base64url characters; found
                   the prefix `oseh_if_`
            wrong  part_number  seven                           int
                   expected decimal digits; found `s` as the 1st character
            ok     random       mKc0l1ZpAx8                     token(8)
  rows      required, in s3_file_upload_parts
"""

MALFORMED = f"""\
s3_files/videos/oseh_cf_{BODY}/hls/mKc0l1ZpAx8.ts
                                               ^
KEY002 malformed-key: departs from `videos/mp4` at column 48: expected `mp4/`; found `hls/`
  nearest  s3_files/videos/{{content_file_uid}}/mp4/{{bit_rate}}/{{random}}.mp4
           videos/mp4, rules/file_service.md:30
           departs at column 48: expected `mp4/`
"""

UNKNOWN = """\
s3_files/uplods/x
         ^
KEY001 unknown-prefix: no template has `uplods/` at column 10; they have `images/`, `uploads/`,
`audio/`, `videos/`, `courses/`, `backup/`, `jobs/`, `journals/` and `journey_embeddings/`
  nearest  s3_files/uploads/{upload_uid}/{part_number}/{random}
           uploads, rules/file_service.md:16
           departs at column 10: expected `uploads/`
"""

TOO_SHORT = """\
s3_files/journals/keys
                  ^
KEY001 unknown-prefix: ends before it is a key of any template; they go on with `keys/`
  nearest  s3_files/journals/keys/master/{uid}
           journals/keys/master, rules/file_service.md:54
           departs at column 19: expected `keys/`
           s3_files/journals/keys/client/{uid}
           journals/keys/client, rules/file_service.md:56
           departs at column 19: expected `keys/`
"""

HOSTILE = """\
s3_files/journey_embeddings/\\x1b[2J\\n/\\u202egpj
                                     ^
KEY002 malformed-key: departs from `journey_embeddings` at column 34: expected the end of the key;
found `/\\u202egpj`
  nearest  s3_files/journey_embeddings/{uid}
           journey_embeddings, rules/file_service.md:61
           departs at column 34: expected the end of the key
"""


@pytest.mark.parametrize(
    ("key", "code", "text"),
    [
        (f"{UPLOAD}/7/mKc0l1ZpAx8", 0, FITS),
        (f"s3_files/journals/keys/master/oseh_ujmk_{BODY}", 0, SECRET),
        (f"s3_files/uploads/oseh_if_{BODY}/seven/mKc0l1ZpAx8", 1, WRONG_FIELDS),
        (f"s3_files/videos/oseh_cf_{BODY}/hls/mKc0l1ZpAx8.ts", 1, MALFORMED),
        ("s3_files/uplods/x", 1, UNKNOWN),
        ("s3_files/journals/keys", 1, TOO_SHORT),
        ("s3_files/journey_embeddings/\x1b[2J\n/\u202egpj", 1, HOSTILE),
    ],
)
def test_one_key_as_text(key: str, code: int, text: str) -> None:
    result = auditor("explain", key)
    assert result.stdout.splitlines() == text.splitlines()
    assert (result.exit_code, result.stderr) == (code, "")


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The options that name a document with templates that meet, and its bindings."""
    monkeypatch.chdir(tmp_path)
    templates = ["a/{x}/b", "a/{x}/{y}", "r/{x}-{y}", "r/{x}_{y}", "r/{p}", "n{x}"]
    Path("keys.md").write_text("".join(f"- `{text}`: prose\n" for text in templates))
    Path("keys.toml").write_text('[ignore]\nglobs = ["tmp/*", "*~"]\n[templates."r/{p}"]\nfields = { p = "path" }\n')
    return ["--spec", "keys.md", "--bindings", "keys.toml"]


BEATS = """\
a/1/b
fits `a`
  template  a/{x}/b
            a, keys.md:1
  fields    ok     x  1  segment
  beats     a/{x}/{y}
            a-2, keys.md:2
            since the literal `b` beats the field `{y}`
  rows      unmanaged: nothing says whether one is needed

r/1-2_3
KEY004 ambiguous-key: fits more than one template: `r`, `r-2`
  template  r/{x}-{y}
            r, keys.md:3
            r/{x}_{y}
            r-2, keys.md:4

x~
is ignored by the glob `*~` of the bindings
"""


def test_several_keys_of_templates_that_meet(document: list[str]) -> None:
    result = auditor("explain", *document, "a/1/b", "r/1-2_3", "x~")
    assert result.stdout.splitlines() == BEATS.splitlines()
    assert result.exit_code == 1
    assert auditor("explain", *document, "a/1/b", "x~").exit_code == 0


FITTING_AS_JSON = {
    "key": "a/1/b",
    "fit": "fits",
    "rule": None,
    "family": "a",
    "template": "a/{x}/b",
    "file": "keys.md",
    "line": 1,
    "fields": [
        {
            "name": "x",
            "value": "1",
            "kind": "segment",
            "valid": True,
            "expected": "one or more characters without a slash",
            "found": None,
            "column": 3,
        }
    ],
    "rows": "unmanaged",
    "tables": [],
    "content": None,
    "candidates": [
        {
            "family": "a-2",
            "template": "a/{x}/{y}",
            "line": 2,
            "beaten_because": "the literal `b` beats the field `{y}`",
        }
    ],
    "column": None,
    "expected": None,
    "found": None,
    "unknown_from": None,
    "glob": None,
    "nearest": [],
    "sentence": "fits `a`",
}
NEAREST_AS_JSON = [
    {
        "family": "a-2",
        "template": "a/{x}/{y}",
        "line": 2,
        "column": 6,
        "expected": "the end of the key",
        "found": "`/d`",
    },
    {
        "family": "a",
        "template": "a/{x}/b",
        "line": 1,
        "column": 5,
        "expected": "`b`",
        "found": "`c/`",
    },
]


def test_json_is_one_object_a_line(document: list[str]) -> None:
    result = auditor("explain", "--format", "json", *document, "a/1/b", "r/1-2_3", "tmp/x", "a/b/c/d", "--", "-\n")
    said = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(entry["key"], entry["fit"], entry["rule"]) for entry in said] == [
        ("a/1/b", "fits", None),
        ("r/1-2_3", "ambiguous", "KEY004"),
        ("tmp/x", "ignored", None),
        ("a/b/c/d", "malformed", "KEY002"),
        ("-\n", "unknown", "KEY001"),
    ]
    assert said[0] == FITTING_AS_JSON
    assert [(other["family"], other["line"], other["beaten_because"]) for other in said[1]["candidates"]] == [
        ("r", 3, None),
        ("r-2", 4, None),
    ]
    assert said[2]["glob"] == "tmp/*"
    assert (said[3]["column"], said[3]["expected"], said[3]["found"]) == (6, "the end of the key", "`/d`")
    assert said[3]["nearest"] == NEAREST_AS_JSON
    assert said[4]["unknown_from"] == "-\n"


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("", "auditor: an empty text is no key of S3: give the key of an object\n"),
        ("é" * 513, f"auditor: {'é' * 60}… has 1026 bytes, and a key of S3 has at most 1024\n"),
        ("a\udcff", "auditor: a\\udcff is not UTF-8, so it cannot be a key of S3\n"),
    ],
)
def test_what_cannot_be_a_key_is_refused_before_anything_is_printed(key: str, sentence: str) -> None:
    result = auditor("explain", "s3_files/uploads/x", key)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", sentence)


def test_a_key_of_1024_bytes_is_a_key() -> None:
    assert auditor("explain", "é" * 512).exit_code == 1


@pytest.mark.parametrize(
    ("key", "column", "width", "line", "caret"),
    [
        ("abc", 1, 80, "abc", "^"),
        ("abc", 4, 80, "abc", "   ^"),
        ("abc", 4, 3, "abc", "   ^"),
        ("漢字/x", 3, 80, "漢字/x", "    ^"),
        ("e\u0301/x", 4, 80, "e\u0301/x", "  ^"),
        ("a\tb", 3, 80, "a\\tb", "   ^"),
        ("a\t\\b", 4, 80, "a\\t\\\\b", "     ^"),
        ("a " * 20, 41, 80, "a " * 20, " " * 40 + "^"),
        ("0123456789", 1, 7, "01234…", "^"),
        ("0123456789", 11, 7, "…6789", "     ^"),
        ("0123456789", 5, 7, "…23456…", "   ^"),
        ("漢字漢字漢字", 4, 8, "…漢字漢…", "   ^"),
    ],
)
def test_the_caret_stands_under_its_character(key: str, column: int, width: int, line: str, caret: str) -> None:
    assert excerpt(key, column, width) == (line, caret)


TWICE = """
import os, sys
from auditor.cli import main
for no_color in ("", "1"):
    os.environ["NO_COLOR"] = no_color
    try:
        main(sys.argv[1:])
    except SystemExit:
        print("####", flush=True)
"""


def read_to_the_end(terminal: int) -> Iterator[bytes]:
    with suppress(OSError):  # EIO is how a terminal ends
        while piece := os.read(terminal, 4096):
            yield piece


def test_colours_are_for_terminals_that_want_them() -> None:
    """One process for both, since it takes long to start."""
    ours, theirs = os.openpty()
    command = [sys.executable, "-c", TWICE, "explain", "s3_files/uploads/" + "x" * 90]
    environment = {**os.environ, "COLUMNS": "50", "TERM": "xterm"}
    with subprocess.Popen(command, stdout=theirs, stdin=subprocess.DEVNULL, env=environment):
        os.close(theirs)
        with_colours, without, _ = b"".join(read_to_the_end(ours)).decode().split("####")
    os.close(ours)
    assert "\x1b[" in with_colours
    assert "\x1b[" not in without
    lines = without.strip("\r\n").splitlines()
    assert max(len(line) for line in lines[:2]) <= 50
    assert lines[0].startswith("…")
