"""Worked examples of courses, documentation and papers, asked of cnncalc."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache
from math import prod
from typing import Any, NamedTuple

import pytest
import yaml

from cnncalc.analysis.conventions.torch import TORCH
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.counts import Op
from cnncalc.core.tensor import TensorSpec
from tests.support.cases import CASES
from tests.support.published import MEBIBYTE, agrees
from tests.support.worked_examples import Written, report_of, with_input, with_sought

KEYS = {
    *("id", "question", "source", "network", "ask", "answer", "source_status", "convention", "note"),
    *("described", "of", "without", "inputs", "distances", "not_a_network"),
}


@cache
def document() -> dict[str, Any]:
    """The file of cases."""
    with (CASES / "worked_examples.yaml").open(encoding="utf-8") as file:
        found: dict[str, Any] = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return found


class Question(NamedTuple):
    """One case, with the reports that it asks about."""

    case: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.case['id']}-{self.case['ask']['quantity']}"

    @property
    def network(self) -> Written:
        """The network of the case, looked up if it is one of the named ones."""
        network: Written = self.case["network"]
        named: Mapping[str, Written] = document()["networks"]
        return named[network["ref"]] if "ref" in network else network

    @property
    def report(self) -> Report:
        """The numbers of the network; where the source has none, of the only one that the question describes."""
        if self.case["network"] is not None:
            return report_of(self.network)
        (only,) = self.described.values()
        return report_of(only)

    @property
    def described(self) -> Mapping[Any, Written]:
        """The networks that the question describes in words."""
        networks = self.case["described"]
        return networks if isinstance(networks, dict) else dict(enumerate(networks))

    @property
    def reports(self) -> dict[Any, Report]:
        """Their numbers."""
        return {name: report_of(network) for name, network in self.described.items()}

    @property
    def on_other_inputs(self) -> list[Report]:
        """The network's numbers on the other inputs that the question names."""
        return [report_of(with_input(self.network, shape)) for shape in self.case["inputs"]]

    @property
    def rows(self) -> list[LayerReport]:
        """The layers asked about."""
        layer = self.case["ask"]["layer"]
        if layer == "total":
            return list(self.report.rows)
        return [self.report.rows[-1]] if layer == "last" else group(self.report, layer)

    @property
    def of(self) -> list[list[LayerReport]]:
        """The layers that the question lists."""
        return [group(self.report, name) for name in self.case["of"]]

    @property
    def counted(self) -> list[LayerReport]:
        """All layers, but for those that the source leaves out."""
        left_out = {row.path for name in self.case.get("without", ()) for row in group(self.report, name)}
        return [row for row in self.report.rows if row.path not in left_out]


def group(report: Report, name: str) -> list[LayerReport]:
    """The layer of this name, or the layers of the group of this name."""
    found = [row for row in report.rows if row.path == name or row.path.startswith(f"{name}.")]
    assert found, f"no layer {name}"
    return found


def params(rows: Iterable[LayerReport]) -> int:
    return sum(row.params for row in rows)


def kernels(rows: Iterable[LayerReport]) -> int:
    """Weights of convolutions and matrices, without biases and norms."""
    return sum(weight.numel for row in rows if row.has_kernel for weight in row.weights if weight.name == "weight")


def macs(rows: Iterable[LayerReport]) -> int:
    return sum(row.macs for row in rows)


def connections(rows: Iterable[LayerReport]) -> int:
    """Inputs and biases of every unit, the squashing functions aside: one operation each."""
    return sum(sum(row.ops.values()) for row in rows if row.params)


def with_weights(report: Report) -> list[LayerReport]:
    return [row for row in report.rows if row.params]


def shape(rows: list[LayerReport]) -> list[int]:
    return list(rows[-1].output.shape)


def fields(rows: list[LayerReport]) -> list[tuple[int, int, int]]:
    """(size, stride, padding) per axis of the last of these layers."""
    reach = rows[-1].reach
    assert reach is not None
    found = []
    for axis in reach.axes:
        assert axis.start is not None
        found.append((axis.size, int(axis.jump), -axis.start))
    return found


def field(rows: list[LayerReport]) -> tuple[int, int, int]:
    """(size, stride, padding), the same on every axis."""
    (same,) = set(fields(rows))
    return same


def pads(row: LayerReport) -> tuple[int, int]:
    """(before, after), the same on every axis."""
    (same,) = set(row.layer.pads(TensorSpec(row.inputs[0].shape)))
    before, after = same
    return before, after


def millions(count: int) -> Decimal:
    return Decimal(count) / 10**6


def billions(count: int) -> Decimal:
    return Decimal(count) / 10**9


def mebibytes(elements: int) -> Decimal:
    """Mebibytes of so many fp32 numbers."""
    return Decimal(4 * elements) / MEBIBYTE


def outputs(rows: Iterable[LayerReport], *kinds: str) -> int:
    """Elements that layers of these kinds put out."""
    return sum(row.output.numel for row in rows if row.type in kinds)


def one_size(rows: list[LayerReport]) -> int:
    """The extent of a square map, or the length of a vector."""
    made = rows[-1].output
    (extent,) = set(made.spatial or made.shape)
    return extent


def sizes(q: Question) -> Any:
    if "inputs" in q.case:
        (name,) = q.case["of"]
        return [one_size(group(report, name)) for report in q.on_other_inputs]
    if "described" in q.case:
        return [one_size(list(report.rows)) for report in q.reports.values()]
    answer = {}
    for name, given in q.case["answer"].items():
        rows = [row for row in q.report.rows if row.type == "flatten"] if name == "flatten" else group(q.report, name)
        answer[name] = one_size(rows) if isinstance(given, int) else shape(rows)
    return answer


def uncovered(row: LayerReport) -> int:
    """Rows behind the last one that any window reads, padding included."""
    assert row.reach is not None
    axis = row.reach.axes[0]
    last = axis.of_unit(row.output.spatial[0] - 1)
    assert last is not None
    return row.inputs[0].shape[1] - 1 + pads(row)[1] - last[1]


def im2col(row: LayerReport) -> dict[str, list[int]]:
    kernel = row.weights[0].shape
    rows, columns = prod(kernel[1:]), prod(row.output.spatial)
    return {"X_col": [rows, columns], "W_row": [kernel[0], rows], "product": [kernel[0], columns]}


def smallest_padding_that_keeps_the_size(q: Question) -> int:
    (written,) = q.network["layers"]
    for padding in range(written["kernel"]):
        row = report_of({**q.network, "layers": [{**written, "padding": padding}]}).rows[-1]
        if row.output.spatial == row.inputs[0].shape[1:]:
            return padding
    raise AssertionError("no padding keeps the size")


def size_and_output_padding(q: Question) -> dict[str, int]:
    (written,) = q.network["layers"]
    (direct,) = q.reports.values()
    for extra in range(written["stride"]):
        tried = report_of({**q.network, "layers": [{**written, "output_padding": extra}]})
        if tried.rows[-1].output.spatial == direct.rows[0].inputs[0].spatial:
            assert direct.rows[-1].output.shape == tuple(q.network["input"])
            return {"size": one_size(q.rows), "output_padding": extra}
    raise AssertionError("no output padding restores the size")


def largest(fits: Callable[[int], bool]) -> int:
    """The largest number that fits, found by halving; all below it fit as well."""
    low, high = 1, 2
    while fits(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def factored_weights(q: Question, number: int) -> int:
    return kernels(report_of(with_sought(q.described["factored"], number)).rows)


def mid_and_weights(q: Question) -> dict[str, int]:
    full = kernels(report_of(q.described["full"]).rows)
    width = largest(lambda number: factored_weights(q, number) <= full)
    return {"M": width, "full": full, "factored": factored_weights(q, width)}


def max_rank(q: Question) -> int:
    full = kernels(report_of(q.described["full"]).rows)
    return largest(lambda number: factored_weights(q, number) < full)


def factor(q: Question) -> str:
    """`g` if weights and multiply-adds shrink by the number of groups, whatever that number is."""
    dense = q.reports[1].rows
    for groups, report in q.reports.items():
        assert kernels(dense) == groups * kernels(report.rows)
        assert macs(dense) == groups * macs(report.rows)
    return "g"


def weights_per_square(q: Question) -> dict[str, int]:
    found = {}
    for name, report in q.reports.items():
        weights, rest = divmod(kernels(report.rows), report.rows[0].inputs[0].channels ** 2)
        assert rest == 0
        found[name] = weights
    return found


def connections_and_params(q: Question) -> dict[str, int]:
    fixed = q.case["distances"]
    (vector,) = group(q.report, fixed["to"])
    connected = connections(q.report.rows) + vector.output.numel * fixed["number"]
    return {"connections": connected, "params": params(q.report.rows)}


def bottleneck(q: Question) -> dict[str, Any]:
    worst = max(q.report.rows, key=lambda row: row.macs)
    return {"total": macs(q.report.rows), "layer": worst.path, "macs": worst.macs}


def macs_list(q: Question) -> list[int]:
    if "described" in q.case:
        return [macs(report.rows) for report in q.reports.values()]
    return [*(row.macs for row in with_weights(q.report)), macs(q.report.rows)]  # the source prints the total last


def params_list(q: Question) -> list[int]:
    return [params(rows) for rows in q.of] if "of" in q.case else [row.params for row in with_weights(q.report)]


def table_memory(q: Question) -> dict[str, Any]:
    """Input, convolutions, pools and linear layers: the rows of the table."""
    image = sum(map(prod, q.report.graph.inputs.values()))
    elements = image + outputs(q.report.rows, "conv2d", "max_pool2d", "linear")
    return {"elements": elements, "mib": mebibytes(elements)}


def gmacs_and_factor(q: Question) -> dict[str, Any]:
    total = macs(q.report.rows)
    flops = int(TORCH.total(q.report.rows) or 0)
    return {"gmacs": billions(total), "factor": flops // total}


def variants(rows: list[LayerReport]) -> dict[str, int]:
    biased = macs(rows) + sum(row.ops.of(Op.BIAS_ADD) for row in rows)
    return {"macs": macs(rows), "macs_plus_bias": biased, "two_macs": int(TORCH.total(rows) or 0)}


def params_and_kilobytes(q: Question) -> dict[str, Any]:
    count = params(q.report.rows)
    return {"params": count, "kb": Decimal(4 * count) / 1000}


def everything(report: Report) -> int:
    """Parameters and running statistics."""
    return params(report.rows) + sum(row.buffers for row in report.rows)


QUANTITIES: Mapping[str, Callable[[Question], Any]] = {
    # shapes
    "output_shape": lambda q: shape(q.rows if q.case["network"] else list(q.report.rows)),
    "output_shape_and_uncovered": lambda q: {
        "output_shape": shape(q.rows),
        "uncovered_padded_rows": uncovered(q.rows[-1]),
    },
    "sizes": sizes,
    "flatten_length": lambda q: one_size([row for row in q.report.rows if row.type == "flatten"]),
    "channels": lambda q: [rows[-1].output.channels for rows in q.of],
    "floor_and_ceil_size": lambda q: {name: one_size(list(report.rows)) for name, report in q.reports.items()},
    "ceil_and_floor": lambda q: {"ceil": one_size(q.rows), "floor": one_size(list(q.reports["floor"].rows))},
    "padding_needed": smallest_padding_that_keeps_the_size,
    "padding_pair": lambda q: list(pads(q.rows[-1])),
    "same_padding": lambda q: {
        "out": one_size(q.rows),
        "before": pads(q.rows[-1])[0],
        "after": pads(q.rows[-1])[1],
    },
    "size_and_output_padding": size_and_output_padding,
    "lost_and_size": lambda q: {
        "lost": q.network["input"][1] - one_size(q.rows),
        "out_588": one_size(list(q.on_other_inputs[0].rows)),
    },
    "shape_and_params": lambda q: {"shape": shape(q.rows), "params": params(q.rows)},
    "shape_tokens_params": lambda q: {
        "shape": shape(q.rows),
        "tokens": prod(q.rows[-1].output.spatial) + 1,  # the class token
        "params": params(q.rows),
    },
    "im2col_sizes": lambda q: im2col(q.rows[-1]),
    "anchors": lambda q: sum(report.rows[-1].output.numel for report in q.reports.values()),
    # parameters
    "params": lambda q: params(q.of[0] if "of" in q.case else q.rows),
    "params_list": params_list,
    "params_keras": lambda q: everything(q.report),
    "trainable_and_total": lambda q: {"trainable": params(q.report.rows), "total": everything(q.report)},
    "weights": lambda q: kernels(q.rows),
    "weights_and_params": lambda q: {"weights": kernels(q.report.rows), "params": params(q.report.rows)},
    "weights_list": lambda q: [kernels(report.rows) for report in q.reports.values()],
    "weights_triple": lambda q: [kernels(report.rows) for report in q.reports.values()],
    "weights_pair": lambda q: {"dense": kernels(q.reports["dense"].rows), "grouped": kernels(q.report.rows)},
    "weights_in_C2": weights_per_square,
    "factor": factor,
    "mid_and_weights": mid_and_weights,
    "max_rank": max_rank,
    "connections": lambda q: connections(q.of[0]),
    "connections_list": lambda q: [connections(rows) for rows in q.of],
    "connections_and_params": connections_and_params,
    # operations
    "macs": lambda q: macs(q.rows),
    "macs_list": macs_list,
    "macs_variants": lambda q: variants(q.rows),
    "macs_and_bottleneck": bottleneck,
    "mmacs": lambda q: millions(macs(q.report.rows)),
    "gflops": lambda q: billions(int(TORCH.total(q.counted) or 0)),
    "gmacs_and_factor": gmacs_and_factor,
    "macs_pair": lambda q: {
        "standard": millions(macs(q.reports["standard"].rows)),
        "separable": millions(macs(q.report.rows)),
    },
    "multiplications": lambda q: {
        "standard": macs(q.reports["standard"].rows),
        "separable": macs(q.report.rows),
    },
    "macs_and_params": lambda q: {"macs": millions(macs(q.counted)), "params": millions(params(q.report.rows))},
    "weights_and_macs": lambda q: {"weights": kernels(q.rows), "macs": macs(q.rows)},
    "params_and_flops": lambda q: {"params": params(q.rows), "flops": sum(TORCH.flops(row) for row in q.rows)},
    "params_and_gmacs": lambda q: {"params": params(q.report.rows), "gmacs": billions(macs(q.report.rows))},
    # memory
    "table_memory_total": table_memory,
    "bytes_and_mib": lambda q: {"bytes": 4 * kernels(q.of[0]), "mib": mebibytes(kernels(q.of[0]))},
    "param_mib": lambda q: mebibytes(everything(q.report)),
    "feature_mib": lambda q: mebibytes(outputs(q.report.rows, "conv2d", "max_pool2d", "linear")),
    "params_and_kb": params_and_kilobytes,
    "neurons": lambda q: {
        "conv1": outputs(group(q.report, "conv1"), "conv2d"),
        "total": outputs(q.report.rows, "conv2d", "linear"),
    },
    # receptive fields
    "receptive_field": lambda q: field(q.rows)[0],
    "receptive_field_pair": lambda q: [field(list(report.rows))[0] for report in q.reports.values()],
    "receptive_field_hw": lambda q: dict(zip(("height", "width"), [axis[0] for axis in fields(q.rows)], strict=True)),
    "rf_stride": lambda q: dict(zip(("rf", "stride"), field(q.rows), strict=False)),
    "rf_padding": lambda q: {"rf": field(q.rows)[0], "padding": field(q.rows)[2]},
    "rf_stride_padding": lambda q: dict(zip(("rf", "stride", "padding"), field(q.rows), strict=True)),
    "lists": lambda q: {
        "rf": [field([row])[0] for row in q.report.rows],
        "size": [one_size([row]) for row in q.report.rows],
    },
}
"""How each quantity is read off the reports. A Decimal is compared to the digits that the answer shows."""


def same(found: Any, answer: Any) -> bool:
    """Whether what was found is the answer."""
    if isinstance(found, Decimal):
        return agrees(found, str(answer), cut_off=False)
    if isinstance(found, dict):
        return found.keys() == answer.keys() and all(same(found[name], answer[name]) for name in found)
    if isinstance(found, list):
        return len(found) == len(answer) and all(map(same, found, answer))
    return type(found) is type(answer) and bool(found == answer)


QUESTIONS = [Question(case) for case in document()["cases"]]


@pytest.mark.parametrize("question", [q for q in QUESTIONS if "not_a_network" not in q.case], ids=str)
def test_worked_example(question: Question) -> None:
    found = QUANTITIES[question.case["ask"]["quantity"]](question)
    assert same(found, question.case["answer"]), f"{question.case['question']} {found}, {question.case['source']}"


def test_every_case_is_asked_or_says_why_not() -> None:
    reasons = {q.case["id"]: q.case["not_a_network"] for q in QUESTIONS if "not_a_network" in q.case}
    assert reasons.keys() == {"T246"}
    assert all(len(reason) > 40 for reason in reasons.values())
    for question in QUESTIONS:
        assert question.case.keys() <= KEYS
        about = {"network", "described", "not_a_network"} & {key for key, value in question.case.items() if value}
        assert about, question.case["id"]


def test_no_case_stands_twice_and_every_network_is_used() -> None:
    assert max(Counter(q.case["id"] for q in QUESTIONS).values()) == 1
    used = {q.case["network"]["ref"] for q in QUESTIONS if q.case["network"] and "ref" in q.case["network"]}
    assert used == set(document()["networks"])


def test_every_quantity_is_asked_for() -> None:
    asked = {q.case["ask"]["quantity"] for q in QUESTIONS if "not_a_network" not in q.case}
    assert asked == set(QUANTITIES)
