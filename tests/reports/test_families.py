"""The pictures in the HTML report: the folder tree and the diagrams of the templates."""

from __future__ import annotations

import time

from reports.families import MOST_PICTURES, family_lines, pictures
from reports.html import HtmlReport
from tests.reports.sample import SampleRun, sample_run
from tests.reports.test_html import Page, page_of

EMPTY = {"objects": 0, "bytes": 0, "classes": {}}


def large_run(count: int, kind: str = "segment", fields: int = 3) -> SampleRun:
    """A run by a document of that many templates, each heavier than the one before."""
    run = sample_run()
    run.summary["families"] = {
        f"family/{number}": {
            "objects": number,
            "bytes": number,
            "classes": {"ok": {"objects": number, "bytes": number}} if number else {},
            "template": f"root/{number % 7}/{number}/" + "".join(f"{{field {place}}}-" for place in range(fields)),
            "line": number + 1,
            "fields": {f"field {place}": kind for place in range(fields)},
        }
        for number in range(count)
    }
    return run


def test_each_family_has_one_line_and_folders_have_sums() -> None:
    summary = sample_run().summary
    lines = family_lines(summary)
    assert [line.family for line in lines if line.family] != list(summary["families"])
    assert sorted(line.family for line in lines if line.family) == sorted(summary["families"])
    root, rest = lines[0], lines[-1]
    assert (root.path, rest.path, rest.classes) == ("s3_files/", "", [("unknown", 19), ("ignored", 4)])
    assert (root.objects + rest.objects, root.bytes + rest.bytes) == tuple(
        summary["listing"][what] for what in ("objects", "bytes")
    )


def test_the_heaviest_come_first_and_bars_compare_families_alone() -> None:
    lines = family_lines(sample_run().summary)
    top = [line for line in lines if len(line.last) == 2]
    assert [line.path for line in top[:2]] == ["backup/", "videos/"]
    assert [line.bytes for line in top] == sorted((line.bytes for line in top), reverse=True)
    assert [line.family for line in lines if line.bytes_bar == 100] == ["backup/database"]
    assert {line.bytes_bar for line in lines if line.family is None and line.path} == {0.0}


def test_the_page_has_the_tree_and_a_folded_diagram_for_each_family() -> None:
    page = Page(page_of(sample_run()))
    folded = [attributes for tag, attributes in page.elements if tag == "details" and "id" in attributes]
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert len(folded) == 16
    assert not [attributes for attributes in folded if "open" in attributes]
    assert all(f"#{attributes['id']}" in links for attributes in folded)
    assert sum(attributes.get("class") == "railroad-diagram" for _, attributes in page.elements) == 16
    assert "s3_files/" in page.texts["bdi"]


def test_a_family_without_objects_is_in_the_tree_and_says_so() -> None:
    text = page_of(sample_run())
    row = text[: text.index("<bdi>journey_embeddings</bdi>")].rpartition("<tr")[2]
    assert row.startswith(' class="empty"')
    assert text.count("no objects") == 1


def test_of_many_families_the_heaviest_have_a_diagram_and_the_page_says_so() -> None:
    run = large_run(200)
    shown = pictures(run.summary)
    assert [family.name for family, _ in shown.shown] == [f"family/{199 - place}" for place in range(MOST_PICTURES)]
    assert "140 families that hold less have no diagram here" in page_of(run)
    assert "have no diagram here" not in page_of(sample_run())


def test_no_document_makes_the_page_large_or_slow() -> None:
    run = large_run(200, kind=f"choice({', '.join(map(str, range(50)))})", fields=30)
    began = time.process_time()
    size = len("".join(HtmlReport().render(run)))
    assert time.process_time() - began < 10
    assert size - len(page_of(large_run(0))) < 1_000_000
    assert 0 < len(pictures(run.summary).shown) < MOST_PICTURES


def test_a_run_without_any_family_has_a_page() -> None:
    assert "no family" in page_of(large_run(0))


def test_what_this_version_cannot_read_has_a_sentence_instead_of_a_picture() -> None:
    run = sample_run()
    run.summary["families"]["uploads"]["fields"]["random"] = "kind of tomorrow"
    text = page_of(run)
    assert text.count("cannot read this template") == 1
    assert text.count('class="railroad-diagram"') == 15
