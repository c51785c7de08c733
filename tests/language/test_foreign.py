"""Lines and names of other frameworks: what is said of them, and that it gives what the framework gives."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import torch
import yaml
from torch import nn
from torch.nn import functional

from cnncalc import InputError, analyze
from cnncalc.core.errors import Source
from cnncalc.language.foreign.calls import DEEPEST, LONGEST, call_in
from cnncalc.language.foreign.program import MOST_CALLS, MOST_LINES, program_error
from cnncalc.language.foreign.table import FUNCTIONS, KERAS, OPTION_WORDS, OPTIONS, OTHERS, TORCH, WORDS
from cnncalc.language.foreign.translation import translated
from cnncalc.language.load import from_source, from_text, load, load_all
from cnncalc.language.settings import SharedParams
from tests.support.cases import CASES

LINES: list[dict[str, Any]] = yaml.safe_load((CASES / "foreign.yaml").read_text(encoding="utf-8"))
BROKEN = "".join(path.read_text(encoding="utf-8") for path in (CASES / "broken").glob("foreign_*.yaml"))


WRAPPERS = ("Sequential", "Bidirectional", "TimeDistributed")


def description(shape: list[int], entries: list[str]) -> str:
    """A description of these entries, after two layers that a concat can name."""
    named = (
        ["- identity: {name: one}", "- identity: {name: other, from: input}"] if "one, other" in str(entries) else []
    )
    return "\n".join([f"input: {shape}", "layers:", *(f"  {entry}" for entry in [*named, *entries])]) + "\n"


def by_torch(line: str, shape: list[int]) -> tuple[tuple[int, ...], int]:
    """The output shape without the batch and the number of parameters that torch gives."""
    x = torch.randint(9, (1, *shape)) if "Embedding" in line else torch.zeros(1, *shape)
    scope = {"nn": nn, "torch": torch, "F": functional, "x": x, "one": x, "other": x}
    made = eval(line, scope)
    if not isinstance(made, nn.Module):
        return tuple(made.shape[1:]), 0
    made.eval()
    output = made(x, x, x) if isinstance(made, nn.MultiheadAttention) else made(x)
    output = output[0] if isinstance(output, tuple) else output
    return tuple(output.shape[1:]), sum(parameter.numel() for parameter in made.parameters())


@pytest.mark.parametrize("case", LINES, ids=lambda case: case["line"])
class TestLines:
    def test_the_entries_are_shown(self, case: dict[str, Any]) -> None:
        with pytest.raises(InputError) as caught:
            from_text(description(case["input"], [f"- {case['line']}"]))
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.code == "unknown-layer"
        said = diagnostic.example or re.findall("`(- .*)`", diagnostic.lines()[-1][1])
        assert list(said) == case["written"]

    def test_they_give_what_the_framework_gives(self, case: dict[str, Any]) -> None:
        report = analyze(from_text(description(case["input"], case["written"])))
        shape, params = (
            (tuple(case["output"]), case["params"]) if "output" in case else by_torch(case["line"], case["input"])
        )
        assert report.rows[-1].output.shape == shape
        assert report.totals().params == params


def test_every_row_has_a_line() -> None:
    called = {name.rpartition(".")[2] for case in LINES for name in re.findall(r"([\w.]+)\(", case["line"])}
    assert [name for name in (*TORCH, *FUNCTIONS, *KERAS, *WRAPPERS) if name not in called] == []


def test_every_other_name_is_met() -> None:
    met = set(re.findall(r"\w+", BROKEN))
    assert [name for name in (*OTHERS, *WORDS, *OPTIONS, *OPTION_WORDS) if name not in met] == []


# What is no line of a list


NOT_READ = {
    "no call": "conv1 = 3",
    "two statements": "nn.ReLU(); nn.ReLU()",
    "no Python": "nn.Conv2d(3, 64,, 3)",
    "an open bracket": "nn.Conv2d(3, 64",
    "too long": f"nn.ReLU({' ' * LONGEST})",
    "too deep": "(" * (DEEPEST + 1) + "nn.ReLU()" + ")" * (DEEPEST + 1),
    "signs that nest": f"nn.ReLU({'-' * 3_000}1)",
    "a chain of operations": f"nn.ReLU({'1**' * 1_200}1)",
}


@pytest.mark.parametrize("text", NOT_READ.values(), ids=NOT_READ)
def test_what_is_no_call_is_none(text: str) -> None:
    call = call_in(text)
    assert call is None or translated(call) is None or "*" in text


def test_nothing_is_run(tmp_path: Path) -> None:
    target = tmp_path / "made"
    with pytest.raises(InputError):
        from_text(f"input: [3, 8, 8]\nlayers:\n  - nn.Conv2d(open({str(target)!r}, 'w'), 8, 3)\n")
    assert not target.exists()


# Programs

FORWARD = """
import torch.nn as nn
import torch.nn.functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 16 * 5 * 5)
        x = F.relu(self.fc1(x))
        return self.fc2(x)
"""

IN_ORDER = [
    *("- conv2d: {name: conv1, out_channels: 6, kernel_size: 5}", "- relu"),
    *("- max_pool2d: {name: pool, kernel_size: 2, stride: 2}",),
    *("- conv2d: {name: conv2, out_channels: 16, kernel_size: 5}", "- relu"),
    *("- max_pool2d: {kernel_size: 2, stride: 2}", "- flatten"),
    *("- linear: {name: fc1, out_features: 120}", "- relu", "- linear: {name: fc2, out_features: 10}"),
]

SEQUENTIAL = """
model = keras.Sequential([
    layers.Conv2D(32, (3, 3), activation='relu', input_shape=(32, 28, 3)),  # the first
    layers.MaxPooling2D((2, 2)),
    layers.Flatten(),
    layers.Dense(10),
])
"""

DEFINED = """\
self.conv1 = nn.Conv2d(1, 6, 5)
self.fc1 = nn.Linear(16 * 5 * 5, 120)
"""

RESIDUAL = FORWARD.replace("x = F.relu(self.fc1(x))", "x = x + F.relu(self.fc1(x))")


def program(text: str, name: str = "net.yaml") -> Any:
    with pytest.raises(InputError) as caught:
        from_source(Source(name, text), {}, None)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "another-framework"
    return diagnostic


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        (FORWARD, ["input: [3, 224, 224]", "layers:", *(f"  {entry}" for entry in IN_ORDER)]),
        (
            SEQUENTIAL,
            [
                *("input: [3, 32, 28]", "layers:", "  - conv2d: {out_channels: 32, kernel_size: [3, 3]}", "  - relu"),
                *("  - max_pool2d: {kernel_size: [2, 2]}", "  - flatten", "  - linear: {out_features: 10}"),
            ],
        ),
        (
            DEFINED,
            [
                *("input: [1, 224, 224]", "layers:", "  - conv2d: {name: conv1, out_channels: 6, kernel_size: 5}"),
                *("  - flatten", "  - linear: {name: fc1, out_features: 120}"),
            ],
        ),
        (
            "input: [3, 16, 16]\nlayers:\n  self.conv = nn.Conv2d(3, 6, 5)\n  self.relu = nn.ReLU()\n",
            [
                *("input: [3, 16, 16]", "layers:", "  - conv2d: {name: conv, out_channels: 6, kernel_size: 5}"),
                "  - relu: {name: relu}",
            ],
        ),
    ],
    ids=["a chain", "Keras", "definitions", "below layers"],
)
def test_a_program_is_shown_as_a_description(text: str, entries: list[str]) -> None:
    found = program(text)
    assert list(found.example) == entries
    assert analyze(from_text("\n".join(found.example))).rows


LINES_ALONE = "nn.Sequential(\n    nn.Conv2d(1, 8, 3),\n    nn.ReLU(),\n)\n"


@pytest.mark.parametrize("text", [FORWARD, LINES_ALONE, SEQUENTIAL, f"torch.{LINES_ALONE}"])
@pytest.mark.parametrize("read", [load, lambda path: load_all(path, params=SharedParams({}))])
def test_a_program_in_a_file_of_yaml_is_shown_too(tmp_path: Path, text: str, read: Any) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(str(path))
    (found,) = caught.value.diagnostics
    assert found.code == "another-framework"
    assert analyze(from_text("\n".join(found.example))).rows


def test_filters_of_keras_are_no_channels_of_the_input() -> None:
    found = program(SEQUENTIAL.replace(", input_shape=(32, 28, 3)", ""))
    assert found.example[0] == "input: [3, 224, 224]"


def test_what_is_no_chain_is_shown_as_it_is_defined() -> None:
    found = program(RESIDUAL)
    types = [line.split()[1].rstrip(":") for line in found.example[2:]]
    assert types == ["conv2d", "max_pool2d", "conv2d", "flatten", "linear", "linear"]
    assert "the order is that of the definitions" in str(found)
    assert "the order is that of the definitions" not in str(program(FORWARD))


def test_a_layer_that_is_called_twice_shares_its_weights() -> None:
    found = program(FORWARD.replace("self.conv2(x)", "self.conv2(self.conv2(x))").replace("(6, 16", "(6, 6"))
    assert "  - conv2d: {share: conv2, out_channels: 6, kernel_size: 5}" in found.example


TWICE = """
class Net(nn.Module):
    def __init__(self):
        self.stem = nn.Conv2d(3, 8, 3, padding=1)
        self.body = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.tail = nn.Sequential(nn.ReLU(), nn.Conv2d(8, 2, 1))

    def forward(self, x):
        x = self.body(self.body(self.stem(x)))
        return self.tail(self.body(x))
"""


def test_a_container_that_is_called_twice_shares_its_weights() -> None:
    found = program(TWICE)
    named = ["conv2d: {name: body.0, out_channels: 8, kernel_size: 3, padding: 1}", "batch_norm2d: {name: body.1}"]
    again = ["conv2d: {share: body.0, out_channels: 8, kernel_size: 3, padding: 1}", "batch_norm2d: {share: body.1}"]
    assert found.example[3:-2] == tuple(
        f"  - {entry}" for entry in (*named, "relu: {name: body.2}", *again, "relu", *again, "relu")
    )
    assert found.example[-2] == "  - relu"  # of what is called once
    graph = from_text("\n".join(found.example))
    assert analyze(graph).totals().params == (3 * 9 + 1) * 8 + (8 * 9 + 1) * 8 + 16 + (8 + 1) * 2


def test_a_program_with_too_many_calls_says_so() -> None:
    said = f"the first {MOST_CALLS} calls of the program are read"
    text = "x = nn.ReLU()\n" * MOST_CALLS
    assert said not in str(program(text))
    assert said in str(program(f"{text}x = nn.Tanh()\n"))


@pytest.mark.parametrize("text", [FORWARD, DEFINED, FORWARD.replace("torch.nn", "torch_that_is_not_there.nn")])
def test_a_python_file_without_a_network(tmp_path: Path, text: str) -> None:
    path = tmp_path / "net.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(str(path))
    assert [one.code for one in caught.value.diagnostics] == ["another-framework"]


MUCH = 59_000
LARGE = {
    "line breaks": "\n" * MUCH,
    "one word": "a" * MUCH,
    "one dotted word": "a." * (MUCH // 2),
    "open brackets": "A(" * (MUCH // 2),
    "assignments": "self.a = " * (MUCH // 9),
    "layers": "x = nn.ReLU()\n" * (MUCH // 14),
    "an operation": f"    x = {'1+' * (MUCH // 2)}1\n",
    "calls of calls": f"    def forward(self, x):\n        return x{'.a()' * (MUCH // 4)}",
}


@pytest.mark.parametrize("text", LARGE.values(), ids=LARGE)
def test_large_programs_are_read_in_bounded_time(text: str) -> None:
    started = monotonic()
    found = program_error(Source("net.yaml", f"class Net(nn.Module):\n{text}"))
    assert found is None or len(found.diagnostics[0].example) <= MOST_LINES
    assert monotonic() - started < 5


def test_the_table_is_loaded_for_unknown_names_alone() -> None:
    described = "input: [3, 8, 8]\\nlayers: [{conv2d: {%s: 4, kernel_size: 3}}]"
    code = f"""
import sys, cnncalc
cnncalc.from_text("{described % "out_channels"}")
print(any("foreign" in name for name in sys.modules))
try:
    cnncalc.from_text("{described % "filters"}")
except cnncalc.InputError:
    print(any("foreign" in name for name in sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_a_description_with_a_program_in_its_notes_is_none() -> None:
    text = f"input: [3, 8]\nnotes: |\n  {DEFINED.splitlines()[0]}\nlayers: 3\n"
    with pytest.raises(InputError) as caught:
        from_text(text)
    assert [one.code for one in caught.value.diagnostics] == ["wrong-kind"]


@pytest.mark.parametrize(
    "lines",
    [
        ["flatten", "nn.Linear(3*8*8, 10)"],
        ["nn.Linear(3 * 8 * 8, 10)"],  # the flatten is missing, which is told later
        ["nn.LazyLinear(10)"],
        ["nn.Conv2d(width, 8, 3)"],
        ["nn.Conv2d(3, 8)", "nn.Conv2d(9, 8, 3)"],  # nothing is known of what flows out of the first
        ["F.relu(self.conv1(x))", "nn.Conv2d(9, 8, 3)"],
        ["foo", "nn.Conv2d(9, 8, 3)"],
        ["conv2d: {out_channels: 4, kernel_size: 30}", "nn.Conv2d(9, 8, 3)"],
    ],
)
def test_sizes_that_are_right_or_cannot_be_known_are_not_spoken_of(lines: list[str]) -> None:
    text = "input: [3, 8, 8]\nlayers:\n" + "".join(f"  - {line}\n" for line in lines)
    with pytest.raises(InputError) as caught:
        from_text(text)
    assert "flows in here" not in str(caught.value)


def test_a_layer_behind_a_line_of_torch_may_name_it() -> None:
    with pytest.raises(InputError) as caught:
        from_text("input: [3, 8, 8]\nlayers:\n  - self.stem = nn.Conv2d(3, 8, 3)\n  - relu: {from: stem}\n")
    assert [one.code for one in caught.value.diagnostics] == ["unknown-layer"]
