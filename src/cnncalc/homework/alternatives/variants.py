"""Published variants of a built-in network, for which the same question has another answer."""

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
from cnncalc.homework.alternatives.rebuilds import without_groups
from cnncalc.homework.questions import Amount, Question
from cnncalc.homework.recount import namesake, question_about, with_options
from cnncalc.homework.targets import expected_value
from cnncalc.language.collection import document, folder
from cnncalc.language.description import description_and_variant, metadata_of
from cnncalc.language.load import load
from cnncalc.language.naming import WHOLE
from cnncalc.language.text.document import Mapping as Written


@cache
def variants_of(name: str) -> tuple[tuple[str, str], ...]:
    """Built-in networks with the same base title, as names and titles.

    The base title ends before what distinguishes variants: `AlexNet (one tower)`, `LeNet-5 as published`. A title with
    a number, `ShuffleNet 1× (g = 3)`, is that of another network.
    """
    family = re.match("[a-z]+", name)
    if family is None:
        return ()
    found = [pair for path in sorted(folder().glob(f"{family[0]}*.yaml")) for pair in _titles(path)]
    own = next((_base_title(title) for known, title in found if known == name), "")
    return tuple((known, title) for known, title in found if own and _base_title(title) == own)


def _base_title(title: str) -> str:
    return "" if "=" in title else re.split(r" \(| as | with | for ", title)[0]


def _titles(path: Path) -> list[tuple[str, str]]:
    family = document(path)
    variants = family.values.get("variants") if isinstance(family, Written) else None
    names: Sequence[str] = list(variants.keys) if isinstance(variants, Written) else [path.stem]
    return [(name, metadata_of(*description_and_variant(family, name)).title) for name in names]


@cache
def _built_in_report(name: str) -> Report | None:
    try:
        graph = load(name)
        return analyze(graph)
    except InputError:
        return None


def counterparts(question: Question) -> Iterator[tuple[str, Question]]:
    """The same question about the published variants of a built-in network, with their names."""
    for name, _title, other in _comparable_variants(question):
        there = _counterpart(other, question)
        if there is not None:
            yield name, there


def variant_values(question: Question, *, whole: bool = False) -> Iterator[tuple[str, str, Amount]]:
    """The value of a question in the published variants of a built-in network, with their names and titles.

    With `whole`, convolutions in two groups count without groups, and only variants that have some are included.
    """
    for name, title, other in _comparable_variants(question, whole=whole):
        there = _counterpart(other, question)
        if there is not None:
            yield name, title, expected_value(there)


def _comparable_variants(question: Question, *, whole: bool = False) -> Iterator[tuple[str, str, Report]]:
    """The published variants of a built-in network that are comparable with it."""
    network = question.network
    if question.row is None and question.ask.rpartition(".")[0].strip().lower() not in ("", WHOLE):
        return  # a group of layers
    for name, title in variants_of(network.graph.name):
        other = _built_in_report(name) if name != network.graph.name else None
        if other is not None and whole:
            other = with_options(other, "without groups", without_groups)
        if other is None or not _are_comparable(network, other):
            continue
        report = replace(other, batch=network.batch, dtype=network.dtype)
        if report.dtype is other.dtype:
            yield name, title, report


def _are_comparable(one: Report, other: Report) -> bool:
    same_input = list(one.graph.inputs.values()) == list(other.graph.inputs.values())
    return same_input or _last_shape(one) == _last_shape(other)


def _last_shape(network: Report) -> Shape:
    return network.rows[-1].output.shape


def _counterpart(other: Report, question: Question) -> Question | None:
    """The question about the layer at the same place within its type, if there are as many, or about its namesake."""
    if question.row is None:
        return question._replace(network=other)
    same = [row.path for row in question.network.rows if row.type == question.row.type]
    there = [row for row in other.rows if row.type == question.row.type]
    if question.row.path not in same:
        return None
    if len(same) == len(there):
        return question_about(other, there[same.index(question.row.path)], question)
    is_a_number = question.row.path.rpartition(".")[2].isdecimal()  # a position, which shifts where layers are missing
    return None if is_a_number else namesake(other, question)
