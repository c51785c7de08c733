"""The key of a class: which questions are scored, what each is worth, and what counts as right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import PurePath
from typing import NamedTuple

from cnncalc.analysis.report import Report
from cnncalc.homework.questions import Question, Verdict


class Asked(NamedTuple):
    """A question of a key, in the key's wording; `question` is None where a claim or a diagnosis is asked for."""

    ask: str
    worth: Fraction
    question: Question | None = None


class Rules(NamedTuple):
    """How one sheet is scored: its questions by what identifies them, and what an answer may be off or otherwise."""

    asked: Mapping[str, Asked]
    tolerance: Fraction = Fraction(0)
    convention_credit: Fraction = Fraction(1)

    def credit(self, key: str, verdict: Verdict) -> Fraction:
        """The points that an answer to this question gets; none for what was not asked."""
        parts = {Verdict.RIGHT: Fraction(1), Verdict.CONVENTION: self.convention_credit, Verdict.WRONG: Fraction(0)}
        return self.worth(key) * parts[verdict]

    def worth(self, key: str) -> Fraction:
        """The points that this question is worth."""
        return self.asked[key].worth if key in self.asked else Fraction(0)


class Key(NamedTuple):
    """The key of a class; `sheets` are the questions of students who have their own, by the name of their file."""

    network: Report
    path: str
    files: frozenset[str]  # the real paths of what is no student's: the key, and the description that it names
    asked: Mapping[str, Asked]
    sheets: Mapping[str, Mapping[str, Asked]]
    tolerance: Fraction
    convention_credit: Fraction

    def rules(self, place: str) -> Rules | None:
        """How the sheet at this place of its class is scored; None where the key has no questions for it.

        Where students have their own questions, the file or a folder on its path has the name that the key says.
        """
        asked = self.sheets.get(self._name(place)) if self.sheets else self.asked
        return None if asked is None else Rules(asked, self.tolerance, self.convention_credit)

    def absent(self, places: Iterable[str]) -> list[str]:
        """The students with questions of their own of whom there is no sheet."""
        there = {self._name(place) for place in places}
        return [name for name in self.sheets if name not in there]

    def _name(self, place: str) -> str:
        """The name below `sheets` that a file has, or a folder on its path; empty where there is none."""
        file = PurePath(place)
        names = (file.stem, file.name, *reversed(file.parts[:-1]))
        return next((name for name in names if name in self.sheets), "")


def spell_points(points: Fraction) -> str:
    """Points in digits: 7, 7.5 or 0.333."""
    return str(int(points)) if points.denominator == 1 else f"{float(points):.3f}".rstrip("0")
