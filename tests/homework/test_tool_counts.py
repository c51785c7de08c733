"""Answers that are right under the convention of a tool: `≈`, and the tool is named."""

from __future__ import annotations

from fractions import Fraction

import pytest

from cnncalc import analyze, from_text, load
from cnncalc.core.translation import use_language
from cnncalc.homework.alternatives.tools import tool_values
from cnncalc.homework.marking import mark_sheet
from cnncalc.homework.questions import Mark, Question, Verdict
from cnncalc.homework.reading.sheet import read_words

UP = "input: [3, 2, 2]\nlayers:\n  - conv_transpose2d: {name: up, out_channels: 1, kernel_size: 2, stride: 2}\n"
WIDE_UP = (
    "input: [32, 14, 14]\nlayers:\n"
    "  - conv_transpose2d: {name: up, out_channels: 16, kernel_size: 4, stride: 2, padding: 1}\n"
)
CONV = "input: [16, 32, 32]\nlayers:\n  - conv2d: {name: c, out_channels: 8, kernel_size: 3, padding: 1, bias: false}\n"
GRU = "input: [64, 15]\nlayers:\n  - gru: {name: g, hidden_size: 16, bidirectional: true}\n"

ATTENTION = "input: [10, 64]\nlayers:\n  - multi_head_attention: {name: a, num_heads: 8}\n"

ON_THE_OUTPUT_GRID = "transposed convolutions counted on the output grid, as torchinfo and thop do"


def marked(network: str, answer: str) -> Mark:
    report = analyze(from_text(network) if "\n" in network else load(network))
    (mark,) = mark_sheet(read_words(report, [answer], answer)).marks
    return mark


@pytest.mark.parametrize(
    ("network", "answer", "named"),
    [
        (UP, "up.macs=192", ON_THE_OUTPUT_GRID),
        (UP, "up.macs=208", f"{ON_THE_OUTPUT_GRID}, with the additions of biases"),
        (WIDE_UP, "up.macs=6422528", ON_THE_OUTPUT_GRID),
        ("unet", "up1.upconv.macs=5035261952", ON_THE_OUTPUT_GRID),
        (CONV, "total.flops=2351104", "2K-1's count: −1 for each value of a conv"),
        (GRU, "g.params=3072", "one bias for each gate, as in Keras (in its GRU, with reset_after=False)"),
        ("vgg16", "total.memory=218.78 MB", "torchsummary's memory: twice the outputs of all modules"),
        ("vgg16", "total.memory=108.45 MB", "torchinfo's memory: twice the outputs of modules that store weights"),
        ("resnet50", "total.macs=4133742592", "thop's count: 4 for each value of a batch norm"),
        ("resnet50", "total.macs=4132436968", "ptflops-pytorch's count: 2 for each value of a batch norm"),
        ("resnet50", "total.flops=8211108352", "deepspeed's count: 2 for each value of a batch norm"),
        ("resnet50", "total.flops=8,249,769,960", "torchlens's count: 5 for each value of a batch norm"),
        (ATTENTION, "a.macs=163840", "fvcore's count: 1 MAC = 1, those of torch's fused attention not counted"),
        ("alexnet", "total.macs=714197696", "fvcore's count: 1 for each value of an adaptive average pool"),
    ],
)
def test_the_tool_is_named(network: str, answer: str, named: str) -> None:
    mark = marked(network, answer)
    assert mark.verdict is Verdict.CONVENTION
    assert mark.alternative is not None
    assert mark.alternative.convention.startswith(named)


@pytest.mark.parametrize(
    ("network", "answer"),
    [("resnet50", "total.macs=4133742593"), (UP, "up.macs=193"), ("vgg16", "total.memory=218.88 MB")],
)
def test_a_number_beside_it_is_wrong(network: str, answer: str) -> None:
    assert marked(network, answer).verdict is Verdict.WRONG


@pytest.mark.parametrize("padding", ["same", "1", "[[1, 2], [0, 1]]"])
def test_tools_count_average_pools_of_any_padding(padding: str) -> None:
    pool = f"input: [4, 10, 10]\nlayers:\n  - avg_pool2d: {{name: a, kernel_size: 4, stride: 3, padding: {padding}}}\n"
    assert marked(pool, "a.macs=1").verdict is Verdict.WRONG


@pytest.mark.parametrize("network", [ATTENTION, UP, GRU, "vit_b_16", "unet", "squeezenet1_0"])
def test_less_than_our_count_is_told_by_the_whole_rule(network: str) -> None:
    """A rate that takes away or is a fraction is the difference of two rules, and no rule of the tool."""
    report = analyze(from_text(network) if "\n" in network else load(network))
    last = Question(report, "total.macs", "macs", None)
    told = [words for words, _ in tool_values(last)]
    assert told
    assert not [words for words in told if ("−" in words and "times" in words) or "/" in words.partition(" times ")[0]]


def test_in_chinese() -> None:
    with use_language("zh"):
        mark = marked("resnet50", "total.macs=4133742592")
    assert mark.alternative is not None
    assert mark.alternative.convention == "thop 的计数：batch_norm2d 的每个值计 4"


def test_what_is_right_stays_right() -> None:
    report = analyze(load("resnet50"))
    mark = marked("resnet50", f"total.macs={report.totals().macs}")
    assert mark.verdict is Verdict.RIGHT
    assert mark.answer.value == Fraction(report.totals().macs)
