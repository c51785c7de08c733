"""`cnncalc list` on a screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from cnncalc.display.ledger import LedgerColumn, compose
from cnncalc.language.collection import Entry


def show(console: Console, entries: Sequence[Entry]) -> None:
    """Print the built-in architectures, a gap between families."""
    spaced: list[Entry] = []
    for entry in entries:
        if spaced and spaced[-1].family != entry.family:
            spaced.append(Entry("", entry.family, "", "", ""))
        spaced.append(entry)
    columns = [
        LedgerColumn(title, [getattr(entry, title.lower()) for entry in spaced], number=False)
        for title in ("Name", "Year", "Title", "Paper")
    ]
    console.print(compose(columns, [""] * len(spaced), console.width, elastic=3))
    console.print(Text("cnncalc summarize NAME shows one; cnncalc show NAME prints its description.", style="dim"))
