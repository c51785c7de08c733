"""Mistakes in the size of an output: windows, padding, strides, rounding, channels."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cnncalc.analysis.table import spell_pair
from cnncalc.core.tensor import spell
from cnncalc.core.term import Term
from cnncalc.core.translation import said
from cnncalc.homework.mistakes.base import POSITIONS, Case, Change, Mistake, sketch_mistake
from cnncalc.homework.mistakes.sketch import Sketch, TransposedAxis, WindowAxis

SHAPED = ("output", "channels", "memory")


def change_axes(s: Sketch, change: Callable[[WindowAxis], WindowAxis]) -> Sketch:
    """The sketch with every window axis changed; transposed axes stay as they are."""
    return s._replace(axes=tuple(change(axis) if isinstance(axis, WindowAxis) else axis for axis in s.axes))


def _any_axis(s: Sketch, condition: Callable[[WindowAxis], bool]) -> bool:
    return any(isinstance(axis, WindowAxis) and condition(axis) for axis in s.axes)


def _padding(s: Sketch) -> str:
    pads = {(int(axis.before), int(axis.after)) for axis in s.axes}
    if len(pads) > 1:
        return "×".join(f"{before} + {after}" for before, after in pads)
    ((before, after),) = pads
    return f"{before} + {after}"


def _strides(s: Sketch) -> str:
    return spell_pair([int(axis.stride) for axis in s.axes])


def _padding_forgotten(case: Case, s: Sketch) -> Iterator[Change]:
    if any(axis.before or axis.after for axis in s.axes):
        sentence = said("The padding is missing: {padding} positions on the two sides of an axis.", padding=_padding(s))
        yield Change(s._replace(axes=tuple(axis._replace(before=0, after=0) for axis in s.axes)), sentence)


def _padding_one_sided(case: Case, s: Sketch) -> Iterator[Change]:
    if any(axis.before and axis.after for axis in s.axes):
        sentence = said("Padding lies on both sides of an axis: {padding} positions.", padding=_padding(s))
        yield Change(s._replace(axes=tuple(axis._replace(after=0) for axis in s.axes)), sentence)


def _padding_doubled(case: Case, s: Sketch) -> Iterator[Change]:
    if any(axis.before and axis.before == axis.after for axis in s.axes):
        sentence = said(
            "The padding counts once: {padding} positions on the two sides of an axis.", padding=_padding(s)
        )
        axes = tuple(axis._replace(before=2 * axis.before, after=2 * axis.after) for axis in s.axes)
        yield Change(s._replace(axes=axes), sentence)


def _pool_before_forgotten(case: Case, s: Sketch) -> Iterator[Change]:
    """The size of the output if some layer before did not reduce the map."""
    if not s.axes:
        return
    now = tuple(int(axis.size) for axis in s.axes)
    for row in case.before():
        if len(row.inputs) != 1 or len(row.inputs[0].shape) != len(now) + 1 or row.output.channels_last:
            return
        larger = row.inputs[0].shape[1:]
        if larger != row.output.spatial and larger != now:
            sentence = said(
                "{path} comes before this layer, and leaves a map of {size}.",
                path=row.path,
                size=spell(row.output.spatial),
            )
            sizes = [_same_symbol(axis.size, extent) for axis, extent in zip(s.axes, larger, strict=True)]
            axes = tuple(axis._replace(size=size) for axis, size in zip(s.axes, sizes, strict=True))
            yield Change(s._replace(axes=axes), sentence)


def _same_symbol(size: int, other: int) -> int:
    """Another extent under the same symbol."""
    return Term.symbol(size.symbol_name, other) if isinstance(size, Term) else other


def _stride_ignored(case: Case, s: Sketch) -> Iterator[Change]:
    if any(axis.stride > 1 for axis in s.axes):
        sentence = said("The stride is {stride}, not 1.", stride=_strides(s))
        yield Change(s._replace(axes=tuple(axis._replace(stride=1) for axis in s.axes)), sentence)


def _dilation_ignored(case: Case, s: Sketch) -> Iterator[Change]:
    if any(axis.dilation > 1 for axis in s.axes):
        first = s.axes[0]
        sentence = said(
            "At a dilation of {d}, {k} taps span {d}·({k} − 1) + 1 = {span} positions.",
            d=first.dilation,
            k=first.kernel,
            span=int(first.dilation * (first.kernel - 1) + 1),
        )
        yield Change(s._replace(axes=tuple(axis._replace(dilation=1) for axis in s.axes)), sentence)


def _rounded_up(case: Case, s: Sketch) -> Iterator[Change]:
    if _any_axis(s, lambda axis: axis.stride > 1 and not axis.up):
        sentence = said("The quotient is rounded down: a window that does not fit any more is left out.")
        yield Change(change_axes(s, lambda axis: axis._replace(up=True)), sentence)


def _rounded_down(case: Case, s: Sketch) -> Iterator[Change]:
    if _any_axis(s, lambda axis: axis.stride > 1 and axis.up):
        sentence = said("This pool rounds up (ceil_mode): a last window may reach beyond the border.")
        yield Change(change_axes(s, lambda axis: axis._replace(up=False, dropping=False)), sentence)


def _one_forgotten(case: Case, s: Sketch) -> Iterator[Change]:
    if _any_axis(s, lambda _: True):
        sentence = said("The + 1 is missing: the quotient counts the steps, and there is one window more than steps.")
        yield Change(change_axes(s, lambda axis: axis._replace(one=0)), sentence)


def _one_added_twice(case: Case, s: Sketch) -> Iterator[Change]:
    if _any_axis(s, lambda _: True):
        first = s.axes[0]
        sentence = said(
            "The + 1 counts once, after the quotient. The numerator is {n} + {p} − {span} = {reach}.",
            n=first.size,
            p=int(first.before + first.after),
            span=int(first.dilation * (first.kernel - 1) + 1),
            reach=int(first.size + first.before + first.after - first.dilation * (first.kernel - 1) - 1),
        )
        yield Change(change_axes(s, lambda axis: axis._replace(within=1)), sentence)


def _even_kernel_same(case: Case, s: Sketch) -> Iterator[Change]:
    """Padding k/2 with an even kernel: believed to keep the size, or used where the size is kept."""
    even = [axis for axis in s.axes if isinstance(axis, WindowAxis) and axis.kernel % 2 == 0 and axis.dilation == 1]
    if len(even) != len(s.axes) or not even:
        return
    first = even[0]
    sentence = said(
        "Padding k/2 = {half} on both sides of an even kernel leaves one position more: "
        "{n} + 2·{half} − {k} + 1 = {made}. "
        "To keep the size, k − 1 = {total} positions have to be shared unevenly.",
        half=first.kernel // 2,
        n=first.size,
        k=first.kernel,
        made=int(first.size + 1),
        total=int(first.kernel - 1),
    )
    if all(axis.before == axis.after == axis.kernel // 2 and axis.stride == 1 for axis in even):
        yield Change(s._replace(sizes=tuple(axis.size for axis in even)), sentence)
    elif all(axis.before + axis.after == axis.kernel - 1 for axis in even):
        yield Change(
            change_axes(s, lambda axis: axis._replace(before=axis.kernel // 2, after=axis.kernel // 2)), sentence
        )


def _size_unchanged(case: Case, s: Sketch) -> Iterator[Change]:
    if not s.axes or next(iter(_even_kernel_same(case, s)), None) is not None:
        return
    sentence = said(
        "The map does not keep its size: {into} go in, {out} come out.",
        into=spell(tuple(int(axis.size) for axis in s.axes)),
        out=spell(tuple(map(int, s.extents()))),
    )
    hint = said("The map does not keep its size.")
    yield Change(s._replace(sizes=tuple(axis.size for axis in s.axes)), sentence, hint)


def _divided_by_stride(case: Case, s: Sketch) -> Iterator[Change]:
    if not _any_axis(s, lambda axis: axis.stride > 1):
        return
    sentence = said(
        "Dividing by the stride of {stride} is not enough: "
        "the kernel and the padding go into the sum, (n + 2·p − k) / s + 1.",
        stride=_strides(s),
    )
    yield Change(s._replace(sizes=tuple(axis.size // axis.stride for axis in s.axes)), sentence)
    yield Change(s._replace(sizes=tuple(-(-int(axis.size) // int(axis.stride)) for axis in s.axes)), sentence)


def _stride_is_kernel(case: Case, s: Sketch) -> Iterator[Change]:
    if s.is_pool and _any_axis(s, lambda axis: axis.stride != axis.kernel):
        sentence = said(
            "The windows of this pool are {kernel} and move by {stride}: they do not lie side by side.",
            kernel=spell(tuple(int(axis.kernel) for axis in s.axes)),
            stride=_strides(s),
        )
        yield Change(change_axes(s, lambda axis: axis._replace(stride=axis.kernel)), sentence)
        yield Change(change_axes(s, lambda axis: axis._replace(kernel=axis.stride)), sentence)
        yield Change(change_axes(s, lambda axis: axis._replace(kernel=axis.stride, stride=axis.kernel)), sentence)


def _axes_swapped(case: Case, s: Sketch) -> Iterator[Change]:
    sizes = s.extents()
    if len(sizes) > 1 and sizes[-1] != sizes[-2]:
        sentence = said("Height comes before width: {right}.", right=spell(tuple(map(int, sizes))))
        yield Change(s._replace(sizes=(*sizes[:-2], sizes[-1], sizes[-2])), sentence)


def _channels_of_input(case: Case, s: Sketch) -> Iterator[Change]:
    if s.learns and s.axes and s.out != s.into:
        sentence = said(
            "There are as many output channels as filters, {out:,}, not as many as come in.", out=s.out, into=s.into
        )
        yield Change(s._replace(out=s.into), sentence)


def _channels_multiplied(case: Case, s: Sketch) -> Iterator[Change]:
    if s.learns and s.axes and s.into > 1:
        sentence = said(
            "A filter sums over the channels that it reads: {out:,} filters make {out:,} channels.", out=s.out
        )
        yield Change(s._replace(out=s.out * s.into), sentence)


def _channels_pooled(case: Case, s: Sketch) -> Iterator[Change]:
    if s.is_pool:
        sentence = said("A pool works on every channel by itself: all {n:,} of them remain.", n=s.out)
        for divisor in dict.fromkeys((s.axes[0].stride, s.axes[0].kernel)):
            if divisor > 1:
                yield Change(s._replace(out=s.out // divisor), sentence)


def _channels_of_another_layer(case: Case, s: Sketch) -> Iterator[Change]:
    if not s.axes:
        return
    seen = {int(s.out), int(s.into)}
    near = sorted(range(len(case.report.rows)), key=lambda place: abs(place - case.index))
    for place in near[:40]:
        row = case.report.rows[place]
        if row.type == case.row.type and row.output.channels not in seen:
            seen.add(row.output.channels)
            sentence = said(
                "{other:,} is how many channels {path} has; here there are {own:,}.",
                other=row.output.channels,
                path=row.path,
                own=s.out,
            )
            yield Change(s._replace(out=row.output.channels), sentence)


def _direct_for_transposed(case: Case, s: Sketch) -> Iterator[Change]:
    if not _is_transposed(s):
        return
    sentence = said(
        "A transposed convolution makes the map larger: (n − 1)·s − 2·p + k, the size that would lead back."
    )
    yield Change(s._replace(axes=tuple(WindowAxis(*axis[:6]) for axis in s.axes)), sentence)


def _times_stride(case: Case, s: Sketch) -> Iterator[Change]:
    if _is_transposed(s):
        sentence = said("The size is not just multiplied by the stride: it is (n − 1)·s − 2·p + k.")
        yield Change(s._replace(sizes=tuple(axis.size * axis.stride for axis in s.axes)), sentence)


def _output_padding_forgotten(case: Case, s: Sketch) -> Iterator[Change]:
    if any(isinstance(axis, TransposedAxis) and axis.extra for axis in s.axes):
        axes = tuple(axis._replace(extra=0) if isinstance(axis, TransposedAxis) else axis for axis in s.axes)
        yield Change(s._replace(axes=axes), said("The output padding is missing."))


def _padding_added(case: Case, s: Sketch) -> Iterator[Change]:
    if _is_transposed(s) and any(axis.before or axis.after for axis in s.axes):
        axes = tuple(axis._replace(before=-axis.before, after=-axis.after) for axis in s.axes)
        yield Change(s._replace(axes=axes), said("The padding of a transposed convolution is cut off, not added."))


def _is_transposed(s: Sketch) -> bool:
    return any(isinstance(axis, TransposedAxis) for axis in s.axes)


SIZE_MISTAKES: tuple[Mistake, ...] = (
    sketch_mistake("padding_forgotten", POSITIONS, _padding_forgotten),
    sketch_mistake("even_kernel_same", POSITIONS, _even_kernel_same),
    sketch_mistake("stride_ignored", POSITIONS, _stride_ignored),
    sketch_mistake("rounded_up", POSITIONS, _rounded_up),
    sketch_mistake("rounded_down", POSITIONS, _rounded_down),
    sketch_mistake("one_forgotten", POSITIONS, _one_forgotten),
    sketch_mistake("dilation_ignored", POSITIONS, _dilation_ignored),
    sketch_mistake("padding_one_sided", POSITIONS, _padding_one_sided),
    sketch_mistake("padding_doubled", POSITIONS, _padding_doubled),
    sketch_mistake("channels_of_input", SHAPED, _channels_of_input),
    sketch_mistake("size_unchanged", POSITIONS, _size_unchanged),
    sketch_mistake("divided_by_stride", POSITIONS, _divided_by_stride),
    sketch_mistake("one_added_twice", POSITIONS, _one_added_twice),
    sketch_mistake("stride_is_kernel", POSITIONS, _stride_is_kernel),
    sketch_mistake("channels_pooled", SHAPED, _channels_pooled),
    sketch_mistake("channels_multiplied", SHAPED, _channels_multiplied),
    sketch_mistake("direct_for_transposed", POSITIONS, _direct_for_transposed),
    sketch_mistake("output_padding_forgotten", POSITIONS, _output_padding_forgotten),
    sketch_mistake("times_stride", POSITIONS, _times_stride),
    sketch_mistake("padding_added", POSITIONS, _padding_added),
    sketch_mistake("axes_swapped", POSITIONS, _axes_swapped),
    sketch_mistake("pool_before_forgotten", POSITIONS, _pool_before_forgotten),
    sketch_mistake("channels_of_another_layer", ("output", "channels"), _channels_of_another_layer),
)
"""The likeliest first."""
