"""Recurrent layers whose products are convolutions, step by step."""

from math import prod
from typing import Any

import numpy as np

from cnncalc.core.tensor import WeightSpec
from cnncalc.execution.engine.layout import channels_first
from cnncalc.execution.engine.scratch import VALUE_BYTES, Extents, Scratch, Wire
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task, Weights, options_of
from cnncalc.execution.kernels import recurrent
from cnncalc.execution.kernels.conv import convolution, convolution_scratch

PLAIN: dict[str, Any] = {"groups": 1, "connections": None, "standardized": False}
"""Options of a convolution that are none here."""

OF_STATE: dict[str, Any] = {"stride": (1, 1), "padding": "same", "dilation": (1, 1)}
"""How the state is convolved."""


AT_ONCE = 18
"""Arrays of a state's size that a step holds at once: three of all gates, the state, the cell, and four in between."""


class _Ending:
    """Weights whose names have an ending."""

    def __init__(self, weights: Weights, ending: str) -> None:
        self._weights, self._ending = weights, ending

    def read(self, spec: WeightSpec) -> Array:
        """The array of this name, with the ending."""
        return self._weights.read(spec._replace(name=f"{spec.name}_{self._ending}"))


def conv_lstm2d(task: Task, x: Array) -> Array:
    """Long short-term memory over the frames of a clip; the cell is not part of the output."""
    units = task.options.out_channels
    of_frame = _convolving(task, "ih")
    of_state = _convolving(task, "hh", bias=False, **OF_STATE)
    y = state = kept = np.empty(0)
    frames = np.moveaxis(x, 2, 0)
    for number, frame in enumerate(frames):
        given = convolution(of_frame, frame)
        if number == 0:
            state = kept = recurrent.zeros(x, units, *given.shape[2:])
            if task.options.return_sequences:
                y = np.empty((len(x), len(frames), *given.shape[2:], units), x.dtype)
        state, kept = recurrent.update_lstm(task, given, state, kept, lambda state, _rows: convolution(of_state, state))
        del given  # before that of the next frame takes as much
        if task.options.return_sequences:
            y[:, number] = np.moveaxis(state, 1, -1)
    return channels_first(y) if task.options.return_sequences else state


def _convolving(task: Task, ending: str, **changed: Any) -> Task:
    """The task of a convolution for all gates, with the weights of this ending."""
    options = options_of(vars(task.options), out_channels=4 * task.options.out_channels, **PLAIN, **changed)
    return Task(options, _Ending(task.weights, ending), task.tally, task.workers)


def conv_lstm_scratch(e: Extents) -> Scratch:
    """The gates of a step, the states, and what the convolutions of a frame and of a state take."""
    (x,), o = e.inputs, e.options
    images, units, *spatial = e.output[0], e.output[1], *e.output[-len(o.kernel_size) :]
    frame = (x.shape[0], x.shape[1], *x.shape[3:])
    of_frame = _map_scratch(e, options_of(vars(o), **PLAIN), frame, (images, 4 * units, *spatial))
    same = options_of(vars(o), **PLAIN, **OF_STATE)
    of_state = _map_scratch(e, same, (images, units, *spatial), (images, 4 * units, *spatial))
    state = VALUE_BYTES * prod((images, units, *spatial))
    return Scratch(
        max(of_frame.whole, of_state.whole) + VALUE_BYTES * prod(frame) + AT_ONCE * state,
        max(of_frame.block, of_state.block),
    )


def _map_scratch(e: Extents, options: Any, x: tuple[int, ...], y: tuple[int, ...]) -> Scratch:
    """What the convolution of one map takes."""
    return convolution_scratch(Extents(e.type, options, (Wire(x, None, ""),), y))
