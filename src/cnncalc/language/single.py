"""Graphs of a single layer from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.core.errors import COMMAND_LINE, Diagnostic, Fault, InputError, Source, Span
from cnncalc.core.graph import Graph, Origin
from cnncalc.core.tensor import Shape
from cnncalc.language.assembly import Assembly
from cnncalc.language.options import build, layer_class, words
from cnncalc.language.settings import input_span
from cnncalc.language.text.document import parse
from cnncalc.language.text.values import Names, read
from cnncalc.language.work import work_budget
from cnncalc.layers.base import Layer


def single_layer(type: str, options: Sequence[str], shapes: Sequence[Shape]) -> Graph:
    """The graph of one layer, whose options are written NAME=VALUE.

    Errors:  unknown-layer, bad-setting, missing-input, and errors of options and rules
    """
    source = Source(COMMAND_LINE, " ".join((type, *options)))
    whole = Span(source, 1, 1, len(type) + 1)
    layer_type = layer_class(type, whole)
    if not shapes:
        raise InputError.of("missing-input", "a layer needs an input shape", help="add `--input 3x224x224`")
    names = [f"input{number}" for number in range(1, len(shapes) + 1)] if len(shapes) > 1 else ["input"]
    spans_of_inputs = dict(zip(names, map(input_span, shapes), strict=True))
    assembly = Assembly(type, dict(zip(names, shapes, strict=True)), spans_of_inputs)
    with work_budget() as work:
        scope = Names({}, lambda name: shapes[0][0] if name == "in_channels" else shapes[0][1:], work)
        values, spans = _read(layer_type, options, len(type) + 2, source, scope)
    layer = build(type, values, spans, whole)
    try:
        assembly.add(layer, None, tuple(names), Origin(whole, spans))
    except Fault as fault:
        raise InputError([fault.at(whole)]) from None
    return assembly.graph()


def _read(
    layer_type: type[Layer], options: Sequence[str], column: int, source: Source, scope: Names
) -> tuple[dict[str, Any], dict[str, Span]]:
    """The values and places of options by name; the first option stands at `column`."""
    values: dict[str, Any] = {}
    spans: dict[str, Span] = {}
    for option in options:
        name, equals, text = option.partition("=")
        span = Span(source, 1, column, column + len(option))
        if not equals:
            raise InputError.of(
                "bad-setting", "`{text}` is not NAME=VALUE", span, help="write `kernel_size=3`", text=option
            )
        if name in values:
            raise InputError.of("duplicate-key", "`{name}` is given twice", span, help="keep one of them", name=name)
        written = parse(Source(COMMAND_LINE, text or "null"))
        literals = words(layer_type).get(name, frozenset())
        try:
            values[name] = read(written, scope, literals)
        except InputError as error:
            raise InputError(_diagnostics_at(error, span)) from None
        spans[name] = span
        column += len(option) + 1
    return values, spans


def _diagnostics_at(error: InputError, span: Span) -> list[Diagnostic]:
    """The diagnostics of an error, moved to the option on the command line."""
    return [diagnostic._replace(span=span) for diagnostic in error.diagnostics]
