"""Mistakes that any sum can have: a weight, a factor or a summand left out, and a square that is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cnncalc.core.notation import TEXT
from cnncalc.core.rewriting import factors, operands_of, operator_of, simplified, summands, total, with_factors
from cnncalc.core.term import Key, Term, key_of
from cnncalc.core.translation import Phrase
from cnncalc.homework.mistakes.base import COUNTS, WEIGHTS, Case, Change, defined_in, rewriting
from cnncalc.homework.mistakes.facts import Facts, is_bias
from cnncalc.homework.mistakes.steps import Step, without
from cnncalc.homework.mistakes.working import Working

SUMS = ("output", "size", "channels", *COUNTS)

MOST_PARTS = 24
"""Most factors or summands of a sum that are looked at."""

WRITTEN = frozenset({"bytes", "N", "regions"})
"""Symbols that stand for no part of a layer."""


def _sums(case: Case) -> tuple[int, ...]:
    """The right sums of a question: one for each extent of a shape, or one."""
    assert case.working is not None
    shaped = case.quantity in ("output", "size", "channels")
    return case.working.shape(case.quantity) if shaped else (case.working.count(case.quantity, case.report),)


def _text(value: int) -> str:
    """A part of a sum in symbols with its value, or the number that it is."""
    shown = simplified(value)
    return f"{shown.formula(TEXT)} = {int(shown):,}" if isinstance(shown, Term) else TEXT.number(shown)


def _products(value: int) -> Iterator[list[int]]:
    """The factors of every product in a sum; quotients are not looked into."""
    if operator_of(value) == "*":
        yield factors(value)
        for factor in factors(value):
            yield from _products(factor)
    elif operator_of(value) in ("+", "-"):
        for part in operands_of(value):
            yield from _products(part)


def _distinct_factors(case: Case, least: int) -> list[int]:
    """Factors above 1 that stand at least so often in one product."""
    found: dict[Key, int] = {}
    for value in _sums(case):
        for product in _products(value):
            keys = [key_of(one) for one in product]
            found |= {
                key: one
                for key, one in zip(keys, product, strict=True)
                if one > 1 and keys.count(key) >= least and key not in WRITTEN
            }
    return list(found.values())[:MOST_PARTS]


def _with_weights(is_kept: Callable[[str], bool]) -> Step:
    return lambda w: w.with_weights(lambda one: one if is_kept(one.name) else None)


@rewriting(Phrase("{weight} is missing: {n:,} weights."), *WEIGHTS)
def weight_left_out(case: Case, layer: Facts) -> Iterator[Change]:
    """All weights but those of one name."""
    stored = [one for one in layer.row.weights if one.trainable]
    names = [one.name for one in stored if not is_bias(one.name)]
    for name in names[:MOST_PARTS] if len(names) > 1 else ():
        yield Change(
            _with_weights(lambda weight, name=name: weight != name),  # type: ignore[misc]
            facts={"weight": name, "n": next(one.numel for one in stored if one.name == name)},
        )


@rewriting(Phrase("{weight} and {bias} are missing: {n:,} and {more:,} numbers."), *WEIGHTS)
def weight_and_bias_left_out(case: Case, layer: Facts) -> Iterator[Change]:
    """All weights but those of one name and their biases."""
    stored = {one.name: one.numel for one in layer.row.weights if one.trainable}
    names = [name for name in stored if not is_bias(name)]
    for name in names[:MOST_PARTS] if len(names) > 1 else ():
        bias = name.replace("weight", "bias")
        if bias != name and bias in stored:
            yield Change(
                _with_weights(lambda weight, gone=(name, bias): weight not in gone),  # type: ignore[misc]
                facts={"weight": name, "bias": bias, "n": stored[name], "more": stored[bias]},
            )


@rewriting(Phrase("That is {weight} alone; the layer has {weights}."), *WEIGHTS)
def one_weight_only(case: Case, layer: Facts) -> Iterator[Change]:
    """The weights of one name."""
    names = [one.name for one in layer.row.weights if one.trainable and not is_bias(one.name)]
    for name in names[:MOST_PARTS] if len(names) > 1 else ():
        yield Change(
            _with_weights(lambda weight, name=name: weight == name),  # type: ignore[misc]
            facts={"weight": name},
        )


@rewriting(Phrase("{factor} is a factor twice: its square counts."), *SUMS)
def square_forgotten(case: Case, layer: Facts) -> Iterator[Change]:
    """A factor once that belongs there twice."""
    for factor in _distinct_factors(case, least=2):

        def once(w: Working, factor: int = factor) -> Working:
            return w.with_sums(lambda value: with_factors(value, lambda parts: _without_repeats(parts, factor)))

        yield Change(once, facts={"factor": _text(factor)})


@rewriting(Phrase("{factors} are factors twice: their squares count."), *SUMS)
def squares_forgotten(case: Case, layer: Facts) -> Iterator[Change]:
    """All factors once that belong there twice."""
    repeated = _distinct_factors(case, least=2)

    def once(w: Working) -> Working:
        for factor in repeated:
            w = w.with_sums(lambda value, f=factor: with_factors(value, lambda parts: _without_repeats(parts, f)))  # type: ignore[misc]
        return w

    if len(repeated) > 1:
        yield Change(once, facts={"factors": ", ".join(_text(one) for one in repeated)})


def _without_repeats(parts: list[int], factor: int) -> list[int]:
    key, kept = key_of(factor), list[int]()
    for part in parts:
        if key_of(part) != key or not any(key_of(one) == key for one in kept):
            kept.append(part)
    return kept


@rewriting(Phrase("The factor {factor} is missing."), *SUMS)
def factor_left_out(case: Case, layer: Facts) -> Iterator[Change]:
    """A product without one of its factors."""
    for factor in _distinct_factors(case, least=1):

        def less(w: Working, factor: int = factor) -> Working:
            return w.with_sums(lambda value: with_factors(value, without([factor])))

        yield Change(less, facts={"factor": _text(factor)})


@rewriting(Phrase("The summand {summand} is missing."), *SUMS)
def summand_left_out(case: Case, layer: Facts) -> Iterator[Change]:
    """A sum without one of its parts."""
    parts: dict[Key, int] = {}
    for value in _sums(case):
        for one in _longest_sums(value):
            parts |= {key_of(part): part for part in one}
    for part in list(parts.values())[:MOST_PARTS]:

        def less(w: Working, part: int = part) -> Working:
            return w.with_sums(lambda value: _without_summand(value, key_of(part)))

        yield Change(less, facts={"summand": _text(part)})


@rewriting(Phrase("Only the summand {summand} is counted."), *SUMS)
def one_summand_only(case: Case, layer: Facts) -> Iterator[Change]:
    """A sum of one of its parts, of three or more."""
    sums = [one for value in _sums(case) for one in _longest_sums(value) if len(one) > 2]
    for parts in sums:
        for kept in parts[:MOST_PARTS]:
            gone = [key_of(part) for part in parts if part is not kept]

            def only(w: Working, gone: list[Key] = gone) -> Working:
                for key in gone:
                    w = w.with_sums(lambda value, k=key: _without_summand(value, k))  # type: ignore[misc]
                return w

            if key_of(kept) not in gone:
                yield Change(only, facts={"summand": _text(kept)})


def _longest_sums(value: int) -> Iterator[list[int]]:
    """The summands of every sum, also where it is a factor."""
    if operator_of(value) == "+":
        yield summands(value)
        for summand in summands(value):
            yield from _longest_sums(summand)
    elif operator_of(value) == "*":
        for factor in factors(value):
            yield from _longest_sums(factor)


def _without_summand(value: int, key: Key) -> int:
    if operator_of(value) == "+":
        return total([_without_summand(one, key) for one in summands(value) if key_of(one) != key])
    if operator_of(value) == "*":
        left, right = operands_of(value)
        return _without_summand(left, key) * _without_summand(right, key)
    return value


PART_MISTAKES = defined_in(globals())
"""Looked for where no mistake of a kind is found."""
