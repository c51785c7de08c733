"""Recurrent layers and embeddings as torch computes them, batch first, without final states in their output."""

from __future__ import annotations

import warnings
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from cnncalc.oracles.torch.windows import Options, Shape, WindowOptions


class Lookup(nn.Embedding):
    """An embedding whose token numbers may be floats."""

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(input.to(torch.int64))


def put_zeros_for_second_bias(module: nn.Module) -> None:
    """Zeros in the place of the second vector of biases, in the element type of the first."""
    for name, bias in list(module.named_parameters()):
        if name.startswith("bias_ih"):
            setattr(module, name.replace("ih", "hh"), torch.zeros_like(bias))


def without_second_bias(module: nn.Module) -> None:
    """Take the second vector of biases out of a module."""
    for name in [name for name, _ in module.named_parameters() if name.startswith("bias_hh")]:
        delattr(module, name)


class _Values(nn.RNNBase):
    """A recurrent module without the final state: outputs at every position, or the last."""

    return_sequences: bool
    single_bias: bool

    def forward(self, input: Tensor) -> Tensor:
        if self.single_bias:
            put_zeros_for_second_bias(self)
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
        stored = dict(self.named_parameters())
        matrix, second = stored[f"weight_hh_{ending}"], stored.get(f"bias_hh_{ending}")
        given = F.linear(input, stored[f"weight_ih_{ending}"], stored.get(f"bias_ih_{ending}"))
        state, states = input.new_zeros(len(input), self.hidden_size), []
        for step in given.unbind(1):
            state = reset_first(step, state, matrix, second)
            states.append(state)
        return torch.stack(states, dim=1)


def reset_first(given: Tensor, state: Tensor, matrix: Tensor, bias: Tensor | None) -> Tensor:
    """The next state of a GRU whose reset gate scales the state before its product."""
    size = state.shape[1]
    gates = F.linear(state, matrix[: 2 * size], None if bias is None else bias[: 2 * size])
    reset, update = torch.sigmoid(given[:, : 2 * size] + gates).chunk(2, dim=1)
    read = F.linear(reset * state, matrix[2 * size :], None if bias is None else bias[2 * size :])
    new = torch.tanh(given[:, 2 * size :] + read)
    return new + update * (state - new)


RECURRENT: dict[str, Any] = {"rnn": _RNN, "lstm": _LSTM, "gru": _GRU}


def recurrent(type_name: str, options: Options, features: int) -> nn.Module:
    """A recurrent module with `return_sequences`."""
    own = dict(options)
    return_sequences, single = own.pop("return_sequences", True), own.get("bias") == "single"
    kind = RECURRENT[type_name] if own.pop("reset_after", True) else _ResetFirst
    module: _Values = kind(features, batch_first=True, **own | ({"bias": True} if single else {}))
    module.return_sequences, module.single_bias = return_sequences, single
    if single:
        without_second_bias(module)
    return module


class _OneStep(nn.RNNCellBase):
    """A cell of torch that takes its states one by one."""

    single_bias: bool
    return_cell: bool

    def forward(self, input: Tensor, *states: Tensor) -> Tensor:
        if self.single_bias:
            put_zeros_for_second_bias(self)
        found = super().forward(input, None if not states else states[0] if len(states) == 1 else states)
        if isinstance(found, Tensor):
            return found
        return torch.cat(found, dim=1) if self.return_cell else found[0]


class _RNNCell(_OneStep, nn.RNNCell):  # type: ignore[misc]  # states come one by one
    """`nn.RNNCell`."""


class _LSTMCell(_OneStep, nn.LSTMCell):
    """`nn.LSTMCell`; a state without a cell begins with a cell of zeros."""

    def forward(self, input: Tensor, *states: Tensor) -> Tensor:  # type: ignore[override]  # as above
        return super().forward(input, *(states if len(states) != 1 else (states[0], torch.zeros_like(states[0]))))


class _GRUCell(_OneStep, nn.GRUCell):  # type: ignore[misc]  # states come one by one
    """`nn.GRUCell`."""


class _ResetFirstCell(_GRUCell):
    """A GRU cell after the paper: the reset gate scales the state before its product."""

    def forward(self, input: Tensor, *states: Tensor) -> Tensor:  # type: ignore[override]  # as above
        state = states[0] if states else input.new_zeros(len(input), self.hidden_size)
        given = F.linear(input, self.weight_ih, self.bias_ih)
        second = None if self.single_bias else self.bias_hh
        return reset_first(given, state, self.weight_hh, second)


CELLS: dict[str, Any] = {"rnn_cell": _RNNCell, "lstm_cell": _LSTMCell, "gru_cell": _GRUCell}


def recurrent_cell(type_name: str, options: Options, features: int) -> nn.Module:
    """A cell with the options of ours."""
    own = dict(options)
    return_cell, single = own.pop("return_cell", False), own.get("bias") == "single"
    kind = CELLS[type_name] if own.pop("reset_after", True) else _ResetFirstCell
    module: _OneStep = kind(features, **own | ({"bias": True} if single else {}))
    module.return_cell, module.single_bias = return_cell, single
    if single:
        without_second_bias(module)
    return module


class ConvLSTM(nn.Module):
    """Keras's ConvLSTM2D: the gates of an LSTM are convolutions of the frame and of the state."""

    def __init__(self, options: Options, shape: Shape) -> None:
        super().__init__()
        units, kernel = options["out_channels"], options["kernel_size"]
        self.return_sequences = options.get("return_sequences", True)
        self.of_frame = WindowOptions(options, shape[2:])
        self.of_state = WindowOptions({"kernel_size": kernel, "padding": "same"}, shape[2:])
        self.weight_ih = nn.Parameter(torch.zeros(4 * units, shape[0], *self.of_frame.kernel))
        self.weight_hh = nn.Parameter(torch.zeros(4 * units, units, *self.of_frame.kernel))
        self.bias_ih = nn.Parameter(torch.zeros(4 * units)) if options.get("bias", True) else None

    def forward(self, input: Tensor) -> Tensor:
        states: list[Tensor] = []
        for frame in input.unbind(2):
            window = self.of_frame
            given = F.conv2d(
                window.pad(frame), self.weight_ih, self.bias_ih, stride=window.stride, dilation=window.dilation
            )
            if not states:
                state = cell = torch.zeros_like(given.chunk(4, dim=1)[0])
            fed_back = F.conv2d(self.of_state.pad(state), self.weight_hh)
            entering, forgetting, candidate, leaving = (given + fed_back).chunk(4, dim=1)
            cell = torch.sigmoid(forgetting) * cell + torch.sigmoid(entering) * torch.tanh(candidate)
            state = torch.sigmoid(leaving) * torch.tanh(cell)
            states.append(state)
        return torch.stack(states, dim=2) if self.return_sequences else state
