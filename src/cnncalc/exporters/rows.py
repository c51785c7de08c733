"""Tables as text: CSV for spreadsheets, Markdown for notes."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.analysis.columns import Column, headed, legend
from cnncalc.analysis.compare import Comparison
from cnncalc.analysis.outline import Line
from cnncalc.analysis.quantities import compared, listed
from cnncalc.analysis.report import Report
from cnncalc.core.errors import columns as width_of
from cnncalc.core.messages import _
from cnncalc.core.tensor import spell


def report_csv(report: Report) -> str:
    """Every layer, unfolded, numbers without separators."""
    quantities = listed()
    fields = [quantity.field for quantity in quantities]
    rows: list[Sequence[object]] = [("path", "type", "input", "output", *fields, "rf", "jump", "start")]
    for row in report.rows:
        axes = row.reach.axes if row.reach else ()
        rows.append(
            (
                row.path,
                row.type,
                " + ".join(_crossed(x.shape) for x in row.inputs),
                _crossed(row.output.shape),
                *[quantity.of_rows(report, (row,)) for quantity in quantities],
                "all" if row.reach and row.reach.global_by else _crossed([axis.size for axis in axes]),
                _crossed([axis.jump for axis in axes]),
                _crossed([axis.start for axis in axes]),
            )
        )
    return _csv(rows)


def report_markdown(report: Report, lines: Sequence[Line], columns: Sequence[Column]) -> str:
    """The table of the screen, with the totals as its last row."""
    rows = [[column.text(report, line).replace("  ", "\u2003") for column in columns] for line in lines]
    totals = [f"**{column.total(report)}**" if column.total else "" for column in columns]
    head = [f"{column.title}" for column in columns]
    title = report.graph.metadata.title or report.graph.name
    inputs = ", ".join(map(spell, report.graph.inputs.values()))
    return (
        f"{headed(f'**{title}**', inputs, report)}\n\n"
        f"{_markdown(head, [*rows, totals], [column.number for column in columns])}\n"
        f"{legend(report)}\n"
    )


def comparison_csv(comparison: Comparison) -> str:
    """One row per network, numbers without separators."""
    rows: list[Sequence[object]] = [("name", "input", *compared(), "accuracy_source")]
    for report in comparison.reports:
        numbers = [quantity.of_network(report) for quantity in compared().values()]
        rows.append((report.graph.name, _inputs(report), *numbers, report.graph.metadata.accuracy.source))
    return _csv(rows)


def comparison_markdown(comparison: Comparison) -> str:
    """One row per network, the best of every column in bold."""
    quantities = [(one, one.compared) for one in compared().values() if one.compared]
    rows = []
    for report in comparison.reports:
        cells = [report.graph.name, _inputs(report).replace("x", "×")]
        for quantity, _shown in quantities:
            value = quantity.of_network(report)
            text = "–" if value is None else f"{value:,}"
            cells.append(f"**{text}**" if value is not None and value == comparison.best(quantity) else text)
        rows.append(cells)
    head = [_("Network"), _("Input"), *(f"{shown.title}" for _one, shown in quantities)]
    return _markdown(head, rows, [False, False, *(True for _one in quantities)])


def _inputs(report: Report) -> str:
    return " + ".join(map(_crossed, report.graph.inputs.values()))


def _crossed(numbers: Sequence[object]) -> str:
    return "x".join(map(str, numbers))


def _csv(rows: Sequence[Sequence[object]]) -> str:
    import csv
    from io import StringIO

    file = StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[bool]) -> str:
    escaped = [[cell.replace("|", "\\|") for cell in row] for row in (head, *rows)]
    widths = [max(3, *map(width_of, column)) for column in zip(*escaped, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = [
            " " * (width - width_of(cell)) + cell if number else cell + " " * (width - width_of(cell))
            for cell, width, number in zip(cells, widths, numbers, strict=True)
        ]
        return f"| {' | '.join(padded)} |\n"

    rule = [("-" * (width - 1) + ":") if number else "-" * width for width, number in zip(widths, numbers, strict=True)]
    return line(escaped[0]) + line(rule) + "".join(map(line, escaped[1:]))
