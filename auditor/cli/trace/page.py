"""A story as text for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from auditor.cli.trace.around import what_went_with_it, who_referred
from auditor.cli.trace.timeline import timeline
from auditor.cli.trace.words import came, moment, went, what_it_said
from auditor.errors import ObjectUnreadable
from auditor.store.base import ObjectFacts
from auditor.text import human_bytes, isoformat, printable
from auditor.tracing import Story
from auditor.tracing.backups import DatedBy
from auditor.tracing.story import Life, Mark


@dataclass(frozen=True)
class Around:
    """What the page says besides the story. `head` is the object, None, or why it is not known; `asked` of a store,
    which is `remote` if it is not on this machine."""

    shown: str
    family: str | None
    table: str
    head: ObjectFacts | ObjectUnreadable | None
    asked: bool
    remote: bool


def page(story: Story, around: Around, width: int) -> Iterator[str]:
    """Lines. Sentences are wrapped to the width, names and keys never."""
    yield printable(story.key)
    yield from _wrapped(f"{_family(around)} {_object(around)}", width)
    yield ""
    yield _read(story, around)
    yield ""
    yield from timeline(story)
    if assumed := _assumed(story):
        yield ""
        yield from _wrapped(assumed, width)
    yield from _lives(story, around, width)
    for sentence in (*(f"Note: {_sentence(one)}" for one in story.remarks), *_missing(story)):
        yield ""
        yield from _wrapped(sentence, width)


def _lives(story: Story, around: Around, width: int) -> Iterator[str]:
    if not story.lives:
        yield ""
        yield from _wrapped(_never(story), width)
    for number, life in enumerate(story.lives, 1):
        yield ""
        if len(story.lives) > 1:
            yield f"Row {number} of {len(story.lives)} that had this key"
        yield from _life(story, life, around, width)


def _life(story: Story, life: Life, around: Around, width: int) -> Iterator[str]:
    yield from _wrapped(came(story, life), width)
    yield from _wrapped(went(story, life), width)
    yield ""
    yield from what_it_said(story, life)
    last = story.points[life.last].backup
    when = "as it is now" if last.dated_by is DatedBy.NOW else f"in the backup of {moment(last)}"
    if life.tree is not None:
        yield ""
        yield from who_referred(life, when)
    if life.aftermath is not None:
        yield ""
        yield from what_went_with_it(life, around.table)


def _family(around: Around) -> str:
    return f"A key of the family {printable(around.family)}." if around.family else "A key of no family."


def _object(around: Around) -> str:
    if not around.asked:
        return "Whether the object is there was not asked."
    if isinstance(around.head, ObjectUnreadable):
        return f"Whether the object is there cannot be told: {printable(around.head.reason)}."
    if around.head is None:
        return "There is no such object now."
    written = isoformat(around.head.last_modified.replace(microsecond=0))
    return f"The object is there, {human_bytes(around.head.size)}, written {written}."


def _read(story: Story, around: Around) -> str:
    points = [point for point in story.points if point.backup.dated_by is not DatedBy.NOW]
    read = sum(point.mark in (Mark.PRESENT, Mark.ABSENT) for point in points)
    how = "downloaded" if around.remote else "copied"
    cost = f", {human_bytes(story.fetched)} {how}" if story.fetched else ""
    return f"{around.shown}: {len(points):,} database backups, {read:,} of them read{cost}"


def _assumed(story: Story) -> str | None:
    count = story.counted(Mark.NOT_LOOKED_AT)
    if not count:
        return None
    said = "1 backup was" if count == 1 else f"{count:,} backups were"
    return (
        f"{said} not looked at and is taken to say what those around it say; --every looks at all."
        if count == 1
        else (f"{said} not looked at and are taken to say what those around them say; --every looks at all.")
    )


def _never(story: Story) -> str:
    read = story.counted(Mark.ABSENT)
    if not read:
        return "No backup could be read."
    if story.counted(Mark.NOT_LOOKED_AT):
        return "No backup that was looked at has a row with this key. It may have been there in between: --every tells."
    return "No backup has a row with this key."


def _missing(story: Story) -> Iterator[str]:
    for why in story.incomplete:
        yield f"Incomplete: {_sentence(why)}"


def _sentence(text: str) -> str:
    text = printable(text)
    return text if text.endswith(".") else f"{text}."


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)
