"""What numbers are asked for in Python: a batch size, and an element type and a convention by value or by name."""

from __future__ import annotations

from typing import Any

from cnncalc.analysis.conventions import convention
from cnncalc.analysis.conventions.base import Convention
from cnncalc.core.arithmetic import LARGEST
from cnncalc.core.call_site import caller
from cnncalc.core.errors import InputError
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import DType
from cnncalc.core.translation import Listed


def batch_size(given: Any) -> int:
    """The number of images in a batch.

    Errors:  bad-batch
    """
    if hasattr(given, "__index__") and 1 <= given.__index__() <= LARGEST:
        return int(given)
    raise InputError.of(
        "bad-batch",
        "a batch has from 1 to {most:,} images, not {batch}",
        caller(),
        help="write `batch=32`",
        most=LARGEST,
        batch=repr(given),
    )


def element_type(given: Any) -> DType:
    """An element type, or the one of this name, as `float16` or `torch.float16`.

    Errors:  unknown-dtype
    """
    if isinstance(given, DType):
        return given
    names = [one.value for one in DType]
    text = getattr(given, "__name__", str(given))
    if text.rpartition(".")[2] in names:
        return DType(text.rpartition(".")[2])
    raise InputError.of(
        "unknown-dtype",
        "there is no element type `{name}`",
        caller(),
        help=did_you_mean(text, names, "element types are {known}"),
        name=text,
        known=Listed(names, ","),
    )


def counting(given: Any) -> Convention:
    """A convention, or the one of this name.

    Errors:  unknown-convention
    """
    return given if isinstance(given, Convention) else convention(str(given), caller())
