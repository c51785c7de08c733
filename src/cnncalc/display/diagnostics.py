"""Diagnostics and remarks on standard error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from cnncalc.core.errors import MOST_SHOWN, Diagnostic, InputError
from cnncalc.core.translation import said
from cnncalc.display.screen import UNBOUNDED, console, one_line

_STYLES = {"title": "bold red", "place": "blue", "source": "", "mark": "red", "note": "cyan"}


def remark(sentence: str) -> None:
    """Print a remark, which is no diagnostic."""
    console(stderr=True).print(one_line(sentence, "dim"))


def show(error: InputError) -> None:
    """Print every diagnostic, up to a screenful of them."""
    screen = console(stderr=True)
    _print(screen, error.diagnostics[:MOST_SHOWN], _STYLES)
    for sentence in error.cut_notice():
        screen.print(Text(sentence))


def show_warnings(warnings: Sequence[Diagnostic]) -> None:
    """Print warnings, up to a screenful of them, apart from a result that may stand before them."""
    screen = console(stderr=True)
    screen.print()
    _print(screen, warnings[:MOST_SHOWN], {**_STYLES, "title": "bold yellow", "mark": "yellow"})
    if len(warnings) > MOST_SHOWN:
        screen.print(Text(said("... and {hidden:,} more", hidden=len(warnings) - MOST_SHOWN)))


def _print(screen: Console, diagnostics: Sequence[Diagnostic], styles: Mapping[str, str]) -> None:
    width = screen.width if screen.width < UNBOUNDED else None
    for diagnostic in diagnostics:
        for role, line in diagnostic.lines(width):
            screen.print(Text(line, style=styles[role]), soft_wrap=True)
        screen.print()
