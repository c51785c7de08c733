"""Published figures of whole networks: what each quantity means, read off a report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache
from math import prod
from typing import Any, NamedTuple

from cnncalc.analysis.infer import analyze
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.counts import Op
from cnncalc.language.load import load
from tests.support.cases import CASES, read_table

MEBIBYTE = 2**20


class Published(NamedTuple):
    """One row of a table of published figures."""

    network: str
    params: tuple[tuple[str, str], ...]
    input: tuple[int, ...] | None
    quantity: str
    expected: Any
    cut_off: bool
    source: str

    def __str__(self) -> str:
        said = "".join(f"-{name}={value}" for name, value in self.params)
        size = f"-{self.input[-1]}" if self.input else ""
        return f"{self.network}{said}{size}-{self.quantity}"

    @property
    def report(self) -> Report:
        """The network's own numbers."""
        return _report(self.network, self.params, self.input)


@cache
def _report(network: str, params: tuple[tuple[str, str], ...], shape: tuple[int, ...] | None) -> Report:
    return analyze(load(network, params=dict(params), input=shape))


@cache
def published() -> tuple[Published, ...]:
    """Every quantity of every row of the tables."""
    found = []
    for path in sorted((CASES / "architectures").glob("*.yaml")):
        for row in read_table(path):
            unknown = row.keys() - {"network", "set", "input", "source", "note", "cut_off", "expect"}
            assert not unknown, f"{path.name}: {row['network']}: {unknown}"
            params = tuple((name, str(value).lower()) for name, value in row.get("set", {}).items())
            shape = tuple(row["input"]) if "input" in row else None
            for quantity, expected in row["expect"].items():
                cut_off = quantity in row.get("cut_off", ())
                found.append(Published(row["network"], params, shape, quantity, expected, cut_off, row["source"]))
    return tuple(found)


def agrees(exact: Decimal, printed: str, cut_off: bool) -> bool:
    """Whether a number reads as printed: rounded to the digits shown, or cut off after them."""
    unit = Decimal(1).scaleb(Decimal(printed).as_tuple().exponent)  # type: ignore[arg-type]  # finite: an int
    difference = exact - Decimal(printed)
    return 0 <= difference < unit if cut_off else abs(difference) <= unit / 2


def _row(report: Report, path: str) -> LayerReport:
    """The layer of this path, or the last one of the group of this path."""
    return [row for row in report.rows if row.path == path or row.path.startswith(path + ".")][-1]


def _fields(row: LayerReport) -> list[tuple[int, int, int]]:
    """(size, jump, start) on every axis."""
    assert row.reach is not None
    found = []
    for axis in row.reach.axes:
        assert axis.start is not None
        found.append((axis.size, int(axis.jump), axis.start))
    return found


def _field(row: LayerReport) -> tuple[int, int, int]:
    """(size, jump, start), the same on every axis."""
    (field,) = set(_fields(row))
    return field


def _field_extremes(row: LayerReport) -> list[int]:
    """[smallest, largest] over units that differ in what they see, the same on every axis."""
    assert row.reach is not None
    (axis,) = set(row.reach.axes)
    return list(axis.sizes)


def _mean_field_size(row: LayerReport) -> str:
    """The mean over units that differ in what they see, the same on every axis."""
    assert row.reach is not None
    (axis,) = set(row.reach.axes)
    return str(Fraction(sum(high - low + 1 for low, high in filter(None, axis.intervals)), len(axis.intervals)))


def _outputs(rows: Iterable[LayerReport]) -> int:
    return sum(row.output.elements for row in rows)


def _norms(report: Report) -> list[LayerReport]:
    return [row for row in report.rows if row.type == "batch_norm2d"]


def _moves_nothing(row: LayerReport) -> bool:
    """A layer that Caffe's and MatConvNet's definitions do not have: a flatten, or pooling a map to its own size."""
    return row.type == "flatten" or (row.type == "adaptive_avg_pool2d" and row.inputs[0].shape == row.output.shape)


def netscope_macc(report: Report) -> int:
    """Multiply-adds of weights, of neighbours in a local response normalisation, Scale layers and choosing regions."""
    normalised: int = sum(row.output.numel * row.layer.size for row in report.rows if row.type == "local_response_norm")
    normalised += _outputs(row for row in report.rows if row.type == "l2_norm")  # as if of one neighbour, itself
    chosen = sum(_netscope_proposals(row) for row in report.rows if row.type == "roi_pool")
    return report.totals().macs + normalised + _outputs(_norms(report)) + chosen


def _netscope_proposals(row: LayerReport) -> int:
    """8 for each of 9 boxes at every position, 2 for every pair of regions that are left, 1 for each that is pooled."""
    regions = row.output.regions
    return 8 * 9 * prod(row.inputs[0].shape[1:]) + regions * (regions - 1) + regions


def netscope_activations(report: Report, data_layers: int) -> int:
    """Outputs of every Caffe layer: data, BatchNorm and Scale apart, a final softmax."""
    data = data_layers * sum(map(prod, report.graph.inputs.values()))
    layers = _outputs(row for row in report.rows if not _moves_nothing(row))
    return data + layers + _outputs(_norms(report)) + report.rows[-1].output.numel


def burden_feature_bytes(report: Report) -> int:
    """Variables of one forward pass, nothing freed; the input, ReLUs (in place) and dropouts (at rest) not counted."""
    skipped = ("relu", "relu6", "dropout")
    return 4 * _outputs(row for row in report.rows if row.type not in skipped and not _moves_nothing(row))


def torchinfo_bytes(report: Report) -> int:
    """Twice the outputs of modules with parameters, "for the gradients"; a weight without a name is in no module."""
    return 2 * 4 * _outputs(row for row in report.rows if any(one.name and one.trainable for one in row.weights))


def params_with_norms_folded(report: Report) -> int:
    """Parameters once every norm is a bias of the convolution before it; or a shift without a scale."""
    norms = [row for row in report.rows if row.type.startswith("batch_norm")]
    return report.totals().params - sum(row.params for row in norms) + sum(row.output.channels for row in norms)


def norm_scales(report: Report) -> int:
    """Scales of all norms, which Keras' Inception v3 and TF-slim's networks do without."""
    return sum(row.output.channels for row in _norms(report))


def slim_base_variables(report: Report) -> int:
    """What TF-slim's tests count: weights, shifts and running statistics of all but the classifier."""
    return report.totals().params - norm_scales(report) + report.totals().buffers - report.rows[-1].params


def _scaled(unit: int, count: Callable[[Report], int]) -> Callable[[Report], Decimal]:
    return lambda report: Decimal(count(report)) / unit


PRINTED: Mapping[str, Callable[[Report], Decimal]] = {
    "gmacs": _scaled(10**9, lambda report: report.totals().macs),
    "gibimacs": _scaled(2**30, lambda report: report.totals().macs),
    "mmacs": _scaled(10**6, lambda report: report.totals().macs),
    "mmacs_without_linear": _scaled(10**6, lambda report: sum(row.macs for row in report.rows if row.type != "linear")),
    "mparams": _scaled(10**6, lambda report: report.totals().params),
    "mparams_without_norms": _scaled(
        10**6, lambda report: report.totals().params - sum(row.params for row in _norms(report))
    ),
    "mparams_with_norms_folded": _scaled(10**6, params_with_norms_folded),
    "macts": _scaled(10**6, lambda report: _outputs(row for row in report.rows if row.macs)),
    "torchinfo_mb": _scaled(10**6, torchinfo_bytes),
    "torchinfo_mb_without_norms": _scaled(10**6, lambda report: torchinfo_bytes(report) - 8 * _outputs(_norms(report))),
    "burden_param_mb": _scaled(MEBIBYTE, lambda report: 4 * (report.totals().params + report.totals().buffers)),
    "burden_feature_mb": _scaled(MEBIBYTE, burden_feature_bytes),
}
"""Quantities that sources print with a few digits."""

EXACT: Mapping[str, Callable[[Report], int]] = {
    "params": lambda report: report.totals().params,
    "macs": lambda report: report.totals().macs,
    "kernel_params": lambda report: sum(
        weight.numel for row in report.rows if row.has_kernel for weight in row.weights if weight.name == "weight"
    ),
    "params_without_norms": lambda report: report.totals().params - sum(row.params for row in _norms(report)),
    "weight_layers": lambda report: report.totals().weight_layers,
    "weight_layers_on_main_path": lambda report: sum(
        row.has_kernel and ".downsample." not in row.path for row in report.rows
    ),
    "keras_total": lambda report: report.totals().params + report.totals().buffers,  # Keras counts the moments, too
    "keras_trainable": lambda report: report.totals().params,
    "keras_total_without_norm_scales": lambda report: (
        report.totals().params - norm_scales(report) + report.totals().buffers
    ),
    "keras_trainable_without_norm_scales": lambda report: report.totals().params - norm_scales(report),
    "slim_base_variables": slim_base_variables,
    "netscope_macc": netscope_macc,
}
"""Quantities that sources give to the last digit."""

BY_PATH: Mapping[str, Callable[[Report, str], Any]] = {
    "layer_params": lambda report, path: _row(report, path).params,
    "outputs": lambda report, path: list(_row(report, path).output.shape),
    "fields": lambda report, path: list(_field(_row(report, path))),
    "fields_by_axis": lambda report, path: [list(field) for field in _fields(_row(report, path))],
    "offsets": lambda report, path: list(_row(report, path).layer.offset),
    "field_extremes": lambda report, path: _field_extremes(_row(report, path)),
    "mean_field_sizes": lambda report, path: _mean_field_size(_row(report, path)),
    "global_by": lambda report, path: _row(report, path).reach.global_by,  # type: ignore[union-attr]
    "field_sizes": lambda report, path: _field(_row(report, path))[0],
    # to LeCun et al. every input and every bias of a unit is a connection: as many as operations, since a pool adds up
    # k values with k - 1 sums and multiplies once
    "connections": lambda report, path: sum(_row(report, path).ops.values()),
    "group_params": lambda report, path: sum(row.params for row in report.rows if row.path.startswith(path + ".")),
    "group_macs": lambda report, path: sum(row.macs for row in report.rows if row.path.startswith(path + ".")),
    "group_gmacs": lambda report, path: _group_gmacs(report, path),
    "group_kernels": lambda report, path: sum(
        row.params for row in report.rows if row.path.startswith(path + ".") and row.ops.of(Op.CONTRACTION_MAC)
    ),
}
"""Quantities of single layers or groups, by path."""


def _group_gmacs(report: Report, path: str) -> str:
    """Multiply-adds of a group, printed with three digits."""
    return f"{sum(row.macs for row in report.rows if row.path.startswith(path + '.')) / 10**9:.3f}"


def holds(case: Published) -> tuple[bool, Any]:
    """Whether a published figure is met, and what was found instead."""
    report, quantity, expected = case.report, case.quantity, case.expected
    if quantity in PRINTED:
        exact = PRINTED[quantity](report)
        return agrees(exact, expected, case.cut_off), exact
    if quantity in BY_PATH:
        found = {path: BY_PATH[quantity](report, path) for path in expected}
        return found == expected, found
    if quantity == "last_field":
        reach = report.last_local_reach()
        last = next(row for row in report.rows if row.reach is reach)
        return list(_field(last)) == expected, _field(last)
    if quantity == "netscope_activations":
        total = netscope_activations(report, expected["data_layers"])
        return total == expected["total"], total
    value = EXACT[quantity](report)
    return value == expected, value
