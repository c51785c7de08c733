"""Reductions: one value of all that lie along some axes."""

from typing import ClassVar, Literal

from cnncalc.core.arithmetic import require
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.field import Field
from cnncalc.core.tensor import TensorSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer, axis_of, channel_axis, windows_along
from cnncalc.layers.option_types import Axes


class Reduce(Layer):
    """The sum, mean, maximum, variance or norm of all values along some axes, which go away unless `keepdim`.

    Shape:   (C, H, W) -> the axes besides `dim`, or all with extents of 1 for `dim`
    Errors:  no-such-axis, nothing-left
    Source:  torch.sum, torch.mean, torch.amax, torch.var and torch.linalg.vector_norm
    """

    any_layout: ClassVar[bool] = True
    mixing: ClassVar[Phrase] = Phrase("global pooling")

    operation: Literal["sum", "mean", "max", "var", "norm"]
    dim: Axes
    keepdim: bool = False
    correction: int = 1

    torch_order: ClassVar = ("operation", "dim", "keepdim")

    meanings: ClassVar = {
        "operation": Phrase("what becomes of the values; `norm` is the root of the sum of their squares"),
        "dim": Phrase("the axis or axes that are reduced; 0 is the channels (1 in torch)"),
        "keepdim": Phrase("whether a reduced axis stays, with an extent of 1"),
        "correction": Phrase("what `var` takes off the number of values that it divides by"),
    }

    def mixed_axes(self, x: TensorSpec) -> tuple[int, ...]:
        axes = tuple(axis_of(dim, x) for dim in self.dim)
        require(
            len(set(axes)) == len(axes),
            "no-such-axis",
            "dim {dims} names an axis of {shape} twice",
            option="dim",
            help="name every axis once",
            dims=list(self.dim),
            shape=spell(x.shape),
        )
        return axes

    def output(self, x: TensorSpec) -> TensorSpec:
        axes = self.mixed_axes(x)
        if self.keepdim:
            return x._replace(shape=tuple(1 if axis in axes else n for axis, n in enumerate(x.shape)))
        left = tuple(n for axis, n in enumerate(x.shape) if axis not in axes)
        require(
            left != (),
            "nothing-left",
            "of {shape} nothing is left without the axes {dims}",
            option="dim",
            help="write `keepdim: true`, or name fewer axes",
            shape=spell(x.shape),
            dims=list(self.dim),
        )
        return x.with_shape(left)

    def ops(self, x: TensorSpec) -> OpCount:
        results = self.output(x).numel
        match self.operation:
            case "max":
                return OpCount({Op.POOL_COMPARE: x.numel - results})
            case "norm":
                return OpCount({Op.POOL_MULTIPLY: x.numel, Op.POOL_ADD: x.numel - results, Op.POOL_POWER: results})
            case "var":
                return OpCount(
                    {
                        Op.POOL_ADD: 2 * (x.numel - results) + x.numel,  # two sums, and the differences from the mean
                        Op.POOL_MULTIPLY: x.numel,
                        Op.POOL_DIVIDE: 2 * results,
                    }
                )
        return OpCount({Op.POOL_ADD: x.numel - results, Op.POOL_DIVIDE: results if self.operation == "mean" else 0})

    def windows(self, x: TensorSpec) -> tuple[Field, ...] | None:
        axes = self.mixed_axes(x)
        spatial = {*range(len(x.shape))} - {channel_axis(x)}
        return windows_along(axes, x) if self.keepdim or {*axes} == spatial else None

    def global_by(self, x: TensorSpec) -> str:
        spatial = {*range(len(x.shape))} - {channel_axis(x)}
        return "global pooling" if spatial <= {*self.mixed_axes(x)} and {*x.spatial} - {1} else ""
