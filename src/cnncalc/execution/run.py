"""A forward pass of a network: inputs and weights in, values out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cnncalc.core.call_site import caller
from cnncalc.core.errors import Diagnostic, InputError, Span
from cnncalc.core.graph import Graph, input_names
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import Shape, stored_name
from cnncalc.core.translation import Listed, Phrase, joined_clauses
from cnncalc.execution.engine.program import Program, ReportLike, program
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.threads import return_freed_memory
from cnncalc.execution.engine.workers import Workers
from cnncalc.execution.forward import BeforeStep, Progress, forward, is_in_place
from cnncalc.execution.inputs.arrays import (
    UnreadArray,
    as_float32,
    from_arrays,
    from_literals,
    matching_arrays,
    report_missing,
    shared_names,
    weight_shapes,
)
from cnncalc.execution.inputs.random_arrays import AllWeights, empty_weight, random_inputs, random_weights
from cnncalc.execution.inputs.tokens import table_diagnostics, token_counts, token_diagnostic
from cnncalc.execution.memory.room import PlannedRun, diagnose_memory_errors, require_room


class PreparedRun(NamedTuple):
    """A network that is ready to run: its program, inputs and weights, and where these come from."""

    program: Program
    inputs: dict[str, Array]  # with a batch axis
    weights: AllWeights
    batched: bool  # whether the input was given with a batch axis
    input_source: str
    weight_source: str


def run(
    graph: Graph,
    report: ReportLike,
    inputs: ArrayLike | Mapping[str, ArrayLike] | None = None,
    weights: Mapping[str, ArrayLike] | None = None,
    *,
    seed: int = 0,
    layers: str | Sequence[str] = (),
) -> dict[str, Array]:
    """The output values of a network, or of some of its layers, by path.

    `inputs` is an array of the input's shape, or one array by name for several inputs. Arrays may have a leading batch
    axis; the values then have one, too. `weights` are named and shaped as in a state dict. An array that is not given
    is read from `values` in the description, or drawn from the seed.

    Errors:  InputError with every name, shape and value that does not fit; not-a-report, not-enough-memory,
             cannot-run-opaque

    Example:
        graph = cnncalc.load("lenet5")
        values = cnncalc.run(graph, cnncalc.analyze(graph), image, weights)
    """
    from cnncalc.execution.engine.threads import worker_threads

    if not hasattr(report, "rows"):
        raise InputError.of(
            "not-a-report",
            "run takes a graph and its report, not a {kind}",
            caller(),
            help="write `run(graph, analyze(graph), inputs)`",
            kind=type(report).__name__,
        )
    layers = (layers,) if isinstance(layers, str) else tuple(layers)
    check_layers(graph.name, (*graph.inputs, *(node.path for node in graph.nodes)), layers, lambda _: caller())
    arrays: Mapping[str, Any] = {}
    if inputs is not None:
        arrays = inputs if isinstance(inputs, Mapping) else {next(iter(graph.inputs)): inputs}
    given = from_arrays(arrays, loose=True)
    images = max([_image_count(one, graph.inputs) for one in given], default=1)
    require_no_opaque(report, layers)
    keeper = require_room(PlannedRun(report, images, layers))
    with diagnose_memory_errors(), worker_threads() as workers:
        prepared = prepare(report, given, None if weights is None else from_arrays(weights), seed=seed)
        return values(prepared, layers, workers, before_step=keeper.before_step)


MOST_NAMED = 5
"""Opaque layers that are named."""


def require_no_opaque(report: ReportLike, layers: Sequence[str] = ()) -> None:
    """Reject a run through opaque layers; those behind the last of `layers` are not run.

    Errors:  cannot-run-opaque
    """
    steps = program(report)
    if layers:
        steps = steps.prefix_up_to(layers)
    opaque = [step.path for step in steps.steps if step.traits.is_opaque]
    if opaque:
        places = [row.node.origin.span for row in report.rows if row.path == opaque[0]]
        first = next((number for number, step in enumerate(steps.steps) if step.path == opaque[0]), 0)
        raise InputError.of(
            "cannot-run-opaque",
            "what opaque layers compute is not known: {layers}",
            places[0],
            help="take values from before it: `--layer {before}`"
            if first
            else "write it as layers that are known, or look at its numbers with `cnncalc summarize`",
            layers=Listed([*opaque[:MOST_NAMED], *(["..."] if len(opaque) > MOST_NAMED else [])], ","),
            before=steps.steps[first - 1].path if first else "",
        )


def _image_count(given: UnreadArray, inputs: Mapping[str, Shape]) -> int:
    """The batch size of an array that is given for an input."""
    axes = len(inputs.get(given.name, given.shape))
    return max(1, given.shape[0]) if len(given.shape) > axes else 1


def prepare(
    report: ReportLike,
    inputs: Sequence[UnreadArray] = (),
    weights: Sequence[UnreadArray] | None = None,
    *,
    seed: int = 0,
    weights_span: Span | None = None,
) -> PreparedRun:
    """A network with inputs and weights: those given, those of the description, or random ones, in this order.

    Errors:  unknown-weight, missing-weight, wrong-value-shape, not-numeric, not-finite, cannot-read, unlike-batches,
             no-such-token, not-token-numbers
    """
    steps = program(report)
    found = table_diagnostics(steps)
    shapes, called = weight_shapes(steps), input_names(steps.inputs)
    written = matching_arrays(from_literals(report.graph.values), [*called, *shapes], found)
    arrays, batched, input_source = _inputs(steps, inputs, written, called, seed, found)
    stored, weight_source = _weights(steps, shapes, written, weights, weights_span, seed, found)
    if found:
        raise InputError(found)
    return PreparedRun(steps, arrays, stored, batched, input_source, weight_source)


def values(
    prepared: PreparedRun,
    layers: Sequence[str] = (),
    workers: Workers | None = None,
    progress: Progress = lambda path, tally: None,
    before_step: BeforeStep = lambda step: None,
) -> dict[str, Array]:
    """The values of the outputs, or of these layers instead; no later layer is run.

    Errors:  unknown-layer-name
    """
    steps = prepared.program
    if layers:
        check_layers(steps.name, (*steps.inputs, *(step.path for step in steps.steps)), layers)
        steps = steps.prefix_up_to(layers)
    inputs = prepared.inputs
    if any(map(is_in_place, steps.steps)):
        inputs = {name: array.copy() for name, array in inputs.items()}
    images = len(next(iter(inputs.values())))
    arrays = forward(
        steps, inputs, prepared.weights, workers=workers, keep=layers, progress=progress, before_step=before_step
    )
    return_freed_memory()  # the outputs are copied next, and may not fit into a gap of the heap
    return {path: _by_image(arrays.pop(path), images, prepared.batched) for path in list(arrays)}


def _by_image(array: Array, images: int, batched: bool) -> Array:
    """The values of a batch, or of its only image; regions of an image get an axis of their own."""
    if len(array) != images:
        array = array.reshape(images, -1, *array.shape[1:])
    return np.ascontiguousarray(array if batched else array[0])


def check_layers(
    network: str, paths: Collection[str], layers: Sequence[str], place: Callable[[str], Span | None] | None = None
) -> None:
    """Reject names of layers that the network does not have; `place` is where each was written.

    Errors:  unknown-layer-name
    """
    wrong = [layer for layer in layers if layer not in paths]
    if wrong:
        raise InputError(
            Diagnostic(
                "unknown-layer-name",
                "the network has no layer `{name}`",
                {"name": name, "network": network},
                place and place(name),
                help=_suggestion(name, paths),
            )
            for name in wrong
        )


def _suggestion(name: str, paths: Collection[str]) -> str:
    inside = [path for path in paths if path.startswith(name + ".")]
    if inside:
        return Phrase("that is a group of layers: its last one is `{last}`", last=inside[-1])
    return did_you_mean(name, paths, "`cnncalc summarize` with `--flat` lists the layers")


def _inputs(
    steps: Program,
    given: Sequence[UnreadArray],
    written: Sequence[UnreadArray],
    called: Mapping[str, str],
    seed: int,
    found: list[Diagnostic],
) -> tuple[dict[str, Array], bool, str]:
    """An array with a batch axis for every input; whether any was given with one; and their source in words."""
    own = matching_arrays(given, called, found)
    candidates = {called.get(one.name, one.name): one for one in (*written, *own)}
    chosen = {name: candidates[name] for name in steps.inputs if name in candidates}
    tokens = token_counts(steps)
    arrays: dict[str, Array] = {}
    for name, one in chosen.items():
        array = as_float32(one, steps.inputs[name], found, batch=True)
        if array is not None:
            arrays[name] = array
            wrong = token_diagnostic(name, array, tokens[name], one.span) if name in tokens else None
            found += [wrong] if wrong else []
    batched = {name for name, array in arrays.items() if array.ndim > len(steps.inputs[name])}
    lengths = {len(array) if name in batched else 1 for name, array in arrays.items()}
    if len(lengths) > 1:
        found.append(
            Diagnostic(
                "unlike-batches",
                "the inputs are batches of {sizes} images",
                {"sizes": Listed(sorted(lengths))},
                next(iter(chosen.values())).span,
                help="give every input the same number of images",
            )
        )
    batch = max(lengths, default=1)
    arrays = {name: array if name in batched else array[None] for name, array in arrays.items()}
    arrays |= random_inputs(steps, seed, batch, chosen)
    sources = [GIVEN if one in own else WRITTEN for one in chosen.values()]
    drawn = [name for name in steps.inputs if name not in chosen]
    return (
        {name: arrays[name] for name in steps.inputs if name in arrays},
        bool(batched),
        _source(sources, drawn, Phrase("random {kinds}, seed {seed}", kinds=_kinds(drawn, tokens), seed=seed)),
    )


def _kinds(drawn: Sequence[str], tokens: Collection[str]) -> str:
    """The kinds of values of random inputs, in words."""
    kinds = {Phrase("token numbers") if name in tokens else Phrase("between 0 and 1") for name in drawn}
    return Listed(sorted(kinds), Phrase("or"))


def _weights(
    steps: Program,
    shapes: Mapping[str, Shape],
    written: Sequence[UnreadArray],
    given: Sequence[UnreadArray] | None,
    span: Span | None,
    seed: int,
    found: list[Diagnostic],
) -> tuple[dict[str, dict[str, Array]], str]:
    """An array for every weight, and their source in words."""
    chosen = {one.name: one for one in written if one.name in shapes}
    in_description = set(chosen)
    if given is not None:
        own = _weights_by_holder(given, shapes, shared_names(steps), found)
        chosen |= own
        in_description -= set(own)
        report_missing([name for name in shapes if name not in chosen], span, found)
    drawn = [] if given is not None else [name for name in shapes if name not in chosen]
    places = {stored_name(step.path, one.name): (step.path, one.name) for step in steps.steps for one in step.weights}
    read: dict[str, dict[str, Array]] = {}
    for name, one in chosen.items():
        array = as_float32(one, shapes[name], found, empty=empty_weight)
        if array is not None and not found:  # after a diagnostic nothing runs: arrays are only checked, one at a time
            path, weight = places[name]
            read.setdefault(path, {})[weight] = array
    stored = random_weights(steps, seed) if drawn and not found else {}
    for path, arrays in read.items():
        stored.setdefault(path, {}).update(arrays)
    sources = [GIVEN if name not in in_description else WRITTEN for name in chosen]
    random = Phrase("random, seed {seed}", seed=seed)
    return stored, _source(sources, drawn, random) if shapes else Phrase("none")


def _weights_by_holder(
    given: Sequence[UnreadArray], shapes: Mapping[str, Shape], shared: Mapping[str, str], found: list[Diagnostic]
) -> dict[str, UnreadArray]:
    """Arrays of a state dict, by the name of the layer that holds them; a shared weight may have either name."""
    own = {one.name: one for one in matching_arrays(given, [*shapes, *shared], found)}
    held = {name: one for name, one in own.items() if name in shapes}
    for name, holder in shared.items():
        if name in own and holder not in held:
            held[holder] = own[name]
        elif name in own:
            here, there = (as_float32(one, shapes[holder], found) for one in (own[name], held[holder]))
            if here is not None and there is not None and not np.array_equal(here, there):
                found.append(
                    Diagnostic(
                        "unlike-shared",
                        "`{name}` and `{holder}` are one weight in this network, but differ",
                        {"name": name, "holder": holder},
                        own[name].span,
                        help="leave `{name}` out, or remove `share` from the description",
                    )
                )
    return held


GIVEN, WRITTEN = Phrase("given"), Phrase("as written in the description")
"""Sources of arrays that are not random."""


def _source(sources: Iterable[str], drawn: Sequence[str], random: str) -> str:
    """The source of arrays, in words."""
    said = list(dict.fromkeys(sources))
    if not said:
        return random
    if drawn:
        names = Listed([*drawn[:4], *(["..."] if drawn[4:] else [])], ",")
        said.append(Phrase("{names}: {source}", names=names, source=random))
    return joined_clauses(said)
