"""Marking of a class: every sheet by the same key, and what the class made of each question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import PurePath
from typing import NamedTuple

from cnncalc.core.errors import InputError, Span
from cnncalc.core.os_errors import quotation, system_reason
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.translation import Listed
from cnncalc.homework.forgotten import asks_forgotten
from cnncalc.homework.key import Asked, Key, Rules
from cnncalc.homework.marking import Known, MarkedSheet, mark_sheet, mark_statement, question_of
from cnncalc.homework.questions import SIGNS, Answer, Mark, Verdict, key_of
from cnncalc.homework.reading.sheet import Entry, Networks, Sheet, is_claim, read_file
from cnncalc.homework.reading.submissions import Submissions, labels, place_of_file
from cnncalc.homework.targets import Subject, expected_value

MOST_NAMED = 10
"""Most names of a key that are listed."""


def grade(
    sheet: Sheet, key: Key | None, known: Known, *, place: str | None = None, diagnose: bool = True
) -> MarkedSheet:
    """A sheet, marked by a key if there is one: also the questions that it does not answer.

    `place` is where it lies in its class, by which the key knows whose it is.

    Errors:  not-in-key
    """
    if key is None:
        return mark_sheet(sheet, known=known, diagnose=diagnose)
    rules = key.rules(place_of_file(sheet.name) if place is None else place)
    if rules is None:
        raise _not_in_key(key, sheet.name)
    marked = mark_sheet(sheet, rules=rules, known=known, diagnose=diagnose)
    return marked if marked.network is None else _with_unanswered(marked, known.subject(marked.network), rules)


def grade_all(
    handed_in: Submissions,
    networks: Networks,
    key: Key | None,
    known: Known,
    *,
    diagnose: bool,
) -> list[MarkedSheet]:
    """The sheets of a class, marked."""
    return [
        mark_file(path, networks, place, key=key, known=known, diagnose=diagnose)._replace(label=label)
        for path, place, label in zip(handed_in.sheets, handed_in.places, labels(handed_in.places), strict=True)
    ]


def mark_file(
    path: str,
    networks: Networks,
    place: str = "",
    *,
    key: Key | None = None,
    known: Known,
    diagnose: bool = True,
) -> MarkedSheet:
    """One of many sheets, marked; an error becomes a problem of the sheet, so that the others are marked too."""
    rules = key.rules(place) if key else None
    try:
        return grade(read_file(path, networks), key, known, place=place, diagnose=diagnose)
    except InputError as error:
        return MarkedSheet(path, networks.fixed, (), (), error.diagnostics, rules=rules)
    except (OSError, ValueError) as error:
        unreadable = InputError.of(
            "cannot-mark",
            "{path} cannot be marked: {reason}",
            help="mark it alone to see more: `cnncalc check {path}`",
            path=path,
            reason=system_reason(error) if isinstance(error, OSError) else quotation(str(error)),
        )
        return MarkedSheet(path, networks.fixed, (), (), unreadable.diagnostics, rules=rules)


def _not_in_key(key: Key, path: str) -> InputError:
    return InputError.of(
        "not-in-key",
        "the key {key} has no questions for {path}",
        help=did_you_mean(PurePath(path).stem, key.sheets, "name the file as below `sheets:` of the key: {known}"),
        key=key.path,
        path=path,
        known=Listed([*key.sheets][:MOST_NAMED], ","),
    )


def _with_unanswered(marked: MarkedSheet, subject: Subject, rules: Rules) -> MarkedSheet:
    """The sheet with the questions of the key that it does not answer, in the order of the key."""
    marks, claims = list(marked.marks), list(marked.claims)
    there = {*(key_of(one.question) for one in marks), *(one.key for one in claims), *marked.unread}
    for key, asked in rules.asked.items():
        if key in there:
            continue
        if asked.question is not None:
            nothing = Answer("", ())
            marks.append(Mark(asked.question, nothing, expected_value(asked.question), Verdict.WRONG))
        else:
            claims.append(mark_statement(subject, Entry(asked.ask, "", None, None)))
    places = {key: place for place, key in enumerate(rules.asked)}
    marks.sort(key=lambda one: places.get(key_of(one.question), len(places)))
    claims.sort(key=lambda one: places.get(one.key, len(places)))
    return marked._replace(marks=tuple(marks), claims=tuple(claims))


def asked_by_key(subject: Subject, ask: str, span: Span | None, worth: Fraction) -> tuple[str, Asked]:
    """What identifies a question of a key, and the question.

    Errors:  unknown-layer-name, unknown-quantity, no-such-number, bad-claim
    """
    entry = Entry(ask, "", span, span)
    if asks_forgotten(ask) or is_claim(ask):
        return mark_statement(subject, entry).key, Asked(ask, worth)
    question = question_of(subject, entry, suggest=True)
    return key_of(question), Asked(ask, worth, question)


def questions_of(sheets: Iterable[MarkedSheet]) -> dict[tuple[str, str], str]:
    """The questions of several sheets in order of appearance, each in its first wording.

    The same ask about another network is another question; if there are several networks, the wording names them.
    """
    asks: dict[tuple[str, str], str] = {}
    for marked in sheets:
        if marked.rules is not None and marked.network is not None:  # as the key words them, and in its order
            name = marked.network.graph.name
            asks |= {(name, key): asked.ask for key, asked in marked.rules.asked.items() if (name, key) not in asks}
        for key, ask, _, _ in marked._keyed():
            asks.setdefault(key, ask)
    one = len({network for network, _ in asks}) < 2
    return {key: ask if one else f"{key[0]}: {ask}" for key, ask in asks.items()}


class Column(NamedTuple):
    """A question in the table of a class: the sign of every sheet, and how many are right.

    Where students have questions of their own, it is one place of their sheets, and has no wording.
    """

    ask: str
    signs: tuple[str, ...]
    right: int


def columns_of(sheets: Sequence[MarkedSheet]) -> list[Column]:
    """The columns of the table of a class: one per question, or one per place of the students' own sheets."""
    asks = questions_of(sheets)
    if have_their_own(sheets):
        names = [marked.network.graph.name if marked.network else "" for marked in sheets]
        asked = [marked.rules.asked if marked.rules else {} for marked in sheets]
        rows = [[(name, key) for key in keys] for name, keys in zip(names, asked, strict=True)]
        wordings = [""] * max(map(len, rows))
    else:
        rows, wordings = [[*asks] for _ in sheets], [*asks.values()]
    signs = [_signs(marked, keys, len(wordings)) for marked, keys in zip(sheets, rows, strict=True)]
    return [
        Column(ask, column, column.count(SIGNS[Verdict.RIGHT]))
        for ask, column in zip(wordings, zip(*signs, strict=True), strict=True)
    ]


def _signs(marked: MarkedSheet, keys: Sequence[tuple[str, str]], count: int) -> list[str]:
    """The signs of a sheet for these questions, and blanks up to a count."""
    verdicts = marked.verdicts()
    signs = [SIGNS[verdicts[key]] if key in verdicts else "–" for key in keys]
    return signs + [""] * (count - len(signs))


def have_their_own(sheets: Sequence[MarkedSheet]) -> bool:
    """Whether the students of a class have different questions by the key."""
    asked = [marked.rules.asked for marked in sheets if marked.rules]
    return any(one is not asked[0] for one in asked)
