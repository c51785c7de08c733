"""Counts of other tools, run on the rebuilt torch module: equal to ours under their conventions, digit by digit."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import pytest

from cnncalc.analysis.infer import analyze
from cnncalc.core.errors import InputError
from cnncalc.core.tensor import Shape
from cnncalc.execution.verify.verification import TOTAL, Check
from cnncalc.language.load import from_text, load
from cnncalc.oracles import against_tools
from cnncalc.oracles.against_tools import TOOLS, Counted, against_tool
from tests.support.cases import tool_layers

pytestmark = pytest.mark.slow

NETWORKS: dict[str, Shape | None] = {
    "lenet5": None,
    "alexnet": (3, 96, 96),
    "nin": (3, 96, 83),
    "resnet18": (3, 64, 75),
    "googlenet": (3, 64, 71),
    "densenet121": (3, 64, 64),
    "mobilenet_v2": (3, 64, 64),
    "efficientnet_b0": (3, 64, 64),
    "convnext_tiny": (3, 64, 64),
    "vit_b_16": None,
    "swin_t": (3, 64, 64),
    "char_rnn": None,
}
"""At sizes that run quickly; the totals at full size are in tests/cases/tools.yaml."""


def installed(tool: str) -> Any:
    missing = next((one for one in (tool, *(["transformers"] if tool == "calflops" else [])) if not find_spec(one)), "")
    return pytest.mark.skipif(bool(missing), reason=f"{missing} is not installed: pip install 'cnncalc[tools]'")


EVERY_TOOL = [pytest.param(tool, marks=installed(tool)) for tool in TOOLS]


@pytest.mark.parametrize("tool", EVERY_TOOL)
@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name: str, tool: str) -> None:
    checks = against_tool(tool, analyze(load(name, input=NETWORKS[name])))
    assert [check for check in checks if not check.ok] == []
    assert checks[-1].path == TOTAL
    assert checks[-1].measured > 0


@pytest.mark.parametrize("tool", EVERY_TOOL)
@pytest.mark.parametrize(("shape", "layer", "counts"), tool_layers())
def test_layers(shape: list[int], layer: str, counts: dict[str, int], tool: str) -> None:
    checks = against_tool(tool, analyze(from_text(f"input: {shape}\nlayers:\n  - {layer}\n")))
    known = {name.replace("-", "_") for name in counts}
    assert [check for check in checks if check.quantity in known and check.ok is False] == []


# Without the tools themselves


def counted(monkeypatch: pytest.MonkeyPatch, *found: Counted) -> list[Check]:
    monkeypatch.setitem(TOOLS, "torchinfo", lambda report: iter(found))
    monkeypatch.setattr(against_tools, "require_packages", lambda *names, extra: None)
    return against_tool("torchinfo", analyze(load("lenet5")))


def test_another_count_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = {"c1": 122_304, "c3": 241_600, "c5": 48_120, "f6": 10_164, "output": 850}
    right = Counted("torchinfo", 423_038, 61_706, layers)
    assert [check for check in counted(monkeypatch, right) if not check.ok] == []
    wrong = counted(monkeypatch, right._replace(total=423_039, params=61_705, layers={**layers, "c3": 1, "s2": 7}))
    assert [(check.path, check.quantity, check.measured) for check in wrong if not check.ok] == [
        ("s2", "torchinfo", 7),
        ("c3", "torchinfo", 1),
        (TOTAL, "torchinfo_params", 61_705),
        (TOTAL, "torchinfo", 423_039),
    ]


def test_what_is_not_known_is_not_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    (check,) = counted(monkeypatch, Counted("keras", 5))
    assert (check.rule, check.measured, check.ok) == ("not known", 5, None)


def test_a_tool_that_fails_has_measured_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    (check,) = counted(monkeypatch, Counted("ptflops-aten", None))
    assert (check.quantity, check.rule, check.measured, check.ok) == ("ptflops_aten", "runs", "fails", None)

    def fails(report: object) -> Any:
        raise StopIteration

    monkeypatch.setitem(TOOLS, "torchinfo", fails)
    (check,) = against_tool("torchinfo", analyze(load("lenet5")))
    assert (check.measured, check.ok) == ("StopIteration", None)


def test_a_layer_that_torch_cannot_build_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from cnncalc.oracles.against_tools import _network

    report = analyze(load("lenet5"))
    wrong = replace(report, rows=(report.rows[0]._replace(inputs=()), *report.rows[1:]))
    monkeypatch.setitem(TOOLS, "torchinfo", lambda report: [_network(wrong)])
    monkeypatch.setattr(against_tools, "require_packages", lambda *names, extra: None)
    (check,) = against_tool("torchinfo", report)
    assert (check.path, check.quantity, check.ok) == ("c1", "torchinfo_execution", False)


def test_a_package_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "thop", None)
    with pytest.raises(InputError) as objection:
        against_tool("thop", analyze(load("lenet5")))
    assert "pip install 'cnncalc[tools]'" in str(objection.value)
