"""What is printed: golden screens, and columns that are added up again.

The golden files hold what commands print at a pinned width. After a wanted change, write them anew with

    pytest tests/display/test_screen.py --regenerate-golden

and read the difference: whatever it shows is what users will see.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from unicodedata import combining, east_asian_width

import pytest

from cnncalc.core.errors import Diagnostic, Source, Span
from tests.support.cases import CASES
from tests.support.command import cnncalc

GOLDEN = Path(__file__).parents[1] / "golden"
NETWORKS = [CASES / "networks" / f"{name}.yaml" for name in ("tiny_resnet", "gates_and_branches", "chinese_names")]

SCREENS = {
    **{path.stem: ("summarize", path.name) for path in NETWORKS},
    "tiny_resnet_depth_1": ("summarize", "tiny_resnet.yaml", "--depth", "1"),
    "tiny_resnet_flat": ("summarize", "tiny_resnet.yaml", "--flat"),
    "tiny_resnet_columns": ("summarize", "tiny_resnet.yaml", "--columns", "input,output,params%,macs%,jump,start"),
    "tiny_resnet_markdown": ("summarize", "tiny_resnet.yaml", "--format", "markdown"),
    "compare": ("compare", "tiny_resnet.yaml", "gates_and_branches.yaml", "chinese_names.yaml", "lenet5"),
    "layer": ("layer", "conv2d", "out_channels=6", "kernel_size=[3,2]", "stride=2", "groups=2", "--input", "4x9x8"),
    "layers_conv2d": ("layers", "conv2d"),
    "verify": ("verify", "gates_and_branches.yaml"),
    "verify_all": ("verify", "chinese_names.yaml", "--all"),
    "run": ("run", "cross_correlation.yaml"),
    "check": ("check", "../homework/vgg16.yaml"),
    "check_hidden": ("check", "../homework/vgg16.yaml", "--hide-answers"),
    "check_class": ("check", "../homework/class"),
    "error_shapes": ("summarize", "../broken/shapes.yaml"),
    "error_options": ("summarize", "../broken/layers_and_options.yaml"),
}

CODES = {"../homework/vgg16.yaml": 1, "../homework/class": 2}
"""Exit codes that are neither 0 nor those of broken descriptions."""


def printed(*arguments: str, columns: int) -> str:
    """What a command shows on a screen of so many columns: standard output and standard error."""
    done = cnncalc(*arguments, folder=CASES / "networks", env={"COLUMNS": str(columns)})
    assert done.code == CODES.get(arguments[1], 2 if "broken" in arguments[1] else 0), done.err
    return done.out + done.err


def width(text: str) -> int:
    """Terminal columns: wide East Asian characters take two."""
    return sum(0 if combining(c) else 1 + (east_asian_width(c) in "WF") for c in text)


@pytest.mark.parametrize("columns", [80, 100])
@pytest.mark.parametrize("name", SCREENS)
def test_golden(name: str, columns: int, pytestconfig: pytest.Config) -> None:
    path = GOLDEN / f"{name}.{columns}.txt"
    screen = printed(*SCREENS[name], columns=columns)
    if pytestconfig.getoption("--regenerate-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(screen, encoding="utf-8")
    assert screen == path.read_text(encoding="utf-8")


def test_every_golden_file_belongs_to_a_screen() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{name}.{size}.txt" for name in SCREENS for size in (80, 100)}


UNFOLDED = ("markdown", "error_")  # written as wide as they are


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_nothing_is_wider_than_the_screen(path: Path) -> None:
    if any(part in path.stem for part in UNFOLDED):
        return
    columns = int(path.stem.rpartition(".")[2])
    text = path.read_text(encoding="utf-8")
    assert max(map(width, text.splitlines())) <= columns
    assert "\x1b" not in text


# Columns that are added up again


class Row(NamedTuple):
    """One printed line of a summary."""

    name: str
    depth: int
    times: int
    numbers: dict[str, int]


class Table(NamedTuple):
    rows: list[Row]
    total: dict[str, int]
    below: str  # what is printed under the table


NUMBERS = ("Params", "MACs", "FLOPs", "Memory B")


def spread(text: str) -> str:
    """The text with a filler behind every wide character, so that places in it are terminal columns."""
    return "".join(c + "\0" if width(c) == 2 else c for c in text)


def read_table(screen: str) -> Table:
    """The table of a summary, from its print alone: a number ends where its title ends."""
    lines = [spread(line) for line in screen.splitlines()]
    top, bottom = (number for number, line in enumerate(lines) if line.startswith("──"))
    head = lines[top - 1]
    name_width = re.match(r"Layer\s+", head)
    assert name_width is not None

    def numbers(line: str) -> dict[str, int]:
        ends = {title: head.index(title) + len(title) for title in NUMBERS if title in head}
        assert all(len(line) == end or line[end : end + 1].isspace() for end in ends.values()), line
        return {title: int(line[:end].split()[-1].replace(",", "")) for title, end in ends.items()}

    rows = []
    for line in lines[top + 1 : bottom]:
        label = line[: name_width.end()].rstrip()
        times = re.search(r" ×(\d+)$", label)
        name = label.strip().replace("\0", "")
        depth = (len(label) - len(label.lstrip())) // 2
        rows.append(Row(name, depth, int(times[1]) if times else 1, numbers(line)))
    return Table(rows, numbers(lines[bottom + 1]), "\n".join(lines[bottom + 2 :]).replace("\0", ""))


def leaves(rows: list[Row]) -> Iterator[tuple[Row, int]]:
    """Lines with nothing below them, and how often they stand in the network: their ×n, and those around them."""
    around: list[int] = []
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        del around[row.depth :]
        around.append(row.times)
        if following is None or following.depth <= row.depth:
            copies = 1
            for times in around:
                copies *= times
            yield row, copies


@cache
def totals(network: str) -> dict[str, Any]:
    done = cnncalc("summarize", network, "--format", "json")
    found: dict[str, Any] = json.loads(done.out)["totals"]
    return found


@pytest.mark.parametrize("mode", ["", "--flat", "--depth 1", "--depth 2"])
@pytest.mark.parametrize("network", ["vgg16", "resnet50", "mobilenet_v2", "googlenet"])
def test_the_printed_columns_add_up_to_the_printed_total(network: str, mode: str) -> None:
    table = read_table(printed("summarize", network, *mode.split(), columns=200))
    assert set(table.total) == set(NUMBERS)
    for title in NUMBERS:
        assert sum(copies * row.numbers[title] for row, copies in leaves(table.rows)) == table.total[title], title
    exact = totals(network)
    keys = ("params", "macs", "flops", "activation_bytes")
    assert table.total == {title: exact[key] for title, key in zip(NUMBERS, keys, strict=True)}
    for name, key in (("Params", "params"), ("MACs", "macs"), ("FLOPs", "flops")):
        assert re.search(rf"^{name} +{exact[key]:,} ", table.below, re.MULTILINE)
    assert f"{exact['activation_bytes']:,} B" in table.below
    assert f"{exact['peak_activation_bytes']:,} B" in table.below
    if mode in ("--depth 1", "--depth 2"):
        assert max(row.depth for row in table.rows) == int(mode[-1]) - 1
    if mode == "--flat":
        assert {row.times for row in table.rows} == {1}


@pytest.mark.parametrize("path", NETWORKS, ids=lambda path: path.stem)
def test_a_level_is_the_sum_of_what_stands_below_it(path: Path) -> None:
    rows = read_table(printed("summarize", path.name, columns=200)).rows
    for start, row in enumerate(rows):
        below = []
        for other in rows[start + 1 :]:
            if other.depth <= row.depth:
                break
            below.append(other)
        children = [other for other in below if other.depth == row.depth + 1]
        if children:
            for title in NUMBERS:
                assert row.numbers[title] == sum(child.times * child.numbers[title] for child in children)


def test_wide_characters_keep_the_columns_aligned() -> None:
    screen = printed("summarize", "chinese_names.yaml", columns=100)
    table = read_table(screen)  # reads every number at its column
    assert [row.name for row in table.rows][:4] == ["输入卷积", "激活", "主干", "0 … 1 ×2"]
    assert table.rows[0].numbers["Params"] == 8 * 3 * 3 * 3 + 8
    head, first = (next(line for line in screen.splitlines() if line.startswith(start)) for start in ("Layer", "输入"))
    assert width(head[: head.index("Type")]) == width(first[: first.index("conv2d")])


def test_columns_that_do_not_fit_are_named() -> None:
    narrow, wide = (printed("summarize", "resnet50", columns=columns) for columns in (80, 200))
    assert "No room" not in wide
    dropped = re.search(r"No room for (.+?):", " ".join(narrow.split()))
    assert dropped is not None
    head, whole = (
        next(line for line in screen.splitlines() if line.startswith("Layer")).split("  ") for screen in (narrow, wide)
    )
    missing = {title.strip() for title in whole if title.strip()} - {title.strip() for title in head}
    assert missing == set(dropped[1].split(", "))


def test_columns_asked_for_are_never_dropped() -> None:
    screen = printed("summarize", "resnet50", "--columns", "type,output,params,macs,flops,memory,rf", columns=80)
    head = next(line for line in screen.splitlines() if line.startswith("Layer"))
    assert [title for title in NUMBERS if title not in head] == []


# The comparison

EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar_length(bar: str) -> float:
    """Columns that a bar fills, in eighths."""
    return sum(EIGHTHS.index(sign) for sign in bar.strip()) / 8


def read_comparison(screen: str) -> dict[str, dict[str, tuple[str, str, str]]]:
    """Network -> title -> its value, bar and ratio as printed."""
    lines = screen.splitlines()
    top = next(number for number, line in enumerate(lines) if line.strip().startswith("─"))
    head = lines[top - 1]
    ends = [match.end() for match in re.finditer(r"\S+(?: \S+)*", head)]
    titles = re.findall(r"\S+(?: \S+)*", head)
    starts = [0, *(end + 1 for end in ends[:-1])]
    found = {}
    row = top + 1
    while lines[row].startswith(" "):
        three = [line.ljust(ends[-1]) for line in lines[row : row + 3]]
        name = three[0].split()[0]
        found[name] = {
            title: (three[0][start:end].strip(), three[1][start:end].strip(), three[2][start:end].strip())
            for title, start, end in zip(titles, starts, ends, strict=True)
            if title not in ("Network", "Input")
        }
        assert not lines[row + 3].strip()
        row += 4
    return found


COMPARED = ("vgg16", "resnet18", "mobilenet_v2", "lenet5")
KEYS = {
    "Params": ("params", min),
    "MACs": ("macs", min),
    "Activations": ("activation_bytes", min),
    "Peak": ("peak_activation_bytes", min),
    "Top-1 %": ("top1", max),
}


def test_bars_ratios_and_marks_of_a_comparison() -> None:
    table = read_comparison(printed("compare", *COMPARED, columns=160))
    exact = {
        model["name"]: model for model in json.loads(cnncalc("compare", *COMPARED, "--format", "json").out)["models"]
    }
    assert list(table) == list(COMPARED)
    for title, (key, best) in KEYS.items():
        known = {name: model[key] for name, model in exact.items() if model[key] is not None}
        largest, winner = max(known.values()), best(known.values())
        for name, number in known.items():
            value, bar, ratio = table[name][title]
            assert value.startswith("* ") is (number == winner), (title, name)
            assert abs(bar_length(bar) - 9 * number / largest) <= max(1 / 16, 1 / 8 if number * 144 < largest else 0)
            if title != "Top-1 %":
                assert abs(float(ratio.removeprefix("×")) / (number / known["vgg16"]) - 1) < 0.06
        for name in set(exact) - set(known):
            assert table[name][title] == ("–", "", "")


def test_a_comparison_fits_a_narrow_screen_and_says_what_it_left_out() -> None:
    screen = printed("compare", *COMPARED, columns=80)
    assert "No room for" in screen
    assert max(map(width, screen.splitlines())) <= 80


def test_sorted_rows_keep_their_ratios() -> None:
    plain = read_comparison(printed("compare", *COMPARED, columns=160))
    ordered = read_comparison(printed("compare", *COMPARED, "--sort", "macs", columns=160))
    assert list(ordered) == ["lenet5", "mobilenet_v2", "resnet18", "vgg16"]
    assert ordered == plain


def test_zeros_are_dimmed_where_there_is_colour() -> None:
    text = (
        "input: [3, 9, 9]\nlayers:\n  - relu: {name: '0'}\n  - conv2d: {out_channels: 10, kernel_size: 1, name: 十}\n"
    )
    coloured = {**COLOURED, "COLUMNS": "80"}  # a dumb terminal has no other width
    shown = {term: cnncalc("summarize", "-", stdin=text.encode(), env={**coloured, "TERM": term}).out for term in TERMS}
    lines = {line.split()[0]: line for line in shown["xterm"].splitlines() if line.startswith(("0 ", "十"))}
    assert lines["0"].count("\x1b[2m0\x1b[0m") == 3  # of params, MACs and FLOPs, but not the name
    assert re.sub(r"\x1b\[\d*m", "", shown["xterm"]) == shown["dumb"]
    assert "\x1b" not in lines["十"]
    assert "\x1b" not in shown["dumb"]


COLOURED = {"FORCE_COLOR": "1", "NO_COLOR": "", "COLUMNS": "100"}
TERMS = ("xterm", "dumb")


LONG_LINES = {
    "plain": ["conv1_1.params=1792", *["pool5.output=7x7x512"] * 8, "WORD", *["fc7.params=16781312"] * 5],
    "wide": [
        "第一个卷积层.params=1792",
        *["第三个池化层.output=7x7x512"] * 6,
        "WORD",
        "第二个全连接层.params=16781312",
    ],
    "first": ["WORD", *["fc7.params=16781312"] * 12],
    "last": [*["最后一个卷积层.macs=3"] * 12, "WORD"],
}


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("word", ["conv9_9.params=1", "没有这个名字的层.params=1"])
@pytest.mark.parametrize("line", LONG_LINES)
def test_the_mark_stands_under_its_word_on_any_screen(line: str, word: str, columns: int) -> None:
    words = [word if one == "WORD" else one for one in LONG_LINES[line]]
    full = "cnncalc check vgg16 " + " ".join(words)
    column = full.index(word) + 1
    span = Span(Source("command line", full), 1, column, column + len(word))
    texts = dict(Diagnostic("unknown-layer-name", "no such layer", span=span).lines(columns))
    source, mark = texts["source"], texts["mark"]
    assert max(width(source), width(mark)) <= columns
    before = mark.index("^")
    marked = [sign for place, sign in places(source) if before <= place < before + mark.count("^")]
    assert "".join(marked) == word
    assert source.removeprefix("1 | ").strip("…") in full
    assert ("…" in source) is (width(full) > columns - len("1 | "))


def test_a_word_wider_than_the_screen_is_marked_as_far_as_it_is_shown() -> None:
    done = cnncalc("check", "vgg16", f"{'长' * 60}.params=1", "--quiet", env={"COLUMNS": "40"})
    source, mark = done.err.splitlines()[3:5]
    assert source == f"1 | …{'长' * 17}…"
    assert mark == f"  |  {'^' * 34}"


def test_what_is_said_of_a_mark_stands_below_it_where_there_is_no_room(tmp_path: Path) -> None:
    text = "input: [3, 5, 5]\nlayers:\n  - conv2d: {out_channels: 64, name: 卷积层, kernel_size: 7}\n"
    (tmp_path / "net.yaml").write_text(text, encoding="utf-8")
    shown = {n: cnncalc("summarize", "net.yaml", folder=tmp_path, env={"COLUMNS": str(n)}).err for n in (60, 120)}
    label = "7 rows; input is 5 + 0 of padding"
    mark, below = shown[60].splitlines()[4:6]
    assert (mark.rstrip("^") + " " * 14, mark.count("^")) == (mark.replace("^", " "), 14)
    assert below.endswith(f" {label}")
    assert width(below) <= 60
    assert f"{'^' * 14} {label}" in shown[120]


def places(line: str) -> Iterator[tuple[int, str]]:
    """The characters of a line with the columns that they begin at."""
    place = 0
    for sign in line:
        yield place, sign
        place += width(sign)
