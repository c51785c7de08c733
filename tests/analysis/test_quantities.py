"""One entry is enough: a number that is made up here turns up wherever numbers are reported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnncalc.analysis.quantities import QUANTITIES, ComparisonColumn, Quantity
from cnncalc.core.translation import Phrase
from cnncalc.homework.reading import words
from tests.support.inside import inside

WHISKERS = Quantity(
    "whiskers",
    Phrase("Whiskers"),
    "operations",
    lambda report, row: 7 * row.output.channels,
    field="whisker_count",
    has_share=True,
    comparison=ComparisonColumn("whiskers", Phrase("Whiskers"), 0),
    meaning=Phrase("Seven for each channel."),
)
DESCRIPTION = (
    "name: cat\ninput: [3, 9, 8]\nlayers:\n  - conv2d: {name: stem, out_channels: 4, kernel_size: 3}\n"
    "  - flatten: {name: flat}\n  - linear: {name: fc, out_features: 2}\n"
)
"""Channels 4, 168 and 2: 28 + 1,176 + 14 = 1,218."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setitem(QUANTITIES, WHISKERS.key, WHISKERS)
    forget_words()
    (tmp_path / "cat.yaml").write_text(DESCRIPTION, encoding="utf-8")
    yield tmp_path
    forget_words()


def forget_words() -> None:
    """The words of claims are collected once; they have to be again where the quantities change."""
    words.phrases.cache_clear()
    words._quantity_words.cache_clear()


def shown(folder: Path, command: str) -> str:
    done = inside(command.split(), folder)
    assert (done.code, done.err) == (0, "")
    return done.out


def test_the_table(folder: Path) -> None:
    table = shown(folder, "summarize cat.yaml --columns whiskers,whiskers%")
    assert [line.split()[1:] for line in table.splitlines() if line.startswith(("stem", "flat", "fc", "Total"))] == [
        ["28", "2.3", "%"],
        ["1,176", "96.6", "%"],
        ["14", "1.1", "%"],
        ["1,218", "100", "%"],
    ]
    assert " Whiskers |" in shown(folder, "summarize cat.yaml --columns whiskers --format markdown")


def test_json_and_csv(folder: Path) -> None:
    told = json.loads(shown(folder, "summarize cat.yaml --format json"))
    assert [layer["whisker_count"] for layer in told["layers"]] == [28, 1176, 14]
    assert told["totals"]["whisker_count"] == 1218
    head, *rows = (line.split(",") for line in shown(folder, "summarize cat.yaml --format csv").splitlines())
    assert [row[head.index("whisker_count")] for row in rows] == ["28", "1176", "14"]


def test_compare(folder: Path) -> None:
    assert "Whiskers" in shown(folder, "compare cat.yaml lenet5")
    head, row, _ = (line.split(",") for line in shown(folder, "compare cat.yaml lenet5 --format csv").splitlines())
    assert row[head.index("whiskers")] == "1218"
    sorted_rows = shown(folder, "compare lenet5 cat.yaml --sort whiskers --format csv").splitlines()[1:]
    assert [line.partition(",")[0] for line in sorted_rows] == ["cat", "lenet5"]
    assert json.loads(shown(folder, "compare cat.yaml --format json"))["models"][0]["whisker_count"] == 1218


def test_explain(folder: Path) -> None:
    assert "whiskers  28\n" in shown(folder, "explain cat.yaml stem --quantity whiskers")
    assert "Seven for each channel." in shown(folder, "explain cat.yaml stem --quantity whiskers")
    assert "whiskers  1,218\n" in shown(folder, "explain cat.yaml --quantity whiskers")


def test_check(folder: Path) -> None:
    assert inside("check cat.yaml stem.whiskers=28 total.whiskers=1218".split(), folder).code == 0  # noqa: SIM905
    assert inside("check cat.yaml stem.whiskers=27".split(), folder).code == 1  # noqa: SIM905
    (folder / "sheet.yaml").write_text("network: cat.yaml\nclaims: {most_whiskers: flat}\n", encoding="utf-8")
    assert inside(["check", "sheet.yaml"], folder).code == 0


def test_without_the_entry_it_is_unknown(tmp_path: Path) -> None:
    for command in ("summarize lenet5 --columns whiskers", "explain lenet5 --quantity whiskers"):
        assert inside(command.split(), tmp_path).code == 2
