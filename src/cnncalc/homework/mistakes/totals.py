"""Mistakes in what is counted: units, bytes, batches, layers missing from a total, another input size."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from cnncalc.core.translation import said
from cnncalc.homework.mistakes.base import COUNTS, FILTERS, WEIGHTS, Case, Mistake, WrongAnswer, may_fit

BYTES = ("memory", "param_memory")

# Units


def _values_for_bytes(case: Case) -> Iterator[WrongAnswer]:
    nbytes = case.report.dtype.nbytes
    sentence = said(
        "That counts values. Each of them takes {n} bytes in {dtype}.", n=nbytes, dtype=case.report.dtype.value
    )
    yield WrongAnswer(Fraction(case.right, nbytes), sentence)
    if case.report.batch > 1:
        yield WrongAnswer(Fraction(case.right, nbytes * case.report.batch), sentence)


def _bits_for_bytes(case: Case) -> Iterator[WrongAnswer]:
    sentence = said("A byte has 8 bits: a value of {dtype} takes {n} bytes.", dtype=case.report.dtype.value,
                    n=case.report.dtype.nbytes)  # fmt: skip
    yield WrongAnswer(case.right * 8, sentence)
    if case.right % 8 == 0:
        yield WrongAnswer(case.right // 8, sentence)


def _batch_forgotten(case: Case) -> Iterator[WrongAnswer]:
    if case.report.batch > 1:
        sentence = said("The batch holds {n} images, and each has activations of its own.", n=case.report.batch)
        yield WrongAnswer(Fraction(case.right, case.report.batch), sentence)


def _batch_counted(case: Case) -> Iterator[WrongAnswer]:
    if case.report.batch > 1:
        sentence = (
            said("Parameters are stored once, however many images there are in a batch.")
            if case.quantity in (*WEIGHTS, "buffers")
            else said("Counts are for one image, not for a batch of {n}.", n=case.report.batch)
        )
        yield WrongAnswer(case.right * case.report.batch, sentence)


def _doubled_twice(case: Case) -> Iterator[WrongAnswer]:
    sentence = said("A MAC is one multiply and one add: FLOPs are twice the MACs, and only twice.")
    yield WrongAnswer(case.right * 2, sentence)


def _prefix_slipped(case: Case) -> Iterator[WrongAnswer]:
    """A power of a thousand too many or too few."""
    if isinstance(case.right, tuple) or isinstance(case.answer.value, tuple):
        return
    if abs(case.answer.value) < 10 * case.answer.step or not case.answer.value:
        return  # one digit matches too easily
    sentence = said("The digits are right, but not the power of ten: it is {right}.", right=_with_prefix(case.right))
    hint = said("The digits are right, but not the power of ten.")
    for power in (3, 6, 9, -3, -6, -9):
        yield WrongAnswer(case.right * Fraction(10) ** -power, sentence, hint=hint)


def _with_prefix(number: int) -> str:
    for power, prefix in ((9, "G"), (6, "M"), (3, "k")):
        if number >= 10**power:
            return f"{number / 10**power:.4g} {prefix}"
    return f"{number:,}"


def _units_1000_1024(case: Case) -> Iterator[WrongAnswer]:
    """Digits of the other kind of prefix: 553 MiB for 553 MB, or the reverse."""
    found = re.match(r"([kmgt])(i?)", case.answer.unit.strip().lower())
    if found is None:
        return
    prefix = found[1].upper()
    thousands, binaries = 1000 ** (1 + "KMGT".index(prefix)), 1024 ** (1 + "KMGT".index(prefix))
    facts = {"prefix": prefix, "binary": binaries, "decimal": thousands}
    if found[2]:
        sentence = said("{prefix}i stands for {binary:,}; these are the digits for {prefix}, {decimal:,}.", **facts)
        yield WrongAnswer(Fraction(case.right * binaries, thousands), sentence)
    else:
        sentence = said("{prefix} stands for {decimal:,}; these are the digits for {prefix}i, {binary:,}.", **facts)
        yield WrongAnswer(Fraction(case.right * thousands, binaries), sentence)


# Totals


def _layer_left_out(case: Case) -> Iterator[WrongAnswer]:
    yield from _one_layer_off(case, -1)


def _layer_counted_twice(case: Case) -> Iterator[WrongAnswer]:
    yield from _one_layer_off(case, 1)


def _one_layer_off(case: Case, sign: int) -> Iterator[WrongAnswer]:
    if case.of_layer:
        return
    rows = sorted(case.report.rows, key=lambda row: row.type == "linear", reverse=True)
    for row in rows:  # the classifier first: it is left out most often, even on purpose
        value = case.value_at(row)
        if not value or value == case.right or abs(value) < 2 * case.answer.step:
            continue
        other = case.right + sign * value
        if may_fit(case.answer, other, case.quantity):
            sentence = (
                said("{path} is missing, which has {n:,}.", path=row.path, n=value)
                if sign < 0
                else said("{path}, which has {n:,}, is counted twice.", path=row.path, n=value)
            )
            hint = (
                said("{path} is missing.", path=row.path)
                if sign < 0
                else said("{path} is counted twice.", path=row.path)
            )
            yield WrongAnswer(other, sentence, hint=hint)


def _kind_left_out(case: Case) -> Iterator[WrongAnswer]:
    for kind, value in _amounts_by_type(case, least=2).items():
        sentence = said("All layers of the type {kind} are missing: they have {n:,}.", kind=kind, n=value)
        hint = said("All layers of the type {kind} are missing.", kind=kind)
        yield WrongAnswer(case.right - value, sentence, hint=hint)


def _one_kind_only(case: Case) -> Iterator[WrongAnswer]:
    for kind, value in _amounts_by_type(case).items():
        yield WrongAnswer(value, said("That is only what the layers of the type {kind} have.", kind=kind))


def _amounts_by_type(case: Case, least: int = 1) -> dict[str, int]:
    """The sum over all layers of a type, for types with at least `least` layers that have any."""
    layers: dict[str, int] = defaultdict(int)
    found: dict[str, int] = defaultdict(int)
    if not case.of_layer:
        for row in case.report.rows:
            value = case.value_at(row)
            if value:
                found[row.type] += value
                layers[row.type] += 1
    return {
        kind: value
        for kind, value in found.items()
        if layers[kind] >= least and value != case.right and value > 2 * case.answer.step
    }


def _weights_counted_again(case: Case) -> Iterator[WrongAnswer]:
    """Shared weights that are counted for every layer that uses them."""
    if case.of_layer:
        return
    again = sum(
        weight.numel
        for row in case.report.rows
        if row.weights_from is not None
        for weight in row.weights
        if weight.trainable
    )
    if again:
        per = case.report.dtype.nbytes if case.quantity == "param_memory" else 1
        sentence = said("Layers that share weights have them only once: {n:,} are counted again.", n=again)
        yield WrongAnswer(case.right + again * per, sentence)


NUMBER_MISTAKES: tuple[Mistake, ...] = (
    Mistake("values_for_bytes", BYTES, _values_for_bytes),
    Mistake("batch_forgotten", ("memory",), _batch_forgotten),
    Mistake("batch_counted", (*FILTERS, "buffers"), _batch_counted),
    Mistake("bits_for_bytes", BYTES, _bits_for_bytes),
    Mistake("doubled_twice", ("flops",), _doubled_twice),
    Mistake("prefix_slipped", COUNTS, _prefix_slipped),
    Mistake("units_1000_1024", COUNTS, _units_1000_1024),
    Mistake("layer_left_out", COUNTS, _layer_left_out),
    Mistake("kind_left_out", COUNTS, _kind_left_out),
    Mistake("one_kind_only", COUNTS, _one_kind_only),
    Mistake("weights_counted_again", WEIGHTS, _weights_counted_again),
    Mistake("layer_counted_twice", COUNTS, _layer_counted_twice),
)
"""The likeliest first."""
