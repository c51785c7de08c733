"""`cnncalc layer` on a screen."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnncalc.analysis.quantities import QUANTITIES
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import describe, flops_sum, heading, legend, spell_pair, with_separators
from cnncalc.core.tensor import spell
from cnncalc.core.translation import Listed, Phrase, _, running_text, said
from cnncalc.display.units import count, size


def show(console: Console, report: Report) -> None:
    """Print all numbers of the one layer of a report."""
    row = report.rows[-1]
    inputs = row.inputs_text
    console.print(Text(heading(describe(row), inputs, report), style="bold"))
    taken = report.activation_bytes(row)
    weights = Listed((f"{weight.name} {spell(weight.shape)}" for weight in row.weights), ",")
    flops = report.flops(row)
    facts = [
        (_("Output"), row.output.shape_text()),
        (_("Params"), f"{row.params:,}" + (f"  ({weights})" if weights else "")),
        (
            f"{QUANTITIES['params'].title_under(report.convention, Phrase('Params'))}",
            "" if report.convention.own_params is None else f"{report.params(row):,}",
        ),
        (_("Buffers"), f"{row.buffers:,}" if row.buffers else ""),
        (
            _("MACs"),
            f"{row.macs:,}" + (f"  ({count(row.macs)})" if row.macs >= 1000 else "")
            if row.knows_macs
            else _("not known"),
        ),
        (
            f"{QUANTITIES['flops'].title_under(report.convention, Phrase('FLOPs'))}",
            _("not known")
            if flops is None
            else f"{with_separators(flops)}  ({flops_sum(report, row)})"
            if flops
            else "",
        ),
        *((f"  {_(op.value)}", f"{number:,}") for op, number in row.ops.items()),
        (_("Memory"), f"{taken:,} B" + (f"  ({size(taken)})" if taken >= 1024 else "")),
    ]
    if row.reach is not None:
        sizes = spell_pair([axis.size for axis in row.reach.axes])
        jump, start = (spell_pair([getattr(axis, name) for axis in row.reach.axes]) for name in ("jump", "start"))
        field = said("size {size}, jump {jump}, start {start}", size=sizes, jump=jump, start=start)
        if row.reach.global_by:
            field = said("the whole input ({reason}); {field}", reason=row.reach.reason[0], field=field)
        facts.append((_("Receptive field"), field))
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True, style="cyan")
    table.add_column(overflow="fold")
    for name, text in facts:
        if text:
            table.add_row(name, Text(text))
    console.print(table)
    console.print(Text(running_text((legend(report), _("Counts are per image."))), style="dim"))
