"""Item analysis on a screen: a line for every question, then its usual mistakes."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from cnncalc.core.translation import _
from cnncalc.display.ledger import LedgerColumn, compose
from cnncalc.display.marks import INDENT, STYLES
from cnncalc.display.screen import PROSE_WIDTH, break_lines, one_line
from cnncalc.homework.items import Item, frequent_text
from cnncalc.homework.questions import SIGNS, Verdict
from cnncalc.homework.wording import class_signs


def show_items(console: Console, items: Sequence[Item], *, hide: bool = False) -> None:
    """Print how many were right on each question, then which mistakes were made how often."""
    columns = [
        LedgerColumn(_("Question"), [item.ask for item in items], "", False),
        LedgerColumn(_("Right"), [f"{item.verdicts[Verdict.RIGHT]}/{item.asked}" for item in items]),
        *(
            LedgerColumn(SIGNS[verdict], [str(item.verdicts[verdict] or "") for item in items])
            for verdict in (Verdict.CONVENTION, Verdict.WRONG)
        ),
        LedgerColumn("–", [str(item.missing or "") for item in items]),
    ]
    console.print(compose(columns, [""] * len(items), console.width))
    room = min(console.width, PROSE_WIDTH) - len(INDENT)
    for item in items:
        if not item.frequent:
            continue
        console.print(one_line(item.ask, "bold"))
        for one in item.frequent:
            line = one_line(f"{SIGNS[one.verdict]} {frequent_text(one, hide=hide)}", STYLES[one.verdict])
            for row in break_lines(line, room).wrap(console, room):
                row.rstrip()
                console.print(Text(INDENT) + row, no_wrap=True, overflow="fold")
    console.print(Text(f"\n{class_signs()}", "dim"), width=min(console.width, PROSE_WIDTH))
