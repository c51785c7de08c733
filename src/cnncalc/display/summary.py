"""`cnncalc summarize` on a screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from cnncalc.analysis.conventions.base import Number
from cnncalc.analysis.outline import Line
from cnncalc.analysis.quantities import NOT_KNOWN, QUANTITIES
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import Column, heading, legend, spell_pair, total_text, with_separators
from cnncalc.core.tensor import spell
from cnncalc.core.translation import Listed, Phrase, _, running_text, said
from cnncalc.display.ledger import LedgerColumn, compose, facts, fitting_columns, total_width
from cnncalc.display.screen import PROSE_WIDTH, one_line
from cnncalc.display.units import count, rounded, size

LAST_RANK = 2
"""The highest rank of columns that are dropped only where names of layers were cut already."""

LEAST_NAME = 16
"""The width that names of layers are cut to before such a column is dropped."""


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
    exact = [_exact(report, lines, column) for column in columns]
    short = [_rounded(report, lines, column, whole) for column, whole in zip(columns, exact, strict=True)]
    kept = list(range(len(columns))) if pinned else _fitting(short, console.width)
    written = _exact_where_possible([exact[i] for i in kept], [short[i] for i in kept], console.width)
    shortened = [columns[i].heading(report) for i, column in zip(kept, written, strict=True) if column != exact[i]]
    styles = ["cyan" if line.is_level else "" for line in lines]
    shown = [columns[i].key for i in kept]
    dropped = [column.heading(report) for column in columns if column.key not in shown]
    console.print(one_line(_title(report), "bold"), end="\n\n")
    table = compose(written, styles, console.width, dim_zeros=console.color_system is not None)
    console.print(table, soft_wrap=pinned)
    prose = _totals(report).append("\n").append(_legend(report, lines, shown, shortened, dropped, no_room), "dim")
    console.print(prose, width=min(console.width, PROSE_WIDTH))


def _exact(report: Report, lines: Sequence[Line], column: Column) -> LedgerColumn:
    cells = [column.text(report, line) for line in lines]
    total = column.total(report) if column.total else ""
    return LedgerColumn(column.heading(report), cells, total, column.number, column.rank_in(report))


def _rounded(report: Report, lines: Sequence[Line], column: Column, exact: LedgerColumn) -> LedgerColumn:
    """The column with large numbers rounded."""
    quantity = column.quantity
    if quantity is None:
        return exact
    unit = quantity.unit
    cells = [_rounded_text(quantity.of_rows(report, line.first), unit) for line in lines]
    return exact._replace(cells=cells, total=total_text(report, quantity, lambda number: rounded(int(number), unit)))


def _rounded_text(number: Number | None, unit: str) -> str:
    return NOT_KNOWN if number is None else rounded(int(number), unit)


def _fitting(columns: Sequence[LedgerColumn], room: int) -> list[int]:
    """The columns that fit; names of layers are cut before the type or the output is dropped."""
    widths = [column.width for column in columns]
    kept = fitting_columns(widths, [column.rank if column.rank > LAST_RANK else 0 for column in columns], room)
    widths[0] = min(widths[0], LEAST_NAME)
    last = fitting_columns([widths[i] for i in kept], [columns[i].rank for i in kept], room)
    return [kept[i] for i in last]


def _exact_where_possible(
    exact: Sequence[LedgerColumn], short: Sequence[LedgerColumn], room: int
) -> list[LedgerColumn]:
    """The exact columns instead of the rounded ones while they fit, those that would be dropped last first."""
    chosen = list(short)
    for i in sorted(range(len(exact)), key=lambda i: exact[i].rank):
        wider = [*chosen[:i], exact[i], *chosen[i + 1 :]]
        if exact[i].width <= chosen[i].width or total_width([column.width for column in wider]) <= room:
            chosen = wider
    return chosen


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
    stored = sum(row.params + row.buffers for row in report.rows) * report.dtype.nbytes
    others = any(row.buffers for row in report.rows if row.layer.traits.is_source or row.layer.traits.is_opaque)
    lines = [
        (
            f"{QUANTITIES['params'].title_under(report.convention, Phrase('Params'))}",
            said(
                Phrase("{params}; {buffers:,} not trained; {size}")
                if others
                else Phrase("{params}; {buffers:,} running statistics; {size}"),
                params=_count_text(totals.params),
                buffers=totals.buffers,
                size=size(stored),
            ),
        ),
        (_("MACs"), _macs_text(report)),
        (f"{QUANTITIES['flops'].title_under(report.convention, Phrase('FLOPs'))}", _count_text(totals.flops)),
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


def _macs_text(report: Report) -> str:
    """The MACs, or the part of them that is known."""
    totals = report.totals()
    known = _count_text(None if totals.status == "unavailable" else totals.macs)
    return known if totals.status != "partial" else said("at least {known}; not all are known", known=known)


def _count_text(number: Number | None) -> str:
    """A count, and a short form if it is long."""
    if number is None:
        return _("not known")
    return with_separators(number) + (f" ({count(int(number))})" if number >= 1000 else "")


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


def _legend(
    report: Report,
    lines: Sequence[Line],
    shown: Sequence[str],
    shortened: Sequence[str],
    dropped: Sequence[str],
    no_room: str,
) -> str:
    has_repeats = any(line.times > 1 for line in lines)
    sentences = [
        legend(report),
        _("Counts are per image, bytes for the whole batch."),
    ]
    if report.convention.own_params is None:
        sentences.append(_("Params are weights, biases and norm scales and shifts."))
    if "rf" in shown:
        sentences.append(_("RF is the receptive field in input pixels, borders ignored; “all” sees the whole input."))
    if has_repeats:
        sentences.append(_("×n marks n equal neighbours; their numbers are those of one."))
    if has_repeats and "rf" in shown:
        sentences.append(_("Their RF runs from the first to the last."))
    if shortened:
        sentences.append(
            said(
                "Rounded to 4 digits for lack of room: {columns}; a wider terminal shows them exactly.",
                columns=Listed(shortened, ","),
            )
        )
    if dropped:
        sentences.append(said(no_room, columns=Listed(dropped, ",")))
    return running_text(sentences)
