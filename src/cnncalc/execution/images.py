"""A picture as the input of a network: covering it, cropped in the middle, scaled and normalised as for ImageNet."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from cnncalc.core.errors import InputError, Span
from cnncalc.core.extras import require_packages
from cnncalc.core.messages import Phrase
from cnncalc.core.reasons import of_a_reader
from cnncalc.core.tensor import Shape, spell
from cnncalc.execution.state import check_readable
from cnncalc.execution.tally import Array

MEAN = (0.485, 0.456, 0.406)
DEVIATION = (0.229, 0.224, 0.225)
"""Of red, green and blue over ImageNet. Source: torchvision 0.28, IMAGENET1K weights' transforms."""

MODES = {1: ("L", Phrase("grey")), 3: ("RGB", Phrase("RGB"))}
"""What Pillow and what we call a picture of so many channels."""


class Picture(NamedTuple):
    """The values of a picture, and in words what was done to get them."""

    values: Array
    said: str


def check_shape(shape: Shape, span: Span | None = None) -> None:
    """Object to an input that a picture cannot fill.

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
    """A picture in the shape of an input.

    Errors:  not-for-images, missing-package, cannot-read, not-an-image
    """
    check_shape(shape, span)
    require_packages("PIL", extra="files", span=span)
    from PIL import Image, ImageOps, UnidentifiedImageError

    check_readable(path, span)
    channels, height, width = shape
    mode, colour = MODES[channels]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                upright = ImageOps.exif_transpose(opened)
                size = upright.size
                cropped = ImageOps.fit(_eight_bits(upright).convert(mode), (width, height), Image.Resampling.BILINEAR)
    except _NotCounted:
        raise _no_image(path, span, Phrase("its values are decimals of no known range")) from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _no_image(path, span, Phrase("it has too many pixels to be unpacked safely")) from None
    except UnidentifiedImageError:
        raise _no_image(path, span, Phrase("its format is unknown")) from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # SyntaxError is how Pillow calls a broken PNG
        raise _no_image(path, span, of_a_reader(error)) from None
    values: Array = np.asarray(cropped, np.float32).reshape(height, width, channels) / np.float32(255)
    if channels == 3:
        values = (values - np.array(MEAN, np.float32)) / np.array(DEVIATION, np.float32)
    facts = {"path": path, "size": f"{size[0]}×{size[1]}", "colour": colour, "to": f"{height}×{width}"}
    said = (
        Phrase(
            "{path} ({size} pixels, {colour}): resized and cropped to {to}, scaled to 0..1, "
            "ImageNet's mean and deviation",
            **facts,
        )
        if channels == 3
        else Phrase("{path} ({size} pixels, {colour}): resized and cropped to {to}, scaled to 0..1", **facts)
    )
    return Picture(values.transpose(2, 0, 1), said)


class _NotCounted(Exception):
    """Values of a picture are no whole numbers, of which the largest is white."""


def _eight_bits(image: Any) -> Any:
    """Sixteen bits per value brought to eight, which Pillow would clip; decimals it would cut off.

    Errors:  _NotCounted
    """
    if image.mode == "F":
        raise _NotCounted
    if not image.mode.startswith("I"):
        return image
    from PIL import Image

    return Image.fromarray((np.asarray(image).clip(0, 65535) // 257).astype(np.uint8))


def _no_image(path: str, span: Span | None, reason: str) -> InputError:
    return InputError.of(
        "not-an-image",
        "{path} is no picture that can be read: {reason}",
        span,
        help="give a PNG or JPEG file, or the values with `--array FILE.npy`",
        path=path,
        reason=reason,
    )
