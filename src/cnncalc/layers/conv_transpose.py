"""Transposed convolution in one, two and three dimensions."""

from math import prod
from typing import ClassVar

from cnncalc.core.arithmetic import at_least_zero, axis_name, exact_div, padding_total, require
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.field import Field, transposed_window
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import Shape, TensorSpec, WeightSpec
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer, check_groups
from cnncalc.layers.option_types import Count, Padding, Pads, PerAxis, PerAxisExtent


class TransposedConvolution(Layer):
    """The rules of ConvTranspose1d, ConvTranspose2d and ConvTranspose3d."""

    traits = Traits(Kind.TRANSPOSED_CONVOLUTION)

    out_channels: Count
    kernel_size: PerAxis
    stride: PerAxis = (1,)
    padding: Padding = (0,)
    output_padding: PerAxisExtent = (0,)
    dilation: PerAxis = (1,)
    groups: Count = 1
    bias: bool = True

    torch_order: ClassVar = (
        "in_channels",
        "out_channels",
        "kernel_size",
        "stride",
        "padding",
        "output_padding",
        "groups",
        "bias",
        "dilation",
    )

    meanings: ClassVar = {
        "out_channels": Phrase("maps that come out, one for each filter"),
        "kernel_size": Phrase("rows and columns over which one input value is spread"),
        "stride": Phrase("how far apart neighbouring input values are spread: about the factor by which the map grows"),
        "padding": Phrase(
            "rows cut off around the output; `same` leaves n · stride of them (torch takes numbers alone)"
        ),
        "output_padding": Phrase(
            "rows added at the end of each axis, to choose among the sizes that a stride leaves open"
        ),
        "dilation": Phrase("how far apart the values lie over which one is spread; 1 leaves no gap"),
        "groups": Phrase("parts of the channels that are filtered apart; as many as channels: depthwise"),
        "bias": Phrase("whether each filter adds a number of its own"),
    }

    def pads(self) -> Pads:
        """Rows cut off at both ends of each axis; `same` leaves n·s rows."""
        if self.padding == "valid":
            return ((0, 0),) * len(self.kernel_size)
        if self.padding == "same":
            totals = [
                at_least_zero(d * (k - 1) + 1 - s)
                for k, s, d in zip(self.kernel_size, self.stride, self.dilation, strict=True)
            ]
            return tuple((total // 2, total - total // 2) for total in totals)
        return tuple(rows if isinstance(rows, tuple) else (rows, rows) for rows in self.padding)

    def extra_rows(self) -> Shape:
        """Rows added at the end: the output padding, and with `same` the rows that a kernel below its stride misses."""
        if self.padding != "same":
            return self.output_padding
        return tuple(
            extra + at_least_zero(s - d * (k - 1) - 1)
            for extra, k, s, d in zip(self.output_padding, self.kernel_size, self.stride, self.dilation, strict=True)
        )

    def output(self, x: TensorSpec) -> TensorSpec:
        self.grid(x)
        check_groups(x.channels, self.groups, "input channels")
        check_groups(self.out_channels, self.groups, "output channels")
        spatial = []
        for axis, (n, k, s, (before, after), extra, d) in enumerate(
            zip(x.spatial, self.kernel_size, self.stride, self.pads(), self.extra_rows(), self.dilation, strict=True)
        ):
            self._check_output_padding(self.output_padding[axis], s, d)
            size = (n - 1) * s - padding_total(before, after) + d * (k - 1) + 1 + extra
            require(
                size > 0,
                "window-does-not-fit",
                "padding {padding} takes away all of the {made} {axis} that the transposed convolution makes",
                option="padding",
                help="use less padding",
                padding=before + after,
                made=size + before + after,
                axis=axis_name(axis, len(x.spatial)),
            )
            spatial.append(size)
        return TensorSpec((self.out_channels, *spatial), x.dtype)

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        kernel = WeightSpec("weight", (x.channels, exact_div(self.out_channels, self.groups), *self.kernel_size))
        return (kernel, WeightSpec("bias", (self.out_channels,))) if self.bias else (kernel,)

    def ops(self, x: TensorSpec) -> OpCount:
        # Counted on the input grid: every input value meets every tap once, including products that padding cuts off.
        macs = x.channels * exact_div(self.out_channels, self.groups) * prod(self.kernel_size) * prod(x.spatial)
        return OpCount({Op.CONTRACTION_MAC: macs, Op.BIAS_ADD: self.output(x).numel if self.bias else 0})

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return tuple(
            transposed_window(k, s, d, before)
            for k, s, d, (before, _) in zip(self.kernel_size, self.stride, self.dilation, self.pads(), strict=True)
        )

    @staticmethod
    def _check_output_padding(extra: int, stride: int, dilation: int) -> None:
        require(
            (extra < stride) | (extra < dilation),
            "bad-output-padding",
            "output_padding {extra} is not below the stride {stride} or the dilation {dilation}",
            option="output_padding",
            help="output_padding only chooses among the sizes that one stride leaves open",
            extra=extra,
            stride=stride,
            dilation=dilation,
        )


class ConvTranspose1d(TransposedConvolution):
    """Transposed convolution over a sequence.

    Shape:   (C, L) -> (C_out, L_out)
    Errors:  window-does-not-fit, groups-do-not-divide, bad-output-padding, wrong-rank
    Source:  torch.nn.ConvTranspose1d
    """

    axes: ClassVar[int] = 1


class ConvTranspose2d(TransposedConvolution):
    """Transposed convolution over a map: the gradient of a convolution, which makes maps larger.

    Shape:   (C, H, W) -> (C_out, H_out, W_out)
    Errors:  window-does-not-fit, groups-do-not-divide, bad-output-padding, wrong-rank
    Source:  torch.nn.ConvTranspose2d
    """

    axes: ClassVar[int] = 2


class ConvTranspose3d(TransposedConvolution):
    """Transposed convolution over a volume.

    Shape:   (C, D, H, W) -> (C_out, D_out, H_out, W_out)
    Errors:  window-does-not-fit, groups-do-not-divide, bad-output-padding, wrong-rank
    Source:  torch.nn.ConvTranspose3d
    """

    axes: ClassVar[int] = 3
