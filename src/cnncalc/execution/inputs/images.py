"""An image as the input of a network: resized, cropped at the centre, scaled and normalised as for ImageNet."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.errors import InputError, Span
from cnncalc.core.extras import require_packages
from cnncalc.core.os_errors import reader_reason, system_reason
from cnncalc.core.tensor import Shape, spell
from cnncalc.core.translation import Phrase
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.inputs import decoder
from cnncalc.execution.inputs.decoder import MOST_PIXELS, MOST_SECONDS
from cnncalc.execution.inputs.files import open_file

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
"""Per channel over ImageNet. Source: torchvision 0.28, transforms of the IMAGENET1K weights."""

MODES = {1: ("L", Phrase("grey")), 3: ("RGB", Phrase("RGB"))}
"""Number of channels -> Pillow's mode, and its name in messages."""

MOST_FILE_BYTES = 4 * MOST_PIXELS
"""The uncompressed size of the largest image; some decoders read the whole file at once."""


class Picture(NamedTuple):
    """The values of an image, and how they were computed, in words."""

    values: Array
    description: str


def check_shape(shape: Shape, span: Span | None = None) -> None:
    """Reject an input that is not the shape of an image.

    Errors:  not-for-images
    """
    if len(shape) != 3 or shape[0] not in MODES:
        raise InputError.of(
            "not-for-images",
            "a picture has 1 or 3 channels, rows and columns, but the input is {shape}",
            span,
            help="give the values with `--array FILE.npy`",
            shape=spell(shape),
        )


def picture(path: str, shape: Shape, span: Span | None = None) -> Picture:
    """An image in the shape of an input.

    Errors:  not-for-images, missing-package, cannot-read, not-an-image
    """
    check_shape(shape, span)
    require_packages("PIL", extra="files", span=span)
    channels, height, width = shape
    mode, colour = MODES[channels]
    try:
        size, pixels = _decode(path, mode, width, height, span)
    except _Unreadable as error:
        raise InputError.of(
            "not-an-image",
            "{path} is no picture that can be read: {reason}",
            span,
            help="give a PNG or JPEG file of at most {most:,} pixels, or the values with `--array FILE.npy`",
            path=path,
            reason=error.args[0],
            most=MOST_PIXELS,
        ) from None
    values: Array = np.frombuffer(pixels, np.uint8).reshape(height, width, channels).astype(np.float32)
    values /= np.float32(255)
    if channels == 3:
        values -= np.array(MEAN, np.float32)
        values /= np.array(DEVIATION, np.float32)
    facts = {"path": path, "size": _size_text(size), "colour": colour, "to": f"{height}×{width}"}
    description = (
        Phrase(
            "{path} ({size} pixels, {colour}): resized and cropped to {to}, scaled to 0..1, "
            "ImageNet's mean and deviation",
            **facts,
        )
        if channels == 3
        else Phrase("{path} ({size} pixels, {colour}): resized and cropped to {to}, scaled to 0..1", **facts)
    )
    return Picture(values.transpose(2, 0, 1), description)


class _Unreadable(Exception):
    """A file cannot be read as an image; the argument is the reason, a phrase."""


def _decode(path: str, mode: str, width: int, height: int, span: Span | None) -> tuple[tuple[int, ...], bytes]:
    """Decode an image: its width and height, and the pixels after it was resized and cropped.

    Errors:  cannot-read, _Unreadable
    """
    with open_file(path, span) as file:
        if file.nbytes > MOST_FILE_BYTES:
            raise _Unreadable(Phrase("it has {n:,} bytes, more than {most:,}", n=file.nbytes, most=MOST_FILE_BYTES))
        try:
            done = subprocess.run(
                [sys.executable, "-P", decoder.__file__, mode, str(width), str(height)],
                stdin=file.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=MOST_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _Unreadable(Phrase("unpacking it takes longer than {n} seconds", n=MOST_SECONDS)) from None
        except OSError as error:
            raise _Unreadable(system_reason(error)) from None
    line, _, pixels = done.stdout.partition(b"\n")
    answer: dict[str, Any] = json.loads(line) if done.returncode == 0 else {"refused": ["crash"]}
    if "refused" in answer:
        raise _Unreadable(_reason(*answer["refused"]))
    return tuple(answer["size"]), pixels


def _reason(word: str, *facts: Any) -> str:
    """Why the decoder refused an image, in words."""
    if word == "format":
        return Phrase("it does not begin as PNG, JPEG, GIF, BMP, TIFF or WebP files do")
    if word == "pixels":
        return Phrase("it has {size} pixels, and at most {most:,} are read", size=_size_text(facts), most=MOST_PIXELS)
    if word == "decimals":
        return Phrase("its values are decimals of no known range")
    if word == "memory":
        return Phrase("unpacking it takes more memory than there is for a picture of its size")
    if word == "crash":
        return Phrase("unpacking it makes the decoder crash")
    return reader_reason(ValueError(*facts))


def _size_text(size: tuple[int, ...]) -> str:
    """Width and height of an image, in words."""
    return "×".join(map(str, size))
