"""Text for a terminal, laid out by rich, as a string that moves no cursor but by its line ends."""

from __future__ import annotations

import io
from collections.abc import Iterable

from rich.console import Console, RenderableType


def printed(renderables: Iterable[RenderableType], *, width: int, color: bool, soft_wrap: bool = False) -> str:
    """The lines that they take, each with its end; `color` adds ANSI colours (SGR sequences only, never a link).

    Nothing is read as markup. With `soft_wrap` lines stay as long as they are, whatever the width.
    """
    console = Console(
        file=io.StringIO(),
        width=width,
        height=50,
        color_system="standard" if color else None,
        force_terminal=color,
        no_color=not color,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
    )
    with console.capture() as capture:
        for renderable in renderables:
            console.print(renderable, soft_wrap=soft_wrap)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().split("\n")[:-1])
