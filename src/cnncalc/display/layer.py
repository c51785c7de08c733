"""`cnncalc layer` on a screen."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnncalc.analysis.columns import describe, spell_pair
from cnncalc.analysis.report import Report
from cnncalc.core.tensor import spell
from cnncalc.display.units import count, size


def show(console: Console, report: Report) -> None:
    """Print everything that is known about the one layer of a report."""
    row = report.rows[-1]
    inputs = " + ".join(map(spell, row.inputs))
    console.print(Text(f"{describe(row)} · input {inputs} · batch {report.batch} · {report.dtype.value}", style="bold"))
    weights = ", ".join(f"{weight.name} {spell(weight.shape)}" for weight in row.weights)
    facts = [
        ("Output", row.output.spelled()),
        ("Params", f"{row.params:,}" + (f"  ({weights})" if weights else "")),
        ("Buffers", f"{row.buffers:,}" if row.buffers else ""),
        ("MACs", f"{row.macs:,}" + (f"  ({count(row.macs)})" if row.macs >= 1000 else "")),
        ("FLOPs", f"{report.flops(row):,}  (2 × MACs)" if row.macs else ""),
        *((f"  {op.value}", f"{number:,}") for op, number in row.ops.items()),
        ("Memory", f"{report.activation_bytes(row):,} B  ({size(report.activation_bytes(row))})"),
    ]
    if row.reach is not None:
        sizes = spell_pair([axis.size for axis in row.reach.axes])
        jump, start = (spell_pair([getattr(axis, name) for axis in row.reach.axes]) for name in ("jump", "start"))
        everything = f"the whole input ({row.reach.global_by.partition(':')[0]}); " if row.reach.global_by else ""
        facts.append(("Receptive field", f"{everything}size {sizes}, jump {jump}, start {start}"))
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="cyan")
    table.add_column(overflow="fold")
    for name, text in facts:
        if text:
            table.add_row(name, Text(text))
    console.print(table)
    console.print(
        Text(f"{report.convention.summary} (convention: {report.convention.name}). Counts are per image.", style="dim")
    )
