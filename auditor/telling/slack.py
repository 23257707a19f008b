"""One message for a Slack incoming webhook.

Format: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (body), and the pages on blocks (at
most 50), on section blocks (text of at most 3000 characters) and on formatting (`&`, `<` and `>` are written as
entities; nothing else can be escaped). What comes from a bucket stands in code spans, where nothing is formatted, and
`verbatim` says that names of people and channels are only text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from auditor.telling.digest import Digest, RuleCount
from auditor.telling.words import total, verdict
from auditor.text import human_bytes, printable

SECTION = 3000  # characters of one section, as Slack takes it
CONTENT_TYPE = "application/json; charset=UTF-8"
_ROOM = 2800  # of those, for lines; the rest says how many were left out
_KEY = 160  # characters of a key that are shown
_MANY = 12  # lines of one kind
_BACKTICK = "ˋ"  # looks like the sign that would end a code span


def slack_message(digest: Digest) -> dict[str, Any]:
    """The JSON body: a line for notifications, and the message in sections."""
    headline = f"{_plain(_where(digest))}: {verdict(digest)}"
    return {
        "text": headline[:SECTION],
        "blocks": [_section(lines) for section in _sections(digest) if (lines := list(section))],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def failure_message(bucket: str, how: str, why: str) -> dict[str, Any]:
    """The same for an audit that left no run; `why` is the sentence that standard error got."""
    shown = [f":x: {_code(bucket)} *{_plain(how)}*", _code(why, most=_ROOM // 6)]
    return {
        "text": f"{_plain(bucket)}: {_plain(how)}"[:SECTION],
        "blocks": [_section(shown)],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _where(digest: Digest) -> str:
    return f"{digest.bucket}/{digest.prefix}" if digest.prefix else digest.bucket


def _section(lines: list[str]) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": _fitting(lines), "verbatim": True}}


def _sections(digest: Digest) -> Iterator[Iterable[str]]:
    sign = ":white_check_mark:" if digest.exit_code == 0 else ":warning:"
    yield [f"{sign} {_code(_where(digest))} *{verdict(digest)}*"]
    yield _pairs("What failed", digest.errors)
    yield _rules("New", digest.new)
    yield _rules("Fixed", digest.fixed)
    yield [] if digest.compared else _rules("Found", digest.found)
    yield _families(digest)
    yield _pairs("Not audited", digest.not_audited)
    yield [_report(digest)]


def _rules(title: str, rules: tuple[RuleCount, ...]) -> Iterator[str]:
    if rules:
        yield f"*{title}: {total(rules):,}*"
    for rule in rules[:_MANY]:
        yield f"• {_plain(rule.code)} {_plain(rule.name)} ({rule.severity}): {rule.count:,}"
        for key in rule.examples:
            yield f"      {_code(key)}"
        if more := rule.count - len(rule.examples):
            yield f"      and {more:,} more"
    if left := rules[_MANY:]:
        yield f"• and {total(left):,} of {len(left)} more rules"


def _families(digest: Digest) -> Iterator[str]:
    objects, size = sum(f.objects for f in digest.families), sum(f.bytes for f in digest.families)
    yield f"*{objects:,} objects, {human_bytes(size)}*"
    for family in digest.families[:_MANY]:
        name = "(no family)" if family.name is None else _code(family.name)
        bad = ", ".join(f"{count:,} {each}" for each, count in family.classes.items() if each != "ok")
        yield f"• {name}: {family.objects:,} objects, {human_bytes(family.bytes)}" + (f" ({bad})" if bad else "")
    if left := digest.families[_MANY:]:
        yield f"• and {len(left)} more families"


def _pairs(title: str, pairs: tuple[tuple[str, str], ...]) -> Iterator[str]:
    if pairs:
        yield f"*{title}*"
    for what, why in pairs[:_MANY]:
        yield f"• {_code(what)}: {_code(why)}"
    if left := pairs[_MANY:]:
        yield f"• and {len(left)} more"


def _report(digest: Digest) -> str:
    if digest.report.url:
        return f"<{_escaped(digest.report.url)}|The report>"
    return f"The report: {_code(str(digest.report), most=1000)}"


def _fitting(lines: list[str]) -> str:
    """As many whole lines as a section takes; lines are never cut, since half an entity or code span is none."""
    kept, used = 0, 0
    for line in lines:
        used += _length(line) + 1
        if used > _ROOM:
            break
        kept += 1
    left = [f"… and {len(lines) - kept} more lines in the report"] if kept < len(lines) else []
    return "\n".join(lines[:kept] + left)


def _length(text: str) -> int:
    """In UTF-16 units, the longest that anybody counts characters in."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _code(text: str, most: int = _KEY) -> str:
    """
    >>> _code("a`*b*<!channel>")
    '`aˋ*b*&lt;!channel&gt;`'
    """
    shown = printable(text)
    if len(shown) > most:
        shown = f"{shown[: most // 2]}…{shown[-(most // 2) :]}"
    return f"`{_escaped(shown).replace('`', _BACKTICK)}`"


def _plain(text: str) -> str:
    """For places without code spans: nothing in it is a mention, a link or formatting."""
    shown = _escaped(printable(text))
    return "".join(f"{sign}\u2060" if sign in "@#*_~`" else sign for sign in shown)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
