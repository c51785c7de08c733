"""`cnncalc list` on a screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnncalc.language.collection import Entry


def show(console: Console, entries: Sequence[Entry]) -> None:
    """Print the built-in architectures, a gap between families."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Name", no_wrap=True, style="cyan")
    table.add_column("Year", no_wrap=True)
    table.add_column("Network", no_wrap=True, overflow="ellipsis")
    table.add_column("Paper", no_wrap=True, overflow="ellipsis", style="dim")
    for number, entry in enumerate(entries):
        last = number + 1 == len(entries) or entries[number + 1].family != entry.family
        table.add_row(*map(Text, (entry.name, entry.year, entry.title, entry.paper)), end_section=last)
    console.print(table)
    console.print(Text("cnncalc summarize NAME shows one; cnncalc show NAME prints its description.", style="dim"))
