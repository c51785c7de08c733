"""The rules give the literals of `tests/cases/layers`, which torch gave; and they object where torch does."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from fractions import Fraction
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from pydantic import ValidationError
from rich.console import Console

from cnncalc.core.counts import Op
from cnncalc.core.errors import Fault
from cnncalc.core.tensor import TensorSpec
from cnncalc.core.translation import use_language
from cnncalc.display.reference import show_one
from cnncalc.language.schema import document_schema
from cnncalc.layers.base import Layer
from cnncalc.layers.catalogue import ADDRESSES, resolve, type_name
from tests.support.cases import CASES, Case, layer_cases, layer_errors, read_inputs, read_options

ERRORS = layer_errors()


@pytest.mark.parametrize("case", layer_cases(), ids=str)
def test_output_and_weights(case: Case) -> None:
    layer, inputs = case.layer, case.specs
    output = layer.output(*inputs)
    weights = layer.weights(*inputs)
    assert list(output.shape) == case.expect["output"]
    assert output.regions == case.options.get("regions", 1)
    assert output.dtype is inputs[0].dtype
    assert sum(weight.numel for weight in weights if weight.trainable) == case.expect["params"]
    assert sum(weight.numel for weight in weights if not weight.trainable) == case.expect["buffers"]
    if "weights" in case.expect:
        assert {weight.name: list(weight.shape) for weight in weights} == case.expect["weights"]


@pytest.mark.parametrize("case", layer_cases(), ids=str)
def test_operations(case: Case) -> None:
    ops = case.layer.ops(*case.specs)
    assert ops.macs == case.expect["macs"]
    assert all(type(count) is int for count in ops.values())
    if "ops" in case.expect:
        others = {op.value: count for op, count in ops.items() if op is not Op.CONTRACTION_MAC}
        assert others == case.expect["ops"]


@pytest.mark.parametrize("case", [case for case in layer_cases() if "field" in case.expect], ids=str)
def test_windows(case: Case) -> None:
    windows = case.layer.windows(*case.specs)
    assert windows is not None
    assert len(windows) == len(case.expect["field"])
    for field, literal in zip(windows, case.expect["field"], strict=True):
        assert (field.size, field.start) == (literal["size"], literal["start"])
        if "jump" in literal:
            assert field.jump == Fraction(literal["jump"])
        if field.start is not None:
            seen = field.of_unit(0)
            assert seen is not None
            assert seen[0] == field.start


def test_every_type_has_cases() -> None:
    assert sorted(path.stem for path in (CASES / "layers").iterdir()) == sorted(ADDRESSES)
    names = [str(case) for case in layer_cases()]
    assert len(set(names)) == len(names)
    assert all(sum(case.type == name for case in layer_cases()) >= 2 for name in ADDRESSES)
    assert all(case.source for case in layer_cases())
    assert all(type_name(resolve(name)) == name for name in ADDRESSES)


def test_every_option_has_a_case_away_from_its_default() -> None:
    covered = {
        (case.type, option)
        for case in layer_cases()
        for option in case.options
        if getattr(case.layer, option) != resolve(case.type).model_fields[option].get_default()
    }
    everything = {(name, option) for name in ADDRESSES for option in resolve(name).model_fields}
    assert covered == everything


def test_every_axis_of_the_cases_differs() -> None:
    """A rule that mixes up height and width must not get away with it."""
    alike = {
        str(case)
        for case in layer_cases()
        for shape in case.inputs
        if len(set(shape[1:])) < len(shape[1:]) and set(shape[1:]) != {1}
    }
    assert alike == {"conv2d-lenet5_c3"}  # as it was published


# Objections


def objection(row: dict[str, Any]) -> Fault:
    inputs = [TensorSpec(shape, channels_last=row.get("channels_last", False)) for shape in read_inputs(row)]
    with pytest.raises(Fault) as caught:
        resolve(row["type"])(**read_options(row)).output(*inputs)
    return caught.value


@pytest.mark.parametrize("row", ERRORS, ids=lambda row: f"{row['type']}-{row['id']}")
def test_objections(row: dict[str, Any]) -> None:
    fault = objection(row)
    assert fault.code == row["code"]
    assert str(fault) == row["message"]
    diagnostic = fault.at(None)
    assert diagnostic.lines()[0] == ("title", f"error[{row['code']}]: {row['message']}")
    spelled = [fault.label.format(**fault.facts), fault.help.format(**fault.facts)]
    assert any(spelled)
    assert not any(mark in text for text in spelled for mark in "{}")
    assert fault.option is None or fault.option in resolve(row["type"]).model_fields


def modules() -> Iterator[ast.Module]:
    for name in sorted({address.partition(":")[0] for address in ADDRESSES.values()} | {"base", "windowed"}):
        yield ast.parse(inspect.getsource(import_module(f"cnncalc.layers.{name}")))
    yield ast.parse(inspect.getsource(import_module("cnncalc.core.arithmetic")))


def test_every_objection_of_the_rules_has_a_case() -> None:
    raised = {
        argument.value
        for module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        for called in [node.func]
        if isinstance(called, ast.Name) and called.id in ("require", "Fault", "_require_window")
        for argument in node.args[:2]
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and " " not in argument.value
    }
    assert raised == {row["code"] for row in ERRORS}


def test_every_objection_a_docstring_names_has_a_case() -> None:
    named = {
        (name, code.strip())
        for name in ADDRESSES
        for line in (resolve(name).__doc__ or "").splitlines()
        if line.strip().startswith("Errors:")
        for code in line.partition(":")[2].split(",")
    }
    assert named <= {(row["type"], row["code"]) for row in ERRORS}


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("conv2d", {"out_channels": 0, "kernel_size": 3}),
        ("conv2d", {"out_channels": 4}),
        ("conv2d", {"out_channels": 4, "kernel_size": 3, "stride": 0}),
        ("conv2d", {"out_channels": 4, "kernel_size": 3, "padding": -1}),
        ("conv2d", {"out_channels": 4, "kernel_size": 3, "padding": "full"}),
        ("conv2d", {"out_channels": 4.0, "kernel_size": 3}),
        ("conv2d", {"out_channels": 4, "kernel_size": 3, "filters": 4}),
        ("conv2d", {"out_channels": 2**31, "kernel_size": 3}),
        ("dropout", {"p": 1.5}),
        ("lp_pool2d", {"kernel_size": 2, "norm_type": 0.0}),
        ("slice", {"step": 0}),
        ("upsample", {"scale_factor": -1.0}),
        ("spatial_pyramid_pool2d", {"levels": ()}),
        ("reshape", {"shape": (-2, 3)}),
        ("gelu", {"approximate": "erf"}),
    ],
)
def test_options_outside_their_range(name: str, options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        resolve(name)(**options)


def test_options_are_kept_once_per_axis() -> None:
    conv3d: Any = resolve("conv3d")
    layer: Layer = conv3d(out_channels=2, kernel_size=3, padding=(1, 2, 3))
    assert layer.options() == {
        "kernel_size": (3, 3, 3),
        "out_channels": 2,
        "stride": (1, 1, 1),
        "padding": (1, 2, 3),
        "dilation": (1, 1, 1),
        "groups": 1,
        "bias": True,
        "connections": None,
        "standardized": False,
    }


@pytest.mark.parametrize("name", ADDRESSES)
def test_options_are_described_on_the_screen_and_in_the_schema(name: str) -> None:
    layer = resolve(name)
    entry = options_in_schema(name)
    screen = screen_of(name)
    for option in layer.model_fields:
        meaning = str(layer.meaning(option))
        assert meaning, f"{name} does not say what {option} means: add it to `meanings`"
        assert entry[option]["description"] == meaning
        assert "".join(meaning.split()) in screen


def options_in_schema(name: str) -> dict[str, Any]:
    _, entries = document_schema()["$defs"]["layer"]["anyOf"]
    entry = entries["properties"][name]
    whole = entry if "properties" in entry else entry["anyOf"][0]  # else a bare value is allowed as well
    found: dict[str, Any] = whole["properties"]
    return found


def screen_of(name: str) -> str:
    """What the reference prints of a layer type, without blanks and line ends."""
    console = Console(file=StringIO(), width=80)
    show_one(console, name, resolve(name))
    return "".join(console.file.getvalue().split())  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ADDRESSES)
def test_every_description_is_that_of_an_option(name: str) -> None:
    layer = resolve(name)
    described = {option for base in layer.__mro__ if issubclass(base, Layer) for option in base.meanings}
    assert described <= set(layer.model_fields)


@pytest.mark.parametrize("name", ADDRESSES)
def test_options_are_described_in_chinese(name: str) -> None:
    layer = resolve(name)
    with use_language("zh"):
        screen = screen_of(name)
        for option, described in options_in_schema(name).items():
            if option in layer.model_fields:
                meaning = described["description"]
                assert meaning == f"{layer.meaning(option)}" != str(layer.meaning(option))
                assert "".join(meaning.split()) in screen
