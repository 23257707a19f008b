"""What the walk through a bucket's tree says: cells, the line at the foot, the page of help."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widgets import Static

from auditor.cli.asking.branches import ITSELF, shares
from auditor.runs.asking.tree import File, Level, Weight
from auditor.text import human_bytes, printable

COLUMNS = ("     SIZE", "    OBJECTS", "ORPHANED", " UNKNOWN", "NAME")
_WIDTHS = tuple(map(len, COLUMNS[:-1]))
HELP = """\
up, down              move
enter, right          open the folder
left, backspace       go back up
s  o  r  n            sort by size, objects, orphaned or unknown bytes, name
/                     search in the names of this level; escape shows all again
?                     this page
q                     quit

ORPHANED and UNKNOWN are shares of a folder's bytes: objects without a row, and
objects whose key no template fits. Nothing here changes the bucket.

Any key closes this page."""


class Help(ModalScreen[None]):
    CSS = """
    Help { align: center middle; }
    #help { width: 90; max-width: 100%; height: auto; border: round $primary; padding: 1 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", show=False)]

    def compose(self) -> ComposeResult:
        yield Static(HELP, id="help", markup=False)

    def on_key(self) -> None:
        self.dismiss()


def told(weight: Weight, name: str) -> list[Text]:
    orphaned, unknown = shares(weight)
    return _cells(human_bytes(weight.bytes), f"{weight.objects:,}", orphaned, unknown, name)


def told_file(file: File) -> list[Text]:
    said = "" if file.object_class == "ok" else f"  {file.object_class}"
    return _cells(human_bytes(file.size), "", "", "", f"  {printable(file.name) or ITSELF}{said}")


def foot(level: Level, sort: str, search: str) -> str:
    said = f"{human_bytes(level.total.bytes)} in {level.total.objects:,} objects, sorted by {sort}"
    if search:
        said += f", names with {printable(search)!r}"
    if level.left:
        said += f"; {level.left:,} more with {human_bytes(level.rest.bytes)} are not shown"
    return said


def _cells(*texts: str) -> list[Text]:
    numbers = [Text(text.rjust(width)) for text, width in zip(texts[:-1], _WIDTHS, strict=True)]
    return [*numbers, Text(texts[-1])]
