"""Tables as text: CSV for spreadsheets, Markdown for notes."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.analysis.columns import Column, headed, legend
from cnncalc.analysis.compare import MEASURES, Comparison
from cnncalc.analysis.outline import Line
from cnncalc.analysis.report import Report
from cnncalc.core.errors import columns as width_of
from cnncalc.core.messages import _
from cnncalc.core.tensor import spell
from cnncalc.exporters.escaping import csv_text, markdown, table_row

CSV_FIELDS = (
    "path",
    "type",
    "input",
    "output",
    "params",
    "buffers",
    "macs",
    "flops",
    "activation_bytes",
    "rf",
    "jump",
    "start",
)


def report_csv(report: Report) -> str:
    """Every layer, unfolded, numbers without separators."""
    rows: list[Sequence[object]] = [CSV_FIELDS]
    for row in report.rows:
        axes = row.reach.axes if row.reach else ()
        rows.append(
            (
                row.path,
                row.type,
                " + ".join(map(_crossed, row.inputs)),
                _crossed(row.output.shape),
                row.params,
                row.buffers,
                row.macs,
                report.flops(row),
                report.activation_bytes(row),
                "all" if row.reach and row.reach.global_by else _crossed([axis.size for axis in axes]),
                _crossed([axis.jump for axis in axes]),
                _crossed([axis.start for axis in axes]),
            )
        )
    return csv_text(rows)


def report_markdown(report: Report, lines: Sequence[Line], columns: Sequence[Column]) -> str:
    """The table of the screen, with the totals as its last row."""
    rows = [[_indented(column.text(report, line)) for column in columns] for line in lines]
    totals = [f"**{column.total(report)}**" if column.total else "" for column in columns]
    head = [f"{column.title}" for column in columns]
    title = report.metadata.title or report.graph_name
    inputs = ", ".join(map(spell, report.inputs.values()))
    return (
        f"{headed(f'**{markdown(title)}**', inputs, report)}\n\n"
        f"{_markdown(head, [*rows, totals], [column.number for column in columns])}\n"
        f"{legend(report)}\n"
    )


def comparison_csv(comparison: Comparison) -> str:
    """One row per network, numbers without separators."""
    rows: list[Sequence[object]] = [("name", "input", *MEASURES, "accuracy_source")]
    for report in comparison.reports:
        numbers = [measure.of(report) for measure in MEASURES.values()]
        rows.append((report.graph_name, _inputs(report), *numbers, report.metadata.accuracy.source))
    return csv_text(rows)


def comparison_markdown(comparison: Comparison) -> str:
    """One row per network, the best of every column in bold."""
    best = {key: comparison.best(measure) for key, measure in MEASURES.items()}
    rows = []
    for report in comparison.reports:
        cells = [markdown(report.graph_name), _inputs(report).replace("x", "×")]
        for key, measure in MEASURES.items():
            value = measure.of(report)
            text = "–" if value is None else f"{value:,}"
            cells.append(f"**{text}**" if value is not None and value == best[key] else text)
        rows.append(cells)
    head = [_("Network"), _("Input"), *(f"{measure.title}" for measure in MEASURES.values())]
    return _markdown(head, rows, [False, False, *(True for _measure in MEASURES)])


def _inputs(report: Report) -> str:
    return " + ".join(map(_crossed, report.inputs.values()))


def _crossed(numbers: Sequence[object]) -> str:
    return "x".join(map(str, numbers))


def _indented(cell: str) -> str:
    """A cell of the screen with blanks that are seen before its text."""
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
