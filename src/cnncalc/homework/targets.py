"""What an ask such as `conv1_1.params` is about, and the right value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from cnncalc.analysis.names import Directory
from cnncalc.analysis.quantities import QUANTITIES
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import InputError, Span
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import TensorSpec, spell
from cnncalc.homework.questions import FIELDS, Amount, Question, askable
from cnncalc.language.assembly import WHOLE
from cnncalc.transform.subgraph import subgraph

SYNONYMS = {
    **dict.fromkeys(("output_shape", "output_size", "shape", "out", "输出", "输出形状", "输出尺寸"), "output"),
    **dict.fromkeys(("spatial", "feature_map", "map", "尺寸", "大小"), "size"),
    **dict.fromkeys(("out_channels", "depth", "通道", "通道数"), "channels"),
    **dict.fromkeys(("parameters", "param", "参数", "参数量", "参数个数", "参数数量"), "params"),
    **dict.fromkeys(("mac", "mult_adds", "multiply_adds", "madds", "乘加", "乘加次数"), "macs"),
    **dict.fromkeys(("flop", "ops", "浮点运算", "浮点运算量", "计算量"), "flops"),
    **dict.fromkeys(("activation_memory", "activations", "activation_bytes", "内存", "激活内存"), "memory"),
    **dict.fromkeys(("weight_memory", "params_memory", "model_size", "参数内存"), "param_memory"),
    **dict.fromkeys(("rf", "receptive", "感受野"), "receptive_field"),
}
"""Other names of quantities."""


class Asked:
    """A network and what can be asked about it."""

    def __init__(self, network: Report) -> None:
        self.network = network
        self.directory = Directory(network)

    def question(self, ask: str, span: Span | None = None, *, suggest: bool = True) -> Question:
        """The question that an ask names: a layer and a quantity, `total` and a quantity, or a quantity of the whole.

        Errors:  unknown-layer-name, unknown-quantity, no-such-number
        """
        name, _, said = ask.strip().rpartition(".")
        quantity = _quantity(said.strip(), span, suggest)
        name = name.strip()
        if name.lower() in ("", WHOLE):
            question = Question(self.network, ask, quantity, None)
        else:
            question = self._of(name, ask, quantity, span, suggest)
        if question.row is None and quantity in FIELDS:
            raise InputError.of(
                "no-such-number",
                "{quantity} is asked of a layer, not of the whole network",
                span,
                help="name a layer: `{last}.{quantity}`",
                quantity=quantity,
                last=question.network.rows[-1].path,
            )
        if question.row is not None and quantity in FIELDS and not followed(question.row, quantity):
            raise InputError.of(
                "no-such-number",
                "there is no {quantity} of `{name}`",
                span,
                help="what its units see does not repeat in a fixed window: ask about an earlier layer",
                quantity=quantity,
                name=name,
            )
        return question

    def _of(self, name: str, ask: str, quantity: str, span: Span | None, suggest: bool) -> Question:
        try:
            row = self.directory.layer(name, span, suggest=suggest)
        except InputError:
            inside = self.directory.group(name)
            if not inside:
                raise
            if quantity in FIELDS:  # what its last layer sees of the whole network's input
                return Question(self.network, ask, quantity, inside[-1])
            return Question(part(self.network, inside), ask, quantity, None)
        return Question(self.network, ask, quantity, row)


def _quantity(said: str, span: Span | None, suggest: bool) -> str:
    name = said.lower().replace(" ", "_").replace("-", "_")
    name = SYNONYMS.get(name, name)
    quantities = askable()
    if name not in quantities:
        known = ", ".join(quantities)
        raise InputError.of(
            "unknown-quantity",
            "there is no quantity `{name}`",
            span,
            help=did_you_mean(said, quantities)
            or did_you_mean(said, SYNONYMS, "write LAYER.QUANTITY; quantities are {known}")
            if suggest
            else "quantities are {known}",
            name=said,
            known=known,
        )
    return name


def part(network: Report, rows: tuple[LayerReport, ...]) -> Report:
    """Some layers of a network as a network of their own: what they read from outside is its input."""
    return replace(network, graph=subgraph(network, rows), rows=rows)


def followed(row: LayerReport, quantity: str) -> bool:
    """Whether this number of the receptive field can be told: what sees everything has neither jump nor start."""
    reach = row.reach
    if reach is None or any(axis.start is None for axis in reach.axes):
        return False
    return reach.windowed or quantity == "receptive_field"


def exact(question: Question) -> Amount:
    """The right value."""
    report, row = question.network, question.row
    rows = report.rows if row is None else (row,)
    match question.quantity:
        case "output":
            return made(question).shape
        case "size":
            return made(question).spatial or made(question).shape
        case "channels":
            return made(question).channels
    if question.quantity in QUANTITIES:
        return QUANTITIES[question.quantity].of_rows(report, rows)
    assert row is not None
    return _of_field(row, question.quantity)


def spelled(value: Amount) -> str:
    """A value as it is shown."""
    if isinstance(value, tuple):
        return spell(value).replace("-", "−")
    return (f"{int(value):,}" if value.denominator == 1 else str(value)).replace("-", "−")


def made(question: Question) -> TensorSpec:
    """What comes out: of the layer, or of the last one."""
    if question.row is not None:
        return question.row.output
    report = question.network
    last: TensorSpec = next(row.output for row in reversed(report.rows) if row.path == report.graph.outputs[-1])
    return last


def _of_field(row: LayerReport, quantity: str) -> Amount:
    """A number of the receptive field: one where the axes agree; of what sees everything, the input's extents."""
    reach = row.reach
    assert reach is not None
    if quantity == "receptive_field":
        return one_of(reach.frame if not reach.windowed else [axis.size for axis in reach.axes])
    if quantity == "start":
        return one_of([int(axis.start or 0) for axis in reach.axes])
    jumps = [axis.jump for axis in reach.axes]
    return one_of([int(jump) if jump.denominator == 1 else jump for jump in jumps])


def one_of(numbers: Sequence[int | Fraction]) -> Amount:
    """One number where all are the same, or all of them."""
    return numbers[0] if len(set(numbers)) == 1 else tuple(numbers)
