"""Layers of which only a shape is known: what every command says of a network that has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cnncalc import InputError, Network, analyze, from_text
from cnncalc.analysis.compare import Comparison
from cnncalc.analysis.conventions import convention
from cnncalc.analysis.reconcile import Reconciliation
from cnncalc.analysis.report import Report
from cnncalc.execution.run import run
from cnncalc.execution.verify.measure import verify
from cnncalc.exporters.json import comparison_json, report_json
from cnncalc.exporters.rows import comparison_csv, report_csv
from cnncalc.homework.quiz import exercises
from tests.support.command import cnncalc

NETWORK = """
name: spectral
input: [3, 12, 10]
layers:
  - conv2d: {name: before, out_channels: 4, kernel_size: 3}
  - opaque: {name: fft, shape: [4, 10, 5], parameters: {weight: [4, 5]}, buffers: {scale: [6]}, call: rfft2(x)}
  - opaque: {name: mix, shape: [4, 8, 6], macs: 700}
  - conv2d: {name: behind, out_channels: 2, kernel_size: 3}
"""
ONLY = "input: [3, 8]\nlayers:\n  - opaque: [5]\n  - relu\n"
KNOWN = 4 * 27 * 80 + 700 + 2 * 36 * 24
"""Every filter of 3·9 and of 4·9 weights at every place, and what is stated."""


def report(text: str = NETWORK) -> Report:
    return analyze(from_text(text))


def as_data(text: str) -> Any:
    return json.loads(text)


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "net.yaml"
    file.write_text(NETWORK, encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("text", "status", "macs"),
    [
        (NETWORK, "partial", KNOWN),
        (NETWORK.replace("buffers:", "macs: 11, buffers:"), "complete", KNOWN + 11),
        (ONLY, "unavailable", None),
        ("input: [3]\nlayers: [relu]\n", "complete", 0),
    ],
)
def test_totals_say_how_much_is_known(text: str, status: str, macs: int | None) -> None:
    totals = as_data(report_json(report(text)))["totals"]
    assert (totals["status"], totals["macs"]) == (status, macs)
    assert (totals["flops"] is None) == (status != "complete")
    model = as_data(comparison_json(Comparison((report(text),), report(text))))["models"][0]
    assert (model["status"], model["macs"]) == (status, macs)


def test_what_is_stated_is_taken_as_it_is() -> None:
    found = report()
    fft, mix = found.by_path["fft"], found.by_path["mix"]
    assert (fft.output.shape, fft.params, fft.buffers) == ((4, 10, 5), 20, 6)
    assert found.macs(fft) is None
    assert (mix.macs, found.flops(mix)) == (700, 1400)
    assert found.totals().params == (27 + 1) * 4 + 20 + (36 + 1) * 2


def test_no_field_is_followed_through() -> None:
    found = report()
    assert [row.path for row in found.rows if row.reach] == ["before"]
    assert found.last_local_reach() is None


def test_unknown_is_never_zero() -> None:
    found = report()
    fft = next(layer for layer in as_data(report_json(found))["layers"] if layer["path"] == "fft")
    assert fft["macs"] is fft["flops"] is None
    heads, _before, row, *_ = [line.split(",") for line in report_csv(found).splitlines()]
    assert row[heads.index("macs")] == row[heads.index("flops")] == ""
    heads, row = (line.split(",") for line in comparison_csv(Comparison((found,), found)).splitlines())
    assert row[heads.index("macs")] == ""


@pytest.mark.parametrize("name", ["torch", "thop", "fvcore"])
def test_no_convention_counts_it(name: str) -> None:
    found = report()
    assert Reconciliation(found, (convention(name),)).sides()[0].total is None
    stated = report(NETWORK.replace("buffers:", "macs: 11, buffers:"))
    total = Reconciliation(stated, (convention(name),)).sides()[0].total
    assert total == (2 * (KNOWN + 11) if name == "torch" else None)  # what others make of it is not known


def test_python_takes_mappings() -> None:
    net = Network("net", input=(3, 12, 10))
    net.opaque((4, 2), parameters={"weight": (4, 5)})
    assert analyze(net.build()).totals().params == 20


# What is measured, and what is not


def test_verify_leaves_it_out_and_measures_the_rest() -> None:
    found = verify(report())
    assert found.ok
    assert [check.path for check in found.unmeasured] == ["fft", "mix"]
    totals = {check.quantity: check.rule for check in found.checks if check.path == "total"}
    assert (totals["params"], totals["buffers"], totals["macs"]) == (28 * 4 + 37 * 2, 0, KNOWN - 700)
    assert {check.path for check in found.checks} == {"total", "before", "fft", "mix", "behind"}


def test_run_refuses_and_names_it() -> None:
    found = report()
    with pytest.raises(InputError) as caught:
        run(found.graph, found)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "cannot-run-opaque"
    assert "fft, mix" in str(diagnostic)
    assert "--layer before" in str(diagnostic)
    assert run(found.graph, found, layers=["before"])["before"].shape == (4, 10, 8)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("summarize", ["+ ?", "not all are known", "the MACs of fft are not given"]),
        ("summarize --format markdown", ["+ ?", "the MACs of fft are not given"]),
        ("summarize --format latex", ["+ ?"]),
        ("compare", ["the MACs of fft are not given"]),
        ("explain fft", ["Taken as written, not from a rule.", "Not given, so they are not known.", "through fft"]),
        ("explain behind", ["Not followed through mix"]),
        ("explain", ["+ ?"]),
        ("verify", ["Left out, because opaque: fft, mix.", "ran on ones"]),
    ],
)
def test_every_command_says_so(path: str, command: str, said: list[str]) -> None:
    name, *words = command.split()
    done = cnncalc(name, path, *words)
    shown = " ".join(done.out.split())
    assert [text for text in said if text not in shown] == []
    assert "opaque-layer" in done.err
    assert "fft" in done.err


def test_check_does_not_mark_what_is_not_known(path: str, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.yaml"
    sheet.write_text(
        f"network: {path}\nanswers:\n  fft.macs: 0\n  total.macs: {KNOWN}\n  most_macs: before\n  mix.macs: 700\n"
    )
    done = cnncalc("check", str(sheet))
    assert done.err.count("not-known") == 3
    assert "1 of 1 right" in done.out


def test_no_exercise_is_about_it() -> None:
    asked = [one.question.ask for one in exercises(report())]
    assert asked
    assert [ask for ask in asked if ask.startswith(("fft", "mix")) or "total.macs" in ask or "most_macs" in ask] == []
