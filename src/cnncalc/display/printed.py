"""What Python prints of a report or a comparison: the tables of the command, as text or by rich."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from shutil import get_terminal_size
from typing import Any, NamedTuple

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from cnncalc.analysis.compare import Comparison
from cnncalc.analysis.outline import outline
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import choose_columns
from cnncalc.core.translation import Phrase
from cnncalc.display.screen import console

Printer = Callable[[Console], None]
"""What prints something on a console."""

NO_ROOM = Phrase("No room for {columns}: a wider terminal, or `COLUMNS=120` in the environment, shows them.")


def report_printer(report: Report) -> Printer:
    """The table of `cnncalc summarize`."""
    from cnncalc.display.summary import show

    lines, columns = outline(report), choose_columns(None)
    return lambda screen: show(screen, report, lines, columns, pinned=False, no_room=NO_ROOM)


def comparison_printer(comparison: Comparison) -> Printer:
    """The tables of `cnncalc compare`."""
    from cnncalc.display.comparison import show

    return lambda screen: show(screen, comparison, no_room=NO_ROOM)


def as_text(printer: Printer) -> str:
    """What is printed, without colour, as wide as the terminal."""
    return _printed(printer, get_terminal_size().columns, color_system=None)


class Printed(NamedTuple):
    """A report or a comparison for rich to print, at whatever width a console has."""

    printer: Printer

    def __rich_console__(self, screen: Console, options: ConsoleOptions) -> RenderResult:
        """The tables of our own console, in rich's text: what others have named in it moves no cursor."""
        shown = _printed(self.printer, options.max_width, force_terminal=True, color_system="standard")
        yield Text.from_ansi(shown, no_wrap=True)


def _printed(printer: Printer, width: int, **options: Any) -> str:
    file = StringIO()
    printer(console(file, width=width, **options))
    return file.getvalue().rstrip("\n")
