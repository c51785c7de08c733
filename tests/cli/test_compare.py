"""`cnncalc compare`: which networks, with which params, in which columns, and what is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cnncalc.core.text import columns
from tests.support.inside import Written, inside

WIDTHS = """\
params: {width: 8, kernel: 3}
input: [3, 16, 16]
layers:
  - conv2d: {out_channels: width, kernel_size: kernel}
variants:
  small: {params: {width: 4}}
  large: {params: {width: 64}}
  eight:
"""

PROGRAM = """\
from cnncalc import Network
def network(width=2):
    found = Network("program", input=(3, 16, 16))
    found.conv2d(out_channels=width, kernel_size=3)
    return found
"""

FIXED = """\
from cnncalc import Network
network = Network("fixed", input=(3, 16, 16))
network.relu()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "widths.yaml").write_text(WIDTHS)
    (tmp_path / "program.py").write_text(PROGRAM)
    (tmp_path / "fixed.py").write_text(FIXED)
    return tmp_path


def compared(folder: Path, *words: str) -> dict[str, int]:
    """The networks of a comparison, in order, and their parameters."""
    done = inside(["compare", *words, "--format", "json"], folder)
    assert done.code == 0, done.err
    models: list[dict[str, Any]] = json.loads(done.out)["models"]
    return {model["name"]: model["params"] for model in models}


def weights(width: int, kernel: int = 3) -> int:
    return width * (3 * kernel * kernel + 1)


def test_a_file_with_variants_stands_for_all_of_them(folder: Path) -> None:
    found = compared(folder, "lenet5", "widths.yaml", "program.py")
    assert list(found) == ["lenet5", "small", "large", "eight", "program"]
    assert list(found.values())[1:] == [weights(4), weights(64), weights(8), weights(2)]
    assert compared(folder, "widths.yaml:large", "widths.yaml:small") == {"large": weights(64), "small": weights(4)}


def test_mistakes_in_every_variant_are_said_once(folder: Path) -> None:
    (folder / "wrong.yaml").write_text(WIDTHS.replace("kernel: 3", "kernel: 30"))
    done = inside(["compare", "wrong.yaml", "gone.yaml"], folder)
    assert done.code == 2
    assert re.findall(r"error\[(.+?)\]", done.err) == ["window-does-not-fit", "cannot-read"]


def test_set_goes_to_every_network_that_has_the_param(folder: Path) -> None:
    names = ("widths.yaml", "program.py", "fixed.py", "lenet5")
    plain, wide = compared(folder, *names), compared(folder, *names, "--set", "width=5", "--set", "kernel=1")
    assert wide == {
        **dict.fromkeys(("small", "large", "eight"), weights(5, 1)),
        "program": weights(5),
        "fixed": 0,
        "lenet5": plain["lenet5"],
    }


def test_a_network_that_takes_a_param_is_not_the_one_whose_accuracy_is_known(folder: Path) -> None:
    done = inside(["compare", "mobilenet_v1", "vgg16", "--set", "width=0.5", "--format", "json"], folder)
    half, vgg = json.loads(done.out)["models"]
    assert (half["top1"], half["accuracy_source"]) == (None, "")
    assert vgg["top1"] > 70
    assert json.loads(inside(["compare", "mobilenet_v1", "--format", "json"], folder).out)["models"][0]["top1"] > 70


def test_a_param_that_no_network_has_is_refused(folder: Path) -> None:
    done = inside(["compare", "widths.yaml", "fixed.py", "--set", "widht=5", "--set", "q=1"], folder)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("error[unknown-param]: no network that is compared has a param `") == 2
    assert "did you mean `width`?" in done.err
    assert "their params are width, kernel" in done.err
    assert "they have none" in inside(["compare", "fixed.py", "--set", "q=1"], folder).err


def head(done: Written) -> list[str]:
    return re.split(r" {2,}", next(line.strip() for line in done.out.splitlines() if line.strip()))


def test_columns_are_those_that_were_named_at_any_width(folder: Path) -> None:
    words = ["compare", "vgg16", "nin", "--columns", "name,flops,Input,params,macs,peak,flops"]
    done = inside(words, folder, width=30)
    assert head(done) == ["Network", "FLOPs", "Input", "Params", "MACs", "Peak"]
    assert "30.94 G" in done.out
    assert "No room" not in done.out
    markdown = inside(["compare", "vgg16", "nin", "--columns", "macs,input", "--format", "markdown"], folder).out
    assert [re.findall(r"[^|\s]+", line) for line in markdown.splitlines()][::2] == [
        ["Network", "MACs", "Input"],
        ["vgg16", "15,470,264,320", "3×224×224"],
    ]


@pytest.mark.parametrize("name", ["thop", "ptflops-pytorch", "onnx-tool"])
def test_a_convention_that_was_asked_for_stays(folder: Path, name: str) -> None:
    words = ["compare", "resnet18", "vgg16", "nin", "--convention", name]
    assert f"{name} MACs" in head(inside(words, folder, width=80))


@pytest.mark.parametrize("width", [50, 72, 79, 80, 81, 100])
def test_no_number_is_cut_at_any_width(folder: Path, width: int) -> None:
    """A column that has no room is left out and named; the others are whole."""
    for words in (["resnet18", "lenet5"], ["widths.yaml"], ["vgg16", "nin"], ["resnet18", "lenet5", "--lang", "zh"]):
        lines = inside(["compare", *words], folder, width=width).out.splitlines()
        after = ("No room", "Params go to", "放不下", "参数量分布")
        networks = lines[: next(number for number, line in enumerate(lines) if line.startswith(after))]
        assert max(map(columns, networks)) <= width
        assert not any("…" in line for line in networks)


def test_a_path_is_whole_where_leaving_out_the_types_makes_room(folder: Path) -> None:
    words = ["compare", "vgg16", "resnet50", "mobilenet_v2"]
    narrow, wide = (inside(words, folder, width=width).out for width in (80, 100))
    assert "classifier.0\n" in narrow
    assert "layer4.0.conv2\n" in narrow
    assert "classifier.0 (linear)\n" in wide


@pytest.mark.parametrize(
    ("words", "code", "parts"),
    [
        ("--columns prams", "unknown-column", ["there is no column `prams`", "did you mean `params`?"]),
        ("--columns params macs", "unknown-architecture", ["`macs`", "write `--columns params,macs`"]),
        ("--columns ,", "unknown-column", ["names no column", "columns are name, input, layers"]),
        ("--columns macs --format json", "usage", ["JSON always has every number", "`--format markdown`"]),
        ("--columns macs -o a.csv", "usage", ["CSV always has every number", "ends in .md"]),
    ],
)
def test_columns_that_are_none(folder: Path, words: str, code: str, parts: list[str]) -> None:
    done = inside(["compare", "gone.yaml", *words.split()], folder)
    assert (done.code, done.out) == (2, "")
    assert f"error[{code}]" in done.err
    assert all(part in done.err for part in parts)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ("rf", ["RF is the receptive field"]),
        ("activations,peak", ["Activations are", "Peak is"]),
        ("layers,top1", ["Layers counts", "Accuracy: "]),
        ("params", []),
    ],
)
def test_the_legend_is_of_columns_that_are_shown(folder: Path, columns: str, said: list[str]) -> None:
    text = " ".join(inside(["compare", "vgg16", "nin", "--columns", columns], folder).out.split())
    every = ["RF is the receptive field", "Activations are", "Peak is", "Layers counts", "Accuracy: "]
    assert [sentence for sentence in every if sentence in text] == said


@pytest.mark.parametrize(
    ("words", "heads"),
    [
        (("compare", "widths.yaml", "--columns", "参数量,层数,感受野"), ("网络", "参数量", "层数", "感受野")),
        (("summarize", "widths.yaml:small", "--columns", "输出,跳距,缓冲区"), ("层", "输出", "跳距", "缓冲区")),
        (("list", "lenet5", "--columns", "年份,准确率"), ("名称", "年份", "准确率")),
    ],
)
def test_columns_by_their_chinese_titles(folder: Path, words: tuple[str, ...], heads: tuple[str, ...]) -> None:
    done = inside([*words, "--lang", "zh"], folder)
    assert (done.code, done.err) == (0, "")
    assert any(tuple(line.split()) == heads for line in done.out.splitlines())


def test_columns_are_listed_with_their_chinese_titles(folder: Path) -> None:
    done = inside(["compare", "widths.yaml", "--columns", ",", "--lang", "zh"], folder)
    assert done.code == 2
    assert "layers（层数）" in done.err
    assert "layers（层数）" not in inside(["compare", "widths.yaml", "--columns", ",", "--lang", "en"], folder).err


def test_equal_networks_have_no_best(folder: Path) -> None:
    def starred(*names: str) -> list[str]:
        shown = inside(["compare", *(f"widths.yaml:{name}" for name in names)], folder).out
        return [line.split()[0] for line in shown.splitlines() if re.search(r"\* \d", line)]

    assert starred("large", "large") == []
    assert starred("large", "large", "small") == ["small"]
