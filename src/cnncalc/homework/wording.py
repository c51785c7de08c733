"""What is written about a marked sheet, on a screen and in a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from cnncalc.core.tensor import spell
from cnncalc.core.translation import _, joined_clauses, running_text, said
from cnncalc.homework.diagnosis import right_text
from cnncalc.homework.grading import Column
from cnncalc.homework.key import spell_points
from cnncalc.homework.marked import MarkedSheet
from cnncalc.homework.questions import SIGNS, Mark, Verdict, key_of


class Row(NamedTuple):
    """An answer or a claim: the question, what was given, the right value and the verdict."""

    ask: str
    given: str
    right: str
    verdict: Verdict


def sheet_title(marked: MarkedSheet) -> str:
    """The network of a sheet with its input; empty where there is none."""
    if marked.network is None:
        return ""
    graph = marked.network.graph
    inputs = ", ".join(map(spell, graph.inputs.values()))
    return said("{network} · input {inputs}", network=graph.metadata.title or graph.name, inputs=inputs)


def sheet_rows(marked: MarkedSheet) -> list[Row]:
    """The answers of a sheet, then its claims."""
    answers = [
        Row(one.question.ask, with_minus_sign(one.answer.text) or "–", right_text(one), one.verdict)
        for one in marked.marks
    ]
    return answers + [
        Row(one.claim, with_minus_sign(one.given), _first_name(one.names), one.verdict) for one in marked.claims
    ]


def _first_name(names: Sequence[str]) -> str:
    """The first of several right answers, and the number of others."""
    return names[0] if len(names) == 1 else said("{name}, or {n} more", name=names[0], n=len(names) - 1)


def with_minus_sign(text: str) -> str:
    """A given answer, with the minus sign that sums have."""
    return re.sub(r"^-(?=[\d.])", "−", text)


def spell_verdict(verdict: Verdict) -> str:
    """A verdict with its sign."""
    words = {Verdict.RIGHT: _("right"), Verdict.CONVENTION: _("other convention"), Verdict.WRONG: _("wrong")}
    return f"{SIGNS[verdict]} {words[verdict]}"


def remarks(marked: MarkedSheet) -> Iterator[tuple[str, Verdict, tuple[str, ...]]]:
    """Of every answer and claim that has a diagnosis: its title, its verdict and the lines of the diagnosis."""
    for mark in marked.marks:
        if mark.diagnosis:
            yield _title(mark), mark.verdict, mark.diagnosis
    for claim in marked.claims:
        if claim.diagnosis:
            yield claim.claim, claim.verdict, claim.diagnosis


def _title(mark: Mark) -> str:
    """The question, with the path of its layer if it names the layer otherwise."""
    row, ask = mark.question.row, mark.question.ask
    title = ask if row is None or ask.startswith(f"{row.path}.") else f"{ask} ({row.path}, {row.type})"
    return f"{title}: {with_minus_sign(mark.answer.text)}" if mark.answer.text else title


def is_all_right(marked: MarkedSheet) -> bool:
    """Whether every answer and claim could be read and is right."""
    return not marked.problems and marked.count(Verdict.RIGHT) == len(marked.marks) + len(marked.claims)


def score(marked: MarkedSheet) -> str:
    """How many answers and claims are right, what the others are, and the points of a key."""
    right, other, wrong = (marked.count(one) for one in (Verdict.RIGHT, Verdict.CONVENTION, Verdict.WRONG))
    parts = [said("{right} of {total} right", right=right, total=len(marked.marks) + len(marked.claims))]
    if other:
        parts.append(said("{n} right under another convention", n=other))
    if wrong:
        parts.append(said("{n} wrong", n=wrong))
    if marked.problems:
        parts.append(said("{n} could not be read", n=len(marked.problems)))
    sentences = [said("{parts}.", parts=joined_clauses(parts))]
    if marked.rules is not None:
        points, most = spell_points(marked.points), spell_points(marked.max_points)
        sentences.append(said("{points} of {most} points.", points=points, most=most))
        keys = [*(key_of(one.question) for one in marked.marks), *(one.key for one in marked.claims)]
        if extra := sum(key not in marked.rules.asked for key in keys):
            sentences.append(
                said("1 answer was not asked for, and is not scored.")
                if extra == 1
                else said("{n} answers were not asked for, and are not scored.", n=extra)
            )
    return running_text(sentences)


def sheet_name(marked: MarkedSheet) -> str:
    """The name of a sheet in its class: that of its file."""
    return marked.label or Path(marked.name).name


def sheet_score(marked: MarkedSheet) -> str:
    """The points of a sheet: `7/9`; a dash where nothing could be read."""
    most = marked.max_points
    return f"{spell_points(marked.points)}/{spell_points(most)}" if most else "–"


def class_signs() -> str:
    """What the signs in the marks of a class mean."""
    return _("✓ right, ≈ right under another convention, ✗ wrong, – not answered or not readable.")


def class_legend(columns: Sequence[Column]) -> list[str]:
    """What the numbers above the columns of a class stand for."""
    if columns and not any(column.ask for column in columns):
        return [_("The numbers are those of the questions on each student's own sheet.")]
    return [column.ask for column in columns]
