"""Marked sheets as JSON and CSV, whose keys are a contract, and as Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from cnncalc.core.errors import Diagnostic
from cnncalc.core.translation import _, said
from cnncalc.explain.layer import Table
from cnncalc.exporters.escaping import csv_text, json_text, markdown, prose, table_row
from cnncalc.exporters.json import warning_objects
from cnncalc.exporters.latex import Strong
from cnncalc.exporters.latex_tables import page
from cnncalc.homework.marking import MarkedSheet, questions_of
from cnncalc.homework.questions import Amount, Mark, Verdict
from cnncalc.homework.targets import spell_amount
from cnncalc.homework.wording import (
    SIGNS,
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
        "answers": [_answer(mark, hide) for mark in marked.marks],
        "claims": [
            {
                "claim": mark.claim,
                "given": mark.given,
                **({} if hide else {"expected": list(mark.right)}),
                "verdict": mark.verdict.value,
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


def _answer(mark: Mark, hide: bool) -> dict[str, Any]:
    return {
        "ask": mark.question.ask,
        "given": mark.answer.text,
        **({} if hide else {"expected": _plain_value(mark.expected)}),
        "verdict": mark.verdict.value,
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
    rows: list[Sequence[object]] = [("ask", "given", *(() if hide else ("expected",)), "verdict", "diagnosis")]
    for mark in marked.marks:
        right = () if hide else (spell_amount(mark.expected).replace(",", "").replace("−", "-"),)
        said = " | ".join(mark.diagnosis)
        rows.append((mark.question.ask, mark.answer.text, *right, mark.verdict.value, said))
    for claim in marked.claims:
        right = () if hide else (" | ".join(claim.right),)
        rows.append((claim.claim, claim.given, *right, claim.verdict.value, " | ".join(claim.diagnosis)))
    return csv_text(rows)


def class_csv(sheets: Sequence[MarkedSheet]) -> str:
    """One row per sheet: its score, and a verdict for every question that any sheet answers."""
    asks = questions_of(sheets)
    head = ("file", "network", *(verdict.value for verdict in SCORED), "errors")
    rows: list[Sequence[object]] = [(*head, *asks.values())]
    for marked in sheets:
        verdicts = marked.verdicts()
        rows.append(
            (
                Path(marked.name).name,
                marked.network.graph.name if marked.network else "",
                *(marked.count(verdict) for verdict in SCORED),
                len(marked.problems),
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


def class_markdown(sheets: Sequence[MarkedSheet]) -> str:
    """One row per sheet, with a sign for every question that any sheet answers."""
    asks = questions_of(sheets)
    tables = [_markdown_table(table) for table in _class_tables(sheets)]
    legend = "".join(f"{number}. {markdown(ask)}\n" for number, ask in enumerate(asks.values(), start=1))
    return "\n".join((*tables, *([legend] if asks else []), f"{_class_signs()}\n"))


def marks_latex(marked: MarkedSheet, *, hide: bool = False) -> str:
    """The answers of one sheet as a document."""
    said: list[str] = []
    for title, verdict, lines in remarks(marked):
        said += (Strong(f"{SIGNS[verdict]} {title}"), *lines)
    return page(sheet_title(marked), [_marks_table(marked, hide)], [*said, Strong(score(marked))])


def class_latex(sheets: Sequence[MarkedSheet]) -> str:
    """A class as a document."""
    asks = questions_of(sheets)
    legend = [f"{number}. {ask}" for number, ask in enumerate(asks.values(), start=1)]
    return page(_("Score"), _class_tables(sheets), [*legend, _class_signs()])


def _marks_table(marked: MarkedSheet, hide: bool) -> Table:
    head = (_("Question"), _("Given"), *(() if hide else (_("Right value"),)), _("Verdict"))
    rows = (
        (row.ask, row.given, *(() if hide else (row.right,)), spell_verdict(row.verdict)) for row in sheet_rows(marked)
    )
    return Table(head, tuple(rows), (False, True, *(() if hide else (True,)), False))


QUESTIONS_IN_A_TABLE = 20
"""Most questions that are columns of one table of a class."""


def _class_tables(sheets: Sequence[MarkedSheet]) -> list[Table]:
    asks = questions_of(sheets)
    keys, verdicts = list(asks), [marked.verdicts() for marked in sheets]
    unreadable = any(marked.problems for marked in sheets)
    tables = []
    for start in range(0, max(1, len(keys)), QUESTIONS_IN_A_TABLE):
        shown = keys[start : start + QUESTIONS_IN_A_TABLE]
        numbers = [str(number) for number in range(start + 1, start + len(shown) + 1)]
        head = (_("File"), _("Score"), *([_("Unreadable")] if unreadable else []), *numbers)
        rows = tuple(
            (
                sheet_name(marked),
                sheet_score(marked, asks),
                *([str(len(marked.problems) or "")] if unreadable else []),
                *(SIGNS[own[key]] if key in own else "–" for key in shown),
            )
            for marked, own in zip(sheets, verdicts, strict=True)
        )
        tables.append(Table(head, rows, (False, *(True for _title in head[1:]))))
    return tables


def _class_signs() -> str:
    return _("✓ right, ≈ right under another convention, ✗ wrong, – not answered or not readable.")


def _markdown_table(table: Table) -> str:
    rule = ["---:" if number else "---" for number in table.numbers]
    head, *rows = ([markdown(cell) for cell in row] for row in (table.head, *table.rows))
    return "".join(map(table_row, (head, rule, *rows)))
