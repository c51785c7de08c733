"""Values that are right under another convention, each with the convention in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from math import prod

from cnncalc.analysis.conventions.torch import PER_MAC
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.counts import Op
from cnncalc.core.kinds import Kind
from cnncalc.core.tensor import DType, Shape, spell
from cnncalc.core.translation import language, said
from cnncalc.homework import recount
from cnncalc.homework.alternatives import rebuilds, tools, variants
from cnncalc.homework.alternatives.layers import output_grid_values, recurrent_bias_values, rows_of
from cnncalc.homework.mistakes.working import AnyAmount
from cnncalc.homework.questions import Alternative, Question
from cnncalc.homework.targets import expected_value

MOST_QUESTIONS = 2_000
"""Questions of which the conventions are remembered."""

NamedValues = Iterator[tuple[str, AnyAmount]]

SIZES_FOR: dict[Shape, Shape] = {(224, 224): (227, 227), (227, 227): (224, 224), (32, 32): (28, 28), (28, 28): (32, 32)}
"""Input sizes that are taken for one another: AlexNet's 224 (paper) and 227 (code), MNIST with and without a border."""

LARGEST_DIGIT = 32
"""Rows of a handwritten digit with a border."""

CROPPED = ("alexnet", "squeezenet", "zfnet", "nin")
"""Families from Caffe's time, whose images may have 227 rows."""

PUBLISHED = (*CROPPED, "lenet")
"""Families that are published with several input sizes."""

WITH_BIASES = (Kind.CONVOLUTION, Kind.TRANSPOSED_CONVOLUTION, Kind.LINEAR)
TRAINED_POOL, OUTPUTS = "trainable_pool2d", 10
"""The pools of LeNet-5 as published, and its number of output units, which compute distances."""


def alternatives(question: Question) -> tuple[Alternative, ...]:
    """Values under other conventions, each once, without the right value itself."""
    path = question.row.path if question.row is not None else None
    return _alternatives(question.network, path, question.quantity, question.ask, language())


@lru_cache(maxsize=MOST_QUESTIONS)
def _alternatives(network: Report, path: str | None, quantity: str, ask: str, spoken: str) -> tuple[Alternative, ...]:
    """The same, remembered for every question and language."""
    question = Question(network, ask, quantity, network.by_path[path] if path is not None else None)
    right = expected_value(question)
    seen: set[AnyAmount] = {right}
    found = []
    for quantities, convention in CONVENTIONS:
        if question.quantity in quantities:
            for words, value in convention(question):
                if value is not None and value not in seen and (value or not right):
                    seen.add(value)
                    printed, assumed = convention in PRINTED and question.row is None, _is_assumed(convention, question)
                    found.append(Alternative(words, value, printed=printed, assumed=assumed))
    if question.quantity == "memory":
        found += tools.tool_megabytes(question)
    if question.quantity in COUNTED:
        found += [reading for reading in _binary_prefixes(question) if reading.value not in seen]
    return tuple(found)


def _is_assumed(convention: object, question: Question) -> bool:
    """Whether a convention supposes another input, or another rounding in layers that the question does not name."""
    if convention is _rounding_values:
        return question.row is not None and question.row.kind is not Kind.POOLING
    return convention is _input_size_values and not question.network.graph.name.startswith(PUBLISHED)


def _bias_count(rows: tuple[LayerReport, ...]) -> int:
    """Number of biases of convolutions and linear layers."""
    return sum(
        weight.numel
        for row in rows
        if row.weights_from is None and row.macs
        for weight in row.weights
        if "bias" in weight.name and weight.trainable
    )


def _norm_params(rows: tuple[LayerReport, ...]) -> int:
    return sum(row.params for row in rows if row.kind is Kind.NORM)


# Work


def _work_values(question: Question) -> NamedValues:
    rows, report = rows_of(question), question.network
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
    if question.row is None:
        yield said("MACs, biases, activations and pools, one for each operation"), every - norms
        yield said("every operation, a MAC as one"), every
        yield said("every operation, a MAC as two"), every + macs
        yield from _values_without_classifier(question, rows)
    if report.batch > 1:
        yield said("for the whole batch of {n}", n=report.batch), report.batch * _in_unit_asked(question, macs)


def _in_unit_asked(question: Question, macs: int) -> int:
    return macs if question.quantity == "macs" else PER_MAC * macs


def _values_without_classifier(question: Question, rows: tuple[LayerReport, ...]) -> NamedValues:
    linear = [row for row in rows if row.kind is Kind.LINEAR]
    if linear:
        rest = sum(row.macs for row in rows) - linear[-1].macs
        yield said("without the classifier, {path}", path=linear[-1].path), _in_unit_asked(question, rest)
        rest = sum(row.macs for row in rows if row.kind is not Kind.LINEAR)
        yield said("without the linear layers"), _in_unit_asked(question, rest)


# Weights


def _weight_values(question: Question) -> NamedValues:
    rows = rows_of(question)
    params, buffers = sum(row.params for row in rows), sum(row.buffers for row in rows)
    per = question.network.dtype.nbytes if question.quantity == "param_memory" else 1
    for words, value in _weight_counts(question, rows, params, buffers):
        yield words, per * value


def _weight_counts(
    question: Question, rows: tuple[LayerReport, ...], params: int, buffers: int
) -> Iterator[tuple[str, int]]:
    biases, norms = _bias_count(rows), _norm_params(rows)
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
        yield from _counts_with_norm(question, params)
    else:
        yield from _counts_without_auxiliary(question)


def _counts_with_norm(question: Question, params: int) -> Iterator[tuple[str, int]]:
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


def _counts_without_auxiliary(question: Question) -> Iterator[tuple[str, int]]:
    """The total without layers that only lead to further outputs, as auxiliary classifiers do."""
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


def _buffer_values(question: Question) -> NamedValues:
    rows = rows_of(question)
    norms = sum(1 for row in rows if row.buffers)
    total = sum(row.buffers for row in rows)
    yield said("with torch's counter num_batches_tracked of every batch norm"), total + norms


# Bytes


def _memory_values(question: Question) -> NamedValues:
    report = question.network
    rows, batch, nbytes = rows_of(question), report.batch, report.dtype.nbytes
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
    yield from _values_in_other_types(question, right)


def _weight_memory_values(question: Question) -> NamedValues:
    yield from _values_in_other_types(question, expected_value(question))


def _values_in_other_types(question: Question, right: AnyAmount) -> NamedValues:
    nbytes = question.network.dtype.nbytes
    for other in DType:
        if other.nbytes not in (1, nbytes):  # one byte per value would be the count itself
            yield (
                said("{n} bytes for each value, as in {dtype}", n=other.nbytes, dtype=other.value),
                right * other.nbytes // nbytes,
            )
    yield said("8 bytes for each value, as in float64"), right * 8 // nbytes


# Prefixes


def _binary_prefixes(question: Question) -> Iterator[Alternative]:
    """Values with K = 1024 for answers that are written with a K, and likewise with M and G."""
    right = expected_value(question)
    assert not isinstance(right, tuple)
    for power, prefix in ((1, "K"), (2, "M"), (3, "G")):
        if right >= 1000**power:
            words = said("with {prefix} = {size:,}: {figure:.4g} {prefix}",
                         prefix=prefix, size=1024**power, figure=float(right / 1024**power))  # fmt: skip
            hint = said("with {prefix} = {size:,}", prefix=prefix, size=1024**power)
            yield Alternative(words, round(right * 1000**power / 1024**power), prefix, hint)


# Another network, analyzed again


def _rounding_values(question: Question) -> NamedValues:
    network = question.network
    for up in (True, False):
        relayed = rebuilds.other_rounding(network, up=up)
        if relayed is not None:
            words = said("pools round up, as in Caffe") if up else said("pools round down")
            yield words, recount.value_in(recount.with_options(network, f"rounded {up}", relayed), question)


def _input_size_values(question: Question) -> NamedValues:
    shapes = list(question.network.graph.inputs.values())
    other = SIZES_FOR.get(shapes[0][1:]) if len(shapes) == 1 else None
    if other is not None and _is_known_with(question.network.graph.name, shapes[0]):
        words = said("an input of {other} instead of {own}", other=spell(other), own=spell(shapes[0][1:]))
        yield words, recount.value_in(recount.at_size(question.network, other), question)


def _is_known_with(name: str, shape: Shape) -> bool:
    """Whether a network is known with two input sizes: some built-in families, and any network of one's own."""
    if max(shape[1:]) <= LARGEST_DIGIT:
        return shape[0] == 1
    return name.startswith(CROPPED) or not variants.variants_of(name)


def _group_values(question: Question) -> NamedValues:
    network = question.network
    if any(row.layer.__dict__.get("groups", 1) == 2 for row in rows_of(question)):
        value = recount.value_in(recount.with_options(network, "without groups", rebuilds.without_groups), question)
        yield said("without the two groups: every filter reads all channels"), value


def _connection_table_values(question: Question) -> NamedValues:
    value = recount.value_in(recount.with_options(question.network, "without table", rebuilds.without_table), question)
    yield said("every map reads all maps before it, not those of the table"), value


def _dilation_gap_values(question: Question) -> NamedValues:
    value = recount.value_in(recount.with_options(question.network, "gaps", rebuilds.with_gaps), question)
    yield said("dilation counted in gaps, so that 0 is an ordinary convolution"), value


def _stride_values(question: Question) -> NamedValues:
    network = question.network
    moved = rebuilds.strides_first(network)
    if moved is None:
        return
    value = recount.value_in(recount.with_options(network, "strides first", moved), question)
    yield said("strides in the first 1×1 convolution of a block, as in the ResNet of 2015"), value


def _variant_values(question: Question) -> NamedValues:
    for name, title, value in variants.variant_values(question):
        yield said("the variant `{name}`, {title}", name=name, title=title), value
    for name, title, value in variants.variant_values(question, whole=True):
        yield said("the variant `{name}`, {title}, without its groups", name=name, title=title), value


def _other_unit_values(question: Question) -> NamedValues:
    """MACs for FLOPs, or FLOPs for MACs, combined with another convention or another network."""
    other = question._replace(quantity="flops" if question.quantity == "macs" else "macs")
    for convention in (*([_classifier_values] if question.row is None else []), *COUNTED_AGAIN):
        for words, value in convention(other):
            yield (
                (
                    said("FLOPs, two for each MAC; {convention}", convention=words)
                    if question.quantity == "macs"
                    else said("MACs, each of them one multiply and one add; {convention}", convention=words)
                ),
                value,
            )


def _classifier_values(question: Question) -> NamedValues:
    yield from _values_without_classifier(question, rows_of(question))


def _connection_values(question: Question) -> NamedValues:
    """Connections as they were counted in 1998, when pools had weights: every use of a weight or a bias."""
    for name, there in (("", question), *variants.counterparts(question)):
        rows = rows_of(there)
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

COUNTED_AGAIN = (
    _rounding_values,
    _input_size_values,
    _group_values,
    _connection_table_values,
    _stride_values,
    _variant_values,
)
"""Conventions that analyze a slightly different network."""

PRINTED = (_stride_values, _variant_values, _other_unit_values)
"""Conventions whose figures papers print, sometimes cut off rather than rounded."""

CONVENTIONS: tuple[tuple[tuple[str, ...], Callable[[Question], NamedValues]], ...] = (
    (WORK, _work_values),
    (("params", "param_memory"), _weight_values),
    (("params", "param_memory"), recurrent_bias_values),
    (WORK, output_grid_values),
    (("buffers",), _buffer_values),
    (("memory",), _memory_values),
    (("memory",), tools.tool_memory),
    (("param_memory",), _weight_memory_values),
    (("params", "param_memory"), tools.tool_params),
    ((*SHAPES, *COUNTED), _rounding_values),
    ((*SHAPES, *COUNTED), _input_size_values),
    (COUNTED, _group_values),
    (("params", "param_memory", *WORK), _connection_table_values),
    ((*SHAPES, *WORK, "receptive_field"), _dilation_gap_values),
    ((*SHAPES, *WORK, "memory", "receptive_field"), _stride_values),
    ((*SHAPES, *COUNTED, "channels"), _variant_values),
    (("macs",), _connection_values),
    (WORK, _other_unit_values),
    (WORK, tools.tool_values),
)
"""The quantities that a convention applies to, and the values that it gives for a question."""
