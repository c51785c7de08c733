"""`cnncalc explain` on a screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from cnncalc.core.notation import TEXT
from cnncalc.core.text import columns as width_of
from cnncalc.core.translation import _
from cnncalc.display.ledger import LedgerColumn, compose
from cnncalc.display.screen import PROSE_WIDTH, one_line
from cnncalc.explain.layer import Equation, Explanation, Table

INDENT = "  "


def heading(quantity: str) -> str:
    """The title of a quantity; any other text is its own title."""
    titles = {
        "output": _("Output"),
        "params": _("Parameters"),
        "buffers": _("Buffers"),
        "macs": _("MACs"),
        "flops": _("FLOPs"),
        "ops": _("Other operations"),
        "memory": _("Memory"),
        "receptive_field": _("Receptive field"),
    }
    return titles.get(quantity, quantity)


def show(console: Console, title: str, explanations: Sequence[Explanation]) -> None:
    """Print every sum with its meaning."""
    console.print(one_line(title, "bold"))
    for one in explanations:
        console.print()
        console.print(Text(one.title or heading(one.quantity), "bold cyan").append(f"  {one.result}", "bold"))
        for line in one.equations:
            console.print(Text("\n".join(_equation(line, console.width))), soft_wrap=True)
        if one.table is not None:
            console.print(_indented_table(one.table, console.width), end="")
        console.print(Text(one.meaning, "dim"), width=min(console.width, PROSE_WIDTH))


def _equation(line: Equation, room: int) -> list[str]:
    """A sum on one line; one that is too long has a line for every side, with aligned equals signs."""
    symbol, *sides = line.sides(TEXT)
    whole = INDENT + " = ".join([symbol, *sides])
    if width_of(whole) <= room:
        return [whole]
    margin = INDENT + " " * width_of(symbol)
    return [f"{INDENT}{symbol} = {sides[0]}", *(f"{margin} = {side}" for side in sides[1:])]


def _indented_table(table: Table, room: int) -> Text:
    columns = [
        LedgerColumn(
            title if place else INDENT + title,
            [row[place] if place else INDENT + row[place] for row in table.rows],
            number=number,
        )
        for place, (title, number) in enumerate(zip(table.head, table.numbers, strict=True))
    ]
    words = [place for place, column in enumerate(columns) if not column.number]
    return compose(columns, [""] * len(table.rows), room, max(words, key=lambda place: columns[place].width, default=0))
