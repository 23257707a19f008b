"""The tree of a bucket, walked with keys. Everything that comes from the bucket is `rich.text.Text`, never markup."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import ClassVar

from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Footer, Input, Static

from auditor.cli.asking.branches import name_of
from auditor.cli.asking.walk_words import COLUMNS, Help, foot, told, told_file
from auditor.errors import AuditorError
from auditor.runs.asking.tree import Entry, File, Level, Tree, View
from auditor.text import printable

SHOWN = 1_000  # entries of a level
LARGEST = 20  # files that are told one by one


class Entries(DataTable[Text]):
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "app.open_folder", "open", key_display="→"),
        Binding("left,h,backspace", "app.leave_folder", "back", key_display="←"),
    ]


class Walk(App[AuditorError]):
    """One level at a time; `Tree` reads in a thread of its own, so that keys are heard meanwhile.

    It ends with the error that stopped it, or with None.
    """

    CSS = """
    #where, #said { height: 1; padding: 0 1; }
    #where { text-style: bold; }
    #search { display: none; height: 3; }
    #search.open { display: block; }
    DataTable { height: 1fr; }
    """
    TITLE = "auditor tree"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "order('size')", "size"),
        Binding("o", "order('objects')", "objects"),
        Binding("r", "order('orphaned')", "orphaned"),
        Binding("n", "order('name')", "name"),
        Binding("slash", "search", "search"),
        Binding("escape", "clear", show=False),
        Binding("question_mark", "help", "help"),
        Binding("q", "quit", "quit"),
    ]

    def __init__(self, tree: Tree, root: str, prefix: str = "", view: View | None = None) -> None:
        super().__init__()
        self._tree, self._root, self._top = tree, root, prefix
        self._prefix = prefix
        self._view = view or View()
        self._search = ""
        self._level: Level | None = None
        self._entries: list[Entry | None] = []  # None for a file
        self._came_from: str | None = None  # the name of the folder that was left
        self._reading = Lock()

    def compose(self) -> ComposeResult:
        yield Static(id="where", markup=False)
        yield Entries(cursor_type="row", zebra_stripes=True)
        yield Static(id="said", markup=False)
        yield Input(placeholder="part of a name", id="search")
        yield Footer()

    def on_mount(self) -> None:
        table = self._table
        for column in COLUMNS:
            table.add_column(column)
        table.focus()
        self._read()

    def action_open_folder(self) -> None:
        entry = self._current()
        if entry is not None and entry.is_folder and self._level is not None:
            self._go(self._level.prefix + entry.name)

    def on_data_table_row_selected(self) -> None:
        self.action_open_folder()

    def action_leave_folder(self) -> None:
        if self._prefix == self._top:
            return
        above, slash, name = self._prefix[:-1].rpartition("/")
        self._go(above + slash, came_from=f"{name}/")

    def action_order(self, sort: str) -> None:
        self._view = View(sort, SHOWN, self._view.least)
        self._read()

    def action_search(self) -> None:
        box = self.query_one("#search", Input)
        box.add_class("open")
        box.focus()

    def action_clear(self) -> None:
        """The search, and what it left out."""
        box = self.query_one("#search", Input)
        box.remove_class("open")
        box.value = ""
        self._table.focus()
        if self._search:
            self._search = ""
            self._read()

    def action_help(self) -> None:
        self.push_screen(Help())

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self._search = event.value
        event.input.remove_class("open")
        self._table.focus()
        self._read()

    def _go(self, prefix: str, came_from: str | None = None) -> None:
        self._prefix, self._came_from, self._search = prefix, came_from, ""
        self.query_one("#search", Input).value = ""
        self._read()

    def _read(self) -> None:
        self.query_one("#where", Static).update(Text(printable(self._root + self._prefix)))
        self.query_one("#said", Static).update(Text("reading …"))
        self._look(self._prefix, View(self._view.sort, SHOWN, self._view.least, self._search))

    @work(thread=True, group="tree")
    def _look(self, prefix: str, view: View) -> None:
        with self._reading:
            if prefix != self._prefix:
                return  # somebody went on while this was waiting
            try:
                level = self._tree.level(prefix, view)
                files = self._tree.files(prefix, LARGEST) if any(not entry.is_folder for entry in level.entries) else []
            except AuditorError as error:
                self.call_from_thread(self.exit, error)
                return
        self.call_from_thread(self._show, level, files)

    def _show(self, level: Level, files: list[File]) -> None:
        if level.prefix != self._prefix:
            return
        self._level = level
        table = self._table
        table.clear()
        self._entries = []
        for entry in level.entries:
            self._add(entry, told(entry.weight, name_of(entry)))
            if not entry.is_folder:
                for file in files:
                    self._add(None, told_file(file))
        self._stand_on(self._came_from)
        self.query_one("#said", Static).update(Text(foot(level, self._view.sort, self._search)))

    def _add(self, entry: Entry | None, cells: Sequence[Text]) -> None:
        self._entries.append(entry)
        self._table.add_row(*cells)

    def _stand_on(self, name: str | None) -> None:
        rows = [row for row, entry in enumerate(self._entries) if entry is not None and entry.name == name]
        self._table.move_cursor(row=rows[0] if rows else 0)

    def _current(self) -> Entry | None:
        row = self._table.cursor_row
        return self._entries[row] if 0 <= row < len(self._entries) else None

    @property
    def _table(self) -> Entries:
        return self.query_one(Entries)
