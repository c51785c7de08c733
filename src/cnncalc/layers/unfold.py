"""Windows laid out as columns, and columns added up to a map."""

from math import prod
from typing import ClassVar

from cnncalc.core.arithmetic import exact_div, require
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.field import Field, Untracked
from cnncalc.core.kinds import Traits
from cnncalc.core.tensor import Shape, TensorSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import check_sequences
from cnncalc.layers.option_types import Pads, PerAxis, PerAxisExtent
from cnncalc.layers.windowed import Windowed


class Columns(Windowed):
    """The rules that both directions share."""

    axes: ClassVar[int] = 2

    dilation: PerAxis = (1,)
    padding: PerAxisExtent = (0,)
    stride: PerAxis = (1,)

    meanings: ClassVar = {
        "stride": Phrase("how far a window moves at each step"),
        "padding": Phrase("rows of zeros around the map"),
    }

    def strides(self) -> Shape:
        return self.stride

    def dilations(self) -> Shape:
        return self.dilation

    def pads(self, x: TensorSpec) -> Pads:
        return tuple(rows if isinstance(rows, tuple) else (rows, rows) for rows in self.padding)

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        raise Untracked  # each value of a column is one of a window


class Unfold(Columns):
    """Every window of a map as a column, the windows side by side.

    Shape:   (C, H, W) -> (C·k·k, windows)
    Errors:  window-does-not-fit, wrong-rank
    Source:  torch.nn.Unfold
    """

    traits = Traits(moves_values=True)

    torch_order: ClassVar = ("kernel_size", "dilation", "padding", "stride")

    def output(self, x: TensorSpec) -> TensorSpec:
        self.grid(x)
        return x.with_shape((x.channels * prod(self.kernel_size), prod(self.counts(x))))


class Fold(Columns):
    """Columns put back as windows of a map; where windows overlap, their values add up.

    Shape:   (C·k·k, windows) -> (C, H, W)
    Errors:  window-does-not-fit, wrong-rank, shape-mismatch
    Source:  torch.nn.Fold
    """

    per_axis_options: ClassVar = ("output_size", *Windowed.per_axis_options)

    output_size: PerAxis

    torch_order: ClassVar = ("output_size", "kernel_size", "dilation", "padding", "stride")

    meanings: ClassVar = {"output_size": Phrase("rows and columns of the map")}

    def output(self, x: TensorSpec) -> TensorSpec:
        check_sequences(x)
        taps = prod(self.kernel_size)
        columns = prod(self.counts(x.with_shape((1, *self.output_size))))
        require(
            x.shape[0] % taps == 0 and x.shape[1] == columns,
            "shape-mismatch",
            "{shape} is not {columns} windows of {taps} values for each channel",
            option="output_size",
            label="{size} has {columns} windows",
            help="give the output_size and the options of the `unfold` that made the columns",
            shape=spell(x.shape),
            columns=columns,
            taps=taps,
            size=spell(self.output_size),
        )
        return x.with_shape((exact_div(x.shape[0], taps), *self.output_size))

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount({Op.ELEMENTWISE_ADD: x.numel})
