"""The plain forward pass: a network, an input and weights in, values out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from cnncalc.core.errors import Diagnostic, InputError, Span
from cnncalc.core.graph import Graph, input_names
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import Shape, stored_name
from cnncalc.core.translation import Listed, Phrase, joined_clauses
from cnncalc.execution.engine.program import Numbers, Program, program
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.threads import give_back
from cnncalc.execution.engine.workers import Workers
from cnncalc.execution.forward import Before, Progress, forward, in_place
from cnncalc.execution.inputs.arrays import (
    Given,
    from_arrays,
    from_literals,
    known,
    missing,
    shared_names,
    taken,
    weight_shapes,
)
from cnncalc.execution.inputs.drawn import AllWeights, drawn_inputs, drawn_weights, empty_weight
from cnncalc.execution.inputs.tokens import not_tokens, token_counts, unknown_token
from cnncalc.execution.memory.room import Taken, diagnosed, require_room


class Prepared(NamedTuple):
    """A network with everything that it needs to run, and where that comes from."""

    program: Program
    inputs: dict[str, Array]  # with a batch axis
    weights: AllWeights
    batched: bool  # whether the input was given with a batch axis
    input_source: str
    weight_source: str


def run(
    graph: Graph,
    report: Numbers,
    inputs: ArrayLike | Mapping[str, ArrayLike] | None = None,
    weights: Mapping[str, ArrayLike] | None = None,
    *,
    seed: int = 0,
    layers: Sequence[str] = (),
) -> dict[str, Array]:
    """The values that come out of a network, or of some of its layers, by path.

    `inputs` is an array of the input's shape, or one by name where there are several; a batch axis may stand in front,
    and stands in front of the values then. `weights` are named and shaped as in a state dict. What is not given stands
    under `values` in the description, or is drawn from the seed.

    Errors:  InputError with every name, shape and value that does not fit; not-enough-memory

    Example:
        graph = cnncalc.load("lenet5")
        values = cnncalc.run(graph, cnncalc.analyze(graph), image, weights)
    """
    from cnncalc.execution.engine.threads import computing

    arrays: Mapping[str, Any] = {}
    if inputs is not None:
        arrays = inputs if isinstance(inputs, Mapping) else {next(iter(graph.inputs)): inputs}
    given = from_arrays(arrays, loose=True)
    images = max([_images(one, graph.inputs) for one in given], default=1)
    keeper = require_room(Taken(report, images, layers))
    with diagnosed(), computing() as workers:
        prepared = prepare(report, given, None if weights is None else from_arrays(weights), seed=seed)
        return values(prepared, layers, workers, before=keeper.before)


def _images(given: Given, inputs: Mapping[str, Shape]) -> int:
    """How many images an array has, of an input by this name."""
    axes = len(inputs.get(given.name, given.shape))
    return max(1, given.shape[0]) if len(given.shape) > axes else 1


def prepare(
    report: Numbers,
    inputs: Sequence[Given] = (),
    weights: Sequence[Given] | None = None,
    *,
    seed: int = 0,
    weights_span: Span | None = None,
) -> Prepared:
    """Inputs and weights as they were given, as the description writes them, or drawn from the seed, in this order.

    Errors:  unknown-weight, missing-weight, wrong-value-shape, not-numeric, not-finite, cannot-read, unlike-batches,
             no-such-token, not-token-numbers
    """
    steps = program(report)
    found = not_tokens(steps)
    shapes, called = weight_shapes(steps), input_names(steps.inputs)
    written = known(from_literals(report.graph.values), [*called, *shapes], found)
    arrays, batched, input_source = _inputs(steps, inputs, written, called, seed, found)
    stored, weight_source = _weights(steps, shapes, written, weights, weights_span, seed, found)
    if found:
        raise InputError(found)
    return Prepared(steps, arrays, stored, batched, input_source, weight_source)


def values(
    prepared: Prepared,
    layers: Sequence[str] = (),
    workers: Workers | None = None,
    progress: Progress = lambda path, tally: None,
    before: Before = lambda step: None,
) -> dict[str, Array]:
    """The values of the outputs, or of these layers instead; nothing behind the last of them is run.

    Errors:  unknown-layer-name
    """
    steps = prepared.program
    if layers:
        check_layers(steps.name, (*steps.inputs, *(step.path for step in steps.steps)), layers)
        steps = steps.until(layers)
    inputs = prepared.inputs
    if any(map(in_place, steps.steps)):
        inputs = {name: array.copy() for name, array in inputs.items()}
    images = len(next(iter(inputs.values())))
    arrays = forward(steps, inputs, prepared.weights, workers=workers, keep=layers, progress=progress, before=before)
    give_back()  # what follows asks for whole outputs, which may fit into no gap that is left
    return {path: _of_images(arrays.pop(path), images, prepared.batched) for path in list(arrays)}


def _of_images(array: Array, images: int, batched: bool) -> Array:
    """The values of a batch, or of its only image; where there are several regions to an image, they get an axis."""
    if len(array) != images:
        array = array.reshape(images, -1, *array.shape[1:])
    return np.ascontiguousarray(array if batched else array[0])


def check_layers(
    network: str, paths: Collection[str], layers: Sequence[str], place: Callable[[str], Span] | None = None
) -> None:
    """Object to names of layers that are not among the paths of a network; `place` is where each was written.

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
                help=_meant(name, paths),
            )
            for name in wrong
        )


def _meant(name: str, paths: Collection[str]) -> str:
    inside = [path for path in paths if path.startswith(name + ".")]
    if inside:
        return Phrase("that is a group of layers: its last one is `{last}`", last=inside[-1])
    return did_you_mean(name, paths, "`cnncalc summarize` with `--flat` lists the layers")


def _inputs(
    steps: Program,
    given: Sequence[Given],
    written: Sequence[Given],
    called: Mapping[str, str],
    seed: int,
    found: list[Diagnostic],
) -> tuple[dict[str, Array], bool, str]:
    """An array with a batch axis for every input; whether one was given so; and where they come from."""
    own = known(given, called, found)
    candidates = {called.get(one.name, one.name): one for one in (*written, *own)}
    chosen = {name: candidates[name] for name in steps.inputs if name in candidates}
    tokens = token_counts(steps)
    arrays: dict[str, Array] = {}
    for name, one in chosen.items():
        array = taken(one, steps.inputs[name], found, batch=True)
        if array is not None:
            arrays[name] = array
            wrong = unknown_token(name, array, tokens[name], one.span) if name in tokens else None
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
    arrays |= drawn_inputs(steps, seed, batch, chosen)
    sources = [GIVEN if one in own else WRITTEN for one in chosen.values()]
    drawn = [name for name in steps.inputs if name not in chosen]
    return (
        {name: arrays[name] for name in steps.inputs if name in arrays},
        bool(batched),
        _source(sources, drawn, Phrase("random {kinds}, seed {seed}", kinds=_kinds(drawn, tokens), seed=seed)),
    )


def _kinds(drawn: Sequence[str], tokens: Collection[str]) -> str:
    """What random inputs are."""
    kinds = {Phrase("token numbers") if name in tokens else Phrase("between 0 and 1") for name in drawn}
    return Listed(sorted(kinds), Phrase("or"))


def _weights(
    steps: Program,
    shapes: Mapping[str, Shape],
    written: Sequence[Given],
    given: Sequence[Given] | None,
    span: Span | None,
    seed: int,
    found: list[Diagnostic],
) -> tuple[dict[str, dict[str, Array]], str]:
    """An array for every weight, and where they come from."""
    chosen = {one.name: one for one in written if one.name in shapes}
    in_description = set(chosen)
    if given is not None:
        own = _held(given, shapes, shared_names(steps), found)
        chosen |= own
        in_description -= set(own)
        missing([name for name in shapes if name not in chosen], span, found)
    drawn = [] if given is not None else [name for name in shapes if name not in chosen]
    places = {stored_name(step.path, one.name): (step.path, one.name) for step in steps.steps for one in step.weights}
    read: dict[str, dict[str, Array]] = {}
    for name, one in chosen.items():
        array = taken(one, shapes[name], found, empty=empty_weight)
        if array is not None and not found:  # else nothing runs, and the other arrays are looked at one by one
            path, weight = places[name]
            read.setdefault(path, {})[weight] = array
    stored = drawn_weights(steps, seed) if drawn and not found else {}
    for path, arrays in read.items():
        stored.setdefault(path, {}).update(arrays)
    sources = [GIVEN if name not in in_description else WRITTEN for name in chosen]
    random = Phrase("random, seed {seed}", seed=seed)
    return stored, _source(sources, drawn, random) if shapes else Phrase("none")


def _held(
    given: Sequence[Given], shapes: Mapping[str, Shape], shared: Mapping[str, str], found: list[Diagnostic]
) -> dict[str, Given]:
    """Arrays of a state dict by the name of the layer that holds them: one that is shared may stand under each name."""
    own = {one.name: one for one in known(given, [*shapes, *shared], found)}
    held = {name: one for name, one in own.items() if name in shapes}
    for name, holder in shared.items():
        if name in own and holder not in held:
            held[holder] = own[name]
        elif name in own:
            here, there = (taken(one, shapes[holder], found) for one in (own[name], held[holder]))
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
"""Where arrays come from that are not drawn."""


def _source(sources: Iterable[str], drawn: Sequence[str], random: str) -> str:
    """Where arrays come from, in words."""
    said = list(dict.fromkeys(sources))
    if not said:
        return random
    if drawn:
        names = Listed([*drawn[:4], *(["..."] if drawn[4:] else [])], ",")
        said.append(Phrase("{names}: {source}", names=names, source=random))
    return joined_clauses(said)
