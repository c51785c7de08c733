"""Recurrent layers, step by step."""

from collections.abc import Callable

import numpy as np

from cnncalc.core.counts import Op
from cnncalc.execution.engine.scratch import VALUE_BYTES, Extents, Scratch
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task
from cnncalc.execution.kernels.activation import one_plus_exp

ADD, MULTIPLY, TANH = Op.ELEMENTWISE_ADD, Op.ELEMENTWISE_MULTIPLY, Op.ACTIVATION_TANH

Feed = Callable[[Array, slice], Array]
"""The contribution of a state to some rows of the gates."""

Update = Callable[[Task, Array, Array, Array, Feed], tuple[Array, Array]]
"""(task, contribution of the input to the gates, state, cell, feed) -> the next state and cell."""

ALL = slice(None)

GATES = {"rnn": 1, "lstm": 4, "gru": 3}
"""Gate values of each unit, the candidate included."""


def rnn(task: Task, x: Array) -> Array:
    """A plain recurrence over a sequence."""
    return _stack(task, x, GATES["rnn"], _update_rnn)


def lstm(task: Task, x: Array) -> Array:
    """Long short-term memory over a sequence; the cell is not part of the output."""
    return _stack(task, x, GATES["lstm"], update_lstm)


def gru(task: Task, x: Array) -> Array:
    """Gated recurrent units over a sequence."""
    return _stack(task, x, GATES["gru"], _update_gru)


def rnn_cell(task: Task, x: Array, *states: Array) -> Array:
    """One step of a plain recurrence."""
    return _step(task, x, states, GATES["rnn"], _update_rnn)[0]


def gru_cell(task: Task, x: Array, *states: Array) -> Array:
    """One step of gated recurrent units."""
    return _step(task, x, states, GATES["gru"], _update_gru)[0]


def lstm_cell(task: Task, x: Array, *states: Array) -> Array:
    """One step of long short-term memory: the state, and after it the cell if it is asked for."""
    state, kept = _step(task, x, states, GATES["lstm"], update_lstm)
    return np.concatenate([state, kept], axis=1) if task.options.return_cell else state


def _update_rnn(task: Task, given: Array, state: Array, kept: Array, feed: Feed) -> tuple[Array, Array]:
    """Tanh or ReLU of the sum of both contributions."""
    total = task.tally.each(ADD, np.add, given, feed(state, ALL))
    if task.options.nonlinearity == "tanh":
        return task.tally.each(TANH, np.tanh, total), kept
    return task.tally.each(Op.ACTIVATION_COMPARE, np.maximum, total, zeros(total, total.shape[1])), kept


def update_lstm(task: Task, given: Array, state: Array, kept: Array, feed: Feed) -> tuple[Array, Array]:
    """Three gates around a cell."""
    total = task.tally.each(ADD, np.add, given, feed(state, ALL))
    entering, forgetting, candidate, leaving = np.split(total, 4, axis=1)
    old = task.tally.each(MULTIPLY, np.multiply, _sigmoid(task, forgetting), kept)
    curved = task.tally.each(TANH, np.tanh, candidate)
    new = task.tally.each(MULTIPLY, np.multiply, _sigmoid(task, entering), curved)
    kept = task.tally.each(ADD, np.add, old, new)
    shown = task.tally.each(TANH, np.tanh, kept)
    return task.tally.each(MULTIPLY, np.multiply, _sigmoid(task, leaving), shown), kept


def _update_gru(task: Task, given: Array, state: Array, kept: Array, feed: Feed) -> tuple[Array, Array]:
    """Two gates: how much of the state the candidate reads, and how much of it is kept."""
    gates, candidate = slice(2 * state.shape[1]), slice(2 * state.shape[1], None)
    fed_back = feed(state, ALL if task.options.reset_after else gates)
    opened = _sigmoid(task, task.tally.each(ADD, np.add, given[:, gates], fed_back[:, gates]))
    reset, update = np.split(opened, 2, axis=1)
    if task.options.reset_after:
        read = task.tally.each(MULTIPLY, np.multiply, reset, fed_back[:, candidate])
    else:
        read = feed(task.tally.each(MULTIPLY, np.multiply, reset, state), candidate)
    new = task.tally.each(TANH, np.tanh, task.tally.each(ADD, np.add, given[:, candidate], read))
    change = task.tally.each(ADD, np.subtract, state, new)
    return task.tally.each(ADD, np.add, new, task.tally.each(MULTIPLY, np.multiply, update, change)), kept


def _sigmoid(task: Task, x: Array) -> Array:
    return task.tally.each(Op.ACTIVATION_DIVIDE, np.divide, 1, one_plus_exp(task, x))


def _stack(task: Task, x: Array, gates: int, update: Update) -> Array:
    """Stacked layers, each reading all directions of the one below."""
    directions = ("", "_reverse") if task.options.bidirectional else ("",)
    layers = task.options.num_layers
    size = getattr(task.options, "proj_size", 0) or task.options.hidden_size
    # by turns, and taken before all else: an output in the place that an earlier block left would leave a gap
    outputs = [np.empty((*x.shape[:2], len(directions) * size), x.dtype) for _ in range(min(2, layers))]
    for layer in range(layers):
        y = outputs[layer % 2]
        for direction, out in zip(directions, np.split(y, len(directions), axis=2), strict=True):
            _pass(task, x, out, gates, f"_l{layer}{direction}", update)
        x = y
    return x if task.options.return_sequences else x[:, -1].copy()


def _pass(task: Task, x: Array, y: Array, gates: int, name: str, update: Update) -> None:
    """Fill in the outputs of one direction of one layer, at every position."""
    units, projected = task.options.hidden_size, getattr(task.options, "proj_size", 0)
    contribution, feed = _contributions(task, x.shape[2], projected or units, gates * units, name)
    projection = task.weight(f"weight_hr{name}", projected, units) if projected else None

    given = contribution(np.ascontiguousarray(x))
    state, kept = zeros(x, projected or units), zeros(x, units)
    positions = range(x.shape[1])
    for position in reversed(positions) if name.endswith("_reverse") else positions:
        state, kept = update(task, given[:, position], state, kept, feed)
        if projection is not None:
            state = task.tally.matmul(state, projection.T)
        y[:, position] = state


def _step(task: Task, x: Array, states: tuple[Array, ...], gates: int, update: Update) -> tuple[Array, Array]:
    """The next state and cell of a single step; what is not given begins with zeros."""
    units = task.options.hidden_size
    contribution, feed = _contributions(task, x.shape[1], units, gates * units, "")
    state, kept = (*states, *[zeros(x, units)] * 2)[:2]
    return update(task, contribution(x), state, kept, feed)


def _contributions(task: Task, features: int, size: int, rows: int, name: str) -> tuple[Callable[[Array], Array], Feed]:
    """How an input and how a state contributes to the gates, each by its weights and biases."""
    from_input = task.weight(f"weight_ih{name}", rows, features)
    from_state = task.weight(f"weight_hh{name}", rows, size)
    bias = task.weight(f"bias_ih{name}", rows) if task.options.bias else None
    second = task.weight(f"bias_hh{name}", rows) if task.options.bias is True else None

    def feed(state: Array, part: slice) -> Array:
        return _affine(task, state, from_state[part], None if second is None else second[part])

    return lambda x: _affine(task, x, from_input, bias), feed


def _affine(task: Task, x: Array, weight: Array, bias: Array | None) -> Array:
    y = task.tally.matmul(x, weight.T)
    return y if bias is None else task.tally.each(Op.BIAS_ADD, np.add, y, bias, out=y)


def zeros(x: Array, *extents: int) -> Array:
    """Zeros, (batch, *extents)."""
    return np.zeros((len(x), *extents), x.dtype)


def recurrent_scratch(e: Extents) -> Scratch:
    """The contributions of the input to the gates at all positions, and the outputs of the layer below."""
    (x,), o = e.inputs, e.options
    directions, positions = 1 + o.bidirectional, x.shape[0] * x.shape[1]
    outputs = VALUE_BYTES * positions * directions * (getattr(o, "proj_size", 0) or o.hidden_size)
    given = VALUE_BYTES * positions * GATES[e.type] * o.hidden_size
    channels_last_bytes = 0 if x.is_in_order((0, 1, 2)) else x.nbytes
    return Scratch(channels_last_bytes + given + outputs * ((o.num_layers > 1) + (not o.return_sequences)))
