"""The kernels on torch's inputs and weights: torch's values, and the operations that the case tables state.

What a kernel tallies is checked a third time with numbers that count what is done to them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import numpy as np
import pytest
import torch

from cnncalc.core.counts import Op, OpCount
from cnncalc.core.kinds import Kind
from cnncalc.core.tensor import TensorSpec
from cnncalc.execution import kernels
from cnncalc.execution.engine import workers
from cnncalc.execution.engine.layout import channels_first, channels_last, owner, rows
from cnncalc.execution.engine.tally import Array, Tally
from cnncalc.execution.engine.task import StoredWeights, Task, WrongWeights, options_of
from cnncalc.execution.engine.workers import Work, Workers
from cnncalc.execution.inputs.random_arrays import empty_weight
from cnncalc.execution.kernels import activation, attention, conv, local, merge, norm, pool, recurrent, windows
from cnncalc.layers.catalogue import ADDRESSES, resolve
from tests.support.cases import Case, layer_cases
from tests.support.counted import Counted
from tests.support.fused import channel_numbers, with_channel_numbers
from tests.support.pieces import in_pieces
from tests.support.torch_layers import random_inputs, run, settle, torch_layer, weight_name

BATCH = 2


class OneRowAtATime(Workers):
    """Every row a block of its own, so that small maps, too, are worked off in blocks and by all threads."""

    def map_blocks(self, rows: int, row_bytes: int, work: Work, block_bytes: int = 1, effort: int = 1) -> None:
        super().map_blocks(rows, row_bytes, work, 1, effort)


@pytest.fixture(params=["whole", "in_rows"])
def threads(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    if request.param == "whole":
        yield Workers()
        return
    monkeypatch.setattr(workers, "WORTH_SHARING", 0)
    monkeypatch.setattr(conv, "FEW_POSITIONS", 2)
    in_pieces(monkeypatch)
    with OneRowAtATime(2) as several:
        yield several


def run_cases() -> list[Case]:
    """The cases of layers that are run themselves: for an opaque one, ones stand in."""
    return [case for case in layer_cases() if case.type != "opaque"]


def torch_of(case: Case) -> torch.nn.Module:
    return settle(torch_layer(case.type, dict(case.options), case.inputs))


def weights_of(case: Case, module: torch.nn.Module) -> dict[str, Array]:
    """What torch stores, by name."""
    stored = {weight_name(name): value.double().numpy() for name, value in module.state_dict().items()}
    stored.pop("num_batches_tracked", None)
    if case.options.get("bias") == "per_channel":  # (C_out, 1, ...) in torch, to broadcast
        stored["bias"] = stored["bias"].reshape(-1)
    return stored


def task_of(
    case: Case, stored: dict[str, Array], threads: Workers | None = None, tally: Tally | None = None
) -> tuple[Task, StoredWeights]:
    options = case.layer.options()
    weights = StoredWeights(stored)
    task = Task(
        options_of(options), weights, tally or Tally(), threads or Workers(), bool(options.get("inplace", False))
    )
    return task, weights


def as_the_runner_has_it(case: Case, x: Array) -> Array:
    """Channels last in memory, except where a layer relabels the values."""
    return x.copy() if kernels.KERNELS[case.type].reads_in_order else channels_first(channels_last(x.copy()))


def as_a_run_stores_it(weight: Array) -> Array:
    stored = empty_weight(weight.shape, weight.dtype)
    stored[...] = weight
    return stored


def assert_close(y: Array, expected: Array, tolerance: float) -> None:
    assert y.shape == expected.shape
    assert np.isfinite(y).all()
    assert np.abs(y - expected).max() <= tolerance * np.abs(expected).max()


def test_every_layer_type_has_a_kernel() -> None:
    assert kernels.KERNELS.keys() == ADDRESSES.keys()
    assert all(callable(kernels.resolve(name)) for name in kernels.KERNELS)
    with pytest.raises(KeyError):
        kernels.resolve("conv4d")


@pytest.mark.parametrize("layout", ["channels_last", "as_torch_has_it"])
@pytest.mark.parametrize(("precision", "tolerance"), [(np.float32, 1e-4), (np.float64, 1e-6)])
@pytest.mark.parametrize("case", layer_cases(), ids=str)
def test_values_are_torchs(case: Case, precision: type, tolerance: float, layout: str, threads: Workers) -> None:
    module = torch_of(case)
    inputs = random_inputs(case.type, case.inputs, BATCH)
    expected = run(module, inputs).numpy()
    arrays: list[Array] = [x.numpy().astype(precision) for x in inputs]
    stored: dict[str, Array] = {name: value.astype(precision) for name, value in weights_of(case, module).items()}
    if layout == "channels_last":
        arrays = [as_the_runner_has_it(case, x) for x in arrays]
        stored = {name: as_a_run_stores_it(value) for name, value in stored.items()}
    before = [x.copy() for x in arrays]
    task, _ = task_of(case, stored, threads)
    y = kernels.resolve(case.type)(task, *arrays)
    assert y.dtype == precision
    assert_close(y, expected, tolerance)
    if not task.overwrite:
        assert all((x == copy).all() for x, copy in zip(arrays, before, strict=True))


ACTIVATIONS = [case for case in layer_cases() if case.layer.traits.kind is Kind.ACTIVATION]


@pytest.mark.parametrize("case", ACTIVATIONS, ids=str)
def test_large_values_are_torchs(case: Case) -> None:
    """Up to ±900, whose exponentials overflow in float32."""
    module = torch_of(case).float()
    inputs = [200 * x.float() for x in random_inputs(case.type, case.inputs, BATCH)]
    expected = run(module, inputs).numpy()
    stored: dict[str, Array] = {name: value.astype(np.float32) for name, value in weights_of(case, module).items()}
    with np.errstate(all="ignore"):  # as in a run
        y = kernels.resolve(case.type)(task_of(case, stored)[0], *(x.numpy() for x in inputs))
    least = 1e-4 if case.type == "gelu" else 1e-38  # its erf is approximated
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=least)


FUSING = [case for case in layer_cases() if kernels.can_fuse(case.type, case.layer.options())]


@pytest.mark.parametrize("case", FUSING, ids=str)
def test_fused_layers_are_applied_once_to_every_value(case: Case, threads: Workers) -> None:
    module = torch_of(case)
    arrays = [as_the_runner_has_it(case, x.numpy()) for x in random_inputs(case.type, case.inputs, BATCH)]
    stored = weights_of(case, module)
    alone, _ = task_of(case, stored, threads)
    expected = with_channel_numbers(kernels.resolve(case.type)(alone, *arrays))
    task, _ = task_of(case, stored, threads)
    task.fused = [channel_numbers]
    assert_close(kernels.resolve(case.type)(task, *arrays), expected, 1e-12)
    assert task.tally.counts == alone.tally.counts


@pytest.mark.parametrize("case", layer_cases(), ids=str)
def test_a_fused_layer_computes_what_it_computes_alone(case: Case) -> None:
    layer = kernels.fused_layer(case.type, case.layer.options())
    if layer is None:
        return
    stored = weights_of(case, torch_of(case))
    (x,) = [as_the_runner_has_it(case, x.numpy()) for x in random_inputs(case.type, case.inputs, BATCH)]
    lines = np.array(rows(channels_last(x)))
    alone, read_alone = task_of(case, stored)
    expected = rows(channels_last(kernels.resolve(case.type)(alone, x)))
    task, read = task_of(case, stored)
    layer(task, lines, case.inputs[0][0])(lines, lines)
    assert (lines == expected).all()
    assert task.tally.counts == alone.tally.counts
    assert read.reads == read_alone.reads


@pytest.mark.parametrize("case", layer_cases(), ids=str)
def test_an_output_has_memory_of_its_own_or_shows_its_inputs(case: Case) -> None:
    module = torch_of(case)
    inputs = [x.numpy().astype(np.float32) for x in random_inputs(case.type, case.inputs, 1)]
    arrays = [as_the_runner_has_it(case, x) for x in inputs]
    stored = {name: value.astype(np.float32) for name, value in weights_of(case, module).items()}
    task, _ = task_of(case, stored)
    y = kernels.resolve(case.type)(task, *arrays)
    if case.layer.keeps_buffer or task.overwrite:
        assert owner(y) is owner(arrays[0])
    else:
        assert owner(y).nbytes == y.nbytes
        assert not any(np.shares_memory(y, x) for x in arrays)


@pytest.mark.parametrize("case", run_cases(), ids=str)
def test_operations_and_weights_are_those_of_the_tables(case: Case, threads: Workers) -> None:
    module = torch_of(case)
    arrays = [as_the_runner_has_it(case, x.numpy()) for x in random_inputs(case.type, case.inputs, 1)]
    task, weights = task_of(case, weights_of(case, module), threads)
    y = kernels.resolve(case.type)(task, *arrays)
    assert list(y.shape[1:]) == case.expect["output"]
    counts = {op.value: count for op, count in task.tally.counts.items() if op is not Op.CONTRACTION_MAC}
    assert task.tally.counts.macs == case.expect["macs"]
    if "ops" in case.expect:
        assert counts == case.expect["ops"]
    learned = [spec for spec in weights.reads.values() if spec.trainable]
    others = [spec for spec in weights.reads.values() if not spec.trainable]
    assert sum(spec.numel for spec in learned) == case.expect["params"]
    assert sum(spec.numel for spec in others) == case.expect["buffers"]
    assert {spec.name for spec in others} <= {"running_mean", "running_var", "mean", "variance", "count", ""}
    if "weights" in case.expect:
        assert {spec.name: list(spec.shape) for spec in weights.reads.values()} == case.expect["weights"]


@pytest.mark.parametrize("case", [case for case in run_cases() if case.expect["params"]], ids=str)
def test_a_kernel_names_the_weight_that_does_not_fit(case: Case) -> None:
    stored = weights_of(case, torch_of(case))
    arrays = [x.numpy() for x in random_inputs(case.type, case.inputs, 1)]
    for name, value in stored.items():
        wrong = np.concatenate([value, value])
        with pytest.raises(WrongWeights) as caught:
            kernels.resolve(case.type)(task_of(case, stored | {name: wrong})[0], *arrays)
        assert (caught.value.name, caught.value.needed, caught.value.found) == (name, value.shape, wrong.shape)


# Numbers that count what is done to them


class SumsFromTheFirst(Tally):
    """`np.einsum` adds to zeros, and so once more for every result than its products need: that one is taken back."""

    def __init__(self, counts: Counter[str]) -> None:
        super().__init__()
        self._scalars = counts

    def contract(self, subscripts: str, a: Array, b: Array, out: Array | None = None) -> Array:
        result = super().contract(subscripts, a, b, out)
        self._scalars["add"] -= result.size
        return result


class SumsOfProducts(SumsFromTheFirst):
    """A sum of k products takes k − 1 additions, and a MAC counts one for each: every sum is given another."""

    def matmul(self, a: Array, b: Array, out: Array | None = None) -> Array:
        result = super().matmul(a, b, out)
        self._scalars["add"] += result.size
        return result


KINDS = {
    "compare": (Op.NORM_COMPARE, Op.POOL_COMPARE, Op.ACTIVATION_COMPARE, Op.ELEMENTWISE_COMPARE),
    "add": (
        Op.BIAS_ADD,
        Op.NORM_ADD,
        Op.POOL_ADD,
        Op.ACTIVATION_ADD,
        Op.ELEMENTWISE_ADD,
        Op.INTERPOLATION_ADD,
        Op.CONTRACTION_MAC,
    ),
    "multiply": (
        Op.NORM_MULTIPLY,
        Op.POOL_MULTIPLY,
        Op.ACTIVATION_MULTIPLY,
        Op.ELEMENTWISE_MULTIPLY,
        Op.INTERPOLATION_MULTIPLY,
        Op.CONTRACTION_MAC,
    ),
    "divide": (Op.NORM_DIVIDE, Op.POOL_DIVIDE, Op.ACTIVATION_DIVIDE, Op.ELEMENTWISE_DIVIDE),
    "power": (Op.NORM_ROOT, Op.POOL_POWER, Op.ELEMENTWISE_POWER),
    "exponential": (Op.ACTIVATION_EXPONENTIAL, Op.ELEMENTWISE_EXPONENTIAL),
    "logarithm": (Op.ACTIVATION_LOGARITHM, Op.ELEMENTWISE_LOGARITHM),
    "tanh": (Op.ACTIVATION_TANH,),
    "erf": (Op.ACTIVATION_ERF,),
}
RECURRENT = ("rnn", "lstm", "gru")
CELLS = ("rnn_cell", "lstm_cell", "gru_cell")
SUMS_OF_PRODUCTS = ("matmul", "conv1d", "conv2d", "conv3d", "linear", "locally_connected1d", "locally_connected2d")


def scalar_operations(case: Case, tallied: OpCount, outputs: int) -> Counter[str]:
    """The scalar operations that a tally stands for."""
    counts = Counter({kind: sum(map(tallied.of, ops)) for kind, ops in KINDS.items()})
    if case.type in SUMS_OF_PRODUCTS:  # a sum of k products takes k - 1 additions; a MAC counts one for each
        counts["add"] -= outputs
    if case.type in RECURRENT + CELLS:  # at every step a sum for every row of every matrix
        rows = sum(shape[0] for shape in case.expect["weights"].values() if len(shape) == 2)
        counts["add"] -= rows * (case.inputs[0][0] if case.type in RECURRENT else 1)
    if case.type == "conv_lstm2d":  # at every step, place and gate a sum over the frame and one over the state
        counts["add"] -= 2 * 4 * outputs * (1 if case.options.get("return_sequences", True) else case.inputs[0][1])
    return counts


def never_reached(case: Case) -> int:
    """Outputs of a transposed convolution where no value falls: a bias is added to a zero that does not count it."""
    module = torch_layer(case.type, dict(case.options), case.inputs)
    with torch.no_grad():
        for name, value in module.named_parameters():
            value.fill_(0.0 if name.endswith("bias") else 1.0)
    return int((run(module, [torch.ones(1, *shape) for shape in case.inputs]) == 0).sum())


def count_margins(monkeypatch: pytest.MonkeyPatch, counts: Counter[str]) -> None:
    """Let the values that a kernel pads its input with count as well: windows read them like any other."""

    def padded_map(x: Array, margins: windows.Margins, value: float = 0.0) -> Array:
        y = windows.padded_map(x, margins, value)
        if not isinstance(x.flat[0], Counted):  # how many values a mean divides by, not the values
            return y
        counted: Array = np.frompyfunc(lambda each: each if isinstance(each, Counted) else Counted(each, counts), 1, 1)(
            y
        )
        return counted

    for module in (attention, conv, local, norm, pool):
        monkeypatch.setattr(module, "padded_map", padded_map)


LOOKED_UP = ("embedding", "parameter", "constant", "opaque")


@pytest.mark.parametrize("case", [case for case in layer_cases() if case.type not in LOOKED_UP], ids=str)
def test_tallies_are_what_happens_to_every_number(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is looked up or stored is put out as it is, and none of the numbers that are given."""
    counts: Counter[str] = Counter()
    count_margins(monkeypatch, counts)
    zero = np.frompyfunc(lambda value: Counted(value, counts), 1, 1)
    plain = recurrent.zeros
    monkeypatch.setattr(recurrent, "zeros", lambda x, *extents: zero(plain(x, *extents)))
    # an approximation in NumPy by many operations, where the tally says one
    monkeypatch.setattr(activation, "erf", np.frompyfunc(lambda number: number.erf(), 1, 1))
    counting = np.frompyfunc(lambda number: Counted(number, counts), 1, 1)
    # between 0 and 3, so that no activation clips one to a bound, which would not count what is done to it
    numbers = [counting(x.abs().numpy() / 2) for x in random_inputs(case.type, case.inputs, 1)]
    arrays = [as_the_runner_has_it(case, x) for x in numbers]
    tally = (SumsOfProducts if case.type.endswith("attention") else SumsFromTheFirst)(counts)
    task, _ = task_of(case, weights_of(case, torch_of(case)), tally=tally)
    y = kernels.resolve(case.type)(task, *arrays)
    assert y.dtype == object
    assert any(isinstance(number, Counted) for number in y.flat)
    expected = scalar_operations(case, task.tally.counts, y.size)
    if case.type.startswith("conv_transpose") and case.layer.options()["bias"]:
        expected["add"] -= never_reached(case)
    assert +counts == +expected


# Details


def merging(overwrite: bool = False) -> Task:
    return Task(options_of({}), StoredWeights({}), Tally(), Workers(), overwrite)


@pytest.mark.parametrize("order", [(0, 0, 1), (0, 1, 0), (0, 0, 0), (0, 0)])
def test_a_sum_in_place_reads_a_repeated_input_as_it_was(order: Sequence[int]) -> None:
    values = [np.arange(24, dtype=np.float32).reshape(1, 2, 3, 4), np.full((1, 2, 3, 4), 100, np.float32)]
    expected = torch.stack([torch.tensor(values[which]) for which in order]).sum(0).numpy()
    task = merging(overwrite=True)
    y = merge.add(task, *(values[which] for which in order))
    assert owner(y) is owner(values[0])
    assert (y == expected).all()
    assert task.tally.counts == OpCount({Op.ELEMENTWISE_ADD: 24 * (len(order) - 1)})


def test_a_sum_in_place_of_halves_that_swap() -> None:
    """The second input shows the memory of the first in another order."""
    memory = np.arange(12, dtype=np.float32).reshape(1, 2, 6)
    expected = (torch.tensor(memory) + torch.tensor(memory).flip(1)).numpy()
    y = merge.add(merging(overwrite=True), memory, memory[:, ::-1])
    assert (y == expected).all()


@pytest.mark.parametrize("shapes", [((4,), (4, 1, 1), (4, 3, 5)), ((4,), (4, 1, 1)), ((4, 1, 1), (4,))], ids=str)
def test_gates_of_any_shape_scale_channels(shapes: tuple[tuple[int, ...], ...]) -> None:
    generator = np.random.default_rng(0)
    inputs = [generator.random((2, *shape), np.float32) for shape in shapes]
    task = merging()
    y = merge.multiply(task, *inputs)
    most = max(shapes, key=lambda shape: (math.prod(shape), len(shape)))
    assert resolve("multiply")().output(*map(TensorSpec, shapes)).shape == most
    expected = torch.ones(2, *most)
    for x, shape in zip(inputs, shapes, strict=True):
        expected = expected * torch.tensor(x).reshape(2, *(shape if shape == most else (4, *[1] * (len(most) - 1))))
    assert y.shape == (2, *most)
    assert_close(y, expected.numpy(), 1e-6)
    assert task.tally.counts.of(Op.ELEMENTWISE_MULTIPLY) == 2 * math.prod(most) * (len(shapes) - 1)


def test_large_maps_in_blocks_on_several_threads() -> None:
    """Blocks of the size that is used, and more of them than threads."""
    generator = np.random.default_rng(0)
    x = channels_first(generator.random((1, 90, 70, 64), np.float32))
    stored = {name: generator.random(64, np.float32) for name in ("weight", "bias", "running_mean", "running_var")}
    options = {"eps": 1e-5, "momentum": 0.1, "affine": True, "track_running_stats": True}
    with Workers(2) as several:
        task = Task(options_of(options), StoredWeights(stored), Tally(), several)
        y = norm.batch_norm(task, x)
    mean, variance, weight, bias = (
        torch.tensor(stored[name]).double() for name in ("running_mean", "running_var", "weight", "bias")
    )
    expected = torch.nn.functional.batch_norm(torch.tensor(x).double(), mean, variance, weight, bias).numpy()
    assert_close(y, expected, 1e-5)
    assert task.tally.counts == OpCount({Op.NORM_MULTIPLY: x.size, Op.NORM_ADD: x.size})
    assert np.moveaxis(y, 1, -1).flags.c_contiguous


# Pools of Caffe

FLT_MAX = float(np.finfo(np.float32).max)


def as_caffe_pools(method: str, x: Array, kernel: Sequence[int], stride: Sequence[int], pad: Sequence[int]) -> Array:
    """A map as the loops of Caffe 1.0 pool it: src/caffe/layers/pooling_layer.cpp, Reshape and Forward_cpu."""
    axes = [*zip(x.shape, kernel, stride, pad, strict=True)]
    pooled = [math.ceil((n + 2 * p - k) / s) + 1 for n, k, s, p in axes]
    if any(pad):
        pooled = [count - ((count - 1) * s >= n + p) for count, (n, _, s, p) in zip(pooled, axes, strict=True)]
    y = np.full(pooled, -FLT_MAX)
    for place in np.ndindex(*pooled):
        starts = [i * s - p for i, (_, _, s, p) in zip(place, axes, strict=True)]
        ends = [min(start + k, n + p) for start, (n, k, _, p) in zip(starts, axes, strict=True)]
        size = math.prod(end - start for start, end in zip(starts, ends, strict=True))
        seen = x[tuple(slice(max(start, 0), max(end, 0)) for start, end in zip(starts, ends, strict=True))]
        if method == "max":
            y[place] = max(seen.flat, default=-FLT_MAX)
        else:
            y[place] = seen.sum() / np.float64(size)
    return y


@pytest.mark.parametrize("method", ["max", "avg"])
def test_pools_are_caffes(method: str, threads: Workers) -> None:
    random, beyond = Random(0), 0
    for _ in range(300):
        shape, stride, kernel = ([random.randint(1, most) for _ in range(2)] for most in (8, 5, 9))
        pad = [random.choice((0, random.randint(0, k - 1))) for k in kernel]
        if any(n + 2 * p + s <= k for n, k, s, p in zip(shape, kernel, stride, pad, strict=True)):
            continue  # no window begins
        options = {"kernel_size": tuple(kernel), "stride": tuple(stride), "padding": tuple(pad)}
        layer = resolve(f"{method}_pool2d")(ceil_mode="caffe", **options)
        x = np.random.default_rng(0).standard_normal(shape)
        task = Task(options_of(layer.options()), StoredWeights({}), Tally(), threads)
        with np.errstate(invalid="ignore"):  # 0 / 0
            expected = as_caffe_pools(method, x, kernel, stride, pad)
            found = kernels.resolve(f"{method}_pool2d")(task, x[None, None])[0, 0]
        assert layer.output(TensorSpec((1, *shape))).spatial == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
        beyond += any((m - 1) * s >= n for m, s, n in zip(expected.shape, stride, shape, strict=True) if not any(pad))
    assert beyond > 10


# Taps that read padding alone

FAR: list[tuple[tuple[int, int], dict[str, Any]]] = [
    ((5, 4), {"kernel_size": (31, 9), "stride": (1, 1), "padding": "same", "dilation": (1, 7)}),
    ((5, 4), {"kernel_size": (31, 40), "stride": (2, 3), "padding": "same", "dilation": (1, 1)}),
    ((1, 1), {"kernel_size": (11, 11), "stride": (1, 1), "padding": "same", "dilation": (100, 30)}),
    ((1, 6), {"kernel_size": (2, 4), "stride": (1, 2), "padding": "same", "dilation": (50, 9)}),
    ((4, 3), {"kernel_size": (40, 3), "stride": (1, 1), "padding": ((20, 20), (0, 1)), "dilation": (1, 1)}),
    ((3, 3), {"kernel_size": (70, 9), "stride": (1, 2), "padding": (35, 8), "ceil_mode": "caffe"}),
]
POOLS = ("max", "avg", "lp", "sum", "stochastic", "mixed", "trainable")


@pytest.mark.parametrize("kind", POOLS)
@pytest.mark.parametrize("number", range(len(FAR)))
def test_pools_without_taps_that_read_padding_alone(
    kind: str, number: int, threads: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    shape, given = FAR[number]
    layer: Any = resolve(f"{kind}_pool2d")(**given, **({"norm_type": 3} if kind == "lp" else {}))
    x = 1 + np.random.default_rng(number).random((2, 3, *shape))
    stored = {name: np.full(3, 0.3) for name in ("weight", "bias")} | {"mix": np.full(1, 0.3)}
    found = []
    for least in (1 << 40, 0):
        monkeypatch.setattr(windows, "MANY_POSITIONS", least)
        geometry, _margins = pool._clipped(options_of(layer.options()), shape)
        task = Task(options_of(layer.options()), StoredWeights(stored), Tally(), threads)
        found.append((kernels.resolve(f"{kind}_pool2d")(task, x.copy()), task.tally.counts))
    (whole, counts), (part, same) = found
    assert math.prod(geometry.kernel) < math.prod(layer.kernel_size)
    np.testing.assert_allclose(part, whole, rtol=1e-12, atol=1e-12)
    assert same == counts


@pytest.mark.parametrize("many", [0, 64])
@pytest.mark.parametrize(
    ("shape", "given"),
    [
        ((12, 10), {"kernel_size": (3, 5), "stride": (4, 5)}),
        ((12, 10), {"kernel_size": (3, 2), "stride": (5, 7), "padding": (1, 1), "dilation": (2, 3), "ceil_mode": True}),
        ((5, 1), {"kernel_size": (3, 3), "stride": (301, 201), "padding": "same", "dilation": (100, 100)}),
        ((300, 1), {"kernel_size": (3, 2), "stride": (401, 11), "padding": "same", "dilation": (200, 10)}),
    ],
)
def test_values_are_put_back_where_windows_have_their_maximum(
    shape: tuple[int, int], given: dict[str, Any], many: int, threads: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer: Any = resolve("max_unpool2d")(**given)
    pooled = np.random.default_rng(0).integers(0, 5, (2, 3, *shape)).astype(float)  # some maxima are there twice
    extents = resolve("max_pool2d")(**given).output(TensorSpec((3, *shape))).shape
    x = np.random.default_rng(1).random((2, *extents))
    found = []
    for taps, least in ((1 << 40, 1 << 40), (many, 0)):
        monkeypatch.setattr(pool, "MANY_TAPS", taps)
        monkeypatch.setattr(windows, "MANY_POSITIONS", least)
        task = Task(options_of(layer.options()), StoredWeights({}), Tally(), threads)
        found.append((kernels.resolve("max_unpool2d")(task, x.copy(), pooled.copy()), task.tally.counts))
    (whole, counts), (part, same) = found
    np.testing.assert_array_equal(part, whole)
    assert same == counts
    assert counts.of(Op.POOL_COMPARE) == x.size * (math.prod(layer.kernel_size) - 1)
