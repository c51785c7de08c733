"""Answers that were given in public: the right verdict, the mistake or the convention by name, and its sum."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest
import yaml

from cnncalc import analyze, from_text, load
from cnncalc.core.errors import Source
from cnncalc.homework.diagnosis import diagnosis
from cnncalc.homework.marking import mark, mark_sheet
from cnncalc.homework.questions import Verdict
from cnncalc.homework.reading.numbers import read_answer
from cnncalc.homework.reading.sheet import Networks, read_sheet
from cnncalc.homework.targets import Subject
from tests.support.cases import CASES

TABLE = yaml.safe_load((CASES / "public_answers.yaml").read_text(encoding="utf-8"))
ROWS: list[Mapping[str, Any]] = TABLE["answers"]


@cache
def subject(name: str) -> Subject:
    written = TABLE["networks"].get(name)
    graph = from_text(written) if written else load(name)
    return Subject(analyze(graph))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['network']}-{row['ask']}={row['answer']}")
def test_an_answer(row: Mapping[str, Any]) -> None:
    assert row.keys() <= {"network", "ask", "answer", "verdict", "convention", "slips", "sum", "says"}
    question = subject(row["network"]).question(row["ask"])
    done = mark(question, read_answer(row["answer"], question.quantity))
    lines = diagnosis(done)
    assert done.verdict.value == row["verdict"], lines
    names = [slip.name for slip in done.slips]
    wanted = row.get("slips", [])
    assert names[: len(wanted)] == wanted, lines
    if "convention" in row:
        assert done.alternative is not None
        assert done.alternative.convention.startswith(row["convention"])
    if "sum" in row:
        line = done.slips[0].equation
        assert line is not None
        assert " = ".join(line.sides()) == row["sum"]
    if "says" in row:
        assert row["says"] in done.slips[0].sentence
    assert not ("channels are right" in " ".join(lines) and "not as many as come in" in " ".join(lines))


NET = """
input: [1, 32, 32]
layers:
  - conv2d: {name: c, out_channels: 8, kernel_size: 5, padding: 2}
  - max_pool2d: {name: p, kernel_size: 2}
  - max_pool2d: {name: q, kernel_size: 2}
"""


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({"c.output": "8x28x28"}, Verdict.WRONG),
        ({"c.output": "8x28x28", "p.output": "8x16x16"}, Verdict.WRONG),
        ({"c.output": "8x28x28", "p.output": "8x14x14"}, Verdict.CONVENTION),  # both of an input of 28×28
        ({"c.output": "8x28x28", "p.output": "8x14x14", "q.output": "8x7x7"}, Verdict.CONVENTION),
        ({"c.output": "8x28x28", "p.output": "8x14x14", "q.output": "8x8x8"}, Verdict.WRONG),  # of one of 32×32
    ],
)
def test_another_input_needs_answers_that_agree(answers: Mapping[str, str], verdict: Verdict) -> None:
    layers = yaml.safe_load(NET)
    sheet = read_sheet(Source("<text>", yaml.safe_dump({"network": layers, "answers": dict(answers)})), Networks())
    assert mark_sheet(sheet).marks[0].verdict is verdict


def test_the_right_sum_is_whole() -> None:
    question = subject("stack").question("l.params")
    lines = diagnosis(mark(question, read_answer("12345", "params")))
    assert any(line.startswith("Right: weight_ih_l0 = ") for line in lines)
    assert lines[-1].endswith("= 3,768,320")
    assert len(lines) == 1 + 8 + 1


def test_a_total_of_wrong_answers_is_called_so() -> None:
    # 250 without biases, 520 with filters of one channel, and 49,050 on a map of 7×7: 49,820 in all
    network = yaml.safe_load(TABLE["networks"]["digits"])
    answers = {"conv1.params": "250", "conv2.params": "520", "fc1.params": "49050", "total.params": "49820"}
    sheet = read_sheet(Source("<text>", yaml.safe_dump({"network": network, "answers": answers})), Networks())
    slip = mark_sheet(sheet).marks[-1].slips[0]
    assert (slip.name, "3 of which are wrong" in slip.sentence) == ("sum_of_answers", True)
    assert slip.equation is not None
    assert " = ".join(slip.equation.sides()) == "params = conv1 + conv2 + fc1 = 250 + 520 + 49050 = 49820"
    right = {**answers, "conv1.params": "260", "conv2.params": "5020", "total.params": "21330"}
    sheet = read_sheet(Source("<text>", yaml.safe_dump({"network": network, "answers": right})), Networks())
    assert mark_sheet(sheet).marks[-1].verdict is Verdict.RIGHT
