"""Pictures and files of arrays, right ones and mutated ones, each from a random generator alone."""

from __future__ import annotations

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
from PIL import Image

EXTREMES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Numbers at which something may run over."""

SHAPE = (2, 3, 3, 3)
"""Of the weight that the network needs."""

Draw = Callable[[Random], bytes]


def scrambled(content: bytes, random: Random) -> bytes:
    """Bytes with some changed, taken out, put in or repeated, mostly near their beginning."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        reach = len(changed) if random.random() < 0.5 else min(len(changed), 120)
        place, length = random.randrange(reach + 1), random.choice((1, 2, 4, 8, 30, 500))
        match random.randrange(7):
            case 0:
                changed[place : place + 1] = bytes([random.randrange(256)])
            case 1:
                number = random.choice((*EXTREMES, random.getrandbits(32)))
                packed = number.to_bytes(8, "little")[: random.choice((1, 2, 4, 8))]
                changed[place : place + len(packed)] = packed if random.random() < 0.5 else packed[::-1]
            case 2:
                del changed[place : place + length]
            case 3:
                changed[place:place] = random.randbytes(length)
            case 4:
                changed[place:place] = changed[place : place + length] * random.choice((1, 2, 50))
            case 5:
                del changed[place:]
            case _:
                changed[place:place] = bytes(random.choice((1, 100, 100_000)))
    return bytes(changed)


# Pictures


def picture(random: Random) -> bytes:
    """A picture that is right, of any format and mode that is read."""
    height, width = random.randrange(1, 40), random.randrange(1, 40)
    pixels = np.frombuffer(random.randbytes(3 * height * width), np.uint8).reshape(height, width, 3)
    if random.random() < 0.5:
        pixels = pixels // 64 * 64  # packs better
    image = Image.fromarray(pixels)
    format, modes, options = random.choice(_FORMATS)
    image = image.convert(random.choice(modes))
    more: dict[str, Any] = dict(random.choice(options))
    if format in ("PNG", "JPEG", "WEBP", "TIFF") and random.random() < 0.3:
        exif = Image.Exif()
        exif[0x0112] = random.randrange(1, 9)
        more["exif"] = exif
    if format in ("PNG", "JPEG", "WEBP") and random.random() < 0.2:
        more["icc_profile"] = random.randbytes(random.choice((1, 300)))
    if format in ("PNG", "GIF", "WEBP", "TIFF") and random.random() < 0.2:
        more |= {"save_all": True, "append_images": [image.transpose(Image.Transpose.ROTATE_180)]}
    content = io.BytesIO()
    image.save(content, format, **more)
    return content.getvalue()


_FORMATS: list[tuple[str, list[str], list[dict[str, Any]]]] = [
    ("PNG", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"], [{}, {"compress_level": 0}]),
    ("JPEG", ["L", "RGB", "CMYK"], [{}, {"progressive": True}, {"quality": 5}]),
    ("GIF", ["L", "P"], [{}, {"interlace": 0}, {"transparency": 3}]),
    ("BMP", ["1", "L", "P", "RGB", "RGBA"], [{}]),
    ("TIFF", ["1", "L", "P", "RGB", "RGBA", "CMYK", "I;16"], [{}, {"compression": "tiff_lzw"}]),
    ("TIFF", ["L", "RGB"], [{"compression": name} for name in ("tiff_deflate", "packbits", "jpeg", "zstd", "lzma")]),
    ("WEBP", ["RGB", "RGBA"], [{}, {"lossless": True}]),
]


def mutated_picture(random: Random) -> bytes:
    """A picture with something wrong somewhere, or what only looks like one."""
    content = picture(random)
    if content.startswith(b"\x89PNG") and random.random() < 0.7:
        return _other_chunks(content, random)
    if content.startswith((b"II*\0", b"MM\0*")) and random.random() < 0.7:
        return _other_tags(content, random)
    if random.random() < 0.1:
        other = picture(random)
        return content[: random.randrange(len(content))] + other[random.randrange(len(other)) :]
    if random.random() < 0.03:
        return random.choice(
            (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", b"P6 99999 99999 255\n", b"", b"GIF")
        )
    return scrambled(content, random)


def _other_chunks(content: bytes, random: Random) -> bytes:
    """A PNG with other chunks, whose checksums are right."""
    chunks, place = [], 8
    while place < len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        chunks.append((content[place + 4 : place + 8], content[place + 8 : place + 8 + length]))
        place += 12 + length
    for _ in range(random.choice((1, 1, 2, 4))):
        place = random.randrange(len(chunks))
        kind, inside = chunks[place]
        match random.randrange(5):
            case 0:
                chunks[place] = kind, scrambled(inside, random)
            case 1:
                del chunks[place : place + 1]
            case 2:
                chunks[place:place] = [chunks[random.randrange(len(chunks))]] * random.choice((1, 40))
            case 3:
                size = struct.pack(">II", *(random.choice((1, 7, 3000, 9000, 70_000, 2**31 - 1)) for _ in "wh"))
                chunks[0] = b"IHDR", size + bytes(random.choice((0, 1, 2, 3, 4, 6, 8, 16)) for _ in range(5))
            case _:
                packed = zlib.compress(bytes(random.choice((9, 10**6, 10**7))))
                chunks[place:place] = random.choice(
                    (
                        [(b"iCCP", b"x\0\0" + packed)],
                        [(b"zTXt", b"x\0\0" + packed)] * random.choice((1, 90)),
                        [(b"iTXt", b"x\0\1\0\0\0" + packed)],
                        [(b"eXIf", _directory(random))],
                        [(b"tRNS", random.randbytes(random.choice((1, 6, 300))))],
                        [(b"acTL", struct.pack(">II", random.choice(EXTREMES), 0))],
                        [(b"IDAT", packed)],
                    )
                )
        if not chunks:
            break
    packed = b"".join(
        struct.pack(">I", len(inside)) + kind + inside + struct.pack(">I", zlib.crc32(kind + inside))
        for kind, inside in chunks
    )
    return content[:8] + packed


def _directory(random: Random) -> bytes:
    """EXIF, mostly damaged: many entries may point at the same long value."""
    count, size = random.choice((1, 5, 9000)), random.choice((2, 4, 100_000))
    entries = b"".join(
        struct.pack("<HHII", random.choice((0x112, 0x8769, 0x8825, 0x9000 + n)), random.randrange(14), size, 26)
        for n in range(count)
    )
    return b"II*\0\x08\0\0\0" + struct.pack("<H", count) + entries + bytes(random.choice((0, 4, size)))


def _other_tags(content: bytes, random: Random) -> bytes:
    """A TIFF with other entries in its directory."""
    changed = bytearray(content)
    order = "<" if content[:1] == b"I" else ">"
    (start,) = struct.unpack(order + "I", content[4:8])
    (count,) = struct.unpack(order + "H", content[start : start + 2])
    for _ in range(random.choice((1, 1, 2, 4))):
        place = start + 2 + 12 * random.randrange(count)
        tag, kind, length, value = struct.unpack(order + "HHII", changed[place : place + 12])
        match random.randrange(4):
            case 0:
                tag = random.choice((256, 257, 258, 259, 262, 273, 277, 278, 279, 284, 322, 323, 324, 325, 339, 34665))
            case 1:
                kind = random.randrange(20)
            case 2:
                length = random.choice((*EXTREMES, 40_000))
            case _:
                value = random.choice((*EXTREMES, 5, 8, 50_000, 34_712, random.randrange(len(content))))
        changed[place : place + 12] = struct.pack(order + "HHII", tag, kind, length, value)
    return bytes(changed)


# Arrays


def npy(random: Random, shape: tuple[int, ...] = SHAPE) -> bytes:
    """An array that is right, of any type and order that is read."""
    dtype = random.choice(("<f4", "<f8", ">f4", ">f8", "<f2", "<i8", "<u1", ">i2"))
    values = np.frombuffer(random.randbytes(int(np.prod(shape))), np.uint8).reshape(shape).astype(dtype)
    content = io.BytesIO()
    if random.random() < 0.3:
        values = np.asfortranarray(values)
    np.lib.format.write_array(content, values, random.choice(((1, 0), (2, 0), (3, 0))))
    return content.getvalue()


def mutated_npy(random: Random, shape: tuple[int, ...] = SHAPE) -> bytes:
    """An array whose header or length is wrong."""
    content = npy(random, shape)
    if random.random() < 0.3:
        return scrambled(content, random)
    width = 2 if content[6] == 1 else 4
    length = int.from_bytes(content[8 : 8 + width], "little")
    header, values = content[8 + width : 8 + width + length].decode(), content[8 + width + length :]
    for _ in range(random.choice((1, 1, 2))):
        header = _other_header(header, random)
    text = header.encode("utf-8", "surrogateescape")
    claimed = len(text) if random.random() < 0.9 else random.choice(EXTREMES)
    return content[:8] + (claimed % (1 << 8 * width)).to_bytes(width, "little") + text + values


def _other_header(header: str, random: Random) -> str:
    """The text of a header, with another word in it."""
    words = re.findall(r"\w+|\W", header)
    place = random.randrange(len(words) + 1)
    match random.randrange(5):
        case 0:
            words[place : place + 1] = [random.choice(_WORDS)]
        case 1:
            words[place:place] = [random.choice(_WORDS)] * random.choice((1, 1, 300, 20_000))
        case 2:
            del words[place : place + random.choice((1, 4))]
        case 3:
            words = [random.choice(_WORDS) if word.isdigit() and random.random() < 0.5 else word for word in words]
        case _:
            words[place:place] = words[random.randrange(len(words) + 1) :]
    return "".join(words)


_WORDS = [
    *("(", ")", "[", "]", "{", "}", ",", ":", "'", '"', "-", "+", "*", "#", "\\", " ", "\n", "\0", "é", "中"),
    *("0", "2", "3", "-1", "1.5", "1e9", "99999999999999999999", "9" * 5000, "3L", "True", "False", "None", "(3,)"),
    *("descr", "shape", "fortran_order", "<f4", ">f8", "|O", "<U9", "M8[s]", "V7", "[('a', '<f4')]", "lambda", "'x'"),
]


def npz(random: Random) -> bytes:
    """A state dict that is right."""
    return _zipped({"conv.weight": npy(random), "conv.bias": npy(random, SHAPE[:1])}, random)


def mutated_npz(random: Random) -> bytes:
    """A state dict with something wrong in the archive or in its arrays."""
    members = {"conv.weight": npy(random), "conv.bias": npy(random, SHAPE[:1])}
    if random.random() < 0.5:
        members["conv.weight"] = mutated_npy(random)
        return _zipped(members, random)
    if random.random() < 0.2:
        members["conv.weight"] = random.choice(
            (
                members["conv.weight"] + bytes(10**8),
                b"\x93NUMPY\2\0" + struct.pack("<I", 10**8) + b" " * 10**8,
                random.randbytes(50),
                b"",
            )
        )
        return _zipped(members, random)
    if random.random() < 0.2:
        members |= {f"x{number}": b"" for number in range(random.choice((1, 30, 3000)))}
        return _zipped(members, random)
    content = _zipped(members, random)
    return scrambled(content, random) if random.random() < 0.5 else _at_the_end(content, random)


def _zipped(members: dict[str, bytes], random: Random) -> bytes:
    content = io.BytesIO()
    packed = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(content, "w", packed) as archive:
        for name, inside in members.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), inside, packed)
    return content.getvalue()


def _at_the_end(content: bytes, random: Random) -> bytes:
    """An archive whose table of contents, which lies at the end, is changed."""
    place = content.index(b"PK\1\2")
    return content[:place] + scrambled(content[place:], random)


def tensors(random: Random) -> bytes:
    """A state dict in safetensors that is right."""
    return _packed(*_entries(random))


def mutated_tensors(random: Random) -> bytes:
    """A state dict in safetensors with something wrong in its header, or anywhere."""
    entries, values = _entries(random)
    if random.random() < 0.3:
        return scrambled(_packed(entries, values), random)
    for _ in range(random.choice((1, 1, 2))):
        name = random.choice(("conv.weight", "conv.bias"))
        entry, key = dict(_entries(random)[0][name]), random.choice(("dtype", "shape", "data_offsets", "more"))
        entry[key] = random.choice(
            (None, -1, 2**63, [], {}, [0, 0], [0, 2**63], [2**40] * 9, "F32", "F8_E5M2", "BF16", 1.5, True, [[]] * 9)
        )
        entries[random.choice((name, "__metadata__", "中", ""))] = entry if random.random() < 0.9 else random.random()
    if random.random() < 0.2:
        values = values[: random.randrange(len(values))] + random.randbytes(random.choice((0, 1, 99)))
    return _packed(entries, values)


def _entries(random: Random) -> tuple[dict[str, Any], bytes]:
    entries: dict[str, Any] = {}
    values = b""
    for name, shape in (("conv.weight", SHAPE), ("conv.bias", SHAPE[:1])):
        dtype, size = random.choice((("F32", 4), ("F64", 8), ("F16", 2), ("BF16", 2), ("I64", 8), ("U8", 1)))
        length = int(np.prod(shape)) * size
        entries[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(values), len(values) + length]}
        values += bytes(length)
    return entries, values


def _packed(entries: dict[str, Any], values: bytes) -> bytes:
    header = json.dumps(entries, ensure_ascii=False).encode()
    return len(header).to_bytes(8, "little") + header + values


KINDS: dict[str, tuple[str, Draw, Draw]] = {
    "x.png": ("--image", picture, mutated_picture),
    "x.npy": ("--array", lambda random: npy(random, (3, 9, 8)), lambda random: mutated_npy(random, (3, 9, 8))),
    "x.npz": ("--weights", npz, mutated_npz),
    "x.safetensors": ("--weights", tensors, mutated_tensors),
}
"""Names of files; the option that they are given with; and what they hold, right or mutated."""
