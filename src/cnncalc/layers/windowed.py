"""The rules that convolutions and pools share: windows that slide over a padded grid."""

from collections.abc import Iterator
from typing import ClassVar

from cnncalc.core.arithmetic import at_least_zero, axis_name, ceil_div, window_count
from cnncalc.core.field import Field, sliding_window
from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer
from cnncalc.layers.option_types import Count, Padding, Pads, PerAxis


class Windowed(Layer):
    """A layer whose kernel slides over the spatial axes."""

    kernel_size: PerAxis

    meanings: ClassVar = {
        "kernel_size": Phrase("rows and columns of a window"),
        "dilation": Phrase("how far apart the values lie that a window reads; 1 leaves no gap"),
    }

    def strides(self) -> Shape:
        """Stride per axis."""
        raise NotImplementedError

    def dilations(self) -> Shape:
        """Dilation per axis."""
        raise NotImplementedError

    def pads(self, x: TensorSpec) -> Pads:
        """Padding per axis; `same` depends on the input."""
        raise NotImplementedError

    def counts(self, x: TensorSpec) -> Iterator[int]:
        """Number of windows that fit on each axis."""
        axes = len(x.spatial)
        if self.__dict__.get("padding") == "same":
            yield from map(ceil_div, x.spatial, self.strides())
            return
        for axis, (size, kernel, stride, (before, after), dilation) in enumerate(
            zip(x.spatial, self.kernel_size, self.strides(), self.pads(x), self.dilations(), strict=True)
        ):
            yield self.count(size, kernel, stride, before, after, dilation, axis_name(axis, axes))

    def count(self, size: int, kernel: int, stride: int, before: int, after: int, dilation: int, axis: str) -> int:
        """Number of windows that fit on one axis."""
        count: int = window_count(size, kernel, stride, before, after, dilation, axis)
        return count

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return tuple(
            sliding_window(kernel, stride, dilation, before)
            for kernel, stride, dilation, (before, _) in zip(
                self.kernel_size, self.strides(), self.dilations(), self.pads(x), strict=True
            )
        )


class Filtering(Windowed):
    """A layer that applies filters to its windows, with or without weight sharing between positions."""

    out_channels: Count
    stride: PerAxis = (1,)
    padding: Padding = (0,)
    dilation: PerAxis = (1,)

    torch_order: ClassVar[tuple[str, ...]] = (
        "in_channels",
        "out_channels",
        "kernel_size",
        "stride",
        "padding",
        "dilation",
    )

    meanings: ClassVar = {
        "out_channels": Phrase("maps that come out, one for each filter"),
        "stride": Phrase("how far a window moves at each step"),
        "padding": Phrase("rows of zeros around the input"),
    }

    def strides(self) -> Shape:
        return self.stride

    def dilations(self) -> Shape:
        return self.dilation

    def pads(self, x: TensorSpec) -> Pads:
        return resolve_padding(self.padding, x, self.kernel_size, self.stride, self.dilation)


def resolve_padding(padding: Padding, x: TensorSpec, kernel: Shape, stride: Shape, dilation: Shape) -> Pads:
    """Padding as (before, after) per axis; `same` gives ⌈n / s⌉ outputs, with the odd row at the end.

    Source:  tf.nn.convolution, padding `SAME`; equal to torch's `same` at stride 1
    """
    if padding == "valid":
        return ((0, 0),) * len(kernel)
    if padding == "same":
        totals = [
            at_least_zero((ceil_div(n, s) - 1) * s + d * (k - 1) + 1 - n)
            for n, k, s, d in zip(x.spatial, kernel, stride, dilation, strict=True)
        ]
        return tuple((total // 2, total - total // 2) for total in totals)
    return tuple(rows if isinstance(rows, tuple) else (rows, rows) for rows in padding)
