"""What is written about a marked sheet, on a screen and in a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cnncalc.core.tensor import spell
from cnncalc.core.translation import _, joined_clauses, said
from cnncalc.homework.diagnosis import right_text
from cnncalc.homework.marking import MarkedSheet
from cnncalc.homework.questions import Mark, Verdict

SIGNS = {Verdict.RIGHT: "✓", Verdict.CONVENTION: "≈", Verdict.WRONG: "✗"}


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
    """How many answers and claims are right, and what the others are."""
    right, other, wrong = (marked.count(one) for one in (Verdict.RIGHT, Verdict.CONVENTION, Verdict.WRONG))
    parts = [said("{right} of {total} right", right=right, total=len(marked.marks) + len(marked.claims))]
    if other:
        parts.append(said("{n} right under another convention", n=other))
    if wrong:
        parts.append(said("{n} wrong", n=wrong))
    if marked.problems:
        parts.append(said("{n} could not be read", n=len(marked.problems)))
    return said("{parts}.", parts=joined_clauses(parts))


def sheet_name(marked: MarkedSheet) -> str:
    """The name of a sheet's file."""
    return Path(marked.name).name


def sheet_score(marked: MarkedSheet, asks: Mapping[tuple[str, str], str]) -> str:
    """Right answers of the questions about the network of a sheet: `7/9`."""
    asked = sum(marked.network is None or network == marked.network.graph.name for network, _ in asks)
    return f"{marked.count(Verdict.RIGHT)}/{asked}"
