"""What is said about a mark: the mistake, the sum that leads to it, and the sum that is right; or only a hint."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction

from cnncalc.core.notation import TEXT
from cnncalc.core.term import Term
from cnncalc.core.translation import _, said
from cnncalc.explain.layer import Equation, explain
from cnncalc.homework.claims import ClaimMark
from cnncalc.homework.mistakes.case import Case
from cnncalc.homework.mistakes.fields import whole_field
from cnncalc.homework.questions import Mark, Question, Slip, Verdict, is_coarse, is_cut_off
from cnncalc.homework.targets import exact, made, spelled

EXPLAINED = {
    "size": "output",
    "channels": "output",
    "param_memory": "params",
    "jump": "receptive_field",
    "start": "receptive_field",
}
"""Quantities that are explained as part of another."""

MOST_LINES = 8
"""Lines of the right sum."""

_PREFIXED = re.compile(r"(\d[\d,]*(?:\.\d+)?) ?([kKMGT])\b")


def right_value(mark: Mark) -> str:
    """The right value of a mark as it is shown."""
    reach = mark.question.row.reach if mark.question.row is not None else None
    if mark.question.quantity == "receptive_field" and reach is not None and not reach.windowed:
        return said("all: {value}", value=spelled(mark.expected))
    return spelled(mark.expected)


def diagnosis(mark: Mark, *, hide: bool = False) -> list[str]:
    """What there is to say about an answer; without the right value, also in sums, where it is to stay hidden."""
    if mark.verdict is Verdict.RIGHT:
        return []
    if mark.reading is not None:
        named = (mark.reading.hint if hide else "") or mark.reading.convention
        convention = said("Right under another convention: {convention}.", convention=named)
        if hide:
            return [_("Right under another convention.") if reveals(convention, mark) else convention]
        cut_off = is_cut_off(mark.answer, mark.expected)
        return [convention, *([_("It may also be the right value, cut off and not rounded.")] if cut_off else [])]
    lines = list(_of_slips(mark.slips[:2], hide=hide)) if mark.answer.text else [_("Nothing was answered.")]
    if mark.searched and not mark.slips:
        lines.append(
            _("One digit is too little to tell which mistake it is.")
            if is_coarse(mark.answer)
            else _("No mistake that is known gives this answer.")
        )
    if not hide:
        first, *rest = right_sums(mark.question) or [right_value(mark)]
        chain = whole_field(Case(mark.question, mark.answer)) if mark.question.quantity == "receptive_field" else None
        if chain is not None:
            rest.append(" = ".join(chain.sides(TEXT)))
        return [*lines, said("Right: {sum}", sum=first), *rest]
    shown = [line for line in lines if not reveals(line, mark)]
    formulas = [line for line in _hints(mark.question) if not reveals(line, mark)]
    helped = formulas or (shown and mark.slips)
    return [*shown, *formulas, *([] if helped else [_("Work it out once more, step by step.")])]


def _of_slips(slips: Sequence[Slip], *, hide: bool) -> Iterable[str]:
    """The mistakes with the sums that lead there, or as hints; what two of them have in common is said once."""
    if hide:
        return dict.fromkeys(slip.hint or slip.sentence for slip in slips)
    said_twice = (
        line for slip in slips for line in (slip.sentence, *([" = ".join(slip.line.sides(TEXT))] if slip.line else []))
    )
    return dict.fromkeys(said_twice)


def of_claim(mark: ClaimMark, *, hide: bool = False) -> list[str]:
    """What there is to say about a claim."""
    if mark.verdict is Verdict.RIGHT:
        return []
    lines = [] if mark.given or mark.sums else [_("Nothing was answered.")]
    if hide:
        return lines or [_("Compare the sums of both once more.")]
    return [*lines, *mark.sums]


def reveals(text: str, mark: Mark) -> bool:
    """Whether a text holds the right value, also rounded, or an extent of it that was not given.

    Of a total, what is missing or too much tells as well.
    """
    right, given = mark.expected, mark.answer.value
    exact_ones = {int(digits.replace(",", "")) for digits in re.findall(r"\d[\d,]*", text)}
    if isinstance(right, tuple):
        known = given if isinstance(given, tuple) else (given,)
        return any(abs(one) in exact_ones for one in right if one != 1 and one not in known)
    tellers = {abs(right)}
    if mark.question.row is None:
        tellers |= {abs(right - slip.value) for slip in mark.slips if not isinstance(slip.value, tuple)}
    rounded = {
        Fraction(digits.replace(",", "")) * 1000 ** (1 + "KMGT".index(prefix.upper()))
        for digits, prefix in _PREFIXED.findall(text)
    }
    return not tellers.isdisjoint(exact_ones) or any(
        abs(one - right) * 200 <= abs(right) for one in rounded if one != given
    )


def right_sums(question: Question) -> list[str]:
    """The sum that gives the right value, line by line: formula, numbers, result."""
    if question.row is None:
        return _by_type(question)
    return [" = ".join(line.sides(TEXT)) for line in _lines(question)][-MOST_LINES:]


def _hints(question: Question) -> list[str]:
    """The formulas without their numbers."""
    hints = []
    for line in _lines(question) if question.row is not None else ():
        symbol, term = TEXT.symbol(line.symbol), line.expression
        if isinstance(term, Term) and term.formula(TEXT, line.names) != symbol:
            hints.append(f"{symbol} = {term.formula(TEXT, line.names)}")
    return hints


def _lines(question: Question) -> list[Equation]:
    """The lines of an explanation that belong to the question."""
    report = question.network
    assert question.row is not None
    wanted = EXPLAINED.get(question.quantity, question.quantity)
    lines = list(explain(report, question.row.path, [wanted])[0].equations)
    match question.quantity:
        case "channels" | "size":
            place = question.row.output.shape.index(made(question).channels) if len(lines) > 1 else 0
            place = len(lines) - 1 if question.row.output.channels_last else place
            return [line for number, line in enumerate(lines) if (number == place) is (question.quantity == "channels")]
        case "jump" | "start":
            return [line for line in lines if line.symbol.startswith(question.quantity[0])]
        case "receptive_field":
            return [line for line in lines if line.symbol[0] in "wr"]
        case "param_memory":
            count = Term.symbol("params", question.row.params)
            return [*lines, Equation("bytes", count * Term.symbol("bytes", report.dtype.nbytes))]
    return lines


def _by_type(question: Question) -> list[str]:
    """A total as the sum over the types of layers."""
    report = question.network
    if question.quantity in ("output", "size", "channels"):
        return []
    amounts: Counter[str] = Counter()
    for row in report.rows:
        value = exact(question._replace(row=row))
        assert isinstance(value, int)
        amounts[row.type] += value
    parts = [(f"{amount:,}", kind) for kind, amount in amounts.most_common() if amount]
    if len(parts) < 2:
        return []
    return [f"{' + '.join(f'{amount} ({kind})' for amount, kind in parts)} = {spelled(exact(question))}"]
