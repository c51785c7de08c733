"""Tables for notebooks: HTML that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.analysis.outline import outline
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import Column, choose_columns, heading, legend
from cnncalc.core.tensor import spell
from cnncalc.core.translation import language
from cnncalc.exporters.escaping import html


def report_html(report: Report) -> str:
    """The table of the screen: every column, numbers exact, the totals in its foot."""
    columns = choose_columns(None)
    title = report.graph.metadata.title or report.graph.name
    inputs = ", ".join(map(spell, report.graph.inputs.values()))
    head = "".join(_cell(column, f"{column.title}", "col") for column in columns)
    body = "".join(_row(columns, [column.text(report, line) for column in columns]) for line in outline(report))
    foot = _row(columns, [column.total(report) if column.total else "" for column in columns])
    return (
        f'<table lang="{language()}">\n<caption>{html(heading(title, inputs, report))}</caption>\n'
        f"<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{body}</tbody>\n<tfoot>\n{foot}</tfoot>\n</table>\n"
        f'<p lang="{language()}">{html(legend(report))}</p>\n'
    )


def _row(columns: Sequence[Column], texts: Sequence[str]) -> str:
    """A row whose first cell says what the others are of."""
    name, *others = zip(columns, texts, strict=True)
    return f"<tr>{_cell(*name, 'row')}{''.join(_cell(*other) for other in others)}</tr>\n"


def _cell(column: Column, text: str, heads: str = "") -> str:
    """One cell, or the head of a row or a column; blanks before the text, which say its level, become room."""
    level = (len(text) - len(text.lstrip(" "))) // 2
    tag, scope = ("th", f' scope="{heads}"') if heads else ("td", "")
    style = f"text-align: {'right' if column.number else 'left'}" + (f"; padding-left: {1 + level}em" if level else "")
    return f'<{tag}{scope} style="{style}">{html(text)}</{tag}>'
