"""Conventions: FLOPs as a sum of rates over bases, whoever counts, and who it is that counts."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from cnncalc import InputError, analyze, from_text, load
from cnncalc.analysis.conventions import NAMES, convention
from cnncalc.analysis.conventions.base import ANY, MACS, UNKNOWN, Convention, Rate
from cnncalc.analysis.conventions.bases import READ, WRITTEN
from cnncalc.analysis.conventions.fvcore import FVCORE
from cnncalc.analysis.conventions.torch import TORCH
from cnncalc.core.translation import Phrase, use_language
from tests.support.command import cnncalc, objects

SMALL = from_text(
    "input: [3, 6, 5]\nlayers:\n  - conv2d: {name: conv, out_channels: 4, kernel_size: 3}\n  - relu: {name: act}\n"
    "  - max_pool2d: {name: pool, kernel_size: 2}\n"
)

MADE_UP = Convention(
    "made-up",
    Phrase("for this test"),
    {"relu": (Rate(3, READ), Rate(Fraction(1, 2), WRITTEN)), "max_pool2d": UNKNOWN, ANY: (Rate(1, MACS),)},
    "tests/analysis/test_conventions.py",
)


class TestRates:
    def test_three_different_answers(self) -> None:
        """So many, nothing, and that nobody knows."""
        report = analyze(SMALL, convention=MADE_UP)
        conv, act, pool = report.rows
        assert (report.flops(conv), MADE_UP.knows(conv)) == (4 * 3 * 9 * 4 * 3, True)
        assert (report.flops(act), MADE_UP.knows(act)) == (3 * 48 + 24, True)
        assert (report.flops(pool), MADE_UP.knows(pool)) == (None, False)
        assert [TORCH.knows(row) for row in report.rows] == [True] * 3
        assert TORCH.flops(pool) == 0

    def test_flops_are_the_sum_of_the_terms(self) -> None:
        report = analyze(SMALL, convention=MADE_UP)
        _, act, _ = report.rows
        assert list(MADE_UP.terms(act)) == [(3, READ, 48, ""), (Fraction(1, 2), WRITTEN, 48, "")]
        assert MADE_UP.total(report.rows[:2]) == 1296 + 168

    def test_a_total_with_an_unknown_part_is_unknown(self) -> None:
        report = analyze(SMALL, convention=MADE_UP)
        assert report.totals().flops is None
        assert MADE_UP.unknown(report.rows) == ["max_pool2d"]

    @pytest.mark.parametrize("name", NAMES)
    def test_every_convention_goes_by_its_own_name_and_has_a_source(self, name: str) -> None:
        found = convention(name)
        assert found.name == name
        assert found.source
        assert found.summary


class TestCommand:
    def test_fvcore(self) -> None:
        """4,111,512,576: fvcore 0.1.5.post20221221 on torchvision 0.26's resnet50, evaluation, batch 1."""
        done = cnncalc("summarize", "resnet50", "--convention", "fvcore")
        assert "4,111,512,576 (4.11 G)" in done.out
        assert "(convention: fvcore)" in done.out
        told = json.loads(cnncalc("summarize", "resnet50", "--convention", "fvcore", "--format", "json").out)
        assert (told["convention"], told["totals"]["flops"]) == ("fvcore", 4_111_512_576)
        assert told["totals"]["macs"] == 4_089_184_256
        assert sum(layer["flops"] for layer in told["layers"]) == 4_111_512_576

    def test_torchs_is_the_default(self) -> None:
        assert "8,178,368,512 (8.18 G)" in cnncalc("summarize", "resnet50").out
        assert analyze(load("resnet50")).convention is TORCH

    @pytest.mark.parametrize(
        ("command", "shown"),
        [
            ("compare resnet50 vgg16", "(convention: fvcore)"),
            ("layer batch_norm2d --input 3x8x8", "384  (2 × values read)"),
            ("layer conv2d out_channels=4 kernel_size=3 --input 3x8x8", "3,888  (MACs)"),
            ("explain resnet50 bn1 --quantity flops", "MACs = 2·values read = 2·802,816 = 1,605,632"),
            ("explain resnet50 --quantity flops", "4,111,512,576"),
        ],
    )
    def test_every_command_that_prints_flops(self, command: str, shown: str) -> None:
        done = cnncalc(*command.split(), "--convention", "fvcore")
        assert (done.code, done.err) == (0, "")
        assert shown in done.out
        assert "fvcore" in done.out

    def test_a_convention_that_is_not_known(self) -> None:
        objects(cnncalc("summarize", "vgg16", "--convention", "fvcor"), "unknown-convention", "did you mean `fvcore`?")
        with pytest.raises(InputError) as caught:
            convention("nobody")
        assert "help: conventions are torch, torch-cpu, torchvision, fvcore, " in str(caught.value)
        with use_language("zh"):
            assert "没有 `nobody` 这个约定" in str(caught.value.diagnostics[0])


@pytest.mark.parametrize("option", ["--columns=params", "--depth=1", "--flat"])
@pytest.mark.parametrize("format", ["json", "csv"])
def test_what_shapes_a_table_is_refused_where_there_is_none(option: str, format: str) -> None:
    name = option.partition("=")[0]
    objects(cnncalc("summarize", "lenet5", option, "--format", format), "usage", f"{name} shapes a table")
    assert cnncalc("summarize", "lenet5", option, "--format", "markdown").code == 0


def test_fvcore_ignores_what_it_lists_nowhere() -> None:
    assert all(FVCORE.knows(row) for row in analyze(load("resnet50")).rows)
