"""Every number of a layer from the rule that made it: the formula, the same in numbers, the result, what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from cnncalc.analysis import reach as reaching
from cnncalc.analysis.names import find_layer
from cnncalc.analysis.quantities import QUANTITIES, Quantity, table_quantities
from cnncalc.analysis.reach import Reach
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.analysis.table import describe, spell_pair, spell_size
from cnncalc.core.arithmetic import times
from cnncalc.core.counts import Op
from cnncalc.core.errors import InputError, Span
from cnncalc.core.field import Field, Untracked
from cnncalc.core.notation import PLAIN, Notation
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import TensorSpec
from cnncalc.core.term import NO_NAMES, Key, Term
from cnncalc.core.translation import Listed, _, said
from cnncalc.explain.symbols import named, output_names, traced_inputs, traced_layer
from cnncalc.layers.at_node import handed


def explainable() -> tuple[str, ...]:
    """What can be explained of a layer."""
    return tuple(dict.fromkeys((*_EXPLAINED, *(one.key for one in table_quantities()))))


class Line(NamedTuple):
    """One sum: a symbol, and the expression that it stands for."""

    symbol: str
    expression: int
    names: Mapping[Key, str] = NO_NAMES

    @property
    def value(self) -> int | Fraction:
        """What the expression comes to."""
        return int(self.expression)

    def sides(self, notation: Notation = PLAIN) -> list[str]:
        """Symbol, formula, numbers and result, as they stand around equals signs; none twice."""
        value = notation.number(int(self.expression))
        sides = [notation.symbol(self.symbol)]
        if isinstance(self.expression, Term):
            sides += [spell(notation, self.names) for spell in (self.expression.formula, self.expression.worked)]
        sides.append(value)
        return [side for place, side in enumerate(sides) if place == 0 or side != sides[place - 1]]


class Table(NamedTuple):
    """Rows under titles; the columns of `numbers` are set flush right."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[bool, ...]


class Explanation(NamedTuple):
    """One quantity: of a layer, of a network, or of a question that is answered for sizes of its own."""

    quantity: str
    result: str
    lines: tuple[Line, ...]
    meaning: str
    table: Table | None = None


class _Layer(NamedTuple):
    """A layer with its numbers, and the same in symbols."""

    row: LayerReport
    report: Report
    layer: Any
    inputs: tuple[TensorSpec, ...]
    output: TensorSpec
    names: Mapping[Key, str]
    regions: int  # of the input: what the layer runs for


def explain(report: Report, path: str, quantities: Sequence[str] = ()) -> list[Explanation]:
    """The quantities of one layer, by default all that say something.

    Errors:  unknown-layer-name, unknown-quantity
    """
    row = find_layer(report, path)
    wanted = [checked_quantity(name) for name in quantities]
    traced = _traced(row, report)
    found = [
        _EXPLAINED[name](traced) if name in _EXPLAINED else _told(QUANTITIES[name], traced)
        for name in explainable()
        if name in wanted or not wanted
    ]
    shown = ("output", "params", "macs", "memory", "receptive_field")
    return found if wanted else [one for one in found if one.quantity in shown or one.lines]


def checked_quantity(name: str, span: Span | None = None) -> str:
    """A quantity that can be explained.

    Errors:  unknown-quantity
    """
    known = explainable()
    if name not in known:
        raise InputError.of(
            "unknown-quantity",
            "there is no quantity `{name}`",
            span,
            help=did_you_mean(name, known, "quantities are {known}"),
            name=name,
            known=Listed(known, ","),
        )
    return name


def _traced(row: LayerReport, report: Report) -> _Layer:
    layer = traced_layer(row.layer)
    inputs = traced_inputs(row.layer, handed(row.layer, row.inputs))
    output = layer.output(*inputs)
    names = named(output.shape, output_names(row.layer, output))
    return _Layer(row, report, layer, inputs, output, names, row.inputs[0].regions)


def _output(one: _Layer) -> Explanation:
    symbols = output_names(one.layer, one.output)
    lines = tuple(Line(symbol, extent) for symbol, extent in zip(symbols, one.output.shape, strict=True))
    return Explanation(
        "output", one.row.output.spelled(), lines, said("The shape of what comes out, without the batch.")
    )


def _params(one: _Layer) -> Explanation:
    if one.row.weights_from is not None:
        meaning = said("The weights are those of {path}, and are counted there.", path=one.row.weights_from)
        return Explanation("params", "0", (), meaning)
    return _stored(
        one, "params", trainable=True, meaning=said("Numbers that training changes: stored once, whatever the batch.")
    )


def _buffers(one: _Layer) -> Explanation:
    return _stored(one, "buffers", trainable=False, meaning=said("Statistics that are stored, and not trained."))


def _stored(one: _Layer, quantity: str, *, trainable: bool, meaning: str) -> Explanation:
    weights = [weight for weight in one.layer.weights(*one.inputs) if weight.trainable is trainable]
    lines = [Line(weight.name or one.row.path.rpartition(".")[2], weight.numel, one.names) for weight in weights]
    total = sum(line.expression for line in lines)
    if len(lines) > 1:
        lines.append(Line(quantity, sum(Term.symbol(line.symbol, int(line.expression)) for line in lines)))
    if not lines:
        meaning = said("This layer stores nothing of the kind.")
    return Explanation(quantity, f"{int(total):,}", tuple(lines), meaning)


def _macs(one: _Layer) -> Explanation:
    macs = one.layer.ops(*one.inputs).of(Op.CONTRACTION_MAC)
    lines = (Line("MACs", _of_regions(macs, one.regions), one.names),) if one.row.macs else ()
    meaning = (
        said("One MAC is one multiply and one add: as many as every weight is used, over the whole output.")
        if lines
        else said("No convolution and no matrix product: what it does is counted by kind, under ops.")
    )
    return Explanation("macs", f"{one.row.macs:,}", lines, meaning)


def _flops(one: _Layer) -> Explanation:
    convention = one.report.convention
    terms = [
        times(rate.number, Term.symbol(f"{rate.basis.symbol}", amount)) for rate, amount in convention.terms(one.row)
    ]
    lines = (Line("FLOPs", sum(terms[1:], terms[0])),) if terms else ()
    meaning = said("FLOPs as {convention} counts them.", convention=convention.name)
    return Explanation("flops", f"{one.report.flops(one.row):,}", lines, meaning)


def _ops(one: _Layer) -> Explanation:
    counts = one.layer.ops(*one.inputs)
    lines = tuple(
        Line(op.value, _of_regions(number, one.regions), one.names)
        for op, number in counts.items()
        if op is not Op.CONTRACTION_MAC and number
    )
    total = sum(int(line.expression) for line in lines)
    return Explanation(
        "ops", f"{total:,}", lines, said("Scalar operations besides MACs, by kind; no convention is applied.")
    )


def _of_regions(number: int, regions: int) -> int:
    return number if regions == 1 else Term.symbol("regions", regions) * number


def _memory(one: _Layer) -> Explanation:
    values: int = _of_regions(one.output.numel, one.row.output.regions)
    bytes_ = values * Term.symbol("bytes", one.report.dtype.nbytes)
    if one.report.batch > 1:
        bytes_ = Term.symbol("N", one.report.batch) * bytes_
    meaning = said(
        "Bytes of the output in {dtype}, for one image."
        if one.report.batch == 1
        else "Bytes of the output in {dtype}, for {batch} images.",
        dtype=one.report.dtype.value,
        batch=one.report.batch,
    )
    return Explanation(
        "memory", f"{one.report.activation_bytes(one.row):,} B", (Line("memory", bytes_, one.names),), meaning
    )


def _told(quantity: Quantity, one: _Layer) -> Explanation:
    """A quantity that no rule of the layer is behind."""
    value = quantity.of_rows(one.report, (one.row,))
    return Explanation(quantity.key, f"{value:,}", (), f"{quantity.meaning}")


def _receptive_field(one: _Layer) -> Explanation:
    reach, report = one.row.reach, one.report
    if reach is None:
        return Explanation(
            "receptive_field", "–", (), said("Not followed here: what a unit sees repeats in no fixed window.")
        )
    table = chain_to(report, one.row.path)
    chain = table if table.rows else None  # nothing on the way but layers that leave the field as it is
    if not reach.windowed:
        reason, place = reach.reason
        meaning = said("Every unit sees the whole input ({reason}: {path}).", reason=reason, path=place)
        return Explanation("receptive_field", _("all"), (), meaning, chain)
    seen = _reaches(report)
    before = [seen[wire] for wire in one.row.node.inputs]
    if len(before) > 1:
        meaning = said("The widest of the paths that meet here, border ignored.")
        return Explanation("receptive_field", spell_size(reach), (), meaning, chain)
    lines = _grown(one, before[0], reach)
    meaning = said("Input positions that one unit sees, border ignored; neighbouring units are a jump apart.")
    return Explanation("receptive_field", spell_size(reach), lines, meaning, chain)


def _grown(one: _Layer, before: Reach | None, after: Reach) -> tuple[Line, ...]:
    """How a field grows through one layer's windows, on every axis that differs from those before it."""
    try:
        unpadded = (
            one.layer.model_copy({"padding": ((0, 0),) * len(one.inputs[0].spatial)})
            if hasattr(one.layer, "padding")
            else one.layer
        )
        windows, bare = one.layer.windows(*one.inputs), unpadded.windows(*one.inputs)
    except Untracked:
        return ()
    if before is None or windows is None or bare is None or not before.on_grid or len(windows) != len(after.axes):
        return ()
    lines: list[Line] = []
    alike = len(set(before.axes)) == 1 and len(set(after.axes)) == 1
    for axis, (window, plain) in enumerate(zip(windows, bare, strict=True)):
        if alike and axis:
            break
        letter = "" if alike or len(windows) == 1 else "thw"[-len(windows) :][axis]
        lines += _grown_on(before.axes[axis], window, plain, f"_{letter}" if letter else "")
    return tuple(lines)


def _grown_on(before: Field, window: Field, plain: Field, letter: str) -> list[Line]:
    seen, taps, bare = before.intervals[0], window.intervals[0], plain.intervals[0]
    single = len(before.intervals) == len(window.intervals) == 1
    if not single or seen is None or taps is None or bare is None or before.jump.denominator != 1:
        return []
    size = Term.symbol(f"r{letter}_in", before.size)
    jump = Term.symbol(f"j{letter}_in", int(before.jump))
    start = Term.symbol(f"start{letter}_in", seen[0])
    width = bare[1] - bare[0] + 1
    before_it = taps[0].operands[0] if isinstance(taps[0], Term) and taps[0].operator == "neg" else -taps[0]
    lines = [Line(f"w{letter}", width)] if isinstance(width, Term) else []
    width = Term.symbol(f"w{letter}", int(width))
    return [
        *lines,
        Line(f"r{letter}", size + (width - 1) * jump),
        Line(f"j{letter}", jump * window.advance),
        Line(f"start{letter}", start - before_it * jump),
    ]


def _reaches(report: Report) -> dict[str, Reach | None]:
    of_inputs = {name: reaching.input_reach(shape[1:]) for name, shape in report.graph.inputs.items()}
    return {**of_inputs, **{row.path: row.reach for row in report.rows}}


def chain_to(report: Report, path: str) -> Table:
    """The layers that make a receptive field, from the input on; where paths meet, the one that sees most."""
    seen = _reaches(report)
    links: list[tuple[str, ...]] = []
    while path in report.by_path:
        row = report.by_path[path]
        previous = max(row.node.inputs, key=lambda wire: _widest(seen[wire]))
        reach, before = row.reach, seen[previous]
        if reach is not None and (before is None or reach.axes != before.axes or reach.windowed != before.windowed):
            links.append((row.path, describe(row), *_numbers(reach)))
        path = previous
    head = (_("Layer"), _("Type"), "r", "j", "start")
    return Table(head, tuple(links[::-1]), (False, False, True, True, True))


def _widest(reach: Reach | None) -> int:
    return max(axis.size for axis in reach.axes) if reach else -1


def _numbers(reach: Reach) -> tuple[str, str, str]:
    """Size, jump and start, where they say something."""
    if not reach.windowed:
        return _("all"), "–", "–"
    jumps, starts = ([getattr(axis, name) for axis in reach.axes] for name in ("jump", "start"))
    return spell_size(reach), spell_pair(jumps), spell_pair(starts)


_EXPLAINED = {
    "output": _output,
    "params": _params,
    "buffers": _buffers,
    "macs": _macs,
    "flops": _flops,
    "ops": _ops,
    "memory": _memory,
    "receptive_field": _receptive_field,
}
"""By rule; other quantities are told as they are."""
