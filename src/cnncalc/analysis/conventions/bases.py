"""Bases that several conventions count from."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from cnncalc.analysis.conventions.base import ANY, MACS, UNKNOWN, Basis, Number, Rate, Rates, Rule, Unless
from cnncalc.analysis.report import LayerReport
from cnncalc.core.counts import Op
from cnncalc.core.translation import Phrase


def weight_uses_on_output(row: LayerReport) -> int:
    """Products of a transposed convolution, were its kernel applied at every position of the output."""
    return row.output.elements // row.output.channels * row.weights[0].numel


def _trainable(row: LayerReport) -> int:
    return sum([weight.numel for weight in row.weights if weight.trainable]) * row.output.regions


def steps(row: LayerReport) -> int:
    """Units of a recurrent layer over all steps, directions and levels of its stack."""
    directions = 2 if row.layer.bidirectional else 1
    units: int = row.inputs[0].shape[0] * row.layer.num_layers * directions * row.layer.hidden_size
    return units * row.output.regions


def _scores(row: LayerReport) -> int:
    return row.ops.of(Op.ACTIVATION_EXPONENTIAL)


def _projection_macs(row: LayerReport) -> int:
    """MACs of the projections of a multi-head attention; two thirds of their rows are those of keys and values."""
    queries, features = row.inputs[0].shape
    keys, _ = row.inputs[-1].shape
    return 2 * (queries + keys) * features * features * row.output.regions


def _window_projection_macs(row: LayerReport) -> int:
    """MACs of the four projections at every position; the scaling of the queries counts the padded positions."""
    return 4 * row.inputs[0].shape[-1] * row.ops.of(Op.ELEMENTWISE_MULTIPLY)


def _projection_biases(row: LayerReport) -> int:
    """Outputs of the projections of window attention that get a bias; the other additions are of the bias table."""
    return row.ops.of(Op.BIAS_ADD) - _scores(row)


READ = Basis(Phrase("values read"), lambda row: row.inputs[0].elements)
WRITTEN = Basis(Phrase("values written"), lambda row: row.output.elements)


def _read_by_response_norm(row: LayerReport) -> int:
    """Values that a response norm pools across channels: those read, and zeros beyond the first and last channel."""
    channels = row.inputs[0].channels
    padded: int = channels + row.layer.size - 1
    return row.inputs[0].elements // channels * padded


BIASED = Basis(Phrase("outputs with a bias"), lambda row: row.ops.of(Op.BIAS_ADD))
ON_OUTPUT = Basis(Phrase("MACs on the output grid"), weight_uses_on_output)
WEIGHTS = Basis(Phrase("weights"), _trainable)
CHANNELS = Basis(Phrase("channels"), lambda row: row.output.channels)
ACROSS = Basis(Phrase("values pooled across channels"), _read_by_response_norm)
LEVELS = Basis(Phrase("values read by each level"), lambda row: row.inputs[0].elements * len(row.layer.levels))
UNITS = Basis(Phrase("units at every step"), steps)
POSITIONS = Basis(Phrase("positions written"), lambda row: prod(row.output.spatial))
SCORES = Basis(Phrase("attention scores"), _scores)
PROJECTIONS = Basis(Phrase("MACs of projections"), _projection_macs)
IN_WINDOWS = Basis(Phrase("MACs of projections"), _window_projection_macs)
PRODUCTS = Basis(Phrase("MACs of products of activations"), lambda row: row.macs - _window_projection_macs(row))
WINDOW_BIASES = Basis(Phrase("outputs with a bias"), _projection_biases)


def over_axes(kind: str, rates: Rule) -> dict[str, Rule]:
    """The same rates for a layer over one, two and three axes."""
    return {f"{kind}{axes}d": rates for axes in (1, 2, 3)}


def pools(kind: str, rates: Rule) -> dict[str, Rule]:
    """The same rates for a pool to a given size and for a global one: `adaptive_avg`, `adaptive_max`."""
    return {**over_axes(f"{kind}_pool", rates), **over_axes(f"{kind.replace('adaptive', 'global')}_pool", rates)}


CONTRACTED = (Rate(1, MACS),)
CONTRACTED_WITH_BIAS = (Rate(1, MACS), Rate(1, BIASED))
TWICE_CONTRACTED = (Rate(2, MACS),)
EACH_READ = (Rate(1, READ),)
EACH_WRITTEN = (Rate(1, WRITTEN),)


RESPONSE_NORM = (Rate(3, READ), Rate(1, ACROSS))
"""torch's response norm for a tool that replaces functions: a pool, two products and an addition."""

POWER_POOL = (Rate(1, READ), Rate(2, WRITTEN))
"""torch's power pool for such a tool: an average pool, a ReLU and a product."""


def is_scaled(row: LayerReport) -> bool:
    """Whether a norm has a learned scale."""
    return any(weight.name == "weight" for weight in row.weights)


def norm(bare: int, scaled: int) -> Rates:
    """A norm: so much per value, without a learned scale and with one."""
    return (Rate(lambda row: scaled if is_scaled(row) else bare, READ, words=_scaled_words(bare, scaled)),)


def _scaled_words(bare: int, scaled: int) -> Phrase:
    return Phrase("{scaled} ({bare} without learned scales)", scaled=scaled, bare=bare)


def batch_norm(stored: tuple[int, int], own: tuple[int, int]) -> Rates:
    """A batch norm by stored statistics or by those of the values themselves: without and with a learned scale."""
    return (
        Rate(
            lambda row: (stored if row.layer.track_running_stats else own)[is_scaled(row)],
            READ,
            words=_scaled_words(*stored),
        ),
    )


def gate_share(row: LayerReport) -> Number:
    """The share of a recurrent layer's MACs that its gates have; a projection of the state has the rest."""
    if not getattr(row.layer, "proj_size", 0):
        return 1
    gates = sum([weight.numel for weight in row.weights if weight.name.startswith(("weight_ih", "weight_hh"))])
    every = sum([weight.numel for weight in row.weights if len(weight.shape) == 2])
    return Fraction(gates, every)


def is_self_made(row: LayerReport) -> bool:
    """Whether a recurrent layer is one that torch does not have: with one bias per gate, or its reset gate first."""
    return row.layer.bias == "single" or not getattr(row.layer, "reset_after", True)


CELLS: dict[str, Rule] = dict.fromkeys(("rnn_cell", "lstm_cell", "gru_cell"), UNKNOWN)
"""Single steps of recurrent layers, which no printed number is known for."""


def recurrent(macs: int, rnn: int, gru: int, lstm: int) -> dict[str, Rule]:
    """Recurrent layers: so many per MAC of the gates, one per bias, and so many per unit and step."""
    per_mac = Rate(lambda row: macs * gate_share(row), MACS, words=Phrase("{n}", n=macs))
    return CELLS | {
        kind: Unless((per_mac, Rate(1, BIASED), Rate(number, UNITS)), is_self_made)
        for kind, number in (("rnn", rnn), ("gru", gru), ("lstm", lstm))
    }


def extents(row: LayerReport) -> list[tuple[int, int]]:
    """Rows that go into a pool and come out of it, axis by axis."""
    inner = row.inputs[0].spatial
    outer = row.output.spatial if len(row.output.shape) > 1 else (1,) * len(inner)
    return list(zip(inner, outer, strict=True))


def per_output(amount: int | float, row: LayerReport) -> Number:
    """An amount divided among the outputs of a layer."""
    return Fraction(int(amount), row.output.elements)


SELF_MADE: dict[str, Rule] = dict.fromkeys(
    (
        *("locally_connected1d", "locally_connected2d"),
        *("sum_pool2d", "stochastic_pool2d", "mixed_pool2d", "trainable_pool2d"),
    ),
    UNKNOWN,
)
"""Layers for which torch has no module: what a tool counts depends on how their author writes them."""

ONLY_STATED: dict[str, Rule] = {
    ANY: UNKNOWN,
    **dict.fromkeys(
        ("identity", "flatten", "reshape", "permute", "slice", "crop", "crop_like", "concat", "dropout"), ()
    ),
}
"""The rules of a tool of which only what is stated is known: to hand values on costs nothing."""


def whole_window(row: LayerReport) -> int | None:
    """Values in each window of a pool to a given size; None where windows differ."""
    if any(inner % outer for inner, outer in extents(row)):
        return None
    return prod([inner // outer for inner, outer in extents(row)])


def kernel_as_written(row: LayerReport) -> int:
    """The kernel size, as a number where it is one: tools that take it from there do not square it."""
    sizes: tuple[int, ...] = row.layer.kernel_size
    return sizes[0] if len(set(sizes)) == 1 else prod(sizes)
