"""Answers from beginning to end: read, marked and diagnosed, in both languages, with and without the right values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pytest
import yaml

from cnncalc import InputError, analyze, load
from cnncalc.core.translation import use_language
from cnncalc.homework.diagnosis import diagnosis
from cnncalc.homework.marking import mark
from cnncalc.homework.questions import Mark
from cnncalc.homework.reading.numbers import read_answer
from cnncalc.homework.targets import Subject
from tests.support.cases import CASES

KEYS = {"network", "ask", "answer", "verdict", "error", "says", "hidden", "untold", "zh"}
ROWS: list[Mapping[str, Any]] = yaml.safe_load((CASES / "diagnoses.yaml").read_text(encoding="utf-8"))["answers"]


@cache
def asked(network: str) -> Subject:
    graph = load(network)
    return Subject(analyze(graph))


def marked(row: Mapping[str, Any]) -> Mark:
    question = asked(row["network"]).question(row["ask"])
    return mark(question, read_answer(row["answer"], question.quantity))


def stand_in_order(fragments: Sequence[str], lines: Sequence[str]) -> bool:
    """Whether every fragment stands in a line further down than the one before."""
    left = iter(lines)
    return all(any(fragment in line for line in left) for fragment in fragments)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['network']}-{row['ask']}={row['answer']}")
def test_an_answer(row: Mapping[str, Any]) -> None:
    assert row.keys() <= KEYS
    if "error" in row:
        with pytest.raises(InputError) as caught:
            marked(row)
        assert [one.code for one in caught.value.diagnostics] == [row["error"]]
        return
    done = marked(row)
    lines, hidden = diagnosis(done), diagnosis(done, hide=True)
    assert done.verdict.value == row["verdict"], lines
    assert stand_in_order(row.get("says", ()), lines), lines
    assert stand_in_order(row.get("hidden", ()), hidden), hidden
    assert len(set(lines)) == len(lines)
    for fragment in row.get("untold", ()):
        assert not any(fragment in line for line in hidden)
    if "zh" in row:
        with use_language("zh"):
            assert any(row["zh"] in line for line in diagnosis(marked(row)))
