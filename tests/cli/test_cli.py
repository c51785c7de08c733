"""The command line in processes of its own: exit codes, diagnostics, files, pipes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from cnncalc.cli.app import COMMANDS
from cnncalc.core.text import columns
from tests.support.command import HANGS_AFTER, MOST_BYTES, Finished, cnncalc, environment, objects

GOOD = """\
name: good
input: [3, 12, 10]
params: {width: 8}
layers:
  - conv2d: {name: stem, out_channels: width, kernel_size: 3}
  - relu
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def described(layers: str, top: str = "input: [3, 12, 10]\n") -> bytes:
    return f"{top}layers:\n  - {layers}\n".encode()


# The command line itself


@pytest.mark.parametrize(
    ("arguments", "code", "fragments"),
    [
        ("sumarize vgg16", "unknown-command", ["`sumarize`", "did you mean `summarize`?", "command line:1:9"]),
        ("frobnicate", "unknown-command", ["the commands are summarize, compare"]),
        ("summarize vgg16 --bogus", "usage", ["--bogus", "cnncalc summarize --help", "command line:1:25"]),
        ("summarize vgg16 --ouput x", "usage", ["did you mean `--output`?"]),
        ("--bogus", "usage", ["--bogus", "command line:1:9"]),
        ("summarize vgg16 alexnet", "usage", ["alexnet"]),
        ("summarize vgg16 --set", "usage", ["--set"]),
        ("summarize vgg16 --depth two", "usage", ["--depth takes a whole number", "command line:1:25"]),
        ("summarize vgg16 --depth 0", "bad-depth", ["at least 1 level is shown, not 0", "write `--depth 1`"]),
        ("summarize vgg16 --depth=-1", "bad-depth", ["not -1"]),
        ("summarize vgg16 --batch 0", "bad-batch", ["from 1 to 2,147,483,647 images, not 0"]),
        ("summarize vgg16 --batch 1e3", "usage", ["--batch takes a whole number"]),
        ("summarize vgg16 --batch 99999999999999999999", "bad-batch", ["not 99999999999999999999"]),
        ("summarize vgg16 --dtype float31", "usage", ["'float32', 'float16', 'bfloat16', 'int8'"]),
        ("summarize vgg16 --format xml", "usage", ["'table', 'json', 'csv', 'markdown'"]),
        ("summarize vgg16 --columns output,param", "unknown-column", ["did you mean `params`?", "command line:1:18"]),
        ("summarize vgg16 --columns ,", "unknown-column", ["names no column", "columns are layer, type"]),
        ("summarize vgg16 --input 3x0x2", "bad-shape", ["`3x0x2`", "write it as 3x224x224"]),
        ("summarize vgg16 --input abc", "bad-shape", ["`abc`"]),
        ("summarize vgg16 --input 1x2x3x4x5x6", "bad-shape", ["`1x2x3x4x5x6`"]),
        ("summarize vgg16 --input 3x9999999999x2", "bad-shape", ["`3x9999999999x2`"]),
        ("summarize vgg16 --input 3x2", "wrong-rank", ["needs an input of shape (C, H, W), but receives 3×2"]),
        ("summarize vgg16 --set classes", "bad-setting", ["`classes` is not NAME=VALUE", "write `--set width=32`"]),
        ("summarize vgg16 --set =3", "bad-setting", ["`=3`"]),
        ("summarize vgg16 --set clases=3", "unknown-param", ["`clases`", "did you mean `classes`?", "--set clases=3"]),
        ("summarize vgg16 --set zzz=3", "unknown-param", ["its params are", "classes"]),
        ("summarize vgg16 --set classes=1/0", "division-by-zero", ["command line:1:7"]),
        ("summarize vgg16 --set classes=9**9**9", "number-too-large", ["is too large"]),
        ("summarize vgg16 --set classes=1/3", "not-whole", ["out_features must be whole, and this is 1/3"]),
        ("summarize vgg16 --set classes=0", "wrong-option", ["from 1 to 2,147,483,647, not 0"]),
        ("summarize vgg61", "unknown-architecture", ["`vgg61`", "did you mean `vgg16`?"]),
        ("summarize zzz", "unknown-architecture", ["`cnncalc list` shows them"]),
        ("summarize vgg16:x", "unknown-architecture", ["`vgg16:x`"]),
        ("summarize ../good", "unknown-architecture", ["a file needs its ending"]),
        ("summarize .", "unknown-architecture", ["neither a built-in architecture nor"]),
        ("summarize " + "x" * 5000, "unknown-architecture", ["`xxx"]),
        ("summarize " + "x" * 5000 + ".yaml", "cannot-read", ["its name is too long"]),
        ("summarize gone.yaml", "cannot-read", ["there is no file gone.yaml", "check the path"]),
        ("summarize goood.yaml", "cannot-read", ["did you mean `good.yaml`?"]),
        ("summarize gone.py", "cannot-read", ["there is no file gone.py"]),
        ("summarize good.yaml:big", "unknown-variant", ["no variant `big`", "leave out `:big`"]),
        ("compare --sort size", "unknown-column", ["`size`", "columns are name, layers", "command line:1:8"]),
        ("compare --sort param", "unknown-column", ["did you mean `params`?"]),
        ("compare vgg16 --batch 0", "bad-batch", []),
        ("layer conv2", "unknown-layer", ["`conv2`", "did you mean `conv2d`?", "command line:1:1"]),
        ("layer conv2d out_channels=4 kernel_size=3", "missing-input", ["--input 3x224x224"]),
        ("layer conv2d kernel_size=3 --input 3x9x8", "missing-option", ["needs `out_channels`"]),
        ("layer conv2d out_channels --input 3x9x8", "bad-setting", ["`out_channels` is not NAME=VALUE"]),
        ("layer conv2d strides=2 --input 3x9x8", "unknown-option", ["write `stride=2`", "command line:1:8"]),
        ("layer conv2d stride=1 stride=2 --input 3x9x8", "duplicate-key", ["`stride` is given twice"]),
        ("layer relu --input 3x9x8 --input 3x9x8", "wrong-number-of-inputs", ["takes one input"]),
        (
            "layer conv2d out_channels=4 kernel_size=3 --input 8x3x9x9",
            "wrong-rank",
            ["leave out the batch: write `--input 3x9x9`"],
        ),
        (
            "layer conv2d out_channels=4 kernel_size=3 --input 8x3x9x9x9",
            "wrong-rank",
            ["leave out the batch"],
        ),
        ("layer max_pool2d kernel_size=9 --input 3x5x5", "window-does-not-fit", ["spans 9 rows", "has 5"]),
        ("layers conv", "unknown-layer", ["the layers of this name are conv1d, conv2d", "command line:1:1"]),
        ("show vgg", "unknown-architecture", ["this is a family: write one of vgg11, vgg13"]),
        ("list all", "unknown-architecture", ["all", "`cnncalc list` alone shows them all"]),
        ("list all of", "usage", ["of"]),
    ],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_command_line(folder: Path, arguments: str, code: str, fragments: list[str]) -> None:
    objects(cnncalc(*arguments.split(), folder=folder), code, *fragments)


@pytest.mark.parametrize("command", ["", "layer", "show"])
def test_without_arguments_the_help_is_shown(command: str) -> None:
    done = cnncalc(*command.split())
    assert (done.code, done.out) == (2, "")
    assert f"cnncalc {command}".strip() in done.err.splitlines()[0]
    assert "--help" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("arguments", ["--help", "-h", "--version", "summarize --help", "compare -h", "layer --help"])
def test_help_is_fine(arguments: str) -> None:
    done = cnncalc(*arguments.split())
    assert (done.code, done.err) == (0, "")
    assert "cnncalc " in done.out.splitlines()[0]
    assert ("--help" in done.out) is (arguments != "--version")


def test_all_wrong_networks_are_named_together() -> None:
    done = cnncalc("compare", "nope", "vgg16", "zilch")
    objects(done, "unknown-architecture", "`nope`", "`zilch`")


def test_control_characters_do_not_reach_the_terminal() -> None:
    done = cnncalc("summarize", "a\x1b[31m\nb\x07")
    objects(done, "unknown-architecture")
    assert all(line.isprintable() for line in done.err.splitlines())


# Descriptions


@pytest.mark.parametrize(
    ("name", "content", "code", "fragments"),
    [
        ("empty.yaml", b"", "empty-document", ["empty.yaml is empty"]),
        ("comment.yaml", b"# nothing\n", "empty-document", ["comment.yaml is empty"]),
        ("null.yaml", b"null", "empty-document", []),
        ("binary.yaml", bytes(range(256)), "not-text", ["byte 128 is 0x80"]),
        ("nul.yaml", b"input: \x00", "not-text", ["is a binary file"]),
        ("latin.yaml", "# caf\u00e9".encode("latin-1"), "not-text", ["not UTF-8", "save the file as UTF-8"]),
        ("utf16.yaml", GOOD.encode("utf-16"), "not-text", ["not UTF-8"]),
        ("list.yaml", b"- relu\n", "wrong-kind", ["list.yaml:1:1"]),
        ("text.yaml", b"hello", "wrong-kind", ["a description has names with values"]),
        ("open.yaml", b"input: [3, 8\nlayers: [relu]", "not-yaml", ["open.yaml:2:", "open bracket"]),
        ("tab.yaml", b"input:\n\t[3, 8, 8]", "not-yaml", ["tab.yaml:2:1"]),
        ("two.yaml", b"a: 1\n---\nb: 2\n", "not-yaml", ["two.yaml:2:1", "a second one begins"]),
        ("control.yaml", b"a: \x01", "not-yaml", []),
        ("twice.yaml", b"input: [3]\ninput: [4]\nlayers: [relu]", "duplicate-key", ["twice.yaml:2:1", "line 1"]),
        ("tag.yaml", b"a: !!python/object:os.system {}", "unknown-tag", ["tag.yaml:1:"]),
        ("anchor.yaml", b"a: &a [*a]", "unknown-anchor", ["&a"]),
        ("key.yaml", b"? [1, 2]\n: 3", "not-a-name", ["key.yaml:1:"]),
        ("key_of_top.yaml", b"inputs_: 1\nlayers: []", "unknown-key", ["did you mean `inputs`?"]),
        ("no_input.yaml", b"layers: [relu]", "missing-option", ["no `input`", "add `input: [3, 224, 224]`"]),
        ("no_layers.yaml", b"input: [3, 8, 8]", "missing-option", ["no `layers`"]),
        ("none.yaml", b"input: [3, 8, 8]\nlayers: []", "no-layers", ["list at least one"]),
        ("zero.yaml", b"input: [3, 0, 8]\nlayers: [relu]", "bad-shape", ["zero.yaml:1:8", "from 1 to"]),
        ("minus.yaml", b"input: [3, -8, 8]\nlayers: [relu]", "bad-shape", []),
        ("words.yaml", b"input: big\nlayers: [relu]", "unknown-name", ["`big` is not defined here"]),
        ("self.yaml", b"input: [3, 8, 8]\nlayers:\n  - relu: {name: a, from: a}", "unknown-layer-name", ["cycles"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_file(folder: Path, name: str, content: bytes, code: str, fragments: list[str]) -> None:
    (folder / name).write_bytes(content)
    objects(cnncalc("summarize", name, folder=folder), code, *fragments)


@pytest.mark.parametrize(
    ("content", "code", "fragments"),
    [
        (described("conv2: {}"), "unknown-layer", ["<stdin>:3:5", "did you mean `conv2d`?"]),
        (described("conv2d: {filters: 8, kernel_size: 3}"), "unknown-option", ["write `out_channels`", "<stdin>:3:14"]),
        (described("conv2d: {out_channels: 8, kernel_size: x}"), "unknown-name", ["`x` is not defined here"]),
        (described("conv2d: {out_channels: true, kernel_size: 3}"), "wrong-option", ["a whole number from 1"]),
        (described("conv2d: {out_channels: 0, kernel_size: 3}"), "wrong-option", ["not 0"]),
        (described("conv2d: {out_channels: -4, kernel_size: 3}"), "wrong-option", ["not -4"]),
        (
            described("conv2d: {out_channels: 8, kernel_size: 3, stride: 0}"),
            "wrong-option",
            ["write `stride: 1`"],
        ),
        (described(f"conv2d: {{out_channels: {10**30}, kernel_size: 3}}"), "wrong-option", ["a number of 100 bits"]),
        (described("conv2d: {out_channels: 8, kernel_size: 13}"), "window-does-not-fit", ["spans 13 rows", "has 12"]),
        (described("conv2d: {out_channels: 8, kernel_size: 1, groups: 2}"), "groups-do-not-divide", ["2 groups", "3"]),
        (described("relu: {from: nowhere}"), "unknown-layer-name", ["`nowhere`"]),
        (described("relu: {name: 1/0}"), "bad-name", ["`1/0` cannot name a layer"]),
        (described("linear: {out_features: 1 / 0}"), "division-by-zero", ["at least 1"]),
        (described("linear: {out_features: 9**9**9}"), "number-too-large", ["9 ** 387420489"]),
        (described("linear: {out_features: 7 / 2}"), "not-whole", ["this is 3.5", "round"]),
        (described("linear: {out_features: __import__('os')}"), "unknown-name", ["no function `__import__`"]),
        (described("linear: {out_features: 'lambda: 1'}"), "bad-expression", ["is not allowed in an expression"]),
        (described("repeat: {times: 1e9, layers: [relu]}"), "wrong-option", ["from 0 to 10,000, not 1,000,000,000"]),
        (
            described("residual: {body: [{conv2d: {out_channels: 4, kernel_size: 1}}]}"),
            "shapes-do-not-add",
            ["cannot add 4×12×10 and 3×12×10"],
        ),
        (
            described("branches: {paths: [[], [{conv2d: {out_channels: 4, kernel_size: 3}}]]}"),
            "shapes-do-not-concatenate",
            ["cannot concatenate 3×12×10 and 4×10×8 along axis 0"],
        ),
    ],
    ids=lambda value: value.decode().rpartition("- ")[2].strip() if isinstance(value, bytes) else "",
)
def test_description_on_standard_input(content: bytes, code: str, fragments: list[str]) -> None:
    objects(cnncalc("summarize", "-", stdin=content), code, *fragments)


def exploding(entries: str, top: str = "") -> bytes:
    return f"input: [3, 12, 10]\n{top}layers:\n  - {entries}\n".encode()


EXPLOSIVES: dict[str, tuple[bytes, str]] = {
    "aliases": (
        b"a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b", ".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 20)),
        "too-large",
    ),
    "brackets": (b"[" * 100_000, "too-deep"),
    "closed_brackets": (b"a: " + b"[" * 1000 + b"]" * 1000, "too-deep"),
    "indents": (b"".join(b" " * n + b"- \n" for n in range(600)), "too-deep"),
    "length": (b"layers: [" + b"relu, " * 300_000 + b"]", "too-large"),
    "values": (b"layers: [" + b"a," * 100_000 + b"]", "too-large"),
    "repeats": (
        exploding("repeat: {times: 10000, layers: [repeat: {times: 10000, layers: [relu]}]}"),
        "too-many-layers",
    ),
    "repeats_of_nothing": (
        exploding("repeat: {times: 10000, layers: [repeat: {times: 10000, layers: []}]}"),
        "too-many-layers",
    ),
    "repeats_of_the_unwanted": (
        exploding("repeat: {times: 10000, layers: [repeat: {times: 10000, layers: [relu: {when: false}]}]}"),
        "too-many-layers",
    ),
    "layers": (exploding("repeat: {times: 5001, layers: [relu, tanh]}"), "too-many-layers"),
    "doubling_blocks": (
        exploding(
            "block: {type: b0}",
            "blocks:\n"
            + "".join(
                f"  b{n}: {{layers: [block: {{type: b{n + 1}}}, block: {{type: b{n + 1}}}]}}\n" for n in range(40)
            )
            + "  b40: {layers: []}\n",
        ),
        "too-many-layers",
    ),
    "long_chain_of_blocks": (
        exploding(
            "block: {type: b0, name: a}",
            "blocks:\n"
            + "".join(f"  b{n}: {{layers: [block: {{type: b{n + 1}, name: a}}]}}\n" for n in range(1000))
            + "  b1000: {layers: [relu]}\n",
        ),
        "too-deep",
    ),
    "recursive_block": (
        exploding(
            "block: {type: a}", "blocks:\n  a: {layers: [block: {type: b}]}\n  b: {layers: [block: {type: a}]}\n"
        ),
        "recursive-block",
    ),
    "long_path": (exploding(f"relu: {{name: {'a.' * 400}a}}"), "bad-name"),
    "doubling_lists": (
        exploding(
            "conv2d: {out_channels: p40, kernel_size: 1}",
            "params:\n  p0: 1\n" + "".join(f"  p{n + 1}: [p{n}, p{n}]\n" for n in range(40)),
        ),
        "list-too-large",
    ),
    "tiny_number": (exploding("linear: {out_features: 1e-99999999}"), "wrong-option"),
    "huge_number": (exploding("linear: {out_features: 1e99999999}"), "number-too-large"),
    "long_number": (exploding(f"linear: {{out_features: {'9' * 100_000}}}"), "bad-expression"),
    "nested_expression": (exploding(f"linear: {{out_features: {'(' * 240}1{')' * 240}}}"), "bad-expression"),
    "phases_of_a_transposed_convolution": (
        exploding("conv_transpose2d: {out_channels: 3, kernel_size: 40000, stride: 60000}\n  - conv3d: {}"),
        "missing-option",
    ),
}


@pytest.mark.parametrize("name", EXPLOSIVES)
def test_explosive_description(folder: Path, name: str) -> None:
    content, code = EXPLOSIVES[name]
    (folder / "explosive.yaml").write_bytes(content)
    objects(
        cnncalc("summarize", "explosive.yaml", folder=folder), code, *(["explosive.yaml"] if name != "length" else [])
    )


@pytest.mark.parametrize(
    "layers",
    [
        "conv_transpose2d: {out_channels: 3, kernel_size: 40000, stride: 60000}",
        "conv_transpose2d: {out_channels: 3, kernel_size: 4000, stride: 4001}",
        "upsample: {size: 60000}\n  - conv2d: {out_channels: 3, kernel_size: 50000}",
        "upsample: {size: 4001}\n  - conv2d: {out_channels: 3, kernel_size: 4000}",
    ],
)
def test_receptive_fields_that_cannot_be_worked_out_are_left_open(layers: str) -> None:
    done = cnncalc("summarize", "-", "--format", "json", stdin=described(layers))
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["layers"][-1]["receptive_field"] is None
    assert done.peak_bytes < MOST_BYTES


def test_one_shape_for_several_inputs(folder: Path) -> None:
    text = "inputs: {left: [3, 8, 8], right: [3, 8, 8]}\nlayers:\n  - add: {from: [left, right]}\n"
    done = cnncalc("summarize", "-", "--input", "3x9x9", stdin=text.encode())
    objects(done, "several-inputs", "this network has 2 inputs", "change the shapes under `inputs`")
    (folder / "net.py").write_text(
        "from cnncalc import Network\nnetwork = Network('n', inputs={'left': (3, 8, 8), 'right': (3, 8, 8)})\n"
        "network.add(from_=['left', 'right'])\n",
        encoding="utf-8",
    )
    done = cnncalc("summarize", "net.py", "--input", "3x9x9", folder=folder)
    objects(done, "several-inputs", "this network has 2 inputs", "change the shapes in the file")


def test_a_directory(folder: Path) -> None:
    (folder / "models.yaml").mkdir()
    objects(cnncalc("summarize", "models.yaml", folder=folder), "cannot-read", "it is a folder")
    (folder / "models").mkdir()
    objects(cnncalc("summarize", "models/", folder=folder), "unknown-architecture", "`models/` is neither")


def test_standard_input_that_is_closed() -> None:
    command = [sys.executable, "-c", "import os, sys; os.close(0); os.execv(sys.executable, sys.argv[1:])"]
    command += [sys.executable, "-m", "cnncalc", "summarize", "-"]
    done = subprocess.run(command, capture_output=True, env=environment(), timeout=HANGS_AFTER, text=True, check=False)
    objects(Finished(done.returncode, done.stdout, done.stderr, 0), "cannot-read", "standard input")


def test_standard_input_and_variants(folder: Path) -> None:
    done = cnncalc("summarize", "-", "--set", "width=9", "--format", "json", stdin=GOOD.encode())
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out)["layers"][0]["output"] == [9, 10, 8]
    text = (
        GOOD.replace("name: good\n", "") + "variants:\n  small: {params: {width: 2}}\n  large: {params: {width: 64}}\n"
    )
    (folder / "several.yaml").write_text(text, encoding="utf-8")
    done = cnncalc("summarize", "several.yaml:large", "--format", "json", folder=folder)
    assert json.loads(done.out)["name"] == "large"
    assert json.loads(done.out)["layers"][0]["output"] == [64, 10, 8]
    objects(cnncalc("summarize", "several.yaml", folder=folder), "unknown-variant", "say which", "several.yaml:small")
    objects(cnncalc("summarize", "several.yaml:smal", folder=folder), "unknown-variant", "did you mean `small`?")
    wrong = text.replace("{width: 2}", "{wdth: 2}")
    (folder / "wrong.yaml").write_text(wrong, encoding="utf-8")
    objects(cnncalc("summarize", "wrong.yaml:small", folder=folder), "unknown-param", "did you mean `width`?")


# Python files

PYTHON = """\
from cnncalc import Network
print("a word from the file")

def network(width=8, classes=10):
    net = Network("in-python", input=(3, 12, 10))
    net.conv2d(out_channels=width, kernel_size=3, name="stem")
    net.global_avg_pool2d()
    net.linear(out_features=classes)
    return net
"""


def test_python_file_whose_words_do_not_disturb_the_result(folder: Path) -> None:
    (folder / "net.py").write_text(PYTHON, encoding="utf-8")
    done = cnncalc("summarize", "net.py", "--set", "width=5", "--format", "json", folder=folder)
    assert done.code == 0
    assert json.loads(done.out)["layers"][0]["output"] == [5, 10, 8]
    assert done.err.strip() == "a word from the file"


def test_python_file_with_neighbours_and_dataclasses(folder: Path) -> None:
    (folder / "widths.py").write_text("WIDTH = 7\n", encoding="utf-8")
    (folder / "net.py").write_text(
        "from dataclasses import dataclass\nfrom widths import WIDTH\nfrom cnncalc import Network\n"
        "@dataclass\nclass Stage:\n    width: int\n\n"
        "network = Network('n', input=(3, 12, 10))\nnetwork.conv2d(out_channels=Stage(WIDTH).width, kernel_size=1)\n",
        encoding="utf-8",
    )
    done = cnncalc("summarize", "net.py", "--format", "json", folder=folder)
    assert done.code == 0, done.err
    assert json.loads(done.out)["layers"][0]["output"] == [7, 12, 10]


def in_network(call: str) -> str:
    return f"from cnncalc import Network\nnetwork = Network('n', input=(3, 12, 10))\n{call}\n"


@pytest.mark.parametrize(
    ("source", "arguments", "code", "fragments"),
    [
        ("x = 1\nraise RuntimeError('boom')\n", [], "python-failed", ["net.py:2:1", "RuntimeError: boom"]),
        ("x = (\n", [], "python-failed", ["net.py:1:1", "SyntaxError: '(' was never closed"]),
        ("import sys\nsys.exit(3)\n", [], "python-failed", ["net.py:2:1", "SystemExit"]),
        ("import os.nothing\n", [], "python-failed", ["ModuleNotFoundError"]),
        ("def network():\n    return network()\n", [], "python-failed", ["RecursionError"]),
        ("class E(Exception):\n    def __str__(self): raise E\nraise E\n", [], "python-failed", ["cannot be shown"]),
        ("raise BrokenPipeError\n", [], "python-failed", ["BrokenPipeError"]),
        ("x = 1\n", [], "no-network", ["let it assign `network = Network(...)`"]),
        ("network = 5\n", [], "no-network", []),
        ("def network(): return 5\n", [], "no-network", []),
        ("def network(depth): ...\n", [], "unknown-param", ["a value for depth", "give every param a default"]),
        (PYTHON, ["--set", "widht=3"], "unknown-param", ["`widht`", "did you mean `width`?"]),
        (PYTHON, ["--set", "width=wide"], "wrong-option", ["net.py:6:5", "not `wide`"]),
        (in_network("network.relu()"), ["--set", "width=3"], "unknown-param", ["not a function"]),
        (in_network("network.cov2d()"), [], "unknown-layer", ["net.py:3:1", "did you mean `conv2d`?"]),
        (in_network("network.conv2d(out_chanels=3)"), [], "unknown-option", ["net.py:3:1", "`out_channels`"]),
        (in_network("network.relu(from_='x')"), [], "unknown-layer-name", ["net.py:3:1", "`x`"]),
        (in_network("network.max_pool2d(kernel_size=13)"), [], "window-does-not-fit", ["net.py:3:1", "13", "12"]),
        ("from cnncalc import Network\nNetwork('n')\n", [], "missing-option", ["net.py:2:1", "has no input"]),
        ("from cnncalc import Network\nNetwork('n', (3, 0))\n", [], "bad-shape", ["net.py:2:1"]),
        ("\0", [], "not-text", ["binary"]),
    ],
    ids=lambda value: value.replace("\n", "; ") if isinstance(value, str) else "",
)
def test_python_file_that_is_wrong(
    folder: Path, source: str, arguments: list[str], code: str, fragments: list[str]
) -> None:
    (folder / "net.py").write_text(source, encoding="utf-8")
    done = cnncalc("summarize", "net.py", *arguments, "--format", "json", folder=folder)
    objects(done, code, *fragments)


# Terminals


def test_a_terminal_without_the_signs_gets_question_marks(folder: Path) -> None:
    done = cnncalc("summarize", "good.yaml", folder=folder, env={"PYTHONIOENCODING": "ascii"})
    assert (done.code, done.err) == (0, "")
    assert "good ? input 3?12?10" in done.out


def shown_help(*arguments: str, **env: str) -> str:
    """What help looks like on a terminal."""
    import pty

    ours, theirs = pty.openpty()
    kept = {name: value for name, value in environment().items() if name != "NO_COLOR"}
    command = [sys.executable, "-m", "cnncalc", *arguments]
    subprocess.run(command, stdin=theirs, stdout=theirs, stderr=theirs, env={**kept, **env}, check=True, timeout=60)
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # the end, on Linux
        while part := os.read(ours, 65536):
            shown += part
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("arguments", ["--help", "explain --help", "--lang zh --help", "--lang zh quiz --help"])
def test_help_has_colours_on_a_terminal_alone(arguments: str) -> None:
    words = arguments.split()
    plain = cnncalc(*words).out
    coloured = shown_help(*words, TERM="xterm")
    assert re.sub(r"\x1b\[\d*m", "", coloured) == plain
    headings = [line for line in plain.splitlines() if line.endswith((":", "：")) and not line.startswith(" ")]
    assert len(headings) >= 2
    for heading in headings:
        assert f"\x1b[1m{heading}\x1b[0m\n" in coloured
    assert re.search(r"\x1b\[36m +-h, --help\x1b\[0m ", coloured)
    for none in ({"TERM": "dumb"}, {"TERM": "xterm", "NO_COLOR": "1"}):
        assert shown_help(*words, **none) == plain
    assert "\x1b" not in plain


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [50, 80, 120])
def test_help_names_every_command_once_with_a_whole_sentence(language: str, width: int) -> None:
    page = cnncalc("--lang", language, "--help", env={"COLUMNS": str(width)}).out
    assert max(map(columns, page.splitlines()[:1] + page.splitlines()[-20:])) <= width
    assert "..." not in page.partition("\n")[2]
    for name in COMMANDS:
        (found,) = re.findall(rf"^  {name} +(.+(?:\n   +.+)*)", page, re.MULTILINE)
        text = cnncalc("--lang", language, name, "--help", env={"COLUMNS": str(width)}).out
        assert "".join(found.split()) in "".join(text.split())
        assert found.endswith((".", "。"))
