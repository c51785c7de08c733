"""Marking of answers: right, right under another convention, or wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from cnncalc.analysis.quantities import QUANTITIES
from cnncalc.analysis.report import Report
from cnncalc.core.errors import COMMAND_LINE, InputError
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Phrase, said
from cnncalc.homework.claims import ClaimMark, answer_as_claim, claimed_answer, mark_claim
from cnncalc.homework.consistency import compared
from cnncalc.homework.forgotten import asks_forgotten, mark_forgotten
from cnncalc.homework.key import Rules
from cnncalc.homework.marked import MarkedSheet
from cnncalc.homework.mistakes.search import alternatives, slips
from cnncalc.homework.questions import (
    FIELDS,
    Alternative,
    Amount,
    Answer,
    Mark,
    Question,
    Verdict,
    fits,
    is_cut_off,
    key_of,
)
from cnncalc.homework.reading.numbers import is_in_bytes, meaning_of_comma, read_answer, with_binary_prefix
from cnncalc.homework.reading.sheet import Entry, Sheet
from cnncalc.homework.reading.statements import side
from cnncalc.homework.targets import Subject, expected_value, is_sequence, merge_axes, output_of, spell_amount

__all__ = ["MOST_DIAGNOSED", "Known", "MarkedSheet", "mark", "mark_sheet", "mark_statement", "question_of"]

MOST_DIAGNOSED = 200
"""Wrong answers of a sheet for which mistakes are searched."""

MOST_SUGGESTIONS = 20
"""Unreadable asks of a sheet for which a similar one is suggested."""


class Known:
    """What the sheets of a class share, worked out once: names of layers, and the marks of equal answers."""

    def __init__(self) -> None:
        self._subjects: dict[int, Subject] = {}
        self._marks: dict[tuple[int, str, str, bool], Mark] = {}

    def subject(self, network: Report) -> Subject:
        """The network as what questions are about."""
        found = self._subjects.setdefault(id(network), Subject(network))
        assert found.network is network
        return found

    def mark(self, question: Question, answer: Answer, *, diagnose: bool, tolerance: Fraction) -> Mark:
        """One answer, marked as an equal one was before."""
        key = (id(question.network), key_of(question), answer.text, diagnose)
        if key not in self._marks:
            self._marks[key] = mark(question, answer, diagnose=diagnose, tolerance=tolerance)
        return self._marks[key]._replace(question=question, answer=answer)


def mark_sheet(
    sheet: Sheet, *, diagnose: bool = True, rules: Rules | None = None, known: Known | None = None
) -> MarkedSheet:
    """Every answer and claim of a sheet, marked; `diagnose` searches for the mistakes behind wrong ones."""
    problems = list(sheet.problems)
    if sheet.network is None:
        return MarkedSheet(sheet.name, None, (), (), tuple(problems), rules=rules)
    known = known or Known()
    subject = known.subject(sheet.network)
    tolerance = rules.tolerance if rules else Fraction(0)
    marks: list[Mark] = []
    claims: list[ClaimMark] = []
    unread: list[str] = []
    seen: dict[Any, Entry] = {}
    about_several: list[Entry] = []
    forgotten = [entry for entry in (*sheet.answers, *sheet.claims) if asks_forgotten(entry.ask)]
    answered = [(entry, claimed_answer(subject, entry)) for entry in sheet.claims if entry not in forgotten]
    answers = [entry for entry in sheet.answers if entry not in forgotten]
    entries = (*answers, *(answer for _, answer in answered if answer is not None))
    comma = meaning_of_comma(entry.text or "" for entry in entries if side(entry.ask).quantity in QUANTITIES)
    for entry in entries:
        key = ""
        try:
            question = question_of(subject, entry, suggest=len(problems) < MOST_SUGGESTIONS)
            _check_first_answer(question, entry, seen)
            key = key_of(question)
            answer = read_answer(entry.text or "", question.quantity, entry.span, comma)
        except InputError as error:
            claimed = None if key else answer_as_claim(subject, entry)
            if claimed is not None:
                about_several.append(claimed)
                continue
            problems += error.diagnostics
            if error.diagnostics[0].code != "duplicate-answer":
                unread.append(key)
            continue
        wrong = sum(one.verdict is Verdict.WRONG for one in marks[-MOST_DIAGNOSED - 1 :])
        searched = diagnose and wrong <= MOST_DIAGNOSED
        marks.append(known.mark(question, answer, diagnose=searched, tolerance=tolerance))
    for entry in (*about_several, *(claim for claim, answer in answered if answer is None), *forgotten):
        try:
            claim = mark_statement(subject, entry, suggest=len(problems) < MOST_SUGGESTIONS)
            _check_first(claim.key, entry, seen)
            claims.append(claim)
        except InputError as error:
            problems += error.diagnostics
            if error.diagnostics[0].code != "duplicate-answer":
                unread.append(_key_of_claim(subject, entry))
    return MarkedSheet(
        sheet.name, sheet.network, tuple(compared(marks)), tuple(claims), tuple(problems), tuple(unread), rules=rules
    )


def mark_statement(subject: Subject, entry: Entry, *, suggest: bool = True) -> ClaimMark:
    """A claim, or which option was forgotten, marked.

    Errors:  bad-claim, bad-answer, unknown-layer-name, unknown-quantity, no-such-number
    """
    return mark_forgotten(subject, entry) if asks_forgotten(entry.ask) else mark_claim(subject, entry, suggest=suggest)


def _key_of_claim(subject: Subject, entry: Entry) -> str:
    """What identifies a claim whose answer could not be read; nothing where the claim could not be read either."""
    try:
        return mark_statement(subject, entry._replace(text=""), suggest=False).key
    except InputError:
        return ""


def question_of(subject: Subject, entry: Entry, *, suggest: bool) -> Question:
    """The question that was answered, also if it is in words: `fc6 的参数量`, `the parameters of fc6`.

    Errors:  unknown-layer-name, unknown-quantity, no-such-number
    """
    try:
        return subject.question(entry.ask, entry.ask_span, suggest=suggest)
    except InputError:
        asked = side(entry.ask)
        if not asked.quantity or entry.ask.endswith(f".{asked.quantity}"):
            raise
        return subject.question(f"{asked.layer}.{asked.quantity}", entry.ask_span, suggest=suggest)._replace(
            ask=entry.ask
        )


def _check_first_answer(question: Question, entry: Entry, seen: dict[Any, Entry]) -> None:
    """Check that a question was not answered already, maybe under another name.

    Errors:  duplicate-answer
    """
    _check_first(key_of(question), entry, seen)


def _check_first(key: Any, entry: Entry, seen: dict[Any, Entry]) -> None:
    """Check that something was not answered or claimed already.

    Errors:  duplicate-answer
    """
    first = seen.setdefault(key, entry)
    if first is not entry:
        span = first.ask_span
        line = None if span is None or span.source.name == COMMAND_LINE else span.line
        if first.ask == entry.ask:
            said = Phrase("`{ask}` is answered twice" if line is None else "`{ask}` is answered on line {line} already")
        elif line is None:
            said = Phrase("`{ask}` is answered twice: `{first}`")
        else:
            said = Phrase("`{ask}` is answered on line {line}: `{first}`")
        raise InputError.of(
            "duplicate-answer",
            said,
            entry.ask_span,
            help="keep one of them",
            ask=entry.ask,
            first=first.ask,
            line=line,
        )


def mark(question: Question, answer: Answer, *, diagnose: bool = True, tolerance: Fraction = Fraction(0)) -> Mark:
    """One answer, marked; `tolerance` is what a number may be off, as a part of the right one."""
    expected = expected_value(question)
    if not answer.is_given:
        return Mark(question, answer, expected, Verdict.WRONG)
    if answer.counts:
        return _wrong_mark(question, answer, expected, diagnose=diagnose)
    if _is_right(question, answer, expected) or _is_near(question, answer, expected, tolerance):
        return Mark(question, answer, expected, Verdict.RIGHT)
    alternative = next(_alternatives(question, answer, expected), None)
    if alternative is None:
        return _wrong_mark(question, answer, expected, diagnose=diagnose)
    if alternative.assumed:
        return _wrong_mark(question, answer, expected, diagnose=diagnose)._replace(excuse=alternative)
    return Mark(question, answer, expected, Verdict.CONVENTION, alternative)


def _wrong_mark(question: Question, answer: Answer, expected: Amount, *, diagnose: bool) -> Mark:
    found = slips(question, answer) if diagnose else ()
    return Mark(question, answer, expected, Verdict.WRONG, slips=found, searched=diagnose)


def _is_right(question: Question, answer: Answer, expected: Amount) -> bool:
    if answer.value == ():
        reach = question.row.reach if question.row else None
        return reach is not None and not reach.windowed
    if question.quantity == "output":
        return _is_shape(question, answer)
    if question.quantity in ("params", "buffers") and is_in_bytes(answer):
        return False
    return _agrees(answer, expected, _axes(question)) or _sees_all(question, answer)


def _is_near(question: Question, answer: Answer, expected: Amount, tolerance: Fraction) -> bool:
    """Whether a number is off by no more than the tolerance; bytes are no weights."""
    if isinstance(expected, tuple) or isinstance(answer.value, tuple):
        return False
    in_bytes = question.quantity in ("params", "buffers") and is_in_bytes(answer)
    return not in_bytes and abs(answer.value - expected) <= tolerance * abs(Fraction(expected))


def _sees_all(question: Question, answer: Answer) -> bool:
    """Whether an answer is the window that a unit with a global field would have on an unbounded input."""
    reach = question.row.reach if question.row else None
    if question.quantity != "receptive_field" or reach is None or reach.windowed:
        return False
    return _agrees(answer, merge_axes([axis.size for axis in reach.axes]), len(reach.axes))


def _axes(question: Question) -> int:
    """How many numbers may stand for one that all axes have."""
    reach = question.row.reach if question.row is not None and question.quantity in FIELDS else None
    return len(reach.axes) if reach is not None else 1


def _agrees(answer: Answer, value: Amount, axes: int = 1) -> bool:
    """Whether an answer is a value; one number stands for all axes if they agree."""
    given = answer.value
    if isinstance(given, tuple) and not isinstance(value, tuple):
        return len(given) == axes and set(given) == {value}
    if isinstance(value, tuple) and not isinstance(given, tuple) and len(set(value)) == 1:
        return given == value[0]
    return fits(answer, value)


def _is_shape(question: Question, answer: Answer) -> bool:
    """Whether an answer is the output's shape, with its channels first or last.

    For a vector, or a map of one position, axes of 1 are optional.
    """
    spec = output_of(question)
    flat = len(spec.shape) == 1 or set(spec.spatial) == {1}
    if not isinstance(answer.value, tuple):
        return flat and fits(answer, spec.shape[0] if len(spec.shape) == 1 else spec.channels)
    if flat:
        return [extent for extent in answer.value if extent != 1] == [extent for extent in spec.shape if extent != 1]
    return answer.value in _orders(spec.shape, (spec.channels, *spec.spatial))


def _orders(shape: Shape, channels_first: Shape) -> tuple[Shape, ...]:
    channels, *spatial = channels_first
    return shape, channels_first, (*spatial, channels)


def _alternatives(question: Question, answer: Answer, expected: Amount) -> Iterator[Alternative]:
    """The conventions under which an answer is right."""
    yield from _shape_alternatives(question, answer)
    yield from _unit_alternatives(question, answer, expected)
    yield from _field_alternatives(question, answer)
    if question.quantity in ("params", "buffers") and is_in_bytes(answer):
        return
    if _has_digits_of_decimal(answer, expected):
        return
    prefix = answer.unit.strip()[:1].upper()
    found = alternatives(question)
    exactly = [one for one in found if _agrees(answer, one.value, _axes(question)) or _is_turned(answer, one.value)]
    yield from (one for one in exactly if not one.prefix)
    plain = (
        (expected, expected_value(question._replace(quantity="macs"))) if question.quantity == "flops" else (expected,)
    )
    if not any(is_cut_off(answer, value) for value in plain):
        yield from (_cut_off_alternative(one) for one in found if one.printed and is_cut_off(answer, one.value))
    yield from (one for one in exactly if prefix and one.prefix == prefix)


def _cut_off_alternative(alternative: Alternative) -> Alternative:
    """The same with the last digits of its value cut off, as papers do."""
    words = said(
        "{convention}: {value}, cut off and not rounded",
        convention=alternative.convention,
        value=spell_amount(alternative.value),
    )
    return alternative._replace(convention=words, hint=alternative.hint or alternative.convention)


def _is_turned(answer: Answer, value: Amount) -> bool:
    return isinstance(value, tuple) and len(value) > 1 and answer.value == (*value[1:], value[0])


def _shape_alternatives(question: Question, answer: Answer) -> Iterator[Alternative]:
    """Shapes that are right but for an axis too many or too few."""
    if question.quantity not in ("output", "size"):
        return
    spec = output_of(question)
    if not spec.spatial or is_sequence(question):
        return
    if question.quantity == "size":
        if answer.value in _orders(spec.shape, (spec.channels, *spec.spatial)):
            yield Alternative(said("with the channels"), spec.shape)
        return
    if _agrees(answer, spec.spatial):
        yield Alternative(said("the size of the map, without its channels"), spec.spatial)
    given, orders = answer.value, _orders(spec.shape, (spec.channels, *spec.spatial))
    if isinstance(given, tuple) and given[:1] == (1,) and given[1:] in orders:
        yield Alternative(said("with the batch as first axis"), given)


def _unit_alternatives(question: Question, answer: Answer, expected: Amount) -> Iterator[Alternative]:
    """Bytes for counts, and MB for MiB."""
    if isinstance(expected, tuple):
        return
    binary = with_binary_prefix(answer)
    if question.quantity in ("params", "buffers") and is_in_bytes(answer):
        nbytes = question.network.dtype.nbytes
        for one in (answer, binary):
            if one is not None and fits(one, expected * nbytes):
                convention = said("in bytes, {nbytes} for each", nbytes=nbytes)
                yield Alternative(convention, int(expected) * nbytes)
    elif question.quantity in ("memory", "param_memory") and binary is not None and fits(binary, expected):
        yield Alternative(said("a prefix means a power of 1,024, as KiB, MiB and GiB do"), int(expected))


def _has_digits_of_decimal(answer: Answer, expected: Amount) -> bool:
    """Whether MiB follows the digits of MB, which is likelier than a convention that comes near."""
    found = re.match("([kmgt])i", answer.unit.strip().lower())
    if found is None or isinstance(answer.value, tuple):
        return False
    ratio = Fraction(1000, 1024) ** (1 + "kmgt".index(found[1]))
    return fits(answer._replace(value=answer.value * ratio, step=answer.step * ratio), expected)


def _field_alternatives(question: Question, answer: Answer) -> Iterator[Alternative]:
    """The whole input as the field of a unit that sees it through a gate alone."""
    reach = question.row.reach if question.row else None
    if question.quantity != "receptive_field" or reach is None:
        return
    if (
        reach.global_by
        and reach.windowed
        and (answer.value == () or _agrees(answer, merge_axes(reach.frame), len(reach.frame)))
    ):
        yield Alternative(said("through {layer}, every unit sees the whole input", layer=reach.global_by), reach.frame)
