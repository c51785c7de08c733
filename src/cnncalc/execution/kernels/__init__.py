"""The catalogue of kernels by layer type. Kernels are imported when a layer runs.

A kernel is a function `(task, *inputs) -> output` on arrays of shape (N, *shape). It reads options, weights and arrays,
but no rules: the extents of its output result from slicing and contracting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple, Protocol

from cnncalc.execution.engine.scratch import Extents, Scratch, position_scratch, row_scratch, value_scratch
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Fill, Task


class Kernel(Protocol):
    """The function that computes a layer."""

    def __call__(self, task: Task, *inputs: Array) -> Array:
        """The output of one layer."""


class Layout(Enum):
    """The memory layout of an output."""

    CHANNELS_LAST = "channels last"
    IN_ORDER = "in the order of its axes"
    AS_INPUT = "as the input does"
    PERMUTED = "as the input does, its axes in another order"
    STRIDED = "with gaps"


class KernelSpec(NamedTuple):
    """How a layer type is computed.

    Functions are given as `module:name` within this package. `scratch` computes the scratch memory. A kernel that
    `can_fuse` applies the layers in `Task.fused` to each block of its output. A layer can be fused if it computes each
    value on its own (`fused_by_parts`, for any part of an output), or each position (`fused_by_rows`, for rows of
    positions with their channels last).
    """

    forward: str
    scratch: str | Callable[[Extents], Scratch] = value_scratch
    layout: Layout = Layout.CHANNELS_LAST
    shows_input: bool = False  # the output is a view of the input
    can_fuse: bool = False
    fused_by_parts: str = ""
    fused_by_rows: str = ""

    @property
    def reads_in_order(self) -> bool:
        """Whether it relabels values in memory order, so that its input must be contiguous."""
        return self.shows_input and self.layout is Layout.IN_ORDER


AXES = (1, 2, 3)


def _kernel_in_order(forward: str, scratch: str | Callable[[Extents], Scratch] = value_scratch) -> KernelSpec:
    return KernelSpec(forward, scratch, Layout.IN_ORDER)


def _value_kernel(forward: str, fused_by_parts: str = "") -> KernelSpec:
    return KernelSpec(forward, layout=Layout.AS_INPUT, fused_by_parts=fused_by_parts)


_CONVOLUTION = KernelSpec("conv:convolution", "conv:convolution_scratch", can_fuse=True)
_TRANSPOSED = KernelSpec("conv_transpose:transposed_convolution", "conv_transpose:transposed_convolution_scratch")
_LOCAL = KernelSpec("local:locally_connected", "local:locally_connected_scratch")
_BATCH_NORM = KernelSpec("norm:batch_norm", position_scratch, can_fuse=True, fused_by_rows="norm:fused_stored_norm")
_UNCHANGED = KernelSpec("reshape:identity", layout=Layout.AS_INPUT, shows_input=True)

KERNELS: dict[str, KernelSpec] = {
    **{f"conv{axes}d": _CONVOLUTION for axes in AXES},
    **{f"conv_transpose{axes}d": _TRANSPOSED for axes in AXES},
    **{f"locally_connected{axes}d": _LOCAL for axes in (1, 2)},
    "linear": _kernel_in_order("linear:linear", "linear:linear_scratch"),
    "embedding": _kernel_in_order("embedding:embedding", "embedding:embedding_scratch"),
    **{name: _kernel_in_order(f"recurrent:{name}", "recurrent:recurrent_scratch") for name in ("rnn", "lstm", "gru")},
    **{f"{name}_cell": _kernel_in_order(f"recurrent:{name}_cell") for name in ("rnn", "lstm", "gru")},
    "conv_lstm2d": KernelSpec("conv_recurrent:conv_lstm2d", "conv_recurrent:conv_lstm_scratch"),
    "scaled_dot_product_attention": _kernel_in_order(
        "attention:scaled_dot_product_attention", "attention:attention_scratch"
    ),
    "multi_head_attention": _kernel_in_order("attention:multi_head_attention", "attention:multi_head_scratch"),
    "window_attention": _kernel_in_order("attention:window_attention", "attention:window_scratch"),
    "patch_merging": _kernel_in_order("attention:patch_merging", "attention:merging_scratch"),
    "class_token": _kernel_in_order("attention:class_token"),
    "position_embedding": _kernel_in_order("attention:position_embedding"),
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
        f"adaptive_{kind}_pool{axes}d": KernelSpec(f"adaptive_pool:adaptive_{kind}_pool", row_scratch)
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
    "layer_norm": _kernel_in_order("norm:layer_norm"),
    "rms_norm": _kernel_in_order("norm:rms_norm", "norm:axis_scratch"),
    "normalize": _kernel_in_order("norm:normalize", "norm:axis_scratch"),
    "layer_norm2d": KernelSpec("norm:layer_norm2d", position_scratch),
    "group_norm": _value_kernel("norm:group_norm"),
    **{f"instance_norm{axes}d": _value_kernel("norm:instance_norm") for axes in AXES},
    "local_response_norm": KernelSpec("norm:local_response_norm", position_scratch),
    "l2_norm": KernelSpec("norm:l2_norm", position_scratch),
    "layer_scale": KernelSpec("norm:layer_scale", position_scratch),
    "affine": KernelSpec("norm:affine", position_scratch),
    "normalization": KernelSpec("norm:normalization", position_scratch),
    "rescaling": _value_kernel("norm:rescaling"),
    **{name: _value_kernel(f"activation:{name}", f"activation:fused_{name}") for name in ("relu", "relu6")},
    "hardtanh": _value_kernel("activation:hardtanh"),
    "celu": _value_kernel("activation:celu"),
    "log_sigmoid": _value_kernel("activation:log_sigmoid"),
    "leaky_relu": _value_kernel("activation:leaky_relu"),
    "prelu": KernelSpec("activation:prelu", row_scratch, Layout.AS_INPUT),
    **{name: _value_kernel(f"activation:{name}") for name in ("elu", "sigmoid", "tanh", "silu", "gelu")},
    **{name: _value_kernel(f"activation:{name}") for name in ("hardswish", "hardsigmoid")},
    "mish": _value_kernel("activation:mish"),
    "selu": _value_kernel("activation:selu"),
    "softplus": _value_kernel("activation:softplus"),
    "softmax": KernelSpec("axis_activation:softmax", "axis_activation:softmax_scratch", Layout.AS_INPUT),
    "softmin": KernelSpec("axis_activation:softmin", "axis_activation:softmin_scratch", Layout.AS_INPUT),
    "glu": _kernel_in_order("axis_activation:glu", "axis_activation:glu_scratch"),
    "log_softmax": KernelSpec("axis_activation:log_softmax", "axis_activation:log_softmax_scratch", Layout.AS_INPUT),
    "dropout": _UNCHANGED,  # in evaluation
    "stochastic_depth": _UNCHANGED,  # in evaluation
    "identity": _UNCHANGED,
    "flatten": KernelSpec("reshape:flatten", layout=Layout.IN_ORDER, shows_input=True),
    "reshape": KernelSpec("reshape:reshape", layout=Layout.IN_ORDER, shows_input=True),
    "permute": KernelSpec("reshape:permute", layout=Layout.PERMUTED, shows_input=True),
    "slice": KernelSpec("reshape:part", layout=Layout.STRIDED, shows_input=True),
    "pad": KernelSpec("reshape:pad", row_scratch),
    "crop": KernelSpec("reshape:crop", layout=Layout.STRIDED, shows_input=True),
    "crop_like": KernelSpec("reshape:crop_like", layout=Layout.STRIDED, shows_input=True),
    "roll": KernelSpec("reshape:roll", layout=Layout.AS_INPUT),
    "channel_shuffle": KernelSpec("reshape:channel_shuffle", position_scratch),
    "pixel_shuffle": KernelSpec("reshape:pixel_shuffle", row_scratch),
    "unfold": _kernel_in_order("unfold:unfold", "unfold:unfold_scratch"),
    "fold": _kernel_in_order("unfold:fold", "unfold:fold_scratch"),
    "upsample": KernelSpec("upsample:upsample", row_scratch),
    "roi_align": KernelSpec("regions:roi_align", "regions:align_scratch"),
    "roi_pool": KernelSpec("regions:roi_pool", "regions:pool_scratch"),
    "add": KernelSpec("merge:add", layout=Layout.AS_INPUT),
    "multiply": KernelSpec("merge:multiply"),
    "subtract": KernelSpec("merge:subtract"),
    "divide": KernelSpec("merge:divide"),
    "parameter": _kernel_in_order("source:parameter"),
    "constant": _kernel_in_order("source:constant"),
    "matmul": _kernel_in_order("product:matmul"),
    "reduce": _kernel_in_order("reduce:reduce", "reduce:reduce_scratch"),
    "opaque": _kernel_in_order("opaque:stand_in"),
    "abs": _value_kernel("scalar:absolute"),
    "scalar": _value_kernel("scalar:scalar"),
    "concat": KernelSpec("merge:concat"),
}
"""By layer type."""


def can_fuse(type_name: str, options: Mapping[str, Any]) -> bool:
    """Whether other layers can be fused to the kernel."""
    return KERNELS[type_name].can_fuse and options.get("track_running_stats", True)


def fused_layer(type_name: str, options: Mapping[str, Any]) -> Callable[[Task, Array, int], Fill] | None:
    """How a layer is computed fused to another, for rows and a number of channels; None if it cannot be fused."""
    if not options.get("track_running_stats", True):  # by the statistics of the whole batch
        return None
    return _fused_layer(type_name)


@cache
def _fused_layer(type_name: str) -> Callable[[Task, Array, int], Fill] | None:
    spec = KERNELS[type_name]
    if spec.fused_by_parts:
        fused_by_parts = _function_at(spec.fused_by_parts)
        return lambda task, lines, channels: fused_by_parts(task)
    return _function_at(spec.fused_by_rows) if spec.fused_by_rows else None


@cache
def scratch(type_name: str) -> Callable[[Extents], Scratch]:
    """The function that computes the scratch memory of a layer type."""
    stated = KERNELS[type_name].scratch
    found: Callable[[Extents], Scratch] = _function_at(stated) if isinstance(stated, str) else stated
    return found


@cache
def resolve(type_name: str) -> Kernel:
    """The kernel of a layer type.

    Errors:  KeyError for a type without one
    """
    found: Kernel = _function_at(KERNELS[type_name].forward)
    return found


def _function_at(address: str) -> Any:
    """The function at an address, `module:name`."""
    module, _, name = address.partition(":")
    return getattr(import_module(f"cnncalc.execution.kernels.{module}"), name)
