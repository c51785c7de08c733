"""Mistakes about layers without windows: merges, norms, attention, and maps that are resized."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.kinds import Kind
from cnncalc.core.rewriting import total
from cnncalc.core.tensor import spell
from cnncalc.core.translation import Phrase
from cnncalc.homework.mistakes.base import FILTERS, POSITIONS, WEIGHTS, Case, Change, defined_in, rewriting
from cnncalc.homework.mistakes.facts import Facts, is_bias, pairs_of
from cnncalc.homework.mistakes.steps import Step, with_channels_out, without
from cnncalc.homework.mistakes.working import Working

SHAPED = ("output", "channels", "memory")

# Merges


@rewriting(Phrase("An addition keeps the channels: {out:,}. Only a concatenation adds them up."), *SHAPED)
def concatenated_for_added(case: Case, layer: Facts) -> Iterator[Step]:
    """The channels of all inputs."""
    if layer.row.type == "add" and len(layer.y.shape) > 1:
        yield with_channels_out(lambda w: total([x.channels for x in w.inputs]))


@rewriting(Phrase("A concatenation adds up the channels: {parts} = {out:,}."), *SHAPED)
def added_for_concatenated(case: Case, layer: Facts) -> Iterator[Change]:
    """The channels of one input."""
    if layer.row.type == "concat" and len(layer.y.shape) > 1:
        parts = [x.shape[0] for x in layer.row.inputs]
        for number in range(len(set(parts))):
            yield Change(
                with_channels_out(lambda w, number=number: w.inputs[number].channels),  # type: ignore[misc]
                facts={"parts": " + ".join(map(str, parts))},
            )


# Norms


@rewriting(Phrase("What this layer learns: {weights}."), *WEIGHTS, "buffers")
def norm_for_one(case: Case, layer: Facts) -> Iterator[Change | Step]:
    """Half of what a norm learns or stores, or both together, a value for every activation, or one for all."""
    if layer.kind is not Kind.NORM or not layer.row.params:
        return
    steps: tuple[Step, ...] = (
        lambda w: w.with_weights(lambda one: None if is_bias(one.name) or one.name == "running_var" else one),
        _with_all_that_is_stored,
        lambda w: w.with_weights(lambda one: one._replace(shape=(*one.shape, *w.x.spatial))),
        lambda w: w.with_weights(lambda one: one._replace(shape=(1,))),
    )
    for step in steps:
        if layer.layer.traits.keeps_statistics and layer.row.params == 2 * layer.out:
            sentence = Phrase(
                "A batch norm learns a scale and a shift for every channel, 2·{out} = {both:,}, "
                "and stores a mean and a variance besides."
            )
            yield Change(step, sentence, {"both": 2 * layer.out})
        else:
            yield step


def _with_all_that_is_stored(w: Working) -> Working:
    stored = total([one.numel for one in w.weights])
    return w.with_weights(lambda one: one._replace(shape=(stored,)) if one.name in ("weight", "running_mean") else None)


@rewriting(Phrase("The groups share out the channels: each of the {into} channels has a scale and a shift."), *WEIGHTS)
def groups_for_channels(case: Case, layer: Facts) -> Iterator[Step]:
    """A scale and a shift for each group."""
    if "num_groups" in layer.layer.__dict__ and layer.row.params:
        yield lambda w: w.with_weights(lambda one: one._replace(shape=(w.layer.num_groups,)))


# Attention


@rewriting(Phrase("The {heads} heads share the {into} features out: together they have what one would have."), *FILTERS)
def heads_multiplied(case: Case, layer: Facts) -> Iterator[Change]:
    """As many features for every head."""
    heads = layer.option("num_heads", 1)
    if layer.kind is Kind.ATTENTION and heads > 1:
        yield Change(lambda w: w.with_counts(lambda count: w.layer.num_heads * count), facts={"heads": heads})


# Maps that are resized


@rewriting(Phrase("The rows and columns are multiplied by {factor}, not divided."), *POSITIONS)
def scale_inverted(case: Case, layer: Facts) -> Iterator[Change]:
    """A smaller map for a larger one."""
    x, y = layer.x.spatial, layer.y.spatial
    if case.row.type in ("upsample", "pixel_shuffle") and all(m % n == 0 and m > n for n, m in zip(x, y, strict=True)):
        factors = [m // n for n, m in zip(x, y, strict=True)]
        yield Change(
            lambda w: w.with_extents([n // factor for n, factor in zip(w.x.spatial, factors, strict=True)]),
            facts={"factor": spell(tuple(dict.fromkeys(factors)))},
        )


@rewriting(Phrase("{size_out} is the size that comes out, whatever goes in: nothing is divided by it."), *POSITIONS)
def divided_by_output_size(case: Case, layer: Facts) -> Iterator[Step]:
    """The size of the input, divided by that of the output."""
    x, y = layer.x.spatial, layer.y.spatial
    if layer.option("output_size") and x != y and len(x) == len(y) and len(layer.row.inputs) == 1:
        yield lambda w: w.with_extents([n // m for n, m in zip(w.x.spatial, w.extents, strict=True)])


@rewriting(Phrase("Of the {into:,} channels {out:,} remain: r² of them make the pixels of one."), *SHAPED)
def channels_resized(case: Case, layer: Facts) -> Iterator[Step]:
    """The channels divided, or left, as the map grows."""
    if layer.row.type == "pixel_shuffle":
        yield with_channels_out(lambda w: w.features)
        yield with_channels_out(lambda w: w.features // w.layer.upscale_factor)


@rewriting(Phrase("Rows are cut off both ends of an axis: {margin}."), *POSITIONS)
def cut_at_one_end(case: Case, layer: Facts) -> Iterator[Change]:
    """The margin before each axis alone."""
    if layer.row.type == "crop" and layer.layer.margin is not None:
        margins = pairs_of(layer.layer.margin, len(layer.x.spatial))
        yield Change(
            lambda w: w.with_options(
                margin=tuple((before, 0) for before, _ in pairs_of(w.layer.margin, len(w.x.spatial)))
            ),
            facts={"margin": "×".join(dict.fromkeys(f"{before} + {after}" for before, after in margins))},
        )


@rewriting(Phrase("The weights are not shared: each of the {size_out} positions has filters of its own."), *WEIGHTS)
def weights_shared(case: Case, layer: Facts) -> Iterator[Step]:
    """The same filters at every position."""
    if layer.kind is Kind.LOCAL:
        yield lambda w: w.with_factors(without(w.extents))


OTHER_MISTAKES = defined_in(globals())
"""In the order in which they are looked for where sources do not tell which is likelier."""
