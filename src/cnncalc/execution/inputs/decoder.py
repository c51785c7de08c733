"""Decodes one picture in a process of its own, started by `images`: whatever a hostile file does there ends there.

It is run by its path and imports Pillow alone. What it writes is a line of JSON, and the pixels behind it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")
"""Those that Pillow decodes itself; for some others it starts a program, as Ghostscript for EPS."""

MOST_PIXELS = 64_000_000

PIXEL_BYTES = 24
"""Memory for every pixel: Pillow has four bytes in its picture and four in what it makes of it, decoders have more."""

CANVAS_BYTES = 8 * MOST_PIXELS
"""What the decoder of WebP takes before anybody has seen a size."""

BASE_BYTES = 256 << 20
"""Memory for everything else."""

MOST_SECONDS = 60
"""Most pictures take less than one, and the largest take five."""

ORIENTATION = 0x0112
"""The tag of EXIF that says how the camera was held."""


class Refused(Exception):
    """Why a picture is not decoded: a word, and what belongs to it."""


def main(mode: str, width: int, height: int) -> None:
    """Decode the file on standard input, resize it until it covers so many pixels, and crop it in the middle."""
    signal.alarm(MOST_SECONDS + 1)  # who waits for this may be gone
    answer: dict[str, Any] = {}
    pixels = b""
    try:
        image = _opened(8 * width * height)  # resized in one direction, and in both
        image.load()
        image = _turned(image)
        answer["size"] = image.size
        image = _converted(image, mode)
        from PIL import Image, ImageOps

        pixels = ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR).tobytes()
    except Refused as refused:
        answer["refused"] = refused.args
    except MemoryError:
        answer["refused"] = ["memory"]
    except Exception as error:  # a decoder raises what its authors did not think of
        answer["refused"] = ["damaged", str(error).partition("\n")[0] or type(error).__name__]
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + pixels)


def _opened(result_bytes: int) -> Any:
    """A picture that is not unpacked yet, and the memory bounded to what unpacking one of its size may take.

    Errors:  Refused, and whatever Pillow thinks of
    """
    file = os.fdopen(os.dup(0), "rb")  # Pillow takes 0 for no descriptor
    besides = BASE_BYTES + 2 * os.fstat(file.fileno()).st_size + result_bytes
    _bound_memory(besides + CANVAS_BYTES)
    # Pillow knows the others by itself, and for a format that it does not know loads every plugin there is.
    from PIL import Image, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin  # noqa: F401

    Image.MAX_IMAGE_PIXELS = None  # ours is lower, and says the size
    try:
        image = Image.open(file, formats=FORMATS)
    except UnidentifiedImageError:
        raise Refused("format") from None
    if image.width * image.height > MOST_PIXELS:
        raise Refused("pixels", image.width, image.height)
    _bound_memory(besides + PIXEL_BYTES * image.width * image.height)
    return image


def _bound_memory(most_bytes: int) -> None:
    """Let this process take no more, where the system has such a limit."""
    try:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        allowed = most_bytes if most == resource.RLIM_INFINITY else min(most_bytes, most)
        resource.setrlimit(resource.RLIMIT_AS, (allowed, most))
    except (ImportError, OSError, ValueError):
        pass


def _turned(image: Any) -> Any:
    """A picture as it was seen; what EXIF says of it may be damaged, and counts for nothing then."""
    from PIL import Image

    ways = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    try:
        way = ways.get(image.getexif().get(ORIENTATION))
    except Exception:
        return image
    return image if way is None else image.transpose(way)


def _converted(image: Any, mode: str) -> Any:
    """Eight bits per value, in grey or RGB; of sixteen Pillow would clip the upper ones, of decimals cut the fraction.

    Errors:  Refused
    """
    if image.mode == "F":
        raise Refused("decimals")
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 257) + 1 / 514)  # ⌊value / 257⌋, as it is cut off
    return image if image.mode == mode else image.convert(mode)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
