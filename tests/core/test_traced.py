"""One rule, three kinds of numbers: traced and array arithmetic give what plain arithmetic gives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnncalc.core.arithmetic import window_count, window_count_ceil
from cnncalc.core.field import Untracked
from cnncalc.core.tensor import TensorSpec
from cnncalc.core.term import Term
from cnncalc.layers.base import Layer
from tests.support.cases import Case, layer_cases
from tests.support.spelled import read_back

AXES = {1: "C", 2: "CL", 3: "CHW", 4: "CDHW"}


def traced(name: str, value: Any) -> Any:
    """Every int in an option as a symbol, however deep."""
    if isinstance(value, tuple):
        return tuple(traced(f"{name}{place}", entry) for place, entry in enumerate(value))
    return Term.symbol(name, value) if type(value) is int else value


def traced_layer(layer: Layer) -> Layer:
    return layer.model_copy(update={name: traced(name, value) for name, value in layer.options().items()})


def traced_inputs(case: Case) -> list[TensorSpec]:
    several = len(case.inputs) > 1
    return [
        TensorSpec(
            tuple(
                Term.symbol(f"{axis}{number}" if several else axis, extent)
                for axis, extent in zip("HWC" if case.channels_last else AXES[len(shape)], shape, strict=True)
            ),
            channels_last=case.channels_last,
        )
        for number, shape in enumerate(case.inputs)
    ]


def terms(value: Any) -> Iterator[Term]:
    """Every Term inside shapes, weights and windows."""
    if isinstance(value, Term):
        yield value
    elif isinstance(value, tuple):
        for entry in value:
            yield from terms(entry)


def windows_of(layer: Layer, inputs: Sequence[TensorSpec]) -> Any:
    """The windows, or why there are none."""
    try:
        return layer.windows(*inputs)
    except Untracked as untracked:
        return type(untracked)


@pytest.mark.parametrize("case", layer_cases(), ids=str)
def test_traced_equals_plain(case: Case) -> None:
    layer = case.layer
    other, inputs = traced_layer(layer), traced_inputs(case)
    output, plain_output = other.output(*inputs), layer.output(*case.specs)
    weights, plain_weights = other.weights(*inputs), layer.weights(*case.specs)
    ops, plain_ops = other.ops(*inputs), layer.ops(*case.specs)
    windows, plain_windows = windows_of(other, inputs), windows_of(layer, case.specs)
    assert output == plain_output
    assert weights == plain_weights
    assert dict(ops) == dict(plain_ops)
    assert windows == plain_windows
    assert other.windows_of_each(*inputs) == layer.windows_of_each(*case.specs)
    assert other.global_by(*inputs) == layer.global_by(*case.specs)
    for term in terms((output, weights, tuple(ops.values()), windows)):
        assert term.evaluate() == int(term)
        assert read_back(term.substitution()) == int(term)
        assert term.formula()


MOVING = ("conv", "locally", "max_pool", "avg_pool", "lp_pool", "sum", "stochastic", "mixed", "trainable")


moving = [case for case in layer_cases() if case.type.startswith(MOVING) and case.type != "conv_lstm2d"]


@pytest.mark.parametrize("case", moving, ids=str)
def test_moving_windows_explain_every_extent_and_every_count(case: Case) -> None:
    layer, inputs = traced_layer(case.layer), traced_inputs(case)
    for axis, extent in zip(AXES[len(case.inputs[0])][1:], layer.output(*inputs).spatial, strict=True):
        assert isinstance(extent, Term)
        assert extent.formula().count(axis) >= 1
    assert all(isinstance(count, Term) for count in layer.ops(*inputs).values())


def test_the_formula_of_the_textbooks() -> None:
    h, k, s, p, d = (Term.symbol(name, value) for name, value in {"H": 224, "k": 7, "s": 2, "p": 3, "d": 1}.items())
    count = window_count(h, k, s, p, p, d, "rows")
    assert count.formula() == "⌊(H + 2·p − d·(k − 1) − 1) / s⌋ + 1"
    assert count.substitution() == "⌊(224 + 2·3 − 1·(7 − 1) − 1) / 2⌋ + 1"
    assert count == 112


def test_the_formula_with_both_paddings_and_rounded_up() -> None:
    h, k, s, p, q, d = (
        Term.symbol(name, value) for name, value in {"H": 112, "k": 3, "s": 2, "p": 0, "q": 0, "d": 1}.items()
    )
    assert window_count(h, k, s, p, q, d, "rows").formula() == "⌊(H + p + q − d·(k − 1) − 1) / s⌋ + 1"
    count = window_count_ceil(h, k, s, p, p, d, "rows")
    assert count.formula() == "⌈(H + 2·p − d·(k − 1) − 1) / s⌉ + 1"
    assert count == 56  # GoogLeNet's pool1: 112 -> 56


# Arrays

LOOKING_INSIDE = (
    *("adaptive", "global", "spatial_pyramid", "roi", "rnn", "lstm", "gru", "multi_head", "window", "patch_merging"),
    *("flatten", "reshape", "slice", "upsample", "pixel_shuffle", "layer_norm", "rms_norm", "glu", "fold"),
)
"""Types whose rules need to know a size: they loop over it, compare it or divide by it."""

arrays_of = [
    case
    for case in layer_cases()
    if len(case.inputs) == 1
    and not case.type.startswith(LOOKING_INSIDE)
    and (case.type != "linear" or len(case.inputs[0]) == 1)
]
GROWTH = np.array([0, 1, 2, 3, 5, 8, 40])


def element(value: Any, place: int) -> Any:
    """One element of whatever holds arrays."""
    if isinstance(value, np.ndarray):
        return int(value[place])
    if isinstance(value, tuple):
        found = [element(entry, place) for entry in value]
        return type(value)(*found) if hasattr(value, "_fields") else tuple(found)
    return value


@pytest.mark.parametrize("case", arrays_of, ids=str)
def test_arrays_equal_plain(case: Case) -> None:
    layer = case.layer
    (shape,) = case.inputs
    fixed = len(shape) > 1 or case.type != "linear"
    grown: list[Any] = [extent + (axis + 1) * GROWTH for axis, extent in enumerate(shape[fixed:])]
    swept: Any = TensorSpec((*shape[:fixed], *grown))  # a rule that never looks inside a size takes whatever it is
    output, weights, ops = layer.output(swept), layer.weights(swept), layer.ops(swept)
    if len(shape) > 1:
        windows_of(layer, [swept])
    for place in range(len(GROWTH)):
        plain = element(swept, place)
        assert element(output, place) == layer.output(plain)
        assert element(weights, place) == layer.weights(plain)
        assert {op: n for op, count in ops.items() if (n := element(count, place))} == dict(layer.ops(plain))


# Printing


def quotient(name: str) -> Any:
    def divide(a: int, b: int) -> int:
        divisor = b if b != 0 else 1
        if name == "ceil":
            return a.ceil_div(divisor) if isinstance(a, Term) else -(-a // divisor)
        return a // divisor if name == "//" else a % divisor

    return divide


OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": quotient("//"),
    "ceil": quotient("ceil"),
    "%": quotient("%"),
    "neg": lambda a, b: -a,
}
SYMBOLS = {"a": 7, "b": -4, "c": 13, "e": 1, "g": 0, "h": 30}

leaves = st.one_of(st.sampled_from([Term.symbol(name, value) for name, value in SYMBOLS.items()]), st.integers(-9, 40))
trees = st.recursive(
    leaves,
    lambda below: st.builds(lambda name, a, b: OPERATIONS[name](a, b), st.sampled_from([*OPERATIONS]), below, below),
    max_leaves=12,
)


@given(trees)
def test_what_is_printed_is_what_was_computed(value: int) -> None:
    term = value if isinstance(value, Term) else Term.symbol("a", 7) + value
    assert term.evaluate() == int(term)
    assert read_back(term.substitution()) == int(term)
    assert read_back(term.formula(), SYMBOLS) == int(term)


def test_brackets_only_where_they_are_needed() -> None:
    a, b, c = (Term.symbol(name, value) for name, value in {"a": 17, "b": 5, "c": 3}.items())
    assert (a + b + c).formula() == "a + b + c"
    assert (a + (b - c)).formula() == "a + b − c"
    assert (a - (b - c)).formula() == "a − (b − c)"
    assert (a - b * c).formula() == "a − b·c"
    assert ((a + b) * c).formula() == "(a + b)·c"
    assert (a * (b % c)).formula() == "a·(b mod c)"
    assert ((a * b) % c).formula() == "a·b mod c"
    assert (a % (b * c)).formula() == "a mod (b·c)"
    assert (-(a + b)).formula() == "−(a + b)"
    assert (a // (b * c)).formula() == "⌊a / (b·c)⌋"
    assert a.ceil_div(b).formula() == "⌈a / b⌉"
    total: Any = sum([a, b])
    assert total.formula() == "a + b"
    assert (2 * a - 1).substitution() == "2·17 − 1"


def test_a_term_is_its_number() -> None:
    h = Term.symbol("H", 224)
    assert h == 224
    assert hash(h) == hash(224)
    assert {224: "found"}[h] == "found"
    assert type(h + 1) is type(1 + h) is type(h * 2) is type(h // 2) is type(h - 1) is type(1 - h) is Term
    assert (h + 1, 1 - h, 500 // h, h % 100, -h) == (225, -223, 2, 24, -224)
    assert (h * np.array([1, 2])).tolist() == [224, 448]
