"""`auditor spec drift` on real runs: what it prints, and what comes of following it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auditor.runs.folder import open_run
from auditor.spec import Source, compile_specification
from rules.shipped import file_service
from tests.rows.making import make_db, plain
from tests.scanning import NOW, auditor, scan
from tests.spec.drift.test_service import EXPECTED
from tests.world import Faults, build
from tests.world.rich_drift import SORTS

HEADING = "## Not described in `rules/file_service.md`"
UIDS = ("oseh_cf_AAAAAAAAAAAAAAAAAAAAAQ", "oseh_cf_BBBBBBBBBBBBBBBBBBBBBQ")
FILES = {
    f"s3_files/videos/{UIDS[0]}/hls/aB3_-9xYz0k.ts": 100,
    f"s3_files/videos/{UIDS[1]}/hls/Q7cD-1eFg2h.ts": 200,
    "s3_files/class_info/1700000000-a_Bc9D.csv": 12,
    "builds/frontend/build.tar.gz": 3_000,
    "s3_files/images/exports/oseh_ife_AAAAAAAAAAAAAAAAAAAAAQ/aB3_-9xYz0k.gif": 7,
    "s3_files/images/originals/oseh_if_AAAAAAAAAAAAAAAAAAAAAQ/aB3_-9xYz0k": 50,
    "rubbish\x1b[2J": 5,
    "x/`{tick}`": 6,
}
WHOLE = """\
## Not described in `rules/file_service.md`

No template fits 7 objects (3.3 kB); 4 proposals would cover 5 objects (3.3 kB).
It is proved that no key fits two of the proposals, or one of them and a template of the document.

### New families

- `s3_files/class_info/{timestamp}-{random}.csv`: To be described.
  1 object (12 B), last modified 2024-02-03, with no row.
  Such as `s3_files/class_info/1700000000-a_Bc9D.csv`.
- `s3_files/videos/{content_file_uid}/hls/{random}.ts`: To be described.
  2 objects (300 B), last modified 2024-02-01 to 2024-02-02, all with a row.
  Such as `s3_files/videos/oseh_cf_AAAAAAAAAAAAAAAAAAAAAQ/hls/aB3_-9xYz0k.ts`.

### Objects with a name of their own

- `builds/frontend/build.tar.gz`: To be described.
  1 object (3.0 kB), last modified 2024-02-04, with no row.

### For the bindings

```toml
[templates."s3_files/class_info/{timestamp}-{random}.csv"]
rows = "none"  # its only object has none
fields = { timestamp = "timestamp", random = "token(4)" }

[templates."s3_files/videos/{content_file_uid}/hls/{random}.ts"]
rows = "required"  # 2 of 2 objects have one
fields = { content_file_uid = "uid(cf)", random = "token(8)" }

[templates."builds/frontend/build.tar.gz"]
rows = "none"  # its only object has none

# In the table of "s3_files/images/exports/{image_file_export_uid}/{random}.{format}", wider kinds would cover
# 1 object (7 B), such as s3_files/images/exports/oseh_ife_AAAAAAAAAAAAAAAAAAAAAQ/aB3_-9xYz0k.gif:
#     format = "choice(png, jpeg, webp, svg, gif)"  # now "choice(png, jpeg, webp, svg)"
```

### Not covered by any proposal: 2 objects (11 B)

```text
2 objects (11 B): begin like no template, such as
    rubbish\\x1b[2J
    x/`{tick}`
```

Why those that were looked at have none:

```text
They hold a character that a template cannot hold:
    rubbish\\x1b[2J
    x/`{tick}`
```
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run over a few files; those of videos have rows."""
    folder = tmp_path_factory.mktemp("small")
    for day, (key, size) in enumerate(FILES.items(), start=1):
        file = folder / "bucket" / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * size)
        moment = 1_706_700_000 + day * 86_400  # 2024-01-31, plus days
        os.utime(file, (moment, moment))
    rows = make_db(folder / "rows.db", plain(key for key in FILES if "/videos/" in key))
    scan([f"file://{folder / 'bucket'}"], folder / "run", "--db", f"sqlite:///{rows}")
    return folder / "run"


def drift(*arguments: str) -> str:
    result = auditor("spec", "drift", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_whole_text(small: Path) -> None:
    assert drift(str(small)) == WHOLE


def test_the_documentation_shows_what_is_printed() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "specification.md").read_text(encoding="utf-8")
    samples = re.findall(r"```(?:markdown|toml)\n(.*?)```", page.partition("\n## Keys that the")[2], re.DOTALL)
    assert len(samples) == 2
    assert all(sample in WHOLE for sample in samples)


def test_the_same_as_json(small: Path) -> None:
    said = json.loads(drift(str(small), "--format", "json"))
    assert [entry["template"] for entry in said] == [
        "s3_files/class_info/{timestamp}-{random}.csv",
        "s3_files/videos/{content_file_uid}/hls/{random}.ts",
        "builds/frontend/build.tar.gz",
        "s3_files/images/exports/{image_file_export_uid}/{random}.{format}",
    ]
    assert said[1] == {
        "template": "s3_files/videos/{content_file_uid}/hls/{random}.ts",
        "objects": 2,
        "bytes": 300,
        "first_modified": "2024-02-01T11:20:00Z",
        "last_modified": "2024-02-02T11:20:00Z",
        "with_rows": 2,
        "fields": {"content_file_uid": "uid(cf)", "random": "token(8)"},
        "rows": "required",
        "examples": [key for key in FILES if "/hls/" in key],
        "form_of": None,
        "replaces": {},
        "bound": False,
    }
    assert said[3]["replaces"] == {"format": "choice(png, jpeg, webp, svg)"}


def test_what_covers_too_few_is_counted_instead(small: Path) -> None:
    text = drift(str(small), "--min-objects", "2")
    assert [line.split(":")[0] for line in text.splitlines() if line.startswith("- ")] == [
        "- `s3_files/videos/{content_file_uid}/hls/{random}.ts`"
    ]
    assert "3 objects (3.0 kB): would have a template that covers too few, such as" in text


def test_without_rows_nothing_is_said_of_them(small: Path, tmp_path: Path) -> None:
    bucket = json.loads((small / "summary.json").read_text())["bucket"]
    scan([bucket], tmp_path / "run", "--db", "none")
    text = drift(str(tmp_path / "run"))
    assert "a row" not in text
    assert "# rows: the run had none to compare with" in text
    assert {entry["rows"] for entry in json.loads(drift(str(tmp_path / "run"), "--format", "json"))} == {None}


def test_a_document_that_says_everything_has_no_drift(small: Path, tmp_path: Path) -> None:
    document = tmp_path / "keys.md"
    document.write_text("- `{key}`: Anything.\n")
    bindings = tmp_path / "keys.toml"
    bindings.write_text('[templates."{key}"]\nfields = { key = "path" }\n')
    text = drift(str(small), "--spec", str(document), "--bindings", str(bindings))
    assert text.splitlines()[2:] == ["Nothing: every object has a template, and every field is of its kind."]


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    result = auditor("spec", "drift", str(tmp_path))
    assert result.exit_code == 2
    assert "is not the folder of a run" in result.stderr


def test_a_record_that_is_cut_off_is_refused(small: Path, tmp_path: Path) -> None:
    whole = (small / "objects.parquet").read_bytes()
    (tmp_path / "summary.json").write_bytes((small / "summary.json").read_bytes())
    (tmp_path / "objects.parquet").write_bytes(whole[: len(whole) // 2])
    result = auditor("spec", "drift", str(tmp_path))
    assert result.exit_code == 2
    assert "objects.parquet cannot be read" in result.stderr


def test_ignored_objects_and_those_that_are_gone_are_no_drift(small: Path, tmp_path: Path) -> None:
    table = pq.read_table(small / "objects.parquet")
    classes = {"builds/frontend/build.tar.gz": "ignored", "s3_files/class_info/1700000000-a_Bc9D.csv": "gone"}
    given = [
        classes.get(key, said) for key, said in zip(table["key"].to_pylist(), table["class"].to_pylist(), strict=True)
    ]
    column = pa.array(given).dictionary_encode().cast(table.schema.field("class").type)
    pq.write_table(
        table.set_column(table.schema.get_field_index("class"), "class", column), tmp_path / "objects.parquet"
    )
    (tmp_path / "summary.json").write_bytes((small / "summary.json").read_bytes())
    assert {entry["template"].split("/")[1] for entry in json.loads(drift(str(tmp_path), "--format", "json"))} == {
        "videos",
        "images",
    }


def test_following_the_proposals_leaves_nothing_unexplained(tmp_path: Path) -> None:
    world = build(7, 300, now=NOW, faults=Faults(), for_folder=True, drift=3)
    world.write_folder(tmp_path / "bucket")
    world.write_database(tmp_path / "rows.db")
    arguments = [f"file://{tmp_path / 'bucket'}"], "--db", f"sqlite:///{tmp_path / 'rows.db'}"
    before = scan(arguments[0], tmp_path / "before", *arguments[1:])
    drifting = [name for name, sort in SORTS.items() if sort.fit != "fits"]
    assert sum(before.summary["findings"][code] for code in ("KEY001", "KEY002", "KEY003")) == 3 * len(drifting) + 9

    said = json.loads(drift(str(before.out), "--format", "json"))
    assert {entry["template"]: entry["fields"] for entry in said if entry["fields"]} == EXPECTED
    assert {entry["template"] for entry in said if not entry["fields"]} == set(world.planted["drift: builds"])
    rows = {entry["template"]: entry["rows"] for entry in said}
    assert rows["s3_files/voice_notes/stitched/{vn_uid}/{random}"] == "required"
    assert rows["builds/frontend/build.tar.gz"] == rows["s3_files/class_info/{timestamp}-{random}.csv"] == "none"

    extend(tmp_path, drift(str(before.out)))
    documents = "--spec", str(tmp_path / "keys.md"), "--bindings", str(tmp_path / "keys.toml")
    after = scan(arguments[0], tmp_path / "after", *arguments[1:], *documents)
    assert not {"KEY001", "KEY002", "KEY003", "KEY004"} & set(after.summary["findings"])
    assert after.summary["no_family"]["objects"] == 0
    assert drift(str(after.out), *documents).splitlines()[2].startswith("Nothing: ")


def extend(folder: Path, text: str) -> None:
    """What a reader would do: paste all of the text behind the document, and the TOML in it behind the bindings."""
    document, bindings = file_service()
    toml = text.partition("```toml\n")[2].partition("\n```\n")[0]
    (folder / "keys.md").write_bytes(document.data + b"\n" + text.encode())
    (folder / "keys.toml").write_bytes(bindings.data + b"\n" + toml.encode())


def test_the_text_of_any_run_compiles_where_it_is_pasted(small: Path, tmp_path: Path) -> None:
    extend(tmp_path, drift(str(small)))
    sources = [Source(name, (tmp_path / name).read_bytes()) for name in ("keys.md", "keys.toml")]
    after = compile_specification(*sources, strict=True)
    assert len(after.families) == len(compile_specification(*file_service()).families) + 3
    assert open_run(small).summary["no_family"]["objects"] == 6
