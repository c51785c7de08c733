"""What is asked about a network, what was answered, and what became of it."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from typing import NamedTuple

from cnncalc.analysis.quantities import layer_quantities
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import Span
from cnncalc.explain.layer import Equation

SHAPES = ("output", "size", "channels")
"""What can be asked of what comes out; `size` is the output without its channels."""

FIELDS = ("receptive_field", "jump", "start")
"""What can be asked of the receptive field of a layer, and not of `total`."""


def askable() -> tuple[str, ...]:
    """What can be asked of a layer or a group; `memory` is that of the output and `param_memory` of the parameters."""
    return (*SHAPES, *(quantity.key for quantity in layer_quantities()), *FIELDS)


Extents = tuple[int | Fraction, ...]
"""A shape as it was given, the extents of which may be no whole numbers."""

Amount = int | Fraction | Extents
"""What is right."""


class Question(NamedTuple):
    """One quantity of one layer, or of the whole network where there is no layer.

    A group of layers is a network of its own.
    """

    network: Report
    ask: str  # as it was written: `conv1_1.params`
    quantity: str
    row: LayerReport | None


class Answer(NamedTuple):
    """What somebody gave: a number to some digits, or a shape.

    `unit` is as written ("", "k", "M", "G", "MiB", "GFLOPs" ...); `value` has it multiplied in. `step` is the weight of
    the last digit given: 15.5 G has a step of 10⁸, and is right for whatever rounds to it. `counts` is what the unit
    counts where that is not what was asked for: no such answer is right.
    """

    text: str
    value: Fraction | Extents
    step: Fraction = Fraction(1)
    unit: str = ""
    span: Span | None = None
    counts: str = ""


class Reading(NamedTuple):
    """The right value under another convention, and the convention in words.

    What a prefix makes of it is for answers with that prefix alone. `hint` says it where the right value stays hidden,
    and the convention would tell. A `printed` value may stand in a paper with its last digits cut off.
    """

    convention: str
    value: int | Extents
    prefix: str = ""
    hint: str = ""
    printed: bool = False


class Slip(NamedTuple):
    """A known mistake: what it makes of this very question, the sum that leads there, and what is wrong with it.

    `hint` says what is wrong where the right value stays hidden, and the sentence would tell.
    """

    name: str  # stable: bias_forgotten
    value: Fraction | Extents
    sentence: str  # in the reader's language
    line: Equation | None = None
    hint: str = ""


class Verdict(Enum):
    """What a mark says."""

    RIGHT = "right"
    CONVENTION = "convention"  # right under another convention
    WRONG = "wrong"


class Mark(NamedTuple):
    """One answer, marked; `slips` are the mistakes that would give it, the likeliest first, if they were `searched`."""

    question: Question
    answer: Answer
    expected: Amount
    verdict: Verdict
    reading: Reading | None = None
    slips: tuple[Slip, ...] = ()
    searched: bool = False


def fits(answer: Answer, exact: Amount) -> bool:
    """Whether an answer is this value: exactly, or rounded to the digits that were given. Nothing rounds to nothing."""
    if isinstance(exact, tuple) or isinstance(answer.value, tuple) or not answer.value:
        return answer.value == exact
    return abs(Fraction(exact) - answer.value) <= answer.step / 2


def is_coarse(answer: Answer) -> bool:
    """Whether an answer is one digit and a prefix, to which too much rounds."""
    return not isinstance(answer.value, tuple) and answer.step > 1 and abs(answer.value) < 10 * answer.step


def is_cut_off(answer: Answer, exact: Amount) -> bool:
    """Whether an answer is this value with its last digits left out, where rounding would take the one before up."""
    if isinstance(exact, tuple) or isinstance(answer.value, tuple) or answer.step <= 1 or is_coarse(answer):
        return False
    return answer.value + answer.step / 2 < exact < answer.value + answer.step
