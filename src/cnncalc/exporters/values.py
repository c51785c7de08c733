"""Values of a run as JSON: one line for every row of numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cnncalc.core.errors import Diagnostic, InputError
from cnncalc.exporters.escaping import json_text
from cnncalc.exporters.json import warning_objects

MOST_VALUES = 2**24
"""Most values that are written as text, some 350 MB."""

_AT_ONCE = 2**16
"""Values that are converted to decimals at once: NumPy takes 128 bytes for each as text."""


def values_json(name: str, outputs: Mapping[str, Any], warnings: Sequence[Diagnostic] = ()) -> str:
    """Every output by path, with its shape and its values as nested lists.

    Errors:  too-many-values
    """
    count = sum(array.size for array in outputs.values())
    if count > MOST_VALUES:
        raise InputError.of(
            "too-many-values",
            "{count:,} values are more than the {most:,} that are written as JSON",
            help="write them to a file that ends in .npy or .npz",
            count=count,
            most=MOST_VALUES,
        )
    parts = [
        f'    {json_text(path)}: {{\n      "shape": {json.dumps(list(array.shape))},\n'
        f'      "values": {_nested_lists(array, "      ")}\n    }}'
        for path, array in outputs.items()
    ]
    inside = ",\n".join(parts)
    warned = json_text(warning_objects(warnings), 2).replace("\n", "\n  ")
    return f'{{\n  "name": {json_text(name)},\n  "outputs": {{\n{inside}\n  }},\n  "warnings": {warned}\n}}\n'


def _nested_lists(array: Any, indent: str) -> str:
    if array.ndim < 2 or not array.size:
        return _row(_decimals(array))
    inside = f",\n{indent}  ".join(_parts(array, indent + "  "))
    return f"[\n{indent}  {inside}\n{indent}]"


def _parts(array: Any, indent: str) -> Iterator[str]:
    """Each part along the first axis; rows are converted to decimals several at a time."""
    step = _AT_ONCE * len(array) // array.size
    if array.ndim > 2 or not step:
        yield from (_nested_lists(part, indent) for part in array)
        return
    for start in range(0, len(array), step):
        yield from map(_row, _decimals(array[start : start + step]))


def _decimals(array: Any) -> Any:
    """Nested lists of the shortest decimals for each float32: 0.1, not 0.10000000149011612."""
    return array.astype(str).astype(float).tolist()


def _row(values: Any) -> str:
    """A row of numbers; infinities and NaN, which JSON lacks, are null."""
    try:
        return json.dumps(values, allow_nan=False)
    except ValueError:
        return json.dumps([value if abs(value) < float("inf") else None for value in values])
