"""Recurrent layers and embeddings as torch computes them, batch first, without final states in their output."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor, nn

from cnncalc.oracles.torch.windows import Options


class Lookup(nn.Embedding):
    """An embedding whose token numbers may be floats."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.to(torch.int64))


class _Values(nn.RNNBase):
    """A recurrent module without the final state: outputs at every position, or the last."""

    return_sequences: bool

    def forward(self, input: Tensor) -> Tensor:
        with warnings.catch_warnings():  # projections are slower, which does not matter here
            warnings.filterwarnings("ignore", "LSTM with projections")
            output, _ = super().forward(input)
        values: Tensor = output if self.return_sequences else output[:, -1]
        return values


class _RNN(_Values, nn.RNN):  # type: ignore[misc]  # one value comes out instead of two
    """`nn.RNN` without its final state."""


class _LSTM(_Values, nn.LSTM):  # type: ignore[misc]  # one value comes out instead of two
    """`nn.LSTM` without its final state."""


class _GRU(_Values, nn.GRU):  # type: ignore[misc]  # one value comes out instead of two
    """`nn.GRU` without its final state."""


RECURRENT: dict[str, Any] = {"rnn": _RNN, "lstm": _LSTM, "gru": _GRU}


def recurrent(type_name: str, options: Options, features: int) -> nn.Module:
    """A recurrent module with `return_sequences`."""
    own = dict(options)
    return_sequences = own.pop("return_sequences", True)
    module: _Values = RECURRENT[type_name](features, batch_first=True, **own)
    module.return_sequences = return_sequences
    return module
