"""A network as a torch module: its layers as torch computes them, connected as in the graph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.core.translation import Phrase
from cnncalc.execution.engine.program import Program, Step
from cnncalc.execution.inputs.random_arrays import AllWeights
from cnncalc.oracles.torch.layers import stored_tensors, torch_layer, weight_name
from cnncalc.oracles.torch.windows import WindowOptions


class RowWithInputs(Protocol):
    """A layer of a report, as far as its module needs it."""

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """Its inputs, without the batch."""


class LayerFailed(Exception):
    """Torch cannot build or run a layer."""

    def __init__(self, path: str, error: Exception) -> None:
        super().__init__(str(error))
        self.path = path
        ours = [arg for arg in error.args if isinstance(arg, Phrase)]
        self.reason = ours[0] if ours else str(error).partition("\n")[0]


class TorchNetwork(nn.Module):
    """A graph of torch layers, in evaluation mode, with weights on the meta device until they are loaded.

    Modules are nested as the dotted paths say, so that names in the state dict are path and weight
    (`layer1.0.conv1.weight`). A name that torch needs for itself gets an underscore (`type` becomes `type_`).

    Errors:  LayerFailed
    """

    def __init__(self, program: Program, rows: Iterable[RowWithInputs]) -> None:
        super().__init__()
        self._program = program
        self._groups: dict[str, nn.Module] = {"": self}
        self._layers: dict[str, nn.Module] = {}
        for step, row in zip(program.steps, rows, strict=True):
            with _name_layer_in_errors(step.path), torch.device("meta"):
                shapes = tuple(x.shape for x in row.inputs)
                layer = self._layer(step.path, step.type, _plain_options(step, shapes), shapes)
            self._register(step.path, layer)
            self._layers[step.path] = layer
            if step.weights_from is not None:
                _set_weights(layer, stored_tensors(self._layers[step.weights_from]))
        self.eval()

    def _layer(self, path: str, type_name: str, options: dict[str, Any], shapes: tuple[Shape, ...]) -> nn.Module:
        """The module of a layer."""
        return torch_layer(type_name, options, shapes)

    def _register(self, path: str, layer: nn.Module) -> None:
        """Make a layer a module of its group."""
        group, _, name = path.rpartition(".")
        _add(self._group(group), name, layer)

    def _call(self, path: str) -> Callable[..., Tensor]:
        """What computes a layer's output."""
        return self._layers[path]

    def layer(self, path: str) -> nn.Module:
        """The torch layer of a path."""
        return self._layers[path]

    def load(self, weights: AllWeights) -> None:
        """Set the weights to these arrays, without copying them.

        Errors:  LayerFailed where an array is missing or has another shape than torch's
        """
        for step in self._program.steps:
            layer = self._layers[step.path]
            if step.weights_from is not None:
                _set_weights(layer, stored_tensors(self._layers[step.weights_from]))
                continue
            given = weights.get(step.path, {})
            with _name_layer_in_errors(step.path):
                for name, needed in stored_tensors(layer).items():
                    if name not in given or given[name].shape != needed.shape:
                        raise ValueError(Phrase("{name} has to be {shape}", name=name, shape=tuple(needed.shape)))
                _set_weights(layer, {name: torch.from_numpy(array) for name, array in given.items()})

    def run(self, inputs: Iterable[Tensor], watch: Callable[[str, Tensor], None]) -> tuple[Tensor, ...]:
        """Run the network and return its outputs; `watch` gets every layer's output.

        Layers that work in place get copies, so that outputs which `watch` got do not change.

        Errors:  LayerFailed
        """
        values = dict(zip(self._program.inputs, inputs, strict=True))
        for step in self._program.steps:
            read = [values[wire] for wire in step.inputs]
            if step.options.get("inplace"):
                read[0] = read[0].clone()
            with _name_layer_in_errors(step.path):
                values[step.path] = self._call(step.path)(*read)
            watch(step.path, values[step.path])
        return tuple(values[path] for path in self._program.outputs)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        return self.run(inputs, lambda path, output: None)

    def _group(self, path: str) -> nn.Module:
        """The module of a prefix of paths."""
        if path not in self._groups:
            above, _, name = path.rpartition(".")
            self._groups[path] = made = nn.Module()
            _add(self._group(above), name, made)
        return self._groups[path]


def module_of(program: Program, rows: Iterable[RowWithInputs]) -> TorchNetwork:
    """The torch module of a program, from the rows of its report.

    Errors:  LayerFailed
    """
    return TorchNetwork(program, rows)


def _plain_options(step: Step, shapes: tuple[Shape, ...]) -> dict[str, Any]:
    """The options, with the named padding of a convolution as numbers of rows.

    Torch has its own operator for names, `_convolution_mode`, for which fvcore 0.1.5 counts no FLOPs.
    """
    options = dict(step.options)
    if step.type in ("conv1d", "conv2d", "conv3d"):
        options["padding"] = tuple(WindowOptions(options, shapes[0][1:]).pads)
    return options


def _add(group: nn.Module, name: str, module: nn.Module) -> None:
    while hasattr(group, name):
        name += "_"
    group.add_module(name, module)


def _set_weights(layer: nn.Module, values: Mapping[str, Tensor]) -> None:
    """Replace a layer's parameters and buffers by these values."""
    for path, module in layer.named_modules():
        for name in [name for name, _ in module.named_parameters(recurse=False)]:
            value = values[weight_name(f"{path}.{name}" if path else name)]
            setattr(module, name, value if isinstance(value, nn.Parameter) else nn.Parameter(value))
        for name in [name for name, _ in module.named_buffers(recurse=False)]:
            own = weight_name(f"{path}.{name}" if path else name)
            setattr(module, name, values.get(own, torch.zeros(())))  # batch norm's counter is not a weight


@contextmanager
def _name_layer_in_errors(path: str) -> Iterator[None]:
    """Raise errors of torch with the layer that they come from."""
    try:
        yield
    except (RuntimeError, ValueError, TypeError, IndexError, NotImplementedError) as error:
        raise LayerFailed(path, error) from error
