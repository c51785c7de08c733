"""`cnncalc run` and `cnncalc.run`: values against torch and published sums, and every way to give them wrong."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_torch

import cnncalc
from cnncalc.core.errors import InputError
from cnncalc.core.tensor import DType
from cnncalc.display import values as screen
from cnncalc.display.screen import console
from cnncalc.execution.engine.program import Step
from cnncalc.execution.forward import StepResult, forward, is_in_place
from cnncalc.execution.inputs.files import archive_bytes, state_dict
from cnncalc.execution.inputs.images import picture
from cnncalc.execution.memory import room
from cnncalc.execution.run import prepare, values
from cnncalc.exporters.values import values_json
from cnncalc.language.schema import document_schema
from tests.support.command import Finished
from tests.support.command import cnncalc as command

RAMP = "[[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]]"


def conv(height: int, width: int, kernel: str, x: str, shape: str) -> str:
    return (
        f"input: [1, {height}, {width}]\nlayers:\n"
        f"  - conv2d: {{name: conv, out_channels: 1, kernel_size: {shape}, bias: false}}\n"
        f"values:\n  input: {x}\n  conv.weight: {kernel}\n"
    )


def pool(kind: str, x: str, kernel: int, stride: int) -> str:
    rows = yaml.safe_load(x)
    return (
        f"input: [1, {len(rows)}, {len(rows[0])}]\nlayers:\n  - {kind}: {{kernel_size: {kernel}, stride: {stride}}}\n"
        f"values:\n  input: {x}\n"
    )


# Sums worked out by hand, as they are typed in

WORKED = [
    # each window is its upper right value plus its lower left one: 2 + 5, 3 + 6, ...
    pytest.param(conv(4, 4, "[[0, 1], [1, 0]]", RAMP, "2"), [[7, 9, 11], [15, 17, 19], [23, 25, 27]], id="ramp"),
    pytest.param(pool("max_pool2d", RAMP, 2, 2), [[6, 8], [14, 16]], id="max_pool"),
    # Zhang et al., Dive into Deep Learning, section 7.2.1, and 7.5.1 for the pools
    pytest.param(
        conv(3, 3, "[[0, 1], [2, 3]]", "[[0, 1, 2], [3, 4, 5], [6, 7, 8]]", "2"), [[19, 25], [37, 43]], id="d2l"
    ),
    pytest.param(pool("max_pool2d", "[[0, 1, 2], [3, 4, 5], [6, 7, 8]]", 2, 1), [[4, 5], [7, 8]], id="d2l_max"),
    pytest.param(pool("avg_pool2d", "[[0, 1, 2], [3, 4, 5], [6, 7, 8]]", 2, 1), [[2, 3], [5, 6]], id="d2l_mean"),
    # section 7.2.3: edges of a black stripe, where the kernel is a row
    pytest.param(
        conv(2, 8, "[[1, -1]]", "[[1, 1, 0, 0, 0, 0, 1, 1], [1, 1, 0, 0, 0, 0, 1, 1]]", "[1, 2]"),
        [[0, 1, 0, 0, 0, -1, 0], [0, 1, 0, 0, 0, -1, 0]],
        id="d2l_edges",
    ),
    # vertical edges of a 5x5 map: github.com/Jaykumaran/Complexity_Programming, Python_/Convolution/Convolution.py
    pytest.param(
        conv(
            5,
            5,
            "[[1, 0, -1], [1, 0, -1], [1, 0, -1]]",
            "[[1, 2, 3, 0, 1], [4, 5, 6, 1, 0], [7, 8, 9, 2, 3], [1, 3, 5, 7, 9], [0, 2, 4, 6, 8]]",
            "3",
        ),
        [[-6, 12, 14], [-8, 6, 8], [-10, -2, -2]],
        id="vertical_edges",
    ),
]


@pytest.mark.parametrize(("text", "expected"), WORKED)
def test_worked_sums(text: str, expected: list[list[int]]) -> None:
    done = command("run", "-", stdin=text.encode())
    assert (done.code, done.err) == (0, "")
    rows = [line.split() for line in done.out.splitlines()[-len(expected) :]]
    assert rows == [[str(n) for n in row] for row in expected]  # whole numbers, without decimals
    done = command("run", "-", "--format", "json", stdin=text.encode())
    (output,) = json.loads(done.out)["outputs"].values()
    assert output == {"shape": [1, len(expected), len(expected[0])], "values": [expected]}


def test_the_ramp_on_screen() -> None:
    done = command("run", "-", stdin=f"name: cross\n{WORKED[0].values[0]}".encode(), env={"COLUMNS": "80"})
    assert done.out.splitlines() == [
        "cross · input 1×4×4 · batch 1 · float32",
        "",
        "Input           as written in the description",
        "Weights         as written in the description",
        "",
        "conv · 1×3×3",
        " 7  9 11",
        "15 17 19",
        "23 25 27",
    ]


# Against torch

NET = """\
name: net
input: [3, 9, 7]
layers:
  - conv2d: {name: conv, out_channels: 4, kernel_size: [3, 2], stride: [2, 1], padding: [1, 0]}
  - batch_norm2d: {name: bn}
  - relu: {inplace: true}
  - flatten
  - linear: {name: fc, out_features: 5}
"""


class TorchNet(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 4, (3, 2), (2, 1), (1, 0))
        self.bn = torch.nn.BatchNorm2d(4)
        self.fc = torch.nn.Linear(4 * 5 * 6, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.fc(torch.relu(self.bn(self.conv(x))).flatten(1))
        return y


@pytest.fixture(scope="module")
def model() -> TorchNet:
    torch.manual_seed(5)
    net = TorchNet()
    for _ in range(3):
        net(torch.randn(4, 3, 9, 7) * 2 + 1)  # running statistics that are not their defaults
    with torch.no_grad():
        net.bn.weight.normal_()
        net.bn.bias.normal_()
    return net.eval()


def state_of(model: torch.nn.Module) -> dict[str, Any]:
    return {name: tensor.numpy() for name, tensor in model.state_dict().items()}


def said_by_torch(model: torch.nn.Module, x: Any) -> Any:
    with torch.no_grad():
        return model(torch.from_numpy(np.asarray(x, np.float32))).numpy()


@pytest.fixture
def folder(tmp_path: Path, model: TorchNet) -> Path:
    (tmp_path / "net.yaml").write_text(NET, encoding="utf-8")
    x = np.random.default_rng(1).standard_normal((2, 3, 9, 7)).astype(np.float32)
    np.save(tmp_path / "batch.npy", x)
    np.save(tmp_path / "one.npy", x[0].astype(np.float64))
    np.savez(tmp_path / "net.npz", **state_of(model))
    save_torch(model.state_dict(), tmp_path / "net.safetensors")
    return tmp_path


@pytest.mark.parametrize("weights", ["net.npz", "net.safetensors"])
@pytest.mark.parametrize("array", ["batch.npy", "one.npy"])
def test_a_state_dict_gives_what_torch_gives(folder: Path, model: TorchNet, weights: str, array: str) -> None:
    done = command("run", "net.yaml", "--weights", weights, "--array", array, "-o", "y.npy", folder=folder)
    assert (done.code, done.out, done.err) == (0, "", "")
    x = np.load(folder / array)
    expected = said_by_torch(model, x) if array == "batch.npy" else said_by_torch(model, x[None])[0]
    np.testing.assert_allclose(np.load(folder / "y.npy"), expected, rtol=1e-5, atol=1e-5)


def test_the_library_gives_what_torch_gives(model: TorchNet) -> None:
    graph = cnncalc.from_text(NET)
    x = np.random.default_rng(2).standard_normal((3, 9, 7)).astype(np.float32)
    before = x.copy()
    found = cnncalc.run(graph, cnncalc.analyze(graph), x, state_of(model), layers=["conv", "fc", "input"])
    assert list(found) == ["conv", "fc", "input"]
    np.testing.assert_allclose(found["fc"], said_by_torch(model, x[None])[0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found["conv"], said_by_torch(model.conv, x[None])[0], rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(found["input"], before)
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floats_are_converted(folder: Path, model: TorchNet, dtype: torch.dtype) -> None:
    stored = {name: tensor.to(dtype) for name, tensor in model.state_dict().items()}
    save_torch(stored, folder / "other.safetensors")
    given = state_dict(str(folder / "other.safetensors"))
    assert {one.name for one in given} == set(stored)
    for one in given:
        read = np.empty(one.shape, np.float32)
        one.fill(read)
        np.testing.assert_array_equal(read, stored[one.name].float().numpy())
    done = command("run", "net.yaml", "--weights", "other.safetensors", folder=folder)
    assert (done.code, done.err) == (0, "")


def test_what_runs_is_random_and_said_so(folder: Path) -> None:
    first, again, other = (command("run", "net.yaml", "--seed", seed, folder=folder) for seed in ("3", "3", "4"))
    assert first.out == again.out
    assert first.out.splitlines()[-1] != other.out.splitlines()[-1]
    assert "Weights         random, seed 3\n" in first.out
    assert "Input           random between 0 and 1, seed 3\n" in first.out


CHAINS = """
input: [3, 13, 12]
layers:
  - conv2d: {name: conv, out_channels: 8, kernel_size: 3, padding: 1}
  - batch_norm2d: {name: norm}
  - relu6: {name: capped, inplace: true}
  - conv2d: {name: depthwise, out_channels: 8, kernel_size: 3, stride: 2, groups: 8, bias: false}
  - batch_norm2d: {name: norm2}
  - relu: {name: read_twice, inplace: true}
  - conv2d: {name: grouped, out_channels: 8, kernel_size: 3, padding: 1, groups: 2}
  - relu: {name: rectified}
  - add: {name: sum, from: [rectified, read_twice]}
  - batch_norm2d: {name: norm3}
  - relu: {name: last}
"""


def test_a_pass_over_several_layers_gives_what_one_after_another_gives() -> None:
    graph = cnncalc.from_text(CHAINS)
    prepared = prepare(cnncalc.analyze(graph))
    seen: dict[str, Any] = {}

    def look(ran: StepResult) -> None:
        seen[ran.step.path] = ran.output.copy()

    inputs = {name: array.copy() for name, array in prepared.inputs.items()}
    forward(prepared.program, inputs, prepared.weights, watch=look)
    assert len(seen) == len(graph.nodes)
    for kept in (["last"], ["conv", "last"], ["norm", "read_twice"], ["capped", "norm2", "sum"], ["norm3"]):
        found = values(prepared, kept)
        for name in kept:
            assert np.array_equal(found[name], seen[name][0]), (name, kept)


def test_a_call_that_does_not_fit_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = cnncalc.from_text("input: [1, 64, 64]\nlayers: [{relu: {}}]\n")
    report = cnncalc.analyze(graph)
    ten = room.budget(room.PlannedRun(report, 10)).nbytes
    monkeypatch.setattr(room, "free_bytes", lambda: ten)
    assert cnncalc.run(graph, report, np.zeros((10, 1, 64, 64)))["relu"].shape == (10, 1, 64, 64)
    with pytest.raises(InputError, match="take fewer images or a smaller input"):
        cnncalc.run(graph, report, np.zeros((11, 1, 64, 64)))


def test_layers_in_place_may_join_under_watch_and_nothing_else_is_seen_of_it() -> None:
    graph = cnncalc.from_text(CHAINS)
    prepared = prepare(cnncalc.analyze(graph))

    def watched(may_fuse: Callable[[Step], bool] | None) -> tuple[dict[str, Any], int, dict[str, Any]]:
        extents, alive, seen = {}, [], {}

        def look(ran: StepResult) -> None:
            extents[ran.step.path] = ran.output.shape, dict(ran.tally.counts), dict(ran.weights.reads)
            alive.append(ran.alive_bytes)
            seen[ran.step.path] = ran.output.tobytes()

        inputs = {name: array.copy() for name, array in prepared.inputs.items()}
        forward(prepared.program, inputs, prepared.weights, watch=look, may_fuse=may_fuse)
        return extents, max(alive), seen

    *apart, values_apart = watched(None)
    *joined, values_joined = watched(is_in_place)
    assert joined == apart
    assert {path for path in values_apart if values_joined[path] != values_apart[path]} == {
        "norm",
        "norm2",
    }  # capped already


def test_what_is_prepared_runs_again() -> None:
    graph = cnncalc.from_text("input: [2]\nlayers: [{relu: {inplace: true}}]\nvalues: {input: [-1, 2]}\n")
    prepared = prepare(cnncalc.analyze(graph))
    assert [values(prepared, [name])[name].tolist() for name in ("relu", "input")] == [[0, 2], [-1, 2]]


def test_precedence(model: TorchNet) -> None:
    written = NET + "values: {fc.bias: [1, 2, 3, 4, 5], conv.bias: [0, 0, 0, 1]}\n"
    graph = cnncalc.from_text(written)
    report = cnncalc.analyze(graph)
    random = prepare(cnncalc.analyze(cnncalc.from_text(NET)), seed=7)
    mixed = prepare(report, seed=7)
    assert mixed.weights["fc"]["bias"].tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(mixed.weights["fc"]["weight"], random.weights["fc"]["weight"])
    assert mixed.weight_source == (
        "as written in the description, conv.weight, bn.weight, bn.bias, bn.running_mean, ...: random, seed 7"
    )
    found = cnncalc.run(graph, report, np.zeros((3, 9, 7)), state_of(model))
    np.testing.assert_allclose(
        found["fc"], said_by_torch(model, np.zeros((1, 3, 9, 7)))[0], rtol=1e-5, atol=1e-5
    )  # the file's bias, not the written one
    partial = {name: array for name, array in state_of(model).items() if name != "fc.bias"}
    found = cnncalc.run(graph, report, np.zeros((3, 9, 7)), partial)
    biases = model.fc.bias.detach().numpy()
    expected = said_by_torch(model, np.zeros((1, 3, 9, 7)))[0] - biases + np.arange(1, 6)
    np.testing.assert_allclose(found["fc"], expected, rtol=1e-5, atol=1e-5)


SHARED = """\
input: [2, 5, 4]
layers:
  - conv2d: {name: a, out_channels: 2, kernel_size: 1}
  - conv2d: {name: b, out_channels: 2, kernel_size: 1, share: a}
"""


def test_shared_weights_may_stand_under_each_name() -> None:
    graph = cnncalc.from_text(SHARED)
    report = cnncalc.analyze(graph)
    one = torch.nn.Conv2d(2, 2, 1)
    x = np.random.default_rng(0).standard_normal((2, 5, 4)).astype(np.float32)
    expected = said_by_torch(torch.nn.Sequential(one, one), x[None])[0]
    own = state_of(one)
    for names in (("a",), ("b",), ("a", "b")):
        given = {f"{name}.{weight}": array for name in names for weight, array in own.items()}
        np.testing.assert_allclose(cnncalc.run(graph, report, x, given)["b"], expected, rtol=1e-5, atol=1e-6)
    given["b.bias"] = given["b.bias"] + 1
    with pytest.raises(InputError) as caught:
        cnncalc.run(graph, report, x, given)
    assert [one.code for one in caught.value.diagnostics] == ["unlike-shared"]


TWO = """\
inputs: {left: [1, 2, 3], right: [1, 2, 3]}
layers:
  - add: {from: [left, right]}
values: {left: [[1, 2, 3], [4, 5, 6]]}
"""


def test_several_inputs() -> None:
    graph = cnncalc.from_text(TWO)
    report = cnncalc.analyze(graph)
    right = np.arange(6).reshape(2, 3) * 10
    assert cnncalc.run(graph, report, {"right": right})["add"].tolist() == [[[1, 12, 23], [34, 45, 56]]]
    done = command("run", "-", stdin=TWO.encode())
    assert "Input           as written in the description, right: random between 0 and 1, seed 0\n" in done.out
    with pytest.raises(InputError) as caught:
        cnncalc.run(graph, report, {"left": np.ones((2, 1, 2, 3)), "right": np.ones((3, 1, 2, 3))})
    assert [one.code for one in caught.value.diagnostics] == ["unlike-batches"]
    done = command("run", "-", "--array", "x.npy", stdin=TWO.encode())
    objects(done, "several-inputs", "--array gives one input, but this network has 2: left, right")


def test_input_stands_for_the_only_one() -> None:
    text = "inputs: {image: [1, 1, 2]}\nlayers: [relu]\nvalues: {input: [-3, 4]}\n"
    graph = cnncalc.from_text(text)
    assert cnncalc.run(graph, cnncalc.analyze(graph))["relu"].tolist() == [[[0, 4]]]


def test_numbers_may_be_expressions() -> None:
    text = "input: [1, 1, 2]\nparams: {row: [4, -1]}\nlayers: [identity]\nvalues: {input: row}\n"
    for params, expected in (({}, [4, -1]), ({"row": "[1 / 4, 2 ** 3]"}, [0.25, 8])):
        graph = cnncalc.from_text(text, params=params)
        assert cnncalc.run(graph, cnncalc.analyze(graph))["identity"].tolist() == [[expected]]


# What does not fit


def objects(done: Finished, code: str, *fragments: str) -> None:
    assert "Traceback" not in done.err
    assert (done.code, done.out) == (2, ""), done.err
    assert f"error[{code}]: " in done.err
    assert "= help: " in done.err
    for fragment in fragments:
        assert fragment in done.err, done.err


def codes(error: InputError) -> dict[str, str]:
    """Code by the first name that a diagnostic quotes."""
    return {str(one).split("`")[1]: one.code for one in error.diagnostics}


def spoil(arrays: dict[str, Any]) -> dict[str, Any]:
    """A state dict with every kind of fault."""
    arrays["conv.weight"] = arrays["conv.weight"].T
    arrays["conv.bias"] = np.array([None] * 4, object)
    arrays["bn.weight"] = np.array([1, np.nan, 1, 1])
    arrays["bn.bias"] = np.array([1, 1, 1e300, 1])
    arrays["fc.bias"] = np.array(list("abcde"))
    arrays["fc.wieght"] = arrays.pop("fc.weight")
    return arrays


def test_every_objection_comes_at_once(folder: Path, model: TorchNet) -> None:
    np.savez(folder / "bad.npz", allow_pickle=True, **spoil(state_of(model)))
    done = command("run", "net.yaml", "--weights", "bad.npz", folder=folder)
    objects(done, "unknown-weight", "did you mean `fc.weight`?", "--weights bad.npz")
    objects(done, "missing-weight", "there is no `fc.weight`")
    objects(done, "wrong-value-shape", "`conv.weight` has the shape 2×3×3×4, but the network needs 4×3×3×2")
    objects(done, "not-numeric", "`conv.bias` holds Python objects", "`fc.bias` holds text")
    objects(done, "not-finite", "`bn.weight` holds values that are infinite", "1 of 4 values", "`bn.bias` holds")
    assert done.err.count("error[") == 7
    assert done.err.count("num_batches_tracked") == 0


def test_the_library_objects_alike(model: TorchNet) -> None:
    graph = cnncalc.from_text(NET)
    with pytest.raises(InputError) as caught:
        cnncalc.run(graph, cnncalc.analyze(graph), np.ones((3, 7, 9)), spoil(state_of(model)))
    assert codes(caught.value) == {
        "input": "wrong-value-shape",
        "conv.weight": "wrong-value-shape",
        "conv.bias": "not-numeric",
        "bn.weight": "not-finite",
        "bn.bias": "not-finite",
        "fc.bias": "not-numeric",
        "fc.wieght": "unknown-weight",
        "fc.weight": "missing-weight",
    }


def test_values_that_do_not_fit_are_located() -> None:
    text = conv(4, 4, "[[0, 1, 2], [1, 0, 2]]", RAMP.replace(", [13, 14, 15, 16]", ""), "2") + "  con.weight: 3\n"
    graph = cnncalc.from_text(text)
    report = cnncalc.analyze(graph)  # other commands take no notice
    with pytest.raises(InputError) as caught:
        cnncalc.run(graph, report)
    found = {one.code + "@" + str(one.span and one.span.line): str(one) for one in caught.value.diagnostics}
    assert "did you mean `conv.weight`?" in found["unknown-weight@7"]
    assert "`input` has the shape 3×4, but the network needs 1×4×4" in found["wrong-value-shape@5"]
    assert "`conv.weight` has the shape 2×3, but the network needs 1×1×2×2" in found["wrong-value-shape@6"]
    assert len(found) == 3


def test_only_leading_axes_of_one_may_be_missing() -> None:
    graph = cnncalc.from_text("input: [2, 1, 3]\nlayers: [relu]\n")
    with pytest.raises(InputError):
        cnncalc.run(graph, cnncalc.analyze(graph), [[1, 2, 3]])


def archive(path: Path) -> bytes:
    path.write_bytes(archive_bytes({"conv.weight": np.arange(9000.0)}))
    return path.read_bytes()


FILES: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "gone.npz": (lambda path: None, "cannot-read", "there is no file or folder of this name"),
    "folder.npz": (lambda path: path.mkdir(), "cannot-read", "it is a folder"),
    "empty.npz": (lambda path: path.touch(), "not-a-state", "no archive"),
    "text.npz": (lambda path: path.write_text("hello"), "not-a-state", "numpy.savez"),
    "cut.npz": (lambda path: path.write_bytes(archive(path)[:5000]), "not-a-state", "no archive"),
    "text.safetensors": (lambda path: path.write_text("hello there"), "not-a-state", "it ends too early"),
    "model.pt": (lambda path: torch.save({"a": torch.ones(2)}, path), "not-a-state", "safetensors.torch.save_file"),
    "model.npz": (lambda path: torch.save({"a": torch.ones(2)}, path), "not-a-state", "safetensors.torch.save_file"),
    "other.npz": (
        lambda path: path.write_bytes(archive_bytes({f"l{n}.weight": np.ones(2) for n in range(30)})),
        "unknown-weight",
        "30 names mean nothing",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_no_state_dict(folder: Path, name: str) -> None:
    make, code, fragment = FILES[name]
    make(folder / name)
    objects(command("run", "net.yaml", "--weights", name, folder=folder), code, fragment, f"--weights {name}")


@pytest.mark.parametrize(("features", "code"), [(4, "not-a-state"), (40_000, "cannot-read")])
def test_damage_inside_an_archive(tmp_path: Path, features: int, code: str) -> None:
    text = f"input: [{features}]\nlayers:\n  - linear: {{name: fc, out_features: 2, bias: false}}\n"
    (tmp_path / "net.yaml").write_text(text, encoding="utf-8")
    weight = np.arange(2.0 * features).reshape(2, features)
    content = bytearray(archive_bytes({"fc.weight": weight}))
    place = content.find(weight[1].tobytes())
    content[place : place + 8] = bytes(8)
    (tmp_path / "net.npz").write_bytes(content)
    objects(command("run", "net.yaml", "--weights", "net.npz", folder=tmp_path), code, "CRC", "fc.weight")


@pytest.mark.parametrize(
    ("arguments", "code", "fragments"),
    [
        ("--array gone.npy", "cannot-read", ["gone.npy"]),
        ("--array net.yaml", "not-an-array", ["net.yaml is no .npy file"]),
        ("--array net.npz", "not-an-array", ["numpy.save"]),
        ("--array wide.npy", "wrong-value-shape", ["`input` has the shape 3×7×9", "torch's is channels first"]),
        ("--array none.npy", "wrong-value-shape", ["0×3×9×7", "it is empty"]),
        ("--array many.npy", "not-enough-memory", ["take fewer images"]),
        ("--array cut.npy", "not-an-array", ["it is shorter or longer than its header says"]),
        ("--array pickled.npy", "not-numeric", ["Python objects", "never unpickled"]),
        ("--array truths.npy", "not-numeric", ["truth values", "= help: store it as float32\n"]),
        ("--image decimals.tif", "not-an-image", ["decimals of no known range", "--array"]),
        ("--array one.npy --image x.png", "two-inputs", ["leave one of them out"]),
        ("--image one.npy", "not-an-image", ["it does not begin as PNG, JPEG, GIF, BMP, TIFF or WebP files do"]),
        ("--image gone.png", "cannot-read", ["gone.png"]),
        ("--input 2x9x7 --image x.png", "not-for-images", ["1 or 3 channels", "2×9×7"]),
        ("--layer cnv", "unknown-layer-name", ["did you mean `conv`?", "--layer cnv"]),
        ("--layer conv --layer fc --output y.npy", "several-outputs", ["conv, fc", ".npz"]),
        ("--seed -1", "usage", ["--seed"]),
        ("--output gone/y.npy", "cannot-write", ["gone/y.npy"]),
        ("--input 3x99999x99999 --layer conv", "not-enough-memory", ["would fit"]),
    ],
)
def test_command_line(folder: Path, arguments: str, code: str, fragments: list[str]) -> None:
    np.save(folder / "wide.npy", np.ones((3, 7, 9)))
    np.save(folder / "none.npy", np.ones((0, 3, 9, 7)))
    np.save(folder / "pickled.npy", np.array([None]), allow_pickle=True)
    np.save(folder / "truths.npy", np.ones((3, 9, 7), bool))
    Image.fromarray(np.ones((9, 7), np.float32)).save(folder / "decimals.tif")
    for name, images in (("many.npy", 10**8), ("cut.npy", 10**12)):
        with (folder / name).open("wb") as file:
            header = {"descr": "<f4", "fortran_order": False, "shape": (images, 3, 9, 7)}
            np.lib.format.write_array_header_1_0(file, header)
            file.truncate(file.tell() + 4 * 10**8 * 3 * 9 * 7)  # without a byte on the disk
    body = NET.partition("  - flatten")[0]  # takes inputs of any size
    text = body + "  - conv2d: {name: fc, out_channels: 1, kernel_size: 1}\n"
    (folder / "net.yaml").write_text(text, encoding="utf-8")
    objects(command("run", "net.yaml", *arguments.split(), folder=folder), code, *fragments)
    assert not (folder / "y.npy").exists()


def test_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(InputError) as caught:
        picture("x.png", (3, 4, 5))
    (found,) = caught.value.diagnostics
    assert (found.code, found.facts["name"]) == ("missing-package", "Pillow")
    assert str(found).endswith("= help: pip install 'cnncalc[files]'")


# Pictures


def test_a_picture_is_scaled_and_normalised(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    seen = picture(str(tmp_path / "x.png"), (3, 4, 5))
    x = torch.from_numpy(pixels).permute(2, 0, 1).float() / 255
    mean, deviation = (torch.tensor(n)[:, None, None] for n in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    np.testing.assert_allclose(seen.values, ((x - mean) / deviation).numpy(), rtol=1e-5, atol=1e-6)
    assert seen.description.endswith(
        "x.png (5×4 pixels, RGB): resized and cropped to 4×5, scaled to 0..1, ImageNet's mean and deviation"
    )


def test_a_grey_picture_is_not_normalised(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 5), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "x.png")
    Image.fromarray(pixels.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    for name in ("x.png", "deep.png"):
        seen = picture(str(tmp_path / name), (1, 4, 5))
        np.testing.assert_allclose(seen.values[0], pixels / 255, rtol=1e-6)
    assert "grey" in seen.description


def test_a_picture_covers_the_input_and_is_cropped_in_the_middle(tmp_path: Path) -> None:
    pixels = np.zeros((8, 24), np.uint8)
    pixels[:, :8], pixels[:, 16:] = 255, 100  # white, black, grey: the middle is black
    Image.fromarray(pixels).save(tmp_path / "x.png")
    seen = picture(str(tmp_path / "x.png"), (1, 4, 4)).values[0]
    assert seen[:, 1:3].max() == 0
    assert picture(str(tmp_path / "x.png"), (1, 2, 6)).values[0, 0].tolist()[::5] == [1, pytest.approx(100 / 255)]


# On screen and in files


def shown(arrays: Mapping[str, Any], width: int = 80, batched: bool = False) -> list[str]:
    text = io.StringIO()
    made = console(text)
    made.width = width
    screen.show(made, cnncalc.analyze(cnncalc.from_text(NET)), arrays, [("Input", "given")], batched=batched)
    return text.getvalue().splitlines()[4:]


def test_small_arrays_are_printed_in_full() -> None:
    array = np.array([[[1.5, -2, 3.25], [0, 10, 100]], [[1, 2, 3], [4, 5, -0.0]]], np.float32)
    assert shown({"y": array}) == [
        "y · 2×2×3",
        "[0]",
        "  1.50  -2.00   3.25",
        "  0.00  10.00 100.00",
        "",
        "[1]",
        "  1.00   2.00   3.00",
        "  4.00   5.00   0.00",
    ]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([1, -20, 300], ["  1", "-20", "300"]),
        ([0.1, 0.25], ["0.10", "0.25"]),
        ([1 / 3, 2 / 3], ["0.333333", "0.666667"]),
        ([1234.5678, 0.001], ["1234.57", "   0.00"]),
        ([3e-9, 1e-9], ["3.00000e-09", "1.00000e-09"]),
        ([1.5e20, 0], ["1.50000e+20", "0.00000e+00"]),
        ([16777216, 1], ["16777216", "       1"]),
        ([float("nan"), 1.5, float("-inf")], [" nan", " 1.5", "-inf"]),
        ([-0.0], ["0"]),
        ([], []),
    ],
)
def test_numbers_line_up(numbers: list[float], expected: list[str]) -> None:
    assert screen.number_texts([float(np.float32(number)) for number in numbers]) == expected


def test_the_largest_classes_of_many() -> None:
    array = np.zeros(1000, np.float32)
    array[[7, 512, 3, 999, 40, 41]] = [9.5, 8, 7, 6, 5, -5]
    expected = ["min -5  mean 0.0305  max 9.5", "largest 5 of 1,000, by index"]
    expected += ["  7  9.5", "512  8.0", "  3  7.0", "999  6.0", " 40  5.0"]
    for shaped in (array, array.reshape(1000, 1, 1)):
        assert shown({"y": shaped})[1:] == expected


@pytest.mark.parametrize("width", [40, 60, 80])
def test_large_maps_show_a_corner_that_fits(width: int) -> None:
    array = np.arange(4 * 30 * 40, dtype=np.float32).reshape(4, 30, 40) * 1.125
    lines = shown({"y": array}, width)
    assert max(map(len, lines)) <= width
    assert lines[1] == "min 0  mean 2699.44  max 5398.88"
    assert lines[2] == "corner of [0]"
    assert [line.split()[0] for line in lines[3:7]] == ["0.000", "45.000", "90.000", "135.000"]
    assert all(line.endswith(" ...") for line in lines[3:7])
    assert lines[7:] == ["..."]


def test_small_arrays_that_are_too_wide_are_cut() -> None:
    array = np.arange(100, dtype=np.float32).reshape(1, 2, 50)
    assert all(len(line) <= 40 for line in shown({"y": array}, 40))
    assert len(shown({"y": array}, 400)[1].split()) == 50


def test_long_vectors_are_wrapped_under_their_index() -> None:
    lines = shown({"y": np.arange(30, dtype=np.float32)}, 40)
    assert lines == [
        "y · 30",
        " [0]  0  1  2  3  4  5  6  7  8  9",
        "[10] 10 11 12 13 14 15 16 17 18 19",
        "[20] 20 21 22 23 24 25 26 27 28 29",
    ]


def test_images_of_a_batch() -> None:
    lines = shown({"y": np.arange(20, dtype=np.float32).reshape(10, 2)}, batched=True)
    assert lines[:3] == ["y · 10×2", "image 0", "0 1"]
    assert lines[-2:] == ["... and 2 more; the last is image 9", "18 19"]


def test_json_says_float32_in_the_shortest_way_and_nothing_that_is_no_json() -> None:
    array = np.array([[0.1, 1 / 3], [np.nan, -np.inf]], np.float32)
    text = values_json("net", {'a"b': array})
    read = json.loads(text, parse_constant=lambda word: pytest.fail(word))
    assert read == {
        "name": "net",
        "outputs": {'a"b': {"shape": [2, 2], "values": [[0.1, 0.33333334], [None, None]]}},
        "warnings": [],
    }
    assert np.float32(0.33333334) == np.float32(1 / 3)
    assert "[0.1, 0.33333334]" in text


def test_files_hold_what_json_holds(folder: Path) -> None:
    asked = ["run", "net.yaml", "--layer", "conv", "--layer", "fc"]
    assert command(*asked, "-o", "y.npz", folder=folder).code == 0
    assert command(*asked, "-o", "y.json", folder=folder).code == 0
    (folder / "y.txt").write_text("old", encoding="utf-8")
    assert command(*asked, "-o", "y.txt", folder=folder).code == 0
    outputs = json.loads((folder / "y.json").read_text(encoding="utf-8"))["outputs"]
    with np.load(folder / "y.npz") as arrays:
        assert list(arrays) == list(outputs) == ["conv", "fc"]
        for path, output in outputs.items():
            assert output["shape"] == list(arrays[path].shape)
            np.testing.assert_array_equal(np.array(output["values"], np.float32), arrays[path])
    assert (folder / "y.txt").read_text(encoding="utf-8") == command(*asked, folder=folder).out
    assert not [path for path in folder.iterdir() if path.name.endswith(".part")]


def test_archives_take_any_name() -> None:
    arrays = {"file": np.ones(2, np.float32), "a.b": np.zeros((1, 3), np.float32)}
    with np.load(io.BytesIO(archive_bytes(arrays))) as read:
        assert {name: array.tolist() for name, array in read.items()} == {"file": [1, 1], "a.b": [[0, 0, 0]]}


def test_the_schema_knows_values() -> None:
    validator = jsonschema.Draft202012Validator(document_schema())
    for parameter in WORKED:
        validator.validate(yaml.safe_load(str(parameter.values[0])))
    for wrong in ("{input: [a: 1]}", "{input: [[1, true]]}", "[1]", "{input: []}"):
        text = f"{{input: [1, 4, 4], layers: [relu], values: {wrong}}}"
        assert list(validator.iter_errors(yaml.safe_load(text))), wrong


def test_a_half_precision_report_runs_all_the_same(model: TorchNet) -> None:
    graph = cnncalc.from_text(NET)
    found = cnncalc.run(graph, cnncalc.analyze(graph, dtype=DType.FLOAT16))
    assert found["fc"].dtype == np.float32


def test_integers_of_a_state_dict_are_weights(tmp_path: Path) -> None:
    text = "input: [2]\nlayers:\n  - linear: {name: fc, out_features: 2, bias: false}\n"
    save_file({"fc.weight": np.array([[1, 2], [3, 4]], np.int64)}, tmp_path / "w.safetensors")
    (tmp_path / "net.yaml").write_text(text + "values: {input: [10, 1]}\n", encoding="utf-8")
    done = command("run", "net.yaml", "--weights", "w.safetensors", folder=tmp_path)
    assert done.out.splitlines()[-2:] == ["fc · 2", "12 34"]
