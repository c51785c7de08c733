"""Recurrent layers whose products are convolutions."""

from math import prod
from typing import ClassVar

from cnncalc.core.counts import Op, OpCount
from cnncalc.core.errors import Fault
from cnncalc.core.field import Field, Untracked
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import TensorSpec, WeightSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.recurrent import LSTM
from cnncalc.layers.windowed import Filtering


class ConvLSTM2d(Filtering):
    """An LSTM over the frames of a clip, whose gates are convolutions of the frame and of the state.

    The state is convolved with stride 1 and padding `same`, and keeps the extents of the frame's convolution. The
    gates are input, forget, candidate and output, one bias each.

    Shape:   (C, T, H, W) -> (C_out, T, H_out, W_out), or (C_out, H_out, W_out) without `return_sequences`
    Errors:  wrong-rank, window-does-not-fit
    Source:  Shi et al., Convolutional LSTM network (2015), without peepholes; Keras's ConvLSTM2D
    """

    traits = Traits(Kind.RECURRENT)

    axes: ClassVar[int] = 2

    bias: bool = True
    return_sequences: bool = True

    meanings: ClassVar = {
        "out_channels": Phrase("maps of the state"),
        "padding": Phrase("rows of zeros around a frame"),
        "bias": Phrase("whether each gate adds a number of its own for every map"),
        "return_sequences": Phrase("whether every frame comes out, or only the last one, as by default in Keras"),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        if len(x.shape) != 4:
            raise Fault(
                "wrong-rank",
                "needs a clip of shape (C, T, H, W), but receives {shape}",
                help="the frames of a clip lie along its second axis, and there is no batch",
                shape=spell(x.shape),
            )
        extents = tuple(self.counts(self._frame(x)))
        return x.with_shape((self.out_channels, *((x.shape[1], *extents) if self.return_sequences else extents)))

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        rows = 4 * self.out_channels
        of_frame = WeightSpec("weight_ih", (rows, x.shape[0], *self.kernel_size))
        of_state = WeightSpec("weight_hh", (rows, self.out_channels, *self.kernel_size))
        return (of_frame, of_state, WeightSpec("bias_ih", (rows,))) if self.bias else (of_frame, of_state)

    def ops(self, x: TensorSpec) -> OpCount:
        steps = x.shape[1] * prod(self.counts(self._frame(x)))  # at every step and place, each weight is used once
        of_frame, of_state, *biases = self.weights(x)
        used = {Op.CONTRACTION_MAC: of_frame.numel + of_state.numel, Op.BIAS_ADD: sum([one.numel for one in biases])}
        of_units = {op: n * self.out_channels for op, n in LSTM(hidden_size=1).ops_per_unit().items()}
        return OpCount({op: steps * n for op, n in {**used, **of_units}.items()})

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        """Nothing: the field grows with every step.

        Errors:  Untracked
        """
        raise Untracked

    def _frame(self, x: TensorSpec) -> TensorSpec:
        return x.with_spatial(x.shape[2:])
