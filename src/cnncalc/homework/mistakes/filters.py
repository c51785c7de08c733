"""Mistakes about filters: weights, biases, groups, and how often each weight is used."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import dropwhile
from operator import mul

from cnncalc.core.arithmetic import exact_div
from cnncalc.core.tensor import spell
from cnncalc.core.translation import Phrase, said
from cnncalc.homework.mistakes.base import FILTERS, WEIGHTS, WORK, Case, Change, Mistake, sketch_mistake
from cnncalc.homework.mistakes.sketch import Sketch


def output_words(sketch: Sketch) -> Phrase:
    """The words for what a layer has one of per filter."""
    return Phrase("output channels") if sketch.axes else Phrase("output units")


def _bias_forgotten(case: Case, s: Sketch) -> Iterator[Change]:
    if s.biases:
        yield Change(
            s._replace(biases=0),
            said("The biases are missing: one for each of the {n:,} {outputs}.", n=s.biases, outputs=output_words(s)),
        )


def _one_bias(case: Case, s: Sketch) -> Iterator[Change]:
    if s.biases > 1:
        sentence = said(
            "There is a bias for each of the {n:,} {outputs}, not one for the whole layer.",
            n=s.biases,
            outputs=output_words(s),
        )
        yield Change(s._replace(biases=1), sentence)


def _bias_per_weight(case: Case, s: Sketch) -> Iterator[Change]:
    if s.biases:
        sentence = said(
            "A filter has many weights but only one bias: {n:,} biases, one for each of the {outputs}.",
            n=s.biases,
            outputs=output_words(s),
        )
        yield Change(s._replace(biases=s.weights()), sentence)


def _bias_per_input_channel(case: Case, s: Sketch) -> Iterator[Change]:
    if s.biases and s.into != s.out:
        sentence = said(
            "Biases belong to what comes out: {n:,} of them, not one for each of the {c:,} inputs.",
            n=s.biases,
            c=s.into,
        )
        yield Change(s._replace(biases=s.into), sentence)


def _bias_per_position(case: Case, s: Sketch) -> Iterator[Change]:
    if s.biases and s.axes:
        size = spell(tuple(map(int, s.extents())))
        yield Change(
            s._replace(biases=s.biases * _product(s.extents())),
            said("A bias is shared by all {size} positions of its map.", size=size),
        )


def _bias_not_there(case: Case, s: Sketch) -> Iterator[Change]:
    if s.learns and not s.biases:
        normed = next((row.path for row in case.after()), "") if _is_normalised(case) else ""
        sentence = (
            said("This layer has no biases: the shift of {norm} does their work.", norm=normed)
            if normed
            else said("This layer has no biases.")
        )
        yield Change(s._replace(biases=s.out), sentence)


def _is_normalised(case: Case) -> bool:
    return any(row.layer.traits.keeps_statistics for row in list(case.after())[:1])


def _input_channels_forgotten(case: Case, s: Sketch) -> Iterator[Change]:
    if not s.learns:
        return
    if s.axes and s.into > s.groups:
        seen = s.into // s.groups
        yield Change(
            s._replace(into=1, groups=1),
            said("Every filter spans all {n:,} channels that it reads, not just one.", n=seen),
        )
    flat = case.flatten()
    if not s.axes and flat is not None and flat.inputs[0].shape[0] > 1:
        channels, *grid = flat.inputs[0].shape
        yield Change(
            s._replace(into=_product(tuple(grid))),
            said("Laid flat, a map of {shape} has {n:,} values: its {c} channels count as well.",
                 shape=spell(flat.inputs[0].shape), n=s.into, c=channels),
        )  # fmt: skip


def _map_forgotten(case: Case, s: Sketch) -> Iterator[Change]:
    flat = case.flatten()
    if s.learns and not s.axes and flat is not None and flat.output.numel > flat.inputs[0].shape[0]:
        yield Change(
            s._replace(into=flat.inputs[0].shape[0]),
            said("Laid flat, a map of {shape} has {n:,} values, not one for each channel.",
                 shape=spell(flat.inputs[0].shape), n=s.into),
        )  # fmt: skip


def _flattened_before_pool(case: Case, s: Sketch) -> Iterator[Change]:
    flat = case.flatten() if s.learns and not s.axes else None
    rows = dropwhile(lambda row: row is not flat, case.before()) if flat is not None and flat is not case.row else ()
    for row in rows:
        values = row.inputs[0].numel
        if row.output.numel != s.into or len(row.inputs) != 1:
            return
        if values != s.into:
            sentence = said(
                "{pool} comes before this layer, and leaves {shape}: {n:,} values.",
                pool=row.path,
                shape=row.output.shape_text(),
                n=s.into,
            )
            yield Change(s._replace(into=values), sentence)
            return


def _next_width_for_flattened(case: Case, s: Sketch) -> Iterator[Change]:
    flat = case.flatten()
    if s.learns and not s.axes and flat is not None and s.out != s.into:
        yield Change(
            s._replace(into=s.out),
            said(
                "{width:,} is the width of this layer. What it reads is the map of {shape} laid flat: {n:,} values.",
                width=s.out,
                shape=spell(flat.inputs[0].shape),
                n=s.into,
            ),
        )


def _output_channels_forgotten(case: Case, s: Sketch) -> Iterator[Change]:
    if s.learns and s.out > 1:
        sentence = said(
            "That is one filter: there are {n:,}, one for each of the {outputs}.", n=s.out, outputs=output_words(s)
        )
        into = s.into if s.groups == 1 else exact_div(s.into, s.groups)
        yield Change(s._replace(out=1, groups=1, into=into, biases=1 if s.biases else 0), sentence)


def _channels_swapped(case: Case, s: Sketch) -> Iterator[Change]:
    if s.learns and s.out != s.into and s.groups == 1:
        yield Change(
            s._replace(out=s.into, into=s.out, biases=s.into if s.biases else 0),
            said("Input and output are swapped: {into:,} go in, and {out:,} come out.", into=s.into, out=s.out),
        )


def _output_channels_for_input(case: Case, s: Sketch) -> Iterator[Change]:
    if s.learns and s.out != s.into and s.groups == 1 and case.flatten() is None:
        yield Change(
            s._replace(into=s.out),
            said(
                "Every filter reads the {into:,} inputs, not {out:,}: that is how many come out.",
                into=s.into,
                out=s.out,
            ),
        )


def _input_channels_for_output(case: Case, s: Sketch) -> Iterator[Change]:
    if s.learns and s.out != s.into and s.groups == 1:
        yield Change(
            s._replace(out=s.into, biases=s.into if s.biases else 0),
            said("There are {out:,} filters, not {into:,}: that is how many channels each of them reads.",
                 into=s.into, out=s.out),
        )  # fmt: skip


def _colour_assumed(case: Case, s: Sketch) -> Iterator[Change]:
    sentence = said("The image has one channel here, not three.")
    if s.learns and s.axes and s.into == 1:
        yield Change(s._replace(into=3), sentence)
    flat = case.flatten()
    if s.learns and not s.axes and flat is not None and flat.inputs[0].shape[0] == 1:
        yield Change(s._replace(into=3 * s.into), sentence)


def _image_channels_read(case: Case, s: Sketch) -> Iterator[Change]:
    shapes = list(case.report.graph.inputs.values())
    if s.learns and s.axes and s.groups == 1 and len(shapes) == 1 and len(shapes[0]) > 1:
        image = shapes[0][0]
        if image not in (1, s.into):  # a single channel is another mistake: input_channels_forgotten
            sentence = said(
                "This layer reads the {n:,} channels of the layer before it, not the {image} of the image.",
                n=s.into,
                image=image,
            )
            yield Change(s._replace(into=image), sentence)


def _kernel_not_squared(case: Case, s: Sketch) -> Iterator[Change]:
    if len(s.kernel) < 2:
        return
    sentence = said(
        "A kernel of {kernel} has {n} values for every channel.", kernel=spell(s.kernel), n=_product(s.kernel)
    )
    for axes in range(1, len(s.kernel)):
        yield Change(s._replace(kernel=s.kernel[:axes]), sentence)
    yield Change(s._replace(kernel=(sum(s.kernel[1:], s.kernel[0]),)), sentence)


def _kernel_forgotten(case: Case, s: Sketch) -> Iterator[Change]:
    if s.learns and s.kernel:
        sentence = said(
            "Every filter has {n} weights for every channel that it reads: {kernel} of them.",
            n=_product(s.kernel),
            kernel=spell(s.kernel),
        )
        yield Change(s._replace(kernel=()), sentence)


def _groups_ignored(case: Case, s: Sketch) -> Iterator[Change]:
    if s.groups > 1 and s.learns:
        sentence = said(
            "There are {g} groups: a filter reads {n} of the {c} input channels, so that there is 1/{g} of everything.",
            g=s.groups,
            n=s.into // s.groups,
            c=s.into,
        )
        yield Change(s._replace(groups=1), sentence)


def _groups_squared(case: Case, s: Sketch) -> Iterator[Change]:
    if s.groups > 1 and s.learns:
        sentence = said(
            "One group has 1/{g}² of the dense weights, but there are {g} groups: 1/{g} in all.", g=s.groups
        )
        yield Change(s._replace(out_groups=s.groups), sentence)


def _weights_not_shared(case: Case, s: Sketch) -> Iterator[Change]:
    if s.learns and s.axes:
        sentence = said("The weights are shared: the same filters are used at every position of the map.")
        yield Change(s._replace(copies=s.extents()), sentence)
        inputs = tuple(axis.size for axis in s.axes)
        if inputs != s.extents():
            yield Change(s._replace(copies=inputs), sentence)


def _kernel_of_another_layer(case: Case, s: Sketch) -> Iterator[Change]:
    if not s.learns or not s.axes:
        return
    seen = {tuple(int(axis.kernel) for axis in s.axes)}
    near = sorted(range(len(case.report.rows)), key=lambda place: abs(place - case.index))
    for place in near:
        row = case.report.rows[place]
        kernel = row.layer.__dict__.get("kernel_size")
        if row.type == case.row.type and kernel not in seen:
            seen.add(kernel)
            sentence = said(
                "The kernel of this layer is {own}; {other} is that of {path}.",
                own=spell(tuple(axis.kernel for axis in s.axes)),
                other=spell(kernel),
                path=row.path,
            )
            axes = tuple(axis._replace(kernel=k) for axis, k in zip(s.axes, kernel, strict=True))
            yield Change(s._replace(kernel=kernel, axes=axes), sentence)


def _macs_per_position(case: Case, s: Sketch) -> Iterator[Change]:
    if s.axes and s.learns:
        places = s.extents() if s.places is None else s.places
        sentence = said(
            "Every weight is used at each of the {size} positions, not once.", size=spell(tuple(map(int, places)))
        )
        yield Change(s._replace(places=()), sentence)


def _one_axis_of_positions(case: Case, s: Sketch) -> Iterator[Change]:
    places = s.extents() if s.places is None else s.places
    if len(places) > 1 and s.learns:
        sentence = said("The map has {size} positions: both of its axes count.", size=spell(tuple(map(int, places))))
        yield Change(s._replace(places=places[:1]), sentence)


def _input_size_for_output(case: Case, s: Sketch) -> Iterator[Change]:
    inputs = tuple(axis.size for axis in s.axes)
    if s.learns and s.places is None and inputs != s.extents():
        sentence = said(
            "A filter is used once for every position of the output, {out}, not of the input, {into}.",
            out=spell(tuple(map(int, s.extents()))),
            into=spell(inputs),
        )
        yield Change(s._replace(places=inputs), sentence)


def _separable_times_kernel(case: Case, s: Sketch) -> Iterator[Change]:
    if s.learns and len(s.kernel) > 1 and s.groups == 1:
        taps, out = _product(s.kernel), int(s.out)
        sentence = said(
            "A convolution costs {taps}·N / ({taps} + N) times as much as its depthwise separable form: "
            "{factor:.2f} times for N = {out:,} output channels. {taps} is only the limit for many.",
            taps=int(taps),
            out=out,
            factor=taps * out / (taps + out),
        )
        yield Change(s._replace(out=taps + out, kernel=s.kernel), sentence)


def _pooling_given_parameters(case: Case, s: Sketch) -> Iterator[Change]:
    if not s.is_pool:
        return
    sentence = said("A pool learns nothing: it has no weights, and multiplies by none.")
    for out, into in ((1, 1), (s.out, 1), (s.out, s.into)):
        for biases in (0, out):
            yield Change(s._replace(learns=True, out=out, into=into, biases=biases), sentence)
    yield Change(s._replace(learns=True, into=1, kernel=(), biases=s.out), sentence)


def _biases_multiplied(case: Case, s: Sketch) -> Iterator[Change]:
    if s.biases and s.learns:
        sentence = said("The biases are added, one for each of the {outputs}, not multiplied.", outputs=output_words(s))
        yield Change(s._replace(copies=(s.biases,), biases=0), sentence)


def _product(factors: tuple[int, ...]) -> int:
    """A product of symbols; `prod` would put a 1 before them."""
    return reduce(mul, factors)


FILTER_MISTAKES: tuple[Mistake, ...] = (
    sketch_mistake("bias_forgotten", WEIGHTS, _bias_forgotten),
    sketch_mistake("one_bias", WEIGHTS, _one_bias),
    sketch_mistake("input_channels_forgotten", FILTERS, _input_channels_forgotten),
    sketch_mistake("bias_not_there", WEIGHTS, _bias_not_there),
    sketch_mistake("pooling_given_parameters", FILTERS, _pooling_given_parameters),
    sketch_mistake("next_width_for_flattened", FILTERS, _next_width_for_flattened),
    sketch_mistake("groups_ignored", FILTERS, _groups_ignored),
    sketch_mistake("groups_squared", FILTERS, _groups_squared),
    sketch_mistake("macs_per_position", WORK, _macs_per_position),
    sketch_mistake("kernel_not_squared", FILTERS, _kernel_not_squared),
    sketch_mistake("output_channels_forgotten", FILTERS, _output_channels_forgotten),
    sketch_mistake("bias_per_weight", WEIGHTS, _bias_per_weight),
    sketch_mistake("channels_swapped", FILTERS, _channels_swapped),
    sketch_mistake("map_forgotten", FILTERS, _map_forgotten),
    sketch_mistake("flattened_before_pool", FILTERS, _flattened_before_pool),
    sketch_mistake("input_size_for_output", WORK, _input_size_for_output),
    sketch_mistake("one_axis_of_positions", WORK, _one_axis_of_positions),
    sketch_mistake("output_channels_for_input", FILTERS, _output_channels_for_input),
    sketch_mistake("input_channels_for_output", FILTERS, _input_channels_for_output),
    sketch_mistake("image_channels_read", FILTERS, _image_channels_read),
    sketch_mistake("colour_assumed", FILTERS, _colour_assumed),
    sketch_mistake("weights_not_shared", WEIGHTS, _weights_not_shared),
    sketch_mistake("kernel_forgotten", FILTERS, _kernel_forgotten),
    sketch_mistake("kernel_of_another_layer", FILTERS, _kernel_of_another_layer),
    sketch_mistake("bias_per_input_channel", WEIGHTS, _bias_per_input_channel),
    sketch_mistake("bias_per_position", WEIGHTS, _bias_per_position),
    sketch_mistake("biases_multiplied", WEIGHTS, _biases_multiplied),
    sketch_mistake("separable_times_kernel", FILTERS, _separable_times_kernel),
)
"""The likeliest first."""
