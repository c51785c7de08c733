"""`cnncalc explain`: what is explained is what the table says, and every sum can be done again from what is printed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cnncalc import analyze, from_text, load
from cnncalc.analysis.quantities import QUANTITIES
from cnncalc.core.notation import LATEX, PLAIN, TEXT
from cnncalc.core.term import Term
from cnncalc.explain.layer import Explanation, explain, explainable_quantities
from cnncalc.explain.totals import closed_form, explain_totals
from tests.support.cases import Case, layer_cases
from tests.support.command import cnncalc
from tests.support.spelled import read_back

UNKNOWN_COUNT = "?"
"""What stands for a number that nobody has given."""


def explained(case: Case) -> tuple[dict[str, Explanation], dict[str, str]]:
    """Everything that is said of a layer, and what its report says."""
    graph = case.network()
    report = analyze(graph)
    row = report.rows[-1]
    told = {
        "output": row.output.shape_text(),
        "params": f"{row.params:,}",
        "buffers": f"{row.buffers:,}",
        "macs": UNKNOWN_COUNT if report.flops(row) is None else f"{row.macs:,}",
        "flops": UNKNOWN_COUNT if report.flops(row) is None else f"{report.flops(row):,}",
        "ops": UNKNOWN_COUNT if case.type == "opaque" else f"{sum(row.ops.values()) - row.macs:,}",
        "memory": f"{report.activation_bytes(row):,} B",
    }
    return {one.quantity: one for one in explain(report, row.path, explainable_quantities())}, told


@pytest.mark.parametrize("case", layer_cases(), ids=str)
class TestEveryLayer:
    def test_explanation_and_table_agree(self, case: Case) -> None:
        found, told = explained(case)
        assert tuple(found) == explainable_quantities()
        assert {quantity: one.result for quantity, one in found.items() if quantity in told} == told

    def test_no_explanation_is_empty(self, case: Case) -> None:
        for one in explained(case)[0].values():
            assert len(one.meaning) > 20, one.quantity
            is_written = one.result == UNKNOWN_COUNT or one.meaning.startswith("Taken as written, not from a rule")
            assert not is_written or case.type == "opaque"
            assert one.equations or is_written or one.result in ("0", "all", "–") or one.quantity == "receptive_field"

    def test_the_sums_lead_to_the_results(self, case: Case) -> None:
        found, _ = explained(case)
        assert "×".join(str(int(line.expression)) for line in found["output"].equations) in found["output"].result
        for quantity in ("params", "buffers", "macs", "flops", "memory"):
            if found[quantity].equations:
                assert f"{int(found[quantity].equations[-1].expression):,}" == found[quantity].result.removesuffix(" B")

    def test_what_is_printed_can_be_worked_out_again(self, case: Case) -> None:
        for one in explained(case)[0].values():
            for line in one.equations:
                for side in line.sides(PLAIN)[1:]:
                    if re.fullmatch(r"[\d\s·−+()/⌊⌋⌈⌉-]+|.* mod .*", side):
                        assert read_back(side) == int(line.expression), side
                latex = " ".join(line.sides(LATEX))
                assert latex.count("{") == latex.count("}")
                assert latex.count(r"\left") == latex.count(r"\right")
                assert latex.isascii()


def sums(network: str, path: str, quantity: str) -> list[str]:
    graph = load(network)
    (one,) = explain(analyze(graph), path, [quantity])
    return [" = ".join(line.sides(PLAIN)) for line in one.equations]


def test_the_formula_of_an_output_size() -> None:
    # Dumoulin & Visin, A guide to convolution arithmetic (2016), relationship 6; ResNet's first layer leaves 112
    assert sums("resnet50", "conv1", "output")[1] == (
        "H_out = ⌊(H + 2·p_h − d_h·(k_h − 1) − 1) / s_h⌋ + 1 = ⌊(224 + 2·3 − 1·(7 − 1) − 1) / 2⌋ + 1 = 112"
    )


def test_a_grouped_convolution_shares_its_input_channels() -> None:
    assert sums("resnext50_32x4d", "layer1.0.conv2", "params") == [
        "weight = C_out·(C_in / g)·k_h·k_w = 128·(128 / 32)·3·3 = 4608"  # torchvision: layer1.0.conv2, 4608 parameters
    ]


def test_a_receptive_field_grows_along_its_chain() -> None:
    graph = load("vgg16")
    (one,) = explain(analyze(graph), "features.30", ["receptive_field"])
    assert one.table is not None
    # Araujo et al. 2019, README of google-research/receptive_field, vgg_16: pool1 6/2/2, pool2 16/4/6, pool5 212/32/90
    pools = [row[2:] for row in one.table.rows if row[1].startswith("max_pool")]
    assert pools == [
        ("6", "2", "−2"),
        ("16", "4", "−6"),
        ("44", "8", "−18"),
        ("100", "16", "−42"),
        ("212", "32", "−90"),
    ]


def test_of_branches_the_widest_is_followed() -> None:
    graph = load("googlenet")
    (one,) = explain(analyze(graph), "inception5b.concat", ["receptive_field"])
    assert one.table is not None
    assert one.table.rows[-1][2:4] == ("379", "32")  # TorchLens and the gradient footprint of torchvision's GoogLeNet


@pytest.mark.parametrize("inputs", ["3x9x8", "3x9x8 4x9x8"])
def test_where_the_field_stays_as_it_is_there_is_no_table(inputs: str) -> None:
    sizes = [word for size in inputs.split() for word in ("--input", size)]
    kind = "concat" if len(inputs.split()) > 1 else "relu"
    screen = cnncalc("explain", kind, *sizes, "--quantity", "receptive_field").out
    assert "Receptive field  1" in screen
    assert "Layer" not in screen
    assert "─" not in screen
    found = json.loads(cnncalc("explain", kind, *sizes, "--quantity", "receptive_field", "--format", "json").out)
    assert "table" not in found["quantities"][0]


def test_one_minus_on_a_screen_and_another_in_data() -> None:
    asked = ("explain", "alexnet", "conv3", "--quantity", "receptive_field")
    screen = cnncalc(*asked).out
    assert "start = start_in − p_h·j_in = −18 − 1·16 = −34" in screen
    assert not re.search(r"(?<!\w)-\d", screen)
    (one,) = json.loads(cnncalc(*asked, "--format", "json").out)["quantities"]
    assert one["lines"][-1]["value"] == -34
    assert one["table"][-1]["start"] == "-34"


@pytest.mark.parametrize(("batch", "said"), [("1", "for one image."), ("2", "for 2 images.")])
def test_images_are_counted(batch: str, said: str) -> None:
    assert f"Bytes of the output in float32, {said}" in cnncalc("explain", "lenet5", "c3", "--batch", batch).out


def test_totals_name_the_layers_that_make_them_up() -> None:
    report = analyze(load("vgg16"))
    (params,) = explain_totals(report, None, ["params"])
    assert params.result == "138,357,544"  # torchvision, VGG16_Weights: num_params
    assert params.table is not None
    assert params.table.rows[0][:3] == ("classifier.0", "linear", "102,764,544")  # 25,088·4,096 + 4,096


@pytest.mark.parametrize("size", [448, 672])
def test_the_closed_form_holds_at_other_sizes(size: int) -> None:
    line = closed_form(analyze(load("vgg16")), QUANTITIES["macs"], lambda shape: analyze(load("vgg16", input=shape)))
    assert line is not None
    assert isinstance(line.expression, Term)
    value = read_back(line.expression.formula(), {"H": size, "W": size})
    assert value == analyze(load("vgg16", input=(3, size, size))).totals().macs
    convolutions = value - 123_633_664  # of the linear layers: 25,088·4,096 + 4,096·4,096 + 4,096·1,000
    assert round(float(convolutions) / 1e9, 2) == {448: 61.39, 672: 138.12}[size]  # 15.35 G at 224, with the square


def test_a_closed_form_subtracts_what_is_negative() -> None:
    """Convolutions without padding lose rows and columns; with stride and padding a constant may be lost, too."""
    sizes = "kernel_size: 5}\n  - conv2d: {out_channels: 3, kernel_size: 3}\n"
    text = f"input: [2, 12, 10]\nlayers:\n  - conv2d: {{out_channels: 4, {sizes}"
    report = analyze(from_text(text))
    line = closed_form(report, QUANTITIES["macs"], lambda shape: analyze(from_text(text, input=shape)))
    assert line is not None
    assert line.value == report.totals().macs
    spelled = line.sides(TEXT)[1]
    assert re.sub(r"[\d,]+", "n", spelled) == "n·H·W − n·H − n·W + n"
    assert read_back(spelled.replace(",", ""), {"H": 12, "W": 10}) == line.value


def test_a_network_that_takes_no_other_size_has_no_closed_form() -> None:
    def only_one(shape: tuple[int, ...]) -> object:
        return analyze(load("vgg16", input=(3, *(n + (n > 224) for n in shape[1:]))))

    assert closed_form(analyze(load("vgg16")), QUANTITIES["macs"], only_one) is None  # type: ignore[arg-type]


def test_formats() -> None:
    asked = ("explain", "conv2d", "out_channels=64", "kernel_size=7", "stride=2", "padding=3", "--input", "3x224x224")
    told = json.loads(cnncalc(*asked, "--format", "json").out)
    params = next(one for one in told["quantities"] if one["quantity"] == "params")
    assert params["lines"][0] == {
        "symbol": "weight",
        "formula": "C_out·(C_in / g)·k_h·k_w",
        "numbers": "64·(3 / 1)·7·7",
        "value": 9408,
    }
    markdown = cnncalc(*asked, "--format", "markdown").out
    assert "## Parameters: 9,472" in markdown
    latex = cnncalc(*asked, "--format", "latex").out
    assert latex.startswith("% Compile this with pdflatex.\n")
    assert latex.count(r"\begin{") == latex.count(r"\end{") > 5
    assert all(sign.isascii() for sign in latex)


def test_latex_has_every_letter_and_breaks_long_tables(tmp_path: Path) -> None:
    network = tmp_path / "odd.yaml"
    network.write_text("input: [3, 8, 8]\nlayers: [conv2d: {name: 卷积_1, out_channels: 8, kernel_size: 3}]\n")
    assert "{ctex}" in cnncalc("explain", network, "卷积_1", "--format", "latex").out
    deep = cnncalc("explain", "resnet152", "fc", "--quantity", "receptive_field", "--format", "latex").out
    assert "{ctex}" not in deep
    assert r"\begin{longtable}" in deep
    assert r"\begin{tabular}" not in deep


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("vgg16 nothing", "unknown-layer-name"),
        ("vgg16 feature", "unknown-layer-name"),
        ("vgg16 features.0 --quantity deepness", "unknown-quantity"),
        ("vgg16 --quantity output", "unknown-quantity"),
        ("vgg16 features.0 more", "usage"),
        ("", "usage"),
        ("conv2d", "missing-input"),
        ("--topic svd m=x", "bad-setting"),
        ("--topic nothing", "unknown-topic"),
    ],
)
def test_bad_input(arguments: str, code: str) -> None:
    done = cnncalc("explain", *arguments.split())
    assert done.code == 2
    assert f"error[{code}]" in done.err
    assert "Traceback" not in done.err


# Groups


def test_a_group_is_the_sum_of_its_layers_and_what_its_last_one_puts_out() -> None:
    done = cnncalc("explain", "resnet18", "layer2", "--format", "json")
    found = {one["quantity"]: one["result"] for one in json.loads(done.out)["quantities"]}
    # 3 · 128·128·9 + 128·64·9 + 128·64, and 2 · 128 for each of the five norms
    assert found["params"] == "525,568"
    assert found["output"] == "128×28×28"
    assert found["receptive_field"] == "99"
    own = cnncalc("explain", "resnet18", "layer2", "--quantity", "output", "--quantity", "rf").out
    assert own.count("That of its last layer, `layer2.1.relu_2`.") == 2
    assert "C_in" not in own  # the group's input is another
    assert "r_in" not in own
    assert "belongs to a layer" in cnncalc("explain", "resnet18", "layer2", "--quantity", "ops").err


@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        ("rf", "receptive_field"),
        ("Jump", "receptive_field"),
        ("mac", "macs"),
        ("params%", "params"),
        ("size", "output"),
    ],
)
def test_a_quantity_goes_by_its_other_names(name: str, quantity: str) -> None:
    for layer in ("conv2_1", "features"):
        done = cnncalc("explain", "vgg16", layer, "--quantity", name, "--format", "json")
        assert [one["quantity"] for one in json.loads(done.out)["quantities"]] == [quantity]
