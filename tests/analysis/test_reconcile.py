"""Differences of conventions as sums: printed terms add up, and nothing unknown is shown as zero."""

from __future__ import annotations

import json
from fractions import Fraction
from functools import cache
from itertools import combinations
from typing import Any

import pytest

from cnncalc import analyze, load
from cnncalc.analysis.conventions import all_conventions, convention, memory_conventions
from cnncalc.analysis.conventions.base import Convention, Unit
from cnncalc.analysis.reconcile import COMMON, Reconciliation, equation_parts
from cnncalc.analysis.report import Report
from cnncalc.core.translation import use_language
from cnncalc.language.collection import names
from tests.support.command import cnncalc, objects


@cache
def report(name: str) -> Report:
    return analyze(load(name))


def told(*words: str) -> dict[str, Any]:
    done = cnncalc("reconcile", *words, "--format", "json")
    assert (done.code, done.err) == (0, "")
    found: dict[str, Any] = json.loads(done.out)
    return found


def check_sums(name: str, conventions: list[Convention]) -> None:
    """Every pair: the terms of the difference add up to what the totals differ by, in common units."""
    network = report(name)
    reconciliation = Reconciliation(network, conventions)
    values = {side.convention.name: side.total for side in reconciliation.sides()}
    for start, end in combinations(conventions, 2):
        difference = reconciliation.difference(start, end)
        first, second = values[start.name], values[end.name]
        if first is None or second is None:
            assert (difference.sum, difference.summands) == (None, ())
            continue
        per_value = {one.name: 4 if one.unit is Unit.BYTE else 1 for one in (start, end)}
        apart = Fraction(second) * COMMON[end.unit] / per_value[end.name]
        apart -= Fraction(first) * COMMON[start.unit] / per_value[start.name]
        assert apart == difference.sum == sum(Fraction(one.rate) * one.amount for one in difference.summands)
        assert all(one.rate and one.amount for one in difference.summands)


@pytest.mark.parametrize("name", ["lenet5", "resnet50", "unet", "vit_b_16", "swin_t", "char_rnn", "yolo_v3"])
def test_terms_add_up(name: str) -> None:
    check_sums(name, all_conventions())
    check_sums(name, memory_conventions())


@pytest.mark.slow
@pytest.mark.parametrize("name", names())
def test_terms_add_up_in_every_built_in_network(name: str) -> None:
    check_sums(name, all_conventions())
    check_sums(name, memory_conventions())


def test_totals_are_those_of_the_conventions() -> None:
    for name in ("resnet18", "maskrcnn_resnet50_fpn"):
        sides = Reconciliation(report(name), all_conventions()).sides()
        assert [side.total for side in sides] == [one.total(report(name).rows) for one in all_conventions()]


@pytest.mark.slow
class TestJson:
    def test_the_contract(self) -> None:
        found = told("resnet50")
        assert list(found) == ["schema_version", "name", "input", "conventions", "differences"]
        assert (found["schema_version"], found["name"], found["input"]) == (1, "resnet50", [3, 224, 224])
        thop = next(one for one in found["conventions"] if one["name"] == "thop")
        assert thop == {
            "name": "thop",
            "tool": "thop (Lyken17/pytorch-OpCounter)",
            "version": "0.1.1.post2209072238",
            "unit": "MAC",
            "total": 4_133_742_592,
            "params": 25_557_032,
            "complete": True,
            "unknown": [],
        }
        (difference,) = [one for one in found["differences"] if one["to"] == "thop"]
        assert difference == {
            "from": "torch",
            "to": "thop",
            "terms": [
                {
                    "layers": "batch_norm2d",
                    "basis": "values read",
                    "rate": "4",
                    "count": 11_113_984,
                    "product": 44_455_936,
                },
                {
                    "layers": "adaptive_avg_pool2d",
                    "basis": "values written",
                    "rate": "50",
                    "count": 2_048,
                    "product": 102_400,
                },
            ],
            "sum": 44_558_336,
        }
        assert {one["to"] for one in found["differences"]} == {one["name"] for one in found["conventions"]} - {"torch"}

    def test_what_is_not_known_is_null(self) -> None:
        found = told("resnet50", "onnx-tool")
        assert [one["name"] for one in found["conventions"]] == ["torch", "onnx-tool"]
        unknown = found["conventions"][1]
        assert (unknown["total"], unknown["complete"], unknown["unknown"]) == (None, False, ["batch_norm2d"])
        assert found["differences"] == [{"from": "torch", "to": "onnx-tool", "terms": [], "sum": None}]

    def test_halves_and_thirds_are_text(self) -> None:
        found = told("resnet50", "torch", "torchlens")
        rates = {term["rate"] for term in found["differences"][0]["terms"]}
        assert {"5/2", "1/2", "3/2"} == rates
        assert found["differences"][0]["sum"] == 35_700_724

    def test_named_pairs(self) -> None:
        found = told("lenet5", "thop", "fvcore", "torchinfo")
        assert [(one["from"], one["to"]) for one in found["differences"]] == [("thop", "fvcore"), ("thop", "torchinfo")]

    def test_input_params_and_batch(self) -> None:
        found = told("mobilenet_v1", "thop", "--input", "3x160x160", "--set", "width=0.5", "--batch", "4")
        assert found["input"] == [3, 160, 160]
        assert (
            found["conventions"][0]["total"]
            == 2 * analyze(load("mobilenet_v1", params={"width": "0.5"}, input=(3, 160, 160))).totals().macs
        )

    def test_memory(self) -> None:
        found = told("vgg16", "--memory")
        totals = {one["name"]: (one["total"], one["unit"]) for one in found["conventions"]}
        assert totals["torchinfo"] == (108_453_696, "byte")
        assert totals["torchsummary"][0] / 2**20 == pytest.approx(218.78, abs=0.005)
        assert {one["from"] for one in found["differences"]} == {"cnncalc"}
        batch = told("vgg16", "--memory", "--batch", "8")
        assert batch["conventions"][1]["total"] == 8 * 108_453_696
        assert batch["differences"] == found["differences"]  # values of one image


TORCHSUMMARY = {"vgg16": "218.78", "resnet50": "286.56", "resnet18": "62.79", "mobilenet_v2": "152.87"}


def test_memory_of_torchsummary() -> None:
    """torchsummary 1.5.1, "Forward/backward pass size (MB)", of 2²⁰ bytes."""
    counting = next(one for one in memory_conventions() if one.name == "torchsummary")
    for name, megabytes in TORCHSUMMARY.items():
        total = Reconciliation(report(name), [counting]).side(counting).total
        assert total is not None
        assert f"{int(total) / 2**20:.2f}" == megabytes, name


def test_activations_of_netscope() -> None:
    """46,717,904 and 100,105,168 for Caffe's ResNet-50 and ResNet-152, whose softmax of 1,000 classes is not ours."""
    counting = next(one for one in memory_conventions() if one.name == "netscope")
    for name, values in (("resnet50", 46_717_904), ("resnet152", 100_105_168)):
        network = analyze(load(name, params={"stride_in_first": "true"}))
        assert Reconciliation(network, [counting]).side(counting).total == values - 1_000


@pytest.mark.slow
class TestClaims:
    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ("resnet50 --claim 4.12G", "4.12G is ptflops-pytorch-modules's count: 4,121,925,096."),
            ("resnet50 --claim 4133742592", "4133742592 is thop's count: 4,133,742,592."),
            ("vgg16 --memory --claim 218.78MB", "218.78MB is torchsummary's count: 229,408,576."),
            ("vgg16 --memory --claim 108.45MB", "108.45MB is torchinfo's count: 108,453,696."),
            ("resnet50 --claim 123", "123 is no count that is known here"),
            ("resnet50 --claim 4.09", "With its unit it is one: `--claim 4.09G`."),
            ("lenet5 --claim 417", "With its unit it is one: `--claim 417k`."),
            ("vgg16 --memory --claim 218.78", "With its unit it is one: `--claim 218.78MB`."),
            ("resnet50 --claim 25.6M", "25.6M is a number of parameters: 25,557,032, 25,610,152."),
            ("vgg16 --claim 138,357,544", "138,357,544 is a number of parameters: 138,357,544."),
        ],
    )
    def test_sentences(self, words: str, sentence: str) -> None:
        done = cnncalc("reconcile", *words.split(), env={"COLUMNS": "200"})
        assert done.code == 0
        assert sentence in done.out

    def test_another_input_or_variant(self) -> None:
        bigger = analyze(load("resnet50", input=(3, 256, 256)))
        total = convention("thop").total(bigger.rows)
        match = told("resnet50", "--claim", str(total))["claim"]["matches"][0]
        assert (match["convention"], match["input"], match["network"]) == ("thop", [3, 256, 256], "resnet50")
        total = convention("thop").total(report("resnet101").rows)
        matches = told("resnet50", "--claim", str(total))["claim"]["matches"]
        assert {(one["convention"], one["network"]) for one in matches} == {
            ("thop", "resnet101"),
            ("ultralytics-thop", "resnet101"),
        }

    @pytest.mark.parametrize("text", ["many", "", "7x7", "?", "5 pixels", "1e99999"])
    def test_what_is_no_number(self, text: str) -> None:
        objects(cnncalc("reconcile", "lenet5", "--claim", text), "bad-answer", f"`{text}` is not a number")

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("0", "`0` is no count"),
            ("-3", "`-3` is no count"),
            ("4.1 GB", "write `--memory --claim 4.1GB`"),
            ("57.65MiB", "write `--memory --claim 57.65MiB`"),
        ],
    )
    def test_what_is_no_count(self, text: str, sentence: str) -> None:
        objects(cnncalc("reconcile", "lenet5", "--claim", text), "bad-answer", sentence)

    def test_files_keep_every_difference(self) -> None:
        ends = [one["to"] for one in told("lenet5", "--claim", "417k")["differences"]]
        assert ends == [one["to"] for one in told("lenet5")["differences"]]

    def test_so_many_give_the_number_that_is_quoted_most(self) -> None:
        totals = [one["total"] for one in told("resnet50", "--claim", "4.1G")["claim"]["matches"]]
        assert (len(totals), len(set(totals))) == (13, 9)

    def test_what_is_cut_off_gives_way_to_what_is_rounded(self) -> None:
        matches = told("resnet50", "--claim", "15.5G")["claim"]["matches"]
        assert {one["network"] for one in matches} == {"resnext101_64x4d"}
        assert not any(one["cut_off"] for one in matches)


@pytest.mark.slow
class TestScreen:
    def test_a_difference_is_a_sum(self) -> None:
        done = cnncalc("reconcile", "resnet50", "torch", "thop", env={"COLUMNS": "120"})
        assert (
            "thop − torch/2 = 4 · 11,113,984 (batch norm) + 50 · 2,048 (adaptive average pool) = 44,558,336" in done.out
        )

    def test_nothing_unknown_is_shown_as_zero(self) -> None:
        done = cnncalc("reconcile", "resnet50", "onnx-tool", "keras")
        lines = [line.split() for line in done.out.splitlines() if line.startswith(("onnx-tool", "keras"))]
        assert [line[2] for line in lines] == ["?", "?"]
        assert "of onnx-tool there is no rule for batch_norm2d" in " ".join(done.out.split())

    @pytest.mark.parametrize(
        "words", ["darknet netscope", "torch torchvision", "darknet netscope --claim 5G", "thop fvcore"]
    )
    def test_parts_are_one_line_apart(self, words: str) -> None:
        done = cnncalc("reconcile", "yolo_v3", *words.split())
        assert done.code == 0
        assert "\n\n\n" not in done.out

    def test_what_is_not_known_is_said_once(self) -> None:
        text = " ".join(cnncalc("reconcile", "alexnet").out.split())
        assert "of convnet-burden, darknet there is no rule for adaptive_avg_pool2d." in text
        assert text.count("there is no rule for adaptive_avg_pool2d") == 1

    @pytest.mark.parametrize("width", ["60", "80", "120"])
    def test_lines_fit(self, width: str) -> None:
        done = cnncalc("reconcile", "resnet50", env={"COLUMNS": width})
        assert max(map(len, done.out.splitlines())) <= int(width)

    def test_bases_tell_terms_of_one_type_apart(self) -> None:
        reconciliation = Reconciliation(report("resnet50"), [convention("thop"), convention("fvcore")])
        parts = equation_parts(reconciliation.difference(*reconciliation.conventions))
        assert "− 50 · 2,048 (adaptive average pool: values written)" in parts

    def test_a_convention_that_is_not_known(self) -> None:
        objects(cnncalc("reconcile", "resnet50", "thopp"), "unknown-convention", "did you mean `thop`?")
        both = cnncalc("reconcile", "lenet5", "netscop", "thopp")
        objects(both, "unknown-convention", "did you mean `netscope`?")
        objects(both, "unknown-convention", "did you mean `thop`?")

    def test_a_convention_of_the_other_kind(self) -> None:
        objects(cnncalc("reconcile", "lenet5", "thop", "--memory"), "unknown-convention", "leave out `--memory`")
        other = cnncalc("summarize", "lenet5", "--convention", "torchsummary")
        objects(other, "unknown-convention", "`cnncalc reconcile ARCH --memory torchsummary`")

    @pytest.mark.parametrize("format", ["markdown", "csv", "latex"])
    def test_other_formats(self, format: str) -> None:
        done = cnncalc("reconcile", "resnet50", "torch", "thop", "--format", format)
        assert done.code == 0
        assert "4133742592" in done.out.replace(",", "").replace("{}", "").replace("\\,", "")
        assert ("44558336" if format == "csv" else "44,558,336") in done.out.replace("{,}", ",")


@pytest.mark.slow
class TestConventions:
    def test_all(self) -> None:
        done = cnncalc("conventions", env={"COLUMNS": "200"})
        for one in (*all_conventions(), *memory_conventions()):
            assert f"{one.name} " in done.out

    @pytest.mark.parametrize("width", ["60", "80"])
    def test_nothing_is_cut_off(self, width: str) -> None:
        done = cnncalc("conventions", env={"COLUMNS": width})
        assert max(map(len, done.out.splitlines())) <= int(width)
        text = " ".join(done.out.split())
        for one in (*all_conventions(), *memory_conventions()):
            assert f"{one.counted} · {one.tool}" in text

    def test_parameters_are_no_operations(self) -> None:
        done = cnncalc("conventions", "keras")
        assert "params" in done.out
        assert "FLOPs" not in done.out

    @pytest.mark.parametrize(
        ("layer", "name", "params"),
        [
            ("gru hidden_size=16 --input 64x15", "keras-reset-before", "1,536"),
            ("lstm hidden_size=4 --input 5x3", "keras", "128"),
            ("batch_norm2d --input 3x2x2", "keras", "12"),
            ("multi_head_attention num_heads=2 --input 5x4", "thop", "0"),
        ],
    )
    def test_parameters_of_one_layer(self, layer: str, name: str, params: str) -> None:
        shown = cnncalc("layer", *layer.split(), "--convention", name).out
        assert f"{name} Params {params} " in " ".join(shown.split())
        assert f"{name} counts {params}." in cnncalc("explain", *layer.split(), "--convention", name).out

    def test_rates_read_as_sums(self) -> None:
        assert "2 × MACs − 1 × values written" in cnncalc("conventions", "2K-1").out
        assert "\nMACs + outputs with a bias + units at every step\n" in cnncalc("conventions", "thop").out

    @pytest.mark.parametrize("name", [one.name for one in all_conventions()])
    def test_one(self, name: str) -> None:
        done = cnncalc("conventions", name, env={"COLUMNS": "400"})
        one = convention(name)
        assert done.code == 0
        text = " ".join(done.out.split())
        for part in (one.tool, one.source, str(one.summary), *map(str, one.quirks)):
            assert " ".join(part.split()) in text
        assert one.quirks

    def test_memory_too(self) -> None:
        assert "forward/backward pass size" in cnncalc("conventions", "torchsummary").out
        assert cnncalc("conventions", "fvcore").out.count("0.1.5.post20221221") == 2
        objects(cnncalc("conventions", "nobody"), "unknown-convention", "conventions are torch, torch-cpu")

    def test_in_chinese(self) -> None:
        with use_language("zh"):
            assert f"{convention('thop').summary}" != convention("thop").summary
