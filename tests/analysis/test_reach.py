"""Receptive fields where branches meet: gates, norms, unequal rates and what lies behind a flatten."""

from __future__ import annotations

import pytest

from cnncalc import analyze, from_text
from cnncalc.analysis.reach import Reach
from cnncalc.execution.verify.measure import verify

HEAD = "input: [4, 17, 13]\nlayers:\n  - conv2d: {out_channels: 4, kernel_size: 3, padding: 1}\n"

GATED = """
  - branches:
      merge: multiply
      paths:
        main: []
        gate: [%s]
  - conv2d: {out_channels: 2, kernel_size: [3, 1]}
"""


def reaches(layers: str) -> dict[str, Reach | None]:
    return {row.path: row.reach for row in analyze(from_text(HEAD + layers)).rows}


def sizes(reach: Reach | None) -> list[int]:
    assert reach is not None
    return [axis.size for axis in reach.axes]


def test_a_squeeze_excite_gate_is_named_and_leaves_the_window() -> None:
    found = reaches(GATED % "{adaptive_avg_pool2d: {output_size: 1}}, sigmoid")
    last = found["conv2d_2"]
    assert sizes(last) == [5, 3]  # 3×3, then 3×1
    assert last is not None
    assert last.windowed
    assert last.global_by == "squeeze-excite gate: multiply"


def test_a_gate_that_sees_one_corner_makes_no_field_at_all() -> None:
    found = reaches(GATED % "{slice: {dim: 1, end: 1}}, {slice: {dim: 2, end: 1}}")
    assert found["multiply"] is None
    assert found["conv2d_2"] is None


COORDINATES = """
  - adaptive_avg_pool2d: {name: columns, from: conv2d, output_size: [1, null]}
  - conv2d: {name: wide, out_channels: 4, kernel_size: [1, 3], padding: [0, 1]}
  - conv2d: {name: place, from: conv2d, out_channels: 1, kernel_size: 5, padding: 2}
  - adaptive_avg_pool2d: {name: one, from: conv2d, output_size: 1}
  - multiply: {name: product, from: [%s]}
  - conv2d: {name: last, out_channels: 2, kernel_size: 3, padding: 1}
outputs: [wide, place, one, last]
"""


@pytest.mark.parametrize(
    ("read", "seen", "behind", "reason"),
    [
        ("conv2d, place", [7, 7], [9, 9], ""),
        ("conv2d, wide", [17, 5], [17, 7], ""),  # every unit sees whole columns
        ("wide, place", [17, 7], [17, 9], ""),
        ("wide, one, conv2d", [17, 5], [17, 7], "squeeze-excite gate: product"),
    ],
)
def test_a_repeated_axis_sees_what_its_source_sees(read: str, seen: list[int], behind: list[int], reason: str) -> None:
    found = reaches(COORDINATES % read)
    assert [sizes(found["product"]), sizes(found["last"])] == [seen, behind]
    last = found["last"]
    assert last is not None
    assert (last.windowed, last.global_by) == (True, reason)


def test_a_repeated_axis_that_sees_one_row_makes_no_field() -> None:
    found = reaches("  - slice: {dim: 1, end: 1}\n  - multiply: {from: [conv2d, slice]}\n")
    assert found["multiply"] is None


def test_a_repeated_token_has_no_field_of_its_own_place() -> None:
    tokens = "  - flatten: {start_dim: 1}\n  - permute: {dims: [1, 0]}\n  - slice: {end: 1}\n"
    found = reaches(tokens + "  - add: {from: [permute, slice]}\n")
    assert found["permute"] is not None
    assert found["add"] is None


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ("  - group_norm: {num_groups: 2}\n", "statistics over the map: group_norm"),
        ("  - instance_norm2d\n", "statistics over the map: instance_norm2d"),
        ("  - layer_norm: {normalized_shape: [4, 17, 13]}\n", "statistics over the map: layer_norm"),
    ],
)
def test_statistics_see_everything_and_leave_the_window(layers: str, reason: str) -> None:
    reach = list(reaches(layers).values())[-1]
    assert sizes(reach) == [3, 3]
    assert reach is not None
    assert (reach.windowed, reach.global_by) == (True, reason)


@pytest.mark.parametrize(
    ("layers", "reason", "expected"),
    [
        # The last unit of an axis of n sees up to n, the first from -1: n + 2 positions between them.
        ("  - global_avg_pool2d\n", "global pooling: global_avg_pool2d", [19, 15]),
        ("  - flatten\n  - relu\n  - linear: {out_features: 3}\n", "fully connected: linear", [19, 15]),
    ],
)
def test_behind_a_pool_or_a_linear_layer_every_unit_sees_the_map(layers: str, reason: str, expected: list[int]) -> None:
    reach = list(reaches(layers).values())[-1]
    assert sizes(reach) == expected
    assert reach is not None
    assert (reach.windowed, reach.global_by) == (False, reason)


def test_flattened_units_still_see_their_own_window() -> None:
    found = reaches("  - flatten\n  - relu\n")
    assert sizes(found["relu"]) == [3, 3]


@pytest.mark.parametrize("head", ["  - global_avg_pool2d\n", "  - flatten\n  - linear: {out_features: 3}\n"])
def test_behind_a_map_cut_at_its_end_units_see_what_is_left(head: str) -> None:
    reach = list(reaches("  - slice: {dim: 1, end: 5}\n" + head).values())[-1]
    assert sizes(reach) == [7, 15]  # rows -1 to 5


ROWS_FIRST = "  - permute: {dims: [1, 2, 0]}\n  - flatten: {end_dim: 1}\n"


@pytest.mark.parametrize(
    "layers",
    [
        ROWS_FIRST + "  - linear: {out_features: 3}\n  - layer_norm: {normalized_shape: 3}\n  - relu\n",
        ROWS_FIRST + "  - permute: {dims: [1, 0]}\n  - permute: {dims: [1, 0]}\n  - linear: {out_features: 3}\n",
        "  - flatten: {start_dim: 1}\n  - permute: {dims: [1, 0]}\n  - layer_norm: {normalized_shape: 4}\n",
        "  - permute: {dims: [2, 1, 0]}\n  - layer_norm: {normalized_shape: 4}\n",
    ],
)
def test_a_layer_along_the_channels_alone_leaves_the_window(layers: str) -> None:
    reach = list(reaches(layers).values())[-1]
    assert sizes(reach) == [3, 3]
    assert reach is not None
    assert (reach.on_grid, reach.windowed, reach.global_by) == (False, True, "")


@pytest.mark.parametrize(
    "layers",
    [
        "  - permute: {dims: [2, 0, 1]}\n  - flatten: {start_dim: 1}\n  - linear: {out_features: 3}\n",
        "  - permute: {dims: [1, 0, 2]}\n  - flatten: {end_dim: 1}\n  - linear: {out_features: 3}\n",
        "  - permute: {dims: [2, 0, 1]}\n  - layer_norm: {normalized_shape: 17}\n",
        "  - permute: {dims: [1, 0, 2]}\n  - layer_norm: {normalized_shape: [4, 13]}\n",
        "  - reshape: {shape: [26, 34]}\n  - linear: {out_features: 3}\n",
        "  - reshape: {shape: [34, 26]}\n  - layer_norm: {normalized_shape: 26}\n",
    ],
)
def test_some_rows_merged_with_others_leave_no_field(layers: str) -> None:
    assert list(reaches(layers).values())[-1] is None


@pytest.mark.parametrize(
    ("layers", "reason"),
    [
        ("  - flatten: {start_dim: 1}\n  - linear: {out_features: 3}\n", "fully connected: linear"),
        (
            "  - permute: {dims: [2, 1, 0]}\n  - layer_norm: {normalized_shape: [13, 17, 4]}\n",
            "statistics over the map: layer_norm",
        ),
        (
            "  - permute: {dims: [0, 2, 1]}\n  - layer_norm: {normalized_shape: [13, 17]}\n",
            "statistics over the map: layer_norm",
        ),
    ],
)
def test_all_rows_merged_see_the_map(layers: str, reason: str) -> None:
    reach = list(reaches(layers).values())[-1]
    assert sizes(reach) == [19, 15]
    assert reach is not None
    assert (reach.windowed, reach.global_by) == (False, reason)


@pytest.mark.parametrize(
    "text",
    [
        # what has one channel of each head sees its own column alone
        """
input: [4, 6]
layers:
  - class_token: {name: x}
  - scaled_dot_product_attention: {from: [x, x, x], num_heads: 6}
""",
        # a map with its channels last beside one with its channels first
        """
inputs: {first: [2, 2, 2], last: [2, 2, 2]}
layers:
  - permute: {name: turned, from: last, dims: [1, 2, 0]}
  - add: {from: [first, turned]}
""",
        # values that see everything in one row with values that do not
        """
input: [4, 5, 3]
layers:
  - flatten: {name: flat}
  - linear: {name: all, out_features: 6}
  - concat: {from: [all, flat]}
""",
        # a gate that is named first, and a map that has left the axes of the input
        """
inputs: {map: [4, 1], gate: [1]}
layers:
  - permute: {name: turned, from: map, dims: [1, 0]}
  - multiply: {from: [gate, turned]}
""",
        # windows of unequal extents, laid end to end, and layers that have fewer axes than the input
        """
input: [6, 14, 2, 34]
layers:
  - adaptive_max_pool3d: {output_size: 3}
  - flatten: {start_dim: 1}
  - linear: {out_features: 4}
  - reshape: {shape: [6, 4]}
""",
        """
input: [3, 7, 5]
layers:
  - adaptive_avg_pool2d: {output_size: [3, 2]}
  - flatten: {start_dim: 1}
  - linear: {out_features: 2}
  - reshape: {shape: [3, 2]}
""",
    ],
)
def test_what_verify_measures_where_axes_meet_is_what_is_told(text: str) -> None:
    assert verify(analyze(from_text(text))).mismatches == []


def test_maps_that_advance_at_different_rates_have_no_common_field() -> None:
    found = reaches(
        "  - branches:\n      paths:\n"
        "        strided: [{max_pool2d: {kernel_size: 2}}]\n"
        "        cropped: [{crop: {size: [8, 6]}}]\n"
    )
    assert found["concat"] is None


CBAM = """
  - reduce: {name: mean, operation: mean, dim: 0, keepdim: true}
  - reduce: {name: most, operation: max, dim: 0, keepdim: true, from: conv2d}
  - concat: {from: [mean, most]}
  - conv2d: {name: gate, out_channels: 1, kernel_size: 7, padding: 3, bias: false}
  - multiply: {from: [conv2d, gate]}
"""


def test_a_gate_of_places_sees_its_own_window() -> None:
    found = reaches(CBAM)
    assert [sizes(found[path]) for path in ("mean", "concat", "gate", "multiply")] == [[3, 3], [3, 3], [9, 9], [9, 9]]


TOKENS = "  - flatten: {start_dim: 1}\n  - permute: {dims: [1, 0]}\n"


@pytest.mark.parametrize(
    ("layer", "seen", "reason"),
    [
        ("reduce: {operation: mean, dim: 0}", [19, 15], "global pooling: layer"),
        ("reduce: {operation: mean, dim: 1}", [3, 3], ""),
        ("reduce: {operation: mean, dim: -1, keepdim: true}", [3, 3], ""),
    ],
)
def test_reductions_of_tokens_and_of_their_features(layer: str, seen: list[int], reason: str) -> None:
    reach = reaches(f"{TOKENS}  - {layer.replace('{', '{name: layer, ', 1)}\n")["layer"]
    assert sizes(reach) == seen
    assert reach is not None
    assert reach.global_by == reason


def test_a_reduction_of_one_spatial_axis_leaves_the_others() -> None:
    found = reaches("  - reduce: {operation: max, dim: 2, keepdim: true}\n")
    assert sizes(found["reduce"]) == [3, 15]
    assert reaches("  - reduce: {operation: max, dim: 2}\n")["reduce"] is None


STORED = """
  - parameter: {name: scale, shape: [4, 1, 1]}
  - multiply: {name: scaled, from: [scale, conv2d]}
  - constant: {name: row, shape: [1, 13]}
  - reshape: {name: wide, shape: [1, 1, 13]}
  - add: {name: placed, from: [scaled, wide]}
  - flatten: {start_dim: 1}
  - permute: {name: tokens, dims: [1, 0]}
  - parameter: {name: register, shape: [1, 4]}
  - concat: {name: sequence, from: [register, tokens]}
"""


def test_stored_tensors_see_nothing_and_leave_what_others_see() -> None:
    report = analyze(from_text(HEAD + STORED))
    found = {row.path: row.reach for row in report.rows}
    assert [found[path] for path in ("scale", "row", "wide", "register")] == [None] * 4
    assert [sizes(found[path]) for path in ("scaled", "placed", "sequence")] == [[3, 3]] * 3
    assert (report.totals().params, report.totals().buffers) == (148 + 4 + 4, 13)
    assert verify(report).ok
