"""No option makes a layer take long or much: every one of every layer type, as large as it may be written."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cnncalc import InputError, analyze
from cnncalc.core.errors import Fault
from cnncalc.core.graph import Graph
from cnncalc.core.translation import use_language
from cnncalc.explain.layer import explain
from cnncalc.exporters.json import report_json
from cnncalc.language.options import build
from cnncalc.language.text.functions import MOST_ITEMS
from cnncalc.layers.catalogue import ADDRESSES, resolve
from tests.fuzz.watched import in_a_child
from tests.support.cases import Case, layer_cases

HUGE = 2**31 - 1
VALUES: tuple[Any, ...] = (
    HUGE,
    (HUGE,),
    (HUGE, HUGE),
    (HUGE, HUGE, HUGE),
    (1,) * MOST_ITEMS,
    (2, 3) * (MOST_ITEMS // 2),
)
"""What an option is given: the largest number, as many as there are axes, and the longest list."""

SECONDS = 6.0
"""Of all values of all options of one layer type together, and its imports."""

PEAK_BYTES = 170 * 2**20


def cases() -> Iterator[Case]:
    """One layer of every type, with the fewest options."""
    fewest: dict[str, Case] = {}
    for case in layer_cases():
        known = fewest.setdefault(case.type, case)
        if len(case.options) < len(known.options):
            fewest[case.type] = case
    yield from fewest.values()


def told(case: Case, options: dict[str, Any]) -> str:
    """Everything that is said of the layer with these options; or what is objected to."""
    try:
        layer = build(case.type, options, {}, None)
        whole = case.network()
        node = whole.nodes[-1]._replace(layer=layer)
        graph = Graph(whole.name, whole.inputs, (*whole.nodes[:-1], node), whole.outputs)
        report = analyze(graph)
        return report_json(report) + str(explain(report, node.path))
    except (InputError, Fault) as objection:
        return str(objection)


def test_every_type_has_a_case() -> None:
    assert {case.type for case in cases()} == set(ADDRESSES)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="measures a process by what Linux says of it")
@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.type)
def test_options_as_large_as_they_may_be(case: Case, tmp_path: Path) -> None:
    def work() -> None:
        for name in resolve(case.type).model_fields:
            for value in VALUES:
                assert told(case, {**case.options, name: value})

    outcome = in_a_child(work, tmp_path)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.seconds < SECONDS
    assert outcome.peak_bytes < PEAK_BYTES


@pytest.mark.parametrize(
    ("kind", "option", "value", "words", "chinese"),
    [
        ("lstm", "num_layers", HUGE, "a whole number from 1 to 1,000", "num_layers 应为：1 到 1,000 之间的整数"),
        ("spatial_pyramid_pool2d", "levels", (1,) * 65, "levels must be a list of up to 64", "至多 64 项的列表"),
        ("reshape", "shape", (1,) * 9, "shape must be a list of up to 8", "至多 8 项的列表"),
    ],
)
def test_a_bound_is_said(kind: str, option: str, value: Any, words: str, chinese: str) -> None:
    options = {"hidden_size": 3, option: value} if kind == "lstm" else {option: value}
    with pytest.raises(InputError) as caught:
        build(kind, options, {}, None)
    assert caught.value.diagnostics[0].code == "wrong-option"
    assert words in str(caught.value)
    with use_language("zh"):
        assert chinese in str(caught.value)
