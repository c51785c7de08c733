"""Values that are right under the convention of a tool, each with the tool and the rule that makes the difference."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from weakref import WeakKeyDictionary

from cnncalc.analysis.conventions import all_conventions, convention, memory_conventions
from cnncalc.analysis.conventions.base import Convention, Unit
from cnncalc.analysis.conventions.bases import READ, WRITTEN
from cnncalc.analysis.reconcile import Reconciliation, layer_words
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.analysis.table import with_separators
from cnncalc.core.translation import said
from cnncalc.homework.questions import Alternative, Question

_OF_NETWORKS: WeakKeyDictionary[Report, Reconciliation] = WeakKeyDictionary()

NOT_TOOLS = ("torch", "torchvision", "deepspeed-macs", "calflops-macs", "cnncalc")
"""Conventions that count as we do, where they count."""

TEXTBOOKS = "textbooks"
"""Their conventions come before those of tools: homework follows them."""

BINARY_MB = ("torchsummary", "convnet-burden")
"""Tools whose MB are 2²⁰ bytes."""


def _reconciliation(question: Question) -> Reconciliation:
    if question.row is not None:
        return Reconciliation(question.network, all_conventions(), (question.row,))
    if question.network not in _OF_NETWORKS:
        _OF_NETWORKS[question.network] = Reconciliation(question.network, all_conventions())
    return _OF_NETWORKS[question.network]


def tool_values(question: Question) -> Iterator[tuple[str, int]]:
    """Operations under the conventions of tools, in the unit of each."""
    reconciliation = _reconciliation(question)
    for one in sorted(reconciliation.conventions, key=lambda one: one.tool != TEXTBOOKS):
        if one.name not in NOT_TOOLS:
            total = reconciliation.side(one).total
            if total:
                yield _words(reconciliation, one), int(total)


def tool_params(question: Question) -> Iterator[tuple[str, int]]:
    """Parameters of tools that do not simply count all of them."""
    per = question.network.dtype.nbytes if question.quantity == "param_memory" else 1
    rows: tuple[LayerReport, ...] = question.network.rows if question.row is None else (question.row,)
    for one in all_conventions():
        if one.own_params is not None:
            yield said("{name}'s count: {rule}", name=one.name, rule=one.summary), per * sum(map(one.own_params, rows))


def tool_memory(question: Question) -> Iterator[tuple[str, int]]:
    """What tools call the memory of a network's activations, in bytes."""
    if question.row is not None:
        return
    reconciliation = Reconciliation(question.network, memory_conventions())
    for one in reconciliation.conventions:
        total = reconciliation.side(one).total if one.name not in NOT_TOOLS and one.unit is Unit.BYTE else None
        if total:
            yield said("{name}'s memory: {rule}", name=one.name, rule=one.summary), int(total)


def tool_megabytes(question: Question) -> Iterator[Alternative]:
    """The memory of tools whose MB are 2²⁰ bytes, for answers in MB."""
    for words, total in tool_memory(question):
        if words.startswith(BINARY_MB):
            yield Alternative(words, round(Fraction(total * 10**6, 2**20)), "M")


def _words(reconciliation: Reconciliation, one: Convention) -> str:
    """The tool, and the largest term of what it counts besides the MACs; its whole rule where it counts less."""
    apart = reconciliation.difference(convention("torch"), one)
    if not apart.summands:
        return said("{name}'s count", name=one.name)
    largest = apart.summands[0]
    rate = largest.rate * (2 if one.unit is Unit.FLOP else 1)
    layer = layer_words(largest.layers)
    facts = {"name": one.name, "rate": with_separators(rate).replace("-", "−"), "layer": layer}
    if rate.denominator > 1 or (rate < 0 and largest.basis not in (READ, WRITTEN)):
        return said("{name}'s count: {rule}", name=one.name, rule=one.summary)
    if largest.basis in (READ, WRITTEN):
        return said(
            "{name}'s count: {rate} for each value of an {layer}"
            if layer[0] in "aeiou"
            else "{name}'s count: {rate} for each value of a {layer}",
            **facts,
        )
    return said("{name}'s count: {rate} times the {basis} ({layer})", basis=largest.basis.symbol, **facts)
