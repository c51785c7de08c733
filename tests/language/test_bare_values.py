"""Values in the place of options, shapes as text, and the schema, which accepts what the language accepts."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml

from cnncalc import InputError, from_text
from cnncalc.core.graph import Graph
from cnncalc.language.options import takes_list
from cnncalc.language.schema import document_schema
from cnncalc.layers.catalogue import ADDRESSES, resolve
from tests.support.command import cnncalc

HEAD = "input: [8, 16, 16]\nparams: {width: 4}\nblocks: {own: {layers: [relu]}}\nlayers:\n  - tanh\n"


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(document_schema())


def holds_the_schema(text: str) -> bool:
    return validator().is_valid(yaml.safe_load(text))


def layers_of(graph: Graph) -> list[tuple[Any, ...]]:
    return [(node.path, node.layer, node.inputs) for node in graph.nodes]


SAME = [
    ("linear: 10", "linear: {out_features: 10}"),
    ("linear: width * 2", "linear: {out_features: width * 2}"),
    ("max_pool2d: 2", "max_pool2d: {kernel_size: 2}"),
    ("max_pool2d: [2, width]", "max_pool2d: {kernel_size: [2, 4]}"),
    ("dropout: 0.25", "dropout: {p: 0.25}"),
    ("pad: [[1, 0], [2, 3]]", "pad: {padding: [[1, 0], [2, 3]]}"),
    ("adaptive_avg_pool2d: [7, null]", "adaptive_avg_pool2d: {output_size: [7, null]}"),
    ("reshape: [-1]", "reshape: {shape: [-1]}"),
    ("residual: [relu, tanh]", "residual: {body: [relu, tanh]}"),
    ("branches: [[relu], [tanh]]", "branches: {paths: [[relu], [tanh]]}"),
    ("sequential: [relu, tanh]", "sequential: {layers: [relu, tanh]}"),
    ("block: own", "block: {type: own}"),
]


@pytest.mark.parametrize(("bare", "named"), SAME)
def test_a_bare_value_gives_the_one_option_that_is_needed(bare: str, named: str) -> None:
    texts = [f"{HEAD}  - {entry}\n" for entry in (bare, named)]
    assert layers_of(from_text(texts[0])) == layers_of(from_text(texts[1]))
    assert all(map(holds_the_schema, texts))


def test_the_parts_of_a_split() -> None:
    text = HEAD + "  - split: [4, 4]\n  - add: {from: [split.0, split.1]}\n"
    assert layers_of(from_text(text)) == layers_of(from_text(text.replace("[4, 4]", "{sizes: [4, 4]}")))
    assert holds_the_schema(text)


VALUES = ["2", "0.5", "[2, 2]", "[]", "true", "-1", "[[1, 0], [0, 1]]"]


def refusals(text: str) -> set[str]:
    try:
        from_text(text)
    except InputError as error:
        return {one.code for one in error.diagnostics}
    return set()


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("name", ADDRESSES)
def test_a_bare_value_is_read_like_the_option_by_name(name: str, value: str) -> None:
    text, option = f"{HEAD}  - {name}: {value}\n", resolve(name).bare_option()
    if option is None:
        assert refusals(text) == {"not-a-layer"}
        assert not holds_the_schema(text)
    else:
        named = f"{HEAD}  - {name}: {{{option}: {value}}}\n"
        is_list = value.startswith("[") and not takes_list(resolve(name), option)
        assert refusals(text) == ({"not-a-layer"} if is_list else refusals(named))
        assert holds_the_schema(text) == holds_the_schema(named)


@pytest.mark.parametrize(
    "entry", ["conv2d: 64", "conv2d: [64, 3]", "repeat: 3", "repeat: [relu]", "relu: 3", "sigmoid: x"]
)
def test_the_schema_refuses_a_bare_value_where_the_language_does(entry: str) -> None:
    text = f"{HEAD}  - {entry}\n"
    assert not holds_the_schema(text)
    with pytest.raises(InputError) as caught:
        from_text(text)
    assert [one.code for one in caught.value.diagnostics] == ["not-a-layer"]


@pytest.mark.parametrize(
    ("entry", "marked"), [("dropout: 2", "2"), ("linear: ten", "ten"), ("max_pool2d: [2, 2, 2]", "[2, 2, 2]")]
)
def test_what_is_wrong_with_a_bare_value_is_shown_at_the_value(entry: str, marked: str) -> None:
    with pytest.raises(InputError) as caught:
        from_text(f"{HEAD}  - {entry}\n")
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.span
    line = diagnostic.span.source.line(diagnostic.span.line)
    assert line[diagnostic.span.column - 1 : diagnostic.span.end_column - 1] == marked


SHAPES = [
    "3x32x24",
    "3×32×24",
    "3 x 32 x 24",
    "'3x32x24'",
    "(3, 32, 24)",
    "[3, 32, 24]",
    "[3, side, side - 8]",
    "shape",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_input_shapes(shape: str) -> None:
    text = f"input: {shape}\nparams: {{side: 32, shape: [3, 32, 24]}}\nlayers: [relu]\n"
    assert dict(from_text(text).inputs) == {"input": (3, 32, 24)}
    assert holds_the_schema(text)


@pytest.mark.parametrize("shape", ["784", "2.5", "[]", "[3, 0, 8]", "true", "{a: 1}"])
def test_what_is_no_input_shape(shape: str) -> None:
    text = f"input: {shape}\nlayers: [relu]\n"
    assert not holds_the_schema(text)
    with pytest.raises(InputError):
        from_text(text)


def test_parentheses_that_never_close_cost_little() -> None:
    text = f"input: [3, 8, 8]\nparams: {{x: [{'(, ' * 10_000}1]}}\nlayers: [relu]\n"
    begin = time.process_time()
    with pytest.raises(InputError):
        from_text(text)
    assert time.process_time() - begin < 5


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("layer", "conv2d", "out_channels=4", "kernel_size=3", "--input", "1x3x32x32"), "`--input 3x32x32`"),
        (("layer", "max_pool2d", "kernel_size=2", "--input", "28x28"), "`--input 1x28x28`"),
        (("summarize", "lenet5", "--input", "8x1x32x32"), "`--input 1x32x32`"),
    ],
)
def test_an_input_of_the_command_line_is_mended_there(arguments: tuple[str, ...], remedy: str) -> None:
    assert remedy in cnncalc(*arguments).err
