"""Where the kernel of each layer type lives. Nothing is imported until a layer runs.

A kernel is a function `(task, *inputs) -> output` on arrays of shape (N, *shape). It sees options, weights and arrays,
and no rule: the extents of what it puts out are what slicing and contracting leave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from cnncalc.execution.engine.scratch import Extents, Scratch, in_positions, in_rows, of_values
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Fill, Task


class Kernel(Protocol):
    """What computes a layer."""

    def __call__(self, task: Task, *inputs: Array) -> Array:
        """The output of one layer."""


class Lies(Enum):
    """How an output lies in memory."""

    CHANNELS_LAST = "channels last"
    IN_ORDER = "in the order of its axes"
    AS_THE_INPUT = "as the input does"
    TURNED = "as the input does, its axes in another order"
    APART = "with gaps"


class KernelSpec(NamedTuple):
    """All that there is to say of how a layer type is computed.

    Functions are a module of this package and a name. `scratch` says what the kernel needs beside inputs and output. A
    kernel that `finishes` does the layers behind it, block by block, where `Task.behind` names some: those that do each
    value by itself (`by_parts`: any part of it), or each position (`by_rows`: rows of them, with their channels last).
    """

    forward: str
    scratch: str | Callable[[Extents], Scratch] = of_values
    lies: Lies = Lies.CHANNELS_LAST
    shows_input: bool = False  # the output is memory of the input
    finishes: bool = False
    by_parts: str = ""
    by_rows: str = ""

    @property
    def reads_in_order(self) -> bool:
        """Whether it relabels one run of values, so that its input has to lie in the order of its axes."""
        return self.shows_input and self.lies is Lies.IN_ORDER


AXES = (1, 2, 3)


def _in_order(forward: str, scratch: str | Callable[[Extents], Scratch] = of_values) -> KernelSpec:
    return KernelSpec(forward, scratch, Lies.IN_ORDER)


def _by_value(forward: str, by_parts: str = "") -> KernelSpec:
    return KernelSpec(forward, lies=Lies.AS_THE_INPUT, by_parts=by_parts)


_CONVOLUTION = KernelSpec("conv:convolution", "conv:convolution_scratch", finishes=True)
_TRANSPOSED = KernelSpec("conv_transpose:transposed_convolution", "conv_transpose:transposed_convolution_scratch")
_LOCAL = KernelSpec("local:locally_connected", "local:locally_connected_scratch")
_BATCH_NORM = KernelSpec("norm:batch_norm", in_positions, finishes=True, by_rows="norm:stored_statistics_of_rows")
_UNCHANGED = KernelSpec("reshape:identity", lies=Lies.AS_THE_INPUT, shows_input=True)

KERNELS: dict[str, KernelSpec] = {
    **{f"conv{axes}d": _CONVOLUTION for axes in AXES},
    **{f"conv_transpose{axes}d": _TRANSPOSED for axes in AXES},
    **{f"locally_connected{axes}d": _LOCAL for axes in (1, 2)},
    "linear": _in_order("linear:linear", "linear:linear_scratch"),
    "embedding": _in_order("embedding:embedding", "embedding:embedding_scratch"),
    **{name: _in_order(f"recurrent:{name}", "recurrent:recurrent_scratch") for name in ("rnn", "lstm", "gru")},
    "scaled_dot_product_attention": _in_order("attention:scaled_dot_product_attention", "attention:attention_scratch"),
    "multi_head_attention": _in_order("attention:multi_head_attention", "attention:multi_head_scratch"),
    "window_attention": _in_order("attention:window_attention", "attention:window_scratch"),
    "patch_merging": _in_order("attention:patch_merging", "attention:merging_scratch"),
    "class_token": _in_order("attention:class_token"),
    "position_embedding": _in_order("attention:position_embedding"),
    **{
        f"{kind}_pool{axes}d": KernelSpec(f"pool:{kind}_pool", "pool:pool_scratch")
        for kind in ("max", "avg", "lp")
        for axes in AXES
    },
    **{
        f"{kind}_pool2d": KernelSpec(f"pool:{kind}_pool", "pool:pool_scratch")
        for kind in ("sum", "stochastic", "mixed", "trainable")
    },
    "max_unpool2d": KernelSpec("pool:max_unpool", "pool:unpool_scratch"),
    **{
        f"adaptive_{kind}_pool{axes}d": KernelSpec(f"adaptive_pool:adaptive_{kind}_pool", in_rows)
        for kind in ("avg", "max")
        for axes in AXES
    },
    **{
        f"global_{kind}_pool{axes}d": KernelSpec(f"adaptive_pool:global_{kind}_pool")
        for kind in ("avg", "max")
        for axes in AXES
    },
    "spatial_pyramid_pool2d": KernelSpec("adaptive_pool:spatial_pyramid_pool", "adaptive_pool:pyramid_scratch"),
    **{f"batch_norm{axes}d": _BATCH_NORM for axes in AXES},
    "layer_norm": _in_order("norm:layer_norm"),
    "layer_norm2d": KernelSpec("norm:layer_norm2d", in_positions),
    "group_norm": _by_value("norm:group_norm"),
    **{f"instance_norm{axes}d": _by_value("norm:instance_norm") for axes in AXES},
    "local_response_norm": KernelSpec("norm:local_response_norm", in_positions),
    "l2_norm": KernelSpec("norm:l2_norm", in_positions),
    "layer_scale": KernelSpec("norm:layer_scale", in_positions),
    **{name: _by_value(f"activation:{name}", f"activation:{name}_of_parts") for name in ("relu", "relu6")},
    "leaky_relu": _by_value("activation:leaky_relu"),
    "prelu": KernelSpec("activation:prelu", in_rows, Lies.AS_THE_INPUT),
    **{name: _by_value(f"activation:{name}") for name in ("elu", "sigmoid", "tanh", "silu", "gelu")},
    **{name: _by_value(f"activation:{name}") for name in ("hardswish", "hardsigmoid")},
    "softmax": KernelSpec("activation:softmax", "activation:softmax_scratch", Lies.AS_THE_INPUT),
    "dropout": _UNCHANGED,  # in evaluation
    "stochastic_depth": _UNCHANGED,  # in evaluation
    "identity": _UNCHANGED,
    "flatten": KernelSpec("reshape:flatten", lies=Lies.IN_ORDER, shows_input=True),
    "reshape": KernelSpec("reshape:reshape", lies=Lies.IN_ORDER, shows_input=True),
    "permute": KernelSpec("reshape:permute", lies=Lies.TURNED, shows_input=True),
    "slice": KernelSpec("reshape:part", lies=Lies.APART, shows_input=True),
    "pad": KernelSpec("reshape:pad", in_rows),
    "crop": KernelSpec("reshape:crop", lies=Lies.APART, shows_input=True),
    "crop_like": KernelSpec("reshape:crop_like", lies=Lies.APART, shows_input=True),
    "channel_shuffle": KernelSpec("reshape:channel_shuffle", in_positions),
    "pixel_shuffle": KernelSpec("reshape:pixel_shuffle", in_rows),
    "upsample": KernelSpec("upsample:upsample", in_rows),
    "roi_align": KernelSpec("regions:roi_align", "regions:align_scratch"),
    "roi_pool": KernelSpec("regions:roi_pool", "regions:pool_scratch"),
    "add": KernelSpec("merge:add", lies=Lies.AS_THE_INPUT),
    "multiply": KernelSpec("merge:multiply"),
    "concat": KernelSpec("merge:concat"),
}
"""By layer type."""


def finishes(type_name: str, options: Mapping[str, Any]) -> bool:
    """Whether the kernel does the layers behind it."""
    return KERNELS[type_name].finishes and options.get("track_running_stats", True)


def behind(type_name: str, options: Mapping[str, Any]) -> Callable[[Task, Array, int], Fill] | None:
    """How a layer is done part by part, behind another one, for rows like some and a number of channels; or not."""
    if not options.get("track_running_stats", True):  # by the statistics of all the values at hand
        return None
    return _behind(type_name)


@cache
def _behind(type_name: str) -> Callable[[Task, Array, int], Fill] | None:
    spec = KERNELS[type_name]
    if spec.by_parts:
        by_parts = _at(spec.by_parts)
        return lambda task, lines, channels: by_parts(task)
    return _at(spec.by_rows) if spec.by_rows else None


@cache
def scratch(type_name: str) -> Callable[[Extents], Scratch]:
    """How much the kernel of a layer type needs beside inputs and output."""
    stated = KERNELS[type_name].scratch
    found: Callable[[Extents], Scratch] = _at(stated) if isinstance(stated, str) else stated
    return found


@cache
def resolve(type_name: str) -> Kernel:
    """The kernel of a layer type.

    Errors:  KeyError for a type without one
    """
    found: Kernel = _at(KERNELS[type_name].forward)
    return found


def _at(address: str) -> Any:
    """What stands at an address."""
    module, _, name = address.partition(":")
    return getattr(import_module(f"cnncalc.execution.kernels.{module}"), name)
