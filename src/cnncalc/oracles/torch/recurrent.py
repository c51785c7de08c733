"""Recurrent layers and embeddings as torch computes them, batch first, without final states in their output."""

from __future__ import annotations

import warnings
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from cnncalc.oracles.torch.windows import Options


class Lookup(nn.Embedding):
    """An embedding whose token numbers may be floats."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.to(torch.int64))


class _Values(nn.RNNBase):
    """A recurrent module without the final state: outputs at every position, or the last."""

    return_sequences: bool
    single_bias: bool

    def forward(self, input: Tensor) -> Tensor:
        if self.single_bias:  # zeros in the place of the second vector, in the element type of the first
            for name, bias in list(self.named_parameters()):
                if name.startswith("bias_ih"):
                    setattr(self, name.replace("ih", "hh"), torch.zeros_like(bias))
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


class _ResetFirst(_GRU):
    """A GRU after the paper, step by step: the reset gate scales the state before its product."""

    def forward(self, input: Tensor) -> Tensor:  # type: ignore[override]  # as above
        for layer in range(self.num_layers):
            forward = self._direction(input, f"l{layer}")
            if self.bidirectional:
                backward = self._direction(input.flip(1), f"l{layer}_reverse").flip(1)
                forward = torch.cat([forward, backward], dim=2)
            input = forward
        return input if self.return_sequences else input[:, -1]

    def _direction(self, input: Tensor, ending: str) -> Tensor:
        size, stored = self.hidden_size, dict(self.named_parameters())
        matrix, second = stored[f"weight_hh_{ending}"], stored.get(f"bias_hh_{ending}")
        given = F.linear(input, stored[f"weight_ih_{ending}"], stored.get(f"bias_ih_{ending}"))
        state, states = input.new_zeros(len(input), size), []
        for step in given.unbind(1):
            gates = F.linear(state, matrix[: 2 * size], None if second is None else second[: 2 * size])
            reset, update = torch.sigmoid(step[:, : 2 * size] + gates).chunk(2, dim=1)
            read = F.linear(reset * state, matrix[2 * size :], None if second is None else second[2 * size :])
            new = torch.tanh(step[:, 2 * size :] + read)
            state = new + update * (state - new)
            states.append(state)
        return torch.stack(states, dim=1)


RECURRENT: dict[str, Any] = {"rnn": _RNN, "lstm": _LSTM, "gru": _GRU}


def recurrent(type_name: str, options: Options, features: int) -> nn.Module:
    """A recurrent module with `return_sequences`."""
    own = dict(options)
    return_sequences, single = own.pop("return_sequences", True), own.get("bias") == "single"
    kind = RECURRENT[type_name] if own.pop("reset_after", True) else _ResetFirst
    module: _Values = kind(features, batch_first=True, **own | ({"bias": True} if single else {}))
    module.return_sequences, module.single_bias = return_sequences, single
    if single:
        for name in [name for name, _ in module.named_parameters() if name.startswith("bias_hh")]:
            delattr(module, name)
    return module
