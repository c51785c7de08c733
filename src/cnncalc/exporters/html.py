"""Tables for notebooks: HTML that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.analysis.compare import Comparison
from cnncalc.analysis.outline import outline
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import choose_columns, heading, legend
from cnncalc.core.tensor import spell
from cnncalc.core.translation import language
from cnncalc.exporters.escaping import html
from cnncalc.exporters.rows import comparison_table


def report_html(report: Report) -> str:
    """The table of the screen: every column, numbers exact, the totals in its foot."""
    columns = choose_columns(None)
    numbers = [column.number for column in columns]
    title = report.graph.metadata.title or report.graph.name
    inputs = ", ".join(map(spell, report.graph.inputs.values()))
    return _page(
        f"<caption>{html(heading(title, inputs, report))}</caption>\n",
        _head(numbers, [f"{column.title}" for column in columns]),
        "".join(_row(numbers, [column.text(report, line) for column in columns]) for line in outline(report)),
        f"<tfoot>\n{_row(numbers, [column.total(report) if column.total else '' for column in columns])}</tfoot>\n",
        legend(report),
    )


def comparison_html(comparison: Comparison) -> str:
    """One row per network, numbers exact, the best of every column in bold."""
    titles, rows, numbers = comparison_table(comparison, None)
    body = [_row(numbers, [text for text, _best in row], [best for _text, best in row]) for row in rows]
    return _page("", _head(numbers, titles), "".join(body), "", legend(comparison.reference))


def _page(caption: str, head: str, body: str, foot: str, said: str) -> str:
    spoken = language()
    return (
        f'<table lang="{spoken}">\n{caption}<thead>\n<tr>{head}</tr>\n</thead>\n'
        f"<tbody>\n{body}</tbody>\n{foot}</table>\n"
        f'<p lang="{spoken}">{html(said)}</p>\n'
    )


def _head(numbers: Sequence[bool], titles: Sequence[str]) -> str:
    return "".join(_cell(title, number, "col") for title, number in zip(titles, numbers, strict=True))


def _row(numbers: Sequence[bool], texts: Sequence[str], best: Sequence[bool] = ()) -> str:
    """A row whose first cell says what the others are of; the `best` are bold."""
    each = zip(texts, numbers, best or [False] * len(texts), strict=True)
    cells = [_cell(text, number, "" if place else "row", bold) for place, (text, number, bold) in enumerate(each)]
    return f"<tr>{''.join(cells)}</tr>\n"


def _cell(text: str, number: bool, heads: str = "", best: bool = False) -> str:
    """One cell, or the head of a row or a column; blanks before the text, which say its level, become room."""
    level = (len(text) - len(text.lstrip(" "))) // 2
    tag, scope = ("th", f' scope="{heads}"') if heads else ("td", "")
    style = f"text-align: {'right' if number else 'left'}" + (f"; padding-left: {1 + level}em" if level else "")
    shown = f"<b>{html(text)}</b>" if best else html(text)
    return f'<{tag}{scope} style="{style}">{shown}</{tag}>'
