"""Questions about a network, answers, and marks."""

from __future__ import annotations

from enum import Enum
from fractions import Fraction
from typing import NamedTuple

from cnncalc.analysis.quantities import layer_quantities
from cnncalc.analysis.report import LayerReport, Report
from cnncalc.core.errors import Span
from cnncalc.explain.layer import Equation

SHAPES = ("output", "size", "channels")
"""Quantities of the output; `size` is its shape without the channels."""

FIELDS = ("receptive_field", "jump", "start")
"""Quantities of a layer's receptive field, which `total` does not have."""


def askable_quantities() -> tuple[str, ...]:
    """Quantities that can be asked for; `memory` is that of the output, `param_memory` that of the parameters."""
    return (*SHAPES, *(quantity.key for quantity in layer_quantities()), *FIELDS)


Extents = tuple[int | Fraction, ...]
"""A shape as it was given, whose extents may be fractions."""

Amount = int | Fraction | Extents
"""The value of a question: a number or a shape."""


class Question(NamedTuple):
    """One quantity of one layer, or of the whole network if there is no layer.

    A group of layers is a network of its own.
    """

    network: Report
    ask: str  # as it was written: `conv1_1.params`
    quantity: str
    row: LayerReport | None


def place_of(question: Question) -> str:
    """The layer or the range of layers that a question is about."""
    rows = question.network.rows
    return question.row.path if question.row is not None else f"{rows[0].path}…{rows[-1].path}"


def key_of(question: Question) -> str:
    """What identifies a question about a network, however it is worded."""
    return f"{place_of(question)}.{question.quantity}"


class Answer(NamedTuple):
    """An answer as it was given: a number to some digits, or a shape.

    `unit` is as written ("", "k", "M", "G", "MiB", "GFLOPs" ...); `value` has it multiplied in. `step` is the weight of
    the last digit: 15.5 G has a step of 10⁸, and is right for every value that rounds to it. `counts` is what the unit
    counts, if that is not what was asked for: such an answer is never right.
    """

    text: str
    value: Fraction | Extents
    step: Fraction = Fraction(1)
    unit: str = ""
    span: Span | None = None
    counts: str = ""

    @property
    def is_given(self) -> bool:
        """Whether something was answered."""
        return self.text != ""


class Alternative(NamedTuple):
    """A value that is right under another convention, and the convention in words.

    One with a `prefix` is for answers with that prefix alone. `hint` replaces `convention` where the right value stays
    hidden, and the convention would reveal it. A `printed` value may stand in a paper with its last digits cut off. One
    that is `assumed` supposes something about other layers, and gives way to a mistake in the layer itself.
    """

    convention: str
    value: int | Extents
    prefix: str = ""
    hint: str = ""
    printed: bool = False
    assumed: bool = False


class Slip(NamedTuple):
    """A known mistake in this very question: the value that it gives, what is wrong, and the equation that leads there.

    `hint` replaces `sentence` where the right value stays hidden, and the sentence would reveal it.
    """

    name: str  # stable: bias_forgotten
    value: Fraction | Extents
    sentence: str  # in the reader's language
    equation: Equation | None = None
    hint: str = ""


class Verdict(Enum):
    """The result of marking an answer."""

    RIGHT = "right"
    CONVENTION = "convention"  # right under another convention
    WRONG = "wrong"


SIGNS = {Verdict.RIGHT: "✓", Verdict.CONVENTION: "≈", Verdict.WRONG: "✗"}


class Mark(NamedTuple):
    """One answer, marked; `slips` are the mistakes that give it, the likeliest first, if they were `searched` for."""

    question: Question
    answer: Answer
    expected: Amount
    verdict: Verdict
    alternative: Alternative | None = None
    slips: tuple[Slip, ...] = ()
    searched: bool = False
    excuse: Alternative | None = None  # a convention that only other answers make likely
    diagnosis: tuple[str, ...] = ()  # what to tell who gave it


def fits(answer: Answer, exact: Amount) -> bool:
    """Whether an answer is this value, exactly or rounded to the digits that were given. No value rounds to 0."""
    if isinstance(exact, tuple) or isinstance(answer.value, tuple) or not answer.value:
        return answer.value == exact
    return abs(Fraction(exact) - answer.value) <= answer.step / 2


def is_coarse(answer: Answer) -> bool:
    """Whether an answer is one digit and a prefix, to which too many values round."""
    return not isinstance(answer.value, tuple) and answer.step > 1 and abs(answer.value) < 10 * answer.step


def is_cut_off(answer: Answer, exact: Amount) -> bool:
    """Whether an answer is this value with its last digits cut off, where rounding would have gone up."""
    if isinstance(exact, tuple) or isinstance(answer.value, tuple) or answer.step <= 1 or is_coarse(answer):
        return False
    return answer.value + answer.step / 2 < exact < answer.value + answer.step
