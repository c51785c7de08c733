"""`cnncalc check`: what is right is accepted in every spelling, what is wrong in none, and nothing hidden is shown."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Mapping
from errno import EACCES
from fractions import Fraction
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest

from cnncalc import InputError, Network, analyze, from_text, load
from cnncalc.analysis.names import find_layer
from cnncalc.analysis.report import Report
from cnncalc.core.errors import Source, Span
from cnncalc.core.text import columns as width
from cnncalc.homework import grading, marking
from cnncalc.homework.diagnosis import claim_diagnosis, diagnosis
from cnncalc.homework.marking import MarkedSheet, mark, mark_sheet
from cnncalc.homework.questions import Mark, Slip, Verdict
from cnncalc.homework.reading.numbers import read_answer
from cnncalc.homework.reading.sheet import Networks, read_file, read_sheet
from cnncalc.homework.targets import Subject
from tests.homework.test_worked_examples import QUESTIONS
from tests.homework.test_worked_examples import Question as Case
from tests.language.test_broken import disagreements, expectations
from tests.support.cases import CASES
from tests.support.command import cnncalc
from tests.support.inside import inside
from tests.support.worked_examples import Translation

HOMEWORK = CASES / "homework"


def marked(text: str, **options: Any) -> MarkedSheet:
    """The sheet of a text, marked."""
    return mark_sheet(read_sheet(Source("<text>", text), Networks()), **options)


def verdicts(text: str) -> dict[str, str]:
    done = marked(text)
    assert not done.problems, str(InputError(done.problems))
    answers = {one.question.ask: one.verdict.value for one in done.marks}
    return {**answers, **{one.claim: one.verdict.value for one in done.claims}}


# The worked examples, answered right in every spelling


class Right(NamedTuple):
    """An ask about the network of a worked example, and its published answer."""

    case: Case
    ask: str
    value: Any

    def __str__(self) -> str:
        return f"{self.case}-{self.ask}"


def rights(case: Case) -> Iterator[Right]:
    """What a worked example says that can be asked of a layer or of the whole network."""
    if case.case["network"] is None or "architecture" in case.network or case.case["ask"]["layer"] is None:
        return
    answer, layer = case.case["answer"], case.case["ask"]["layer"]
    name = case.report.rows[-1].path if layer == "last" else layer
    named = case.case.get("of", ())
    match case.case["ask"]["quantity"]:
        case "output_shape":
            yield Right(case, f"{name}.output", answer)
        case "output_shape_and_uncovered":
            yield Right(case, f"{name}.output", answer["output_shape"])
        case "shape_and_params" | "shape_tokens_params":
            yield Right(case, f"{name}.output", answer["shape"])
            yield Right(case, f"{name}.params", answer["params"])
        case "sizes" if isinstance(answer, dict):
            for of, size in answer.items():
                if of in {row.path for row in case.report.rows}:
                    yield Right(case, f"{of}.{'output' if isinstance(size, list) else 'size'}", size)
        case "channels":
            yield from (Right(case, f"{of}.channels", count) for of, count in zip(named, answer, strict=True))
        case "params" if not named:
            yield Right(case, f"{name}.params", answer)
        case "params_list" if named:
            yield from (Right(case, f"{of}.params", count) for of, count in zip(named, answer, strict=True))
        case "macs":
            yield Right(case, f"{name}.macs", answer)
        case "macs_variants":
            yield Right(case, f"{name}.macs", answer["macs"])
            yield Right(case, f"{name}.flops", answer["two_macs"])
        case "params_and_flops":
            yield Right(case, f"{name}.params", answer["params"])
            yield Right(case, f"{name}.flops", answer["flops"])
        case "macs_and_bottleneck":
            yield Right(case, "total.macs", answer["total"])
            yield Right(case, f"{answer['layer']}.macs", answer["macs"])
        case "trainable_and_total":
            yield Right(case, "total.params", answer["trainable"])
            yield Right(case, "total.buffers", answer["total"] - answer["trainable"])
        case "receptive_field":
            yield Right(case, f"{name}.receptive_field", answer)
        case "rf_stride" | "rf_stride_padding" | "rf_padding":
            yield Right(case, f"{name}.receptive_field", answer["rf"])
            if "stride" in answer:
                yield Right(case, f"{name}.jump", answer["stride"])
            if "padding" in answer:
                yield Right(case, f"{name}.start", -answer["padding"])
        case "receptive_field_hw":
            yield Right(case, f"{name}.receptive_field", [answer["height"], answer["width"]])
        case "mmacs" if "without" not in case.case:
            yield Right(case, "total.macs", f"{answer}M")
        case "params_and_gmacs":
            yield Right(case, "total.macs", f"{answer['gmacs']}G")


RIGHTS = [right for case in QUESTIONS if "not_a_network" not in case.case for right in rights(case)]


def numbers_of(network: Mapping[str, Any]) -> Report:
    graph = Translation(tuple(network["input"]), network["layers"]).assembly.graph()
    return analyze(graph)


def rounded(number: int, power: int, digits: int) -> str:
    """A number in units of a power of ten, to so many decimals, as it is rounded by hand."""
    scaled = Fraction(number * 10**digits, 10**power)
    whole = int(scaled + Fraction(1, 2)) if scaled >= 0 else -int(-scaled + Fraction(1, 2))
    text = str(abs(whole)).rjust(digits + 1, "0")
    return f"{'-' if whole < 0 else ''}{text[:-digits]}.{text[-digits:]}" if digits else f"{whole}"


WORDS = {"params": ("", " params", " parameters"), "macs": ("", " MACs"), "flops": ("", " FLOPs", " ops")}


def spellings(quantity: str, value: Any) -> Iterator[str]:
    """A right answer in every way that it may be written."""
    if isinstance(value, list):
        for shape in {tuple(value), (*value[1:], value[0])} if quantity == "output" else {tuple(value)}:
            yield from (sign.join(map(str, shape)) for sign in ("x", "×", " x ", "*", "X"))
            yield from (f"[{', '.join(map(str, shape))}]", f"({','.join(map(str, shape))})")
    elif isinstance(value, str):
        yield from (value, value.replace("M", " million").replace("G", " billion"))
    else:
        yield from (str(value), f"{value:,}", f"{value:_}", f" {value} ")
        for word in WORDS.get(quantity, ()):
            yield f"{value:,}{word}"
            for power, prefix in ((3, "k"), (6, "M"), (9, "G")):
                if value >= 10**power:
                    for digits in (0, 1, 2, 3):
                        yield f"{rounded(value, power, digits)}{prefix}{word}"
                        yield f"{rounded(value, power, digits)} {prefix}{word.strip()}"
                        yield f"{rounded(value, power, digits)}e{power}{word}"


def test_many_worked_examples_are_asked() -> None:
    assert len(RIGHTS) > 120
    assert len({right.ask.rpartition(".")[2] for right in RIGHTS}) == 10


@pytest.mark.parametrize("right", RIGHTS, ids=str)
def test_a_right_answer_is_accepted_in_every_spelling(right: Right) -> None:
    question = Subject(numbers_of(right.case.network)).question(right.ask)
    for text in spellings(question.quantity, right.value):
        done = mark(question, read_answer(text, question.quantity))
        assert done.verdict is Verdict.RIGHT, text


def wrong_ones(value: Any) -> Iterator[str]:
    """Answers beside the right one."""
    if isinstance(value, list):
        yield from ("x".join(map(str, [*value[:-1], value[-1] + 1])), "x".join(map(str, [*value, 2])))
    elif isinstance(value, str):
        number, unit = re.fullmatch(r"([\d.]+)(\w)", value).groups()  # type: ignore[union-attr]
        yield f"{float(number) * 1.01:.4f}{unit}"
    else:
        yield from (str(value + 1), str(value - 1))
        if abs(value) > 10**4:
            yield f"{value * 1.01 / 1000:.1f}k"


@pytest.mark.parametrize("right", RIGHTS, ids=str)
def test_a_wrong_answer_is_not_and_its_hints_do_not_tell(right: Right) -> None:
    question = Subject(numbers_of(right.case.network)).question(right.ask)
    for text in wrong_ones(right.value):
        done = mark(question, read_answer(text, question.quantity))
        assert done.verdict is not Verdict.RIGHT, text
        if done.verdict is Verdict.WRONG:
            assert diagnosis(done)
            assert not tells(diagnosis(done, hide=True), done)


def tells(lines: list[str], done: Mark) -> bool:
    """Whether lines hold the right value of a number that is not small, or a right shape."""
    text = re.sub(r"(?<=\d)[,  _](?=\d{3})", "", "\n".join(lines))
    expected = done.expected
    if isinstance(expected, tuple):
        return any(sign.join(map(str, expected)) in text for sign in ("×", "x", ", ", "·"))
    return expected > 9 and re.search(rf"(?<!\d){expected}(?!\d)", text) is not None


def numbers_of_vgg() -> Report:
    graph = load("vgg16")
    return analyze(graph)


# What an answer may look like


@pytest.mark.parametrize(
    ("text", "quantity", "value", "step"),
    [
        ("1792", "params", 1792, 1),
        ("1,792", "params", 1792, 1),
        ("1.79k", "params", 1790, 10),
        ("138M", "params", 138 * 10**6, 10**6),
        ("138 million parameters", "params", 138 * 10**6, 10**6),
        ("1.38e8", "params", 138 * 10**6, 10**6),
        ("1.38×10⁸", "params", 138 * 10**6, 10**6),
        ("1.38亿", "params", 138 * 10**6, 10**6),
        ("１，７９２", "params", 1792, 1),
        ("~ 1.5B", "params", 15 * 10**8, 10**8),
        ("15.5 GFLOPs", "flops", 155 * 10**8, 10**8),
        ("15.5 GMACs", "macs", 155 * 10**8, 10**8),
        ("528 MiB", "param_memory", 528 * 2**20, 2**20),
        ("528 MB", "param_memory", 528 * 10**6, 10**6),
        ("553 兆字节。", "param_memory", 553 * 10**6, 10**6),
        ("528 mebibytes", "param_memory", 528 * 2**20, 2**20),
        ("4.43 Gbit", "param_memory", Fraction(443 * 10**7, 8), Fraction(10**7, 8)),
        ("14.4 GiMACs", "macs", Fraction(144, 10) * 2**30, Fraction(2**30, 10)),
        ("1.75Ki", "params", 1792, Fraction(1024, 100)),
        ("1792\u200b", "params", 1792, 1),
        ("0.5", "jump", Fraction(1, 2), Fraction(1, 10)),
        ("1/3", "jump", Fraction(1, 3), 0),
        ("−6", "start", -6, 0),
        ("196 pixels", "receptive_field", 196, 0),
        ("25,088", "output", 25088, 1),
    ],
)
def test_numbers(text: str, quantity: str, value: Any, step: Any) -> None:
    answer = read_answer(text, quantity)
    assert (answer.value, answer.step) == (value, step)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("7x7x512", (7, 7, 512)),
        ("[512, 7, 7]", (512, 7, 7)),
        ("(512,7,7)", (512, 7, 7)),
        ("512 × 7 × 7", (512, 7, 7)),
        ("64,112,112", (64, 112, 112)),
        ("[1000]", (1000,)),
        ("(4096,)", (4096,)),
        ("6@28x28", (6, 28, 28)),  # as maps are drawn
        ("torch.Size([512, 7, 7])", (512, 7, 7)),
        ("(None, 7, 7, 512)", (1, 7, 7, 512)),
    ],
)
def test_shapes(text: str, shape: Any) -> None:
    assert read_answer(text, "output").value == shape


@pytest.mark.parametrize("text", ["7x7x", "x", "1;79", "0x10", "1e99", "--3", "3 apples", "1.2.3", "9" * 200, "1/0"])
@pytest.mark.parametrize("quantity", ["params", "output", "jump"])
def test_what_is_no_number_is_no_answer(text: str, quantity: str) -> None:
    with pytest.raises(InputError) as caught:
        read_answer(text, quantity)
    (one,) = caught.value.diagnostics
    assert one.code in ("bad-answer", "wrong-unit")
    assert one.help


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("138M", "right"),
        ("138.4M", "right"),
        ("138.36M", "right"),
        ("0.14G", "right"),
        ("138.35M", "wrong"),  # cut off, not rounded
        ("139M", "wrong"),
        ("0G", "wrong"),  # nothing rounds to nothing
        ("138000000", "wrong"),  # nine digits are given
        ("528 MiB", "convention"),
        ("553.4 MB", "convention"),
        ("138MB", "wrong"),  # the digits, but no bytes
        ("60M", "wrong"),  # 1,024 is no excuse for other digits
    ],
)
def test_digits_that_are_given_must_be_right(text: str, verdict: str) -> None:
    # 138,357,544: torchvision 0.28, VGG16_Weights.IMAGENET1K_V1, num_params
    assert verdicts(f"network: vgg16\nanswers: {{total.params: {text}}}") == {"total.params": verdict}


@pytest.mark.parametrize(
    ("network", "ask", "text"), [("alexnet_caffe", "total.params", "60M"), ("vgg16", "pool5.output", "7x512x7")]
)
def test_no_convention_is_far_fetched(network: str, ask: str, text: str) -> None:
    # 60,965,224 is 59,536.4 K of 1,024, but nobody writes 60M for that; nor do channels lie between two axes of a map
    (one,) = marked(f"network: {network}\nanswers: {{{ask}: {text}}}").marks
    assert one.verdict is Verdict.WRONG


@pytest.mark.parametrize("text", ["1e3", "2", "0.4M"])
def test_one_digit_gives_no_mistake_away(text: str) -> None:
    (one,) = marked(f"network: vgg16\nanswers: {{conv1_1.params: {text}}}").marks
    assert one.verdict is Verdict.WRONG
    assert not one.slips


# Which layer is meant


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("features.5", "features.5"),
        ("conv2_1", "features.5"),
        ("CONV2_1", "features.5"),
        ("Features.5", "features.5"),
        ("3rd conv2d", "features.5"),
        ("third convolution", "features.5"),
        ("第3个conv2d", "features.5"),
        ("第三个卷积层", "features.5"),
        ("last linear", "classifier.6"),
        ("2nd fully connected layer", "classifier.3"),
        ("第5个池化层", "features.30"),
        ("第5个汇聚层", "features.30"),
        ("the last max pooling layer", "features.30"),
        ("second to last fully connected layer", "classifier.3"),
        ("penultimate conv layer", "features.26"),
        ("倒数第二个全连接层", "classifier.3"),
        ("第十二个卷积层", "features.26"),
        ("最后一个最大池化层", "features.30"),
        ("全连接层1", "classifier.0"),
        ("conv layer 3", "features.5"),
        ("2nd ReLU layer", "features.3"),
        ("fc8", "classifier.6"),
    ],
)
def test_layers_are_found_by_what_they_are_called(name: str, path: str) -> None:
    graph = load("vgg16")
    row = find_layer(analyze(graph), name)
    assert row.path == path


@pytest.mark.parametrize(
    ("name", "help"),
    [
        ("conv1_3", "did you mean `conv"),
        ("14th conv2d", "the last one is `features.28`"),
        ("classifier", "its last one is `classifier.6`"),
        ("nothing of the kind", "`cnncalc summarize` with `--flat` lists the layers"),
    ],
)
def test_layers_that_are_not_found(name: str, help: str) -> None:
    graph = load("vgg16")
    span = Span(Source("text", name), 1, 1, 2)
    with pytest.raises(InputError, match=re.escape(help)) as caught:
        find_layer(analyze(graph), name, span)
    assert caught.value.diagnostics[0].code == "unknown-layer-name"
    assert caught.value.diagnostics[0].span == span


PAPERS = {
    # Simonyan & Zisserman 2014, table 1, D; names as in the authors' Caffe model
    "vgg16": {
        "conv1_1": 1_792,
        "conv1_2": 36_928,
        "conv2_1": 73_856,
        "conv2_2": 147_584,
        "conv3_1": 295_168,
        "conv3_3": 590_080,
        "conv4_1": 1_180_160,
        "conv5_3": 2_359_808,
        "pool5": 0,
        "fc6": 102_764_544,
        "fc7": 16_781_312,
        "fc8": 4_097_000,
    },
    # BVLC AlexNet, deploy.prototxt
    "alexnet_caffe": {"conv1": 34_944, "conv2": 307_456, "conv5": 442_624, "fc6": 37_752_832, "fc8": 4_097_000},
    "alexnet": {"conv1": 23_296, "conv3": 663_936, "conv5": 590_080, "pool5": 0, "fc6": 37_752_832},
    # LeCun et al. 1998, section II.B
    "lenet5_1998": {"C1": 156, "S2": 12, "C3": 1_516, "S4": 32, "C5": 48_120, "F6": 10_164},
    # He et al. 2015, table 1; sums over torchvision's state_dict
    "resnet50": {"conv1": 9_408, "pool1": 0, "conv2_x": 215_808, "conv5_x": 14_964_736},
}


@pytest.mark.parametrize("network", PAPERS)
def test_layers_go_by_their_names_in_the_paper(network: str) -> None:
    sheet = {"network": network, "answers": {f"{name}.params": str(count) for name, count in PAPERS[network].items()}}
    assert set(verdicts(json.dumps(sheet)).values()) == {"right"}


def test_aliases_of_a_network_written_in_python() -> None:
    net = Network("tiny", input=(3, 9, 8))
    net.conv2d(out_channels=4, kernel_size=3, alias="C1")
    with net.group("head", alias="top"):
        net.relu()
    assert net.build().aliases == {"C1": "conv2d", "top": "head"}
    with pytest.raises(InputError, match="already names `conv2d`"):
        net.relu(alias="c1")


def test_aliases_in_a_block_begin_with_its_path() -> None:
    text = """
        input: [3, 9, 8]
        blocks: {stage: {layers: [conv2d: {alias: c, out_channels: 3, kernel_size: 1}]}}
        layers: [block: {type: stage}, block: {type: stage, name: other, alias: second}]
    """
    assert from_text(text).aliases == {"stage.c": "stage.conv2d", "other.c": "other.conv2d", "second": "other"}


# Conventions


@pytest.mark.parametrize(
    ("ask", "text", "convention"),
    [
        ("conv1_1.output", "224x224", "without its channels"),
        ("conv1_1.output", "224", "without its channels"),
        ("conv1_1.output", "1x64x224x224", "the batch as first axis"),
        ("conv1_1.size", "224x224x64", "with the channels"),
        ("total.param_memory", "528 MB", "a power of 1,024"),
        ("total.flops", "15.5G", "MACs"),
        ("conv1_1.params", "1728", "without biases"),
    ],
)
def test_right_under_another_convention(ask: str, text: str, convention: str) -> None:
    done = marked(f"network: vgg16\nanswers: {{{ask}: {text}}}")
    (one,) = done.marks
    assert one.verdict is Verdict.CONVENTION
    assert one.alternative is not None
    assert convention in one.alternative.convention
    assert any(convention in line for line in diagnosis(one))
    assert done.exit_code == 1


@pytest.mark.parametrize(("ask", "text"), [("C3.params", "1516"), ("S2.params", "12"), ("total.params", "60,000")])
def test_a_layer_has_its_number_in_a_variant_with_other_layers(ask: str, text: str) -> None:
    (one,) = marked(f"network: lenet5\nanswers: {{{ask}: '{text}'}}").marks  # the counts of the paper
    assert one.alternative is not None
    assert "lenet5_1998" in one.alternative.convention


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        ("fc6.output", "4096"),
        ("fc6.output", "1x1x4096"),
        ("conv1_1.size", "224"),
        ("conv1_1.channels", "64"),
        ("fc6.receptive_field", "224"),
        ("fc6.receptive_field", "all"),
        ("fc6.receptive_field", "404"),  # as a 7×7 convolution: 212 + 6·32
        ("pool5.receptive_field", "212x212"),
        ("pool5.receptive_field", "212 px"),
        ("pool5.jump", "32"),
        ("features.params", "14,714,688"),  # torchvision's state_dict without the classifier
        ("features.output", "7x7x512"),
        ("total.output", "1000"),
        ("conv1_1.memory", "12.25 MiB"),  # 64·224·224·4 bytes
        ("conv1_1.memory", "12.8 MB"),
    ],
)
def test_right(ask: str, text: str) -> None:
    assert verdicts(f"network: vgg16\nanswers:\n  {ask}: {text}") == {ask: "right"}


# Claims


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("most_params: fc6", "right"),
        ("most_params: classifier.0", "right"),
        ("most_params: fc7", "wrong"),
        ("most_macs: conv1_2", "right"),  # six convolutions share the first place
        ("most_macs: conv5_1", "wrong"),
        ("most activation memory: conv1_1", "right"),
        ("most_memory: pool1", "wrong"),
        ("most_params:", "wrong"),
        ("fc6 has the most parameters", "right"),
        ("fc8 has the most MACs", "wrong"),
        ("fc6.params > fc7.params", "right"),
        ("fc6.params < fc7.params", "wrong"),
        ("fc6.params < fc7.params: no", "right"),
        ("fc6.params < fc7.params: 对", "wrong"),
        ("is fc6.params larger than fc7.params?: yes", "right"),
        ("fc6.params < classifier.0.params", "wrong"),  # one and the same
        ("fc6.params >= classifier.0.params", "right"),
        ("total.params > 138M", "right"),
        ("total.params >= 140M", "wrong"),
        ("conv4_1.output == features.17.output", "right"),
    ],
)
def test_claims(claim: str, verdict: str) -> None:
    done = marked(f"network: vgg16\nclaims:\n  - {claim}")
    assert not done.problems, str(InputError(done.problems))
    (one,) = done.claims
    assert one.verdict.value == verdict
    assert bool(claim_diagnosis(one)) is (verdict == "wrong")
    for line in claim_diagnosis(one, hide=True):
        assert not re.search(r"\d{4}|fc6|classifier", line)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        (["most_params: fc7", "most_params: fc6"], "duplicate-answer"),
        (["most_params: fc6", "fc6 has the most parameters"], "duplicate-answer"),
        (["fc6.params > fc7.params", "is fc6.params larger than fc7.params?"], "duplicate-answer"),
        (["fc6.params > fc7.params", "1 < 2"], "bad-claim"),
    ],
)
def test_a_claim_counts_once_and_is_about_the_network(claims: list[str], code: str) -> None:
    done = marked("network: vgg16\nclaims:\n" + "".join(f"  - {claim}\n" for claim in claims))
    assert len(done.claims) == 1
    (problem,) = done.problems
    assert problem.code == code


# Sheets


def test_a_network_that_the_sheet_describes() -> None:
    assert verdicts("""
        network: [conv2d: {alias: c1, out_channels: 8, kernel_size: 3}, relu]
        input: [3, 9, 8]
        answers: {c1.params: 224, relu.output: 8x7x6}
    """) == {"c1.params": "right", "relu.output": "right"}
    assert verdicts("""
        network: {input: [3, 9, 8], layers: [conv2d: {out_channels: 8, kernel_size: 3}]}
        answers: {conv2d.params: 224}
    """) == {"conv2d.params": "right"}


def test_a_network_beside_the_sheet(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text("input: [1, 5, 4]\nlayers: [relu]\n")
    (tmp_path / "sheet.yaml").write_text("network: net.yaml\nanswers: {relu.output: 1x5x4}\n")
    assert mark_sheet(read_file(str(tmp_path / "sheet.yaml"), Networks())).exit_code == 0


def test_input_and_params_of_the_network() -> None:
    sheet = "network: vgg16\ninput: 3x64x64\nset: {classes: 10}\nanswers: {pool5.size: 2, fc8.params: 40970}"
    assert set(verdicts(sheet).values()) == {"right"}


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("answers: {a.params: 1}", "missing-option", "<text>:1:1"),
        ("network: vgg61\nanswers: {a.params: 1}", "unknown-architecture", "<text>:1:1"),
        ("network: vgg16\nset: {clases: 10}\nanswers: {a.params: 1}", "unknown-param", "<text>:2:1"),
        ("network: vgg16\nset: 10\nanswers: {a.params: 1}", "wrong-kind", "<text>:2:6"),
        ("network: vgg16\ninput: 3x\nanswers: {a.params: 1}", "bad-shape", "<text>:2:8"),
        ("network: evil.py\nanswers: {a.params: 1}", "untrusted-network", "<text>:1:10"),
        ("network: vgg16\nanswers: {a.params: [1, 2", "not-yaml", "<text>:2:21"),
        ("network: vgg16\nanswers: 3", "wrong-kind", "<text>:2:10"),
        ("[1]", "wrong-kind", "<text>:1:1"),
        ("network: vgg16", "missing-option", "None"),
        ("", "empty-document", "None"),
    ],
)
def test_sheets_that_cannot_be_marked(text: str, code: str, place: str) -> None:
    done = marked(text)
    assert [(one.code, str(one.span)) for one in done.problems] == [(code, place)]
    assert done.problems[0].help
    assert (done.marks, done.exit_code) == ((), 2)


def test_no_program_is_run(tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'was_here')!r}, 'w')")
    (tmp_path / "sheet.yaml").write_text("network: evil.py\nanswers: {a.params: 1}\n")
    assert cnncalc("check", "sheet.yaml", folder=tmp_path).code == 2
    assert not (tmp_path / "was_here").exists()


def test_what_is_wrong_with_a_sheet_is_said_at_its_place_and_the_rest_is_marked() -> None:
    path = HOMEWORK / "broken.yaml"
    done = mark_sheet(read_file(str(path), Networks()))
    assert disagreements(expectations(path.read_text(encoding="utf-8")), done.problems) == []
    assert {one.question.ask for one in done.marks} == {"conv1_2.params", "features.23.size"}
    assert all(one.verdict is Verdict.RIGHT for one in done.marks)
    for one in done.problems:
        assert one.help
        assert one.span is not None
        marked_text = one.span.source.line(one.span.line)[one.span.column - 1 : one.span.end_column - 1]
        assert "#" not in marked_text
        assert marked_text.strip()


@pytest.mark.parametrize("count", [3_000, 20_000, 1_000_000])
def test_of_a_sheet_of_any_length_the_beginning_is_marked(tmp_path: Path, count: int) -> None:
    with (tmp_path / "sheet.yaml").open("w") as file:
        file.write("network: vgg16\nanswers:\n  total.params: 138M\n")
        file.writelines(f"  a{number}.params: {number}\n" for number in range(count))
    done = cnncalc("check", "sheet.yaml", folder=tmp_path)
    assert done.code == 2
    assert "error[too-large]" in done.err
    assert "sheet.yaml:2003:3" in done.err  # behind the two lines in front and 2,000 answers
    assert "1 of 1 right" in done.out
    assert done.peak_bytes < 120 * 2**20


def test_a_sheet_on_one_line_that_is_too_long_has_no_beginning_to_mark(tmp_path: Path) -> None:
    answers = ", ".join(f"a{number}.params: {number}" for number in range(40_000))
    (tmp_path / "sheet.yaml").write_text(f"{{network: vgg16, answers: {{{answers}}}}}\n")
    done = cnncalc("check", "sheet.yaml", folder=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "error[too-large]: sheet.yaml has more than" in done.err


# The command


def test_answers_on_the_command_line() -> None:
    done = cnncalc("check", "vgg16", "features.0.params=1792", "total.params=138M", "most_params=fc6", "fc6.params>9")
    assert (done.code, done.err) == (0, "")
    assert "4 of 4 right." in done.out
    wrong = cnncalc("check", "vgg16", "features.0.params=1793", "nothing")
    assert wrong.code == 2
    assert "command line:1:44" in wrong.err
    assert "0 of 1 right, 1 wrong, 1 could not be read." in wrong.out
    assert cnncalc("check", "vgg16", "features.0.params=1728").code == 1


def test_a_sheet_on_standard_input() -> None:
    assert cnncalc("check", "-", stdin=b"network: lenet5\nanswers: {C3.params: 2416}").code == 0


def test_nothing_to_mark(tmp_path: Path) -> None:
    for words, code in (("vgg16", "no-answers"), (tmp_path, "empty-folder"), ("nowhere.yaml", "cannot-read")):
        done = cnncalc("check", words)
        assert (done.code, done.out) == (2, "")
        assert done.err.startswith(f"error[{code}]")


def test_json() -> None:
    done = cnncalc("check", HOMEWORK / "vgg16.yaml", "--format", "json")
    found = json.loads(done.out)
    assert done.code == 1
    assert list(found) == [
        "name",
        "network",
        "score",
        "points",
        "max_points",
        "answers",
        "claims",
        "errors",
        "warnings",
    ]
    answers = {one["ask"]: one for one in found["answers"]}
    assert answers["conv1_1.params"] == {
        "ask": "conv1_1.params",
        "given": "1792",
        "expected": 1792,
        "verdict": "right",
        "points": 1,
        "max_points": 1,
        "diagnosis": [],
        "mistakes": [],
    }
    assert answers["features.5.output"]["expected"] == [128, 112, 112]
    assert answers["conv2_1.params"]["verdict"] == "wrong"
    assert "73,856" in answers["conv2_1.params"]["diagnosis"][-1]
    assert answers["conv2_1.params"]["mistakes"]
    assert "MACs" in answers["total.flops"]["convention"]
    assert answers["fc8.params"] | {"diagnosis": ...} == {
        "ask": "fc8.params",
        "given": "",
        "expected": 4097000,
        "verdict": "wrong",
        "points": 0,
        "max_points": 1,
        "diagnosis": ...,
        "mistakes": [],
    }
    every = [*found["answers"], *found["claims"]]
    assert found["score"] == {
        name: sum(one["verdict"] == name for one in every) for name in ("right", "wrong", "convention")
    }
    assert sum(found["score"].values()) == len(every) == 22


def test_a_csv_without_a_network_gets_a_row_that_works(tmp_path: Path) -> None:
    sheet = tmp_path / "a.csv"
    sheet.write_text("conv1_1.params,1792\n")
    refused = cnncalc("check", sheet)
    assert "begin with the row `network,vgg16`" in refused.err
    sheet.write_text("network,vgg16\nconv1_1.params,1792\n")
    assert cnncalc("check", sheet).code == 0


def test_feedback_into_a_file(tmp_path: Path) -> None:
    sheet = tmp_path / "a.yaml"
    sheet.write_text("network: vgg16\nanswers: {conv1_1.params: 1792}\n")
    done = cnncalc("check", sheet, "--feedback", sheet)
    assert done.code == 2
    assert "name another folder" in done.err


@pytest.mark.parametrize("format", ["table", "json", "csv"])
def test_hidden_answers_stand_nowhere(format: str) -> None:
    shown = cnncalc("check", HOMEWORK / "vgg16.yaml", "--format", format)
    hidden = cnncalc("check", HOMEWORK / "vgg16.yaml", "--format", format, "--hide-answers")
    assert hidden.code == shown.code == 1
    for value in (
        "36928",
        "73856",
        "196",
        "4097000",
        "138357544",
        "1849688064",
        "15470264320",
        "30940528640",
        "553430176",
    ):
        assert value in shown.out.replace(",", "") or (format == "table" and value == "1849688064")
        assert value not in hidden.out.replace(",", "")
    assert "expected" not in hidden.out


@pytest.mark.parametrize(
    "sentence", ["There are 64 of them.", "64, not 63", "The maps are 64×224×224.", "(64 / 1)·3·3"], ids=str
)
def test_a_hint_that_would_tell_is_left_out(sentence: str) -> None:
    question = Subject(numbers_of_vgg()).question("conv1_1.channels")
    done = mark(question, read_answer("63", "channels"))._replace(slips=(Slip("made_up", Fraction(63), sentence),))
    assert sentence in diagnosis(done)
    assert sentence not in diagnosis(done, hide=True)
    kept = done._replace(slips=(Slip("made_up", Fraction(63), "Not 63, but one more than 62: 640."),))
    assert kept.slips[0].sentence in diagnosis(kept, hide=True)


@pytest.mark.parametrize(
    ("ask", "text", "telling"),
    [
        ("conv1_1.params", "1.792", "1.792 k"),
        ("total.macs", "15.5T", "15.47 G"),
        ("pool1.output", "64x224x224", "112"),
        ("conv1_1.output", "3x224x224", "64"),
        ("total.params", "14.7M", "123,642,856"),
    ],
)
def test_hints_do_not_tell_in_other_words(ask: str, text: str, telling: str) -> None:
    (one,) = marked(f"network: vgg16\nanswers: {{{ask}: {text}}}").marks
    assert any(telling in line for line in diagnosis(one))
    assert not any(telling in line for line in diagnosis(one, hide=True))


def test_a_class_with_several_networks(tmp_path: Path) -> None:
    for name, network in (("a", "vgg16"), ("b", "alexnet")):
        (tmp_path / f"{name}.yaml").write_text(f"network: {network}\nanswers: {{features.0.params: 1792}}\n")
    rows = list(csv.reader(StringIO(cnncalc("check", tmp_path, "--format", "csv").out)))
    assert rows[0][8:] == ["vgg16: features.0.params", "alexnet: features.0.params"]
    assert [row[8:] for row in rows[1:]] == [["right", ""], ["", "wrong"]]
    shown = cnncalc("check", tmp_path).out
    assert "1/1" in shown
    assert "0/1" in shown


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    (tmp_path / "=1+2.yaml").write_text("network: vgg16\nanswers: {conv1_1.params: -1792}\nclaims: [-5 < fc6.params]\n")
    rows = list(csv.reader(StringIO(cnncalc("check", tmp_path, "--format", "csv").out)))
    assert rows[1][0] == "'=1+2.yaml"
    assert rows[0][9] == "'-5 < fc6.params"
    rows = list(csv.reader(StringIO(cnncalc("check", tmp_path / "=1+2.yaml", "--format", "csv").out)))
    assert rows[1][:2] == ["conv1_1.params", "-1792"]
    assert rows[2][0] == "'-5 < fc6.params"


def test_a_class() -> None:
    done = cnncalc("check", HOMEWORK / "class", "--format", "csv")
    rows = list(csv.reader(StringIO(done.out)))
    assert rows[0][:8] == ["file", "network", "right", "wrong", "convention", "errors", "points", "max_points"]
    assert [row[0] for row in rows[1:]] == ["ada.yaml", "grace.yaml", "李雷.yaml"]
    table = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert [one["C1.params"] for one in table] == [
        "right",
        "convention",
        "right",
    ]  # one question, whatever it is called
    assert [one["C3.params"] for one in table] == ["right", "convention", ""]  # 1,516 as in the paper
    assert [one["right"] for one in table] == ["6", "1", "4"]
    assert [one["errors"] for one in table] == ["0", "0", "1"]
    assert done.code == 2
    assert "李雷.yaml:5:" in done.err
    everything = json.loads(cnncalc("check", HOMEWORK / "class", "--format", "json").out)
    assert [Path(one["name"]).name for one in everything] == [row[0] for row in rows[1:]]


HOSTILE_SHEETS = {
    "named.yaml": "network: " + "x" * 300,
    "named_file.yaml": f"network: {'x' * 300}.yaml",
    "null.yaml": 'network: "vgg\\0"',
    "null_file.yaml": 'network: "vgg\\0.yaml"',
    "half_a_pair.yaml": 'network: "vgg\\ud800.yaml"',
    "a_folder.yaml": "network: ../class/inside.yaml",
    "through_a_file.yaml": "network: named.yaml/vgg.yaml",
    "a_loop.yaml": "network: loop.yaml",
    "a_pipe.yaml": "network: pipe.yaml",
    "a_device.yaml": "network: device.yaml",
    "imports.yaml": "network: {import: pipe.yaml, input: [3, 9, 8], layers: [relu]}",
    "imports_a_device.yaml": "network: {import: /dev/zero.yaml, input: [3, 9, 8], layers: [relu]}",
}
"""Networks that cannot be read, each in its own way."""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_one_sheet_never_stops_the_others(tmp_path: Path, language: str) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    for name, network in HOSTILE_SHEETS.items():
        (folder / name).write_text(f"{network}\nanswers: {{relu.params: 0}}\n")
    (folder / "inside.yaml").mkdir()
    (folder / "loop.yaml").symlink_to("loop.yaml")
    os.mkfifo(folder / "pipe.yaml")
    (folder / "device.yaml").symlink_to("/dev/zero")
    (folder / "through.yaml").symlink_to("named.yaml/x.yaml")
    (folder / "input.yaml").symlink_to("/dev/stdin")
    good = "network: {input: [3, 9, 8], layers: [relu]}\nanswers: {relu.params: 0}\n"
    names = ["ada.yaml", "zoe.yaml", os.fsdecode(b"b\xff.yaml")]
    for name in names:
        (folder / name).write_text(good)
    bad = {*HOSTILE_SHEETS, "inside.yaml", "loop.yaml", "pipe.yaml", "device.yaml", "through.yaml", "input.yaml"}
    marks = {"ada.yaml": ("1", "0"), "zoe.yaml": ("1", "0"), "b .yaml": ("1", "1"), **dict.fromkeys(bad, ("0", "1"))}

    done = cnncalc("check", folder, "--format", "csv", "--lang", language)
    rows = csv.DictReader(StringIO(done.out))
    assert {row["file"]: (row["right"], row["errors"]) for row in rows} == marks
    assert (done.code, "Traceback" in done.err) == (2, False)
    everything = json.loads(cnncalc("check", folder, "--format", "json", "--lang", language).out)
    assert len(everything) == len(marks)
    for one in everything:
        name = Path(one["name"]).name.replace("\ufffd", " ")
        assert (str(one["score"]["right"]), str(len(one["errors"]))) == marks[name]
        assert all(error["message"] in done.err and error["help"] in done.err for error in one["errors"])
        assert all(error["message"] and error["help"] for error in one["errors"])
    screen = cnncalc("check", folder, "--lang", language).out
    for name, (right, _errors) in marks.items():
        assert re.search(rf"^{re.escape(name)} +{right}/1 ", screen, re.MULTILINE) or right == "0"
    assert cnncalc("check", folder, "--format", "csv", "-o", tmp_path / "marks.csv").code == 2
    assert len((tmp_path / "marks.csv").read_text().splitlines()) == len(marks) + 1


def test_a_sheet_that_finds_a_fault_of_ours_stops_no_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("network: vgg16\nanswers: {fc6.params: 1}\n")
    monkeypatch.setattr(grading, "mark_sheet", lambda sheet, **_options: int("none"))
    for name in ("a.yaml", "b.yaml"):
        done = grading.mark_file(str(tmp_path / name), Networks(), known=marking.Known())
        assert [one.code for one in done.problems] == ["cannot-mark"]
        assert f"cnncalc check {tmp_path / name}" in str(done.problems[0])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_folder_that_may_not_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    def refuse(path: str) -> list[str]:
        raise PermissionError(EACCES, "")

    monkeypatch.setattr(os, "listdir", refuse)
    done = inside(["check", ".", "--lang", language], tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "[cannot-read]" in done.err
    assert {"en": "you have no permission for it", "zh": "没有"}[language] in done.err


def test_a_pipe_is_read_where_the_user_has_named_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    for arguments, text in (
        (["summarize", "pipe.yaml"], "input: [3, 9, 8]\nlayers: [relu]"),
        (["check", "pipe.yaml", "relu.params=0"], "input: [3, 9, 8]\nlayers: [relu]"),
        (["check", "pipe.yaml"], "network: vgg16\nanswers: {conv1_1.params: 1792}"),
    ):
        writer = Thread(target=(tmp_path / "pipe.yaml").write_text, args=[text])
        writer.start()
        done = cnncalc(*arguments, folder=tmp_path)
        writer.join()
        assert done.code == 0, done.err


def test_a_device_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "endless.yaml").symlink_to("/dev/zero")
    for arguments in (["summarize", "endless.yaml"], ["check", "endless.yaml"]):
        done = cnncalc(*arguments, folder=tmp_path)
        assert (done.code, done.out) == (2, "")
        assert "cannot read endless.yaml: it is a pipe, a socket or a device" in done.err


def test_a_class_of_many_questions_is_folded_at_the_screen(tmp_path: Path) -> None:
    asks = ", ".join(f"features.{number}.channels: 64" for number in range(30))
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"network: vgg16\nanswers: {{{asks}}}\n")
    screen = cnncalc("check", tmp_path, env={"COLUMNS": "80"}).out
    assert max(map(len, screen.splitlines())) <= 80
    assert screen.count("a.yaml") > 1
    heads = " ".join(line for line in screen.splitlines() if line.startswith("File"))
    assert [word for word in heads.split() if word.isdecimal()] == [str(number) for number in range(1, 31)]


# Narrow screens, signs and suggestions


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("columns", [40, 60, 80, 120])
@pytest.mark.parametrize("hide", [(), ("--hide-answers",)])
def test_every_question_can_be_read_on_a_narrow_screen(columns: int, language: str, hide: tuple[str, ...]) -> None:
    sheet = HOMEWORK / "vgg16.yaml"
    done = cnncalc("check", sheet, "--lang", language, *hide, env={"COLUMNS": str(columns)})
    lines = done.out.splitlines()
    assert max(map(width, lines)) <= columns
    assert "…" not in done.out
    shown = " ".join(done.out.split())
    for one in mark_sheet(read_file(str(sheet), Networks())).marks:
        assert one.question.ask in shown
        given = f"{one.question.ask}: {one.answer.text or '–'}"
        assert given in shown or any(
            re.match(rf"{re.escape(one.question.ask)} .*{one.answer.text}", line) for line in lines
        )
    assert "conv1_2 has the most activation memory" in shown


def test_a_sum_that_is_too_long_is_broken_at_its_equals_signs() -> None:
    lines = cnncalc("check", "vgg16", "conv2_1.params=1", env={"COLUMNS": "60"}).out.splitlines()
    assert "    Right: weight = C_out·(C_in / g)·k_h·k_w" in lines
    assert "      = 128·(64 / 1)·3·3" in lines
    assert "      = 73,728" in lines


def test_one_minus_on_a_screen_and_another_in_data() -> None:
    # Araujo et al. 2019, README of google-research/receptive_field, vgg_16: pool4's field is 100, with padding 42
    asked = ("check", "vgg16", "pool4.start=-74")
    screen = cnncalc(*asked).out
    assert re.search(r"pool4\.start +−74 +−42", screen)
    assert not re.search(r"(?<!\w)-\d", screen)
    (one,) = json.loads(cnncalc(*asked, "--format", "json").out)["answers"]
    assert (one["given"], one["expected"]) == ("-74", -42)
    (_, row) = csv.reader(StringIO(cnncalc(*asked, "--format", "csv").out))
    assert row[:3] == ["pool4.start", "-74", "-42"]
    assert cnncalc("check", "vgg16", "pool4.start=−42").code == 0  # as it is shown


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("paramz", "params"),
        ("parms", "params"),
        ("parametres", "params"),
        ("mac's", "macs"),
        ("memoy", "memory"),
        ("ouput", "output"),
        ("参数两", "参数"),
    ],
)
def test_a_quantity_is_suggested_by_its_own_name(typed: str, meant: str) -> None:
    (problem,) = marked(f"network: vgg16\nanswers: {{conv1_1.{typed}: 3}}").problems
    assert f"did you mean `{meant}`?" in str(problem)


def test_no_sheet_hides_what_is_wrong_with_another(tmp_path: Path) -> None:
    layers = "".join(f"    - relv{number}\n" for number in range(40))
    noisy = f"network:\n  input: [3, 9, 9]\n  layers:\n{layers}answers: {{a.params: 3}}\n"
    (tmp_path / "anna.yaml").write_text(noisy, encoding="utf-8")
    (tmp_path / "bo.yaml").write_text("network: lenet55\nanswers: {a.params: 3}\n", encoding="utf-8")
    (tmp_path / "cy.yaml").symlink_to("/dev/zero")
    done = cnncalc("check", tmp_path)
    assert done.code == 2
    assert "there is no built-in architecture `lenet55`" in done.err
    assert "cy.yaml: it is a pipe, a socket or a device" in done.err
    assert done.err.count("error[unknown-layer]") == 18
    assert done.err.rstrip().splitlines()[-1] == "... and 22 more"
