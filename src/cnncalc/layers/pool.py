"""Pooling with a moving window."""

from math import prod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field as Option

from cnncalc.core.arithmetic import choose, require, window_count_ceil
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.errors import Fault
from cnncalc.core.field import Field, transposed_window
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import Shape, TensorSpec, WeightSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.option_types import Padding, Pads, PerAxis
from cnncalc.layers.windowed import Windowed, resolve_padding


class Pool(Windowed):
    """The rules of pools with a moving window: one value per window and channel.

    Source:  of `ceil_mode: caffe` and its bound of padding, src/caffe/layers/pooling_layer.cpp of Caffe 1.0
    """

    traits = Traits(Kind.POOLING)

    stride: PerAxis | None = None
    padding: Padding = (0,)
    dilation: PerAxis = (1,)
    ceil_mode: bool | Literal["caffe"] = False

    meanings: ClassVar = {
        "stride": Phrase("how far a window moves at each step; without it, by kernel_size"),
        "padding": Phrase("rows of zeros around the input, at most half of kernel_size"),
        "ceil_mode": Phrase(
            "whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin there if "
            "there is no padding, and padding need only be less than kernel_size"
        ),
    }

    @property
    def drops_windows(self) -> bool:
        """Whether a last window that would begin beyond the input is dropped; Caffe does it only where it pads."""
        if self.ceil_mode is True:
            return True
        padding = () if isinstance(self.padding, str) else self.padding
        return sum(sum(rows) if isinstance(rows, tuple) else rows for rows in padding) > 0

    torch_order: ClassVar = ("kernel_size", "stride", "padding")

    def strides(self) -> Shape:
        return self.kernel_size if self.stride is None else self.stride

    def dilations(self) -> Shape:
        return self.dilation

    def pads(self, x: TensorSpec) -> Pads:
        return resolve_padding(self.padding, x, self.kernel_size, self.strides(), self.dilation)

    def count(self, size: int, kernel: int, stride: int, before: int, after: int, dilation: int, axis: str) -> int:
        is_caffe = self.ceil_mode == "caffe"
        most = kernel - 1 if is_caffe else kernel // 2
        require(
            (before <= most) & (after <= most),
            "padding-too-large",
            "padding {padding} is not less than the kernel of {kernel} {axis}"
            if is_caffe
            else "padding {padding} is more than half of the kernel of {kernel} {axis}",
            option="padding",
            help="use at most {most}",
            padding=choose(before > after, before, after),
            kernel=kernel,
            most=most,
            axis=axis,
        )
        if not self.ceil_mode:
            return super().count(size, kernel, stride, before, after, dilation, axis)
        count: int = window_count_ceil(size, kernel, stride, before, after, dilation, axis, self.drops_windows)
        return count

    def output(self, x: TensorSpec) -> TensorSpec:
        return self.grid(x).with_spatial(self.counts(x))


class MaxPool(Pool):
    """The rules of MaxPool1d, MaxPool2d and MaxPool3d."""

    traits = Traits(Kind.POOLING, is_taught_first=True)

    meanings: ClassVar = {
        "padding": Phrase("rows around the input that are never the largest value, at most half of kernel_size")
    }

    def ops(self, x: TensorSpec) -> OpCount:
        comparisons = prod(self.kernel_size) - 1  # n values need n - 1 comparisons
        return OpCount({Op.POOL_COMPARE: self.output(x).numel * comparisons})


class MaxPool1d(MaxPool):
    """Largest value in each window of a sequence, per channel.

    Shape:   (C, L) -> (C, L_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  torch.nn.MaxPool1d
    """

    axes: ClassVar[int] = 1


class MaxPool2d(MaxPool):
    """Largest value in each window of a map, per channel.

    Shape:   (C, H, W) -> (C, H_out, W_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  torch.nn.MaxPool2d
    """

    axes: ClassVar[int] = 2


class MaxPool3d(MaxPool):
    """Largest value in each window of a volume, per channel.

    Shape:   (C, D, H, W) -> (C, D_out, H_out, W_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  torch.nn.MaxPool3d
    """

    axes: ClassVar[int] = 3


class MaxUnpool2d(Pool):
    """Values put back where the largest of each window stood, zeros around them; windows may not overlap.

    The second input is the map that was pooled, with the same options: its windows are compared again. Frameworks keep
    the places from the pool as indices instead, and compare nothing here.

    Shape:   (C, H_out, W_out), (C, H, W) -> (C, H, W)
    Errors:  not-what-was-pooled, windows-overlap, wrong-rank, window-does-not-fit, padding-too-large
    Source:  Badrinarayanan et al., SegNet (2015), section 3; torch.nn.MaxUnpool2d
    """

    traits = Traits(Kind.POOLING, selects=True)

    meanings: ClassVar = {
        "padding": Phrase("rows around the input that are never the largest value, at most half of kernel_size")
    }

    axes: ClassVar[int] = 2
    least_inputs: ClassVar[int] = 2
    most_inputs: ClassVar[int | None] = 2

    ceil_mode: bool = False

    def output(self, *inputs: Any, **_: Any) -> TensorSpec:
        x: TensorSpec
        pooled: TensorSpec
        x, pooled = inputs
        for kernel, stride, dilation in zip(self.kernel_size, self.strides(), self.dilation, strict=True):
            require(
                stride >= dilation * (kernel - 1) + 1,
                "windows-overlap",
                "windows that span {span} overlap at a stride of {stride}, so that two could name one place",
                option="stride" if self.stride is not None else "dilation",
                help="use a stride of {span} or more",
                span=dilation * (kernel - 1) + 1,
                stride=stride,
            )
        expected = super().output(pooled)
        if x.shape != expected.shape:
            raise Fault(
                "not-what-was-pooled",
                "pooling {pooled} leaves {expected}, but there are {shape} to put back",
                help="name the map that these values were pooled from, and give the pool's options",
                pooled=spell(pooled.shape),
                expected=spell(expected.shape),
                shape=spell(x.shape),
            )
        return pooled

    def ops(self, x: TensorSpec, pooled: TensorSpec) -> OpCount:
        return OpCount({Op.POOL_COMPARE: x.numel * (prod(self.kernel_size) - 1)})

    def windows(self, *inputs: Any, **_: Any) -> tuple[Field, ...]:
        return tuple(
            transposed_window(kernel, stride, dilation, before)
            for kernel, stride, dilation, (before, _) in zip(
                self.kernel_size, self.strides(), self.dilation, self.pads(inputs[1]), strict=True
            )
        )

    def windows_of_each(self, x: TensorSpec, pooled: TensorSpec) -> tuple[tuple[Field, ...] | None, ...]:
        back = self.windows(x, pooled)
        return back, tuple(seen.through(axis) for seen, axis in zip(super().windows(pooled), back, strict=True))


class AvgPool(Pool):
    """The rules of AvgPool1d, AvgPool2d and AvgPool3d."""

    traits = Traits(Kind.POOLING, is_taught_first=True)

    count_include_pad: bool = True

    meanings: ClassVar = {"count_include_pad": Phrase("whether the divisor of a mean counts padding")}

    def ops(self, x: TensorSpec) -> OpCount:
        y = self.output(x)
        return OpCount({Op.POOL_ADD: y.numel * (prod(self.kernel_size) - 1), Op.POOL_DIVIDE: y.numel})


class AvgPool1d(AvgPool):
    """Mean of each window of a sequence, per channel.

    Shape:   (C, L) -> (C, L_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  torch.nn.AvgPool1d, with a dilation besides
    """

    axes: ClassVar[int] = 1


class AvgPool2d(AvgPool):
    """Mean of each window of a map, per channel.

    Shape:   (C, H, W) -> (C, H_out, W_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  torch.nn.AvgPool2d, with a dilation besides
    """

    axes: ClassVar[int] = 2


class AvgPool3d(AvgPool):
    """Mean of each window of a volume, per channel.

    Shape:   (C, D, H, W) -> (C, D_out, H_out, W_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  torch.nn.AvgPool3d, with a dilation besides
    """

    axes: ClassVar[int] = 3

    def count(self, size: int, kernel: int, stride: int, before: int, after: int, dilation: int, axis: str) -> int:
        windows = super().count(size, kernel, stride, before, after, dilation, axis)
        require(
            self.ceil_mode == "caffe" or size >= kernel,
            "window-does-not-fit",
            "the kernel has {kernel} {axis}, but the input {size}; torch.nn.AvgPool3d does not count the padding here",
            option="kernel_size",
            help="use a smaller kernel_size, a larger input, or `padding: same`",
            kernel=kernel,
            axis=axis,
            size=size,
        )
        return windows


class LPPool(Pool):
    """The rules of LPPool1d, LPPool2d and LPPool3d."""

    norm_type: Annotated[float, Option(gt=0)]

    torch_order: ClassVar = ("norm_type", "kernel_size", "stride")

    meanings: ClassVar = {"norm_type": Phrase("the power p: 1 gives the sum, 2 the Euclidean norm")}

    def ops(self, x: TensorSpec) -> OpCount:
        y = self.output(x)
        values = prod(self.kernel_size)
        # the p-th power of every value, their sum, and its p-th root
        return OpCount({Op.POOL_POWER: y.numel * (values + 1), Op.POOL_ADD: y.numel * (values - 1)})


class LPPool1d(LPPool):
    """Lp norm of each window of a sequence, per channel.

    Shape:   (C, L) -> (C, L_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  torch.nn.LPPool1d, with padding and dilation besides
    """

    axes: ClassVar[int] = 1


class LPPool2d(LPPool):
    """Lp norm of each window of a map, per channel.

    Shape:   (C, H, W) -> (C, H_out, W_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  torch.nn.LPPool2d, with padding and dilation besides
    """

    axes: ClassVar[int] = 2


class LPPool3d(LPPool):
    """Lp norm of each window of a volume, per channel.

    Shape:   (C, D, H, W) -> (C, D_out, H_out, W_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  torch.nn.LPPool3d, with padding and dilation besides
    """

    axes: ClassVar[int] = 3


class SumPool2d(Pool):
    """Sum of each window, per channel.

    Shape:   (C, H, W) -> (C, H_out, W_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  torch.nn.AvgPool2d with divisor_override=1
    """

    axes: ClassVar[int] = 2

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount({Op.POOL_ADD: self.output(x).numel * (prod(self.kernel_size) - 1)})


class StochasticPool2d(Pool):
    """Mean of each window weighted by its own values, as stochastic pooling does outside training.

    Shape:   (C, H, W) -> (C, H_out, W_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  Zeiler & Fergus, Stochastic pooling for regularization of deep CNNs (2013), equation 6
    """

    axes: ClassVar[int] = 2

    def ops(self, x: TensorSpec) -> OpCount:
        y = self.output(x)
        values = prod(self.kernel_size)
        return OpCount(
            {
                Op.POOL_MULTIPLY: y.numel * values,  # squares
                Op.POOL_ADD: y.numel * 2 * (values - 1),  # the sum of squares and the sum
                Op.POOL_DIVIDE: y.numel,
            }
        )


class MixedPool2d(Pool):
    """A blend of max and average pooling, a·max + (1 − a)·mean, with one learned a.

    Shape:   (C, H, W) -> (C, H_out, W_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  Lee, Gallagher & Tu, Generalizing pooling functions in CNNs (2016), equation 3 ("mixed", one per layer)
    """

    axes: ClassVar[int] = 2

    meanings: ClassVar = {
        "padding": Phrase(
            "rows around the input: zeros in the mean, and never the largest value; at most half of kernel_size"
        )
    }

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return (WeightSpec("mix", (1,)),)

    def ops(self, x: TensorSpec) -> OpCount:
        y = self.output(x)
        others = prod(self.kernel_size) - 1
        return OpCount(
            {
                Op.POOL_COMPARE: y.numel * others,
                Op.POOL_ADD: y.numel * others + y.numel,  # the window's sum, and the two parts
                Op.POOL_DIVIDE: y.numel,
                Op.POOL_MULTIPLY: 2 * y.numel,
            }
        )


class TrainablePool2d(Pool):
    """Sum of each window, times a learned coefficient, plus a learned bias, one of each per channel.

    Shape:   (C, H, W) -> (C, H_out, W_out)
    Errors:  window-does-not-fit, padding-too-large, wrong-rank
    Source:  LeCun et al., Gradient-based learning applied to document recognition (1998), layers S2 and S4
    """

    axes: ClassVar[int] = 2

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return (WeightSpec("weight", (x.channels,)), WeightSpec("bias", (x.channels,)))

    def ops(self, x: TensorSpec) -> OpCount:
        y = self.output(x)
        return OpCount(
            {
                Op.POOL_ADD: y.numel * (prod(self.kernel_size) - 1),
                Op.POOL_MULTIPLY: y.numel,
                Op.BIAS_ADD: y.numel,
            }
        )
