"""What the answers of a sheet tell of one another: a convention that they share, and a total of wrong numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from cnncalc.core.rewriting import total
from cnncalc.core.term import Term
from cnncalc.core.translation import said
from cnncalc.explain.layer import Equation
from cnncalc.homework.mistakes.search import MOST_SHOWN, alternatives
from cnncalc.homework.questions import Mark, Slip, Verdict, fits
from cnncalc.homework.targets import expected_value

ADDED_UP = ("params", "param_memory", "macs", "flops", "memory", "buffers")
"""Quantities of which a network has the sum over its layers."""

MOST_SUMMANDS = 8
"""Most layers whose numbers are written as a sum."""


def compared(marks: Sequence[Mark]) -> Iterator[Mark]:
    """The marks of a sheet after a look at one another."""
    for mark in _excused(marks):
        yield _with_sum_of_answers(mark, marks) if _may_be_sum(mark) else mark


def _excused(marks: Sequence[Mark]) -> Iterator[Mark]:
    """Marks of which those with an excuse are right under its convention, if the other answers agree with it.

    One of them at least agrees, and none that would have another value under it.
    """
    excuses = {mark.excuse.convention for mark in marks if mark.excuse is not None}
    agreeing: Counter[str] = Counter()
    for mark in marks if excuses else ():
        for one in alternatives(mark.question):
            if one.convention in excuses:
                supposed = mark.excuse or mark.alternative
                agreeing[one.convention] += 1 if supposed and supposed.convention == one.convention else -len(marks)
    for mark in marks:
        if mark.excuse is not None and agreeing[mark.excuse.convention] > 1:
            mark = mark._replace(verdict=Verdict.CONVENTION, alternative=mark.excuse, slips=(), searched=False)
        yield mark


def _may_be_sum(mark: Mark) -> bool:
    """Whether an answer is a wrong total of a whole network."""
    return mark.searched and mark.question.row is None and mark.question.quantity in ADDED_UP


def _with_sum_of_answers(mark: Mark, marks: Sequence[Mark]) -> Mark:
    """A wrong total that is the sum of the answers about the layers, some of which are wrong, called so."""
    network, quantity = mark.question.network, mark.question.quantity
    given = {
        one.question.row.path: one.answer.value
        for one in marks
        if one.question.row is not None and one.question.network is network and one.question.quantity == quantity
    }
    numbers = {row.path: given.get(row.path, expected_value(mark.question._replace(row=row))) for row in network.rows}
    wrong = [row.path for row in network.rows if numbers[row.path] != expected_value(mark.question._replace(row=row))]
    parts = {path: int(number) for path, number in numbers.items() if not isinstance(number, tuple) and number}
    value = sum(parts.values())
    if not wrong or value == mark.expected or not fits(mark.answer, value):
        return mark
    sentence = said("That is the sum of the answers about the layers; the one about {path} is wrong.", path=wrong[0])
    if len(wrong) > 1:
        sentence = said("That is the sum of the answers about the layers, {n} of which are wrong.", n=len(wrong))
    named = total([Term.symbol(path, number) for path, number in parts.items()])
    slip = Slip(
        "sum_of_answers",
        mark.answer.value,
        sentence,
        Equation(quantity, named) if len(parts) <= MOST_SUMMANDS else None,
    )
    return mark._replace(slips=(slip, *mark.slips)[:MOST_SHOWN])
