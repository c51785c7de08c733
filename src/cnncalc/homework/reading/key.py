"""Reading of a key: the network, the questions with their points, and how they are scored."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from collections.abc import Mapping as Map
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TypeVar

from cnncalc.analysis.report import Report
from cnncalc.core.errors import Diagnostic, InputError, Source
from cnncalc.core.translation import Listed, Phrase
from cnncalc.homework.grading import asked_by_key
from cnncalc.homework.key import Asked, Key
from cnncalc.homework.reading.sheet import MOST_ANSWERS, MOST_SHEETS, Networks, network_of
from cnncalc.homework.targets import Subject
from cnncalc.language.description import check_keys
from cnncalc.language.files import file_and_variant, text_of_file
from cnncalc.language.text.document import Mapping, Scalar, Value, parse
from cnncalc.language.text.values import wrong_kind

KEYS = ("network", "input", "set", "tolerance", "conventions", "questions", "sheets")

CREDITS = {"right": Fraction(1), "half": Fraction(1, 2), "wrong": Fraction(0)}
"""The part of a question's points that an answer gets which is right under another convention."""

MOST_POINTS = 1_000
"""Points of one question."""

Result = TypeVar("Result")

_NUMBER = re.compile(r"\d{1,4}(\.\d{1,3})?|\.\d{1,3}")


def read_key(path: str, networks: Networks) -> Key:
    """The key in a file; from then on its network is that of every sheet.

    Errors:  those of the description of its network, unknown-key, missing-option, wrong-kind, bad-points,
    bad-tolerance, bad-conventions, duplicate-question, too-large, and those of questions
    """
    try:
        top = parse(Source(path, text_of_file(path)))
    except InputError as error:
        raise InputError(
            one._replace(help=Phrase("begin with `network: vgg16`, and below `questions:` write `conv1_1.params: 2`"))
            if one.code in ("empty-document", "too-large")
            else one
            for one in error.diagnostics
        ) from None
    if not isinstance(top, Mapping):
        raise wrong_kind(top, "names with values", "begin with `network: vgg16` and `questions:`")
    reader = _Reader(top)
    network = reader.tried(lambda: _network(top, networks))
    reader.tried(lambda: check_keys(top, KEYS, "a key"))
    tolerance = reader.tried(lambda: _tolerance(top.values.get("tolerance")))
    credit = reader.tried(lambda: _credit(top.values.get("conventions")))
    if network is None:
        raise InputError(reader.problems)
    subject = Subject(network)
    asked = reader.questions(subject, top.values.get("questions"))
    sheets = reader.sheets(subject, top.values.get("sheets"))
    if not asked and not sheets and not reader.problems:
        reader.problems += _no_questions(top).diagnostics
    if reader.problems or tolerance is None or credit is None:
        raise InputError(reader.problems)
    networks.fixed = network
    return Key(network, path, _files(path, top), asked, sheets, tolerance, credit)


class _Reader:
    """Reads the parts of a key, and collects what is wrong with each."""

    def __init__(self, top: Mapping) -> None:
        self.top = top
        self.problems: list[Diagnostic] = []
        self.count = 0

    def tried(self, read: Callable[[], Result]) -> Result | None:
        """What was read, or None with its diagnostics kept."""
        try:
            return read()
        except InputError as error:
            self.problems += error.diagnostics
            return None

    def questions(self, subject: Subject, value: Value | None) -> dict[str, Asked]:
        """The questions by what identifies them."""
        if value is None or (isinstance(value, Scalar) and value.value is None):
            return {}
        if isinstance(value, Scalar):
            self.problems += wrong_kind(value, "questions", "write `conv1_1.params: 2`, with the points").diagnostics
            return {}
        entries = (
            [(key, points) for key, points in value.entries()]
            if isinstance(value, Mapping)
            else [(item, None) for item in value.items]
        )
        found: dict[str, Asked] = {}
        for ask, points in entries:
            self.count += 1
            if self.count > MOST_ANSWERS * (MOST_SHEETS if self.top.values.get("sheets") else 1):
                break
            question = self.tried(partial(_question, subject, ask, points))
            if question is None:
                continue
            key, asked = question
            if key in found:
                self.problems += InputError.of(
                    "duplicate-question",
                    "`{ask}` is the same question as `{first}`",
                    ask.span,
                    help="keep one of them",
                    ask=asked.ask,
                    first=found[key].ask,
                ).diagnostics
            found[key] = asked
        return found

    def sheets(self, subject: Subject, value: Value | None) -> dict[str, Map[str, Asked]]:
        """The questions of every student who has their own."""
        if value is None:
            return {}
        if not isinstance(value, Mapping):
            self.problems += wrong_kind(
                value, "names of students' files with questions", "write `anna: {{conv1_1.params: 2}}`"
            ).diagnostics
            return {}
        if "questions" in self.top.values:
            self.problems += InputError.of(
                "key-conflict",
                "a key has `questions` for all, or `sheets` with those of each student",
                self.top.entry_span("sheets"),
                help="leave one of them out",
            ).diagnostics
        return {key.text: self.questions(subject, asked) for key, asked in value.entries()}


def _network(top: Mapping, networks: Networks) -> Report:
    if "network" not in top.keys:
        raise InputError.of(
            "missing-option",
            "the key does not say which network its questions are about",
            top.span,
            help="add `network: vgg16`, or the path of a description",
        )
    return network_of(top, networks)


def _no_questions(top: Mapping) -> InputError:
    return InputError.of(
        "missing-option",
        "the key asks nothing",
        top.entry_span("questions") if "questions" in top.keys else top.span,
        help="below `questions:` write one `conv1_1.params: 2` per line, with the points",
    )


def _question(subject: Subject, ask: Value, points: Value | None) -> tuple[str, Asked]:
    if not isinstance(ask, Scalar):
        raise wrong_kind(ask, "a question", "write `conv1_1.params`")
    return asked_by_key(subject, ask.text, ask.span, _points(points))


def _points(value: Value | None) -> Fraction:
    """The points of a question: 1 unless it says how many."""
    if isinstance(value, Mapping):
        check_keys(value, ("points",), "a question of a key")
        value = value.values.get("points")
    if value is None or (isinstance(value, Scalar) and value.value is None):
        return Fraction(1)
    if isinstance(value, Scalar) and _NUMBER.fullmatch(value.text) and Fraction(value.text) <= MOST_POINTS:
        return Fraction(value.text)
    raise InputError.of(
        "bad-points",
        "a question is worth from 0 to {most:,} points",
        value.span,
        help="write `2`, `0.5` or `{{points: 2}}`",
        most=MOST_POINTS,
    )


def _tolerance(value: Value | None) -> Fraction:
    """The tolerance as a part of the right value: `0.01` or `1%`."""
    if value is None:
        return Fraction(0)
    text = value.text.strip() if isinstance(value, Scalar) else ""
    number = text.removesuffix("%").strip()
    if _NUMBER.fullmatch(number):
        part = Fraction(number) / (100 if text.endswith("%") else 1)
        if part < 1:
            return part
    raise InputError.of(
        "bad-tolerance",
        "a tolerance is a part of the right value, less than 1",
        value.span,
        help="write `0.01`, or `1%`",
    )


def _credit(value: Value | None) -> Fraction:
    """What an answer gets that is right under another convention: all the points, unless the key says less."""
    if value is None:
        return CREDITS["right"]
    text = value.text.strip().lower() if isinstance(value, Scalar) else ""
    if text not in CREDITS:
        raise InputError.of(
            "bad-conventions",
            "an answer that is right under another convention counts as {known}",
            value.span,
            help="write `conventions: half`, for half of the points",
            known=Listed(CREDITS, "or"),
        )
    return CREDITS[text]


def _files(path: str, top: Mapping) -> frozenset[str]:
    """The files that are no student's: the key, and the description that it names."""
    named = top.values.get("network")
    described = file_and_variant(named.text.strip())[0] if isinstance(named, Scalar) else ""
    return frozenset({os.path.realpath(path), os.path.realpath(Path(path).parent / described)})
