"""Marked sheets as JSON and CSV, whose keys are a contract, and as Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from cnncalc.core.errors import MOST_SHOWN, Diagnostic
from cnncalc.core.translation import _, said
from cnncalc.explain.layer import Table
from cnncalc.exporters.escaping import csv_text, json_text, markdown, prose, table_row
from cnncalc.exporters.json import warning_objects
from cnncalc.exporters.latex import Strong
from cnncalc.exporters.latex_tables import page
from cnncalc.homework.grading import columns_of, questions_of
from cnncalc.homework.marked import MarkedSheet
from cnncalc.homework.questions import SIGNS, Amount, Mark, Verdict, key_of
from cnncalc.homework.targets import spell_amount
from cnncalc.homework.wording import (
    class_legend,
    class_signs,
    remarks,
    score,
    sheet_name,
    sheet_rows,
    sheet_score,
    sheet_title,
    spell_verdict,
)

SCORED = (Verdict.RIGHT, Verdict.WRONG, Verdict.CONVENTION)


def marks_json(marked: MarkedSheet, *, hide: bool = False) -> str:
    """One sheet."""
    return json_text(_sheet(marked, hide)) + "\n"


def class_json(sheets: Sequence[MarkedSheet], *, hide: bool = False) -> str:
    """A list of sheets."""
    return json_text([_sheet(marked, hide) for marked in sheets]) + "\n"


def _sheet(marked: MarkedSheet, hide: bool) -> dict[str, Any]:
    return {
        "name": marked.name,
        "network": marked.network.graph.name if marked.network else None,
        "score": {verdict.value: marked.count(verdict) for verdict in SCORED},
        "points": _number(marked.points),
        "max_points": _number(marked.max_points),
        "answers": [_answer(marked, mark, hide) for mark in marked.marks],
        "claims": [
            {
                "claim": mark.claim,
                "given": mark.given,
                **({} if hide else {"expected": list(mark.right)}),
                "verdict": mark.verdict.value,
                **_points(marked, mark.key, mark.verdict),
                "diagnosis": mark.diagnosis,
            }
            for mark in marked.claims
        ],
        "errors": [
            {
                "code": one.code,
                "place": f"{one.span.source.name!s}:{one.span.line}:{one.span.column}" if one.span else None,
                "message": one.sentence(),
                "help": _help(one),
            }
            for one in marked.problems
        ],
        **({} if hide or not marked.network else {"warnings": warning_objects(marked.network.warnings)}),
    }


def _help(one: Diagnostic) -> str:
    """The remedy of a diagnostic, with its example."""
    return "\n".join((said(one.help, **one.facts), *one.example)) if one.help else ""


def _points(marked: MarkedSheet, key: str, verdict: Verdict) -> dict[str, Any]:
    return {"points": _number(marked.credit(key, verdict)), "max_points": _number(marked.worth(key))}


def _number(points: Fraction) -> int | float:
    return int(points) if points.denominator == 1 else float(points)


def _answer(marked: MarkedSheet, mark: Mark, hide: bool) -> dict[str, Any]:
    return {
        "ask": mark.question.ask,
        "given": mark.answer.text,
        **({} if hide else {"expected": _plain_value(mark.expected)}),
        "verdict": mark.verdict.value,
        **_points(marked, key_of(mark.question), mark.verdict),
        **({"convention": mark.alternative.convention} if mark.alternative and not hide else {}),
        "diagnosis": mark.diagnosis,
        "mistakes": [slip.name for slip in mark.slips],
    }


def _plain_value(value: Amount) -> Any:
    """Integers and lists as they are, a fraction as `1/2`."""
    if isinstance(value, tuple):
        return [_plain_value(one) for one in value]
    return str(value) if isinstance(value, Fraction) and value.denominator != 1 else int(value)


def marks_csv(marked: MarkedSheet, *, hide: bool = False) -> str:
    """One row per answer and claim."""
    head = ("ask", "given", *(() if hide else ("expected",)), "verdict", "diagnosis", "points", "max_points")
    rows: list[Sequence[object]] = [head]
    for mark in marked.marks:
        right = () if hide else (spell_amount(mark.expected).replace(",", "").replace("−", "-"),)
        told = " | ".join(mark.diagnosis)
        points = _points(marked, key_of(mark.question), mark.verdict).values()
        rows.append((mark.question.ask, mark.answer.text, *right, mark.verdict.value, told, *points))
    for claim in marked.claims:
        right = () if hide else (" | ".join(claim.right),)
        points, told = _points(marked, claim.key, claim.verdict).values(), " | ".join(claim.diagnosis)
        rows.append((claim.claim, claim.given, *right, claim.verdict.value, told, *points))
    return csv_text(rows)


def class_csv(sheets: Sequence[MarkedSheet]) -> str:
    """One row per sheet: its score, and a verdict for every question that any sheet answers."""
    asks = questions_of(sheets)
    head = ("file", "network", *(verdict.value for verdict in SCORED), "errors", "points", "max_points")
    rows: list[Sequence[object]] = [(*head, *asks.values())]
    for marked in sheets:
        verdicts = marked.verdicts()
        rows.append(
            (
                sheet_name(marked),
                marked.network.graph.name if marked.network else "",
                *(marked.count(verdict) for verdict in SCORED),
                len(marked.problems),
                _number(marked.points),
                _number(marked.max_points),
                *(verdicts[ask].value if ask in verdicts else "" for ask in asks),
            )
        )
    return csv_text(rows)


def marks_markdown(marked: MarkedSheet, *, hide: bool = False) -> str:
    """The answers of one sheet as a table, and what is to be said about them."""
    parts = [f"# {markdown(sheet_title(marked))}\n", _markdown_table(_marks_table(marked, hide))]
    for title, verdict, lines in remarks(marked):
        parts.append(f"**{SIGNS[verdict]} {markdown(title)}**\n")
        parts.append("".join(f"- {prose(line)}\n" for line in lines))
    return "\n".join((*parts, f"**{score(marked)}**\n"))


def feedback_markdown(marked: MarkedSheet, *, hide: bool = False) -> str:
    """What a student gets back: the sheet with its marks and remarks, and what could not be read."""
    text = f"# {markdown(sheet_name(marked))}\n"
    if marked.network is not None:
        text += f"\n#{marks_markdown(marked, hide=hide)}"
    if not marked.problems:
        return text
    lines = "".join(f"- {_problem(one)}\n" for one in marked.problems[:MOST_SHOWN])
    return f"{text}\n**{_('Could not be read')}**\n\n{lines}"


def _problem(one: Diagnostic) -> str:
    place = said("line {line}", line=one.span.line) if one.span else ""
    said_of_it = said("{quantity}: {result}", quantity=place, result=one.sentence()) if place else one.sentence()
    return prose(said_of_it)


def class_markdown(sheets: Sequence[MarkedSheet]) -> str:
    """One row per sheet, with a sign for every question that any sheet answers."""
    tables = [_markdown_table(table) for table in _class_tables(sheets)]
    legend = "".join(f"{line}\n" for line in _legend(sheets, markdown))
    return "\n".join((*tables, *([legend] if legend else []), f"{class_signs()}\n"))


def marks_latex(marked: MarkedSheet, *, hide: bool = False) -> str:
    """The answers of one sheet as a document."""
    said: list[str] = []
    for title, verdict, lines in remarks(marked):
        said += (Strong(f"{SIGNS[verdict]} {title}"), *lines)
    return page(sheet_title(marked), [_marks_table(marked, hide)], [*said, Strong(score(marked))])


def class_latex(sheets: Sequence[MarkedSheet]) -> str:
    """A class as a document."""
    return page(_("Score"), _class_tables(sheets), [*_legend(sheets, str), class_signs()])


def _legend(sheets: Sequence[MarkedSheet], text: Callable[[str], str]) -> list[str]:
    columns = columns_of(sheets)
    lines = class_legend(columns)
    if len(lines) < len(columns):
        return [text(line) for line in lines]
    return [f"{number}. {text(ask)}" for number, ask in enumerate(lines, start=1)]


def _marks_table(marked: MarkedSheet, hide: bool) -> Table:
    head = (_("Question"), _("Given"), *(() if hide else (_("Right value"),)), _("Verdict"))
    rows = (
        (row.ask, row.given, *(() if hide else (row.right,)), spell_verdict(row.verdict)) for row in sheet_rows(marked)
    )
    return Table(head, tuple(rows), (False, True, *(() if hide else (True,)), False))


QUESTIONS_IN_A_TABLE = 20
"""Most questions that are columns of one table of a class."""


def _class_tables(sheets: Sequence[MarkedSheet]) -> list[Table]:
    columns = columns_of(sheets)
    unreadable = any(marked.problems for marked in sheets)
    tables = []
    for start in range(0, max(1, len(columns)), QUESTIONS_IN_A_TABLE):
        shown = columns[start : start + QUESTIONS_IN_A_TABLE]
        numbers = [str(number) for number in range(start + 1, start + len(shown) + 1)]
        head = (_("File"), _("Score"), *([_("Unreadable")] if unreadable else []), *numbers)
        rows = tuple(
            (
                sheet_name(marked),
                sheet_score(marked),
                *([str(len(marked.problems) or "")] if unreadable else []),
                *(column.signs[place] for column in shown),
            )
            for place, marked in enumerate(sheets)
        )
        tables.append(Table(head, rows, (False, *(True for _title in head[1:]))))
    return tables


def _markdown_table(table: Table) -> str:
    rule = ["---:" if number else "---" for number in table.numbers]
    head, *rows = ([markdown(cell) for cell in row] for row in (table.head, *table.rows))
    return "".join(map(table_row, (head, rule, *rows)))
