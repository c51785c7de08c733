"""Layers as an exercise states them: their options, and the way of a receptive field."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cnncalc.analysis.report import LayerReport
from cnncalc.core.errors import Fault
from cnncalc.core.translation import said
from cnncalc.explain.layer import receptive_field_chain
from cnncalc.homework.questions import FIELDS, Question

STATED = frozenset({"stride", "padding", "bias"})
"""Options that an exercise states even if they have their defaults."""

UNSAID = frozenset({"eps", "momentum", "inplace", "init_value", "dropout", "p"})
"""Options on which no number of an exercise depends."""


STORED = ("params", "param_memory", "buffers")
"""Quantities of what a layer stores."""


def statement(question: Question, topic: str, code: Callable[[str], str] = str) -> str:
    """What an exercise says of its layer: the options and the input, or the way of a receptive field.

    For what a layer stores, the channels of its input are enough: the size of the map would be the answer of another.
    """
    row = question.row
    assert row is not None
    if topic in FIELDS:
        links = [f"{times} × {code(link)}" if times > 1 else code(link) for times, link in field_chain(question)]
        return said("{layer}, on the way {way}.", layer=code(row.path), way=" → ".join(links))
    layer = code(spell_layer(row))
    if question.quantity in STORED and _stores_by_channels(row):
        return said("{layer} on an input with {n} channels.", layer=layer, n=row.inputs[0].channels)
    return said("{layer} on an input of {inputs}.", layer=layer, inputs=row.inputs_text)


def _stores_by_channels(row: LayerReport) -> bool:
    """Whether what a layer stores depends on the channels of its one input, and not on the size of the map."""
    if len(row.inputs) != 1 or not row.inputs[0].spatial or row.inputs[0].channels_last:
        return False
    given = row.inputs[0]
    try:
        stored = row.layer.weights(given)
        if row.layer.weights(given.with_spatial(2 * extent + 1 for extent in given.spatial)) != stored:
            return False
        return not stored or bool(row.layer.weights(given.with_shape((2 * given.channels, *given.spatial))) != stored)
    except Fault:
        return False


def spell_layer(row: LayerReport) -> str:
    """A layer with the options that its numbers depend on, as `cnncalc layer` takes them."""
    layer = row.layer
    words = [row.type]
    for name, option in sorted(type(layer).model_fields.items(), key=lambda named: not named[0].startswith("out_")):
        value = layer.__dict__[name]
        if name == "stride" and value is None:
            value = layer.__dict__["kernel_size"]
        if name not in UNSAID and (name in STATED or value != _default_per_axis(option.get_default(), value)):
            alike = name in layer.per_axis_options and isinstance(value, tuple) and len(set(value)) == 1
            words.append(f"{name}={_spell_value(value[0] if alike else value)}")
    return " ".join(words)


def _default_per_axis(default: object, value: object) -> object:
    """A default for all axes, repeated for every axis."""
    if isinstance(default, tuple) and isinstance(value, tuple) and len(default) == 1:
        return default * len(value)
    return default


def _spell_value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(map(_spell_value, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def field_chain(question: Question) -> list[tuple[int, str]]:
    """The layers that change a receptive field, from the input on; equal neighbours once, with their number."""
    assert question.row is not None
    rows = question.network.by_path
    links: list[tuple[int, str]] = []
    for name, *_ in receptive_field_chain(question.network, question.row.path).rows:
        window = _window(rows[name])
        times = links.pop()[0] if links and links[-1][1] == window else 0
        links.append((times + 1, window))
    return links


def _window(row: LayerReport) -> str:
    """The options of a layer that its receptive field depends on: `conv2d 3×3/2 p1`."""
    options = row.layer.__dict__
    if "kernel_size" not in options:
        return spell_layer(row)
    kernel, padding, dilation = options["kernel_size"], options.get("padding"), options.get("dilation", (1,))
    stride = options.get("stride") or kernel
    words = [row.type, "×".join(map(str, kernel)) + ("" if set(stride) == {1} else f"/{_spell_axes(stride)}")]
    if padding not in (None, "valid") and set(padding) != {0}:
        words.append(f"p{padding if padding == 'same' else _spell_axes(padding)}")
    if set(dilation) != {1}:
        words.append(f"d{_spell_axes(dilation)}")
    return " ".join(words)


def _spell_axes(numbers: Sequence[object]) -> str:
    return _spell_value(numbers[0] if len(set(numbers)) == 1 else tuple(numbers))
