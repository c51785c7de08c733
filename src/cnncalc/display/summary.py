"""`cnncalc summarize` on a screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from cnncalc.analysis.columns import Column, spell_pair
from cnncalc.analysis.outline import Line
from cnncalc.analysis.report import Report
from cnncalc.core.tensor import spell
from cnncalc.display.ledger import LedgerColumn, compose, fitting
from cnncalc.display.screen import PROSE_WIDTH
from cnncalc.display.units import count, size


def show(console: Console, report: Report, lines: Sequence[Line], columns: Sequence[Column], *, pinned: bool) -> None:
    """Print a report: title, ledger, totals and legend. `pinned` columns were asked for and are never dropped."""
    written = [
        LedgerColumn(
            column.title,
            [column.text(report, line) for line in lines],
            column.total(report) if column.total else "",
            column.number,
            column.rank,
        )
        for column in columns
    ]
    kept = list(range(len(columns)))
    if not pinned:
        kept = fitting([column.width for column in written], [column.rank for column in written], console.width)
    styles = ["cyan" if line.is_level else "" for line in lines]
    dropped = [columns[i].key for i in range(len(columns)) if i not in kept]
    console.print(Text(_title(report), "bold"), end="\n\n")
    console.print(compose([written[i] for i in kept], styles, console.width), soft_wrap=pinned)
    prose = _totals(report).append("\n").append(_legend(report, lines, dropped), "dim")
    console.print(prose, width=min(console.width, PROSE_WIDTH))


def _title(report: Report) -> str:
    named = report.metadata.title or report.graph_name
    inputs = ", ".join(
        spell(shape) if len(report.inputs) == 1 else f"{name} {spell(shape)}" for name, shape in report.inputs.items()
    )
    return f"{named} · input {inputs} · batch {report.batch} · {report.dtype.value}"


def _totals(report: Report) -> Text:
    totals = report.totals()
    stored = (totals.params + totals.buffers) * report.dtype.nbytes
    lines = [
        ("Params", f"{_counted(totals.params)}; {totals.buffers:,} running statistics; {size(stored)}"),
        ("MACs", _counted(totals.macs)),
        ("FLOPs", _counted(totals.flops)),
        ("Activations", f"{totals.activation_elements:,} values, {_sized(totals.activation_bytes)}"),
        ("Peak", f"{_sized(totals.peak_activation_bytes)} alive at once, the input included"),
    ]
    field = _field(report)
    if field:
        lines.append(("Receptive field", field))
    text = Text()
    for name, said in lines:
        text.append(f"{name:<16}", "bold").append(f"{said}\n")
    return text


def _counted(number: int) -> str:
    """A count, and in short where it is long."""
    return f"{number:,} ({count(number)})" if number >= 1000 else str(number)


def _sized(nbytes: int) -> str:
    """Bytes, and in short where they are many."""
    return f"{nbytes:,} B ({size(nbytes)})" if nbytes >= 1024 else f"{nbytes} B"


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
