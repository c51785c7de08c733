"""Graphs of a single layer from the command line."""

from __future__ import annotations

from collections.abc import Sequence

from cnncalc.core.errors import COMMAND_LINE, Fault, InputError, Source, Span
from cnncalc.core.graph import Graph, Origin
from cnncalc.core.tensor import Shape
from cnncalc.language.assembly import Assembly
from cnncalc.language.options import build
from cnncalc.language.settings import input_span
from cnncalc.language.text.document import Value, parse
from cnncalc.language.text.values import Names
from cnncalc.language.work import work_budget
from cnncalc.language.written import evaluated
from cnncalc.layers.catalogue import ADDRESSES, resolve


def single_layer(type: str, options: Sequence[str], shapes: Sequence[Shape], command: str = "cnncalc layer") -> Graph:
    """The graph of one layer, whose options are written NAME=VALUE after a `command`.

    Errors:  unknown-layer, bad-setting, missing-input, and errors of options and rules
    """
    source = Source(COMMAND_LINE, " ".join((type, *options)))
    whole = Span(source, 1, 1, len(type) + 1)
    if type not in ADDRESSES or not all("=" in option for option in options):
        from cnncalc.language.foreign.typed import rewritten

        raise rewritten(type, options, shapes, source, command)
    layer_type = resolve(type)
    if not shapes:
        from cnncalc.language.foreign.typed import missing_input

        raise missing_input(type, options, command)
    names = [f"input{number}" for number in range(1, len(shapes) + 1)] if len(shapes) > 1 else ["input"]
    spans_of_inputs = dict(zip(names, map(input_span, shapes), strict=True))
    assembly = Assembly(type, dict(zip(names, shapes, strict=True)), spans_of_inputs)
    with work_budget() as work:
        scope = Names({}, lambda name: shapes[0][0] if name == "in_channels" else shapes[0][1:], work)
        written, spans = _written(options, len(type) + 2, source)
        values, failed = evaluated(layer_type, written.items(), scope)
    failed = {name: tuple(one._replace(span=spans[name]) for one in found) for name, found in failed.items()}
    try:
        layer = build(type, values, spans, whole, failed)
    except InputError as error:
        from cnncalc.language.foreign.typed import as_typed

        raise as_typed(error, type, options, shapes, command) from None
    try:
        assembly.add(layer, None, tuple(names), Origin(whole, spans))
    except Fault as fault:
        raise InputError([fault.at(whole)]) from None
    return assembly.graph()


def _written(options: Sequence[str], column: int, source: Source) -> tuple[dict[str, Value], dict[str, Span]]:
    """The values and places of options by name; the first option stands at `column`.

    Errors:  bad-setting, duplicate-key, not-yaml
    """
    values: dict[str, Value] = {}
    spans: dict[str, Span] = {}
    for option in options:
        name, _, text = option.partition("=")
        span = Span(source, 1, column, column + len(option))
        if name in values:
            raise InputError.of("duplicate-key", "`{name}` is given twice", span, help="keep one of them", name=name)
        values[name] = parse(Source(COMMAND_LINE, text.rstrip(",") or "null"))
        spans[name] = span
        column += len(option) + 1
    return values, spans
