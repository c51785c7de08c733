"""Readings: what is right under another convention, each by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod

from cnncalc.analysis.conventions.fvcore import FVCORE
from cnncalc.analysis.conventions.torch import PER_MAC
from cnncalc.analysis.report import LayerReport
from cnncalc.core.counts import Op
from cnncalc.core.kinds import Kind
from cnncalc.core.tensor import DType, Shape, spell
from cnncalc.core.translation import said
from cnncalc.homework import recount
from cnncalc.homework.mistakes.rewrite import AnyAmount
from cnncalc.homework.questions import Question, Reading
from cnncalc.homework.readings import otherwise, published
from cnncalc.homework.targets import exact

Found = Iterator[tuple[str, AnyAmount]]

SIZES_FOR: dict[Shape, Shape] = {(224, 224): (227, 227), (227, 227): (224, 224), (32, 32): (28, 28), (28, 28): (32, 32)}
"""Input sizes that go by one name: AlexNet's 224 of the paper and 227 of its code, MNIST with and without a border."""

LARGEST_DIGIT = 32
"""Rows of a handwritten digit with its border."""

CROPPED = ("alexnet", "squeezenet", "zfnet", "nin")
"""Families of Caffe's time, whose images may have 227 rows."""

WITH_BIASES = (Kind.CONVOLUTION, Kind.TRANSPOSED_CONVOLUTION, Kind.LINEAR)
TRAINED_POOL, OUTPUTS = "trainable_pool2d", 10
"""The pools of LeNet-5 as published, and how many distances it ends in."""


def readings(question: Question) -> tuple[Reading, ...]:
    """Right values under other conventions; none that is the right value anyway, and none twice."""
    right = exact(question)
    seen: set[AnyAmount] = {right}
    found = []
    for quantities, convention in CONVENTIONS:
        if question.quantity in quantities:
            for words, value in convention(question):
                if value is not None and value not in seen and (value or not right):
                    seen.add(value)
                    found.append(Reading(words, value, printed=convention in PRINTED and question.row is None))
    if question.quantity in COUNTED:
        found += [reading for reading in _of_prefixes(question) if reading.value not in seen]
    return tuple(found)


def _rows(question: Question) -> tuple[LayerReport, ...]:
    return question.network.rows if question.row is None else (question.row,)


def _biases(rows: tuple[LayerReport, ...]) -> int:
    """Biases of convolutions and matrices."""
    return sum(
        weight.numel
        for row in rows
        if row.weights_from is None and row.macs
        for weight in row.weights
        if "bias" in weight.name and weight.trainable
    )


def _norms(rows: tuple[LayerReport, ...]) -> int:
    return sum(row.params for row in rows if row.kind is Kind.NORM)


# Work


def _of_macs(question: Question) -> Found:
    rows, report = _rows(question), question.network
    macs = sum(row.macs for row in rows)
    biases = sum(row.ops.of(Op.BIAS_ADD) for row in rows)
    every = sum(sum(row.ops.values()) for row in rows)
    norms = sum(n for row in rows for op, n in row.ops.items() if op.value.startswith("norm"))
    if question.quantity == "macs":
        yield said("FLOPs, two for each MAC"), PER_MAC * macs
    else:
        yield said("MACs, each of them one multiply and one add"), macs
        yield said("FLOPs with the additions of biases"), PER_MAC * macs + biases
    yield said("MACs with the additions of biases"), macs + biases
    yield said("as fvcore counts: MACs and some of the norms and pools"), sum(map(FVCORE.flops, rows))
    if question.row is None:
        yield said("MACs, biases, activations and pools, one for each operation"), every - norms
        yield said("every operation, a MAC as one"), every
        yield said("every operation, a MAC as two"), every + macs
        yield from _without_classifier(question, rows)
    if report.batch > 1:
        yield said("for the whole batch of {n}", n=report.batch), report.batch * _of(question, macs)


def _of(question: Question, macs: int) -> int:
    return macs if question.quantity == "macs" else PER_MAC * macs


def _without_classifier(question: Question, rows: tuple[LayerReport, ...]) -> Found:
    linear = [row for row in rows if row.kind is Kind.LINEAR]
    if linear:
        rest = sum(row.macs for row in rows) - linear[-1].macs
        yield said("without the classifier, {path}", path=linear[-1].path), _of(question, rest)
        rest = sum(row.macs for row in rows if row.kind is not Kind.LINEAR)
        yield said("without the linear layers"), _of(question, rest)


# Weights


def _of_params(question: Question) -> Found:
    rows = _rows(question)
    params, buffers = sum(row.params for row in rows), sum(row.buffers for row in rows)
    per = question.network.dtype.nbytes if question.quantity == "param_memory" else 1
    for words, value in _of_weights(question, rows, params, buffers):
        yield words, per * value


def _of_weights(
    question: Question, rows: tuple[LayerReport, ...], params: int, buffers: int
) -> Iterator[tuple[str, int]]:
    biases, norms = _biases(rows), _norms(rows)
    yield said("running statistics counted, as the total of Keras does"), params + buffers
    yield said("weights alone, without biases"), params - biases
    if question.row is None:
        yield said("without the normalisation"), params - norms
        yield said("without biases and normalisation"), params - biases - norms
    bare = [row for row in rows if row.kind in WITH_BIASES and row.params and not row.layer.bias]
    added = sum(row.output.shape[-1] if row.kind is Kind.LINEAR else row.output.channels for row in bare)
    yield said("with a bias for each output channel of every convolution"), params + added
    yield said("as Keras counts: with biases in the convolutions, and running statistics"), params + added + buffers
    if question.row is not None:
        yield from _with_norm(question, params)
    else:
        yield from _without_auxiliary(question)


def _with_norm(question: Question, params: int) -> Iterator[tuple[str, int]]:
    row = question.row
    assert row is not None
    if not row.has_kernel:
        return
    for other in question.network.rows:
        if row.path in other.node.inputs and other.layer.traits.keeps_statistics:
            yield said("with the scale and the shift of {norm}", norm=other.path), params + other.params
            yield (
                said("with all that {norm} stores, running statistics as well", norm=other.path),
                params + other.params + other.buffers,
            )


def _without_auxiliary(question: Question) -> Iterator[tuple[str, int]]:
    """The total without what only leads to further outputs: auxiliary classifiers."""
    report, graph = question.network, question.network.graph
    if len(graph.outputs) < 2:
        return
    needed = {graph.outputs[0]}
    for node in reversed(graph.nodes):
        if node.path in needed:
            needed.update(node.inputs)
    kept = sum(row.params for row in report.rows if row.path in needed)
    others = ", ".join(graph.outputs[1:])
    yield said("without what only leads to {others}, as an auxiliary head does", others=others), kept


def _of_buffers(question: Question) -> Found:
    rows = _rows(question)
    norms = sum(1 for row in rows if row.buffers)
    total = sum(row.buffers for row in rows)
    yield said("with torch's counter num_batches_tracked of every batch norm"), total + norms


# Bytes


def _of_memory(question: Question) -> Found:
    report = question.network
    rows, batch, nbytes = _rows(question), report.batch, report.dtype.nbytes
    right = sum(map(report.activation_bytes, rows))
    if question.row is None:
        given = sum(map(prod, report.graph.inputs.values())) * nbytes * batch
        yield said("with the input"), right + given
        kept = [row for row in rows if not (row.layer.keeps_buffer or getattr(row.layer, "inplace", False))]
        stored = sum(map(report.activation_bytes, kept))
        layers = [
            row
            for row in rows
            if row.has_kernel or (row.kind is Kind.POOLING and row.output.shape != row.inputs[0].shape)
        ]
        main = sum(map(report.activation_bytes, layers))
        yield said("without what is computed in place or only seen otherwise"), stored
        yield said("with the input, without what is computed in place or only seen otherwise"), stored + given
        yield said("of convolutions, pools and linear layers alone"), main
        yield said("of convolutions, pools and linear layers, and the input"), main + given
        yield said("the most that is alive at one time"), report.peak_bytes * batch
        yield said("with the parameters"), right + sum(row.params for row in rows) * nbytes
        yield said("with the input and the parameters"), right + given + sum(row.params for row in rows) * nbytes
    else:
        read = sum(x.numel for x in question.row.inputs) * nbytes * batch
        yield said("input and output together"), right + read
    yield said("with gradients, as many again"), 2 * right
    if batch > 1:
        yield said("for one image of the {n}", n=batch), right // batch
    yield from _of_other_types(question, right)


def _of_weight_memory(question: Question) -> Found:
    yield from _of_other_types(question, exact(question))


def _of_other_types(question: Question, right: AnyAmount) -> Found:
    nbytes = question.network.dtype.nbytes
    for other in DType:
        if other.nbytes not in (1, nbytes):  # one byte for each is no type but a count
            yield (
                said("{n} bytes for each value, as in {dtype}", n=other.nbytes, dtype=other.value),
                right * other.nbytes // nbytes,
            )
    yield said("8 bytes for each value, as in float64"), right * 8 // nbytes


# Prefixes


def _of_prefixes(question: Question) -> Iterator[Reading]:
    """K = 1024 in figures that are written with a K, and the same of M and G."""
    right = exact(question)
    assert not isinstance(right, tuple)
    for power, prefix in ((1, "K"), (2, "M"), (3, "G")):
        if right >= 1000**power:
            words = said("with {prefix} = {size:,}: {figure:.4g} {prefix}",
                         prefix=prefix, size=1024**power, figure=float(right / 1024**power))  # fmt: skip
            hint = said("with {prefix} = {size:,}", prefix=prefix, size=1024**power)
            yield Reading(words, round(right * 1000**power / 1024**power), prefix, hint)


# The whole network, counted again


def _of_rounding(question: Question) -> Found:
    network = question.network
    for up in (True, False):
        relayed = otherwise.other_rounding(network, up=up)
        if relayed is not None:
            words = said("pools round up, as in Caffe") if up else said("pools round down")
            yield words, recount.value_in(recount.with_options(network, f"rounded {up}", relayed), question)


def _of_input_size(question: Question) -> Found:
    shapes = list(question.network.graph.inputs.values())
    other = SIZES_FOR.get(shapes[0][1:]) if len(shapes) == 1 else None
    if other is not None and _is_known_with(question.network.graph.name, shapes[0]):
        words = said("an input of {other} instead of {own}", other=spell(other), own=spell(shapes[0][1:]))
        yield words, recount.value_in(recount.at_size(question.network, other), question)


def _is_known_with(name: str, shape: Shape) -> bool:
    """Whether a network may go with either of two input sizes: a built-in one of its family, and any other."""
    if max(shape[1:]) <= LARGEST_DIGIT:
        return shape[0] == 1
    return name.startswith(CROPPED) or not published.published(name)


def _of_groups(question: Question) -> Found:
    network = question.network
    if any(row.layer.__dict__.get("groups", 1) == 2 for row in _rows(question)):
        value = recount.value_in(recount.with_options(network, "without groups", otherwise.without_groups), question)
        yield said("without the two groups: every filter reads all channels"), value


def _of_table(question: Question) -> Found:
    value = recount.value_in(recount.with_options(question.network, "without table", otherwise.without_table), question)
    yield said("every map reads all maps before it, not those of the table"), value


def _of_gaps(question: Question) -> Found:
    value = recount.value_in(recount.with_options(question.network, "gaps", otherwise.with_gaps), question)
    yield said("dilation counted in gaps, so that 0 is an ordinary convolution"), value


def _of_strides(question: Question) -> Found:
    network = question.network
    moved = otherwise.strides_first(network)
    if moved is None:
        return
    value = recount.value_in(recount.with_options(network, "strides first", moved), question)
    yield said("strides in the first 1×1 convolution of a block, as in the ResNet of 2015"), value


def _of_published(question: Question) -> Found:
    for name, title, value in published.of_published(question):
        yield said("the variant `{name}`, {title}", name=name, title=title), value
    for name, title, value in published.of_published(question, whole=True):
        yield said("the variant `{name}`, {title}, without its groups", name=name, title=title), value


def _of_other_unit(question: Question) -> Found:
    """MACs where FLOPs were asked for, or FLOPs for MACs, of a network that is counted or built otherwise as well."""
    other = question._replace(quantity="flops" if question.quantity == "macs" else "macs")
    for convention in (*([_of_classifier] if question.row is None else []), *COUNTED_AGAIN):
        for words, value in convention(other):
            yield (
                (
                    said("FLOPs, two for each MAC; {convention}", convention=words)
                    if question.quantity == "macs"
                    else said("MACs, each of them one multiply and one add; {convention}", convention=words)
                ),
                value,
            )


def _of_classifier(question: Question) -> Found:
    yield from _without_classifier(question, _rows(question))


def _of_connections(question: Question) -> Found:
    """Connections as they were counted in 1998, where pools had weights: every use of a weight or a bias."""
    for name, there in (("", question), *published.counterparts(question)):
        rows = _rows(there)
        if not any(row.type == TRAINED_POOL for row in there.network.rows):
            continue
        used = sum(map(_connections, rows))
        counted = said("connections, as in 1998: every use of a weight, of a bias and of a value that is pooled")
        words = said("{convention}; the variant `{name}`", convention=counted, name=name) if name else counted
        yield words, used
        if question.row is None:
            radial = OUTPUTS * rows[-1].output.numel
            yield (
                said("{convention}, and {n} for the distances that the paper ends in", convention=words, n=radial),
                (used + radial),
            )


def _connections(row: LayerReport) -> int:
    if row.type == TRAINED_POOL:
        taps: int = prod(row.layer.kernel_size)
        return row.output.numel * (taps + 1)
    return row.macs + row.ops.of(Op.BIAS_ADD)


WORK, COUNTED = ("macs", "flops"), ("params", "param_memory", "macs", "flops", "memory")
SHAPES = ("output", "size")

COUNTED_AGAIN = (_of_rounding, _of_input_size, _of_groups, _of_table, _of_strides, _of_published)
"""What counts a network once more that is built a little otherwise."""

PRINTED = (_of_strides, _of_published, _of_other_unit)
"""What papers printed figures of, cut off rather than rounded."""

CONVENTIONS: tuple[tuple[tuple[str, ...], Callable[[Question], Found]], ...] = (
    (WORK, _of_macs),
    (("params", "param_memory"), _of_params),
    (("buffers",), _of_buffers),
    (("memory",), _of_memory),
    (("param_memory",), _of_weight_memory),
    ((*SHAPES, *COUNTED), _of_rounding),
    ((*SHAPES, *COUNTED), _of_input_size),
    (COUNTED, _of_groups),
    (("params", "param_memory", *WORK), _of_table),
    ((*SHAPES, *WORK, "receptive_field"), _of_gaps),
    ((*SHAPES, *WORK, "memory", "receptive_field"), _of_strides),
    ((*SHAPES, *COUNTED, "channels"), _of_published),
    (("macs",), _of_connections),
    (WORK, _of_other_unit),
)
"""Which quantities a convention concerns, and what it makes of a question."""
