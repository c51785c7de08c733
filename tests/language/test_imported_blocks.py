"""`import`: blocks of other descriptions are what they are at home."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnncalc import InputError, analyze, from_text, load

INSIDE = """
input: [3, 64, 48]
params: {net: "resnet18"}
import: {trunk_of: "{net}"}
layers:
  - block: {type: trunk_of.trunk, name: backbone.body, dilated_stages: 1}
outputs: [backbone.body.layer2, backbone.body.layer4]
"""


def test_blocks_read_the_params_of_the_description_they_come_from() -> None:
    for net in ("resnet18", "resnet50"):
        inside = analyze(from_text(INSIDE, params={"net": f'"{net}"'}))
        at_home = analyze(load(net, input=(3, 64, 48)))
        ours = [(row.path.removeprefix("backbone.body."), row.type, row.params) for row in inside.rows]
        assert ours == [(row.path, row.type, row.params) for row in at_home.rows[: len(ours)]]
        assert len(ours) == len(at_home.rows) - 3  # the pool, the flatten and the classifier


def test_dilation_takes_the_place_of_the_last_strides() -> None:
    rows = {row.path.removeprefix("backbone.body."): row for row in analyze(from_text(INSIDE)).rows}
    assert rows["layer3.1.relu_2"].output.shape == (256, 4, 3)
    assert rows["layer4.1.relu_2"].output.shape == (512, 4, 3)  # where resnet18 itself would leave 2×2
    convolutions = [f"layer4.{unit}.conv{number}" for unit in (0, 1) for number in (1, 2)]
    assert [rows[path].layer.dilation for path in convolutions] == [(1, 1), (1, 1), (2, 2), (2, 2)]


def test_a_description_beside_the_one_that_imports_it(tmp_path: Path) -> None:
    (tmp_path / "parts.yaml").write_text(
        "input: [1, 1, 1]\n"
        "params: {kernel: 3}\n"
        "blocks:\n"
        "  pair: {params: {c: required}, layers: [block: {type: one, c: c}, block: {type: one, c: 2 * c}]}\n"
        "  one: {params: {c: required}, layers: [conv2d: {out_channels: c, kernel_size: kernel}]}\n"
        "layers: [relu]\n"
    )
    whole = tmp_path / "whole.yaml"
    whole.write_text(
        "input: [2, 9, 8]\nimport: [parts.yaml]\n"
        "layers: [{block: {type: parts.pair, c: 5}}, {block: {type: parts.one, c: 1}}]\n"
    )
    rows = analyze(load(str(whole))).rows
    assert [(row.path, row.output.shape) for row in rows] == [
        ("pair.one.conv2d", (5, 7, 6)),
        ("pair.one_2.conv2d", (10, 5, 4)),
        ("one.conv2d", (1, 3, 2)),
    ]


def test_what_is_wrong_inside_an_import_is_shown_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "parts.yaml").write_text("input: [1, 1, 1]\nblocks: {bad: {layers: [konv2d]}}\nlayers: [relu]\n")
    whole = tmp_path / "whole.yaml"
    whole.write_text("input: [2, 9, 8]\nimport: [parts.yaml]\nlayers: [block: {type: parts.bad}]\n")
    with pytest.raises(InputError) as caught:
        load(str(whole))
    (found,) = caught.value.diagnostics
    assert found.code == "unknown-layer"
    assert found.span is not None
    assert (found.span.source.name, found.span.line) == (str(tmp_path / "parts.yaml"), 2)


def test_descriptions_that_import_each_other(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{one}.yaml").write_text(f"input: [1, 1, 1]\nimport: [{other}.yaml]\nlayers: [relu]\n")
    with pytest.raises(InputError, match="these import each other"):
        load(str(tmp_path / "a.yaml"))


SIZES = """
input: [3, 37, 21]
blocks:
  pyramid:
    params: {grid: in_size}
    layers:
      - max_pool2d: {kernel_size: 4}
      - upsample: {size: grid}
layers:
  - conv2d: {out_channels: 4, kernel_size: 3, stride: 2}
  - block: {type: pyramid, inline: true}
  - upsample: {size: input_size}
"""


@pytest.mark.parametrize(("size", "half"), [((37, 21), (18, 10)), ((50, 64), (24, 31))])
def test_sizes_that_flow_in(size: tuple[int, int], half: tuple[int, int]) -> None:
    shapes = [row.output.shape for row in analyze(from_text(SIZES, input=(3, *size))).rows]
    assert shapes[2:] == [(4, *half), (4, *size)]


def test_the_size_of_several_inputs_is_none() -> None:
    text = "inputs: {a: [1, 4, 4], b: [1, 4, 4]}\nlayers: [add: {from: [a, b]}, upsample: {size: input_size}]"
    with pytest.raises(InputError, match="input_size needs a single input here"):
        from_text(text)


def test_a_computed_name_says_itself_which_layer_it_means() -> None:
    text = """
input: [2, 8, 8]
layers:
  - repeat: {name: stage, times: 2, layers: [conv2d: {out_channels: 3, kernel_size: 1}]}
  - repeat:
      times: 2
      index: i
      layers:
        - conv2d: {name: "stage.{i}.{i}", from: "stage.{i}", out_channels: 5, kernel_size: 1}
        - conv2d: {name: "again{i}", from: "stage.{i}", out_channels: 7, kernel_size: 1}
outputs: [again0, again1, stage.0.0, stage.1.1]
"""
    nodes = {node.path: node.inputs for node in from_text(text).nodes}
    assert nodes["again0"] == ("stage.0",)
    assert nodes["again1"] == ("stage.1",)


def called(type: str, given: str = "blocks/cbam") -> str:
    return f"input: [64, 32, 32]\nimport: {given}\nlayers:\n  - block: {{type: {type}, reduction: 8, bias: false}}\n"


@pytest.mark.parametrize(
    ("type", "given", "paths"),
    [
        ("cbam", "blocks/cbam", "cbam.ChannelGate"),
        ("cbam.cbam", "blocks/cbam", "cbam.ChannelGate"),
        ("attention", "{attention: blocks/cbam}", "attention.ChannelGate"),
        ("cbam.channel_gate", "[blocks/aspp, blocks/cbam]", "channel_gate.mlp"),
    ],
)
def test_a_block_with_the_name_of_its_description_is_called_by_that_alone(type: str, given: str, paths: str) -> None:
    rows = analyze(from_text(called(type, given))).rows
    assert any(row.path.startswith(paths + ".") for row in rows)


def test_only_a_block_with_that_name_is_called_so() -> None:
    for type in ("resnet18", "resnet18.", "cbam."):
        with pytest.raises(InputError, match=f"there is no block `{type}`"):
            from_text(called(type, "[resnet18, blocks/cbam]"))


@pytest.mark.parametrize(("given", "meant"), [("blocks/cbm", "blocks/cbam"), ("blocks/aspq", "blocks/aspp")])
def test_a_misspelled_description_of_blocks(given: str, meant: str) -> None:
    with pytest.raises(InputError, match=f"did you mean `{meant}`"):
        from_text(called("cbam", given))


def test_a_misspelled_call_is_answered_with_the_short_name() -> None:
    with pytest.raises(InputError, match="did you mean `cbam`"):
        from_text(called("cbma"))


def test_nothing_else_is_found_by_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for given in ("blocks/../resnet", "blocks/", "blocks/cbam.yaml:x", "/blocks/cbam", "cbam"):
        with pytest.raises(InputError):
            from_text(called("cbam", given))


def test_cbam_counts_as_its_paper_draws_it() -> None:
    """64 channels, reduction 8, a 7×7 window, no biases and no norm: 2·64·8 + 2·49 weights."""
    report = analyze(from_text(called("cbam").replace("bias: false", "bias: false, norm: false")))
    rows = {row.path.removeprefix("cbam."): row for row in report.rows}
    assert (report.totals().params, report.totals().macs) == (1_122, 102_400)
    assert rows["ChannelGate.mlp_of_max.1"].weights_from == "cbam.ChannelGate.mlp.1"
    assert [rows[f"{gate}.multiply"].output.shape for gate in ("ChannelGate", "SpatialGate")] == [(64, 32, 32)] * 2
