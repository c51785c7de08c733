"""Every case of `tests/cases/layers` replayed in torch: the literals are what torch does. No rule is read here."""

from __future__ import annotations

from fractions import Fraction
from inspect import signature
from typing import Any

import pytest
import torch
from torch import nn

from cnncalc.language.positional import unnamed
from cnncalc.layers.catalogue import ADDRESSES, resolve
from tests.support.cases import Case, layer_cases, layer_errors, read_inputs, read_options
from tests.support.scalar_count import scalar_count
from tests.support.torch_layers import (
    buffer_count,
    footprints,
    gradient_footprint,
    macs,
    parameter_count,
    random_inputs,
    regular_part,
    run,
    settle,
    torch_layer,
    weight_shapes,
)

BATCH = 2


def modules_of_torch() -> dict[str, Any]:
    """Every layer type that is a module of torch, by its name."""
    types = {name.lower(): found for name, found in vars(nn).items() if isinstance(found, type)}
    named = {name: found for name, found in types.items() if issubclass(found, nn.Module)}
    called = {name: name.replace("_", "") for name in ADDRESSES}
    return {name: named[short] for name, short in called.items() if short in named}


def test_options_stand_in_torchs_order() -> None:
    """What Python may give without a name is what torch takes there, or follows from the input."""
    torchs = modules_of_torch()
    assert len(torchs) > 40
    assert {"conv2d", "conv_transpose3d", "linear", "multi_head_attention", "lp_pool2d", "group_norm"} <= set(torchs)
    for name, module in torchs.items():
        found = resolve(name)
        order = found.torch_order or unnamed(found)
        written = nn.RNNBase if issubclass(module, nn.RNNBase) else module  # whose heirs say `*args` only
        takes = [option for option in signature(written).parameters if option != "mode" or written is not nn.RNNBase]
        assert tuple(takes[: len(order)]) == tuple(order), name


with_ops = [case for case in layer_cases() if "ops" in case.expect]
with_fields = [case for case in layer_cases() if "field" in case.expect]
OF_LARGEST = ("max", "mixed", "adaptive_max", "global_max")  # their gradient reaches one position of the window


def torch_of(case: Case) -> torch.nn.Module:
    return settle(torch_layer(case.type, dict(case.options), case.inputs))


@pytest.mark.parametrize("case", layer_cases(), ids=str)
def test_literals_are_torchs(case: Case) -> None:
    module = torch_of(case)
    inputs = random_inputs(case.type, case.inputs, BATCH)
    output = run(module, inputs)
    assert output.isfinite().all()
    assert output.shape[0] == BATCH * case.options.get("regions", 1)
    found = {
        "output": list(output.shape[1:]),
        "params": parameter_count(module),
        "buffers": buffer_count(module),
        "macs": macs(module, inputs),
        "weights": weight_shapes(module),
    }
    literals = {name: value for name, value in case.expect.items() if name in found}
    assert literals == {name: found[name] for name in literals}
    assert literals.keys() >= {"output", "params", "buffers", "macs"}


@pytest.mark.parametrize("case", with_ops, ids=str)
def test_operations_are_those_of_a_scalar_computation_of_torchs_values(case: Case) -> None:
    module = torch_of(case)
    inputs = random_inputs(case.type, case.inputs, 1)
    output = run(module, inputs)
    output = output if "regions" in case.options else output[0]
    values, tally = scalar_count(case.type, dict(case.options), module, [x[0] for x in inputs], output, case.formula)
    assert tally or not case.expect["ops"], f"no formula in tests/cases/layers/{case.type}.yaml"
    torch.testing.assert_close(values, output, rtol=1e-9, atol=1e-9)
    assert +tally == +type(tally)(case.expect["ops"] | {"contraction_mac": case.expect["macs"]})


@pytest.mark.parametrize("case", with_fields, ids=str)
def test_fields_are_where_disturbances_arrive(case: Case) -> None:
    (shape,) = case.inputs
    options = dict(case.options)
    assert len(case.expect["field"]) == len(shape) - 1
    for axis, literal in enumerate(case.expect["field"]):
        seen = footprints(case.type, options, shape, axis, case.channels_last)
        size, jump, start = regular_part(seen)
        assert (size, start) == (literal["size"], literal["start"])
        assert jump == (Fraction(literal["jump"]) if "jump" in literal else None)
        if not case.type.startswith(OF_LARGEST) and len(seen) > 1:
            for unit in (0, len(seen) // 2):
                assert gradient_footprint(case.type, options, shape, axis, unit, case.channels_last) == seen[unit]


OBJECTIONS = (RuntimeError, ValueError, IndexError, TypeError, AssertionError, ZeroDivisionError)
REPLAYED = [row for row in layer_errors() if "torch" not in row]


@pytest.mark.parametrize("row", REPLAYED, ids=lambda row: f"{row['type']}-{row['id']}")
def test_torch_objects_too(row: dict[str, Any]) -> None:
    """Rows with a `torch` entry say there why torch takes such an input, or has no such layer."""
    shapes = read_inputs(row)
    with pytest.raises(OBJECTIONS):
        run(settle(torch_layer(row["type"], read_options(row), shapes)), random_inputs(row["type"], shapes, BATCH))
