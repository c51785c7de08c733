"""Counting conventions: what a tool counts per unit of a basis, by the kind of layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from cnncalc.core.translation import Phrase

if TYPE_CHECKING:
    from cnncalc.analysis.report import LayerReport

Number = int | Fraction


class Basis(NamedTuple):
    """An amount that counts are proportional to, for one image."""

    symbol: Phrase  # as it is shown in a sum
    of: Callable[[LayerReport], int]


class Rate(NamedTuple):
    """What is counted per unit of a basis, for a layer of these sizes where it is a function of them.

    `operator` is the tool's name for the operator, if it lists operators; `words` say what a function gives.
    """

    number: Number | Callable[[LayerReport], Number]
    basis: Basis
    operator: str = ""
    words: Phrase = Phrase("")


class Unknown(Enum):
    """The answer of a tool that fails, or whose count cannot be told."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN

Rates = tuple[Rate, ...]
Rule = Rates | Unknown | Callable[["LayerReport"], Rates | Unknown]
"""The rates of a kind of layer, or a function that gives those of one layer."""

Rules = Mapping[str, Rule]


@dataclass(frozen=True)
class Unless:
    """Rates of layers, but for those that torch itself does not have, whose count depends on their author."""

    rates: Rates
    is_self_made: Callable[[LayerReport], bool]

    def __call__(self, row: LayerReport) -> Rates | Unknown:
        """The rates of one layer."""
        return UNKNOWN if self.is_self_made(row) else self.rates


ANY = "any"
"""The key for every kind of layer without rates of its own."""


class Unit(Enum):
    """What a tool counts: the value is its name in JSON."""

    MAC = "MAC"
    FLOP = "FLOP"
    BYTE = "byte"
    VALUE = "value"

    __hash__ = object.__hash__  # members are singletons

    @property
    def plural(self) -> Phrase:
        """What is counted, in words."""
        return _PLURALS[self]


_PLURALS = {
    Unit.MAC: Phrase("MACs"),
    Unit.FLOP: Phrase("FLOPs"),
    Unit.BYTE: Phrase("bytes"),
    Unit.VALUE: Phrase("values"),
}


class Term(NamedTuple):
    """A summand of a layer's count: so many per unit of a basis, and how many units there are."""

    number: Number
    basis: Basis
    amount: int
    operator: str = ""


class Convention(NamedTuple):
    """A tool's rates by kind of layer: a layer type, or a type in a mode (`upsample:bilinear2d`).

    A kind that is absent is ignored by the tool, which is not the same as UNKNOWN. `functions` are the rates of layers
    that the author's code calls as functions, where the tool counts these otherwise. `own_params` gives the parameters
    that it counts, where these are not simply those of a layer.
    """

    name: str
    summary: Phrase
    rates: Rules
    source: str
    tool: str = ""
    version: str = ""
    unit: Unit = Unit.FLOP
    functions: Rules | None = None
    counts_params: bool = False
    own_params: Callable[[LayerReport], int] | None = None
    quirks: tuple[Phrase, ...] = ()
    counts_input: bool = False  # the input of the network, besides its layers

    def params(self, row: LayerReport) -> int:
        """The parameters of a layer as the tool counts them; those of the layer where it counts none."""
        return row.params if self.own_params is None else self.own_params(row)

    def terms(self, row: LayerReport) -> Iterator[Term]:
        """The summands of a layer's count that are not zero; none where it is unknown."""
        rates = self.rates_of(row)
        if rates is not UNKNOWN:
            for number, basis, operator, _words in rates:
                amount = basis.of(row)
                if amount:
                    exact = number(row) if callable(number) else number
                    if exact:
                        yield Term(exact, basis, amount, operator)

    def flops(self, row: LayerReport) -> Number | None:
        """The count of a layer for one image, in the tool's unit; None where it is unknown."""
        rates = self.rates_of(row)
        if rates is UNKNOWN:
            return None
        count: Number = 0
        for number, basis, _operator, _words in rates:
            amount = basis.of(row)
            if amount:
                count += (number(row) if callable(number) else number) * amount
        return whole(count)

    def total(self, rows: Iterable[LayerReport]) -> Number | None:
        """The count of a network for one image, in the tool's unit; None where any layer's is unknown."""
        counts = [self.flops(row) for row in rows]
        known = [count for count in counts if count is not None]
        return whole(sum(known)) if len(known) == len(counts) else None

    def knows(self, row: LayerReport) -> bool:
        """Whether the convention has a count for a layer, which may be 0."""
        return self.rates_of(row) is not UNKNOWN

    @property
    def summary_sentence(self) -> str:
        """The summary as it begins a sentence."""
        text = f"{self.summary}"
        return text[:1].upper() + text[1:]

    @property
    def counted(self) -> Phrase:
        """What it counts, in words."""
        return Phrase("params") if self.counts_nothing else self.unit.plural

    @property
    def counts_nothing(self) -> bool:
        """Whether it has no rule for any layer, as one of parameters alone."""
        return set(self.rates) == {ANY} and self.rates[ANY] is UNKNOWN

    def unknown(self, rows: Iterable[LayerReport]) -> list[str]:
        """The types of layers whose count is unknown, each once."""
        return list(dict.fromkeys(row.type for row in rows if not self.knows(row)))

    def by_operator(self, rows: Iterable[LayerReport]) -> dict[str, int]:
        """Counts of a network by the tool's names of operators; those with none are absent."""
        counted: dict[str, int] = {}
        for row in rows:
            for one in self.terms(row):
                counted[one.operator] = counted.get(one.operator, 0) + int(one.number * one.amount)
        return counted

    def rates_of(self, row: LayerReport) -> Rates | Unknown:
        """The rates of a layer's kind; for an opaque layer, those that hold for any."""
        if not row.knows_macs and self.unit in (Unit.MAC, Unit.FLOP):
            return UNKNOWN
        by_kind = self.rates if self.functions is None or not row.node.functional else self.functions
        rates = by_kind.get(row.type)
        if rates is None and "mode" in row.layer.__dict__:
            rates = by_kind.get(f"{row.type}:{row.layer.mode}{len(row.inputs[0].spatial)}d")
        if rates is None:
            rates = by_kind.get(ANY, UNKNOWN if row.layer.traits.is_opaque else ())
        return rates(row) if callable(rates) else rates


def whole(number: Number) -> Number:
    """A number as an `int` where it is whole."""
    return number if type(number) is int else number.numerator if number.denominator == 1 else number


MACS = Basis(Phrase("MACs"), lambda row: row.macs)
