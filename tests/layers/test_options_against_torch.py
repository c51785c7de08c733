"""Random options of every layer type: torch takes them with the same shapes, or both object."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from math import prod
from random import Random
from typing import Any, NamedTuple

import pytest
import torch
from pydantic import ValidationError

from cnncalc.core.errors import Fault
from cnncalc.core.tensor import TensorSpec
from cnncalc.layers.at_node import rule_inputs
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import ADDRESSES, resolve
from tests.fuzz.fuzz_layers import MOST_ELEMENTS, MOST_OPERATIONS, flat, input_shape, like, options, spanned
from tests.support.cases import frozen
from tests.support.torch_layers import run, settle, torch_layer

Shape = tuple[int, ...]

TWINS = [name for name in ADDRESSES if re.search(r"Source: .*\btorch\b", resolve(name).__doc__ or "", re.DOTALL)]
"""The types that say they are torch's."""

DRAWN = 100
"""Layers of each type, and as many more for every option; of those that we object to, a quarter is shown to torch."""


class Trial(NamedTuple):
    """A layer with random options on random inputs, and what each side makes of it: a shape, or an objection."""

    type: str
    options: dict[str, Any]
    inputs: tuple[Shape, ...]
    channels_last: bool
    ours: Shape | str
    torchs: Shape | str

    @property
    def code(self) -> str:
        """What we object to; nothing where we do not."""
        return self.ours if isinstance(self.ours, str) else ""

    @property
    def agree(self) -> bool:
        """Whether both say the same."""
        return self.ours == self.torchs or (isinstance(self.ours, str) and isinstance(self.torchs, str))


# Drawing


def ours(kind: str, drawn: dict[str, Any], inputs: tuple[TensorSpec, ...]) -> Shape | str | None:
    """The shape that the rule gives, or the code of its objection; None where torch would take long."""
    try:
        layer = resolve(kind)(**drawn)
        given = rule_inputs(layer, inputs)
        output = layer.output(*given)
        elements = max(output.elements, sum(weight.numel for weight in layer.weights(*given)))
        light = elements < MOST_ELEMENTS and sum(layer.ops(*given).values()) < MOST_OPERATIONS
        return output.shape if light else None
    except ValidationError:
        return "invalid"
    except Fault as fault:
        return fault.code


def torchs(kind: str, drawn: dict[str, Any], inputs: tuple[Shape, ...]) -> Shape | str:
    """The shape that torch gives, or its objection; an axis of zero is one."""
    try:
        module = settle(torch_layer(kind, dict(drawn), inputs))
        output = run(module, [torch.zeros(2, *shape, dtype=torch.float64) for shape in inputs])
    except (RuntimeError, ValueError, IndexError, TypeError, AssertionError, ZeroDivisionError) as objection:
        return str(objection)
    return tuple(output.shape[1:]) if output.numel() else "nothing comes out"


def trial(kind: str, random: Random) -> Trial | None:
    """A layer of a type with random options; None where it is left out for its size."""
    layer: type[Layer] = resolve(kind)
    free = layer.axes is None or random.random() < 0.1
    shape = input_shape(random, random.choice((1, 2, 3, 3, 4)) if free else (layer.axes or 0) + 1)
    others = random.randint(layer.least_inputs, layer.most_inputs or 3) - 1
    shapes = [shape, *(like(random, shape) for _ in range(others))]
    random.shuffle(shapes)
    written = options(random, layer, shapes[0])
    last = layer.any_layout and len(shape) > 2 and random.random() < 0.5
    strides = [n for name in layer.per_axis_options for n in flat([written.get(name)]) if isinstance(n, int)]
    most = max(spanned(written, TensorSpec(shapes[0])), sum(map(prod, shapes)) * max([1, *strides]) ** (len(shape) - 1))
    if most > MOST_ELEMENTS:
        return None
    drawn = {name: frozen(value) for name, value in written.items()}
    return judged(kind, drawn, tuple(shapes), last, objected=random.random() < 0.25)


def judged(kind: str, drawn: dict[str, Any], shapes: tuple[Shape, ...], last: bool, objected: bool) -> Trial | None:
    """What each side makes of a layer, also of one that we object to, if so wanted; None where it is left out."""
    found = ours(kind, drawn, tuple(TensorSpec(each, channels_last=last) for each in shapes))
    if found is None or found == "wrong-option-length" or (isinstance(found, str) and not objected):
        return None  # twins do not look at how many numbers an option has
    with warnings.catch_warnings():  # of dropout where there is nothing to drop, and of copies that `same` makes
        warnings.simplefilter("ignore")
        return Trial(kind, drawn, shapes, last, found, torchs(kind, drawn, shapes))


def trials(kind: str, seed: int, count: int) -> list[Trial]:
    """So many layers of a type, without those that are left out."""
    drawn = (trial(kind, Random(f"{seed}/{kind}/{number}")) for number in range(count))
    return [each for each in drawn if each is not None]


# Where the two differ


class Apart(NamedTuple):
    """Why a type is not torch's everywhere, where that is, and a layer that shows it."""

    reason: str
    where: Callable[[Trial], bool]
    type: str
    options: dict[str, Any]
    inputs: tuple[Shape, ...]


def pads_unlike_ends(one: Trial) -> bool:
    padding = one.options.get("padding")
    return isinstance(padding, tuple) and any(isinstance(rows, tuple) for rows in padding)


APART = (
    Apart(
        "torch pads both ends alike; the twin pads beforehand",
        pads_unlike_ends,
        "max_pool1d",
        {"kernel_size": 3, "padding": ((0, 2),)},
        ((2, 9),),
    ),
    Apart(
        "`padding: same` is TensorFlow's: for pools, strides and transposed convolutions, too",
        lambda one: one.options.get("padding") == "same",
        "max_pool2d",
        {"kernel_size": 3, "padding": "same", "dilation": 2},
        ((2, 9, 7),),
    ),
    Apart(
        "torch's average has no dilation; the twin does not ask for a volume as large as the kernel",
        lambda one: one.type == "avg_pool3d" and "dilation" in one.options,
        "avg_pool3d",
        {"kernel_size": 2, "padding": 1, "dilation": 2},
        ((3, 1, 4, 2),),
    ),
    Apart(
        "null for the one axis of a sequence is ours; torch takes it from two axes on",
        lambda one: one.type in ("adaptive_avg_pool1d", "adaptive_max_pool1d") and not one.code,
        "adaptive_avg_pool1d",
        {"output_size": None},
        ((2, 9),),
    ),
    Apart(
        "connection tables are ours; the twin looks at no options beside them",
        lambda one: one.options.get("connections") is not None,
        "conv1d",
        {"out_channels": 1, "kernel_size": 3, "groups": 2, "connections": ((0, 1),)},
        ((2, 9),),
    ),
    Apart(
        "with the batch, torch takes the axes for others",
        lambda one: one.code == "wrong-rank" or len(one.options.get("normalized_shape", ())) > len(one.inputs[0]),
        "linear",
        {"out_features": 3},
        ((2, 9, 7),),
    ),
    Apart(
        "with the batch, torch adds tensors of unlike rank by other axes",
        lambda one: one.type == "add" and len({len(shape) for shape in one.inputs}) > 1,
        "add",
        {},
        ((3, 1, 1), (3,)),
    ),
    Apart(
        "the batch is left when all axes are reduced",
        lambda one: one.type == "reduce" and one.code == "nothing-left",
        "reduce",
        {"operation": "sum", "dim": (0, 1)},
        ((3, 4),),
    ),
    Apart(
        "an axis before the first is torch's batch",
        lambda one: one.code == "no-such-axis",
        "softmax",
        {"dim": -3},
        ((2, 9),),
    ),
    Apart(
        "torch's fused attention for processors does not look at how many values there are",
        lambda one: one.code == "shapes-do-not-attend",
        "scaled_dot_product_attention",
        {},
        ((3, 7), (3, 7), (1, 7)),
    ),
    Apart(
        "where two windows put a value in one place, torch lets the last one have it",
        lambda one: one.code == "windows-overlap",
        "max_unpool2d",
        {"kernel_size": 2, "stride": 1},
        ((2, 3, 4), (2, 4, 5)),
    ),
)


@pytest.mark.slow
@pytest.mark.parametrize("kind", TWINS)
def test_what_torch_takes_is_taken_and_the_rest_is_not(kind: str) -> None:
    found = trials(kind, 1, DRAWN * (1 + len(resolve(kind).model_fields)))
    assert [one for one in found if not one.agree and not any(apart.where(one) for apart in APART)] == []
    assert kind == "fold" or any(one.agree and not one.code for one in found)  # whose columns are hardly ever drawn


@pytest.mark.parametrize("apart", APART, ids=lambda apart: apart.type)
def test_every_exception_is_one(apart: Apart) -> None:
    one = judged(apart.type, apart.options, apart.inputs, last=False, objected=True)
    assert one is not None
    assert apart.where(one)
    assert not one.agree
