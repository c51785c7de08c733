"""Recurrent layers computed one scalar at a time, from the equations in torch's documentation."""

from __future__ import annotations

from collections.abc import Mapping

from torch import nn

from tests.support.scalar_tally import Index, Tally, Values, indices
from tests.support.scalar_windows import convolution
from tests.support.torch_layers import Options, Shape

Vector = list[float]


class _Cell:
    """One direction of one layer: its parameters, and its state as it goes."""

    def __init__(self, t: Tally, type_name: str, options: Options, stored: Mapping[str, Values], ending: str) -> None:
        self.t, self.type, self.options, self.stored, self.ending = t, type_name, options, stored, ending
        self.units: int = options["hidden_size"]
        self.state = [0.0] * (options.get("proj_size", 0) or self.units)
        self.kept = [0.0] * self.units

    def _product(self, name: str, x: Vector, first: int = 0, last: int | None = None) -> Vector:
        """Rows of a matrix times a vector, plus their biases if there are any."""
        matrix = self.stored[f"weight_{name}{self.ending}"]
        found = []
        for row in range(len(matrix) // len(x))[first:last]:
            total = 0.0
            for column, value in enumerate(x):
                total = self.t.multiply_add(total, matrix[(row, column)], value)
            bias = self.stored.get(f"bias_{name}{self.ending}")
            found.append(total if bias is None else self.t.add("bias", total, bias[(row,)]))
        return found

    def _sigmoid(self, value: float) -> float:
        t = self.t
        return t.divide("activation", 1.0, t.add("activation", 1.0, t.special("exponential", -value)))

    def step(self, x: Vector) -> Vector:
        """What comes out at the next position."""
        given = self._product("ih", x)
        if self.type == "gru":
            self.state = self._gru(given)
        else:
            fed_back = self._product("hh", self.state)
            self.state = [getattr(self, self.type)(unit, given, fed_back) for unit in range(self.units)]
        if self.options.get("proj_size"):
            self.state = self._product("hr", self.state)
        return self.state

    def rnn(self, unit: int, given: Vector, fed_back: Vector) -> float:
        total = self.t.add("elementwise", given[unit], fed_back[unit])
        if self.options.get("nonlinearity") == "relu":
            return self.t.larger("activation", total, 0.0)
        return self.t.special("tanh", total)

    def lstm(self, unit: int, given: Vector, fed_back: Vector) -> float:
        t = self.t
        i, f, g, o = (
            t.add("elementwise", given[gate * self.units + unit], fed_back[gate * self.units + unit])
            for gate in range(4)
        )
        old = t.multiply("elementwise", self._sigmoid(f), self.kept[unit])
        new = t.multiply("elementwise", self._sigmoid(i), t.special("tanh", g))
        self.kept[unit] = t.add("elementwise", old, new)
        return t.multiply("elementwise", self._sigmoid(o), t.special("tanh", self.kept[unit]))

    def _gru(self, given: Vector) -> Vector:
        t, units = self.t, self.units
        fed_back = self._product("hh", self.state, 0, 2 * units)
        gates = [self._sigmoid(t.add("elementwise", a, b)) for a, b in zip(given, fed_back, strict=False)]
        reset, update = gates[:units], gates[units:]
        if self.options.get("reset_after", True):
            read = self._multiply(reset, self._product("hh", self.state, 2 * units))
        else:
            read = self._product("hh", self._multiply(reset, self.state), 2 * units)
        new = [t.special("tanh", t.add("elementwise", a, b)) for a, b in zip(given[2 * units :], read, strict=True)]
        # (1 − z)·n + z·h, with one product less
        change = self._multiply(update, [t.less("elementwise", h, n) for h, n in zip(self.state, new, strict=True)])
        return [t.add("elementwise", n, moved) for n, moved in zip(new, change, strict=True)]

    def _multiply(self, one: Vector, other: Vector) -> Vector:
        return [self.t.multiply("elementwise", a, b) for a, b in zip(one, other, strict=True)]


def recurrent(
    t: Tally, type_name: str, options: Options, x: Values, shape: Shape, stored: Mapping[str, Values]
) -> Values:
    """What a recurrent layer puts out for one sequence."""
    rows = [[x[(step, feature)] for feature in range(shape[1])] for step in range(shape[0])]
    both = options.get("bidirectional", False)
    for layer in range(options.get("num_layers", 1)):
        forward = _Cell(t, type_name, options, stored, f"_l{layer}")
        passes = [[forward.step(row) for row in rows]]
        if both:
            backward = _Cell(t, type_name, options, stored, f"_l{layer}_reverse")
            passes.append([backward.step(row) for row in rows[::-1]][::-1])
        rows = [[value for direction in step for value in direction] for step in zip(*passes, strict=True)]
    if not options.get("return_sequences", True):
        return {(feature,): value for feature, value in enumerate(rows[-1])}
    return {(step, feature): value for step, row in enumerate(rows) for feature, value in enumerate(row)}


def recurrent_cell(
    t: Tally, type_name: str, options: Options, inputs: list[Values], stored: Mapping[str, Values]
) -> Values:
    """What a single step puts out: the state, and after it the cell if it is asked for."""
    x, *states = [[values[(feature,)] for feature in range(len(values))] for values in inputs]
    cell = _Cell(t, type_name.removesuffix("_cell"), options, stored, "")
    cell.state, cell.kept = (*states, cell.state, cell.kept)[:2] if len(states) != 1 else (states[0], cell.kept)
    found = cell.step(x)
    shown = found + cell.kept if options.get("return_cell") else found
    return {(feature,): value for feature, value in enumerate(shown)}


def conv_lstm(t: Tally, options: Options, x: Values, shape: Shape, out: Shape, module: nn.Module) -> Values:
    """What Keras's ConvLSTM2D puts out for one clip: every state, or the last."""
    units = options["out_channels"]
    extents = out[-2:]
    cell = _Cell(t, "lstm", {"hidden_size": units}, {}, "")
    gates = {name: value for name, value in module.named_parameters() if name.startswith("weight")}
    biases = {"bias": module.bias_ih} if module.bias_ih is not None else {}
    of_frame = nn.ParameterDict({"weight": gates["weight_ih"], **biases})
    of_state = nn.ParameterDict({"weight": gates["weight_hh"]})
    same = {"kernel_size": options["kernel_size"], "padding": "same"}
    places = list(indices(extents))
    state: Values = {(unit, *place): 0.0 for unit in range(units) for place in places}
    cells: dict[Index, Vector] = {place: [0.0] * units for place in places}
    states: list[Values] = []
    for step in range(shape[1]):
        frame = {(at[0], *at[2:]): value for at, value in x.items() if at[1] == step}
        given = convolution(t, options, frame, (shape[0], *shape[2:]), (4 * units, *extents), of_frame)
        fed_back = convolution(t, same, state, (units, *extents), (4 * units, *extents), of_state)
        state = {}
        for place in places:
            one, other = ([values[(row, *place)] for row in range(4 * units)] for values in (given, fed_back))
            cell.kept = cells[place]
            state |= {(unit, *place): cell.lstm(unit, one, other) for unit in range(units)}
        states.append(state)
    if not options.get("return_sequences", True):
        return state
    return {(unit, step, *place): value for step, each in enumerate(states) for (unit, *place), value in each.items()}
