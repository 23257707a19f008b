"""The message as Slack gets it: within its limits, and with nothing in it that a key could have made."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.telling.digest import digest_of
from auditor.telling.location import Location
from auditor.telling.slack import slack_message
from tests.reports.hostile import HOSTILE_KEYS
from tests.reports.sample import RULES, SampleRun, finding, incomplete_run, sample_run
from tests.telling.runs import as_new, changed_run, compared_run

HERE = Location("audit-1", "/srv/audits/1")


def message(run: SampleRun, report: Location = HERE) -> dict[str, Any]:
    return slack_message(digest_of(run, report))


def texts(body: dict[str, Any]) -> list[str]:
    return [block["text"]["text"] for block in body["blocks"]]


def test_the_whole_message() -> None:
    body = message(changed_run())
    assert body["text"] == ("s3://oseh: complete: 6 new, 1 fixed, 4 known, 2 suppressed (exit code 1)")
    head, new, fixed, families, limits, report = texts(body)
    assert head == (":warning: `s3://oseh` *complete: 6 new, 1 fixed, 4 known, 2 suppressed (exit code 1)*")
    assert new.splitlines() == [
        "*New: 6*",
        "• REF002 dangling-row (error): 1",
        "      `s3_files/audio/hls/x.ts`",
        "• REF001 orphan-object (warning): 5",
        "      `s3_files/images/exports/n0000`",
        "      `s3_files/images/exports/n0001`",
        "      `s3_files/images/exports/n0002`",
        "      and 2 more",
    ]
    assert fixed.splitlines() == [
        "*Fixed: 1*",
        "• REF003 size-mismatch (error): 1",
        "      `s3_files/journals/keys/master/k`",
    ]
    assert families.splitlines()[0].startswith("*")
    assert any(line.startswith("• `images/exports`: ") for line in families.splitlines())
    assert limits.startswith("*Not audited*\n• `REF004 unreferenced-file`: `the tables")
    assert report == "The report: `audit-1:/srv/audits/1`"


def test_an_audit_of_a_prefix_says_so() -> None:
    body = message(compared_run(prefix="a/"))
    assert body["text"].startswith("s3://oseh/a/: complete")
    assert texts(body)[0].startswith(":white_check_mark: `s3://oseh/a/` *complete")


def test_an_incomplete_run_says_what_failed() -> None:
    head, failed, *_ = texts(message(incomplete_run()))
    assert "NOT COMPLETE, since 2 parts" in head
    assert failed.startswith("*What failed*\n• `rows after s3_files/images/exports/q`: `The database was closed")


def test_without_a_history_it_says_what_was_found() -> None:
    assert "*Found: 11*" in texts(message(sample_run()))[1]


def test_a_link_to_the_report() -> None:
    report = Location("h", "/f", "https://audits.example.com/?a=1&b=2")
    assert texts(message(changed_run(), report))[-1] == "<https://audits.example.com/?a=1&amp;b=2|The report>"


def test_the_form_is_slacks() -> None:
    body = message(changed_run())
    assert set(body) == {"text", "blocks", "unfurl_links", "unfurl_media"}
    assert (body["unfurl_links"], body["unfurl_media"]) == (False, False)
    for block in body["blocks"]:
        assert (set(block), block["type"]) == ({"type", "text"}, "section")
        assert (block["text"]["type"], block["text"]["verbatim"]) == ("mrkdwn", True)


TRAPS = [
    "<!channel>",
    "<!here|here>",
    "<@U012AB3CD>",
    "@here",
    "a`b`<!everyone>`",
    "*bold* _it_ ~no~",
    "<https://evil.example|click>",
    "a\nb\n*c*",
    "&lt;!channel&gt;",
    "``` code",
]


def harmless(text: str) -> None:
    """Outside of code spans there is no angle bracket, no mention and no unknown formatting; spans are closed."""
    for line in text.splitlines():
        assert line.count("`") % 2 == 0, line
        assert not re.search("[<>]", line), line
        outside = re.sub("`[^`]*`", "", line)
        assert "@" not in re.sub("@\u2060", "", outside), line
        assert "&" not in re.sub("&(amp|lt|gt);", "", line), line


@pytest.mark.parametrize("key", [*TRAPS, *HOSTILE_KEYS])
def test_a_hostile_key_is_text(key: str) -> None:
    hostile = as_new(finding("KEY001", key), finding("REF001", key + "x", message=key))
    run = compared_run(hostile, errors=[{"what": key or "x", "message": key or "x"}], complete=False, exit_code=3)
    body = message(run, Location("h", f"/{key}"))
    for text in texts(body):
        harmless(text)


@settings(max_examples=40)
@given(st.text(), st.text(min_size=1))
def test_any_text_is_text(key: str, bucket: str) -> None:
    run = compared_run(as_new(finding("KEY001", key)), bucket=bucket)
    body = message(run)
    for text in texts(body):
        harmless(text)
    assert not re.search("[<>`\n\r]", body["text"].replace("`\u2060", ""))
    json.dumps(body).encode("ascii")


def test_the_limits_hold_for_a_flood_of_long_keys() -> None:
    rules = {f"ZZZ{number:03}": ("n" * 300, RULES["KEY001"][1], "s", "a") for number in range(60)}
    with pytest.MonkeyPatch.context() as patch:
        for code, facts in rules.items():
            patch.setitem(RULES, code, facts)
        found = as_new(*(finding(code, f"{n}" + "\U0001f600&<" * 300) for code in rules for n in range(5)))
        run = compared_run(found, errors=[{"what": "&" * 900, "message": "<" * 900}] * 100, complete=False)
        body = message(run, Location("h" * 300, "/" + "&" * 4000))
    assert len(body["blocks"]) <= 50
    for text in texts(body):
        assert 0 < len(text.encode("utf-16-le")) // 2 <= 3000
        assert text.count("`") % 2 == 0
    assert "more lines in the report" in texts(body)[1]
    assert len(body["text"]) <= 3000
