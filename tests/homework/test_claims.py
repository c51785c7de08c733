"""Claims in words: the same in every wording, in English and in Chinese, in a sheet and on the command line."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest

from cnncalc import InputError
from cnncalc.core.errors import Source
from cnncalc.homework.diagnosis import claim_diagnosis
from cnncalc.homework.marking import MarkedSheet, mark_sheet
from cnncalc.homework.reading.factors import read_factor
from cnncalc.homework.reading.rules import GRAMMARS
from cnncalc.homework.reading.sheet import Networks, read_sheet
from cnncalc.homework.reading.statements import Extreme, Relation, Side, side, statement
from cnncalc.homework.reading.tokens import normalise, tokens_of
from tests.support.cases import CASES
from tests.support.command import cnncalc


def of_list(*claims: str) -> MarkedSheet:
    """A sheet with these claims about VGG-16, marked."""
    text = "network: vgg16\nclaims:\n" + "".join(f"  - {json.dumps(claim, ensure_ascii=False)}\n" for claim in claims)
    return mark_sheet(read_sheet(Source("<text>", text), Networks()))


# What is said

MOST_PARAMS = (
    "fc6 has the most parameters",
    "fc6 has most params",
    "fc6 has the largest number of parameters.",
    "FC6 HAS THE MOST PARAMETERS",
    "does fc6 have the most parameters?",
    "fc6 is the layer with the most parameters",
    "is fc6 the layer with the most params?",
    "the layer with the most parameters is fc6",
    "the parameters of fc6 are the largest",
    "most_params = fc6",
    "most params: fc6",
    "fc6 has the most parameters of all layers",
    "fc6 参数最多",
    "fc6参数最多",
    "fc6 的参数量最多",
    "fc6 的参数量最大。",
    "fc6 的参数是最多的",
    "fc6 是参数最多的层",
    "fc6 是不是参数最多的层？",
    "参数最多的层是 fc6",
    "参数最多的是fc6",
    "参数最多：fc6",
    "参数量最大的层＝fc6",
)


@pytest.mark.parametrize("text", MOST_PARAMS)
def test_the_most_in_many_words(text: str) -> None:
    said = statement(text)
    assert isinstance(said, Extreme)
    assert (said.layer.lower(), said.quantity, said.least, said.denied) == ("fc6", "params", False, False)


@pytest.mark.parametrize(
    ("text", "quantity", "least", "denied"),
    [
        ("x needs the fewest MACs", "macs", True, False),
        ("x takes the most memory", "memory", False, False),
        ("x has the most activation memory", "memory", False, False),
        ("x has the largest receptive field", "receptive_field", False, False),
        ("x does not have the most parameters", "params", False, True),
        ("x isn't the layer with the most FLOPs", "flops", False, True),
        ("x 感受野最大", "receptive_field", False, False),
        ("x 激活内存最大", "memory", False, False),
        ("x 占用的显存最多", "memory", False, False),
        ("显存最大的层是 x", "memory", False, False),
        ("x 的计算量最小", "flops", True, False),
        ("x 不是参数最多的层", "params", False, True),
    ],
)
def test_what_there_is_the_most_of(text: str, quantity: str, least: bool, denied: bool) -> None:
    assert statement(text) == Extreme("x", quantity, least, denied)


@pytest.mark.parametrize(
    "text", ["most_params", "most activation memory", "the largest receptive field", "参数最多的层"]
)
def test_a_layer_that_is_asked_for(text: str) -> None:
    said = statement(text)
    assert isinstance(said, Extreme)
    assert said.layer == ""


LARGER = (
    "a.macs > b.macs",
    "a.macs>b.macs",
    "a.macs ＞ b.macs",
    "is a.macs larger than b.macs?",
    "a.macs is larger than b.macs",
    "a.macs exceeds b.macs",
    "a has more MACs than b",
    "does a have more MACs than b?",
    "a needs more multiply-adds than b",
    "a more macs than b",
    "the macs of a are larger than those of b",
    "a's macs are larger than b's macs",
    "a 的乘加次数大于 b",
    "a 的乘加次数大于 b 的乘加次数",
    "a.macs 大于 b.macs",
    "a.macs 超过 b.macs 吗？",
    "a 的乘加次数比 b 大",
    "a 的乘加次数比 b 的多",
    "a 比 b 的乘加次数多得多",
    "a 比 b 乘加次数多",
    "a 比 b 需要更多的乘加次数",
    "a 是否比 b 的乘加次数多",
)


@pytest.mark.parametrize("text", LARGER)
def test_larger_in_many_words(text: str) -> None:
    said = statement(text)
    assert isinstance(said, Relation)
    left, right = said.left, said.right
    assert (left.layer, right.layer, said.sign, said.denied) == ("a", "b", ">", False)
    assert {said.quantity, left.quantity, right.quantity} - {""} == {"macs"}


@pytest.mark.parametrize(
    ("text", "sign", "denied"),
    [
        ("a.macs < b.macs", "<", False),
        ("a.macs is smaller than b.macs", "<", False),
        ("a has fewer macs than b", "<", False),
        ("a.macs 小于 b.macs", "<", False),
        ("a 的参数比 b 少", "<", False),
        ("a.macs ≥ b.macs", ">=", False),
        ("a.macs is at least b.macs", ">=", False),
        ("a.macs is larger than or equal to b.macs", ">=", False),
        ("a.macs 大于等于 b.macs", ">=", False),
        ("a.macs 不小于 b.macs", ">=", False),
        ("a.macs <= b.macs", "<=", False),
        ("a.macs 不超过 b.macs", "<=", False),
        ("a.macs == b.macs", "=", False),
        ("a.macs ＝ b.macs", "=", False),
        ("a.macs equals b.macs", "=", False),
        ("a has as many macs as b", "=", False),
        ("a and b have the same number of macs", "=", False),
        ("a.macs 等于 b.macs", "=", False),
        ("a 的参数和 b 一样多", "=", False),
        ("a.macs != b.macs", "≠", False),
        ("a.macs 不等于 b.macs", "≠", False),
        ("a.macs is not larger than b.macs", ">", True),
        ("a 的参数不比 b 多", ">", True),
    ],
)
def test_how_two_compare(text: str, sign: str, denied: bool) -> None:
    said = statement(text)
    assert isinstance(said, Relation)
    assert (said.sign, said.denied) == (sign, denied)


@pytest.mark.parametrize(
    "text",
    ["", "nothing", "conv1_1.params", "3rd conv2d.output", "a > b > c", "第3个卷积层", "the best layer", "最大池化层"],
)
def test_what_claims_nothing(text: str) -> None:
    assert statement(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("fc6", ("fc6", "")),
        ("features.0.params", ("features.0", "params")),
        ("fc6 的参数量", ("fc6", "params")),
        ("the parameters of fc6", ("fc6", "params")),
        ("3rd conv2d output", ("3rd conv2d", "output")),
        ("第3个卷积层的参数量", ("第3个卷积层", "params")),
        ("总参数量", ("total", "params")),
        ("网络的参数量", ("total", "params")),
        ("the params of the whole network", ("total", "params")),
        ("conv_out", ("conv_out", "")),  # a name that ends like a quantity
    ],
)
def test_sides(text: str, expected: tuple[str, str]) -> None:
    assert side(text) == Side(*expected)


# What is right


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        # by the counts of torchvision's VGG16_Weights; fc6 has 102,764,544 of its 138,357,544 parameters
        *((text, "right") for text in MOST_PARAMS),
        ("fc7 has the most parameters", "wrong"),
        ("fc7 参数最多", "wrong"),
        ("fc7 does not have the most parameters", "right"),
        ("fc6 不是参数最多的层", "wrong"),
        ("conv1_1 has the fewest parameters", "right"),  # of the layers that have any
        ("pool1 has the fewest parameters", "right"),  # it has none
        ("conv1_2 has the fewest parameters", "wrong"),
        ("conv1_2 的计算量大于 conv1_1", "right"),
        ("conv1_2.macs 小于 conv1_1.macs", "wrong"),
        ("conv1_2 的计算量比 conv1_1 大", "right"),
        ("conv1_2.macs = conv2_2.macs", "right"),
        ("conv1_2.macs ≠ conv2_2.macs", "wrong"),
        ("conv1_1 激活内存最大", "right"),
        ("显存最大的层是 pool1", "wrong"),
        ("fc6 感受野最大", "right"),  # all of the input
        ("pool5 感受野最大", "wrong"),
        ("conv1_1 has the smallest receptive field", "right"),
        ("conv3_1 has a larger receptive field than conv2_2", "right"),
        ("conv3_1.receptive_field is at least 24", "right"),
        ("总参数量大于 138M", "right"),
        ("total.params >= 138M", "right"),
        ("the parameters of fc6 are larger than those of fc7", "right"),
        ("第2个卷积层的参数量大于第1个卷积层", "right"),
        ("fc6 and fc7 have the same MACs", "wrong"),
        ("conv1_1.size > 100", "right"),
    ],
)
def test_claims_in_words(claim: str, verdict: str) -> None:
    for done in (of_list(claim), command_line(claim)):
        assert not done.problems, str(InputError(done.problems))
        (one,) = done.claims
        assert one.claim in (claim, re.split(" ?[=＝：] ?(?=fc6$)", claim)[0])  # in the words of whoever claims it
        assert one.verdict.value == verdict
        assert bool(claim_diagnosis(one)) is (verdict == "wrong")


class Claim(NamedTuple):
    """A claim that people make, and whether it holds: yes, no, other (right under another convention) or unread."""

    network: str
    text: str
    holds: str

    def __str__(self) -> str:
        return self.text


def claims_of_people() -> Iterator[Claim]:
    network = ""
    for line in (CASES / "homework" / "claims.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("network: "):
            network = line.removeprefix("network: ")
        elif " | " in line and not line.startswith("#"):
            holds, text, _because = line.split(" | ")
            yield Claim(network, text, holds.strip())


CLAIMS = list(claims_of_people())


def test_many_claims_are_made_in_each_language() -> None:
    assert min(sum(claim.text.isascii() is english for claim in CLAIMS) for english in (True, False)) >= 80


@pytest.mark.parametrize("claim", CLAIMS, ids=str)
def test_a_claim_as_people_say_it(claim: Claim) -> None:
    text = f"network: {claim.network}\nclaims: [{json.dumps(claim.text, ensure_ascii=False)}]\n"
    done = mark_sheet(read_sheet(Source("<text>", text), Networks()))
    if claim.holds == "unread":
        (problem,) = done.problems
        assert problem.code == "bad-claim"
        assert statement(str(problem.facts["nearest"])) is not None
        return
    assert not done.problems, str(InputError(done.problems))
    (verdict,) = [one.verdict.value for one in done.marks] + [one.verdict.value for one in done.claims]
    assert verdict == {"yes": "right", "no": "wrong", "other": "convention"}[claim.holds]


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim.holds != "unread"], ids=str)
def test_a_word_that_is_not_known_is_never_skipped(claim: Claim) -> None:
    """A foreign word at any place makes a claim unreadable, or stands in it as a name."""
    plain = normalise(claim.text)
    unknown = " fails " if plain.isascii() else "吃"
    for token in tokens_of(plain, frozenset().union(*(grammar.words for grammar in GRAMMARS))):
        said = statement(plain[: token.start] + unknown + plain[token.start :])
        assert said is None or unknown.strip() in str(said)


@pytest.mark.parametrize(
    ("claim", "nearest"),
    [
        ("fc6 has six times more parameters than fc7", "fc6.params = 6 * fc7.params"),
        ("fc6 的参数比 fc7 多 5 倍", "fc6.params = 5 * fc7.params"),
        ("fc6 的参数量远大于 fc7", "fc6.params > fc7.params"),
        ("I think fc7 has around 16.8M parameters or so", "fc7.params = 16.8M"),
        ("我觉得 conv3_1 的感受野应该是 24", "conv3_1.receptive_field = 24"),
        ("surely fc6 is where the most parameters live", "most_params: fc6"),
        ("显然 fc6 的参数最多", "most_params: fc6"),
        ("fc6 的参数量竟然占到 74%", "fc6.params = 74% * total.params"),
        ("conv1_1.macs > conv1_2.macs > conv2_1.macs", "conv1_1.macs > conv1_2.macs"),
    ],
)
def test_what_cannot_be_read_gets_the_nearest_form_that_can(claim: str, nearest: str) -> None:
    (problem,) = of_list(claim).problems
    assert problem.code == "bad-claim"
    assert f"write it as `{nearest}`" in str(problem)
    assert not of_list(nearest).problems


@pytest.mark.parametrize(
    ("claim", "sum"),
    [
        ("fc6 has ten times as many parameters as fc7", "102,764,544 / 16,781,312 = 6.124"),
        ("fc6 的参数占全网络的 89%", "102,764,544 / 138,357,544 = 74.27 %"),
        ("the convolutional layers hold most of the parameters", "14,714,688 / 138,357,544 = 10.64 %"),
        ("there are 5 pooling layers", "6 > 5: 5 max_pool2d, 1 adaptive_avg_pool2d"),
        ("卷积层的参数量最多", "linear: 123,642,856"),
    ],
)
def test_a_wrong_claim_shows_the_numbers_that_decide(claim: str, sum: str) -> None:
    (one,) = of_list(claim).claims
    assert sum in claim_diagnosis(one)


@pytest.mark.parametrize(
    ("factor", "ratio", "about", "fits"),
    [
        ("6", "6.12", False, True),
        ("6", "6.4", False, False),  # more than a twentieth away
        ("2", "2.4", False, False),
        ("6.1", "6.12", False, True),
        ("6.0", "6.12", False, False),
        ("6", "6.12", True, True),
        ("1/2", "0.51", False, True),
        ("1/2", "0.6", False, False),
        ("74%", "0.7427", False, True),
        ("75 %", "0.7427", False, False),
        ("75 percent", "0.7427", True, True),
        ("百分之74", "0.7427", False, True),
        ("90%", "0.8936", True, True),
        ("80%", "0.8936", True, False),
    ],
)
def test_multiples_and_shares(factor: str, ratio: str, about: bool, fits: bool) -> None:
    assert read_factor(factor).fits(Fraction(ratio), about) is fits


def test_several_layers_have_no_receptive_field_together() -> None:
    (problem,) = of_list("the pooling layers have a receptive field of 6").problems
    assert problem.code == "bad-claim"
    assert "name one of them: `pool1.receptive_field`" in str(problem)


def command_line(*words: str) -> MarkedSheet:
    from cnncalc.homework.reading.sheet import read_words

    line = " ".join(("cnncalc check vgg16", *words))
    return mark_sheet(read_words(Networks().load("vgg16"), words, line))


@pytest.mark.parametrize(
    ("claim", "ask", "verdict"),
    [
        ("conv1_1.params = 1,792", "conv1_1.params", "right"),
        ("pool5.output == 7x7x512", "pool5.output", "right"),
        ("pool5.output == 7x7x511", "pool5.output", "wrong"),
        ("7x7x512 == pool5.output", "pool5.output", "right"),
        ("conv1_1 has 1792 parameters", "conv1_1.params", "right"),
        ("conv1_1 有 1792 个参数", "conv1_1.params", "right"),
        ("conv1_1 的参数量是 1792", "conv1_1.params", "right"),
        ("conv1_1.params is 1.79k", "conv1_1.params", "right"),
        ("total.macs = 30.9G", "total.macs", "convention"),
        ("fc6.receptive_field = all", "fc6.receptive_field", "right"),
    ],
)
def test_a_number_that_is_claimed_is_an_answer(claim: str, ask: str, verdict: str) -> None:
    for done in (of_list(claim), command_line(claim)):
        assert not done.problems, str(InputError(done.problems))
        (one,) = done.marks
        assert (one.question.ask, one.verdict.value) == (ask, verdict)


@pytest.mark.parametrize(
    ("claim", "code", "said"),
    [
        ("fc6 > fc7", "bad-claim", "write `fc6.params > fc7.params`, or another quantity: output"),
        ("fc6 大于 fc7", "bad-claim", "write `fc6.params > fc7.params`"),
        ("fc6 > 1000", "bad-claim", "write `fc6.params > 1000`"),
        ("fc6 > fc99", "unknown-layer-name", "no layer `fc99`"),
        ("fc6.params > fc7.parmas", "unknown-quantity", "did you mean `params`?"),
        ("fc99 has the most parameters", "unknown-layer-name", "no layer `fc99`"),
        ("fc99 参数最多", "unknown-layer-name", "no layer `fc99`"),
        ("fc6 has the largest output", "bad-claim", "there are most_params, most_buffers"),
        ("1 < 2", "bad-claim", "says nothing about the network"),
        ("fc6.output > fc7.params", "bad-claim", "a shape cannot be compared"),
        ("conv1_1.macs > conv1_2.macs > conv2_1.macs", "bad-claim", "not a claim that can be marked"),
        ("fc6 is wonderful", "unknown-layer-name", "no layer `wonderful`"),
    ],
)
def test_claims_that_cannot_be_marked(claim: str, code: str, said: str) -> None:
    for done in (of_list(claim), command_line(claim)):
        assert not done.claims
        (problem,) = done.problems
        assert problem.code == code
        assert said in str(problem)
        assert problem.help


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ("fc6 has the most parameters", "fc7 参数最多"),
        ("fc6.params > fc7.params", "fc7.params < fc6.params"),
        ("fc6.params > fc7.params", "fc6 的参数比 fc7 多"),
        ("fc6.params > classifier.3.params", "classifier.0 has more params than fc7"),
    ],
)
def test_other_words_are_no_other_claim(first: str, again: str) -> None:
    done = of_list(first, again)
    assert len(done.claims) == 1
    assert [one.code for one in done.problems] == ["duplicate-answer"]
    assert str(done.problems[0]).count(again) == 2  # in the objection, and on the line that it shows


# Where they stand


def test_claims_beside_answers_on_the_command_line() -> None:
    done = cnncalc(
        *("check", "vgg16", "conv1_1.params=1792", "fc6 has the most parameters", "conv1_2.macs > conv1_1.macs"),
        *("fc6 参数最多吗？=是", "most_macs=conv1_2", "conv1_1.macs = conv1_2.macs"),
    )
    assert (done.code, done.err) == (1, "")
    assert "5 of 6 right, 1 wrong." in done.out
    for words in ("fc6 has the most parameters", "conv1_2.macs > conv1_1.macs", "fc6 参数最多吗？", "most_macs"):
        assert words in done.out


@pytest.mark.parametrize("sentence", ["fc6 has the most parameters", "fc6 参数最多", "conv1_2.macs 大于 conv1_1.macs"])
def test_a_claim_whose_quotes_were_forgotten(sentence: str) -> None:
    done = cnncalc("check", "vgg16", *sentence.split())
    assert (done.code, done.err) == (0, "")
    assert sentence in done.out


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ("fc6.params > fc7.params=yes", "right"),
        ("fc6.params > fc7.params: no", "wrong"),
        ("fc6 has the most params = no", "wrong"),
        ("conv1_2 的计算量大于 conv1_1：是", "right"),
        ("conv1_2 的计算量小于 conv1_1：错。", "right"),
        ("is fc7 larger than fc6 in params", "wrong"),
        ("fc6.params > fc7.params: perhaps", None),
    ],
)
def test_yes_and_no_behind_a_claim(claim: str, verdict: str | None) -> None:
    expected = [] if verdict is None else [verdict]
    typed = json.loads(cnncalc("check", "vgg16", claim, "--format", "json").out)
    assert [one["verdict"] for one in typed["claims"]] == expected
    assert [one.verdict.value for one in of_list(claim).claims] == expected


def test_an_objection_shows_the_words_with_their_quotes() -> None:
    done = cnncalc("check", "vgg16", "conv1_1.params=1792", "fc6 > fc7")
    assert done.code == 2
    lines = done.err.splitlines()
    shown = next(number for number, line in enumerate(lines) if line.startswith("1 | "))
    assert lines[shown].endswith('check vgg16 conv1_1.params=1792 "fc6 > fc7"')
    marked = lines[shown][lines[shown + 1].index("^") : lines[shown + 1].rindex("^") + 1]
    assert marked == "fc6 > fc7"


def test_claims_among_answers_and_answers_among_claims() -> None:
    text = """
        network: vgg16
        answers: {most_params: fc6, conv1_1.params: 1792, fc6.params > fc7.params: yes, fc7 的参数量: 16781312}
        claims: {conv1_2.params: 36928, most_macs: conv1_2}
    """
    done = mark_sheet(read_sheet(Source("<text>", text), Networks()))
    assert not done.problems
    assert [one.question.ask for one in done.marks] == ["conv1_1.params", "fc7 的参数量", "conv1_2.params"]
    assert [one.claim for one in done.claims] == ["most_params", "fc6.params > fc7.params", "most_macs"]
    assert done.exit_code == 0


def test_json_has_the_words_and_the_layer() -> None:
    (one,) = json.loads(cnncalc("check", "vgg16", "fc7 参数最多", "--format", "json").out)["claims"]
    assert one | {"diagnosis": ...} == {
        "claim": "fc7 参数最多",
        "given": "fc7",
        "expected": ["classifier.0"],
        "verdict": "wrong",
        "points": 0,
        "max_points": 1,
        "diagnosis": ...,
    }
    assert one["diagnosis"] == ["fc6 (classifier.0): 102,764,544", "fc7 (classifier.3): 16,781,312"]


def test_nobodys_words_stand_above_the_column_of_a_class(tmp_path: Path) -> None:
    for name, claim in (("a", "fc7 has the most parameters"), ("b", "fc6 参数最多"), ("c", "most_params: fc6")):
        (tmp_path / f"{name}.yaml").write_text(f"network: vgg16\nclaims: [{claim}]\n", encoding="utf-8")
    rows = list(csv.reader(StringIO(cnncalc("check", tmp_path, "--format", "csv").out)))
    assert [row[8:] for row in rows] == [["most_params"], ["wrong"], ["right"], ["right"]]


@pytest.mark.parametrize(("language", "label"), [("en", "help"), ("zh", "提示")])
def test_the_remedy_in_json_has_no_label(language: str, label: str) -> None:
    (one,) = json.loads(cnncalc("check", "vgg16", "fc6 > fc7", "--format", "json", "--lang", language).out)["errors"]
    assert "`fc6.params > fc7.params`" in one["help"]
    assert not one["help"].startswith(label)


@pytest.mark.parametrize(
    ("ask", "text", "verdict"),
    [
        ("池化层.参数量", "0", "right"),
        ("convolutional layers.params", "14.7M", "right"),
        ("全连接层的参数量", "1.24亿", "right"),
        ("全连接层的参数量", "1.38亿", "wrong"),
        ("number of convolutional layers", "13", "right"),
        ("卷积层的个数", "16", "wrong"),
    ],
)
def test_answers_about_several_layers(ask: str, text: str, verdict: str) -> None:
    sheet = f"network: vgg16\nanswers:\n  {ask}: {text}\n  fc99.params: 3\n"
    done = mark_sheet(read_sheet(Source("<text>", sheet), Networks()))
    assert [one.verdict.value for one in done.claims] == [verdict]
    assert [one.code for one in done.problems] == ["unknown-layer-name"]
    typed = command_line(f"{ask}={text}")
    assert [one.verdict.value for one in typed.claims] == [verdict]
