"""`cnncalc summarize` on a screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from cnncalc.analysis.outline import Line
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import Column, heading, legend, spell_pair
from cnncalc.core.tensor import spell
from cnncalc.core.translation import Listed, Phrase, _, running_text, said
from cnncalc.display.ledger import LedgerColumn, compose, facts, fitting_columns
from cnncalc.display.screen import PROSE_WIDTH, one_line
from cnncalc.display.units import count, size


def show(
    console: Console,
    report: Report,
    lines: Sequence[Line],
    columns: Sequence[Column],
    *,
    pinned: bool,
    no_room: str = Phrase("No room for {columns}: widen the terminal, or name columns with --columns."),
) -> None:
    """Print a report: title, ledger, totals and legend. `pinned` columns, which the user named, are never dropped.

    Where columns are dropped, `no_room` says what to do.
    """
    written = [
        LedgerColumn(
            f"{column.title}",
            [column.text(report, line) for line in lines],
            column.total(report) if column.total else "",
            column.number,
            column.rank,
        )
        for column in columns
    ]
    kept = list(range(len(columns)))
    if not pinned:
        kept = fitting_columns([column.width for column in written], [column.rank for column in written], console.width)
    styles = ["cyan" if line.is_level else "" for line in lines]
    dropped = [columns[i].key for i in range(len(columns)) if i not in kept]
    console.print(one_line(_title(report), "bold"), end="\n\n")
    console.print(compose([written[i] for i in kept], styles, console.width), soft_wrap=pinned)
    prose = _totals(report).append("\n").append(_legend(report, lines, dropped, no_room), "dim")
    console.print(prose, width=min(console.width, PROSE_WIDTH))


def _title(report: Report) -> str:
    named = report.graph.metadata.title or report.graph.name
    each = (
        spell(shape) if len(report.graph.inputs) == 1 else f"{name} {spell(shape)}"
        for name, shape in report.graph.inputs.items()
    )
    inputs = Listed(each, ",")
    return heading(named, inputs, report)


def _totals(report: Report) -> Text:
    totals = report.totals()
    stored = (totals.params + totals.buffers) * report.dtype.nbytes
    lines = [
        (
            _("Params"),
            said(
                "{params}; {buffers:,} running statistics; {size}",
                params=_count_text(totals.params),
                buffers=totals.buffers,
                size=size(stored),
            ),
        ),
        (_("MACs"), _count_text(totals.macs)),
        (_("FLOPs"), _count_text(totals.flops)),
        (
            _("Activations"),
            said("{n:,} values, {size}", n=totals.activation_elements, size=_size_text(totals.activation_bytes)),
        ),
        (
            _("Peak"),
            said("{size} alive at once, the input included", size=_size_text(totals.peak_activation_bytes)),
        ),
    ]
    field = _field(report)
    if field:
        lines.append((_("Receptive field"), field))
    return facts(lines)


def _count_text(number: int) -> str:
    """A count, and a short form if it is long."""
    return f"{number:,} ({count(number)})" if number >= 1000 else str(number)


def _size_text(nbytes: int) -> str:
    """Bytes, and a short form if they are many."""
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
    field = said("{size} at the last map, jump {jump}, start {start}", size=sizes, jump=jump, start=start)
    if not reach.global_by:
        return field
    reason, path = reach.reason
    return said("{field}; {reason} at {path} lets every unit see all of it", field=field, reason=reason, path=path)


def _legend(report: Report, lines: Sequence[Line], dropped: Sequence[str], no_room: str) -> str:
    sentences = [
        legend(report),
        _("Counts are per image, bytes for the whole batch. Params are weights, biases and norm scales and shifts."),
        _("RF is the receptive field in input pixels, borders ignored; “all” sees the whole input."),
    ]
    if any(line.times > 1 for line in lines):
        sentences.append(
            _("×n marks n equal neighbours; their numbers are those of one, RF runs from the first to the last.")
        )
    if dropped:
        sentences.append(said(no_room, columns=Listed(dropped, ",")))
    return running_text(sentences)
