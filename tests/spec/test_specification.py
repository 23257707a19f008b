"""What a compiled specification says of itself: names, root, bindings, backups, data for the command line."""

from __future__ import annotations

import hashlib
import json
import pickle
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from auditor.spec import Fit, RowPolicy, Source, Specification, compile_specification, describe
from rules.shipped import file_service
from tests.spec.building import classified, compiled, document


@pytest.fixture(scope="module")
def shipped() -> Specification:
    return compile_specification(*file_service(), strict=True)


def names(*templates: str, bindings: str = "") -> list[str]:
    source = Source("b", bindings.encode()) if bindings else None
    return [family.name for family in compile_specification(document(*templates), source).families]


def test_names_are_the_literal_folders_without_the_common_root() -> None:
    assert names("s3/a/{x}/b/c_{y}.z", "s3/d/{x}") == ["a/b", "d"]
    assert names("s3/a/{x}", bindings="root = 's3/'") == ["a"]
    assert names("s3/a/{x}") == ["s3/a"]
    assert names("a/{x}", "a/b/{x}") == ["a", "b"]
    assert names("{x}/{y}", "robots.txt", "v{n}/{x}") == ["{x}/{y}", "robots.txt", "v{n}/{x}"]
    assert names("a/{x/y}/b/{z}", "c/{x}") == ["a/b", "c"]


def test_a_root_that_the_document_has_not_is_not_used() -> None:
    spec = compile_specification(document("x/a/{b}", "x/c/{d}"), Source("b", b"root = 's3/'"))
    assert (spec.root, [family.name for family in spec.families]) == ("x/", ["a", "c"])


def test_clashing_names_get_a_suffix_and_given_ones_come_first() -> None:
    given = "[templates.'s/a/{x}/{y}']\nname = 'a'\n[templates.'t/{x}']\nname = 'a'"
    assert names("s/a/{x}", "s/a/{x}/{y}", "s/a/{x}.z", "t/{x}", bindings=given) == ["s/a", "a", "s/a-2", "a-2"]
    assert names("a/{x}", "b/{x}", bindings="[templates.'b/{x}']\nname = 'a'") == ["a-2", "a"]
    assert names("a/{x}", "a/{x}/{y}", "a-2/{x}") == ["a", "a-2", "a-2-2"]


def test_without_bindings_nothing_is_known(shipped: Specification) -> None:
    spec = compile_specification(file_service().document)
    assert [family.name for family in spec.families] == [family.name for family in shipped.families]
    assert spec.root == "s3_files/"
    assert {kind.text for family in spec.families for kind in family.kinds.values()} == {"segment"}
    assert {family.rows for family in spec.families} == {RowPolicy.UNMANAGED}
    assert (spec.bindings, dict(spec.rows), spec.ignore, spec.database_backups) == (None, {}, (), ())


def test_bindings_bind_by_the_whole_text() -> None:
    spec = compile_specification(document("uploads/{upload_uid}/{part_number}/{random}"), file_service().bindings)
    (family,) = spec.families
    assert (family.rows, family.kinds["upload_uid"].text, family.owners) == (RowPolicy.UNMANAGED, "segment", {})


def test_what_bindings_say_of_the_rows() -> None:
    text = '[rows]\nquery = """\nWITH x AS (SELECT 1) SELECT * FROM x"""\nkey = "path"\nsize = ""\n'
    spec = compile_specification(document("a/{x}"), Source("b", text.encode()))
    assert dict(spec.rows) == {"query": "WITH x AS (SELECT 1) SELECT * FROM x", "key": "path", "size": ""}


def test_what_bindings_say_of_a_template() -> None:
    text = """
    [rows]
    name = "files"
    [templates."a/{x}/{y}"]
    name = "things"
    rows = "none"
    tables = ["t"]
    fields = { x = "int" }
    owners = { x = "t.uid" }
    content = "zip"
    secret = true
    """
    spec = compile_specification(
        Source("d", b"- `a/{x}/{y}`: [u](db/u.md) [t](db/t.md) NOTE: so."), Source("b.toml", text.encode()), strict=True
    )
    (family,) = spec.families
    assert (family.name, family.rows, family.tables, family.owners) == ("things", "none", ("t", "u"), {"x": "t.uid"})
    assert (family.content, family.secret, family.note) == ("zip", True, "so.")
    assert {name: kind.text for name, kind in family.kinds.items()} == {"x": "int", "y": "segment"}
    assert family.pattern == "a/([0-9]+)/([^/]+)"
    assert (spec.rows, spec.bindings, spec.document) == ({"name": "files"}, "b.toml", "d")
    assert spec.sha256 == hashlib.sha256(b"- `a/{x}/{y}`: [u](db/u.md) [t](db/t.md) NOTE: so.").hexdigest()


def test_unknown_family_names_are_key_errors(shipped: Specification) -> None:
    with pytest.raises(KeyError):
        shipped.family("nothing")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("database/1690000000.bak", 1690000000),
        ("database/1690000000manual.bak", 1690000000),
        ("database/1690000000-repopulate_emotions.bak", 1690000000),
        ("database/timely/0214_round_trip-pre-1690000001.bak", 1690000001),
        ("database/timely/with blank-1690000001.bak", 1690000001),
        ("database/16900.bak", None),
        ("database/99999999999.bak", None),
        ("database/100000000.bak", None),
        ("database/yesterday.bak", None),
        ("redis/1690000000.bak", 1690000000),
        ("database/1690000000.txt", None),
    ],
)
def test_the_time_of_a_backup(shipped: Specification, key: str, expected: int | None) -> None:
    moment = None if expected is None else datetime.fromtimestamp(expected, UTC)
    assert shipped.backup_time(f"s3_files/backup/{key}") == moment


def test_arrays_of_every_form_give_the_same(shipped: Specification) -> None:
    keys = ["s3_files/journey_embeddings/x", "", "s3_files/uploads/a/b/c"] * 3
    expected = classified(shipped, *keys)
    chunked = pa.chunked_array([pa.array(keys[:4]), pa.array([], pa.string()), pa.array(keys[4:])])
    for form in (
        chunked,
        pa.array(keys, pa.large_string()),
        pa.array(keys).dictionary_encode(),
        pa.array([*keys]).slice(0),
    ):
        classes = shipped.classify(form)
        assert list(zip(classes.family.to_pylist(), classes.fit.to_pylist(), strict=True)) == expected
    assert classified(shipped) == []
    assert len(shipped.classify(pa.chunked_array([], pa.string())).fit) == 0


def test_more_keys_than_a_chunk(shipped: Specification) -> None:
    uid = "oseh_jemb_" + "A" * 22
    keys = [f"s3_files/journey_embeddings/{uid}", "x"] * 40_000
    classes = shipped.classify(pa.array(keys))
    assert classes.family.to_pylist() == ["journey_embeddings", None] * 40_000
    assert set(classes.fit.to_pylist()) == {Fit.FITS, Fit.UNKNOWN}


def test_a_missing_key_is_unknown(shipped: Specification) -> None:
    classes = shipped.classify(pa.array([None, "s3_files/uploads/"], pa.string()))
    assert classes.fit.to_pylist() == ["unknown", "malformed"]


def test_a_specification_crosses_process_boundaries_also_after_use(shipped: Specification) -> None:
    shipped.explain("x")
    copy = pickle.loads(pickle.dumps(shipped))  # noqa: S301
    assert copy == shipped
    assert copy.explain("s3_files/x").fit is Fit.UNKNOWN


def test_described_as_plain_data(shipped: Specification) -> None:
    data = json.loads(json.dumps(describe(shipped)))
    exports = data["families"][1]
    assert [exports[key] for key in ("name", "line", "rows", "tables")] == [
        "images/exports",
        shipped.families[1].template.line,
        "required",
        ["image_file_exports"],
    ]
    assert exports["fields"] == {
        "image_file_export_uid": "uid(ife)",
        "random": "token(8)",
        "format": "choice(png, jpeg, webp, svg)",
    }


def test_globs_take_slashes_and_know_no_other_sign() -> None:
    spec = compiled({"a/{x}": {}}, '[ignore]\nglobs = ["tmp/*", "a/?", "[x]", "*.t\\\\mp"]')
    keys = ("tmp/", "tmp/a/b\n", "tmp", "a/b", "a/bc", "[x]", "x", "q/.t\\mp")
    assert [str(spec.explain(key).fit) for key in keys] == [fit for _, fit in classified(spec, *keys)]
    assert [fit for _, fit in classified(spec, *keys)] == [
        "ignored",
        "ignored",
        "unknown",
        "ignored",
        "fits",
        "ignored",
        "unknown",
        "ignored",
    ]


def test_fields_that_may_be_empty() -> None:
    spec = compiled({"v{number}/{name}{ending}": {"number": "int?", "name": "slug", "ending": "choice(.ts, .mp4)?"}})
    values = {
        "v1/a.ts": ("1", "a", ".ts"),
        "v/a": ("", "a", ""),
        "v/a.mp3": ("", "a.mp3", ""),
        "v/.ts": ("", ".ts", ""),
    }
    fits = ["fits", "fits", "invalid-field", "invalid-field"]
    assert [fit for _, fit in classified(spec, *values, "v/")] == [*fits, "malformed"]
    found = [*map(spec.explain, values), *spec.explanations(list(values))]
    assert [tuple(field.value for field in explanation.fields) for explanation in found] == [*values.values()] * 2
    assert [explanation.fit for explanation in found] == fits * 2
