"""Tables as text: CSV for spreadsheets, Markdown for notes."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.analysis.compare import Comparison
from cnncalc.analysis.conventions.base import Number
from cnncalc.analysis.outline import Line
from cnncalc.analysis.quantities import comparison_quantities, table_quantities
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import Column, heading, legend, with_separators
from cnncalc.core.tensor import spell
from cnncalc.core.text import columns as width_of
from cnncalc.core.translation import _
from cnncalc.exporters.escaping import csv_text, markdown, table_row


def report_csv(report: Report) -> str:
    """One row per layer, with numbers without separators."""
    quantities = table_quantities()
    fields = [quantity.field for quantity in quantities]
    rows: list[Sequence[object]] = [("path", "type", "input", "output", *fields, "rf", "jump", "start")]
    for row in report.rows:
        axes = row.reach.axes if row.reach else ()
        rows.append(
            (
                row.path,
                row.type,
                " + ".join(_joined_by_x(x.shape) for x in row.inputs),
                _joined_by_x(row.output.shape),
                *[quantity.of_rows(report, (row,)) for quantity in quantities],
                "all" if row.reach and row.reach.global_by else _joined_by_x([axis.size for axis in axes]),
                _joined_by_x([axis.jump for axis in axes]),
                _joined_by_x([axis.start for axis in axes]),
            )
        )
    return csv_text(rows)


def report_markdown(report: Report, lines: Sequence[Line], columns: Sequence[Column]) -> str:
    """The table as on the screen, with the totals in its last row."""
    rows = [[_indented_cell(column.text(report, line)) for column in columns] for line in lines]
    totals = [f"**{column.total(report)}**" if column.total else "" for column in columns]
    head = [column.heading(report) for column in columns]
    title = report.graph.metadata.title or report.graph.name
    inputs = ", ".join(map(spell, report.graph.inputs.values()))
    return (
        f"{heading(f'**{markdown(title)}**', inputs, report)}\n\n"
        f"{_markdown(head, [*rows, totals], [column.number for column in columns])}\n"
        f"{legend(report)}\n"
    )


def comparison_csv(comparison: Comparison) -> str:
    """One row per network, numbers without separators."""
    rows: list[Sequence[object]] = [("name", "input", *comparison_quantities(), "accuracy_source")]
    for report in comparison.reports:
        numbers = [quantity.of_network(report) for quantity in comparison_quantities().values()]
        rows.append((report.graph.name, _inputs(report), *numbers, report.graph.metadata.accuracy.source))
    return csv_text(rows)


def comparison_markdown(comparison: Comparison, chosen: Sequence[str] | None = None) -> str:
    """One row per network, the best of every column in bold."""
    head, rows, numbers = comparison_table(comparison, chosen)
    cells = [[f"**{markdown(text)}**" if best else markdown(text) for text, best in row] for row in rows]
    return _markdown(head, cells, numbers)


def comparison_table(
    comparison: Comparison, chosen: Sequence[str] | None
) -> tuple[list[str], list[list[tuple[str, bool]]], list[bool]]:
    """Titles, one row per network whose cells say whether they are the best of their column, and which are numbers."""
    quantities = comparison_quantities()
    head, numbers = [_("Network")], [False]
    rows = [[(report.graph.name, False)] for report in comparison.reports]
    for key in ("input", *quantities) if chosen is None else chosen:
        quantity = quantities.get(key)
        numbers.append(quantity is not None)
        if quantity is None or quantity.comparison is None:
            head.append(_("Input"))
            for row, report in zip(rows, comparison.reports, strict=True):
                row.append((_inputs(report).replace("x", "×"), False))
            continue
        head.append(f"{quantity.title_under(comparison.reference.convention, quantity.comparison.title)}")
        best = comparison.best(quantity)
        for row, report in zip(rows, comparison.reports, strict=True):
            value = quantity.of_network(report)
            row.append((quantity.absent if value is None else _number_text(value), value is not None and value == best))
    return head, rows, numbers


def _number_text(value: Number | float) -> str:
    return f"{value:,}" if isinstance(value, float) else with_separators(value)


def _inputs(report: Report) -> str:
    return " + ".join(map(_joined_by_x, report.graph.inputs.values()))


def _joined_by_x(numbers: Sequence[object]) -> str:
    return "x".join(map(str, numbers))


def _indented_cell(cell: str) -> str:
    """A cell of the screen, indented by blanks that Markdown keeps."""
    text = cell.lstrip(" ")
    return "\u2003" * ((len(cell) - len(text)) // 2) + markdown(text)


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool]) -> str:
    widths = [max(3, *map(width_of, column)) for column in zip(head, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = [
            " " * (width - width_of(cell)) + cell if number else cell + " " * (width - width_of(cell))
            for cell, width, number in zip(cells, widths, numbers, strict=True)
        ]
        return table_row(padded)

    rule = [("-" * (width - 1) + ":") if number else "-" * width for width, number in zip(widths, numbers, strict=True)]
    return line(head) + line(rule) + "".join(map(line, rows))
