"""Whose count a published number is: conventions, and other inputs or variants, that give it at its digits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cnncalc.analysis.conventions.base import Convention, Number, Unit
from cnncalc.analysis.infer import analyze
from cnncalc.analysis.reconcile import Reconciliation
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import with_separators
from cnncalc.core.errors import COMMAND_LINE, InputError, Source, Span
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Listed, Phrase, said
from cnncalc.homework import recount
from cnncalc.homework.alternatives import rebuilds, variants
from cnncalc.homework.questions import Answer, fits, is_cut_off
from cnncalc.homework.reading.numbers import read_answer, with_binary_prefix
from cnncalc.language.collection import families
from cnncalc.language.load import load

SIDES = (28, 32, 64, 96, 128, 160, 192, 224, 227, 240, 256, 288, 299, 300, 320, 384, 416, 448, 512, 608, 640, 800)
"""Sides of square inputs at which networks are published."""


class Attribution(NamedTuple):
    """A convention that gives a number, for a network that is described by `of` where it is not the one asked about."""

    convention: Convention
    total: Number
    name: str
    input: Shape
    of: str = ""
    is_cut: bool = False  # the number is the total with its last digits cut off


def read_claim(text: str, span: Span, *, memory: bool) -> list[Answer]:
    """The readings of a number: with MB as 10⁶ and as 2²⁰ bytes.

    Errors:  bad-answer, wrong-unit
    """
    answer = read_answer(text, "memory" if memory else "flops", span)
    if not memory and answer.counts == "bytes":
        raise InputError.of(
            "bad-answer",
            "`{text}` is a number of bytes",
            span,
            help="write `--memory --claim {claim}`",
            text=text,
            claim=text.replace(" ", ""),
        )
    if not isinstance(answer.value, tuple) and answer.value <= 0:
        raise InputError.of(
            "bad-answer",
            "`{text}` is no count: a count is more than 0",
            span,
            help="write it as `218.78 MB`" if memory else "write it as `4.12G` or `4121925096`",
            text=text,
        )
    if isinstance(answer.value, tuple) or answer.counts:
        raise InputError.of(
            "bad-answer",
            "`{text}` is not a number",
            span,
            help="write it as `218.78 MB`" if memory else "write it as `4.12G` or `4121925096`",
            text=text,
        )
    binary = with_binary_prefix(answer) if memory else None
    return [answer, *([binary] if binary is not None else [])]


def attributions(readings: Sequence[Answer], report: Report, conventions: Sequence[Convention]) -> list[Attribution]:
    """What gives a number: the network itself, else at another input size, else a variant of it."""
    found = list(_matches(readings, report, conventions))
    if found or parameter_counts(readings, report, conventions):
        return found
    for others in (_other_sizes(report), _variants(report)):
        found = [one._replace(of=words) for words, other in others for one in _matches(readings, other, conventions)]
        if found:
            return [one for one in found if not one.is_cut] or found
    return []


def parameter_counts(readings: Sequence[Answer], report: Report, conventions: Sequence[Convention]) -> list[int]:
    """The numbers of parameters that are the number, each once."""
    if any(one.unit is Unit.BYTE for one in conventions):
        return []
    counts = dict.fromkeys(sum(map(one.params, report.rows)) for one in conventions)
    return [count for count in counts if any(fits(one, count) for one in readings)]


def meant_claims(
    claim: str, readings: Sequence[Answer], report: Report, conventions: Sequence[Convention]
) -> list[str]:
    """A number without a unit as it may be meant: with the units under which it is a count of the network."""
    if readings[0].unit or "e" in claim.lower():
        return []
    memory = any(one.unit is Unit.BYTE for one in conventions)
    meant = []
    for unit in ("MB", "GB") if memory else ("G", "M", "k"):
        span = Span(Source(COMMAND_LINE, claim), 1, 1, 1)
        scaled = read_claim(f"{claim.strip()}{unit}", span, memory=memory)
        if any(True for one in _matches(scaled, report, conventions) if not one.is_cut):
            meant.append(f"{claim.strip()}{unit}")
    return meant


def _matches(readings: Sequence[Answer], report: Report, conventions: Sequence[Convention]) -> Iterator[Attribution]:
    sides = Reconciliation(report, conventions).sides()
    shape = next(iter(report.graph.inputs.values()))
    exactly = [side for side in sides if side.total is not None and any(fits(one, side.total) for one in readings)]
    cut = [side for side in sides if side.total is not None and any(is_cut_off(one, side.total) for one in readings)]
    for side in exactly or cut:
        assert side.total is not None
        yield Attribution(side.convention, side.total, report.graph.name, shape, is_cut=not exactly)


def _other_sizes(report: Report) -> Iterator[tuple[str, Report]]:
    shapes = list(report.graph.inputs.values())
    if len(shapes) != 1 or len(shapes[0]) != 3:
        return
    for side in SIDES:
        other = recount.at_size(report, (side, side)) if shapes[0][1:] != (side, side) else None
        if other is not None:
            yield Phrase("input {size}", size=f"{side}×{side}"), other


def _variants(report: Report) -> Iterator[tuple[str, Report]]:
    moved = rebuilds.strides_first(report)
    first = None if moved is None else recount.with_options(report, "strides first", moved)
    if first is not None:
        yield Phrase("strides in the first 1×1 convolution of a block, as in the ResNet of 2015"), first
    own = report.graph.name
    together = [names for names in families().values() if own in names]
    others = [*(name for name, _title in variants.variants_of(own)), *(name for names in together for name in names)]
    for name in dict.fromkeys(others):
        if name != own:
            yield Phrase("the variant `{name}`", name=name), analyze(load(name), batch=report.batch)


def sentences(
    claim: str, found: Sequence[Attribution], params: Sequence[int] = (), meant: Sequence[str] = ()
) -> list[str]:
    """Whose number a claim is, in words; else whether it is one of parameters, or how it may be meant."""
    if not found and params:
        numbers = Listed([with_separators(one) for one in params], ",")
        return [said("{claim} is a number of parameters: {numbers}.", claim=claim, numbers=numbers)]
    if not found:
        unknown = said("{claim} is no count that is known here, at other usual inputs or in variants.", claim=claim)
        again = (said("With its unit it is one: `--claim {meant}`.", meant=one) for one in meant)
        return [unknown, *again]
    said_so = []
    for one in found:
        number = with_separators(one.total)
        sentence = said("{claim} is {name}'s count: {number}", claim=claim, name=one.convention.name, number=number)
        if one.is_cut:
            sentence = said("{sentence}, cut off and not rounded", sentence=sentence)
        if one.of:
            sentence = said("{sentence}, for {of}", sentence=sentence, of=one.of)
        said_so.append(said("{sentence}.", sentence=sentence))
    return said_so
