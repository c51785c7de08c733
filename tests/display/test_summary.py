"""Summaries of every built-in network where room is short: what leaves, in which order, and what is said of it."""

from __future__ import annotations

import re
from io import StringIO

import pytest

from cnncalc import analyze, from_text, load
from cnncalc.analysis.compare import Comparison
from cnncalc.analysis.names import Directory
from cnncalc.analysis.outline import outline
from cnncalc.analysis.quantities import table_quantities
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import choose_columns
from cnncalc.core.translation import language, use_language
from cnncalc.display import comparison
from cnncalc.display.screen import console
from cnncalc.display.summary import show
from cnncalc.display.units import rounded
from cnncalc.language import collection
from tests.display.test_screen import width

STAY = {"en": ("Type", "Output", "Params", "MACs"), "zh": ("类型", "输出", "参数量", "MACs")}
LEAVE = {"en": ("RF", "Memory B", "FLOPs"), "zh": ("感受野", "内存 B", "FLOPs")}

NO_ROOM = {"en": "No room for", "zh": "放不下的列"}
ROUNDED = {"en": "Rounded to 4 digits", "zh": "舍入到4位有效数字"}


def table(report: Report, columns: int, *, flat: bool = False, named: str | None = None) -> tuple[list[str], str]:
    """The lines of the table on a screen of so many columns, and the text below it."""
    file = StringIO()
    screen = console(file)
    screen.width = columns
    show(screen, report, outline(report, flat=flat), choose_columns(named), pinned=named is not None)
    _title, _, rest = file.getvalue().partition("\n\n")
    lines, _, note = rest.partition("\n\n")
    return lines.split("\n"), re.sub(r"\s+", "" if language() == "zh" else " ", note)


def has_title(head: str, title: str) -> bool:
    return re.search(rf"(^|  ){title}(  |$)", head) is not None


@pytest.mark.parametrize("name", collection.names())
def test_type_output_params_and_macs_never_leave(name: str) -> None:
    report = analyze(load(name))
    for said in ("en", "zh"):
        for columns, flat in ((80, False), (80, True), (100, False), (120, False)):
            with use_language(said):
                lines, note = table(report, columns, flat=flat)
            assert max(map(width, lines)) <= columns
            assert all(has_title(lines[0], title) for title in STAY[said]), lines[0]
            left = [title for title in LEAVE[said] if not has_title(lines[0], title)]
            assert left == list(LEAVE[said][len(LEAVE[said]) - len(left) :])
            assert bool(left) == (NO_ROOM[said] in note)
            assert bool(re.search(r"\d[kMGT]\b|\d[KMGT]iB\b", "\n".join(lines))) == (ROUNDED[said] in note)


def test_numbers_are_exact_where_there_is_room() -> None:
    report = analyze(load("vgg16"))
    wide, note = table(report, 200)
    assert "138,357,544" in wide[-1]
    assert "Rounded" not in note
    exact = max(map(width, wide))
    assert table(report, exact) == (wide, note)
    narrow, note = table(report, exact - 1)
    assert narrow[-1].split() == ["Total", "138,357,544", "15,470,264,320", "30.94G", "114,804,640"]
    assert "Rounded to 4 digits for lack of room: FLOPs;" in note


@pytest.mark.parametrize("columns", [80, 60, 40])
@pytest.mark.parametrize("name", ["thop", "ptflops-pytorch", "2K-1", "keras"])
def test_a_convention_that_was_asked_for_stays(name: str, columns: int) -> None:
    report = analyze(load("resnet18"), convention=name)
    lines, note = table(report, columns)
    title = "keras Params" if name == "keras" else f"{name} {report.convention.unit.plural}"
    assert title in lines[0]
    assert f"No room for {title}" not in note


def test_running_statistics_are_stored_once() -> None:
    sizes = [
        re.search(r"[\d.]+ MiB", table(analyze(load("resnet18"), convention=name), 120)[1])
        for name in ("torch", "keras")
    ]
    assert [size[0] for size in sizes if size] == ["44.63 MiB"] * 2


@pytest.mark.parametrize(
    ("columns", "named", "is_shown"), [(120, None, True), (50, None, False), (120, "params", False), (40, "rf", True)]
)
def test_the_legend_is_of_columns_that_are_shown(columns: int, named: str | None, is_shown: bool) -> None:
    lines, note = table(analyze(load("resnet18")), columns, named=named)
    assert has_title(lines[0], "RF") is is_shown
    assert ("RF is" in note, "Their RF" in note) == (is_shown, is_shown)
    assert "×n marks" in note


def test_columns_that_the_user_named_are_rounded_and_stay() -> None:
    lines, note = table(analyze(load("vgg16")), 40, named="params,macs,flops,jump,start")
    assert lines[0].split() == ["Layer", "Params", "MACs", "FLOPs", "Jump", "Start"]
    assert lines[-1].split() == ["Total", "138.4M", "15.47G", "30.94G"]
    assert "No room" not in note


@pytest.mark.parametrize(
    ("number", "count", "size"),
    [
        (0, "0", "0"),
        (9_999, "9,999", "9,999"),
        (10_000, "10.00k", "9.766KiB"),
        (99_994, "99.99k", "97.65KiB"),
        (99_995, "100.0k", "97.65KiB"),
        (999_949, "999.9k", "976.5KiB"),
        (999_950, "1.000M", "976.5KiB"),
        (1023 * 1024, "1.048M", "1023KiB"),
        (1024 * 1024 - 1, "1.049M", "1.000MiB"),
        (102_764_544, "102.8M", "98.00MiB"),
        (10**21, "1000E", "867.4EiB"),
    ],
)
def test_four_significant_digits(number: int, count: str, size: str) -> None:
    assert (rounded(number, "operations"), rounded(number, "bytes")) == (count, size)


UNITS = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


@pytest.mark.parametrize("name", ["vgg16", "unet", "densenet121"])
def test_rounded_numbers_are_the_exact_ones(name: str) -> None:
    report = analyze(load(name))
    for row in report.rows:
        for quantity in table_quantities():
            exact = int(quantity.of_rows(report, (row,)) or 0)
            number, unit = re.fullmatch(r"([\d.,]+)(\w*)", rounded(exact, quantity.unit)).groups()  # type: ignore[union-attr]
            read = float(number.replace(",", "")) * UNITS.get(unit, 1)
            assert abs(read - exact) <= exact * 5e-4


@pytest.mark.parametrize("columns", range(60, 121, 3))
@pytest.mark.parametrize("names", [("vgg16", "vgg16"), ("resnet50", "unet"), ("wide_resnet101_2", "lenet5")])
def test_comparisons_cut_no_number(names: tuple[str, ...], columns: int) -> None:
    reports = tuple(analyze(load(name)) for name in names)
    out = StringIO()
    screen = console(out)
    screen.width = columns
    comparison.show(screen, Comparison(reports, reports[0]))
    lines = out.getvalue().partition("Params go to")[0].splitlines()
    assert "…" not in "".join(lines)
    assert max(map(width, lines)) <= columns


def test_a_layer_may_have_the_name_of_a_level() -> None:
    text = """
input: [3, 8, 8]
layers:
  - conv2d: {name: stem, out_channels: 4, kernel_size: 1}
  - batch_norm2d: {name: bn}
  - relu: {name: bn.act}
  - batch_norm2d: {name: bn.act.again}
"""
    for kept in (text, text.replace("batch_norm2d: {name: bn}", "batch_norm2d: {name: bn.act.first}")):
        report = analyze(from_text(kept))
        lines = outline(report)
        assert [line.path for line in lines if line.row] == [row.path for row in report.rows]
        table(report, 80)
    assert [row.path for row in Directory(analyze(from_text(text))).rows_of("bn")] == ["bn"]
