"""Conventions side by side: the totals of a network under each, and every difference as a sum of rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

from cnncalc.analysis.conventions.base import Basis, Convention, Number, Unit, whole
from cnncalc.analysis.conventions.bases import WRITTEN
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.analysis.table import said_unknown, with_separators
from cnncalc.core.translation import Listed, _, language, said

INPUT = "input"
"""What stands for the type of a layer in a term of the network's input."""

COMMON = {Unit.MAC: Fraction(1), Unit.FLOP: Fraction(1, 2), Unit.BYTE: Fraction(1), Unit.VALUE: Fraction(1)}
"""The factor that makes counts comparable: two FLOPs are one MAC. Memory is compared in values."""


class Summand(NamedTuple):
    """A term of a difference: how much more the layers of a type count per unit of a basis, and the amount of that."""

    layers: str
    basis: Basis
    rate: Number
    amount: int

    @property
    def product(self) -> Number:
        """Their contribution."""
        return whole(Fraction(self.rate) * self.amount)


class Side(NamedTuple):
    """A network's count under one convention, in the tool's unit; None where it is not known."""

    convention: Convention
    total: Number | None
    params: int | None
    unknown: tuple[str, ...]


class Difference(NamedTuple):
    """What one convention counts more than another, in MACs or values; `sum` is None where a side is unknown."""

    start: Convention
    end: Convention
    summands: tuple[Summand, ...]
    sum: Number | None


class _Kind(NamedTuple):
    """Layers that are counted alike: a row of theirs, and how many there are."""

    row: LayerReport
    times: int


class Reconciliation:
    """A network under several conventions. Equal layers are looked at once."""

    def __init__(
        self, report: Report, conventions: Sequence[Convention], rows: Sequence[LayerReport] | None = None
    ) -> None:
        """Compare a network, or some of its rows."""
        self.report, self.conventions = report, tuple(conventions)
        self._rows = report.rows if rows is None else tuple(rows)
        alike: dict[Any, list[LayerReport]] = {}
        for row in self._rows:
            key = (row.node.layer, row.inputs, row.node.functional, row.node.modules_ended)
            alike.setdefault(key, []).append(row)
        self._kinds = [_Kind(rows[0], len(rows)) for rows in alike.values()]
        self._rates: dict[int, list[dict[Basis, tuple[Number, int]] | None]] = {}

    def sides(self) -> list[Side]:
        """The totals, in the order of the conventions."""
        return [self.side(convention) for convention in self.conventions]

    def side(self, convention: Convention) -> Side:
        """The total under one convention."""
        params = sum(map(convention.params, self._rows)) if convention.counts_params else None
        unknown = convention.unknown(kind.row for kind in self._kinds)
        total = None if unknown else self._total(convention)
        return Side(convention, total, params, tuple(unknown))

    def difference(self, start: Convention, end: Convention) -> Difference:
        """What `end` counts more than `start`, as a sum, the largest term first."""
        summed: dict[tuple[str, Basis, Number], int] = {}
        for kind, first, second in zip(self._kinds, self._rates_of(start), self._rates_of(end), strict=True):
            if first is None or second is None:
                return Difference(start, end, (), None)
            for basis, amount in {**_amounts(first), **_amounts(second)}.items():
                rate = _rate(second, basis) * COMMON[end.unit] - _rate(first, basis) * COMMON[start.unit]
                if rate:
                    key = (kind.row.type, basis, whole(rate))
                    summed[key] = summed.get(key, 0) + kind.times * amount
        given = end.counts_input - start.counts_input
        if given:
            summed[INPUT, WRITTEN, given] = self._input_values()
        summands = [Summand(layers, basis, rate, count) for (layers, basis, rate), count in summed.items()]
        summands.sort(key=lambda one: abs(Fraction(one.product)), reverse=True)
        return Difference(start, end, tuple(summands), whole(sum(Fraction(one.product) for one in summands)))

    def _total(self, convention: Convention) -> Number:
        total = Fraction(0)
        for kind, rates in zip(self._kinds, self._rates_of(convention), strict=True):
            total += kind.times * sum(rate * amount for rate, amount in (rates or {}).values())
        values = total + (self._input_values() if convention.counts_input else 0)
        if convention.unit is Unit.BYTE:
            values *= self.report.dtype.nbytes * self.report.batch
        return whole(values)

    def _input_values(self) -> int:
        return sum(map(prod, self.report.graph.inputs.values()))

    def _rates_of(self, convention: Convention) -> list[dict[Basis, tuple[Number, int]] | None]:
        """For each kind of layers the rates by basis, with the amount of one layer; None where they are unknown."""
        found = self._rates.get(id(convention))
        if found is None:
            found = [_by_basis(convention, kind.row) for kind in self._kinds]
            self._rates[id(convention)] = found
        return found


def _by_basis(convention: Convention, row: LayerReport) -> dict[Basis, tuple[Number, int]] | None:
    if not convention.knows(row):
        return None
    rates: dict[Basis, tuple[Number, int]] = {}
    for one in convention.terms(row):
        before, _amount = rates.get(one.basis, (0, 0))
        rates[one.basis] = (before + one.number, one.amount)
    return rates


def _amounts(rates: dict[Basis, tuple[Number, int]]) -> dict[Basis, int]:
    return {basis: amount for basis, (_rate, amount) in rates.items()}


def _rate(rates: dict[Basis, tuple[Number, int]], basis: Basis) -> Number:
    return rates[basis][0] if basis in rates else 0


def pairs(conventions: Sequence[Convention], base: Convention, *, named: bool) -> list[tuple[Convention, Convention]]:
    """What is compared: each convention with the base, or, where they are named, each with the first of them."""
    if named and len(conventions) > 1:
        return [(conventions[0], other) for other in conventions[1:]]
    return [(base, other) for other in conventions if other is not base]


# In words


def side_name(convention: Convention) -> str:
    """A convention as a side of an equation: FLOPs are halved."""
    return f"{convention.name}/2" if convention.unit is Unit.FLOP else convention.name


def layer_words(kind: str) -> str:
    """A layer type in words: `adaptive_avg_pool2d` is an adaptive average pool; in other languages as it is typed."""
    if language() != "en":
        return kind
    words = re.sub(r"\dd$", "", kind).replace("avg_pool", "average_pool")
    return words.replace("_", " ")


def summand_texts(difference: Difference) -> list[str]:
    """The terms as text: `4 · 11,113,984 (batch norm)`; the basis stands there where a type has several terms."""
    several = Counter(one.layers for one in difference.summands)
    texts = []
    for one in difference.summands:
        what = layer_words(one.layers)
        if several[one.layers] > 1:
            what = f"{what}: {one.basis.symbol}"
        rate = with_separators(one.rate).replace("-", "−")
        texts.append(f"{rate} · {with_separators(one.amount)} ({what})")
    return texts


def equation_parts(difference: Difference) -> list[str]:
    """The equation in parts that stay together on a line; all of it where both sides agree."""
    left = f"{side_name(difference.end)} − {side_name(difference.start)}"
    if difference.sum is None:
        return [left, "= ?"]
    if not difference.summands:
        return [left, "= 0"]
    terms = summand_texts(difference)
    signed = [terms[0], *(f"− {text[1:]}" if text.startswith("−") else f"+ {text}" for text in terms[1:])]
    total = with_separators(difference.sum).replace("-", "−")
    return [left, f"= {signed[0]}", *signed[1:], f"= {total}"]


def closing_sentences(sides: Sequence[Side], differences: Sequence[Difference]) -> list[str]:
    """Which sides agree, what is not known, and what the sums are made of."""
    sentences = []
    by_start: dict[str, list[str]] = {}
    for one in differences:
        if one.sum is not None and not one.summands:
            by_start.setdefault(side_name(one.start), []).append(side_name(one.end))
    for start, ends in by_start.items():
        sentences.append(said("The same as {start}: {others}.", start=start, others=Listed(ends, ",")))
    alike: dict[tuple[bool, str, tuple[str, ...]], list[Convention]] = {}
    for side in sides:
        silent = side.convention.counts_nothing
        if side.unknown:
            key = (silent, side.convention.name if silent else "", tuple(side.unknown))
            alike.setdefault(key, []).append(side.convention)
    for (_silent, _name, types), ones in alike.items():
        sentences.append(said_unknown(ones[0], types, [one.name for one in ones]))
    if any(side.convention.unit in (Unit.MAC, Unit.FLOP) for side in sides):
        sentences.append(_("Sums are in MACs, so FLOPs are halved; a term is a rate times what it counts."))
    else:
        sentences.append(_("Sums are in values, of 4 bytes each; a term is a rate times what it counts."))
    sentences.append(_("`cnncalc conventions NAME` shows the rules of one."))
    return sentences
