"""Explanations of a layer's numbers by their rules: the formula, the same in numbers, the result and its meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.analysis import reach as reaching
from cnncalc.analysis.conventions.base import Convention
from cnncalc.analysis.names import find_layer
from cnncalc.analysis.quantities import NOT_KNOWN, QUANTITIES, SYNONYMS, Quantity, table_quantities
from cnncalc.analysis.reach import Reach
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.analysis.table import describe, spell_pair, spell_size, with_separators
from cnncalc.core.arithmetic import times
from cnncalc.core.counts import Op
from cnncalc.core.errors import InputError, Span
from cnncalc.core.field import Field, Untracked
from cnncalc.core.notation import PLAIN, Notation
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import TensorSpec
from cnncalc.core.term import NO_NAMES, Key, Term
from cnncalc.core.translation import Listed, Phrase, _, running_text, said
from cnncalc.explain.symbols import extent_names, output_symbols, traced_inputs, traced_layer
from cnncalc.layers.at_node import rule_inputs


def explainable_quantities() -> tuple[str, ...]:
    """Quantities of a layer that can be explained."""
    return tuple(dict.fromkeys((*_EXPLAINERS, *(one.key for one in table_quantities()))))


EXPLAINED_WITH = {
    "size": "output",
    "channels": "output",
    "param_memory": "params",
    "jump": "receptive_field",
    "start": "receptive_field",
}
"""Quantities that are explained together with another."""


class Equation(NamedTuple):
    """A symbol and the expression that it equals."""

    symbol: str
    expression: int
    names: Mapping[Key, str] = NO_NAMES

    @property
    def value(self) -> int | Fraction:
        """The value of the expression."""
        return int(self.expression)

    def sides(self, notation: Notation = PLAIN) -> list[str]:
        """Symbol, formula, numbers and result, which equals signs stand between; none twice in a row."""
        value = notation.number(int(self.expression))
        sides = [notation.symbol(self.symbol)]
        if isinstance(self.expression, Term):
            sides += [spell(notation, self.names) for spell in (self.expression.formula, self.expression.substitution)]
        sides.append(value)
        return [side for place, side in enumerate(sides) if place == 0 or side != sides[place - 1]]


class Table(NamedTuple):
    """Rows under titles; the columns that `numbers` marks are aligned right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[bool, ...]


class Explanation(NamedTuple):
    """One quantity, explained: of a layer, of a network, or of a topic."""

    quantity: str
    result: str
    equations: tuple[Equation, ...]
    meaning: str
    table: Table | None = None
    title: str = ""  # of a count that is not the usual one: whose it is


class _TracedLayer(NamedTuple):
    """A row of a report, and its layer traced in symbols."""

    row: LayerReport
    report: Report
    layer: Any
    inputs: tuple[TensorSpec, ...]
    output: TensorSpec
    names: Mapping[Key, str]
    regions: int  # of the input: the layer runs once for each


def explain(report: Report, path: str, quantities: Sequence[str] = ()) -> list[Explanation]:
    """Explanations of the quantities of one layer, by default of all that are not empty.

    Errors:  unknown-layer-name, unknown-quantity
    """
    row = find_layer(report, path)
    wanted = [check_quantity(name) for name in quantities]
    traced = _trace(row, report)
    found = [
        _EXPLAINERS[name](traced) if name in _EXPLAINERS else _unexplained_quantity(QUANTITIES[name], traced)
        for name in explainable_quantities()
        if name in wanted or not wanted
    ]
    found = [_as_stated(one, row) for one in found] if row.layer.traits.is_opaque else found
    shown = ("output", "params", "macs", "memory", "receptive_field")
    return found if wanted else [one for one in found if one.quantity in shown or one.equations]


def check_quantity(name: str, span: Span | None = None) -> str:
    """The quantity that is meant by a name, and can be explained.

    Errors:  unknown-quantity
    """
    known, meant = explainable_quantities(), _meant_quantity(name)
    if meant not in known:
        raise InputError.of(
            "unknown-quantity",
            "there is no quantity `{name}`",
            span,
            help=did_you_mean(name, known, "quantities are {known}"),
            name=name,
            known=Listed(known, ","),
        )
    return meant


def is_explainable(name: str) -> bool:
    """Whether a name is that of a quantity that can be explained."""
    return _meant_quantity(name) in explainable_quantities()


def _meant_quantity(name: str) -> str:
    meant = name.lower().removesuffix("%")
    if meant not in explainable_quantities():
        meant = SYNONYMS.get(meant, meant)
    return EXPLAINED_WITH.get(meant, meant)


def _as_stated(one: Explanation, row: LayerReport) -> Explanation:
    """The explanation of an opaque layer's number, which follows from no rule."""
    if one.quantity == "macs" and not row.knows_macs:
        return one._replace(result=NOT_KNOWN, meaning=said("Not given, so they are not known."))
    if one.quantity in ("output", "params", "buffers", "macs"):
        return one._replace(equations=(), meaning=said("Taken as written, not from a rule."))
    if one.quantity == "ops":
        return one._replace(result=NOT_KNOWN, meaning=said("Nothing is known of what it computes."))
    return one


def _trace(row: LayerReport, report: Report) -> _TracedLayer:
    layer = row.layer if row.layer.traits.is_opaque else traced_layer(row.layer)
    inputs = traced_inputs(row.layer, rule_inputs(row.layer, row.inputs))
    output = layer.output(*inputs)
    names = extent_names(output.shape, output_symbols(row.layer, output))
    return _TracedLayer(row, report, layer, inputs, output, names, row.inputs[0].regions)


def _output(traced: _TracedLayer) -> Explanation:
    symbols = output_symbols(traced.layer, traced.output)
    equations = tuple(Equation(symbol, extent) for symbol, extent in zip(symbols, traced.output.shape, strict=True))
    return Explanation(
        "output", traced.row.output.shape_text(), equations, said("The shape of what comes out, without the batch.")
    )


def _params(traced: _TracedLayer) -> Explanation:
    if traced.row.weights_from is not None:
        meaning = said("The weights are those of {path}, and are counted there.", path=traced.row.weights_from)
        return Explanation("params", "0", (), meaning)
    meaning = said("Numbers that training changes: stored once, whatever the batch.")
    convention, counted = traced.report.convention, traced.report.params(traced.row)
    if counted != traced.row.params:
        own = said("{convention} counts {number:,}.", convention=convention.name, number=counted)
        meaning = running_text((meaning, own))
    return _stored_weights(traced, "params", trainable=True, meaning=meaning)


def _buffers(traced: _TracedLayer) -> Explanation:
    return _stored_weights(
        traced, "buffers", trainable=False, meaning=said("Numbers that are stored, and not trained.")
    )


def _stored_weights(traced: _TracedLayer, quantity: str, *, trainable: bool, meaning: str) -> Explanation:
    weights = [weight for weight in traced.layer.weights(*traced.inputs) if weight.trainable is trainable]
    equations = [
        Equation(weight.name or traced.row.path.rpartition(".")[2], weight.numel, traced.names) for weight in weights
    ]
    total = sum(equation.expression for equation in equations)
    if len(equations) > 1:
        equations.append(
            Equation(quantity, sum(Term.symbol(equation.symbol, int(equation.expression)) for equation in equations))
        )
    if not equations:
        meaning = said("This layer stores nothing of the kind.")
    return Explanation(quantity, f"{int(total):,}", tuple(equations), meaning)


def _macs(traced: _TracedLayer) -> Explanation:
    macs = traced.layer.ops(*traced.inputs).of(Op.CONTRACTION_MAC)
    equations = (Equation("MACs", _times_regions(macs, traced.regions), traced.names),) if traced.row.macs else ()
    meaning = (
        said("One MAC is one multiply and one add: as many as every weight is used, over the whole output.")
        if equations
        else said("No convolution and no matrix product: what it does is counted by kind, under ops.")
    )
    return Explanation("macs", f"{traced.row.macs:,}", equations, meaning)


def _flops(traced: _TracedLayer) -> Explanation:
    convention, flops = traced.report.convention, traced.report.flops(traced.row)
    terms = [times(one.number, Term.symbol(f"{one.basis.symbol}", one.amount)) for one in convention.terms(traced.row)]
    equations = (Equation(str(convention.unit.plural), sum(terms[1:], terms[0])),) if terms else ()
    meaning = (
        said("The MACs of this layer are not given.")
        if not traced.row.knows_macs
        else said("Of {convention} no rule for this layer is known.", convention=convention.name)
        if flops is None
        else counted_by(convention)
    )
    return Explanation("flops", with_separators(flops), equations, meaning, title=count_title(convention))


def count_title(convention: Convention) -> str:
    """The title over a count of a convention; empty for the usual one."""
    title = Phrase("FLOPs")
    titled = QUANTITIES["flops"].title_under(convention, title)
    return "" if titled is title else f"{titled}"


def counted_by(convention: Convention) -> str:
    """Whose count it is."""
    return said("{unit} as {convention} counts them.", unit=convention.unit.plural, convention=convention.name)


def _ops(traced: _TracedLayer) -> Explanation:
    counts = traced.layer.ops(*traced.inputs)
    equations = tuple(
        Equation(op.value, _times_regions(number, traced.regions), traced.names)
        for op, number in counts.items()
        if op is not Op.CONTRACTION_MAC and number
    )
    total = sum(int(equation.expression) for equation in equations)
    return Explanation(
        "ops", f"{total:,}", equations, said("Scalar operations besides MACs, by kind; no convention is applied.")
    )


def _times_regions(number: int, regions: int) -> int:
    return number if regions == 1 else Term.symbol("regions", regions) * number


def _memory(traced: _TracedLayer) -> Explanation:
    values: int = _times_regions(traced.output.numel, traced.row.output.regions)
    bytes_ = values * Term.symbol("bytes", traced.report.dtype.nbytes)
    if traced.report.batch > 1:
        bytes_ = Term.symbol("N", traced.report.batch) * bytes_
    meaning = said(
        "Bytes of the output in {dtype}, for one image."
        if traced.report.batch == 1
        else "Bytes of the output in {dtype}, for {batch} images.",
        dtype=traced.report.dtype.value,
        batch=traced.report.batch,
    )
    return Explanation(
        "memory",
        f"{traced.report.activation_bytes(traced.row):,} B",
        (Equation("memory", bytes_, traced.names),),
        meaning,
    )


def _unexplained_quantity(quantity: Quantity, traced: _TracedLayer) -> Explanation:
    """A quantity that follows from no rule of the layer, with its meaning alone."""
    value = quantity.of_rows(traced.report, (traced.row,))
    return Explanation(quantity.key, with_separators(value), (), f"{quantity.meaning}")


def _receptive_field(traced: _TracedLayer) -> Explanation:
    reach, report = traced.row.reach, traced.report
    if reach is None:
        opaque = report.opaque_before(traced.row)
        meaning = (
            said("Not followed here: what a unit sees repeats in no fixed window.")
            if opaque is None
            else said("Not followed through {path}: nothing is known of what it computes.", path=opaque)
        )
        return Explanation("receptive_field", "–", (), meaning)
    table = receptive_field_chain(report, traced.row.path)
    chain = table if table.rows else None  # no layer on the way changes the field
    if not reach.windowed:
        reason, place = reach.reason
        meaning = said("Every unit sees the whole input ({reason}: {path}).", reason=reason, path=place)
        return Explanation("receptive_field", _("all"), (), meaning, chain)
    seen = _reaches(report)
    before = [seen[wire] for wire in traced.row.node.inputs]
    if len(before) > 1:
        meaning = said("The widest of the paths that meet here, border ignored.")
        return Explanation("receptive_field", spell_size(reach), (), meaning, chain)
    equations = _growth(traced, before[0], reach)
    meaning = said("Input positions that one unit sees, border ignored; neighbouring units are a jump apart.")
    return Explanation("receptive_field", spell_size(reach), equations, meaning, chain)


def _growth(traced: _TracedLayer, before: Reach | None, after: Reach) -> tuple[Equation, ...]:
    """How a field grows through a layer's windows: one axis where all are alike, otherwise each."""
    try:
        windows, bare = traced.layer.windows(*traced.inputs), _unpadded(traced).windows(*traced.inputs)
    except Untracked:
        return ()
    if before is None or windows is None or bare is None or not before.on_grid or len(windows) != len(after.axes):
        return ()
    equations: list[Equation] = []
    alike = len(set(before.axes)) == 1 and len(set(after.axes)) == 1
    for axis, (window, plain) in enumerate(zip(windows, bare, strict=True)):
        if alike and axis:
            break
        letter = "" if alike or len(windows) == 1 else "thw"[-len(windows) :][axis]
        equations += _growth_on_axis(before.axes[axis], window, plain, f"_{letter}" if letter else "")
    return tuple(equations)


def _unpadded(traced: _TracedLayer) -> Any:
    """The layer without its padding."""
    padding = getattr(traced.layer, "padding", None)
    if padding is None:
        return traced.layer
    entries = len(padding if isinstance(padding, tuple) else traced.inputs[0].spatial)
    return traced.layer.model_copy({"padding": ((0, 0),) * entries})


def _growth_on_axis(before: Field, window: Field, plain: Field, letter: str) -> list[Equation]:
    seen, taps, bare = before.intervals[0], window.intervals[0], plain.intervals[0]
    single = len(before.intervals) == len(window.intervals) == 1
    if not single or seen is None or taps is None or bare is None or before.jump.denominator != 1:
        return []
    size = Term.symbol(f"r{letter}_in", before.size)
    jump = Term.symbol(f"j{letter}_in", int(before.jump))
    start = Term.symbol(f"start{letter}_in", seen[0])
    width = bare[1] - bare[0] + 1
    before_it = taps[0].operands[0] if isinstance(taps[0], Term) and taps[0].operator == "neg" else -taps[0]
    equations = [Equation(f"w{letter}", width)] if isinstance(width, Term) else []
    width = Term.symbol(f"w{letter}", int(width))
    return [
        *equations,
        Equation(f"r{letter}", size + (width - 1) * jump),
        Equation(f"j{letter}", jump * window.advance),
        Equation(f"start{letter}", start - before_it * jump),
    ]


def _reaches(report: Report) -> dict[str, Reach | None]:
    of_inputs = {name: reaching.input_reach(shape[1:]) for name, shape in report.graph.inputs.items()}
    return {**of_inputs, **{row.path: row.reach for row in report.rows}}


def receptive_field_chain(report: Report, path: str) -> Table:
    """The layers that change a receptive field, from the input on; where paths meet, those of the widest."""
    seen = _reaches(report)
    links: list[tuple[str, ...]] = []
    while path in report.by_path:
        row = report.by_path[path]
        previous = max(row.node.inputs, key=lambda wire: _widest(seen[wire]))
        reach, before = row.reach, seen[previous]
        if reach is not None and (before is None or reach.axes != before.axes or reach.windowed != before.windowed):
            links.append((row.path, describe(row), *_reach_numbers(reach)))
        path = previous
    head = (_("Layer"), _("Type"), "r", "j", "start")
    return Table(head, tuple(links[::-1]), (False, False, True, True, True))


def _widest(reach: Reach | None) -> int:
    return max(axis.size for axis in reach.axes) if reach else -1


def _reach_numbers(reach: Reach) -> tuple[str, str, str]:
    """Size, jump and start as text; a field without a window has a size alone."""
    if not reach.windowed:
        return _("all"), "–", "–"
    jumps, starts = ([getattr(axis, name) for axis in reach.axes] for name in ("jump", "start"))
    return spell_size(reach), spell_pair(jumps), spell_pair(starts)


_EXPLAINERS = {
    "output": _output,
    "params": _params,
    "buffers": _buffers,
    "macs": _macs,
    "flops": _flops,
    "ops": _ops,
    "memory": _memory,
    "receptive_field": _receptive_field,
}
"""Quantities explained by their rules; others show their value and meaning alone."""
