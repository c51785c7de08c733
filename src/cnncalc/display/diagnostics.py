"""Diagnostics and remarks on standard error."""

from __future__ import annotations

from rich.text import Text

from cnncalc.core.errors import MOST_SHOWN, InputError
from cnncalc.display.screen import console, one_line

_STYLES = {"title": "bold red", "place": "blue", "source": "", "mark": "red", "note": "cyan"}


def remark(sentence: str) -> None:
    """Print a remark, which is no diagnostic."""
    console(stderr=True).print(one_line(sentence, "dim"))


def show(error: InputError) -> None:
    """Print every diagnostic, up to a screenful of them."""
    screen = console(stderr=True)
    for diagnostic in error.diagnostics[:MOST_SHOWN]:
        for role, line in diagnostic.lines():
            screen.print(Text(line, style=_STYLES[role]), soft_wrap=True)
        screen.print()
    for sentence in error.cut_notice():
        screen.print(Text(sentence))
