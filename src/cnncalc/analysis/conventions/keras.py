"""Keras's conventions of parameters, as `model.summary()` shows them; it counts no operations."""

from __future__ import annotations

from cnncalc.analysis.conventions.base import ANY, UNKNOWN, Convention
from cnncalc.analysis.report import LayerReport
from cnncalc.core.translation import Phrase


def _params(row: LayerReport, both_of_gru: bool) -> int:
    """Weights and running statistics, with one bias per gate where torch has two."""
    if row.weights_from is not None:
        return 0
    one_bias = row.type in ("rnn", "lstm") or (row.type == "gru" and not both_of_gru)
    second = sum([weight.numel for weight in row.weights if weight.name.startswith("bias_hh")]) if one_bias else 0
    return row.params + row.buffers - second


_QUIRKS = (
    Phrase("The total has the running mean and variance of every batch norm: 4 per channel. Trainable are 2 of them."),
    Phrase(
        "Keras's own ResNets have biases in their convolutions, and its Inception v3 no scales: their totals are not "
        "those of these descriptions."
    ),
)

KERAS = Convention(
    "keras",
    Phrase("parameters alone: running statistics included, one bias per gate of an LSTM, two of a GRU"),
    {ANY: UNKNOWN},
    "keras/src/utils/summary_utils.py and keras/src/layers/rnn",
    "Keras, total params of model.summary()",
    "3.15.1",
    counts_params=True,
    own_params=lambda row: _params(row, both_of_gru=True),
    quirks=_QUIRKS,
)

KERAS_RESET_BEFORE = KERAS._replace(
    name="keras-reset-before",
    summary=Phrase("parameters alone: running statistics included, one bias per gate of an LSTM and of a GRU"),
    tool="Keras, total params of model.summary(), GRU with reset_after=False",
    own_params=lambda row: _params(row, both_of_gru=False),
)
