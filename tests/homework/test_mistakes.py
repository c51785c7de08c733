"""Wrong answers and the mistakes behind them: published ones, one for every mistake, and none where all is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from cnncalc import analyze, load
from cnncalc.analysis.report import Report
from cnncalc.core.graph import Graph, Node
from cnncalc.core.rewriting import simplified
from cnncalc.core.tensor import DType
from cnncalc.core.term import Term
from cnncalc.explain.layer import Equation
from cnncalc.homework.mistakes.base import may_fit
from cnncalc.homework.mistakes.figures import QUANTITY_MISTAKES
from cnncalc.homework.mistakes.fractions import UnroundedEquation
from cnncalc.homework.mistakes.networks import INPUT_MISTAKES, NETWORK_MISTAKES
from cnncalc.homework.mistakes.parts import PART_MISTAKES
from cnncalc.homework.mistakes.search import MISTAKES, alternatives, slips
from cnncalc.homework.mistakes.shapes import SHAPE_MISTAKES
from cnncalc.homework.mistakes.working import working_of
from cnncalc.homework.questions import Answer, Question, Slip
from cnncalc.homework.reading.numbers import read_answer
from cnncalc.homework.targets import Subject, expected_value
from cnncalc.layers.catalogue import resolve
from tests.support.cases import CASES, frozen, layer_cases
from tests.support.spelled import read_back
from tests.support.worked_examples import Translation

KEYS = {
    *("id", "network", "input", "layer", "worked", "layers", "ask", "right", "answer", "slips", "reading", "sum"),
    *("words", "batch", "set", "source", "says"),
}


def document(path: Path) -> Any:
    with path.open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


TABLE = document(CASES / "mistakes.yaml")
ROWS: list[Mapping[str, Any]] = TABLE["answers"]


@cache
def worked() -> dict[str, Any]:
    return {case["id"]: case for case in document(CASES / "worked_examples.yaml")["cases"]}


def graph_of(row: Mapping[str, Any]) -> Graph:
    if "network" in row:
        return load(row["network"], input=frozen(row["input"]) if "input" in row else None, params=row.get("set"))
    if "layer" in row:
        told = row["layer"]
        layer = resolve(told["type"])(**{name: frozen(value) for name, value in told.get("options", {}).items()})
        return Graph("layer", {"x": frozen(told["input"])}, (Node("layer", layer, ("x",)),), ("layer",))
    written = worked()[row["worked"]]["network"] if "worked" in row else row
    return Translation(frozen(written["input"]), written["layers"]).assembly.graph()


@cache
def network_of(identifier: str) -> Report:
    row = next(row for row in ROWS if row["id"] == identifier)
    graph = graph_of(row)
    return analyze(graph, batch=row.get("batch", 1))


def asked(row: Mapping[str, Any]) -> tuple[Question, Answer]:
    network = network_of(row["id"])
    ask = row["ask"] if "." in row["ask"] else f"{network.graph.nodes[-1].path}.{row['ask']}"
    question = Subject(network).question(ask)
    return question, read_answer(str(row["answer"]), question.quantity)


def is_sum(line: Equation, slip: Slip) -> None:
    """A sum leads to the wrong value, and what is printed of it does too."""
    values = slip.value if isinstance(slip.value, tuple) else (slip.value,)
    if isinstance(line, UnroundedEquation):  # what was given of it may be rounded
        assert any(abs(Fraction(line.value) - Fraction(value)) < Fraction(1, 100) for value in values)
    else:
        assert line.value in values
    assert isinstance(line.expression, Term)
    assert line.expression.evaluate() == line.expression
    printed = line.sides()[-2]
    if not any(letter.isalpha() for letter in printed):
        assert read_back(printed) == line.value


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row["id"]))
class TestEveryAnswer:
    def test_right_is_what_the_source_says(self, row: Mapping[str, Any]) -> None:
        assert row.keys() <= KEYS
        question, answer = asked(row)
        right = row["right"] if "right" in row else worked()[row["worked"]]["answer"]
        assert expected_value(question) == frozen(right)
        assert not may_fit(answer, expected_value(question), question.quantity)

    def test_the_mistake_is_named(self, row: Mapping[str, Any]) -> None:
        question, answer = asked(row)
        found = slips(question, answer)
        names = [slip.name for slip in found]
        if "slips" in row:
            wanted = row["slips"]
            assert names[:1] == wanted[:1], found
            assert set(wanted) <= set(names)
        for slip in found:
            assert may_fit(answer, slip.value, question.quantity)
            assert slip.value != expected_value(question)
            assert slip.sentence.endswith((".", "?"))
            assert "{" not in slip.sentence
            if slip.equation is not None:
                is_sum(slip.equation, slip)
        if "sum" in row:
            line = found[0].equation
            assert (" = ".join(line.sides()) if line is not None else None) == row["sum"]
        if "says" in row:
            assert row["says"] in found[0].sentence

    def test_the_convention_is_named(self, row: Mapping[str, Any]) -> None:
        question, answer = asked(row)
        fitting = [one for one in alternatives(question) if may_fit(answer, one.value, question.quantity)]
        if "reading" in row:
            assert any(one.convention.startswith(row["reading"]) for one in fitting), fitting
        elif not row["slips"]:
            assert fitting == []


def test_every_mistake_of_the_notes_is_asked_or_says_why_not() -> None:
    told = {row["id"].partition("-")[0] for row in ROWS} | TABLE["not_asked"].keys()
    assert told >= {f"E{number}" for number in range(1, 32)}
    assert told >= {"T060", "T061", "T063", "T065", "T072", "T073", "T074", "T093"}
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert all(len(reason) > 15 for reason in TABLE["not_asked"].values())


def test_every_mistake_is_made_once() -> None:
    names = {name for row in ROWS for both in row.get("slips", ()) for name in both.split("+")}
    for mistake in (*MISTAKES, *PART_MISTAKES, *NETWORK_MISTAKES, *INPUT_MISTAKES, *QUANTITY_MISTAKES, *SHAPE_MISTAKES):
        assert mistake.name in names, mistake.name


@cache
def built_in(name: str) -> Report:
    graph = load(name)
    return analyze(graph)


BUILT_IN = ("alexnet_caffe", "lenet5_1998", "googlenet", "mobilenet_v2", "unet", "c3d", "densenet121", "fcn8s_vgg16")


def questions(network: Report) -> Iterator[Question]:
    for row in network.rows:
        for quantity in ("output", "params", "buffers", "macs", "flops", "memory"):
            yield Question(network, f"{row.path}.{quantity}", quantity, row)
        if row.reach is not None and all(axis.start is not None for axis in row.reach.axes):
            for quantity in ("receptive_field", "jump", "start"):
                yield Question(network, f"{row.path}.{quantity}", quantity, row)


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_is_right_is_no_mistake(name: str) -> None:
    for question in questions(built_in(name)):
        right = expected_value(question)
        answer = Answer("right", right if isinstance(right, tuple) else right + 0)  # type: ignore[arg-type]
        assert slips(question, answer) == ()
    for quantity in ("params", "macs", "flops", "memory"):
        question = Subject(built_in(name)).question(f"total.{quantity}")
        assert expected_value(question) not in [one.value for one in alternatives(question)]


@pytest.mark.parametrize("case", layer_cases(), ids=str)
def test_the_working_of_every_layer_is_right(case: Any) -> None:
    """Wrong sums are right ones with something changed, so the unchanged ones have to be right."""
    graph = case.network()
    report = analyze(graph, batch=2, dtype=DType.FLOAT16)
    row = report.rows[-1]
    working = working_of(row)
    for quantity in ("output", "size", "channels", "params", "param_memory", "macs", "flops", "memory", "buffers"):
        if quantity in ("macs", "flops") and not row.knows_macs:
            continue
        question = Question(report, f"{row.path}.{quantity}", quantity, row)
        assert working.value(quantity, report) == expected_value(question), quantity
        if quantity not in ("output", "size", "channels"):
            line = simplified(working.count(quantity, report))
            assert line == expected_value(question)
            assert not isinstance(line, Term) or line.evaluate() == line
