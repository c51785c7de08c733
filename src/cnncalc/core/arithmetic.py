"""Arithmetic that the rules share. It works on `int`, on `Term` and on integer arrays alike."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from cnncalc.core.errors import Fault
from cnncalc.core.translation import Phrase

LARGEST = 2**31 - 1
"""Largest size, count or extent in a description: the frameworks index with 32 bits."""


def require(condition: Any, code: str, message: str, **details: Any) -> None:
    """Raise `Fault(code, message, **details)` unless the condition holds (for an array: everywhere)."""
    if not (condition if condition is True or condition is False else condition.all()):
        raise Fault(code, message, **details)


def choose(condition: Any, yes: Any, no: Any) -> Any:
    """`yes if condition else no`, element by element if the condition is an array."""
    if condition is True or condition is False:
        return yes if condition else no
    return condition * yes + (1 - condition) * no


def ceil_div(dividend: Any, divisor: Any) -> Any:
    """⌈dividend / divisor⌉ in integer arithmetic."""
    ceiling = getattr(dividend, "ceil_div", None)
    return ceiling(divisor) if ceiling else -(-dividend // divisor)


def exact_div(dividend: Any, divisor: Any) -> Any:
    """dividend / divisor in integer arithmetic, for divisions without a remainder."""
    division = getattr(dividend, "exact_div", None)
    return division(divisor) if division else dividend // divisor


def times(factor: int | Fraction, number: Any) -> Any:
    """factor · number, for products that are whole."""
    product = factor.numerator * number
    return product if factor.denominator == 1 else exact_div(product, factor.denominator)


def at_least_zero(number: Any) -> Any:
    """max(number, 0)."""
    return choose(number > 0, number, 0)


def padding_total(before: Any, after: Any) -> Any:
    """Rows of padding on both sides, added up."""
    return 2 * before if before is after else before + after


def window_count(size: Any, kernel: Any, stride: Any, before: Any, after: Any, dilation: Any, axis: str) -> Any:
    """Number of windows that fit: ⌊(n + p − d·(k − 1) − 1) / s⌋ + 1.

    Errors:  window-does-not-fit
    Source:  Dumoulin & Visin, A guide to convolution arithmetic for deep learning (2016), relationship 6, with dilation
    """
    reach = size + padding_total(before, after) - dilation * (kernel - 1) - 1
    _require_window(reach >= 0, size, kernel, before, after, dilation, axis)
    return reach // stride + 1


def window_count_ceil(
    size: Any, kernel: Any, stride: Any, before: Any, after: Any, dilation: Any, axis: str, drops: Any = True
) -> Any:
    """`window_count` rounded up; a last window that would start beyond the input and its left padding may be dropped.

    Errors:  window-does-not-fit, if the first window reaches a whole stride or more beyond the padded input
    Source:  torch.nn.MaxPool2d, `ceil_mode`
    """
    reach = size + padding_total(before, after) - dilation * (kernel - 1) - 1
    _require_window(reach + stride > 0, size, kernel, before, after, dilation, axis)
    count = ceil_div(reach, stride) + 1
    return choose(drops & ((count - 1) * stride >= size + before), count - 1, count)


def _require_window(fits: Any, size: Any, kernel: Any, before: Any, after: Any, dilation: Any, axis: str) -> None:
    require(
        fits,
        "window-does-not-fit",
        "the window spans {span} {axis}, but its padded input has {padded}",
        option="kernel_size",
        label="{span} {axis}; input is {size} + {padding} of padding",
        help="a smaller kernel_size or dilation, more padding, or a larger input would fit",
        span=dilation * (kernel - 1) + 1,
        axis=axis,
        padded=size + before + after,
        size=size,
        padding=before + after,
    )


def axis_name(axis: int, axes: int) -> str:
    """The unit of a spatial axis: rows and columns of a map, frames of a volume, steps of a sequence."""
    return _AXIS_NAMES[axes - 1][axis]


_ROWS, _COLUMNS = Phrase("rows"), Phrase("columns")
_AXIS_NAMES = ((Phrase("steps"),), (_ROWS, _COLUMNS), (Phrase("frames"), _ROWS, _COLUMNS))
