"""Where the kernel of each layer type lives. Nothing is imported until a layer runs.

A kernel is a function `(task, *inputs) -> output` on arrays of shape (N, *shape). It sees options, weights and arrays,
and no rule: the extents of what it puts out are what slicing and contracting leave.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from cnncalc.execution.scratch import Extents, Scratch, in_positions, in_rows, of_values
from cnncalc.execution.tally import Array
from cnncalc.execution.task import Fill, Task


class Kernel(Protocol):
    """What computes a layer."""

    def __call__(self, task: Task, *inputs: Array) -> Array:
        """The output of one layer."""


ADDRESSES: dict[str, str] = {
    **{f"conv{axes}d": "conv:convolution" for axes in (1, 2, 3)},
    **{f"conv_transpose{axes}d": "conv_transpose:transposed_convolution" for axes in (1, 2, 3)},
    **{f"locally_connected{axes}d": "local:locally_connected" for axes in (1, 2)},
    "linear": "linear:linear",
    "embedding": "embedding:embedding",
    "rnn": "recurrent:rnn",
    "lstm": "recurrent:lstm",
    "gru": "recurrent:gru",
    "scaled_dot_product_attention": "attention:scaled_dot_product_attention",
    "multi_head_attention": "attention:multi_head_attention",
    "window_attention": "attention:window_attention",
    "patch_merging": "attention:patch_merging",
    "class_token": "attention:class_token",
    "position_embedding": "attention:position_embedding",
    **{f"max_pool{axes}d": "pool:max_pool" for axes in (1, 2, 3)},
    "max_unpool2d": "pool:max_unpool",
    **{f"avg_pool{axes}d": "pool:avg_pool" for axes in (1, 2, 3)},
    **{f"lp_pool{axes}d": "pool:lp_pool" for axes in (1, 2, 3)},
    "sum_pool2d": "pool:sum_pool",
    "stochastic_pool2d": "pool:stochastic_pool",
    "mixed_pool2d": "pool:mixed_pool",
    "trainable_pool2d": "pool:trainable_pool",
    **{f"adaptive_avg_pool{axes}d": "adaptive_pool:adaptive_avg_pool" for axes in (1, 2, 3)},
    **{f"adaptive_max_pool{axes}d": "adaptive_pool:adaptive_max_pool" for axes in (1, 2, 3)},
    **{f"global_avg_pool{axes}d": "adaptive_pool:global_avg_pool" for axes in (1, 2, 3)},
    **{f"global_max_pool{axes}d": "adaptive_pool:global_max_pool" for axes in (1, 2, 3)},
    "spatial_pyramid_pool2d": "adaptive_pool:spatial_pyramid_pool",
    **{f"batch_norm{axes}d": "norm:batch_norm" for axes in (1, 2, 3)},
    "layer_norm": "norm:layer_norm",
    "layer_norm2d": "norm:layer_norm2d",
    "group_norm": "norm:group_norm",
    **{f"instance_norm{axes}d": "norm:instance_norm" for axes in (1, 2, 3)},
    "local_response_norm": "norm:local_response_norm",
    "l2_norm": "norm:l2_norm",
    "layer_scale": "norm:layer_scale",
    "relu": "activation:relu",
    "relu6": "activation:relu6",
    "leaky_relu": "activation:leaky_relu",
    "prelu": "activation:prelu",
    "elu": "activation:elu",
    "sigmoid": "activation:sigmoid",
    "tanh": "activation:tanh",
    "silu": "activation:silu",
    "gelu": "activation:gelu",
    "hardswish": "activation:hardswish",
    "hardsigmoid": "activation:hardsigmoid",
    "softmax": "activation:softmax",
    "dropout": "reshape:identity",  # in evaluation
    "stochastic_depth": "reshape:identity",  # in evaluation
    "identity": "reshape:identity",
    "flatten": "reshape:flatten",
    "reshape": "reshape:reshape",
    "permute": "reshape:permute",
    "slice": "reshape:part",
    "pad": "reshape:pad",
    "crop": "reshape:crop",
    "crop_like": "reshape:crop_like",
    "channel_shuffle": "reshape:channel_shuffle",
    "pixel_shuffle": "reshape:pixel_shuffle",
    "upsample": "upsample:upsample",
    "roi_align": "regions:roi_align",
    "roi_pool": "regions:roi_pool",
    "add": "merge:add",
    "multiply": "merge:multiply",
    "concat": "merge:concat",
}
"""Layer type -> module in `cnncalc.execution.kernels` and function."""


SCRATCH: dict[str, str] = {
    **{f"conv{axes}d": "conv:convolution_scratch" for axes in (1, 2, 3)},
    **{f"conv_transpose{axes}d": "conv_transpose:transposed_convolution_scratch" for axes in (1, 2, 3)},
    **{f"locally_connected{axes}d": "local:locally_connected_scratch" for axes in (1, 2)},
    "linear": "linear:linear_scratch",
    "embedding": "embedding:embedding_scratch",
    **dict.fromkeys(("rnn", "lstm", "gru"), "recurrent:recurrent_scratch"),
    "scaled_dot_product_attention": "attention:attention_scratch",
    "multi_head_attention": "attention:multi_head_scratch",
    "window_attention": "attention:window_scratch",
    "patch_merging": "attention:merging_scratch",
    **{f"{kind}_pool{axes}d": "pool:pool_scratch" for kind in ("max", "avg", "lp") for axes in (1, 2, 3)},
    **{f"{kind}_pool2d": "pool:pool_scratch" for kind in ("sum", "stochastic", "mixed", "trainable")},
    "max_unpool2d": "pool:unpool_scratch",
    "spatial_pyramid_pool2d": "adaptive_pool:pyramid_scratch",
    "roi_align": "regions:align_scratch",
    "roi_pool": "regions:pool_scratch",
    "softmax": "activation:softmax_scratch",
}
"""Layer type -> what says how much its kernel needs beside inputs and output."""

IN_POSITIONS = frozenset(
    {f"batch_norm{axes}d" for axes in (1, 2, 3)}
    | {"layer_norm2d", "local_response_norm", "l2_norm", "layer_scale", "channel_shuffle"}
)
"""Types whose kernels work on blocks of positions of a map that lies with its channels last."""

IN_ROWS = frozenset(
    {f"adaptive_{kind}_pool{axes}d" for kind in ("avg", "max") for axes in (1, 2, 3)}
    | {"prelu", "pad", "pixel_shuffle", "upsample"}
)
"""Types whose kernels work on blocks of rows of such a map."""

FINISHING = frozenset(f"{kind}{axes}d" for kind in ("conv", "batch_norm") for axes in (1, 2, 3))
"""Types whose kernels do the layers behind them, block by block, where `Task.behind` names some."""

BY_PARTS = {"relu": "activation:relu_of_parts", "relu6": "activation:relu6_of_parts"}
"""Types that do each value by itself: what does any part of it."""

BY_ROWS = {f"batch_norm{axes}d": "norm:stored_statistics_of_rows" for axes in (1, 2, 3)}
"""Types that do each position by itself: what does rows of them, with their channels last."""


def finishes(type_name: str, options: Mapping[str, Any]) -> bool:
    """Whether the kernel does the layers behind it."""
    return type_name in FINISHING and options.get("track_running_stats", True)


def behind(type_name: str, options: Mapping[str, Any]) -> Callable[[Task, Array, int], Fill] | None:
    """How a layer is done part by part, behind another one, for rows like some and a number of channels; or not."""
    if not options.get("track_running_stats", True):  # by the statistics of all the values at hand
        return None
    return _behind(type_name)


@cache
def _behind(type_name: str) -> Callable[[Task, Array, int], Fill] | None:
    if type_name in BY_PARTS:
        by_parts = _at(BY_PARTS[type_name])
        return lambda task, lines, channels: by_parts(task)
    return _at(BY_ROWS[type_name]) if type_name in BY_ROWS else None


@cache
def scratch(type_name: str) -> Callable[[Extents], Scratch]:
    """How much the kernel of a layer type needs beside inputs and output."""
    if type_name in SCRATCH:
        found: Callable[[Extents], Scratch] = _at(SCRATCH[type_name])
        return found
    if type_name in IN_POSITIONS:
        return in_positions
    return in_rows if type_name in IN_ROWS else of_values


@cache
def resolve(type_name: str) -> Kernel:
    """The kernel of a layer type.

    Errors:  KeyError for a type without one
    """
    found: Kernel = _at(ADDRESSES[type_name])
    return found


def _at(address: str) -> Any:
    """What stands at an address."""
    module, _, name = address.partition(":")
    return getattr(import_module(f"cnncalc.execution.kernels.{module}"), name)
