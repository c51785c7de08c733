"""Published variants of a built-in network, which give the same question another answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from cnncalc.analysis.infer import analyze
from cnncalc.analysis.report import Report
from cnncalc.core.errors import InputError
from cnncalc.core.tensor import Shape
from cnncalc.homework.questions import Amount, Question
from cnncalc.homework.readings.otherwise import without_groups
from cnncalc.homework.recount import asked_of, namesake, with_options
from cnncalc.homework.targets import exact
from cnncalc.language.assembly import WHOLE
from cnncalc.language.collection import document, folder
from cnncalc.language.description import metadata_of, opened
from cnncalc.language.load import load
from cnncalc.language.text.document import Mapping as Written


@cache
def published(name: str) -> tuple[tuple[str, str], ...]:
    """Built-in networks that go by the same name in their titles, and how they are called.

    A title is cut where it says which it is: `AlexNet (one tower)`, `LeNet-5 as published`. One that gives a number,
    `ShuffleNet 1× (g = 3)`, is another network.
    """
    family = re.match("[a-z]+", name)
    if family is None:
        return ()
    found = [pair for path in sorted(folder().glob(f"{family[0]}*.yaml")) for pair in _titles(path)]
    own = next((_base(title) for known, title in found if known == name), "")
    return tuple((known, title) for known, title in found if own and _base(title) == own)


def _base(title: str) -> str:
    return "" if "=" in title else re.split(r" \(| as | with | for ", title)[0]


def _titles(path: Path) -> list[tuple[str, str]]:
    family = document(path)
    variants = family.values.get("variants") if isinstance(family, Written) else None
    names: Sequence[str] = list(variants.keys) if isinstance(variants, Written) else [path.stem]
    return [(name, metadata_of(*opened(family, name)).title) for name in names]


@cache
def _built_in(name: str) -> Report | None:
    try:
        graph = load(name)
        return analyze(graph)
    except InputError:
        return None


def counterparts(question: Question) -> Iterator[tuple[str, Question]]:
    """The same question about the published variants of a built-in network, by their names."""
    for name, _title, other in _others(question):
        there = _counterpart(other, question)
        if there is not None:
            yield name, there


def of_published(question: Question, *, whole: bool = False) -> Iterator[tuple[str, str, Amount]]:
    """What is asked, in the published variants of a built-in network: their names, titles and values.

    The same of those with convolutions in two groups, had they none, where these are meant to be `whole`.
    """
    for name, title, other in _others(question, whole=whole):
        there = _counterpart(other, question)
        if there is not None:
            yield name, title, exact(there)


def _others(question: Question, *, whole: bool = False) -> Iterator[tuple[str, str, Report]]:
    """The published variants of a built-in network that can be compared with it."""
    network = question.network
    if question.row is None and question.ask.rpartition(".")[0].strip().lower() not in ("", WHOLE):
        return  # a group of layers
    for name, title in published(network.graph.name):
        other = _built_in(name) if name != network.graph.name else None
        if other is not None and whole:
            other = with_options(other, "without groups", without_groups)
        if other is None or not _comparable(network, other):
            continue
        report = replace(other, batch=network.batch, dtype=network.dtype)
        if report.dtype is other.dtype:
            yield name, title, report


def _comparable(one: Report, other: Report) -> bool:
    same_input = list(one.graph.inputs.values()) == list(other.graph.inputs.values())
    return same_input or _made(one) == _made(other)


def _made(network: Report) -> Shape:
    return network.rows[-1].output.shape


def _counterpart(other: Report, question: Question) -> Question | None:
    """The question about the layer of the same type at the same place, if both have as many, or about its namesake."""
    if question.row is None:
        return question._replace(network=other)
    same = [row.path for row in question.network.rows if row.type == question.row.type]
    there = [row for row in other.rows if row.type == question.row.type]
    if question.row.path not in same:
        return None
    if len(same) == len(there):
        return asked_of(other, there[same.index(question.row.path)], question)
    is_a_number = question.row.path.rpartition(".")[2].isdecimal()  # a place, which is another where layers are missing
    return None if is_a_number else namesake(other, question)
