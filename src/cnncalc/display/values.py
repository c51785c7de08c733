"""`cnncalc run` on a screen: small arrays in full, large ones in summary.

Arrays are NumPy's, used by their methods alone, so that this module does not import NumPy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import floor, isfinite, log10
from typing import Any

from rich.console import Console
from rich.text import Text

from cnncalc.analysis.report import Report
from cnncalc.analysis.table import heading
from cnncalc.core.tensor import spell
from cnncalc.core.translation import Listed, said
from cnncalc.display.ledger import facts
from cnncalc.display.screen import one_line

MOST_IN_FULL = 200
"""Most values of an array that is printed in full."""

LARGEST_SHOWN = 5
CORNER = (4, 6)
"""Rows and columns of the corner of a large map that are printed."""

MOST_IMAGES = 8
"""Images of a batch that are printed."""

DIGITS = 6
"""Significant digits of the largest value."""

EXACT = 2.0**24
"""Integers up to here are exact in float32."""


def show(
    console: Console,
    report: Report,
    outputs: Mapping[str, Any],
    sources: Sequence[tuple[str, str]],
    *,
    batched: bool = False,
) -> None:
    """Print a title, the sources of input and weights, and every output."""
    named = report.graph.metadata.title or report.graph.name
    each = (
        spell(shape) if len(report.graph.inputs) == 1 else f"{name} {spell(shape)}"
        for name, shape in report.graph.inputs.items()
    )
    inputs = Listed(each, ",")
    console.print(one_line(heading(named, inputs, report), "bold"), end="\n\n")
    console.print(facts(sources), end="")
    for path, array in outputs.items():
        console.print()
        console.print(Text(path, "bold cyan").append(f" · {spell(array.shape)}", "bold"))
        for label, one in _images(array, batched):
            if label:
                console.print(Text(label, "cyan"))
            console.print(Text("\n".join(_lines(one, console.width))), soft_wrap=True)


def _images(array: Any, batched: bool) -> Iterator[tuple[str, Any]]:
    """The first images of a batch and the last, with labels."""
    if not batched:
        yield "", array
        return
    for number in range(min(len(array), MOST_IMAGES)):
        yield said("image {number}", number=number), array[number]
    if len(array) > MOST_IMAGES:
        rest, last = len(array) - MOST_IMAGES, len(array) - 1
        yield said("... and {rest:,} more; the last is image {last}", rest=rest, last=last), array[-1]


def _lines(array: Any, width: int) -> list[str]:
    """An array in full, or in summary if it is large or too wide."""
    if array.ndim > 1 and all(n == 1 for n in array.shape[1:]):  # classes after a global pool, C×1×1
        array = array.reshape(-1)
    if array.size <= MOST_IN_FULL:
        if array.ndim < 2:
            return _vector(array, width)
        full = _maps(array)
        if max(map(len, full)) <= width:
            return full
    return _summary_lines(array, width)


def _vector(array: Any, width: int) -> list[str]:
    """Values of a vector; several lines are labelled with the index of their first value."""
    cells = number_texts(array.reshape(-1).tolist())
    gutter = len(str(len(cells))) + 3
    if sum(len(cell) + 1 for cell in cells) - 1 <= width:
        return [" ".join(cells)]
    per_line = max(1, (width - gutter + 1) // (len(cells[0]) + 1))
    if per_line >= 10:
        per_line -= per_line % 10
    return [
        f"[{start}]".rjust(gutter - 1) + " " + " ".join(cells[start : start + per_line])
        for start in range(0, len(cells), per_line)
    ]


def _maps(array: Any) -> list[str]:
    """Every map row by row, with its index above."""
    cells = number_texts(array.reshape(-1).tolist())
    *leading, rows, columns = array.shape
    maps = _product(leading)
    lines = []
    for number, index in enumerate(maps):
        if len(maps) > 1:
            lines += [""] * bool(number) + [f"[{', '.join(map(str, index))}]"]
        for row in range(rows):
            start = (number * rows + row) * columns
            lines.append(" ".join(cells[start : start + columns]))
    return lines


def _product(extents: Sequence[int]) -> list[tuple[int, ...]]:
    found: list[tuple[int, ...]] = [()]
    for extent in extents:
        found = [(*index, n) for index in found for n in range(extent)]
    return found


def _summary_lines(array: Any, width: int) -> list[str]:
    """Smallest, mean and largest value, and the largest classes of a vector or the corner of a map."""
    least, mean, most = float(array.min()), float(array.mean(dtype=float)), float(array.max())
    lines = [
        said(
            "min {least}  mean {mean}  max {most}",
            least=_text(least),
            mean=_text(mean),
            most=_text(most),
        )
    ]
    if array.ndim == 1:
        order = (-array).argsort(kind="stable")[:LARGEST_SHOWN].tolist()
        cells = number_texts([float(array[index]) for index in order])
        places = max(len(str(index)) for index in order)
        lines.append(said("largest {n} of {size:,}, by index", n=len(order), size=array.size))
        lines += [f"{index:>{places}}  {cell}" for index, cell in zip(order, cells, strict=True)]
        return lines
    first = array[(0,) * (array.ndim - 2)]
    rows, columns = CORNER
    while True:
        corner = first[:rows, :columns]
        cells = number_texts(corner.reshape(-1).tolist())
        across = corner.shape[1]
        more = " ..." if first.shape[1] > across else ""
        if across == 1 or (len(cells[0]) + 1) * across + len(more) <= width:
            break
        columns -= 1
    index = ", ".join("0" * (array.ndim - 2))
    lines.append(said("corner of [{index}]", index=index) if index else said("corner"))
    lines += [" ".join(cells[start : start + across]) + more for start in range(0, len(cells), across)]
    return lines + (["..."] if first.shape[0] > rows else [])


def _text(value: float) -> str:
    return number_texts([value])[0]


def number_texts(numbers: Sequence[float]) -> list[str]:
    """Numbers as texts of equal width, with as few decimals as they need."""
    finite = [number for number in numbers if isfinite(number)]
    style = _format_of(finite)
    written = [style.format(0.0 if number == 0 else number) for number in numbers]  # no negative zero
    width = max(map(len, written), default=0)
    return [text.rjust(width) for text in written]


def _format_of(finite: Sequence[float]) -> str:
    largest = max(map(abs, finite), default=0.0)
    if all(number == round(number) for number in finite) and largest <= EXACT:
        return "{:.0f}"
    power = floor(log10(largest))
    if not -4 <= power <= DIGITS:
        return f"{{:.{DIGITS - 1}e}}"
    most = max(1, DIGITS - 1 - power)
    for decimals in range(1, most):
        if all(abs(round(number, decimals) - number) <= 1e-7 * abs(number) for number in finite):
            return f"{{:.{decimals}f}}"
    return f"{{:.{most}f}}"
