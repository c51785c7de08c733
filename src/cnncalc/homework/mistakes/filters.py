"""Mistakes about filters: weights, biases, groups, and how often each weight is used."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnncalc.core.arithmetic import exact_div
from cnncalc.core.kinds import Kind
from cnncalc.core.rewriting import product, total
from cnncalc.core.tensor import Shape, spell
from cnncalc.core.translation import Phrase
from cnncalc.homework.mistakes.base import FILTERS, WEIGHTS, WORK, Case, Change, defined_in, rewriting
from cnncalc.homework.mistakes.facts import Facts
from cnncalc.homework.mistakes.steps import (
    Step,
    as_convolution,
    instead,
    of_flat_map,
    places,
    reading,
    seen_channels,
    ungrouped,
    width,
    with_biases,
    with_width,
    without,
    without_biases,
)
from cnncalc.homework.mistakes.working import Working
from cnncalc.layers.catalogue import resolve

# Biases


def _has_one_bias_each(layer: Facts) -> bool:
    """Whether every filter has one bias."""
    return layer.has_filters and layer.biases > 0


@rewriting(Phrase("The biases are missing: {biases:,} numbers that are added."), *WEIGHTS)
def bias_forgotten(case: Case, layer: Facts) -> Iterator[Change | Step]:
    """Weights alone, without what is added."""
    if layer.has_filters and layer.biases:
        yield Change(without_biases, Phrase("The biases are missing: one for each of the {biases:,} {outputs}."))
    elif layer.biases and layer.kind is not Kind.NORM:
        yield without_biases


@rewriting(Phrase("There is a bias for each of the {biases:,} {outputs}, not one for the whole layer."), *WEIGHTS)
def one_bias(case: Case, layer: Facts) -> Iterator[Step]:
    """One bias for the whole layer."""
    if _has_one_bias_each(layer) and layer.biases > 1:
        yield with_biases(lambda w: (1,))


@rewriting(Phrase("This layer has no biases."), *WEIGHTS)
def bias_not_there(case: Case, layer: Facts) -> Iterator[Change]:
    """Biases where the layer has none."""
    if layer.option("bias") is False:
        behind = next(case.after(), None)
        with_bias: Step = lambda w: w.with_options(bias=True)  # noqa: E731
        if behind is not None and behind.layer.traits.keeps_statistics:
            sentence = Phrase("This layer has no biases: the shift of {norm} does their work.")
            yield Change(with_bias, sentence, {"norm": behind.path})
        else:
            yield Change(with_bias)


# What a filter reads


LAID_FLAT = (*FILTERS, "output", "size", "channels", "memory")


@rewriting(Phrase("Every filter spans all {seen:,} channels that it reads, not just one."), *LAID_FLAT)
def input_channels_forgotten(case: Case, layer: Facts) -> Iterator[Change | Step]:
    """Filters of one channel, or the rows and columns of a flattened map alone."""
    if layer.filters_map and layer.seen > 1:
        yield lambda w: ungrouped(w).with_channels(1)
    elif layer.reads_flat and layer.flat[0] > 1:
        yield Change(
            of_flat_map(prod(layer.flat[1:]), lambda w: w.x.shape[1:]),
            Phrase(
                "Laid flat, a map of {map} has {product} = {values:,} values: its {channels} channels count as well."
            ),
            {"channels": layer.flat[0]},
            Phrase("Laid flat, a map has a value for every channel at every position."),
        )


@rewriting(
    Phrase("Laid flat, a map of {map} has {product} = {values:,} values, not one for each channel."),
    *LAID_FLAT,
    hint=Phrase("Laid flat, a map has a value for every channel at every position."),
)
def map_forgotten(case: Case, layer: Facts) -> Iterator[Step]:
    """The channels of a flattened map alone."""
    if layer.reads_flat and layer.values > layer.flat[0]:
        yield of_flat_map(layer.flat[0], lambda w: w.x.shape[:1])


@rewriting(
    Phrase("{pool} comes before, and leaves {shape}: {values:,} values."),
    *LAID_FLAT,
    hint=Phrase("{pool} comes before, and leaves a smaller map."),
)
def flattened_before_pool(case: Case, layer: Facts) -> Iterator[Change]:
    """The values of a map that is still to be pooled."""
    flat = case.flatten() if layer.reads_flat else None
    for row in case.up_from(flat.node.inputs[0]) if flat is not None else ():
        if row.output.numel != layer.values or len(row.inputs) != 1:
            return
        if row.inputs[0].numel != layer.values:
            facts = {"pool": row.path, "shape": row.output.shape_text()}
            shape = row.inputs[0].shape
            yield Change(of_flat_map(row.inputs[0].numel, lambda w, shape=shape: shape), facts=facts)  # type: ignore[misc]
            return


@rewriting(
    Phrase("{out:,} is the width of this layer. What it reads is the map of {map} laid flat: {values:,} values."),
    *LAID_FLAT,
)
def next_width_for_flattened(case: Case, layer: Facts) -> Iterator[Change | Step]:
    """The width of the first linear layer for what it reads."""
    if layer.is_linear and layer.flat and layer.out != layer.into:
        yield lambda w: w.with_channels(width(w))
    reader = next((row for row in case.after() if row.type == "linear"), None) if layer.row.type == "flatten" else None
    if reader is not None:
        number = reader.output.shape[-1]
        yield Change(
            of_flat_map(number, lambda w: (number,)),
            Phrase(
                "{width:,} is the width of {reader}, the next layer. "
                "A map of {map} laid flat has {product} = {values:,} values."
            ),
            {"width": number, "reader": reader.path},
            Phrase("That is the width of {reader}, the next layer."),
        )


@rewriting(Phrase("That is one filter: there are {out:,}, one for each of the {outputs}."), *FILTERS)
def output_channels_forgotten(case: Case, layer: Facts) -> Iterator[Step]:
    """A single filter."""
    if layer.has_filters and layer.out > 1:
        yield lambda w: with_width(ungrouped(w).with_channels(seen_channels(w)), 1)


def _may_mix_up(layer: Facts) -> bool:
    return layer.has_filters and layer.out != layer.into and layer.g == 1


@rewriting(Phrase("Input and output are swapped: {into:,} go in, and {out:,} come out."), *FILTERS)
def channels_swapped(case: Case, layer: Facts) -> Iterator[Step]:
    """Input for output, and output for input."""
    if _may_mix_up(layer):
        yield lambda w: with_width(w.with_channels(width(w)), w.features)


@rewriting(Phrase("Every filter reads the {into:,} inputs, not {out:,}: that is how many come out."), *FILTERS)
def output_channels_for_input(case: Case, layer: Facts) -> Iterator[Step]:
    """The number of filters for what each of them reads."""
    if _may_mix_up(layer) and not layer.flat:
        yield lambda w: w.with_channels(width(w))


@rewriting(Phrase("There are {out:,} filters, not {into:,}: that is how many channels each of them reads."), *FILTERS)
def input_channels_for_output(case: Case, layer: Facts) -> Iterator[Step]:
    """What a filter reads for the number of filters."""
    if _may_mix_up(layer):
        yield lambda w: with_width(w, w.features)


@rewriting(Phrase("The image has one channel here, not three."), *FILTERS)
def colour_assumed(case: Case, layer: Facts) -> Iterator[Step]:
    """Three channels for one."""
    if (layer.filters_map and layer.into == 1) or (layer.is_linear and layer.flat and layer.flat[0] == 1):
        yield lambda w: w.with_channels(3 * w.features if layer.is_linear else 3)


@rewriting(
    Phrase("This layer reads the {into:,} channels of the layer before it, not the {image} of the image."), *FILTERS
)
def image_channels_read(case: Case, layer: Facts) -> Iterator[Change]:
    """The channels of the image for those of the layer before."""
    shapes = list(case.report.graph.inputs.values())
    if layer.filters_map and layer.g == 1 and len(shapes) == 1 and len(shapes[0]) > 1:
        image = shapes[0][0]
        if image not in (1, layer.into):  # a single channel is another mistake: input_channels_forgotten
            yield Change(reading(image), facts={"image": image})


# Kernels and groups


def _kernel(w: Working) -> Shape:
    kernel: Shape = w.layer.kernel_size
    return kernel


def _has_kernel(layer: Facts) -> bool:
    return layer.filters_map and layer.taps > 1


@rewriting(Phrase("A kernel of {kernel} has {taps} values for every channel."), *FILTERS)
def kernel_not_squared(case: Case, layer: Facts) -> Iterator[Step]:
    """One axis of the kernel, or the sum of its axes."""
    axes = len(layer.layer.kernel_size) if _has_kernel(layer) else 0
    for axis in range(1, axes):
        yield lambda w, axis=axis: w.with_factors(without(_kernel(w)[axis:]))  # type: ignore[misc]
    if axes > 1:
        yield lambda w: w.with_factors(without(_kernel(w)[1:])).with_factors(
            instead([(_kernel(w)[0], total(_kernel(w)))])
        )


@rewriting(Phrase("Every filter has {taps} weights for every channel that it reads: {kernel} of them."), *FILTERS)
def kernel_forgotten(case: Case, layer: Facts) -> Iterator[Step]:
    """Every filter with one weight for a channel."""
    if _has_kernel(layer):
        yield lambda w: w.with_factors(without(_kernel(w)))


@rewriting(Phrase("The kernel of this layer is {kernel}; {other} is that of {path}."), *FILTERS)
def kernel_of_another_layer(case: Case, layer: Facts) -> Iterator[Change]:
    """The kernel of a layer near by."""
    seen = {layer.option("kernel_size")}
    for row in case.near() if layer.filters_map else ():
        kernel = row.layer.kernel_size
        if kernel not in seen:
            seen.add(kernel)
            yield Change(
                lambda w, kernel=kernel: w.with_options(kernel_size=kernel),  # type: ignore[misc]
                facts={"other": spell(kernel), "path": row.path},
            )


@rewriting(
    Phrase(
        "There are {g} groups: a filter reads {seen} of the {into} input channels, "
        "so that there is 1/{g} of everything."
    ),
    *FILTERS,
)
def groups_ignored(case: Case, layer: Facts) -> Iterator[Step]:
    """Every filter with all channels."""
    if layer.has_filters and layer.g > 1:
        yield ungrouped


@rewriting(Phrase("One group has 1/{g}² of the dense weights, but there are {g} groups: 1/{g} in all."), *FILTERS)
def groups_squared(case: Case, layer: Facts) -> Iterator[Step]:
    """One group for all of them."""
    if layer.has_filters and layer.g > 1:
        yield lambda w: w.with_factors(
            instead([(one, exact_div(one, w.layer.groups)) for one in (width(w), w.features)])
        )


@rewriting(
    Phrase(
        "A convolution costs {taps}·N / ({taps} + N) times as much as its depthwise separable form: "
        "{factor:.2f} times for N = {out:,} output channels. {taps} is only the limit for many."
    ),
    *FILTERS,
)
def separable_times_kernel(case: Case, layer: Facts) -> Iterator[Change]:
    """The depthwise separable form, times the kernel."""
    if _has_kernel(layer) and len(layer.layer.kernel_size) > 1 and layer.g == 1 and layer.kind is Kind.CONVOLUTION:
        yield Change(
            lambda w: w.with_factors(instead([(width(w), product(_kernel(w)) + width(w))])),
            facts={"factor": layer.taps * layer.out / (layer.taps + layer.out)},
        )


# How often a weight is used, or stored


@rewriting(Phrase("The weights are shared: the same filters are used at every position of the map."), *WEIGHTS)
def weights_not_shared(case: Case, layer: Facts) -> Iterator[Step]:
    """Filters of their own for every position."""
    if layer.filters_map and layer.kind is not Kind.LOCAL:
        yield lambda w: w.with_longer_weights(w.extents)
        yield lambda w: w.with_longer_weights(w.x.spatial)


@rewriting(Phrase("Every weight is used at each of the {places} positions, not once."), *WORK)
def macs_per_position(case: Case, layer: Facts) -> Iterator[Step]:
    """Every weight used once."""
    if layer.y.spatial:
        yield lambda w: w.with_factors(without(places(w)))


@rewriting(Phrase("The map has {places} positions: both of its axes count."), *WORK)
def one_axis_of_positions(case: Case, layer: Facts) -> Iterator[Step]:
    """Every weight used at each row alone."""
    if len(layer.y.spatial) > 1:
        yield lambda w: w.with_factors(without(places(w)[1:]))


@rewriting(
    Phrase("A filter is used once for every position of the output, {size_out}, not of the input, {size_in}."), *WORK
)
def input_size_for_output(case: Case, layer: Facts) -> Iterator[Step]:
    """Every weight used at each position of the input."""
    if layer.filters_map and not layer.is_transposed and layer.size_in != layer.size_out:
        yield lambda w: w.with_factors(instead(list(zip(w.extents, w.x.spatial, strict=True))))


@rewriting(Phrase("A pool learns nothing: it has no weights, and multiplies by none."), *FILTERS)
def pooling_given_parameters(case: Case, layer: Facts) -> Iterator[Step]:
    """A pool with filters, or with a scale and a shift for each channel."""
    if not layer.is_window_pool:
        return
    for bias in (False, True):
        yield lambda w, bias=bias: as_convolution(w.with_channels(1), 1, bias=bias)  # type: ignore[misc]
        yield lambda w, bias=bias: as_convolution(w.with_channels(1), w.features, bias=bias)  # type: ignore[misc]
        yield lambda w, bias=bias: as_convolution(w, w.features, bias=bias)  # type: ignore[misc]
    scaled = resolve("trainable_pool2d")
    yield lambda w: w.of_layer(scaled(kernel_size=1).model_copy(w.layer.__dict__))


# Other numbers of biases


@rewriting(
    Phrase("A filter has many weights but only one bias: {biases:,} biases, one for each of the {outputs}."), *WEIGHTS
)
def bias_per_weight(case: Case, layer: Facts) -> Iterator[Step]:
    """As many biases as weights."""
    if _has_one_bias_each(layer):
        yield with_biases(lambda w: w.weights[0].shape)


@rewriting(
    Phrase("Biases belong to what comes out: {biases:,} of them, not one for each of the {into:,} inputs."), *WEIGHTS
)
def bias_per_input_channel(case: Case, layer: Facts) -> Iterator[Step]:
    """A bias for each input."""
    if _has_one_bias_each(layer) and layer.into != layer.out:
        yield with_biases(lambda w: (w.features,))


@rewriting(Phrase("A bias is shared by all {size_out} positions of its map."), *WEIGHTS)
def bias_per_position(case: Case, layer: Facts) -> Iterator[Step]:
    """A bias for each value that comes out."""
    if _has_one_bias_each(layer) and layer.filters_map and layer.kind is not Kind.LOCAL:
        yield with_biases(lambda w: (width(w), *w.extents))


@rewriting(Phrase("The biases are added, one for each of the {outputs}, not multiplied."), *WEIGHTS)
def biases_multiplied(case: Case, layer: Facts) -> Iterator[Step]:
    """Weights times biases."""
    if _has_one_bias_each(layer):
        yield lambda w: without_biases(w).with_weights(lambda one: one._replace(shape=(*one.shape, width(w))))


FILTER_MISTAKES = defined_in(globals())
"""In the order in which they are looked for where sources do not tell which is likelier."""
