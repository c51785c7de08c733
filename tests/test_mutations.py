"""A bug planted anywhere in a rule is reported by `verify`, and so is one planted in a kernel."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from math import prod
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np
import pytest
import yaml

from cnncalc.analysis.infer import analyze
from cnncalc.core import arithmetic
from cnncalc.core.counts import Op
from cnncalc.core.errors import InputError
from cnncalc.core.graph import Graph
from cnncalc.execution import kernels
from cnncalc.execution.kernels import ADDRESSES as KERNELS
from cnncalc.execution.tally import Array, Tally
from cnncalc.execution.task import StoredWeights, Task, options_of
from cnncalc.execution.verify import verify
from cnncalc.execution.workers import Workers
from cnncalc.language.load import from_text
from cnncalc.layers import windowed
from cnncalc.layers.catalogue import ADDRESSES, resolve
from tests.support.behind import channel_numbers, with_channel_numbers
from tests.support.cases import Case, layer_cases, read_inputs, read_options
from tests.support.mutants import ARITHMETIC, Mutant, code_of, functions, mutants, planted, replaced
from tests.support.torch_layers import random_inputs, run, settle, torch_layer, weight_name

RULES = sorted({f"cnncalc.layers.{address.partition(':')[0]}" for address in ADDRESSES.values()})
MODULES = [*RULES, "cnncalc.layers.base", "cnncalc.layers.windowed", "cnncalc.core.arithmetic", "cnncalc.core.field"]

NO_RULES = {
    *(
        "core.arithmetic:require",
        "core.arithmetic:_require_window",
        "layers.base:divides",
        "layers.norm:_require_spread",
    ),  # objections
    *("layers.attention:_check_sequences", "layers.attention:_check_map"),
    *("layers.attention:_check_heads", "layers.attention:_check_agreement"),
    "core.arithmetic:axis_name",  # their wording
    "core.arithmetic:choose",  # one branch for numbers, one for arrays: `test_traced`
    *("layers.base:_numbers", "layers.base:_is_count", "layers.base:_padding", "layers.base:_per_axis_schema"),
    *("layers.base:_is_option", "layers.base:option_model", "layers.base:_rank_remedy"),
    *("layers.reshape:_ends", "layers.upsample:_one_or_each"),  # how options are read: `test_layers`
    *("layers.windowed:Windowed.steps", "layers.windowed:Windowed.spacing", "layers.windowed:Windowed.pads"),
    "core.field:_hull",
    "layers.recurrent:Recurrent.per_unit",  # each type has its own
}
"""What lies beside the rules. The algebra of fields over many layers has a brute force of its own: `test_field`."""

NO_CLASSES = (
    ":Field.",
    ":_OptionFields.",
    ":Layer.__",
    ":Layer.model_",
    ":Layer._spread",
    ":Layer.grid",
    ":Layer.options",
)

MORE = """
- {type: max_pool2d, input: [2, 12, 11],
   options: {kernel_size: [3, 2], stride: [2, 3], padding: [[1, 0], [0, 1]], dilation: [2, 1], ceil_mode: true}}
- {type: max_pool2d, input: [2, 9, 10],
   options: {kernel_size: [3, 2], stride: [2, 3], padding: [[0, 1], [1, 0]], dilation: [1, 2], ceil_mode: true}}
- {type: max_pool1d, input: [2, 6], options: {kernel_size: 2, stride: 3, padding: [[0, 1]], ceil_mode: true}}
- {type: max_pool1d, input: [2, 6], options: {kernel_size: 2, stride: 3, padding: [[1, 0]], ceil_mode: true}}
- {type: avg_pool2d, input: [2, 9, 10],
   options: {kernel_size: [3, 2], padding: same, stride: [2, 1], dilation: [1, 2]}}
- {type: conv1d, input: [3, 9], options: {out_channels: 3, kernel_size: 3, groups: 3, stride: 2, padding: 1}}
- {type: conv2d, input: [3, 8, 9],
   options: {out_channels: 3, kernel_size: [3, 2], groups: 3, padding: [1, 0], dilation: [2, 1]}}
- {type: conv2d, input: [2, 8, 9], options: {out_channels: 3, kernel_size: 1, stride: [2, 3]}}
- {type: conv3d, input: [2, 4, 5, 6], options: {out_channels: 2, kernel_size: [2, 3, 1], groups: 2, bias: false}}
- {type: conv_transpose1d, input: [2, 7], options: {out_channels: 2, kernel_size: 4, padding: same}}
- {type: conv_transpose2d, input: [2, 5, 6], options: {out_channels: 2, kernel_size: [2, 3], padding: valid}}
- {type: conv_transpose2d, input: [2, 5, 6],
   options: {out_channels: 2, kernel_size: [4, 3], stride: [2, 1], padding: same, dilation: [1, 2]}}
- {type: conv_transpose2d, input: [2, 5, 6],
   options: {out_channels: 2, kernel_size: [2, 1], stride: [5, 4], padding: same, dilation: [2, 1],
             output_padding: [1, 2]}}
- {type: layer_norm, input: [3, 5, 4], options: {normalized_shape: [3, 5, 4], elementwise_affine: false}}
- {type: layer_norm, input: [3, 4, 6], options: {normalized_shape: 6}}
- {type: layer_norm, input: [3, 5, 4], channels_last: true, options: {normalized_shape: 4}}
- {type: layer_norm, input: [3, 5, 4], channels_last: true, options: {normalized_shape: [5, 4]}}
- {type: layer_norm, input: [3, 5, 4], channels_last: true, options: {normalized_shape: [3, 5, 4]}}
- {type: linear, input: [3, 5, 4], channels_last: true, options: {out_features: 7}}
- {type: window_attention, input: [2, 9, 2], channels_last: true,
   options: {num_heads: 1, window_size: [3, 4], shift_size: [1, 3]}}
- {type: softmax, input: [3, 7], options: {dim: 1}}
- {type: flatten, input: [2, 3, 4], options: {start_dim: 1, end_dim: 1}}
- {type: flatten, input: [2, 3, 4, 5], options: {start_dim: 2}}
- {type: permute, input: [2, 3, 4], options: {dims: [0, 1, 2]}}
- {type: reshape, input: [2, 3, 4], options: {shape: [2, 3, 4]}}
- {type: upsample, input: [2, 1, 4], options: {size: [1, 5], mode: bilinear, align_corners: true}}
- {type: upsample, input: [2, 3, 4], options: {size: [1, 5], mode: bilinear, align_corners: true}}
"""
"""Combinations of options that the tables have no case for."""

OF_ONE_INPUT = (
    """
name: whole_unpooled
input: [2, 23, 34]
layers:
  - max_pool2d: {name: pool, kernel_size: [2, 3], stride: [3, 4], padding: [1, 0]}
  - max_unpool2d: {from: [pool, input], kernel_size: [2, 3], stride: [3, 4], padding: [1, 0]}
""",
    """
name: whole_unpooled_dilated
input: [2, 31, 25]
layers:
  - max_pool2d: {name: pool, kernel_size: [3, 2], stride: [5, 3], dilation: [2, 1], ceil_mode: true}
  - max_unpool2d: {from: [pool, input], kernel_size: [3, 2], stride: [5, 3], dilation: [2, 1], ceil_mode: true}
""",
    """
name: whole_unpooled_same
input: [2, 20, 25]
layers:
  - max_pool2d: {name: pool, kernel_size: 3, padding: same}
  - max_unpool2d: {from: [pool, input], kernel_size: 3, padding: same}
""",
    """
name: whole_unpooled_elsewhere
input: [2, 18, 21]
layers:
  - conv2d: {name: values, out_channels: 2, kernel_size: 1, stride: [2, 3]}
  - max_unpool2d: {from: [values, input], kernel_size: [2, 3]}
""",
    """
name: whole_cut
input: [2, 17, 22]
layers:
  - conv2d: {name: smaller, out_channels: 3, kernel_size: [4, 9]}
  - crop_like: {name: middle, from: [input, smaller]}
  - crop_like: {name: corner, from: [input, smaller], offset: [1, 7]}
  - concat: {from: [middle, corner]}
""",
    """
name: whole_flattened
input: [3, 13, 11]
layers:
  - conv2d: {out_channels: 4, kernel_size: [3, 5], stride: [2, 1]}
  - flatten
  - relu
  - linear: {out_features: 5}
  - softmax
""",
    """
name: whole_softmax_of_values
input: [3, 13, 11]
layers:
  - conv2d: {out_channels: 4, kernel_size: [3, 5], stride: [2, 1]}
  - flatten
  - softmax
""",
    """
name: whole_norm_of_values
input: [3, 13, 11]
layers:
  - conv2d: {out_channels: 4, kernel_size: [3, 5], stride: [2, 1]}
  - flatten
  - layer_norm: {normalized_shape: 168}
""",
    """
name: whole_groups_of_values
input: [3, 13, 11]
layers:
  - conv2d: {out_channels: 4, kernel_size: [3, 5], stride: [2, 1]}
  - flatten
  - group_norm: {num_groups: 1}
  - relu
  - group_norm: {num_groups: 3}
""",
    """
name: whole_neighbouring_values
input: [3, 13, 11]
layers:
  - conv2d: {out_channels: 4, kernel_size: [3, 5], stride: [2, 1]}
  - flatten
  - local_response_norm: {size: 3}
""",
    """
name: whole_length_of_values
input: [3, 13, 11]
layers:
  - conv2d: {out_channels: 4, kernel_size: [3, 5], stride: [2, 1]}
  - flatten
  - l2_norm
""",
    """
name: whole_parts_of_values
input: [3, 13, 11]
layers:
  - conv2d: {out_channels: 4, kernel_size: [3, 5], stride: [2, 1]}
  - flatten
  - group_norm: {num_groups: 3}
""",
    """
name: whole_pyramid
input: [3, 13, 11]
layers:
  - conv2d: {out_channels: 4, kernel_size: [3, 5], stride: [2, 1]}
  - spatial_pyramid_pool2d: {levels: [3, 2]}
  - relu
  - linear: {out_features: 5}
""",
    """
name: whole_channels_last
input: [3, 13, 11]
layers:
  - conv2d: {out_channels: 4, kernel_size: [3, 5], stride: [2, 1]}
  - permute: {dims: [1, 2, 0]}
  - layer_norm: {normalized_shape: 4}
  - flatten: {start_dim: 2}
  - linear: {out_features: 8}
  - permute: {dims: [2, 0, 1]}
  - conv2d: {out_channels: 4, kernel_size: [3, 5], groups: 4}
""",
    """
name: whole_places_changed
input: [3, 13, 11]
layers:
  - conv2d: {out_channels: 4, kernel_size: [3, 5], stride: [2, 1]}
  - permute: {dims: [2, 1, 0]}
  - relu
  - reshape: {shape: [4, 14, 3]}
""",
    """
name: whole_sequence
input: [3, 13, 11]
layers:
  - conv2d: {out_channels: 4, kernel_size: [3, 5], stride: [2, 1]}
  - flatten: {start_dim: 1}
  - permute: {dims: [1, 0]}
  - layer_norm: {normalized_shape: 4}
  - linear: {out_features: 6}
""",
    """
name: whole_along_positions
input: [3, 13, 11]
layers:
  - conv2d: {out_channels: 4, kernel_size: [3, 5], stride: [2, 1]}
  - flatten: {start_dim: 1}
  - linear: {out_features: 6}
""",
)
"""Layers whose several inputs have to see the same input for what they see to be told, and layers off the grid."""

EXACT = "the division leaves no rest, or `divides` has objected"
ORDER = "in any order it comes to the same"
EQUAL = "the same number, shape or field, written another way"
ONE_TAP = "a single tap has no neighbour to keep a distance from"
ALL = "where every unit sees everything, the report says just that, and no window is left to compare"
EITHER = "what it says is true either way, of more or of less"
BEYOND = "rows beyond the border cannot be disturbed"
UNUSED = "nothing reads it there"
SPEED = "it only decides which of two equal ways is taken"
REASONS = (EXACT, ORDER, EQUAL, ONE_TAP, ALL, EITHER, BEYOND, UNUSED, SPEED)

UNTOLD = {
    "core.arithmetic:exact_div": {
        "division(divisor) if divisio … // divisor -> dividend // divisor": EXACT,
        "dividend // divisor -> -(-dividend // divisor)": EXACT,
    },
    "layers.activation:Softmax.ops": {
        "x.numel // x.shape[self.dim] -> -(-x.numel // x.shape[self.dim])": EXACT,
    },
    "layers.activation:Softmax.windows": {
        "if len(x.spatial) == 1 -> if False": ALL,
        "len(x.spatial) == 1 -> len(x.spatial) == 0": ALL,
    },
    "layers.adaptive_pool:AdaptivePool.global_by": {
        "'global pooling' if set(self … 1} else '' -> ''": ALL,
        "set(self._targets(x)) == {1} … al) != {1} -> set(self._targets(x)) == {1}": ALL,
        "{1} -> {2}": ALL,
        "{1} -> {0}": ALL,
        "set(x.spatial) != {1} -> set(x.spatial) == {1}": ALL,
        "{1} -> {2} #2": ALL,
        "{1} -> {0} #2": ALL,
    },
    "layers.adaptive_pool:GlobalPool.windows": {
        "tuple((adaptive(n, 1) for n  … .spatial)) -> tuple((adaptive(n, 1) for n  … al))[::-1]": ALL,
        "adaptive(n, 1) -> adaptive(1, n)": ALL,
        "adaptive(n, 1) -> adaptive(n, 2)": ALL,
        "x.spatial -> x.spatial[::-1]": ALL,
    },
    "layers.adaptive_pool:GlobalPool.global_by": {
        "'global pooling' if set(x.sp … 1} else '' -> 'global pooling'": ALL,
        "'global pooling' if set(x.sp … 1} else '' -> ''": ALL,
        "set(x.spatial) != {1} -> set(x.spatial) == {1}": ALL,
        "{1} -> {2}": ALL,
        "{1} -> {0}": ALL,
    },
    "layers.adaptive_pool:SpatialPyramidPool2d.ops": {
        "_values_read(n, level) -> _values_read(level, n)": ORDER,
        "self.output(x).numel -> self.output(x).channels": EQUAL,
    },
    "layers.attention:MultiHeadAttention.weights": {
        "(inner, outer) -> (outer, inner)": ORDER,
    },
    "layers.attention:MultiHeadAttention.ops": {
        "(_projected(rows, features,  … um_heads)) -> (_attended(queries, keys, fe … elf.bias))": ORDER,
    },
    "layers.attention:WindowAttention.weights": {
        "*((inner, WeightSpec('qkv.bi …  (inner,)) -> *tuple((inner, WeightSpec('q … r,))[::-1]": ORDER,
    },
    "layers.attention:WindowAttention.ops": {
        "(_projected(3 * positions, x … ias=True)) -> (_projected(3 * positions, x … ias=True))": ORDER,
        "(_projected(3 * positions, x … ias=True)) -> (_projected(3 * positions, x … adjusted))": ORDER,
        "(_projected(3 * positions, x … ias=True)) -> (_attended(positions, window … ias=True))": ORDER,
        "choose(sum(self._shifts(x))  … scores, 0) -> choose(scores, sum(self._shi … )) > 0, 0)": EQUAL,
        "sum(self._shifts(x)) -> max(self._shifts(x))": EQUAL,
    },
    "layers.attention:WindowAttention.global_by": {
        "'attention' if self._padded( … ze else '' -> ''": ALL,
    },
    "layers.attention:WindowAttention._shifts": {
        "choose(n > window, shift, 0) -> choose(shift, n > window, 0)": EQUAL,
    },
    "layers.embedding:Embedding.output": {
        "x.shape -> x.shape[::-1]": ORDER,
        "*x.shape -> *tuple(x.shape)[::-1]": ORDER,
    },
    "layers.merge:Add.output": {
        "inputs[0] -> inputs[1]": EQUAL,
    },
    "layers.merge:Add.ops": {
        "inputs[0] -> inputs[1]": EQUAL,
    },
    "layers.merge:Multiply.ops": {
        "*inputs -> *tuple(inputs)[::-1]": ORDER,
    },
    "layers.merge:Concat.output": {
        "inputs[0] -> inputs[1]": EQUAL,
    },
    "layers.norm:_per_channel": {
        "('mean', 'var') -> ('var', 'mean')": ORDER,
        "(*learned, mean, variance) -> (mean, *learned, variance)": ORDER,
        "(*learned, mean, variance) -> (*learned, variance, mean)": ORDER,
        "*learned -> *tuple(learned)[::-1]": ORDER,
    },
    "layers.norm:_affine_afterwards": {
        "(plain, OpCount(affine)) -> (OpCount(affine), plain)": ORDER,
    },
    "layers.norm:LayerNorm.ops": {
        "x.numel // prod(self.normalized_shape) -> -(-x.numel // prod(self.norm … ed_shape))": EXACT,
    },
    "layers.norm:LayerNorm.windows": {
        "if apart <= 0 -> if False": ALL,
        "apart <= 0 -> apart < 0": ALL,
        "apart <= 0 -> apart <= -1": ALL,
    },
    "layers.norm:LayerNorm._along_a_sequence": {
        "len(x.shape) == 2 and len(se … hape) == 1 -> len(x.shape) == 2": ALL,
    },
    "layers.norm:LayerScale.weights": {
        "*[1] * len(x.spatial) -> *tuple([1] * len(x.spatial))[::-1]": EQUAL,
    },
    "layers.recurrent:Recurrent._directions": {
        "('', '_reverse') -> ('_reverse', '')": ORDER,
    },
    "layers.recurrent:Recurrent.weights": {
        "tuple(found) -> tuple(found)[::-1]": ORDER,
    },
    "layers.recurrent:Recurrent.ops": {
        "(OpCount(matrices), OpCount( … items()})) -> (OpCount({op: n * units for  … matrices))": ORDER,
    },
    "layers.regions:RoIAlign.ops": {
        "*inputs -> *tuple(inputs)[::-1]": ORDER,
    },
    "layers.reshape:Flatten.output": {
        "*x.shape[last + 1:] -> *tuple(x.shape[last + 1:])[::-1]": ORDER,
    },
    "layers.reshape:Reshape.output": {
        "x.numel // known -> -(-x.numel // known)": EXACT,
    },
    "layers.reshape:Permute.output": {
        "last > 1 and self._channels_ … x) == last -> self._channels_to(x) == last": EITHER,
        "last > 1 -> last >= 1": EITHER,
        "last > 1 -> last > 0": EITHER,
    },
    "layers.reshape:Slice.windows": {
        "sliding(1, self.step, 1, -first) -> sliding(1, self.step, 2, -first)": ONE_TAP,
        "sliding(1, self.step, 1, -first) -> sliding(1, self.step, 0, -first)": ONE_TAP,
    },
    "layers.reshape:Pad.windows": {
        "sliding(1, 1, 1, before) -> sliding(1, 1, 2, before)": ONE_TAP,
        "sliding(1, 1, 1, before) -> sliding(1, 1, 0, before)": ONE_TAP,
    },
    "layers.reshape:Crop._cut": {
        "self.size or () -> self.size": EQUAL,
    },
    "layers.reshape:Crop.windows": {
        "sliding(1, 1, 1, -before) -> sliding(1, 1, 2, -before)": ONE_TAP,
        "sliding(1, 1, 1, -before) -> sliding(1, 1, 0, -before)": ONE_TAP,
    },
    "layers.reshape:CropLike.windows": {
        "sliding(1, 1, 1, -before) -> sliding(1, 1, 2, -before)": ONE_TAP,
        "sliding(1, 1, 1, -before) -> sliding(1, 1, 0, -before)": ONE_TAP,
    },
    "layers.reshape:PixelShuffle.output": {
        "x.channels // pixels -> -(-x.channels // pixels)": EXACT,
    },
    "layers.reshape:PixelShuffle.windows": {
        "tuple((adaptive(n, n * self. … .spatial)) -> tuple((adaptive(n, n * self. … al))[::-1]": ORDER,
        "x.spatial -> x.spatial[::-1]": ORDER,
    },
    "layers.upsample:Upsample._targets": {
        "self.size or self.scale_factor or () -> self.size or self.scale_factor": EQUAL,
    },
    "layers.upsample:Upsample.windows": {
        "len(x.spatial) // len(self.scale_factor) -> -(-len(x.spatial) // len(sel … e_factor))": EXACT,
    },
    "layers.upsample:_scaled": {
        "size * numerator if denomina … enominator -> size * numerator // denominator": EQUAL,
        "denominator == 1 -> denominator == 0": EQUAL,
    },
    "layers.upsample:_ratio": {
        "(factor, 1) if isinstance(fa … er_ratio() -> Fraction(repr(factor)).as_in … er_ratio()": EQUAL,
    },
    "layers.windowed:Windowed.count": {
        "window_count(size, kernel, s … ion, axis) -> window_count(size, kernel, s … ion, axis)": ORDER,
    },
    "core.arithmetic:ceil_div": {
        "ceiling(divisor) if ceiling  … / divisor) -> -(-dividend // divisor)": EQUAL,
    },
    "core.arithmetic:at_least_zero": {
        "choose(number > 0, number, 0) -> choose(number, number > 0, 0)": EQUAL,
        "number > 0 -> number >= 0": EQUAL,
        "number > 0 -> number > -1": EQUAL,
    },
    "core.arithmetic:padding_total": {
        "2 * before if before is afte … re + after -> before + after": EQUAL,
        "2 * before -> 2 * after": EQUAL,
    },
    "core.field:spreading": {
        "if stride == 1 -> if False": EQUAL,
        "stride == 1 -> stride == 0": EQUAL,
        "stride // common -> -(-stride // common)": EXACT,
        "[] if offset % common else [ … ride == 0] -> [t for t in range(min(cycle, … ride == 0]": EQUAL,
        "min(cycle, kernel) -> max(cycle, kernel)": EQUAL,
        "(offset - dilation * last) // stride -> -(-(offset - dilation * last) // stride)": EXACT,
        "(offset - dilation * first) // stride -> -(-(offset - dilation * firs … // stride)": EXACT,
    },
    "core.field:whole": {
        "(0, size - 1) -> (-1, size - 1)": BEYOND,
        "size - 1 -> size + 1": BEYOND,
        "size - 1 -> size": BEYOND,
        "size - 1 -> size - 0": BEYOND,
    },
    "core.field:side_by_side": {
        "tuple((adaptive(size, count) … e(count))) -> tuple((adaptive(size, count) … t)))[::-1]": ORDER,
        "Field(0, tuple((adaptive(siz … (count)))) -> Field(1, tuple((adaptive(siz … (count))))": UNUSED,
        "Field(0, tuple((adaptive(siz … (count)))) -> Field(-1, tuple((adaptive(si … (count))))": UNUSED,
    },
    "core.field:interpolating": {
        "(i * size // count,) * 2 -> (i * size // count,) * 3": UNUSED,
        "Field(0, ((0, 0),)) -> Field(1, ((0, 0),))": EQUAL,
        "Field(0, ((0, 0),)) -> Field(-1, ((0, 0),))": EQUAL,
        "(0, 0) -> (-1, 0)": BEYOND,
        "(0, 0) -> (0, 1)": BEYOND,
    },
    "core.field:_phases": {
        "gcd(size, count) -> 1": EQUAL,
        "size // common -> -(-size // common)": EXACT,
        "count // common -> -(-count // common)": EXACT,
    },
    "execution.kernels.attention:_attended": {
        "query.shape -> query.shape[::-1] #3": SPEED,
        "key.shape -> key.shape[::-1]": SPEED,
    },
    "execution.kernels.conv:convolution": {
        "x.shape -> x.shape[::-1] #2": SPEED,
    },
    "execution.kernels.conv:_maps": {
        "y.shape -> y.shape[::-1]": SPEED,
    },
    "execution.kernels.conv:_depthwise": {
        "sources.shape -> sources.shape[::-1]": SPEED,
    },
    "execution.kernels.conv_transpose:_frame": {
        "o.stride -> o.stride if o.stride is None … ride[::-1] #2": UNUSED,
        "o.stride -> o.stride if o.stride is None … o.stride)) #2": UNUSED,
    },
    "execution.kernels.recurrent:_pass": {
        "x.shape -> x.shape[::-1] #3": EQUAL,
    },
    "execution.kernels.norm:_standardise": {
        "tally.each(MULTIPLY, np.mult …  y, out=y) -> tally.each(MULTIPLY, np.mult …  y, out=y)": EQUAL,
        "tally.each(MULTIPLY, np.mult …  y, out=y) -> tally.each(MULTIPLY, np.mult …  x, out=y)": EQUAL,
    },
}
"""Mutants that verify does not report, by function, each with the reason why."""


def network(case: Case, enlarged: bool = False) -> Graph:
    """One layer as a network; enlarged, on a map that has room for units which no border cuts off."""
    if not enlarged:
        return case.network()
    last = case.channels_last
    return case.network(
        inputs=tuple(
            (*shape[: not last], *(3 * n + 1 if n > 1 else n for n in x.spatial), *shape[len(shape) - last :])
            for shape, x in zip(case.inputs, case.specs, strict=True)
        )
    )


def cases() -> list[Case]:
    """The cases of the tables, and more, small ones first."""
    more = [
        Case(
            row["type"], f"more_{number}", read_options(row), read_inputs(row), {}, "", row.get("channels_last", False)
        )
        for number, row in enumerate(yaml.safe_load(MORE))
    ]
    return sorted([*layer_cases(), *more], key=lambda case: sum(map(prod, case.inputs)))


def survives(graph: Graph) -> bool:
    """Whether nothing is noticed: neither a wrong number nor that the numbers cannot be."""
    try:
        return verify(graph, analyze(graph)).ok
    except Exception:
        return False


class Example(NamedTuple):
    """What a kernel is handed, and what torch makes of it."""

    case: Case
    inputs: list[Array]
    weights: dict[str, Array]
    output: Array


@cache
def examples() -> dict[str, Example]:
    found = {}
    for case in cases():
        module = settle(torch_layer(case.type, dict(case.options), case.inputs))
        # so large that only a softmax which takes the largest off first gets through
        factor = 200 if case.type in ("softmax", "scaled_dot_product_attention") else 1
        inputs = [x * factor for x in random_inputs(case.type, case.inputs, 2)]
        weights = {weight_name(name): value.double().numpy() for name, value in module.state_dict().items()}
        if case.options.get("bias") == "per_channel":  # (C_out, 1, ...) in torch, to broadcast
            weights["bias"] = weights["bias"].reshape(-1)
        found[str(case)] = Example(case, [x.numpy() for x in inputs], weights, run(module, inputs).numpy())
    return found


def as_torch_has_it(graph: Graph) -> bool:
    """Whether a kernel still gives torch's values, and nothing else is noticed either."""
    example = examples().get(graph.name)
    if example is None:
        return survives(graph)
    options = options_of(example.case.layer.options())
    kernels.resolve.cache_clear()  # it may remember another mutant, or the kernel itself
    expected: dict[tuple[Any, ...], Any] = {(): example.output}
    if kernels.finishes(example.case.type, vars(options)):
        expected[channel_numbers,] = with_channel_numbers(example.output)
    try:
        for behind, output in expected.items():
            task = Task(options, StoredWeights(example.weights), Tally(), Workers(), behind=behind)
            with np.errstate(all="ignore"):
                y = kernels.resolve(example.case.type)(task, *[x.copy() for x in example.inputs])
            if y.shape != output.shape or not np.abs(y - output).max() <= 1e-6 * np.abs(output).max():
                return False
    except Exception:
        return False
    return survives(graph)


CEIL_DIV = arithmetic.ceil_div

TABLES = [name for name in ADDRESSES if {"per_element", "reduction", "keeps_buffer"} & vars(resolve(name)).keys()]
"""Types that say something of themselves in a table instead of a function."""


def other_values(name: str, value: Any) -> Iterator[Any]:
    """What might stand in a class by mistake."""
    match name:
        case "per_element":
            for op, times in value.items():
                rest = {other: n for other, n in value.items() if other is not op}
                yield from (rest, {**rest, op: times + 1}, {**rest, Op.NORM_ROOT: times})
        case "reduction":
            yield "max" if value == "avg" else "avg"
        case "keeps_buffer":
            yield not value


class Watch:
    """The networks, with the code that each of them runs."""

    def __init__(self) -> None:
        self.graphs: list[tuple[Graph, set[CodeType]]] = []
        alone = [network(case, enlarged) for enlarged in (False, True) for case in cases()]
        written = [from_text(text) for text in OF_ONE_INPUT]
        for graph in [*alone, *written]:
            codes: set[CodeType] = set()

            def note(frame: FrameType, event: str, _: Any, codes: set[CodeType] = codes) -> None:
                if event == "call":
                    codes.add(frame.f_code)

            before = sys.getprofile()
            sys.setprofile(note)
            try:
                clean = survives(graph)  # an enlarged input does not fit every layer
            finally:
                sys.setprofile(before)
            assert clean or graph not in written, graph.name
            if clean:
                self.graphs.append((graph, codes))

    def of(self, address: str) -> list[Graph]:
        code = code_of(address)
        return [graph for graph, codes in self.graphs if code in codes]


@cache
def watch() -> Watch:
    return Watch()


def survivors(address: str, found: list[Mutant], unnoticed: Callable[[Graph], bool]) -> set[str]:
    """The changes that no network notices."""
    graphs = watch().of(address)
    assert graphs, "no case calls it"
    left = set()
    for mutant in found:
        with planted(mutant):
            for number, graph in enumerate(graphs):
                if not unnoticed(graph):
                    graphs.insert(0, graphs.pop(number))  # what noticed this one may well notice the next
                    break
            else:
                left.add(mutant.change)
    return left


def told(module: str) -> dict[str, ast.FunctionDef]:
    return {
        address: tree
        for address, tree in functions(module).items()
        if address.removeprefix("cnncalc.") not in NO_RULES and not any(part in address for part in NO_CLASSES)
    }


RULE_FUNCTIONS = {address: tree for module in MODULES for address, tree in told(module).items()}
KERNEL_MODULES = sorted({f"cnncalc.execution.kernels.{address.partition(':')[0]}" for address in KERNELS.values()})
KERNEL_FUNCTIONS = {
    address: tree
    for module in [*KERNEL_MODULES, "cnncalc.execution.kernels.windows"]
    for address, tree in functions(module).items()
    if mutants(address, tree, ARITHMETIC) and ":Geometry.__init__" not in address
}


@pytest.mark.parametrize("case", cases(), ids=str)
@pytest.mark.parametrize("enlarged", [False, True])
def test_every_rule_agrees_with_its_measurement(case: Case, enlarged: bool) -> None:
    graph = network(case, enlarged)
    try:
        report = analyze(graph)
    except InputError:
        assert enlarged  # not every layer takes a larger input
        return
    assert verify(graph, report).mismatches == []


@pytest.mark.parametrize("address", RULE_FUNCTIONS)
def test_a_bug_in_a_rule_is_reported(address: str) -> None:
    found = mutants(address, RULE_FUNCTIONS[address])
    assert survivors(address, found, survives) == UNTOLD.get(address.removeprefix("cnncalc."), {}).keys()


@pytest.mark.parametrize("table", TABLES)
def test_a_bug_in_a_table_of_a_rule_is_reported(table: str) -> None:
    layer = resolve(table)
    graphs = [network(case) for case in cases() if case.type == table]
    for name, value in list(vars(layer).items()):
        for other in other_values(name, value):
            with replaced(f"{layer.__module__}:{layer.__name__}.{name}", other):
                assert not all(map(survives, graphs)), (name, other)


@pytest.mark.parametrize("address", KERNEL_FUNCTIONS)
def test_a_bug_in_a_kernel_is_reported(address: str) -> None:
    kernels.resolve.cache_clear()
    found = mutants(address, KERNEL_FUNCTIONS[address], ARITHMETIC)
    left = survivors(address, found, as_torch_has_it)
    kernels.resolve.cache_clear()
    assert left == UNTOLD.get(address.removeprefix("cnncalc."), {}).keys()


def test_the_table_of_mutants_names_functions_that_there_are() -> None:
    known = {address.removeprefix("cnncalc.") for address in (*RULE_FUNCTIONS, *KERNEL_FUNCTIONS)}
    assert UNTOLD.keys() <= known
    assert {reason for entries in UNTOLD.values() for reason in entries.values()} <= {*REASONS}


def test_a_planted_mutant_is_taken_out_again() -> None:
    address = "cnncalc.core.arithmetic:ceil_div"
    for mutant in mutants(address, RULE_FUNCTIONS[address]):
        with planted(mutant):
            assert vars(windowed)["ceil_div"] is arithmetic.ceil_div is not CEIL_DIV
        assert vars(windowed)["ceil_div"] is arithmetic.ceil_div is CEIL_DIV
