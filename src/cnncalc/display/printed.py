"""What Python prints of a report: the table of `cnncalc summarize`, as text or by rich."""

from __future__ import annotations

from io import StringIO
from shutil import get_terminal_size
from typing import Any, NamedTuple

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from cnncalc.analysis.outline import outline
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import choose_columns
from cnncalc.core.translation import Phrase
from cnncalc.display.screen import console
from cnncalc.display.summary import show


def as_text(report: Report) -> str:
    """The table without colour, as wide as the terminal."""
    return _printed(report, get_terminal_size().columns, color_system=None)


class Printed(NamedTuple):
    """A report for rich to print, at whatever width a console has."""

    report: Report

    def __rich_console__(self, screen: Console, options: ConsoleOptions) -> RenderResult:
        """The table of our own console, in rich's text: what others have named in it moves no cursor."""
        shown = _printed(self.report, options.max_width, force_terminal=True, color_system="standard")
        yield Text.from_ansi(shown, no_wrap=True)


def _printed(report: Report, width: int, **options: Any) -> str:
    file = StringIO()
    show(
        console(file, width=width, **options),
        report,
        outline(report),
        choose_columns(None),
        pinned=False,
        no_room=Phrase("No room for {columns}: a wider terminal, or `COLUMNS=120` in the environment, shows them."),
    )
    return file.getvalue().rstrip("\n")
