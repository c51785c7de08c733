"""Recurrent layers: the same weights at every step of a sequence, and a state passed from step to step.

The state before the first step is zero; its products are counted like those of any other.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field as Option

from cnncalc.core.arithmetic import require
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.errors import Fault
from cnncalc.core.field import Untracked
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import Shape, TensorSpec, WeightSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer, check_sequences
from cnncalc.layers.option_types import Count, Extent

MOST_LEVELS = 1_000
"""Layers of a stack, each with weights of its own; published stacks have up to sixteen."""

NamedShape = tuple[str, Shape]
"""Name and shape of a weight of one direction."""


class Recurrent(Layer):
    """The rules of recurrent layers: gates that read the input of a step and the state, and their operations."""

    traits = Traits(Kind.RECURRENT, reads_sequences=True)

    any_layout: ClassVar[bool] = True
    gates: ClassVar[int]

    hidden_size: Count
    num_layers: Annotated[int, Option(ge=1, le=MOST_LEVELS)] = 1
    bias: bool | Literal["single"] = True
    dropout: Annotated[float, Option(ge=0, le=1)] = 0.0
    bidirectional: bool = False
    return_sequences: bool = True

    torch_order: ClassVar = ("input_size", "hidden_size", "num_layers")

    meanings: ClassVar = {
        "hidden_size": Phrase("values of the state"),
        "num_layers": Phrase("layers in the stack, each of which reads the output of the one below"),
        "bias": Phrase("true: each gate adds two biases, as in torch; single: one, as in Keras; false: none"),
        "dropout": Phrase("share of values that training drops between the layers; nothing in evaluation"),
        "bidirectional": Phrase("whether a second direction reads the sequence from its end"),
        "return_sequences": Phrase(
            "whether every position comes out, as in torch, or only the last one, as by default in Keras"
        ),
    }

    @property
    def counts_as(self) -> int:
        return self.num_layers

    @property
    def _directions(self) -> tuple[str, ...]:
        """The suffix of the names of the weights, for each direction."""
        return ("", "_reverse") if self.bidirectional else ("",)

    @property
    def _biases(self) -> list[str]:
        """The names of the bias vectors of one direction."""
        if not self.bias:
            return []
        return ["bias_ih"] if self.bias == "single" else ["bias_ih", "bias_hh"]

    @property
    def _state_size(self) -> int:
        """Output values of one direction per step."""
        return self.hidden_size

    def output(self, x: TensorSpec) -> TensorSpec:
        check_sequences(x)
        features = len(self._directions) * self._state_size
        return x.with_shape((x.shape[0], features) if self.return_sequences else (features,))

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        rows = self.gates * self.hidden_size
        specs: list[WeightSpec] = []
        for layer in range(self.num_layers):
            features = x.shape[-1] if layer == 0 else len(self._directions) * self._state_size
            for direction in self._directions:
                own: list[NamedShape] = [("weight_ih", (rows, features)), ("weight_hh", (rows, self._state_size))]
                own += [(name, (rows,)) for name in self._biases]
                own += self._projection_weights()
                specs += [WeightSpec(f"{name}_l{layer}{direction}", shape) for name, shape in own]
        return tuple(specs)

    def _projection_weights(self) -> list[NamedShape]:
        """Weights of one direction besides those of its gates."""
        return []

    def ops(self, x: TensorSpec) -> OpCount:
        weights = self.weights(x)  # each is used once per step
        units = x.shape[0] * self.num_layers * len(self._directions) * self.hidden_size
        matrices = {
            Op.CONTRACTION_MAC: x.shape[0] * sum([weight.numel for weight in weights if len(weight.shape) == 2]),
            Op.BIAS_ADD: x.shape[0] * sum([weight.numel for weight in weights if len(weight.shape) == 1]),
        }
        return OpCount.total((OpCount(matrices), OpCount({op: n * units for op, n in self.ops_per_unit().items()})))

    def ops_per_unit(self) -> dict[Op, int]:
        """Operations per hidden unit and step, besides those of the weights."""
        raise NotImplementedError

    def windows(self, *inputs: Any, **_: Any) -> None:
        """None: every output value sees the whole input.

        Errors:  Untracked, if a value sees only one side of its position: the field changes with every step
        """
        deep = self.bidirectional and self.num_layers > 1  # the second layer reads both directions of the first
        if not deep and (self.return_sequences or self.bidirectional):
            raise Untracked

    def global_by(self, *inputs: Any, **_: Any) -> str:
        return "recurrent"


class RNN(Recurrent):
    """A plain recurrence: tanh or ReLU of what the step's input and the last state come to.

    Without `return_sequences` only the last position comes out. Of a bidirectional layer that is, besides the final
    state of the forward direction, what the backward one makes of the last position alone: its first step.

    Shape:   (length, features) -> (length, hidden_size) or (hidden_size); if bidirectional, 2·hidden_size
    Errors:  wrong-rank
    Source:  torch.nn.RNN with batch_first; without return_sequences, its output[:, -1]
    """

    nonlinearity: Literal["tanh", "relu"] = "tanh"

    meanings: ClassVar = {"nonlinearity": Phrase("the activation of every step")}

    gates: ClassVar[int] = 1

    def ops_per_unit(self) -> dict[Op, int]:
        curved = Op.ACTIVATION_TANH if self.nonlinearity == "tanh" else Op.ACTIVATION_COMPARE
        return {Op.ELEMENTWISE_ADD: 1, curved: 1}


class LSTM(Recurrent):
    """Long short-term memory: input, forget and output gate around a cell.

    With `proj_size`, what a step puts out is projected to that many values instead of hidden_size.

    Without `return_sequences` only the last position comes out. Of a bidirectional layer that is, besides the final
    state of the forward direction, what the backward one makes of the last position alone: its first step.

    Shape:   (length, features) -> (length, hidden_size) or (hidden_size); if bidirectional, 2·hidden_size
    Errors:  wrong-rank, projection-too-large
    Source:  torch.nn.LSTM with batch_first; without return_sequences, its output[:, -1]
    """

    proj_size: Extent = 0

    meanings: ClassVar = {"proj_size": Phrase("values to which the output of a step is projected; 0 is no projection")}

    gates: ClassVar[int] = 4

    @property
    def _state_size(self) -> int:
        return self.proj_size or self.hidden_size

    def output(self, x: TensorSpec) -> TensorSpec:
        require(
            self.proj_size < self.hidden_size,
            "projection-too-large",
            "proj_size is {given}, but hidden_size is {hidden}",
            option="proj_size",
            help="a projection makes the state smaller: use less than {hidden}, or 0 for none",
            given=self.proj_size,
            hidden=self.hidden_size,
        )
        return super().output(x)

    def _projection_weights(self) -> list[NamedShape]:
        return [("weight_hr", (self.proj_size, self.hidden_size))] if self.proj_size else []

    def ops_per_unit(self) -> dict[Op, int]:
        return {
            Op.ELEMENTWISE_ADD: 4 + 1,  # the sums of the four gates; the two parts of the cell
            Op.ELEMENTWISE_MULTIPLY: 3,  # forget · cell, input · candidate, output · tanh(cell)
            Op.ACTIVATION_EXPONENTIAL: 3,  # three sigmoids
            Op.ACTIVATION_ADD: 3,
            Op.ACTIVATION_DIVIDE: 3,
            Op.ACTIVATION_TANH: 2,  # of the candidate and of the cell
        }


class GRU(Recurrent):
    """Gated recurrent unit: a reset gate and an update gate z, by which the state moves to n + z·(h − n).

    By default the reset gate scales the state's product with its weights, as in torch; with `reset_after: false` it
    scales the state before that product, as in the paper.

    Without `return_sequences` only the last position comes out. Of a bidirectional layer that is, besides the final
    state of the forward direction, what the backward one makes of the last position alone: its first step.

    Shape:   (length, features) -> (length, hidden_size) or (hidden_size); if bidirectional, 2·hidden_size
    Errors:  wrong-rank
    Source:  torch.nn.GRU with batch_first; without return_sequences, its output[:, -1]; Keras's GRU for reset_after
    """

    reset_after: bool = True

    meanings: ClassVar = {
        "reset_after": Phrase("whether the reset gate comes after the product with the state, as in torch")
    }

    gates: ClassVar[int] = 3

    def ops_per_unit(self) -> dict[Op, int]:
        return {
            Op.ELEMENTWISE_ADD: 3 + 2,  # the sums of the two gates and of the candidate; n + z·(h − n)
            Op.ELEMENTWISE_MULTIPLY: 2,
            Op.ACTIVATION_EXPONENTIAL: 2,  # two sigmoids
            Op.ACTIVATION_ADD: 2,
            Op.ACTIVATION_DIVIDE: 2,
            Op.ACTIVATION_TANH: 1,
        }


class RecurrentCell(Layer):
    """The rules of recurrent cells: one step of a recurrent layer. A state that is not an input is zero."""

    traits = Traits(Kind.RECURRENT)

    sequence: ClassVar[type[Recurrent]]
    """The recurrent layer whose step it is."""

    most_inputs: ClassVar[int | None] = 2

    hidden_size: Count
    bias: bool | Literal["single"] = True

    torch_order: ClassVar = ("input_size", "hidden_size", "bias")

    meanings: ClassVar = {
        "hidden_size": Phrase("values of the state"),
        "bias": Phrase("true: each gate adds two biases, as in torch; single: one, as in Keras; false: none"),
    }

    def output(self, x: TensorSpec, *states: TensorSpec) -> TensorSpec:
        for state in (x, *states):
            if len(state.shape) != 1:
                raise Fault(
                    "wrong-rank",
                    "needs vectors, but receives {shape}",
                    help="a cell is one step; the layer `{layer}` reads a whole sequence",
                    shape=spell(state.shape),
                    layer=self.sequence.__name__.lower(),
                )
        for state in states:
            require(
                state.shape == (self.hidden_size,),
                "shape-mismatch",
                "a state has {found} values, but hidden_size is {hidden}",
                option="hidden_size",
                help="the inputs are the step's input, then the state of {hidden} values",
                found=state.shape[0],
                hidden=self.hidden_size,
            )
        return x.with_shape((self.hidden_size,))

    def weights(self, x: TensorSpec, *states: TensorSpec) -> tuple[WeightSpec, ...]:
        of_sequence = self._sequence().weights(x)
        return tuple([spec._replace(name=spec.name.removesuffix("_l0")) for spec in of_sequence])

    def ops(self, x: TensorSpec, *states: TensorSpec) -> OpCount:
        return self._sequence().ops(x.with_shape((1, x.channels)))

    def _sequence(self) -> Recurrent:
        """The layer that reads a sequence by such steps."""
        return self.sequence(hidden_size=1).model_copy(update=self.__dict__)

    def windows(self, *inputs: Any, **_: Any) -> None:
        return None

    def global_by(self, *inputs: Any, **_: Any) -> str:
        return "recurrent"


class RNNCell(RecurrentCell):
    """One step of a plain recurrence: from an input and a state to the next state.

    Shape:   (features) -> (hidden_size); (features), state (hidden_size) -> (hidden_size)
    Errors:  wrong-rank, shape-mismatch
    Source:  torch.nn.RNNCell
    """

    sequence: ClassVar[type[Recurrent]] = RNN

    nonlinearity: Literal["tanh", "relu"] = "tanh"

    meanings: ClassVar = {"nonlinearity": Phrase("the activation of every step")}


class LSTMCell(RecurrentCell):
    """One step of an LSTM: from an input, a state and a cell to the next state, and the next cell if asked for.

    Shape:   (features) -> (hidden_size); (features), state and cell (hidden_size) -> (hidden_size); 2·hidden_size with
             `return_cell`
    Errors:  wrong-rank, shape-mismatch
    Source:  torch.nn.LSTMCell, whose two results stand one after the other here
    """

    sequence: ClassVar[type[Recurrent]] = LSTM

    most_inputs: ClassVar[int | None] = 3

    return_cell: bool = False

    meanings: ClassVar = {"return_cell": Phrase("whether the cell comes out after the state; `slice` takes them apart")}

    def output(self, x: TensorSpec, *states: TensorSpec) -> TensorSpec:
        state = super().output(x, *states)
        return state.with_shape((2 * self.hidden_size,)) if self.return_cell else state


class GRUCell(RecurrentCell):
    """One step of gated recurrent units: from an input and a state to the next state.

    Shape:   (features) -> (hidden_size); (features), state (hidden_size) -> (hidden_size)
    Errors:  wrong-rank, shape-mismatch
    Source:  torch.nn.GRUCell
    """

    sequence: ClassVar[type[Recurrent]] = GRU

    reset_after: bool = True

    meanings: ClassVar = {
        "reset_after": Phrase("whether the reset gate comes after the product with the state, as in torch")
    }
