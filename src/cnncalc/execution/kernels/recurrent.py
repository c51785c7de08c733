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

StateUpdate = Callable[[Array, Array, Feed], Array]
"""The next state, from the contribution of the input to the gates, the state, and how a state contributes."""

ALL = slice(None)

Cell = Callable[[Task, Array], StateUpdate]
"""Makes the update of a state that begins with these zeros, (batch, units)."""


GATES = {"rnn": 1, "lstm": 4, "gru": 3}
"""Gate values of each unit, the candidate included."""


def rnn(task: Task, x: Array) -> Array:
    """Tanh or ReLU of the sum of both contributions."""

    def cell(task: Task, rest: Array) -> StateUpdate:
        def step(given: Array, state: Array, feed: Feed) -> Array:
            total = task.tally.each(ADD, np.add, given, feed(state, ALL))
            if task.options.nonlinearity == "tanh":
                return task.tally.each(TANH, np.tanh, total)
            return task.tally.each(Op.ACTIVATION_COMPARE, np.maximum, total, zeros(total, total.shape[1]))

        return step

    return _stack(task, x, GATES["rnn"], cell)


def lstm(task: Task, x: Array) -> Array:
    """Three gates around a cell state, which is not part of the output."""

    def cell(task: Task, rest: Array) -> StateUpdate:
        kept = rest

        def step(given: Array, state: Array, feed: Feed) -> Array:
            nonlocal kept
            total = task.tally.each(ADD, np.add, given, feed(state, ALL))
            entering, forgetting, candidate, leaving = np.split(total, 4, axis=1)
            old = task.tally.each(MULTIPLY, np.multiply, _sigmoid(task, forgetting), kept)
            curved = task.tally.each(TANH, np.tanh, candidate)
            new = task.tally.each(MULTIPLY, np.multiply, _sigmoid(task, entering), curved)
            kept = task.tally.each(ADD, np.add, old, new)
            shown = task.tally.each(TANH, np.tanh, kept)
            return task.tally.each(MULTIPLY, np.multiply, _sigmoid(task, leaving), shown)

        return step

    return _stack(task, x, GATES["lstm"], cell)


def gru(task: Task, x: Array) -> Array:
    """Two gates: how much of the state the candidate reads, and how much of it is kept."""

    def cell(task: Task, rest: Array) -> StateUpdate:
        gates, candidate = slice(2 * rest.shape[1]), slice(2 * rest.shape[1], None)

        def step(given: Array, state: Array, feed: Feed) -> Array:
            fed_back = feed(state, ALL if task.options.reset_after else gates)
            opened = _sigmoid(task, task.tally.each(ADD, np.add, given[:, gates], fed_back[:, gates]))
            reset, update = np.split(opened, 2, axis=1)
            if task.options.reset_after:
                read = task.tally.each(MULTIPLY, np.multiply, reset, fed_back[:, candidate])
            else:
                read = feed(task.tally.each(MULTIPLY, np.multiply, reset, state), candidate)
            new = task.tally.each(TANH, np.tanh, task.tally.each(ADD, np.add, given[:, candidate], read))
            change = task.tally.each(ADD, np.subtract, state, new)
            return task.tally.each(ADD, np.add, new, task.tally.each(MULTIPLY, np.multiply, update, change))

        return step

    return _stack(task, x, GATES["gru"], cell)


def _sigmoid(task: Task, x: Array) -> Array:
    return task.tally.each(Op.ACTIVATION_DIVIDE, np.divide, 1, one_plus_exp(task, x))


def _stack(task: Task, x: Array, gates: int, cell: Cell) -> Array:
    """Stacked layers, each reading all directions of the one below."""
    directions = ("", "_reverse") if task.options.bidirectional else ("",)
    for layer in range(task.options.num_layers):
        size = getattr(task.options, "proj_size", 0) or task.options.hidden_size
        y = np.empty((*x.shape[:2], len(directions) * size), x.dtype)
        for direction, out in zip(directions, np.split(y, len(directions), axis=2), strict=True):
            _pass(task, x, out, gates, f"l{layer}{direction}", cell)
        x = y
    return x if task.options.return_sequences else x[:, -1].copy()


def _pass(task: Task, x: Array, y: Array, gates: int, name: str, cell: Cell) -> None:
    """Fill in the outputs of one direction of one layer, at every position."""
    units, projected = task.options.hidden_size, getattr(task.options, "proj_size", 0)
    size, rows = projected or units, gates * units
    from_input = task.weight(f"weight_ih_{name}", rows, x.shape[2])
    from_state = task.weight(f"weight_hh_{name}", rows, size)
    bias = task.weight(f"bias_ih_{name}", rows) if task.options.bias else None
    second = task.weight(f"bias_hh_{name}", rows) if task.options.bias is True else None
    projection = task.weight(f"weight_hr_{name}", projected, units) if projected else None

    def feed(state: Array, part: slice) -> Array:
        return _affine(task, state, from_state[part], None if second is None else second[part])

    given = _affine(task, np.ascontiguousarray(x), from_input, bias)
    step, state = cell(task, zeros(x, units)), zeros(x, size)
    positions = range(x.shape[1])
    for position in reversed(positions) if name.endswith("_reverse") else positions:
        state = step(given[:, position], state, feed)
        if projection is not None:
            state = task.tally.matmul(state, projection.T)
        y[:, position] = state


def _affine(task: Task, x: Array, weight: Array, bias: Array | None) -> Array:
    y = task.tally.matmul(x, weight.T)
    return y if bias is None else task.tally.each(Op.BIAS_ADD, np.add, y, bias, out=y)


def zeros(x: Array, size: int) -> Array:
    """Zeros, (batch, size)."""
    return np.zeros((len(x), size), x.dtype)


def recurrent_scratch(e: Extents) -> Scratch:
    """The contributions of the input to the gates at all positions, and the outputs of the layer below."""
    (x,), o = e.inputs, e.options
    directions, positions = 1 + o.bidirectional, x.shape[0] * x.shape[1]
    outputs = VALUE_BYTES * positions * directions * (getattr(o, "proj_size", 0) or o.hidden_size)
    given = VALUE_BYTES * positions * GATES[e.type] * o.hidden_size
    channels_last_bytes = 0 if x.is_in_order((0, 1, 2)) else x.nbytes
    return Scratch(channels_last_bytes + given + outputs * ((o.num_layers > 1) + (not o.return_sequences)))
