from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from auditor.record import Run
from auditor.text import printable
from reports.markdown import CHARACTERS, MarkdownReport
from reports.markdown_text import Sheet, code, plain, row
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.nights import first_run, history_run, new, stated_run, stated_runs
from tests.reports.patience import unhurried
from tests.reports.sample import finding, incomplete_run, named_runs, sample_run

RUNS = named_runs() | stated_runs()
GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])
ANY = st.one_of(st.sampled_from(HOSTILE_KEYS), st.text(st.characters(exclude_categories=["Cs"]), min_size=1))


def text_of(run: Run, **limits: int) -> str:
    return "".join(MarkdownReport(**limits).render(run))


def tokens(text: str) -> list[Token]:
    return [token for block in GITHUB.parse(text) for token in (block, *(block.children or ()))]


def types(text: str) -> list[str]:
    return [token.type for token in tokens(text)]


def spans(text: str) -> list[str]:
    return [token.content for token in tokens(text) if token.type == "code_inline"]


@unhurried
@given(ANY)
def test_text_in_a_code_span_is_all_that_there_is(text: str) -> None:
    shown = printable(text)
    if len(shown) > 200 or not shown.strip():
        return
    assert types(code(text)) == ["paragraph_open", "inline", "code_inline", "paragraph_close"]
    assert spans(code(text)) == [shown]
    table = "\n".join([row(["a", "b"]), row(["---", "---"]), row([code(text, cell=True), "end"])])
    assert spans(table) == [shown.replace("|", r"\x7c")]
    assert types(table).count("td_open") == 2


@unhurried
@given(ANY)
def test_plain_text_is_never_markup(text: str) -> None:
    found = types(f"word {plain(text)}")
    assert not {"html_inline", "link_open", "image", "em_open", "strong_open", "s_open"} & set(found)
    outside = "".join(token.content for token in tokens(f"word {plain(text)}") if token.type == "text")
    assert "@" not in outside


_HARMLESS: list[str] = []


def _harmless(told: Callable[[str], str]) -> list[str]:
    """Asked once, since it is the same for every example."""
    if not _HARMLESS:
        _HARMLESS.extend(types(told("harmless")))
    return _HARMLESS


@unhurried
@given(ANY)
def test_a_hostile_key_changes_nothing_but_the_text_of_spans(key: str) -> None:
    def told(key: str) -> str:
        found = [new(finding("KEY001", key, family=key)), new(finding("REF001", key))]
        run = stated_run(found, [finding("REF003", key)], bucket=key, prefix=key, complete=False, exit_code=3)
        run.summary["errors"] = [{"what": key, "message": key}]
        run.summary["not_audited"] = [{"what": key, "because": key}]
        run.summary["families"] = {key: run.summary["no_family"]}
        run.summary["rows"] |= {"source": key}
        run.summary["baseline"] = {"file": key, "entries": 1, "suppressed": {}, "expired": 0, "unused": 0}
        run.summary["baseline"]["exceeded"] = [{"rule": "KEY001", "glob": key, "at_most": 1, "matched": 2}]
        return text_of(run)

    text = told(key)
    assert types(text) == _harmless(told)
    assert all(character == "\n" or character.isprintable() for character in text)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_every_summary_fits_into_a_comment_and_holds_no_html(run: Run) -> None:
    text = text_of(run)
    assert len(text) <= CHARACTERS
    assert not {"html_block", "html_inline"} & set(types(text))


def test_the_order_is_what_somebody_wants_to_know() -> None:
    heads = [line for line in text_of(history_run()).split("\n") if line.startswith("#")]
    assert heads == [
        "# Bucket audit",
        "## New since 2026-03-13 03:30 UTC",
        "## Fixed",
        "## By rule",
        "## By family",
        "## Not audited",
    ]
    assert "## Errors" in text_of(incomplete_run())
    assert "## Findings" in text_of(sample_run())
    assert "first run on record" in text_of(first_run())


@pytest.mark.parametrize("most", [300, 1_000, 2_500, CHARACTERS])
def test_what_does_not_fit_is_counted(most: int) -> None:
    errors = [{"what": "\x01" * 200, "message": f"{place} " + "\x01" * 200} for place in range(200)]
    run = stated_run([new(finding("REF001", "\x01" * 1024))], complete=False, exit_code=3, errors=errors)
    text = text_of(run, characters=most)
    assert len(text) <= most
    assert "did not fit into this summary" in text


@unhurried
@given(st.lists(st.lists(st.integers(1, 50), max_size=8), max_size=5), st.integers(200, 600))
def test_the_count_of_what_does_not_fit_is_right(sections: list[list[int]], most: int) -> None:
    sheet = Sheet(most)
    for lengths in sections:
        sheet.add(["# head"], ["x" * length for length in lengths])
    text = "".join(sheet.text())
    missing = sum(map(len, sections)) - sum(line.startswith("x") for line in text.split("\n"))
    assert len(text) <= most
    assert (f"\n{missing:,} line" in text) == (missing > 0)
    assert "# head\n# head" not in text, "a head stands only above a line"
