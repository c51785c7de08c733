"""`cnncalc summarize` on a screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cnncalc.analysis.columns import Column, spell_pair
from cnncalc.analysis.outline import Line
from cnncalc.analysis.report import Report
from cnncalc.core.errors import columns as width_of
from cnncalc.core.tensor import spell
from cnncalc.display.screen import column_text, fitting
from cnncalc.display.units import count, size

PROSE_WIDTH = 100


def show(console: Console, report: Report, lines: Sequence[Line], columns: Sequence[Column], *, pinned: bool) -> None:
    """Print a report: title, table, totals and legend. `pinned` columns were asked for and are never dropped."""
    console.print(Text(_title(report), style="bold"))
    cells = [[column.text(report, line) for line in lines] for column in columns]
    totals = [column.total(report) if column.total else "" for column in columns]
    widths = [
        max(map(width_of, (column.title, total, *texts)))
        for column, total, texts in zip(columns, totals, cells, strict=True)
    ]
    kept = list(range(len(columns)))
    if not pinned:
        kept = fitting(widths, [column.rank for column in columns], console.width - 2)
    table = Table(box=box.SIMPLE_HEAD, show_footer=True, padding=(0, 1), pad_edge=False, collapse_padding=True)
    for i in kept:
        column = columns[i]
        table.add_column(
            column.title,
            Text(totals[i], style="bold"),
            justify="right" if column.number else "left",
            no_wrap=True,
            overflow="ellipsis",
            min_width=None if column.key == "layer" else widths[i],
        )
    for_level = ["cyan" if line.is_level else "" for line in lines]
    table.add_row(*(column_text(cells[i], _styled(cells[i], for_level)) for i in kept))
    console.print(table)
    dropped = [columns[i].key for i in range(len(columns)) if i not in kept]
    prose = _totals(report).append("\n").append(_legend(report, lines, dropped), "dim")
    console.print(prose, width=min(console.width, PROSE_WIDTH))


def _styled(cells: Sequence[str], styles: Sequence[str]) -> list[str]:
    """The style of every line of a column: what says nothing says it quietly."""
    return ["dim" if cell in ("0", "–") else style for cell, style in zip(cells, styles, strict=True)]


def _title(report: Report) -> str:
    named = report.metadata.title or report.graph_name
    inputs = ", ".join(
        spell(shape) if len(report.inputs) == 1 else f"{name} {spell(shape)}" for name, shape in report.inputs.items()
    )
    return f"{named} · input {inputs} · batch {report.batch} · {report.dtype.value}"


def _totals(report: Report) -> Text:
    totals = report.totals()
    weights = (totals.params + totals.buffers) * report.dtype.nbytes
    peak = totals.peak_activation_bytes
    lines = [
        (
            "Params",
            f"{totals.params:,} ({count(totals.params)}); {totals.buffers:,} running statistics; {size(weights)}",
        ),
        ("MACs", f"{totals.macs:,} ({count(totals.macs)})"),
        ("FLOPs", f"{totals.flops:,} ({count(totals.flops)})"),
        (
            "Activations",
            f"{totals.activation_elements:,} values, {totals.activation_bytes:,} B ({size(totals.activation_bytes)});"
            f" {peak:,} B ({size(peak)}) at the peak",
        ),
    ]
    field = _field(report)
    if field:
        lines.append(("Receptive field", field))
    text = Text()
    for name, said in lines:
        text.append(f"{name:<16}", "bold").append(f"{said}\n")
    return text


def _field(report: Report) -> str:
    reach = report.last_local_reach()
    if reach is None:
        return ""
    sizes = "×".join(
        str(axis.size) if axis.sizes[0] == axis.size else f"{axis.sizes[0]}–{axis.size}" for axis in reach.axes
    )
    jump = spell_pair([axis.jump for axis in reach.axes])
    start = spell_pair([axis.start for axis in reach.axes])
    gated = f"; {reach.global_by.replace(': ', ' at ')} lets every unit see all of it" if reach.global_by else ""
    return f"{sizes} at the last map, jump {jump}, start {start}{gated}"


def _legend(report: Report, lines: Sequence[Line], dropped: Sequence[str]) -> str:
    said = [
        f"{report.convention.summary} (convention: {report.convention.name}).",
        "Counts are per image, bytes for the whole batch. Params are weights, biases and norm scales and shifts.",
        "RF is the receptive field in input pixels, borders ignored; “all” sees the whole input.",
    ]
    if any(line.times > 1 for line in lines):
        said.append("×n marks n equal neighbours; their numbers are those of one, RF runs from the first to the last.")
    if dropped:
        said.append(f"No room for {', '.join(dropped)}: widen the terminal, or name columns with --columns.")
    return " ".join(said)
