"""`auditor spec diagram`: the tree as text, word for word, and the page, which does nothing and asks for nothing."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

import pytest

from auditor.cli.spec.diagram import DEFAULT
from auditor.pictures.families import PicturedFamily, recorded_families, tree_of
from auditor.pictures.page import page
from auditor.pictures.text import counted_tree
from auditor.text import printable
from reports.json import JsonReport
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.sample import SampleRun, incomplete_run, sample_run
from tests.reports.test_html import Page
from tests.scanning import auditor

DOCUMENT = """
- `files/images/{uid}/{size}.{format}`: pictures
- `files/images/originals/{uid}`: as they came
- `files/キー/{n}`: wide names
- `other`: one object
"""
PLAIN = """\
{file}
Families: 4
Bindings: none

files/
├── images/
│   ├── {{uid}}/{{size}}.{{format}}  files/images
│   └── originals/{{uid}}        files/images/originals
└── キー/{{n}}                   files/キー
other                          other
"""
COUNTED = """\
file_service.md
Families: 16
Bindings: file_service.toml
Bucket: s3://oseh
Audited: 2026-03-14T03:30:00Z
Objects: 277,310, 599.8 GB

                                                                                objects     bytes   share  family
s3_files/                                                                       277,287  599.0 GB  99.9 %
├── images/                                                                     235,509   31.4 GB   5.2 %
│   ├── originals/{image_file_uid}/{random}                                       2,400    5.0 GB   0.8 %  images/originals
│   └── exports/{image_file_export_uid}/{random}.{format}                       233,109   26.4 GB   4.4 %  images/exports
├── uploads/{upload_uid}/{part_number}/{random}                                     211  221.0 MB  <0.1 %  uploads
├── audio/                                                                       22,814   14.3 GB   2.4 %
│   ├── {content_file_uid}/                                                      21,912    6.6 GB   1.1 %
│   │   ├── mp4/{target bitrate}/{random}.mp4                                     4,312    3.4 GB   0.6 %  audio/mp4
│   │   └── hls/{random}.ts                                                      17,600    3.2 GB   0.5 %  audio/hls
│   └── originals/{content_file_uid}/{random}                                       902    7.7 GB   1.3 %  audio/originals
├── videos/                                                                       3,521  119.3 GB  19.9 %
│   ├── originals/{content_file_uid}/{name}                                         771   61.0 GB  10.2 %  videos/originals
│   └── {content_file_uid}/mp4/{bit_rate}/{random}.mp4                            2,750   58.3 GB   9.7 %  videos/mp4
├── courses/{course_uid}/{export_uid}/{random}.zip                                   44    9.9 GB   1.7 %  courses
├── backup/                                                                       2,350  423.8 GB  70.7 %
│   ├── database/                                                                 1,190  420.7 GB  70.1 %
│   │   ├── {timestamp}.bak                                                       1,160  412.0 GB  68.7 %  backup/database
│   │   └── timely/{reason}-{timestamp}.bak                                          30    8.7 GB   1.5 %  backup/database/timely
│   └── redis/{timestamp}.bak                                                     1,160    3.1 GB   0.5 %  backup/redis
├── jobs/repopulate_emotions/dropped_{datetime.datetime.now().isoformat()}.txt        7    4.1 kB  <0.1 %  jobs/repopulate_emotions
├── journals/keys/                                                               12,831  564.6 kB  <0.1 %
│   ├── master/{uid}                                                              3,020  132.9 kB  <0.1 %  journals/keys/master
│   └── client/{uid}                                                              9,811  431.7 kB  <0.1 %  journals/keys/client
└── journey_embeddings/{uid}                                                          –         –       –  journey_embeddings
(no family)                                                                          23  812.0 MB   0.1 %
"""  # noqa: E501 - a wide table


def in_folder(run: SampleRun, folder: Path) -> Path:
    """A run folder, as far as its summary."""
    folder.mkdir()
    (folder / "summary.json").write_text("".join(JsonReport().render(run)), encoding="utf-8")
    return folder


@pytest.fixture
def document(tmp_path: Path) -> Path:
    path = tmp_path / "keys.md"
    path.write_text(DOCUMENT, encoding="utf-8")
    return path


def test_the_tree_of_a_document(document: Path) -> None:
    result = auditor("spec", "diagram", "--spec", str(document), "--bindings", "none", "--format", "text")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == PLAIN.format(file=document)


def test_the_tree_of_a_run_says_what_each_family_and_folder_held(tmp_path: Path) -> None:
    result = auditor("spec", "diagram", str(in_folder(sample_run(), tmp_path / "run")), "--format", "text")
    assert result.exit_code == 0, result.stderr
    assert result.stdout == COUNTED


def test_families_without_objects_are_told_from_the_others() -> None:
    summary = sample_run().summary
    lines = counted_tree(tree_of(recorded_families(summary)), (0, 0))
    assert [line.text.split()[-1] for line in lines if line.empty] == ["journey_embeddings"]


def test_numbers_of_an_incomplete_run_are_called_so(tmp_path: Path) -> None:
    run = in_folder(incomplete_run(), tmp_path / "run")
    said = "Audited: 2026-03-14T03:30:00Z, NOT COMPLETE: numbers are too small"
    assert said in auditor("spec", "diagram", str(run), "--format", "text").stdout


def test_a_run_needs_no_document_and_refuses_another_one(tmp_path: Path, document: Path) -> None:
    run = in_folder(sample_run(), tmp_path / "run")
    same = auditor("spec", "diagram", str(run), "--format", "text", "--spec", "rules/file_service.md")
    assert same.stdout == auditor("spec", "diagram", str(run), "--format", "text").stdout
    other = auditor("spec", "diagram", str(run), "--format", "text", "--spec", str(document))
    assert (other.exit_code, other.stdout) == (2, "")
    assert "leave out --spec and --bindings" in other.stderr


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    result = auditor("spec", "diagram", str(tmp_path))
    assert result.exit_code == 2
    assert "not the folder of a run" in result.stderr


def test_the_page_is_written_where_it_is_wanted_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):  # its own page may be replaced
        assert auditor("spec", "diagram").stdout == f"{DEFAULT}\n"
    (tmp_path / "named.html").write_text("of somebody else")
    assert auditor("spec", "diagram", "--out", "named.html").stdout == "named.html\n"
    assert (tmp_path / "named.html").read_bytes() == DEFAULT.read_bytes()
    assert auditor("spec", "diagram", "--format", "text", "--out", "tree.txt").stdout == "tree.txt\n"
    assert (tmp_path / "tree.txt").read_text("utf-8") == auditor("spec", "diagram", "--format", "text").stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == [str(DEFAULT), "named.html", "tree.txt"]


def test_a_file_that_nobody_named_and_that_is_not_ours_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    DEFAULT.write_text("of somebody else")
    result = auditor("spec", "diagram")
    assert result.exit_code == 2
    assert "name another file with --out" in result.stderr
    assert DEFAULT.read_text() == "of somebody else"


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    for name in ("page.html", ".page.html.partial"):
        (tmp_path / name).symlink_to(tmp_path / "precious")
    assert auditor("spec", "diagram", "--out", str(tmp_path / "page.html")).exit_code == 0
    assert (tmp_path / "precious").read_text() == "precious"
    assert not (tmp_path / "page.html").is_symlink()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "no" / "such.html"):
        result = auditor("spec", "diagram", "--out", str(place))
        assert result.exit_code == 2
        assert "cannot be written" in result.stderr
    assert list(tmp_path.iterdir()) == []


def written(tmp_path: Path, *arguments: str) -> str:
    path = tmp_path / "page.html"
    assert auditor("spec", "diagram", *arguments, "--out", str(path)).exit_code == 0
    return path.read_text("utf-8")


def test_the_page_has_a_diagram_for_each_family_to_which_the_tree_leads(tmp_path: Path) -> None:
    shown = Page(written(tmp_path, str(in_folder(sample_run(), tmp_path / "run"))))
    tags = [tag for tag, _ in shown.elements]
    links = [str(attributes["href"]) for tag, attributes in shown.elements if tag == "a"]
    ids = [attributes["id"] for tag, attributes in shown.elements if tag == "article"]
    assert tags.count("svg") == len(ids) == len(set(ids)) == 16
    assert sorted(links) == sorted(f"#{name}" for name in ids)
    assert "233,109" in shown.texts["td"]
    assert "jobs/repopulate_emotions" in shown.texts["bdi"]


def test_the_page_asks_nothing_of_anybody_and_runs_nothing(tmp_path: Path) -> None:
    text = written(tmp_path)
    shown = Page(text)
    assert not re.search(r"(?i)https?:|[\s\"'=(]//|@import|url\(", text)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & {
        tag for tag, _ in shown.elements
    }
    for _, attributes in shown.elements:
        assert not {"src", "style", "srcset", "action", "xlink:href"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
    policy = next(attributes["content"] for _, attributes in shown.elements if "http-equiv" in attributes)
    digest = base64.b64encode(hashlib.sha256(shown.texts["style"][0].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert len(shown.texts["style"]) == 1
    assert len(text) < 60_000


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_a_hostile_name_is_text_wherever_it_comes(key: str) -> None:
    name = "".join(character for character in key if character not in "{}").strip()[:240]

    def made(name: str) -> str:
        family = PicturedFamily(name, f"a/{name}/{{{name}}}", 3, {name: "segment"}, 2, 5)
        return "".join(page(name, [family], [(name, name)], (1, 1)))

    text = made(name)
    assert {tag for tag, _ in Page(text).elements} == {tag for tag, _ in Page(made("harmless")).elements}
    assert printable(name) in Page(text).texts["bdi"]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", text)
    assert "//" not in text.replace("/*", "").split("</style>")[1]


def test_shares_are_of_all_bytes_also_of_those_in_no_family() -> None:
    text = "".join(page("d", [PicturedFamily("a", "a/{b}", 1, {"b": "int"}, 1, 30)], [], (1, 10)))
    assert [cell for cell in Page(text).texts["td"] if "%" in cell] == ["75.0 %", "25.0 %"]


def test_what_this_version_cannot_read_has_a_sentence_instead_of_a_picture() -> None:
    text = "".join(page("d", [PicturedFamily("a", "a/{b}", 1, {"b": "kind of tomorrow"})], [], None))
    assert "cannot read this template" in text
    assert "<svg" not in text
