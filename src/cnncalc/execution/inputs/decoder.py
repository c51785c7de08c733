"""Decodes one image in a process of its own, started by `images`, so that a hostile file harms nothing else.

It is run by its path and imports Pillow alone. It writes a line of JSON, followed by the pixels.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")
"""Formats that Pillow decodes itself; for some others it starts a program, as Ghostscript for EPS."""

MOST_PIXELS = 64_000_000

PIXEL_BYTES = 24
"""Memory per pixel: four bytes in Pillow's image, four in its converted copy, and more in decoders."""

CANVAS_BYTES = 8 * MOST_PIXELS
"""Memory that the WebP decoder allocates before the size is known."""

BASE_BYTES = 256 << 20
"""Memory for everything else."""

MOST_SECONDS = 60
"""Most images take less than one second, the largest take five."""

ORIENTATION = 0x0112
"""The EXIF tag for the orientation of the camera."""


class Refused(Exception):
    """An image is not decoded; the arguments are a reason in one word, and its facts."""


def main(mode: str, width: int, height: int) -> None:
    """Decode the file on standard input, resize it until it covers so many pixels, and crop it in the middle."""
    signal.alarm(MOST_SECONDS + 1)  # the parent process may have died
    answer: dict[str, Any] = {}
    pixels = b""
    try:
        image = _open(8 * width * height)  # resized along one axis, then along both
        image.load()
        image = _with_orientation(image)
        answer["size"] = image.size
        image = _convert(image, mode)
        from PIL import Image, ImageOps

        pixels = ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR).tobytes()
    except Refused as refused:
        answer["refused"] = refused.args
    except MemoryError:
        answer["refused"] = ["memory"]
    except Exception as error:  # decoders raise all kinds of errors
        answer["refused"] = ["damaged", str(error).partition("\n")[0] or type(error).__name__]
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + pixels)


def _open(result_bytes: int) -> Any:
    """Open an image without decoding it, and limit the memory to what decoding one of its size may take.

    Errors:  Refused, and whatever Pillow raises
    """
    file = os.fdopen(os.dup(0), "rb")  # Pillow takes descriptor 0 for none
    besides = BASE_BYTES + 2 * os.fstat(file.fileno()).st_size + result_bytes
    _bound_memory(besides + CANVAS_BYTES)
    # Other formats are registered already; for an unknown one, Pillow would load every plugin.
    from PIL import Image, TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin  # noqa: F401

    Image.MAX_IMAGE_PIXELS = None  # our limit is lower, and its diagnostic states the size
    try:
        image = Image.open(file, formats=FORMATS)
    except UnidentifiedImageError:
        raise Refused("format") from None
    if image.width * image.height > MOST_PIXELS:
        raise Refused("pixels", image.width, image.height)
    _bound_memory(besides + PIXEL_BYTES * image.width * image.height)
    return image


def _bound_memory(most_bytes: int) -> None:
    """Limit the memory of this process, where the system supports it."""
    try:
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        allowed = most_bytes if most == resource.RLIM_INFINITY else min(most_bytes, most)
        resource.setrlimit(resource.RLIMIT_AS, (allowed, most))
    except (ImportError, OSError, ValueError):
        pass


def _with_orientation(image: Any) -> Any:
    """An image rotated and flipped as EXIF says; damaged EXIF is ignored."""
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


def _convert(image: Any, mode: str) -> Any:
    """Convert to eight bits per value, grey or RGB; Pillow would clip 16-bit values and truncate floats.

    Errors:  Refused
    """
    if image.mode == "F":
        raise Refused("decimals")
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value * (1 / 257) + 1 / 514)  # ⌊value / 257⌋, truncated
    return image if image.mode == mode else image.convert(mode)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
