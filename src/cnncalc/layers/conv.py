"""Convolution in one, two and three dimensions."""

from math import prod
from typing import Annotated, ClassVar

from pydantic import Field as Option
from pydantic import WithJsonSchema

from cnncalc.core.arithmetic import exact_div, require
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import Shape, TensorSpec, WeightSpec
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import check_groups
from cnncalc.layers.option_types import Count, Extent
from cnncalc.layers.windowed import Filtering

ConnectionTable = Annotated[
    tuple[tuple[Extent, ...], ...],
    Option(min_length=1),
    WithJsonSchema(
        {
            "description": "for every output map, a list of the input maps it reads, counted from 0",
            "type": "array",
            "items": {"type": "array", "items": {"type": "integer", "minimum": 0}, "minItems": 1},
            "minItems": 1,
        }
    ),
]
"""The input maps that each output map reads."""


class Convolution(Filtering):
    """The rules of Conv1d, Conv2d and Conv3d."""

    traits = Traits(Kind.CONVOLUTION, is_taught_first=True)

    groups: Count = 1
    bias: bool = True
    connections: ConnectionTable | None = None
    standardized: bool = False

    torch_order: ClassVar = (*Filtering.torch_order, "groups", "bias")

    meanings: ClassVar = {
        "groups": Phrase("parts of the channels that are filtered apart; as many as channels: depthwise"),
        "bias": Phrase("whether each filter adds a number of its own"),
        "connections": Phrase("the input maps that each filter reads; without it, all of its group"),
        "standardized": Phrase("whether each filter's weights are shifted and scaled to mean 0 and variance 1 first"),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        self.grid(x)
        check_groups(x.channels, self.groups, "input channels")
        check_groups(self.out_channels, self.groups, "output channels")
        if self.connections is not None:
            self._check_connections(self.connections, x)
        if self.standardized:
            require(
                prod(self._kernel_shape(x)[1:]) > 1,
                "nothing-to-normalise",
                "filters of a single weight are nothing but zeros once they are standardized",
                option="standardized",
                help="leave out `standardized`, or use a larger kernel",
            )
        return TensorSpec((self.out_channels, *self.counts(x)), x.dtype)

    def _kernel_shape(self, x: TensorSpec) -> Shape:
        """(C_out, C_in / groups, *k); with a connection table, (number of connections, *k)."""
        if self.connections is not None:
            return (sum(map(len, self.connections)), *self.kernel_size)
        return (self.out_channels, exact_div(x.channels, self.groups), *self.kernel_size)

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        kernel = WeightSpec("weight", self._kernel_shape(x))
        return (kernel, WeightSpec("bias", (self.out_channels,))) if self.bias else (kernel,)

    def ops(self, x: TensorSpec) -> OpCount:
        extents = tuple(self.counts(x))
        macs = prod(self._kernel_shape(x)) * prod(extents)  # each weight is used once per position
        return OpCount({Op.CONTRACTION_MAC: macs, Op.BIAS_ADD: prod((self.out_channels, *extents)) if self.bias else 0})

    def _check_connections(self, table: tuple[tuple[int, ...], ...], x: TensorSpec) -> None:
        require(
            not self.standardized,
            "bad-connection-table",
            "filters of a connection table are not standardized",
            option="standardized",
            help="leave out `standardized` or `connections`",
        )
        require(
            self.groups == 1 and len(table) == self.out_channels,
            "bad-connection-table",
            "the connection table has {rows} rows for {maps} output maps in {groups} groups",
            option="connections",
            help="give one row for each of the {maps} output maps, and leave groups at 1",
            rows=len(table),
            maps=self.out_channels,
            groups=self.groups,
        )
        for row, maps in enumerate(table):
            require(
                len(set(maps)) == len(maps) > 0 and max(maps) < x.channels,
                "bad-connection-table",
                "row {row} of the connection table reads the maps {maps}, but there are {channels}",
                option="connections",
                help="name each input map at most once, from 0 to {last}, and at least one",
                row=row,
                maps=list(maps),
                channels=x.channels,
                last=x.channels - 1,
            )


class Conv1d(Convolution):
    """Convolution over a sequence.

    Shape:   (C, L) -> (C_out, L_out)
    Errors:  window-does-not-fit, groups-do-not-divide, bad-connection-table, wrong-rank
    Source:  torch.nn.Conv1d
    """

    axes: ClassVar[int] = 1


class Conv2d(Convolution):
    """Convolution over a map; `connections` says which input maps each output map reads (LeNet-5's C3).

    Shape:   (C, H, W) -> (C_out, H_out, W_out)
    Errors:  window-does-not-fit, groups-do-not-divide, bad-connection-table, wrong-rank
    Source:  torch.nn.Conv2d; LeCun et al., Gradient-based learning applied to document recognition (1998), table I
    """

    axes: ClassVar[int] = 2


class Conv3d(Convolution):
    """Convolution over a volume or a clip.

    Shape:   (C, D, H, W) -> (C_out, D_out, H_out, W_out)
    Errors:  window-does-not-fit, groups-do-not-divide, bad-connection-table, wrong-rank
    Source:  torch.nn.Conv3d
    """

    axes: ClassVar[int] = 3
