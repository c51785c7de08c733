"""MarkedSheet sheets as JSON and CSV. The keys are a contract."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from cnncalc.core.errors import Diagnostic
from cnncalc.exporters.escaping import csv_text, json_text
from cnncalc.exporters.json import warning_objects
from cnncalc.homework.marking import MarkedSheet, questions_of
from cnncalc.homework.questions import Amount, Mark, Verdict
from cnncalc.homework.targets import spell_amount

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
    last = one.lines()[-1 - len(one.example) :]
    return "\n".join(text for _role, text in last).strip().removeprefix("= ") if one.help else ""


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
