"""Warnings: what is legal and hardly ever meant is said with its place and an edit; what is meant is left alone."""

from __future__ import annotations

import json
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import pytest

from cnncalc import InputError, Network, analyze, from_text, load
from cnncalc.core.errors import Diagnostic
from cnncalc.core.translation import use_language
from cnncalc.language import collection
from cnncalc.language.single import single_layer
from tests.support.cases import CASES
from tests.support.inside import inside

CONVOLUTION = "conv2d: {out_channels: 32, kernel_size: 3, padding: 1}"


def described(shape: str, *layers: str) -> str:
    return f"input: {shape}\nlayers:\n" + "".join(f"  - {layer}\n" for layer in layers)


def warnings(text: str) -> tuple[Diagnostic, ...]:
    return analyze(from_text(text)).warnings


class Case(NamedTuple):
    """A network, the one warning that it gets, what is marked and said, and an edit after which there is none."""

    code: str
    path: str
    text: str
    marked: str
    said: tuple[str, ...]
    old: str
    new: str


FOUND = [
    Case(
        "channels-last",
        "conv2d",
        described("[32, 32, 3]", CONVOLUTION, "relu"),
        "[32, 32, 3]",
        ("32 channels of 32×3", "`conv2d` has 9,248 parameters", "write `[3, 32, 32]`: the same filters then have 896"),
        "[32, 32, 3]",
        "[3, 32, 32]",
    ),
    Case(  # not square, and through a norm and a pool of one
        "channels-last",
        "stem",
        described("[480, 640, 3]", "batch_norm2d", "conv2d: {name: stem, out_channels: 2, kernel_size: 3}"),
        "[480, 640, 3]",
        ("480 channels of 640×3", "8,642", "write `[3, 480, 640]`: the same filters then have 56"),
        "[480, 640, 3]",
        "[3, 480, 640]",
    ),
    Case(
        "channels-last",
        "conv3d",
        described("[16, 28, 28, 1]", "conv3d: {out_channels: 2, kernel_size: 3, padding: 1}"),
        "[16, 28, 28, 1]",
        ("16 channels of 28×28×1", "866", "write `[1, 16, 28, 28]`: the same filters then have 56"),
        "[16, 28, 28, 1]",
        "[1, 16, 28, 28]",
    ),
    Case(
        "channels-last",
        "max_pool2d",
        described("[32, 32, 3]", "max_pool2d: 2", "flatten", "linear: 10"),
        "[32, 32, 3]",
        ("32 channels of 32×3", "`max_pool2d` makes 32×16×1 of it", "write `[3, 32, 32]`", "then makes 3×16×16"),
        "[32, 32, 3]",
        "[3, 32, 32]",
    ),
    Case(
        "channels-last",
        "global_avg_pool2d",
        described("[28, 28, 1]", "relu", "global_avg_pool2d", "linear: 10"),
        "[28, 28, 1]",
        ("`global_avg_pool2d` makes 28 of it", "then makes 1"),
        "[28, 28, 1]",
        "[1, 28, 28]",
    ),
    Case(  # rows that never meet, each narrowed to classes
        "batch-in-input",
        "input",
        described("[64, 784]", "linear: 128", "relu", "dropout", "linear: 10", "softmax"),
        "[64, 784]",
        ("the first axis of the input 64×784 is read as a sequence of length 64", "write `[784]`"),
        "[64, 784]",
        "[784]",
    ),
    Case(
        "batch-in-input",
        "input",
        described("[1, 3, 32, 32]", "flatten", "linear: {out_features: 10}"),
        "[1, 3, 32, 32]",
        ("the first axis of the input 1×3×32×32 is read as 1 channel", "write `[3, 32, 32]`"),
        "[1, 3",
        "[3",
    ),
    Case(
        "batch-in-input",
        "input",
        described("[8, 3, 224, 224]", "relu", "flatten", "linear: {out_features: 10}"),
        "[8, 3, 224, 224]",
        ("is read as 8 channels", "write `[3, 224, 224]`"),
        "[8, 3",
        "[3",
    ),
    Case(
        "batch-in-input",
        "input",
        described("[1, 3, 32, 32]", "conv3d: {out_channels: 4, kernel_size: 3}"),
        "[1, 3, 32, 32]",
        ("is read as 1 channel", "write `[3, 32, 32]` and take the 2-d variants"),
        "[1, 3, 32, 32]\nlayers:\n  - conv3d",
        "[3, 32, 32]\nlayers:\n  - conv2d",
    ),
    Case(
        "batch-in-input",
        "input",
        described("[4, 3, 16, 56, 56]", "flatten", "linear: {out_features: 10}"),
        "[4, 3, 16, 56, 56]",
        ("is read as 4 channels", "write `[3, 16, 56, 56]`"),
        "[4, 3",
        "[3",
    ),
    Case(
        "batch-in-input",
        "input",
        described("[1, 784]", "dropout", "linear: {out_features: 10}"),
        "[1, 784]",
        ("is read as a sequence of length 1", "write `[784]`"),
        "[1, 784]",
        "[784]",
    ),
    Case(
        "window-over-flattened",
        "conv1d",
        described("[8, 9, 7]", "flatten: {start_dim: 1}", "relu", "conv1d: {out_channels: 4, kernel_size: 3}"),
        "conv1d",
        ("windows of 3 over what `flatten` has made of 8×9×7", "before `flatten`, in its 2-d variant"),
        "flatten: {start_dim: 1}\n  - relu\n  - conv1d: {out_channels: 4, kernel_size: 3}",
        "conv2d: {out_channels: 4, kernel_size: 3}\n  - flatten: {start_dim: 1}\n  - relu",
    ),
    Case(
        "window-over-flattened",
        "max_pool1d",
        described("[8, 9, 8]", "flatten: {start_dim: -2}", "max_pool1d: {kernel_size: 2}"),
        "max_pool1d",
        ("windows of 2",),
        "flatten: {start_dim: -2}\n  - max_pool1d: {kernel_size: 2}",
        "max_pool2d: {kernel_size: 2}\n  - flatten: {start_dim: -2}",
    ),
    Case(
        "even-kernel",
        "conv2d",
        described("[3, 32, 20]", "conv2d: {out_channels: 8, kernel_size: 4, padding: 2}"),
        "padding: 2",
        ("one larger, 32 to 33", "kernel of 4 is even", "padding 2 on either side", "write `padding: same`"),
        "padding: 2",
        "padding: same",
    ),
    Case(
        "even-kernel",
        "max_pool2d",
        described("[3, 32, 20]", "max_pool2d: {kernel_size: [3, 2], stride: [2, 1], padding: 1}"),
        "padding: 1",
        ("one larger, 20 to 21", "kernel of 2", "padding 1"),
        "padding: 1",
        "padding: same",
    ),
    Case(
        "dropout-before-norm",
        "batch_norm2d",
        described("[3, 9, 7]", CONVOLUTION, "dropout", "batch_norm2d", "relu"),
        "dropout",
        ("between the convolution `conv2d` and the batch norm `batch_norm2d`", "put `dropout` after the last"),
        "dropout\n  - batch_norm2d\n  - relu",
        "batch_norm2d\n  - relu\n  - dropout",
    ),
    Case(
        "dropout-before-norm",
        "norm",
        described(
            "[3, 9]", "conv1d: {out_channels: 4, kernel_size: 3}", "relu", "dropout", "batch_norm1d: {name: norm}"
        ),
        "dropout",
        ("between the convolution `conv1d` and the batch norm `norm`",),
        "  - dropout\n",
        "",
    ),
    Case(
        "softmax-before-linear",
        "fc",
        described("[9]", "linear: {out_features: 4}", "softmax", "linear: {name: fc, out_features: 2}"),
        "softmax",
        ("`fc` reads the output of `softmax`", "not output probabilities itself", "put `softmax` after `fc`"),
        "softmax\n  - linear: {name: fc, out_features: 2}",
        "linear: {name: fc, out_features: 2}\n  - softmax",
    ),
    Case(
        "softmax-before-linear",
        "fc",
        described("[9]", "log_softmax", "dropout", "linear: {name: fc, out_features: 2}"),
        "log_softmax",
        ("`fc` reads the output of `log_softmax`",),
        "log_softmax\n  - dropout\n  - linear: {name: fc, out_features: 2}",
        "dropout\n  - linear: {name: fc, out_features: 2}\n  - log_softmax",
    ),
    Case(
        "repeated-activation",
        "relu_2",
        described("[3, 9, 7]", CONVOLUTION, "relu", "relu"),
        "relu",
        ("`relu_2` follows `relu`, the same activation",),
        "  - relu\n  - relu\n",
        "  - relu\n",
    ),
    Case(
        "opaque-layer",
        "fft",
        described("[3, 9, 7]", "relu", "opaque: {name: fft, shape: [3, 9, 4]}"),
        "opaque",
        ("fft: opaque", "no receptive field is followed through", "the MACs of fft are not known"),
        "  - opaque: {name: fft, shape: [3, 9, 4]}\n",
        "",
    ),
    Case(
        "opaque-layer",
        "a",
        described("[3, 9]", "opaque: {name: a, shape: [4], macs: 7}", "opaque: {name: b, shape: [2], macs: 0}"),
        "opaque",
        ("a, b: opaque, so no receptive field is followed through\n",),
        "opaque: {name: a, shape: [4], macs: 7}\n  - opaque: {name: b, shape: [2], macs: 0}",
        "relu",
    ),
]


@pytest.mark.parametrize("case", FOUND, ids=lambda case: f"{case.code}-{case.said[0]}")
def test_a_warning_says_what_is_so_and_its_edit_removes_it(case: Case) -> None:
    (found,) = warnings(case.text)
    assert (found.code, found.facts["path"], found.is_warning) == (case.code, case.path, True)
    assert str(found).startswith(f"warning[{case.code}]: ")
    for fragment in case.said:
        assert fragment in str(found)
    assert found.span is not None
    line = found.span.source.line(found.span.line)
    assert line[found.span.column - 1 : found.span.end_column - 1] == case.marked
    assert case.text.count(case.old) == 1
    assert warnings(case.text.replace(case.old, case.new)) == ()


@pytest.mark.parametrize("case", FOUND[:3], ids=lambda case: case.path)
def test_channels_last_gives_the_numbers_of_both_shapes(case: Case) -> None:
    (found,) = warnings(case.text)
    for text, fact in ((case.text, "params"), (case.text.replace(case.old, case.new), "meant")):
        assert analyze(from_text(text)).by_path[case.path].params == found.facts[fact]


def test_an_even_kernel_names_the_sizes() -> None:
    case = next(case for case in FOUND if case.code == "even-kernel")
    row = analyze(from_text(case.text)).by_path["conv2d"]
    assert (row.inputs[0].spatial[0], row.output.spatial[0]) == (32, 33)


@pytest.mark.parametrize(
    "text",
    [
        described("[64, 9, 9]", CONVOLUTION),  # channels first
        described("[3, 32, 32]", CONVOLUTION),
        described("[256, 8, 25]", "max_pool2d: {kernel_size: 2, stride: [2, 1], padding: [0, 1]}"),  # CRNN's
        described("[512, 2, 2]", CONVOLUTION),  # the end of a network
        described("[512, 4, 4]", CONVOLUTION),
        described("[4, 4, 3]", CONVOLUTION),
        described("[12, 20, 3]", CONVOLUTION),
        described("[9, 128, 1]", "conv2d: {out_channels: 8, kernel_size: [5, 1]}"),  # sensors
        described("[64, 64, 1]", "conv2d: {out_channels: 8, kernel_size: [5, 1]}"),
        described("[28, 28, 1]", "flatten", "linear: {out_features: 10}"),  # the numbers are the same
        described("[32, 32, 3]", "permute: {dims: [2, 0, 1]}", CONVOLUTION),
        described("[32, 32, 3]", CONVOLUTION, "add: {from: [conv2d, input]}"),  # which needs the shape as it is
        described("[3, 16, 112, 112]", "conv3d: {out_channels: 4, kernel_size: 3}"),  # clips and volumes
        described("[3, 3, 56, 56]", "conv3d: {out_channels: 4, kernel_size: [1, 3, 3]}"),
        described("[3, 1, 56, 56]", "conv3d: {out_channels: 4, kernel_size: [1, 3, 3]}"),
        described("[1, 64, 64, 64]", "conv3d: {out_channels: 4, kernel_size: 3}"),
        described("[64, 1, 7, 7]", "conv3d: {out_channels: 4, kernel_size: [1, 3, 3]}"),
        described("[1, 784]", "conv1d: {out_channels: 4, kernel_size: 3}", "flatten", "linear: {out_features: 2}"),
        described("[16, 784]", "linear: {out_features: 4}"),  # a sequence
        described("[197, 768]", "linear: 3072", "gelu", "linear: 768"),  # inside of a transformer
        described("[197, 768]", "linear: 64", "gelu", "linear: 768"),
        described("[50, 300]", "lstm: {hidden_size: 64}", "linear: 32", "relu", "linear: 10"),
        described("[50, 300]", "linear: 64", "relu", "multi_head_attention: {num_heads: 4}", "linear: 10"),
        described("[50, 300]", "linear: 64", "relu", "linear: 10", "flatten"),  # rows that meet in the end
        described("[32, 9, 7]", CONVOLUTION, "dropout", "concat: {from: [dropout, input]}", "batch_norm2d"),  # DenseNet
        described("[1, 28, 28]", "flatten", "linear: {out_features: 4}"),
        described("[8, 9, 7]", "flatten: {start_dim: 1}", "conv1d: {out_channels: 4, kernel_size: 1}"),
        described("[8, 9, 7]", "flatten: {end_dim: 1}", "conv1d: {out_channels: 4, kernel_size: 3}"),  # along a row
        described("[8, 9, 7]", "flatten: {start_dim: -3, end_dim: 1}", "conv1d: {out_channels: 4, kernel_size: 3}"),
        described("[3, 4, 4]", "unfold: {kernel_size: 2, padding: 1}"),  # columns
        described("[8, 9]", "flatten: {start_dim: 1}", "conv1d: {out_channels: 4, kernel_size: 3}"),  # changes nothing
        described("[3, 32, 32]", "conv2d: {out_channels: 8, kernel_size: 4, padding: 1}"),
        described("[3, 32, 32]", "conv2d: {out_channels: 8, kernel_size: 4, stride: 2, padding: 1}"),
        described("[3, 32, 32]", "conv2d: {out_channels: 8, kernel_size: 4, stride: 2, padding: 2}"),
        described("[3, 32, 32]", "conv2d: {out_channels: 8, kernel_size: 4, padding: [[2, 1], [2, 1]]}"),
        described("[3, 32, 32]", "conv2d: {out_channels: 8, kernel_size: 1, stride: 2}"),
        described(
            "[3, 9]", "conv1d: {out_channels: 4, kernel_size: 2, padding: 1}", "slice: {dim: 1, end: 9}"
        ),  # causal
        described("[3, 9, 9]", "conv_transpose2d: {out_channels: 4, kernel_size: 4, padding: 2}"),
        described("[3, 9, 7]", CONVOLUTION, "batch_norm2d", "relu", "dropout", CONVOLUTION),
        described("[32, 9, 7]", CONVOLUTION, "dropout", CONVOLUTION, "batch_norm2d"),
        described("[3, 9, 7]", CONVOLUTION, "dropout: {p: 0}", "batch_norm2d"),
        described("[3, 9, 7]", CONVOLUTION, "dropout", "layer_norm2d"),
        described("[9]", "linear: {out_features: 4}", "softmax"),
        described("[9]", "softmax", "dropout", "sigmoid"),
        described("[5, 9]", "softmax: {dim: 1}", "linear: {out_features: 4}"),  # attention over a sequence
        described("[3, 9, 7]", "relu", "tanh"),
        described("[3, 9, 7]", "leaky_relu: {negative_slope: 0.1}", "leaky_relu: {negative_slope: 0.2}"),
        described("[3, 9, 7]", "dropout", "dropout"),
        described("[3, 9, 7]", "relu: {name: a}", "relu: {name: b, from: input}", "add: {from: [a, b]}"),
    ],
)
def test_what_may_be_meant_is_left_alone(text: str) -> None:
    assert [str(one) for one in warnings(text)] == []


def test_an_input_that_is_known_to_have_its_channels_last_is_left_alone() -> None:
    graph = from_text(described("[32, 32, 3]", CONVOLUTION))
    assert len(analyze(graph).warnings) == 1
    assert analyze(graph._replace(channels_last={"input"})).warnings == ()


@pytest.mark.parametrize("name", collection.names())
def test_no_network_of_the_collection_gives_a_warning(name: str) -> None:
    assert [str(one) for one in analyze(load(name)).warnings] == []


ROOT = Path(__file__).parents[2]
SHOWN = {"channels_last.yaml": ["channels-last"]}
"""The file that shows a warning at work."""


@pytest.mark.parametrize(
    "path", [*sorted((ROOT / "docs/examples").glob("*.yaml")), *sorted((CASES / "networks").glob("*.yaml"))], ids=str
)
def test_no_network_of_the_pages_gives_a_warning(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if "\nlayers:" not in text:
        return
    try:
        found = analyze(load(str(path))).warnings
    except InputError:
        return  # it shows an error
    assert [one.code for one in found] == SHOWN.get(path.name, [])


def test_there_is_one_of_each_kind_with_the_number_of_the_others() -> None:
    layers = "conv2d: {out_channels: 3, kernel_size: 2, padding: 1}", "relu", "relu"
    repeated = "repeat: {times: 4, layers: [" + ", ".join(layers) + "]}"
    found = warnings(described("[3, 9, 7]", repeated, *layers[:2]))
    assert [(one.code, one.facts["path"], one.notes) for one in found] == [
        ("even-kernel", "conv2d", ("the same in 4 more places",)),
        ("repeated-activation", "relu_2", ("the same in 3 more places",)),
    ]
    (twice,) = warnings(described("[3, 9, 7]", "relu", "relu", "relu"))
    assert twice.notes == ("the same in 1 more place",)


def test_several_inputs_are_turned_together() -> None:
    text = (
        "inputs: {left: [32, 32, 3], right: [32, 32, 3]}\nlayers:\n"
        "  - conv2d: {name: a, from: left, out_channels: 8, kernel_size: 3}\n"
        "  - conv2d: {name: b, from: right, out_channels: 8, kernel_size: 3, share: a}\n  - add: {from: [a, b]}\n"
    )
    (found,) = warnings(text)
    assert (found.code, found.facts["params"], found.facts["meant"]) == ("channels-last", 2312, 224)
    assert found.notes == ("the same in 1 more place",)


def test_a_shape_from_the_command_line_and_one_in_python_have_their_places() -> None:
    (found,) = analyze(single_layer("conv2d", ["out_channels=4", "kernel_size=3"], [(28, 28, 3)])).warnings
    assert (str(found.span), found.facts["written"]) == ("command line:1:9", "--input 3x28x28")
    net = Network("n", input=(28, 28, 3))
    net.conv2d(out_channels=4, kernel_size=3)
    (found,) = analyze(net.build()).warnings
    assert found.span is not None
    assert found.span.source.line(found.span.line).strip() == 'net = Network("n", input=(28, 28, 3))'
    text = described("[3, 32, 32]", CONVOLUTION)
    (found,) = analyze(from_text(text, input=(32, 32, 3))).warnings
    assert found.facts["written"] == "--input 3x32x32"


def test_work_is_linear_in_the_layers() -> None:
    chain = "repeat: {times: 2400, layers: [dropout, relu, softmax, dropout]}"
    report = analyze(from_text(described("[3, 9, 7]", CONVOLUTION, chain, "batch_norm2d")))
    begun = perf_counter()
    (found,) = report.warnings
    assert found.code == "dropout-before-norm"
    assert perf_counter() - begun < 1  # some 20 ms; every layer for every other would take ten seconds


# As commands show them


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    layers = CONVOLUTION, "flatten", "linear: {out_features: 10}"
    (tmp_path / "last.yaml").write_text(described("[32, 32, 3]", *layers), encoding="utf-8")
    (tmp_path / "good.yaml").write_text(described("[3, 32, 32]", *layers), encoding="utf-8")
    (tmp_path / "homework.yaml").write_text("network: last.yaml\nanswers: {conv2d.params: 9248}\n", encoding="utf-8")
    (tmp_path / "class").mkdir()
    for name in "ab":
        (tmp_path / "class" / f"{name}.yaml").write_text("network: ../last.yaml\nanswers: {linear.params: 1}\n")
    return tmp_path


COMMANDS = [
    ("summarize last.yaml", 0),
    ("summarize good.yaml --input 32x32x3", 0),
    ("compare last.yaml good.yaml", 0),
    ("layer conv2d out_channels=32 kernel_size=3 padding=1 --input 32x32x3", 0),
    ("explain last.yaml linear", 0),
    ("explain last.yaml", 0),
    ("explain conv2d out_channels=32 kernel_size=3 padding=1 --input 32x32x3", 0),
    ("check homework.yaml", 0),
    ("check class", 1),
    ("check last.yaml conv2d.params=9248", 0),
    ("verify last.yaml", 0),
    ("verify last.yaml --layer linear", 0),
    ("run last.yaml", 0),
]


@pytest.mark.parametrize(("command", "code"), COMMANDS)
def test_a_command_warns_once_and_changes_nothing_else(folder: Path, command: str, code: int) -> None:
    words = command.split()
    done, quiet = inside(words, folder), inside([*words, "--quiet"], folder)
    assert (done.code, quiet.code, quiet.err) == (code, code, "")
    assert done.err.count("warning[channels-last]: ") == done.err.count("warning[") == 1
    assert "9,248" in done.err
    assert "warning" not in done.out
    if words[0] != "verify":  # which shows how long it took
        assert done.out == quiet.out
    said = inside([*words, "--lang", "zh"], folder)
    assert "警告[channels-last]：" in said.err
    assert "896 个参数" in said.err


@pytest.mark.parametrize(("command", "code"), COMMANDS)
def test_json_has_the_warnings_also_where_they_are_not_shown(folder: Path, command: str, code: int) -> None:
    done = inside([*command.split(), "--format", "json", "--quiet"], folder)
    assert (done.code, done.err) == (code, "")
    value = json.loads(done.out)
    holders = value if isinstance(value, list) else value.get("models", [value])
    found = holders[0]["warnings"]
    assert [(one["code"], one["path"]) for one in found] == [("channels-last", "conv2d")]
    assert set(found[0]) == {"code", "path", "message", "help"}
    assert "9,248" in found[0]["message"]
    assert "3x32x32" in found[0]["help"] or "[3, 32, 32]" in found[0]["help"]
    if "models" in value:
        assert holders[1]["warnings"] == []


@pytest.mark.parametrize("format", ["csv", "markdown", "table"])
def test_files_stay_clean(folder: Path, format: str) -> None:
    done = inside(["summarize", "last.yaml", "--format", format, "-o", "out"], folder)
    assert (done.code, done.out) == (0, "")
    assert "warning[channels-last]" in done.err
    assert "warning" not in (folder / "out").read_text(encoding="utf-8")


def test_hidden_answers_are_not_given_away(folder: Path) -> None:
    for words in (["check", "homework.yaml"], ["check", "class"]):
        for format in ("table", "json", "csv"):
            done = inside([*words, "--hide-answers", "--format", format], folder)
            assert "9,248" not in done.err + done.out
            assert "warning" not in done.err + done.out


def test_a_quiz_warns_its_author(folder: Path) -> None:
    done = inside(["quiz", "last.yaml", "--n", "2"], folder)
    assert done.code == 0
    assert "warning[channels-last]" in done.err
    assert "warning" not in done.out
    assert inside(["quiz", "last.yaml", "--n", "2", "--quiet"], folder).err == ""


def test_a_comparison_names_the_network(folder: Path) -> None:
    done = inside(["compare", "lenet5", "last.yaml"], folder)
    assert "warning[channels-last]: last: the input" in done.err


def test_warnings_are_yellow_on_a_terminal(folder: Path) -> None:
    done = inside(["summarize", "last.yaml"], folder, terminal=True)
    assert "\x1b[1;33mwarning[channels-last]: " in done.err
    assert "\x1b[33m" in done.err
    assert "\x1b[1;31m" not in done.err


def test_a_warning_in_chinese_is_all_chinese() -> None:
    with use_language("zh"):
        for case in FOUND:
            (found,) = warnings(case.text)
            assert str(found).startswith(f"警告[{case.code}]：")
