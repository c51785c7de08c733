"""Mistakes in the size of an output: windows, padding, strides, rounding, channels."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.arithmetic import ceil_div
from cnncalc.core.rewriting import rewritten, with_operator
from cnncalc.core.tensor import spell
from cnncalc.core.translation import Phrase
from cnncalc.homework.mistakes.base import POSITIONS, Case, Change, defined_in, possible_changes, rewriting
from cnncalc.homework.mistakes.facts import Facts, spell_option
from cnncalc.homework.mistakes.steps import (
    Step,
    as_convolution,
    doubled,
    on_grid,
    one_above_the_line,
    pads,
    steps_between,
    width,
    with_channels_out,
)

SHAPED = ("output", "channels", "memory")

WINDOW_OPTIONS = ("kernel_size", "stride", "padding")

MOST_NEIGHBOURS = 40
"""Layers near by whose options and channels are looked at."""


# Padding


@rewriting(Phrase("The padding is missing: {padding} positions on the two sides of an axis."), *POSITIONS)
def padding_forgotten(case: Case, layer: Facts) -> Iterator[Step]:
    """No padding."""
    if any(map(any, layer.pads)):
        yield lambda w: w.with_options(padding=((0, 0),) * len(layer.pads))


@rewriting(Phrase("Padding lies on both sides of an axis: {padding} positions."), *POSITIONS)
def padding_one_sided(case: Case, layer: Facts) -> Iterator[Step]:
    """Padding before each axis alone."""
    if any(map(all, layer.pads)):
        yield lambda w: w.with_options(padding=tuple((before, 0) for before, _ in pads(w)))


@rewriting(Phrase("The padding counts once: {padding} positions on the two sides of an axis."), *POSITIONS)
def padding_doubled(case: Case, layer: Facts) -> Iterator[Step]:
    """The padding of both sides on each of them."""
    if any(before and before == after for before, after in layer.pads):
        yield lambda w: w.with_options(padding=doubled(pads(w)))


@rewriting(
    Phrase(
        "Padding k/2 = {half} on both sides of an even kernel leaves one position more: "
        "{n} + 2·{half} − {k} + 1 = {made}. "
        "To keep the size, k − 1 = {rest} positions have to be shared unevenly."
    ),
    *POSITIONS,
)
def even_kernel_same(case: Case, layer: Facts) -> Iterator[Change]:
    """Padding k/2 with an even kernel: believed to keep the size, or used where the size is kept."""
    if not layer.windows_slide or any(k % 2 for k in layer.layer.kernel_size) or max(layer.layer.dilation) > 1:
        return
    facts = {"half": layer.k // 2, "made": layer.n + 1, "rest": layer.k - 1}
    ends = list(zip(layer.pads, layer.layer.kernel_size, strict=True))
    if all(pair == (k // 2, k // 2) for pair, k in ends) and max(layer.strides) == 1:
        yield Change(lambda w: w.with_extents(w.x.spatial), facts=facts)
    elif all(sum(pair) == k - 1 for pair, k in ends):
        yield Change(lambda w: w.with_options(padding=tuple(k // 2 for k in w.layer.kernel_size)), facts=facts)


# Strides, dilation and rounding


@rewriting(Phrase("The stride is {stride}, not 1."), *POSITIONS)
def stride_ignored(case: Case, layer: Facts) -> Iterator[Step]:
    """A stride of 1."""
    if layer.has_windows and max(layer.strides) > 1:
        yield lambda w: w.with_options(stride=(1,) * len(layer.strides))


@rewriting(Phrase("At a dilation of {d}, {k} taps span {d}·({k} − 1) + 1 = {span} positions."), *POSITIONS)
def dilation_ignored(case: Case, layer: Facts) -> Iterator[Step]:
    """A dilation of 1."""
    if layer.has_windows and max(layer.layer.dilation) > 1:
        yield lambda w: w.with_options(dilation=(1,) * len(layer.strides))


@rewriting(Phrase("The quotient is rounded down: a window that does not fit any more is left out."), *POSITIONS)
def rounded_up(case: Case, layer: Facts) -> Iterator[Step]:
    """The quotient rounded up."""
    if case.has_operator("//"):
        yield lambda w: w.with_sums(lambda value: with_operator(value, "//", "ceil"))


@rewriting(Phrase("The quotient is rounded up: the odd row or column counts as well."), *POSITIONS)
def rounded_down(case: Case, layer: Facts) -> Iterator[Change | Step]:
    """The quotient rounded down."""
    if layer.option("ceil_mode"):
        sentence = Phrase("This pool rounds up (ceil_mode): a last window may reach beyond the border.")
        yield Change(lambda w: w.with_options(ceil_mode=False), sentence)
    elif case.has_operator("ceil"):
        yield lambda w: w.with_sums(lambda value: with_operator(value, "ceil", "//"))


@rewriting(
    Phrase("The + 1 is missing: the quotient counts the steps, and there is one window more than steps."), *POSITIONS
)
def one_forgotten(case: Case, layer: Facts) -> Iterator[Step]:
    """The steps between windows for the windows."""
    if layer.windows_slide:
        yield lambda w: w.with_sums(lambda value: rewritten(value, steps_between))


@rewriting(
    Phrase("The + 1 counts once, after the quotient. The numerator is {n} + {p} − {span} = {reach}."), *POSITIONS
)
def one_added_twice(case: Case, layer: Facts) -> Iterator[Step]:
    """The + 1 above the line as well."""
    if layer.windows_slide:
        yield lambda w: w.with_sums(lambda value: rewritten(value, one_above_the_line))


@rewriting(
    Phrase(
        "Dividing by the stride of {stride} is not enough: "
        "the kernel and the padding go into the sum, (n + 2·p − k) / s + 1."
    ),
    *POSITIONS,
)
def divided_by_stride(case: Case, layer: Facts) -> Iterator[Step]:
    """The size of the input, divided by the stride."""
    if layer.windows_slide and max(layer.strides) > 1:
        yield lambda w: w.with_extents([n // s for n, s in zip(w.x.spatial, w.layer.strides(), strict=True)])
        yield lambda w: w.with_extents(list(map(ceil_div, w.x.spatial, w.layer.strides())))


@rewriting(
    Phrase("The windows of this pool are {kernel} and move by {stride}: they do not lie side by side."), *POSITIONS
)
def stride_is_kernel(case: Case, layer: Facts) -> Iterator[Step]:
    """A pool whose windows lie side by side."""
    if layer.is_window_pool and layer.strides != layer.layer.kernel_size:
        yield lambda w: w.with_options(stride=w.layer.kernel_size)
        yield lambda w: w.with_options(kernel_size=w.layer.strides())
        yield lambda w: w.with_options(kernel_size=w.layer.strides(), stride=w.layer.kernel_size)


@rewriting(Phrase("The `{option}` of this layer is {own}; {other} is that of {path}."), *POSITIONS)
def option_of_another_layer(case: Case, layer: Facts) -> Iterator[Change]:
    """The kernel, stride or padding of a layer near by."""
    seen = {(name, layer.option(name)) for name in WINDOW_OPTIONS}
    for row in case.near()[:MOST_NEIGHBOURS] if layer.has_windows else ():
        for name in WINDOW_OPTIONS:
            other = row.layer.__dict__.get(name)
            if other is not None and layer.option(name) is not None and (name, other) not in seen:
                seen.add((name, other))
                facts = {"option": name, "own": spell_option(layer.option(name)), "other": spell_option(other)}
                yield Change(
                    lambda w, name=name, other=other: w.with_options(**{name: other}),  # type: ignore[misc]
                    facts={**facts, "path": row.path},
                )


# The size as a whole


@rewriting(
    Phrase("The map does not keep its size: {size_in} go in, {size_out} come out."),
    *POSITIONS,
    hint=Phrase("The map does not keep its size."),
)
def size_unchanged(case: Case, layer: Facts) -> Iterator[Step]:
    """The size of the input."""
    x, y = layer.x.spatial, layer.y.spatial
    if x and len(x) == len(y) and x != y and not possible_changes(case, even_kernel_same):
        yield lambda w: w.with_extents(w.x.spatial)


@rewriting(Phrase("{path} comes before this layer, and leaves a map of {size}."), *POSITIONS)
def pool_before_forgotten(case: Case, layer: Facts) -> Iterator[Change]:
    """The map that some layer before was still to make smaller or larger."""
    now = layer.x.spatial
    wires = [path for path, x in zip(case.row.node.inputs, case.row.inputs, strict=True) if x.spatial == now]
    for wire in wires if now and layer.y.spatial else ():
        for row in case.up_from(wire):
            if row.output.spatial != now or len(row.inputs[0].spatial) != len(now) or row.output.channels_last:
                break
            if row.inputs[0].spatial != now:
                facts = {"path": row.path, "size": spell(row.output.spatial)}
                yield Change(on_grid(row.inputs[0].spatial), facts=facts)
                break


@rewriting(Phrase("Height comes before width: {size_out}."), *POSITIONS)
def axes_swapped(case: Case, layer: Facts) -> Iterator[Step]:
    """Width before height."""
    if len(layer.y.spatial) > 1 and layer.y.spatial[-1] != layer.y.spatial[-2]:
        yield lambda w: w.with_extents((*w.extents[:-2], w.extents[-1], w.extents[-2]))


# Channels


@rewriting(Phrase("There are as many output channels as filters, {out:,}, not as many as come in."), *SHAPED)
def channels_of_input(case: Case, layer: Facts) -> Iterator[Step]:
    """The channels of the input."""
    if layer.filters_map and layer.out != layer.into:
        yield with_channels_out(lambda w: w.features)


@rewriting(Phrase("A filter sums over the channels that it reads: {out:,} filters make {out:,} channels."), *SHAPED)
def channels_multiplied(case: Case, layer: Facts) -> Iterator[Step]:
    """A map for every pair of a filter and a channel."""
    if layer.filters_map and layer.into > 1:
        yield with_channels_out(lambda w: width(w) * w.features)


@rewriting(Phrase("A pool works on every channel by itself: all {into:,} of them remain."), *SHAPED)
def channels_pooled(case: Case, layer: Facts) -> Iterator[Step]:
    """Channels divided as rows and columns are."""
    if layer.is_window_pool and layer.strides[0] > 1:
        yield with_channels_out(lambda w: w.features // w.layer.strides()[0])
    if layer.is_window_pool and layer.k > 1:
        yield with_channels_out(lambda w: w.features // w.layer.kernel_size[0])


@rewriting(Phrase("{other:,} is how many channels {path} has; here there are {out:,}."), "output", "channels")
def channels_of_another_layer(case: Case, layer: Facts) -> Iterator[Change]:
    """The channels of a layer near by."""
    seen = {layer.out, layer.into}
    for row in case.near()[:MOST_NEIGHBOURS] if layer.has_windows else ():
        other = row.output.channels
        if other not in seen:
            seen.add(other)
            yield Change(
                with_channels_out(lambda w, other=other: other),  # type: ignore[misc]
                facts={"other": other, "path": row.path},
            )


# Transposed convolutions


@rewriting(
    Phrase("A transposed convolution makes the map larger: (n − 1)·s − 2·p + k, the size that would lead back."),
    *POSITIONS,
)
def direct_for_transposed(case: Case, layer: Facts) -> Iterator[Step]:
    """The size of a convolution with the same options."""
    if layer.is_transposed:
        yield lambda w: as_convolution(w, w.layer.out_channels, bias=w.layer.bias)


@rewriting(Phrase("The size is not just multiplied by the stride: it is (n − 1)·s − 2·p + k."), *POSITIONS)
def times_stride(case: Case, layer: Facts) -> Iterator[Step]:
    """The size of the input, times the stride."""
    if layer.is_transposed:
        yield lambda w: w.with_extents([n * s for n, s in zip(w.x.spatial, w.layer.stride, strict=True)])


@rewriting(Phrase("The output padding is missing."), *POSITIONS)
def output_padding_forgotten(case: Case, layer: Facts) -> Iterator[Step]:
    """No output padding."""
    if layer.is_transposed and any(layer.layer.output_padding):
        yield lambda w: w.with_options(output_padding=(0,) * len(layer.strides))


@rewriting(Phrase("The padding of a transposed convolution is cut off, not added."), *POSITIONS)
def padding_added(case: Case, layer: Facts) -> Iterator[Step]:
    """Padding added where it is cut off."""
    if layer.is_transposed and any(map(any, layer.pads)):
        yield lambda w: w.with_options(padding=tuple((-before, -after) for before, after in pads(w)))


SIZE_MISTAKES = defined_in(globals())
"""In the order in which they are looked for where sources do not tell which is likelier."""
