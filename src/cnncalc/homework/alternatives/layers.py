"""Conventions about layers of one type: biases of recurrent layers, and the grid of transposed convolutions."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from cnncalc.analysis.conventions.torch import PER_MAC
from cnncalc.analysis.report import LayerReport
from cnncalc.core.counts import Op
from cnncalc.core.kinds import Kind
from cnncalc.core.translation import said
from cnncalc.homework.questions import Question


def rows_of(question: Question) -> tuple[LayerReport, ...]:
    """The layers that a question is about."""
    return question.network.rows if question.row is None else (question.row,)


def recurrent_bias_values(question: Question) -> Iterator[tuple[str, int]]:
    """One bias for each gate where the network has two, as in torch; or two where it has one.

    Source:  keras.layers.LSTM, SimpleRNN, and GRU with reset_after=False; torch.nn.LSTM, RNN and GRU
    """
    rows = [row for row in rows_of(question) if row.weights_from is None and row.kind is Kind.RECURRENT]
    params = sum(row.params for row in rows_of(question))
    per = question.network.dtype.nbytes if question.quantity == "param_memory" else 1
    second = sum(weight.numel for row in rows for weight in row.weights if weight.name.startswith("bias_hh"))
    single = [row for row in rows if row.layer.__dict__.get("bias") == "single"]
    if second:
        words = said("one bias for each gate, as in Keras (in its GRU, with reset_after=False); torch has two")
        yield words, per * (params - second)
    if single:
        more = sum(weight.numel for row in single for weight in row.weights if weight.name.startswith("bias"))
        yield said("two biases for each gate, as in torch"), per * (params + more)


def output_grid_values(question: Question) -> Iterator[tuple[str, int]]:
    """Transposed convolutions counted at every position that comes out, with or without the biases.

    Source:  torchinfo 1.8.0 and thop 0.1.1, which multiply the weights by the output's rows and columns
    """
    rows = rows_of(question)
    on_output = sum(map(_on_output_grid, rows))
    macs, biases = sum(row.macs for row in rows), sum(row.ops.of(Op.BIAS_ADD) for row in rows)
    if on_output:
        per = 1 if question.quantity == "macs" else PER_MAC
        words = said("transposed convolutions counted on the output grid, as torchinfo and thop do")
        yield words, per * (macs + on_output)
        yield said("{convention}, with the additions of biases", convention=words), per * (macs + on_output) + biases
        if per > 1:
            yield said("MACs, each of them one multiply and one add; {convention}", convention=words), macs + on_output


def _on_output_grid(row: LayerReport) -> int:
    """MACs that a transposed convolution has on the output grid beyond those on the input grid."""
    if row.kind is not Kind.TRANSPOSED_CONVOLUTION:
        return 0
    return row.macs // prod(row.inputs[0].spatial) * (prod(row.output.spatial) - prod(row.inputs[0].spatial))
