"""Tables as LaTeX documents."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.analysis.compare import Comparison
from cnncalc.analysis.outline import Line
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import Column, heading, legend
from cnncalc.core.tensor import spell
from cnncalc.core.translation import _
from cnncalc.explain.layer import Table
from cnncalc.exporters.latex import TABLE_WIDTH, Strong, document, escape, table_text, widths_of
from cnncalc.exporters.rows import comparison_table

LANDSCAPE_WIDTH = 700.0
"""Text width in points of a page that lies on its side."""

SIZES = (
    (1.0, r"\normalsize"),
    (0.93, r"\small"),
    (0.85, r"\footnotesize"),
    (0.8, r"\scriptsize"),
)
"""Sizes of the font, and how wide letters are in them; small ones are wider for their height."""

ROOM_FOR_BOLD = 1.08
"""How much wider than estimated a table may be: letters of a total are bold."""

MARGINS = 145.0
"""Both margins of a page in points."""

LEAST_UPRIGHT = 0.85
"""The smallest width of letters before the page is turned."""


def report_latex(report: Report, lines: Sequence[Line], columns: Sequence[Column]) -> str:
    """The table of a report as on the screen, with the totals in its last row."""
    rows = [tuple(column.text(report, line) for column in columns) for line in lines]
    rows.append(tuple(Strong(column.total(report) if column.total else "") for column in columns))
    table = Table(
        tuple(column.heading(report) for column in columns), tuple(rows), tuple(column.number for column in columns)
    )
    named = report.graph.metadata.title or report.graph.name
    inputs = ", ".join(map(spell, report.graph.inputs.values()))
    return page(heading(named, inputs, report), [table], [legend(report)], total=True)


def comparison_latex(comparison: Comparison, chosen: Sequence[str] | None) -> str:
    """One row per network, the best of every column in bold."""
    head, rows, numbers = comparison_table(comparison, chosen)
    cells = tuple(tuple(Strong(text) if best else text for text, best in row) for row in rows)
    return page(_("Comparison"), [Table(tuple(head), cells, tuple(numbers))], [legend(comparison.reference)])


def page(title: str, tables: Sequence[Table], sentences: Sequence[str], *, total: bool = False) -> str:
    """A document of tables in one size of the font, and what is said below them."""
    width = max((sum(widths_of(list(zip(one.head, *one.rows, strict=True)))) for one in tables), default=0.0)
    width *= ROOM_FOR_BOLD
    smallest, _size = SIZES[-1]
    paper, room = "", TABLE_WIDTH
    if LEAST_UPRIGHT * width > TABLE_WIDTH:
        paper, room = "landscape,", LANDSCAPE_WIDTH
    if smallest * width > room:
        room = smallest * width + 1
        paper = f"paperwidth={room + MARGINS:.0f}pt,"
    scale, size = next(one for one in SIZES if one[0] * width <= room)
    space = f"\\setlength{{\\tabcolsep}}{{{6 * scale:.1f}pt}}"
    parts = [f"{{{size}{space}\n{table_text(one, room, scale, total=total)}}}\n" for one in tables]
    return document(title, [*parts, *(f"{_paragraph(sentence)}\n" for sentence in sentences)], paper=paper)


def _paragraph(sentence: str) -> str:
    return f"\\textbf{{{escape(sentence)}}}" if isinstance(sentence, Strong) else escape(sentence)
