"""The text for a mark: the mistake, the equation that leads to it and the right one; or only a hint."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction

from cnncalc.core.notation import CUT, TEXT
from cnncalc.core.term import Term
from cnncalc.core.translation import _, said
from cnncalc.explain.layer import EXPLAINED_WITH, Equation, explain
from cnncalc.homework.claims import ClaimMark
from cnncalc.homework.mistakes.base import Case
from cnncalc.homework.mistakes.fields import field_equation
from cnncalc.homework.questions import Mark, Question, Slip, Verdict, is_coarse, is_cut_off
from cnncalc.homework.targets import expected_value, output_of, spell_amount

MOST_LINES = 24
"""Most lines of the right sum; of a longer one, those in the middle are left out, with a mark."""

_PREFIXED = re.compile(r"(\d[\d,]*(?:\.\d+)?) ?([kKMGT])\b")


def right_text(mark: Mark) -> str:
    """The right value of a mark as text."""
    reach = mark.question.row.reach if mark.question.row is not None else None
    if mark.question.quantity == "receptive_field" and reach is not None and not reach.windowed:
        return said("all: {value}", value=spell_amount(mark.expected))
    return spell_amount(mark.expected)


def diagnosis(mark: Mark, *, hide: bool = False) -> list[str]:
    """Sentences about an answer; with `hide`, none that reveals the right value."""
    if mark.verdict is Verdict.RIGHT:
        return []
    if mark.alternative is not None:
        named = (mark.alternative.hint if hide else "") or mark.alternative.convention
        convention = said("Right under another convention: {convention}.", convention=named)
        if hide:
            return [_("Right under another convention.") if reveals(convention, mark) else convention]
        cut_off = is_cut_off(mark.answer, mark.expected)
        return [convention, *([_("It may also be the right value, cut off and not rounded.")] if cut_off else [])]
    lines = list(_slip_lines(mark.slips[:2], hide=hide)) if mark.answer.text else [_("Nothing was answered.")]
    if mark.searched and not mark.slips:
        lines.append(
            _("One digit is too little to tell which mistake it is.")
            if is_coarse(mark.answer)
            else _("No mistake that is known gives this answer.")
        )
    if not hide:
        first, *rest = right_sums(mark.question) or [right_text(mark)]
        chain = (
            field_equation(Case(mark.question, mark.answer)) if mark.question.quantity == "receptive_field" else None
        )
        if chain is not None:
            rest.append(" = ".join(chain.sides(TEXT)))
        return [*lines, said("Right: {sum}", sum=first), *rest]
    shown = [line for line in lines if not reveals(line, mark)]
    formulas = [line for line in _hints(mark.question) if not reveals(line, mark)]
    helped = formulas or (shown and mark.slips)
    return [*shown, *formulas, *([] if helped else [_("Work it out once more, step by step.")])]


def _slip_lines(slips: Sequence[Slip], *, hide: bool) -> Iterable[str]:
    """The mistakes with the equations that lead there, or as hints; no line twice."""
    if hide:
        return dict.fromkeys(slip.hint or slip.sentence for slip in slips)
    lines = (
        line
        for slip in slips
        for line in (slip.sentence, *([" = ".join(slip.equation.sides(TEXT))] if slip.equation else []))
    )
    return dict.fromkeys(lines)


def claim_diagnosis(mark: ClaimMark, *, hide: bool = False) -> list[str]:
    """Sentences about a claim; with `hide`, none that reveals the right answer."""
    if mark.verdict is Verdict.RIGHT:
        return []
    lines = [] if mark.given or mark.sums else [_("Nothing was answered.")]
    if hide:
        return lines or [_("Compare the sums of both once more.")]
    return [*lines, *mark.sums]


def reveals(text: str, mark: Mark) -> bool:
    """Whether a text contains the right value, even rounded, or an extent of it that was not given.

    For a total, the difference from the answer reveals it too.
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
    """The equations that give the right value, one per line: formula, numbers, result."""
    if question.row is None:
        return _sum_by_type(question)
    lines = [" = ".join(line.sides(TEXT)) for line in _equations(question)]
    if len(lines) <= MOST_LINES:
        return lines
    return [*lines[: MOST_LINES // 2], CUT, *lines[-MOST_LINES // 2 :]]


def _hints(question: Question) -> list[str]:
    """The formulas without numbers."""
    hints = []
    for line in _equations(question) if question.row is not None else ():
        symbol, term = TEXT.symbol(line.symbol), line.expression
        if isinstance(term, Term) and term.formula(TEXT, line.names) != symbol:
            hints.append(f"{symbol} = {term.formula(TEXT, line.names)}")
    return hints


def _equations(question: Question) -> list[Equation]:
    """The equations of an explanation that belong to the question."""
    report = question.network
    assert question.row is not None
    wanted = EXPLAINED_WITH.get(question.quantity, question.quantity)
    lines = list(explain(report, question.row.path, [wanted])[0].equations)
    match question.quantity:
        case "channels" | "size":
            place = question.row.output.shape.index(output_of(question).channels) if len(lines) > 1 else 0
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


def _sum_by_type(question: Question) -> list[str]:
    """A total as the sum over the types of layers."""
    report = question.network
    if question.quantity in ("output", "size", "channels"):
        return []
    amounts: Counter[str] = Counter()
    for row in report.rows:
        value = expected_value(question._replace(row=row))
        assert isinstance(value, int)
        amounts[row.type] += value
    parts = [(f"{amount:,}", kind) for kind, amount in amounts.most_common() if amount]
    if len(parts) < 2:
        return []
    return [f"{' + '.join(f'{amount} ({kind})' for amount, kind in parts)} = {spell_amount(expected_value(question))}"]
