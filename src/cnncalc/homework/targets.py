"""The question that an ask such as `conv1_1.params` stands for, and its right value."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from cnncalc.analysis.names import Directory
from cnncalc.analysis.quantities import QUANTITIES, SYNONYMS
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.analysis.table import some
from cnncalc.core.errors import InputError, Span
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import TensorSpec, spell
from cnncalc.homework.questions import FIELDS, Amount, Question, askable_quantities
from cnncalc.language.naming import WHOLE
from cnncalc.transform.subgraph import subnetwork


class Subject:
    """A network that questions are about."""

    def __init__(self, network: Report) -> None:
        self.network = network
        self.directory = Directory(network)

    def question(self, ask: str, span: Span | None = None, *, suggest: bool = True) -> Question:
        """The question of an ask: a layer and a quantity, `total` and a quantity, or a quantity of the whole network.

        Errors:  unknown-layer-name, unknown-quantity, no-such-number, not-known
        """
        name, _, said = ask.strip().rpartition(".")
        quantity = _quantity(said.strip(), span, suggest)
        name = name.strip()
        if not name or self.is_whole(name):
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
        if question.row is not None and quantity in FIELDS and not has_field_number(question.row, quantity):
            raise InputError.of(
                "no-such-number",
                "there is no {quantity} of `{name}`",
                span,
                help="what its units see does not repeat in a fixed window: ask about an earlier layer",
                quantity=quantity,
                name=name,
            )
        check_known(
            question.network, question.network.rows if question.row is None else (question.row,), quantity, span
        )
        return question

    def is_whole(self, name: str) -> bool:
        """Whether a name is that of the whole network: `total`, or its own where no layer has it."""
        graph = self.network.graph
        own = (_squeezed(graph.name), _squeezed(graph.metadata.title))
        return name.lower() == WHOLE or (_squeezed(name) in own and not self.is_layer(name))

    def is_layer(self, name: str) -> bool:
        """Whether a name is that of a layer, or of a group of layers."""
        try:
            self.directory.layer(name, suggest=False)
        except InputError:
            return bool(self.directory.group(name))
        return True

    def _of(self, name: str, ask: str, quantity: str, span: Span | None, suggest: bool) -> Question:
        try:
            row = self.directory.layer(name, span, suggest=suggest)
        except InputError:
            inside = self.directory.group(name)
            if not inside:
                raise
            if quantity in FIELDS:  # that of its last layer, on the input of the whole network
                return Question(self.network, ask, quantity, inside[-1])
            return Question(subnetwork(self.network, inside), ask, quantity, None)
        return Question(self.network, ask, quantity, row)


def _squeezed(name: str) -> str:
    """A name in lower case, without what joins its parts."""
    return "".join(sign for sign in name.lower() if sign not in " -_")


def _quantity(said: str, span: Span | None, suggest: bool) -> str:
    name = said.lower().replace(" ", "_").replace("-", "_")
    name = SYNONYMS.get(name, name)
    quantities = askable_quantities()
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


def check_known(report: Report, rows: Sequence[LayerReport], quantity: str, span: Span | None) -> None:
    """Object to a quantity of layers that is not known of all of them.

    Errors:  not-known
    """
    unknown = [row.path for row in rows if not row.knows_macs] if quantity in ("macs", "flops") else []
    if unknown:
        raise InputError.of(
            "not-known",
            "{quantity} are not known here: {layers} gives no `macs`"
            if len(unknown) == 1
            else "{quantity} are not known here: {layers} give no `macs`",
            span,
            help="write `macs` where the network is described, or ask about other layers",
            quantity=QUANTITIES[quantity].title,
            layers=some(unknown),
        )


def has_field_number(row: LayerReport, quantity: str) -> bool:
    """Whether a layer has this number of the receptive field: without a window, there is no jump and no start."""
    reach = row.reach
    if reach is None or any(axis.start is None for axis in reach.axes):
        return False
    return reach.windowed or quantity == "receptive_field"


def expected_value(question: Question) -> Amount:
    """The right value of a question."""
    report, row = question.network, question.row
    rows = report.rows if row is None else (row,)
    match question.quantity:
        case "output":
            return output_of(question).shape
        case "size":
            return output_of(question).spatial or output_of(question).shape
        case "channels":
            return output_of(question).channels
    if question.quantity in QUANTITIES:
        value = QUANTITIES[question.quantity].of_rows(report, rows)
        assert value is not None  # torch knows them all
        return value
    assert row is not None
    return _field_value(row, question.quantity)


def spell_amount(value: Amount) -> str:
    """A value as text."""
    if isinstance(value, tuple):
        return spell(value).replace("-", "−")
    return (f"{int(value):,}" if value.denominator == 1 else str(value)).replace("-", "−")


def output_of(question: Question) -> TensorSpec:
    """The output of the layer that is asked about, or of the network."""
    if question.row is not None:
        return question.row.output
    report = question.network
    last: TensorSpec = next(row.output for row in reversed(report.rows) if row.path == report.graph.outputs[-1])
    return last


def is_sequence(question: Question) -> bool:
    """Whether the output is a sequence of (length, features), which has no rows and columns."""
    row = question.row
    return row is not None and row.layer.traits.reads_sequences and len(row.output.shape) == 2


def _field_value(row: LayerReport, quantity: str) -> Amount:
    """A number of the receptive field; its size without a window is that of the input."""
    reach = row.reach
    assert reach is not None
    if quantity == "receptive_field":
        return merge_axes(reach.frame if not reach.windowed else [axis.size for axis in reach.axes])
    if quantity == "start":
        return merge_axes([int(axis.start or 0) for axis in reach.axes])
    jumps = [axis.jump for axis in reach.axes]
    return merge_axes([int(jump) if jump.denominator == 1 else jump for jump in jumps])


def merge_axes(numbers: Sequence[int | Fraction]) -> Amount:
    """One number if all are equal, otherwise all of them."""
    return numbers[0] if len(set(numbers)) == 1 else tuple(numbers)
