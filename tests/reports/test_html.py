from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections import Counter
from html.parser import HTMLParser
from typing import Any

import pytest

from auditor.text import printable
from reports.embedded import FIELDS
from reports.html import CHARACTERS, PREFIXES, ROWS, HtmlReport
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.nights import stated_runs
from tests.reports.prefixes import entry, prefixes_run
from tests.reports.sample import (
    SampleRun,
    finding,
    hostile_findings,
    in_report_order,
    incomplete_run,
    many_findings,
    named_runs,
    ordinary_findings,
    sample_run,
)

RUNS = named_runs() | stated_runs() | {"prefixes": prefixes_run()}
VOID = {"meta", "link", "br", "input", "img", "wbr"}


def page_of(run: SampleRun) -> str:
    return "".join(HtmlReport().render(run))


class Page(HTMLParser):
    """Elements with their attributes and texts; fails on a tag that is not closed in its place."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(self._place(), []).append("")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._place()][-1] += data

    def _place(self) -> str:
        return self._open[-1]


def embedded(text: str) -> dict[str, Any]:
    """The data of the page, which no parser of HTML may find anything in."""
    block = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert block
    assert not re.search("[<>&]", block[1])
    assert block[1].isascii()
    value: dict[str, Any] = json.loads(block[1])
    return value


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_page_is_well_formed_and_needs_nothing_from_outside(run: SampleRun) -> None:
    text = page_of(run)
    page = Page(text)
    assert not re.search(r"(?i)https?://|[\s\"'=(]//|@import|url\(", text)
    assert not {"link", "img", "iframe", "object", "embed", "base", "audio", "video"} & {
        tag for tag, _ in page.elements
    }
    for _, attributes in page.elements:
        assert not {"src", "style", "srcset", "action"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("href", "#")[:1] == "#" or attributes["href"] in ("findings.csv", "fixed.csv")  # type: ignore[index]


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_policy_admits_this_style_and_this_script_alone(run: SampleRun) -> None:
    page = Page(page_of(run))
    policy = next(attributes["content"] for _, attributes in page.elements if "http-equiv" in attributes)
    assert policy is not None
    style, script = page.texts["style"][0], page.texts["script"][-1]
    hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)]
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_page_can_be_used_without_eyes_or_mouse(run: SampleRun) -> None:
    page = Page(page_of(run))
    tags = [tag for tag, _ in page.elements]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert ("html", {"lang": "en"}) in page.elements
    assert tags.count("h1") == tags.count("main") == 1
    assert len(ids) == len(set(ids))
    assert all("scope" in attributes for tag, attributes in page.elements if tag == "th")
    assert tags.count("label") == tags.count("input") + tags.count("select")


def test_every_key_survives_exactly() -> None:
    held = embedded(page_of(sample_run(hostile_findings())))["rows"]
    assert Counter(row[FIELDS.index("key")] for row in held) == Counter(HOSTILE_KEYS)


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_a_hostile_key_is_text_wherever_it_comes(key: str) -> None:
    run = sample_run(
        [finding("KEY001", key, family=key, message=key, suggestion=key, row_uid=key)],
        bucket=key,
        prefix=key,
        complete=False,
        exit_code=3,
        errors=[{"what": key, "message": key}],
        not_audited=[{"what": key, "because": key}],
        unexplained=[
            entry("KEY001", key, 1, 1, examples=[key], nearest=key),
            entry("KEY003", key, 1, 1, examples=[key], nearest=key, field=key),
        ],
        requests={key: 1},
    )
    run.summary["rows"] |= {"source": key, "skipped": [{"source": key, "reason": key}]}
    described = {"template": "a/{b}", "line": 1, "fields": {"b": "segment"}}
    empty = {"objects": 0, "bytes": 0, "classes": {}}
    run.summary["families"] = {key: run.summary["no_family"] | described, f"empty {key}": empty | described}
    run.summary["spec"] |= {"file": key, "bindings": key}
    run.summary["rules"]["KEY001"] |= {"name": key, "summary": key, "action": key}
    harmless = "harmless"
    twin = json.loads(json.dumps(run.summary).replace(json.dumps(key)[1:-1], harmless))
    page, other = (
        Page(page_of(run)),
        Page(
            page_of(
                SampleRun(
                    twin,
                    [
                        finding(
                            "KEY001", harmless, family=harmless, message=harmless, suggestion=harmless, row_uid=harmless
                        )
                    ],
                )
            )
        ),
    )
    assert [tag for tag, _ in page.elements] == [tag for tag, _ in other.elements]
    assert printable(key) in page.texts["bdi"]
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]", page_of(run))


def test_ten_thousand_findings_and_not_one_more() -> None:
    text = page_of(sample_run(many_findings(12_000)))
    rows = embedded(text)["rows"]
    assert len(rows) == ROWS
    assert "This page holds 10,000 of 12,000 findings" in text
    assert "9,996 of 11,996 REF001" in text
    assert len(text.encode()) < 8_000_000


def test_the_longest_keys_cannot_make_the_page_large() -> None:
    findings = [finding("KEY001", f"{place:05}" + "\x01" * 1019, message="\x01" * 200) for place in range(1_000)]
    text = page_of(sample_run(findings))
    assert len(text.encode()) < 8_000_000
    assert len(embedded(text)["rows"]) > 100


def test_the_page_is_made_in_pieces() -> None:
    pieces = list(HtmlReport().render(sample_run(many_findings(5_000))))
    assert max(map(len, pieces)) < CHARACTERS / 20


def test_the_worst_can_be_read_without_javascript() -> None:
    text = page_of(sample_run(many_findings(12_000)))
    body = text[text.index('id="findings"') : text.index('id="data"')]
    assert body.count("<tr>") == 101
    assert body.index("REF003") < body.index("REF001")
    assert "Without JavaScript this page shows the worst 100 findings of 10,000." in text


def test_a_few_findings_need_no_apology() -> None:
    text = page_of(sample_run(in_report_order(ordinary_findings())))
    assert "11 findings. All of them" in text
    assert "This page holds" not in text


def test_an_incomplete_run_is_unmistakable() -> None:
    text = page_of(incomplete_run())
    assert "<title>NOT COMPLETE: audit of s3:" in text
    assert '<section class="verdict incomplete"' in text
    assert "The database was closed half-way" in text


def test_sums_that_disagree_are_loud() -> None:
    run = sample_run()
    run.summary["row_classes"]["matched"] += 1
    text = page_of(run)
    assert '<p class="broken">Rows: 276,000 read, but' in text
    assert "THE SUM IS WRONG" not in page_of(sample_run())


def test_the_same_run_gives_the_same_page() -> None:
    assert page_of(sample_run()) == page_of(sample_run())


def section(run: SampleRun) -> list[list[str]]:
    """The texts of the table of unexplained keys, row by row."""
    text = page_of(run)
    start = text.index('<section id="unexplained">')
    body = text[text.index("<tbody>", start) : text.index("</tbody>", start)]
    return [[html.unescape(piece) for piece in re.findall(r">([^<>\n]+)<", row)] for row in body.split("<tr>")[1:]]


def test_unexplained_keys_are_told_by_prefix() -> None:
    rows = section(prefixes_run())
    assert rows[2] == [
        "s3_files/voice_notes/",
        "nearest s3_files/videos/{content_file_uid}/mp4/{bit_rate}/{random}.mp4",
        *(f"s3_files/voice_notes/{name}" for name in "akz"),
        "KEY001",
        "12,034",
        "3.1 GB",
        "2024-07-20 to 2026-03-12",
        "12,031 with a row",
    ]
    assert rows[3][1] == "wrong {format}"
    assert rows[3][4:] == ["KEY003", "2", "48.0 kB", "2026-03-12", "no rows"]
    assert rows[5][:3] == ["(top of the bucket)", r"\x1b[2J\n.txt", r"gpj.\u202egnp.exe"]
    assert rows[-1][0] == "(everything else)"
    assert '<section id="unexplained">' not in page_of(sample_run([]))


def test_a_page_holds_only_so_many_prefixes() -> None:
    longest = "\x01" * 1024
    many = [entry("KEY001", longest, 2, 5, examples=[longest] * 3, nearest=longest) for _ in range(1_004)]
    run = sample_run(unexplained=many)
    assert len(section(run)) == PREFIXES
    assert f"{1_004 - PREFIXES} more in summary.json (1,808 objects, 4.5 kB)." in page_of(run)
    assert len(page_of(run).encode()) < 3_000_000
