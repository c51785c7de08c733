"""`cnncalc conventions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cnncalc.cli.completion import complete_convention
from cnncalc.cli.options import word_span

if TYPE_CHECKING:
    from rich.console import Console


def conventions(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="A convention.", autocompletion=complete_convention, show_default=False),
    ] = None,
) -> None:
    """Whose numbers there are: the conventions of tools and textbooks; with a name, the rules of one and its quirks.

    \b
    Examples:
      cnncalc conventions
      cnncalc conventions thop
    """
    from cnncalc.analysis.conventions import NAMES, all_conventions, convention, memory_conventions
    from cnncalc.cli.emit import emit_screen
    from cnncalc.display.reconciliation import show_convention, show_conventions

    if name is None:
        emit_screen(lambda console: show_conventions(console, all_conventions(), memory_conventions()), None)
        return
    of_memory = [one for one in memory_conventions() if one.name == name]
    if name in NAMES or not of_memory:
        of_memory = [convention(name, word_span(name)), *of_memory]

    def show(console: Console) -> None:
        for place, one in enumerate(of_memory):
            if place:
                console.print()
            show_convention(console, one)

    emit_screen(show, None)
