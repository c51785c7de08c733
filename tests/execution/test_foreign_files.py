"""Data files and pictures that somebody else made: none runs, blocks or takes much, and each fault is said."""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import save_file

import cnncalc
from cnncalc.core.errors import InputError
from cnncalc.core.regular import MOST_AT_ONCE
from cnncalc.core.translation import use_language
from cnncalc.execution.inputs import decoder, images, pieces
from cnncalc.execution.inputs.arrays import as_float32
from cnncalc.execution.inputs.decoder import MOST_PIXELS
from cnncalc.execution.inputs.files import archive_bytes, npy_array, state_dict
from cnncalc.execution.inputs.images import MOST_FILE_BYTES, picture
from cnncalc.execution.inputs.npy import array_bytes
from cnncalc.execution.inputs.random_arrays import empty_weight
from cnncalc.execution.run import prepare
from tests.support.command import Finished
from tests.support.command import cnncalc as command

NET = "input: [3, 24, 20]\nlayers:\n  - conv2d: {name: conv, out_channels: 2, kernel_size: 3}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(NET, encoding="utf-8")
    return tmp_path


def objection(work: Callable[[], object]) -> str:
    """Code and sentence of the one diagnostic that this raises, in English; it is said in Chinese, too."""
    with pytest.raises(InputError) as caught:
        work()
    (found,) = caught.value.diagnostics
    with use_language("zh"):
        assert not str(found).splitlines()[0].isascii()
    with use_language("en"):
        return str(found).splitlines()[0]


def objects(done: Finished, *fragments: str) -> None:
    assert (done.code, done.out) == (2, ""), done.err
    assert done.err.startswith("error[")
    assert "Traceback" not in done.err
    assert "Warning" not in done.err
    for fragment in fragments:
        assert fragment in done.err, done.err


# Pictures


def test_no_program_is_started_for_a_picture(folder: Path) -> None:
    """Pillow hands EPS to Ghostscript, whatever the name of the file says."""
    (folder / "bin").mkdir()
    for name in ("gs", "gswin64c", "djpeg"):
        program = folder / "bin" / name
        program.write_text(f"#!/bin/sh\ntouch {folder}/started\n", encoding="utf-8")
        program.chmod(0o755)
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 24 20\n%%EndComments\n(ran) print\nshowpage\n"
    for name in ("x.png", "x.eps"):
        (folder / name).write_bytes(eps)
        path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        done = command("run", "net.yaml", "--image", name, folder=folder, env={"PATH": path})
        objects(done, "error[not-an-image]", "it does not begin as PNG, JPEG, GIF, BMP, TIFF or WebP files do")
    assert not (folder / "started").exists()


@pytest.mark.parametrize("kind", ["png", "jpg", "gif", "bmp", "tif", "webp"])
def test_a_picture_is_known_by_its_content(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"x.{kind}"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (30, 40, 3), np.uint8)).save(path)
    with Image.open(path) as opened:
        expected = np.asarray(opened.convert("RGB"), np.float32) / 255
    named_otherwise = path.rename(tmp_path / "x.eps")
    seen = picture(str(named_otherwise), (3, 30, 40))
    np.testing.assert_allclose(seen.values.transpose(1, 2, 0) * images.DEVIATION + images.MEAN, expected, atol=1e-6)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *more: bytes, rows: int | None = None) -> bytes:
    pixels = zlib.compress(bytes((3 * width + 1) * (height if rows is None else rows)))
    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + b"".join(more) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def tiff(tags: dict[int, int], content: bytes) -> bytes:
    """A grey picture; a tag of 0 points at the content, which lies behind the tags."""
    place = 8 + 2 + 12 * len(tags) + 4
    entries = [struct.pack("<HHII", tag, 4, 1, value or place) for tag, value in sorted(tags.items())]
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(entries) + bytes(4) + content


def gif(screen: tuple[int, int], frame: tuple[int, int]) -> bytes:
    drawn = b"," + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\2\2\x44\1\0;"
    return b"GIF89a" + struct.pack("<HHBBB", *screen, 0xF0, 0, 0) + bytes(6) + b"!\xf9\4\x09\0\0\0\0" + drawn


GREY = {258: 8, 259: 8, 262: 1, 277: 1}
"""Tags of a TIFF file: eight bits, deflated."""

LARGE = 128 << 20

PACKED = zlib.compress(bytes(LARGE))

BOMBS: dict[str, tuple[bytes, str]] = {
    "pixels.png": (png(20_000, 20_000, rows=1), "it has 20000×20000 pixels, and at most 64,000,000 are read"),
    "just_too_many.png": (png(8000, 8001, rows=1), "it has 8000×8001 pixels"),
    "pixels.gif": (gif((50_000, 50_000), (1, 1)), "it has 50000×50000 pixels"),
    "frame.gif": (gif((1, 1), (60_000, 60_000)), "unpacking it takes more memory than there is for"),
    "pixels.bmp": (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 99, 0, 0, 54, 40, 90_000, 90_000, 1, 24, *[0] * 6),
        "it has 90000×90000 pixels",
    ),
    "pixels.tif": (tiff(GREY | {256: 30_000, 257: 30_000, 278: 30_000, 273: 0, 279: 9}, b""), "30000×30000 pixels"),
    "tile.tif": (
        tiff(GREY | {256: 100, 257: 100, 322: 32_768, 323: 32_768, 324: 0, 325: len(PACKED)}, PACKED),
        "“decoder error -9”",
    ),
    "canvas.webp": (b"RIFF\x1e\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (16_000).to_bytes(3, "little") * 2, "“"),
    "profile.png": (png(9, 9, chunk(b"iCCP", b"x\0\0" + PACKED)), "“Decompressed data too large"),
    "text.png": (png(9, 9, chunk(b"iTXt", b"x\0\1\0\0\0" + PACKED)), "“Decompressed data too large"),
}
"""Small files that unpack into large ones, and what is said of each."""


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_within_bounds(folder: Path, name: str) -> None:
    content, said = BOMBS[name]
    (folder / name).write_bytes(content)
    assert len(content) < 500_000
    done = command("run", "net.yaml", "--image", name, folder=folder)
    objects(done, "error[not-an-image]", said, "= help: give a PNG or JPEG file")
    assert done.peak_bytes < 140 << 20


def test_as_many_pixels_as_may_be_are_read(folder: Path) -> None:
    (folder / "x.png").write_bytes(png(8000, 8000))
    assert MOST_PIXELS == 8000 * 8000
    done = command("run", "net.yaml", "--image", "x.png", folder=folder)
    assert (done.code, done.err) == (0, "")
    assert "x.png (8000×8000 pixels, RGB)" in done.out
    assert done.peak_bytes < 300 << 20  # 244 MiB are Pillow's own picture


def test_a_file_that_is_too_long_is_not_begun(tmp_path: Path) -> None:
    with (tmp_path / "x.webp").open("wb") as file:
        file.write(b"RIFF\0\0\0\0WEBPVP8 ")
        file.truncate(MOST_FILE_BYTES + 1)
    said = objection(lambda: picture(str(tmp_path / "x.webp"), (3, 4, 5)))
    assert "it has 256,000,001 bytes, more than 256,000,000" in said


def test_a_decoder_that_hangs_or_crashes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.png").write_bytes(png(4, 5))
    for text, said in (("import time; time.sleep(60)", "longer than 1 seconds"), ("exit(3)", "decoder crash")):
        program = tmp_path / "decoder.py"
        program.write_text(text, encoding="utf-8")
        monkeypatch.setattr(decoder, "__file__", str(program))
        monkeypatch.setattr(images, "MOST_SECONDS", 1)
        assert said in objection(lambda: picture(str(tmp_path / "x.png"), (3, 4, 5)))


def test_a_picture_stands_as_it_was_seen(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)
    seen: dict[int, Any] = {}
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for kind in ("png", "tif", "webp"):
            path = tmp_path / f"x.{kind}"
            Image.fromarray(pixels).save(path, exif=exif, lossless=True)
            values = picture(str(path), (3, 24, 24)).values
            np.testing.assert_array_equal(values, seen.setdefault(orientation, values), f"{kind} {orientation}")
    assert np.array_equal(seen[2], seen[1][:, :, ::-1])
    assert len({values.tobytes() for values in seen.values()}) == 8


@pytest.mark.parametrize(
    "damaged", [b"Exif\0\0rubbish", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + bytes(99)]
)
def test_damaged_exif_is_ignored(tmp_path: Path, damaged: bytes) -> None:
    pixels = Image.fromarray(np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8))
    for kind in ("jpg", "png", "webp"):
        pixels.save(tmp_path / f"with.{kind}", exif=damaged)
        pixels.save(tmp_path / f"without.{kind}")
        with_it, without = (picture(str(tmp_path / f"{name}.{kind}"), (3, 8, 8)).values for name in ("with", "without"))
        np.testing.assert_array_equal(with_it, without)


def test_the_first_frame_is_read(tmp_path: Path) -> None:
    first = Image.fromarray(np.full((9, 9, 3), 255, np.uint8))
    second = Image.fromarray(np.zeros((9, 9, 3), np.uint8))
    for kind in ("gif", "tif", "webp", "png"):
        first.save(tmp_path / f"x.{kind}", save_all=True, append_images=[second])
        assert picture(str(tmp_path / f"x.{kind}"), (1, 2, 2)).values.min() == 1


def test_sixteen_bits_become_eight(tmp_path: Path) -> None:
    values = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    for kind in ("png", "tif"):
        Image.fromarray(values).save(tmp_path / f"x.{kind}")
        seen = picture(str(tmp_path / f"x.{kind}"), (1, 256, 256)).values[0]
        np.testing.assert_array_equal(seen, (values // 257).astype(np.float32) / np.float32(255))


# No files at all


def special(folder: Path, kind: str) -> str:
    """Something that is no file, by the name of one."""
    path = folder / "special.npz"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with closing(socket.socket(socket.AF_UNIX)) as made:
            made.bind(os.path.relpath(path))
    elif kind == "folder":
        path.mkdir()
    else:
        path.symlink_to(kind)
    return path.name


@pytest.mark.parametrize("kind", ["socket", "folder", "/dev/null", "/dev/stdin"])
def test_only_files_are_opened(folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    name = special(folder, kind)
    reason = "it is a folder" if kind == "folder" else "it is a pipe, a socket or a device, and no file"
    for work in (lambda: picture(name, (3, 4, 5)), lambda: npy_array(name, "input"), lambda: state_dict(name)):
        assert objection(work) == f"error[cannot-read]: cannot read {name}: {reason}"


@pytest.mark.parametrize("kind", ["pipe", "/dev/zero"])
@pytest.mark.parametrize("option", ["--image", "--array", "--weights"])
def test_nothing_waits_for_ever(folder: Path, kind: str, option: str) -> None:
    name = special(folder, kind)
    done = command("run", "net.yaml", option, name, folder=folder)
    objects(done, f"error[cannot-read]: cannot read {name}: it is a pipe, a socket or a device", f"{option} {name}")


# Headers of .npy


def npy(header: bytes | str, values: bytes = b"", version: int = 1) -> bytes:
    text = header.encode("latin-1") if isinstance(header, str) else header
    return b"\x93NUMPY" + bytes([version, 0]) + len(text).to_bytes(2 if version == 1 else 4, "little") + text + values


def header(descr: str = "'<f4'", order: str = "False", shape: str = "(2,)", more: str = "") -> str:
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, {more}}}"


HEADERS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it does not begin like one"),
    "version": (npy(header(), bytes(8), 9), "its version of the format is unknown"),
    "cut_length": (b"\x93NUMPY\1\0\x76", "it ends too early"),
    "cut": (npy(header(), bytes(8))[:40], "it ends too early"),
    "long": (npy(header().ljust(20_000), bytes(8)), "its header has 20,000 bytes, more than 10,000"),
    "claims": (b"\x93NUMPY\2\0\xff\xff\xff\xff" + bytes(99), "its header has 4,294,967,295 bytes, more than 10,000"),
    "nested": (npy(header(shape="(" * 9000)), "its header cannot be read"),
    "deep": (npy("[" * 9900), "its header cannot be read"),
    "minus": (npy("-" * 9900), "its header cannot be read"),
    "cut_token": (npy("{'descr': '<f4"), "its header cannot be read"),
    "no_dictionary": (npy("'descr'"), "its header cannot be read"),
    "no_size": (npy(header(descr="'<f4x'"), bytes(8)), "its header cannot be read"),
    "null": (npy(header(descr="'<f4\\x00'"), bytes(8)), "its header cannot be read"),
    "blank": (npy(" " * 100), "its header cannot be read"),
    "nothing": (npy(""), "its header cannot be read"),
    "missing": (npy("{'descr': '<f4', 'shape': (2,)}", bytes(8)), "its header cannot be read"),
    "more": (npy(header(more="'x': True"), bytes(8)), "its header cannot be read"),
    "twice": (npy(header(more="'shape': (2,)"), bytes(8)), "its header cannot be read"),
    "code": (npy(header(shape="(__import__('os').getpid(),)")), "its header cannot be read"),
    "negative": (npy(header(shape="(-2,)"), bytes(8)), "its header cannot be read"),
    "decimal": (npy(header(shape="(2.0,)"), bytes(8)), "its header cannot be read"),
    "no_tuple": (npy(header(shape="(2)"), bytes(8)), "its header cannot be read"),
    "digits": (npy(header(shape=f"({'9' * 5000},)")), "its header cannot be read"),
    "axes": (npy(header(shape=f"({'1,' * 99})"), bytes(4)), "its header cannot be read"),
    "order": (npy(header(order="(1,)"), bytes(8)), "its header cannot be read"),
    "type": (npy(header("'?!'"), bytes(8)), "its header cannot be read"),
    "fields": (npy(header("[('a', '<f4')]"), bytes(8)), "not-numeric"),
    "object": (npy(header("'|O'"), b"cos\nsystem\n."), "not-numeric"),
    "strange": (npy(header("'<f3'"), bytes(8)), "not-numeric"),
    "short": (npy(header(), bytes(7)), "it is shorter or longer than its header says"),
    "longer": (npy(header(), bytes(9)), "it is shorter or longer than its header says"),
    "huge": (npy(header(shape="(9999999999999999999, 9999999999999999999)")), "it is shorter or longer"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_that_are_none(folder: Path, name: str) -> None:
    content, said = HEADERS[name]
    (folder / "net.yaml").write_text("input: [2]\nlayers: [{linear: {name: fc, out_features: 1, bias: false}}]\n")
    (folder / "x.npy").write_bytes(content)
    with zipfile.ZipFile(folder / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("fc.weight.npy", content)

    def run(given: list[Any]) -> None:
        found: list[Any] = []
        as_float32(given[0], given[0].shape, found)
        if found:
            raise InputError(found)

    assert said in objection(lambda: run([npy_array(str(folder / "x.npy"), "input")]))
    assert said in objection(lambda: run(state_dict(str(folder / "x.npz"))))


def test_headers_as_other_programs_write_them(tmp_path: Path) -> None:
    values = np.arange(6, dtype=np.float32).tobytes()
    for text in (
        '{"shape": (2, 3), "fortran_order": False, "descr": "<f4"}',
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 3L), }      \n",
        "{'descr':'<f4','fortran_order':False,'shape':(2,3)}",
    ):
        for version in (1, 2, 3):
            (tmp_path / "x.npy").write_bytes(npy(text, values, version))
            assert read(npy_array(str(tmp_path / "x.npy"), "x")).tolist() == [[0, 1, 2], [3, 4, 5]]


def read(given: Any, empty: Callable[[tuple[int, ...]], Any] | None = None) -> Any:
    """The values of an array that is given."""
    found: list[Any] = []
    values = as_float32(given, given.shape, found, empty=empty)
    assert found == []
    return values


DTYPES = ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "<i1", "<i2", ">i4", "<i8", "<u1", ">u2", "<u4", ">u8"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(), (0, 3), (7,), (5, 3, 2, 4), (1, 1, 19), (3, 17)])
def test_every_type_and_order_is_read(
    tmp_path: Path, dtype: str, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", 16)
    values = np.random.default_rng(0).integers(0, 100, shape).astype(dtype)
    for order in (np.ascontiguousarray, np.asfortranarray):
        np.save(tmp_path / "x.npy", order(values))
        np.testing.assert_array_equal(read(npy_array(str(tmp_path / "x.npy"), "x")), values)
        np.savez_compressed(tmp_path / "x.npz", x=order(values))
        (one,) = state_dict(str(tmp_path / "x.npz"))
        for empty in (None, empty_weight):
            found = read(one, empty)
            assert found.dtype == np.float32
            np.testing.assert_array_equal(found, values)


@pytest.mark.parametrize("suffix", ["npz", "safetensors"])
def test_reading_takes_what_is_kept_and_a_piece(tmp_path: Path, suffix: str) -> None:
    """64 MiB of float64 for 32 MiB of weights, which lie in another order in memory."""
    weight = np.random.default_rng(0).random((512, 256, 8, 8))
    path = tmp_path / f"w.{suffix}"
    if suffix == "npz":
        path.write_bytes(archive_bytes({"conv.weight": weight}))
    else:
        save_file({"conv.weight": weight}, path)
    graph = cnncalc.from_text(
        "input: [256, 8, 8]\nlayers: [{conv2d: {name: conv, out_channels: 512, kernel_size: 8, bias: false}}]\n"
    )
    report = cnncalc.analyze(graph)
    tracemalloc.start()
    try:
        prepared = prepare(report, (), state_dict(str(path)))
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    stored = prepared.weights["conv"]["weight"]
    np.testing.assert_array_equal(stored, weight.astype(np.float32))
    assert stored.transpose(2, 3, 1, 0).flags.c_contiguous
    assert 0 <= kept - weight.nbytes // 2 < 1 << 20
    assert peak < kept + (6 << 20)


# Archives


def member(name: str, content: bytes, packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packed) as archive:
        archive.writestr(name, content)
    return made.getvalue()


WEIGHT = array_bytes(np.ones((2, 3, 3, 3)))

RANDOM = np.random.default_rng(0).random((2, 3, 3, 3))


def directory_of(members: int) -> bytes:
    """An archive whose table of contents names the same member again and again."""
    whole = member("a.npy", WEIGHT)
    start = whole.index(b"PK\1\2")
    entry = whole[start : whole.index(b"PK\5\6")]
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, members * len(entry), start, 0)
    return whole[:start] + members * entry + end


def damaged(content: bytes) -> bytes:
    """Another byte in the middle of what is packed."""
    place = content.index(b"PK\1\2") // 2
    return content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]


ARCHIVES: dict[str, tuple[Callable[[], bytes], str]] = {
    "blanks": (
        lambda: member("conv.weight.npy", npy(header() + " " * LARGE, version=2)),
        "its header has 134,",
    ),
    "zeros": (lambda: member("conv.weight.npy", WEIGHT + bytes(LARGE)), "it is shorter or longer than its header says"),
    "other_shape": (
        lambda: member("conv.weight.npy", npy(header(shape=f"({LARGE // 4},)"), bytes(LARGE))),
        "wrong-value-shape",
    ),
    "bzip2": (lambda: member("a.npy", WEIGHT, zipfile.ZIP_BZIP2), "it is packed in a way that NumPy does not use"),
    "lzma": (lambda: member("a.npy", WEIGHT, zipfile.ZIP_LZMA), "it is packed in a way that NumPy does not use"),
    "directory": (lambda: directory_of(2 * MOST_AT_ONCE // 51), "a part of it has more than 4,194,304 bytes"),
    "twice": (lambda: directory_of(2), "it holds `a` twice"),
    "damaged": (lambda: damaged(member("conv.weight.npy", array_bytes(RANDOM))), "`conv.weight`"),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives_within_bounds(folder: Path, name: str) -> None:
    content, said = ARCHIVES[name]
    (folder / "w.npz").write_bytes(content())
    done = command("run", "net.yaml", "--weights", "w.npz", folder=folder)
    objects(done, said, "--weights w.npz")
    assert done.peak_bytes < 100 << 20


def test_the_same_arrays_make_the_same_archive(folder: Path) -> None:
    for name in ("a.npz", "b.npz"):
        assert command("run", "net.yaml", "-o", name, folder=folder).code == 0
        time.sleep(2 if name == "a.npz" else 0)  # archives count time in steps of two seconds
    assert (folder / "a.npz").read_bytes() == (folder / "b.npz").read_bytes()


# .safetensors


def tensors(header: Any, values: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + values


def entry(**other: Any) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **other}


EMPTY = json.dumps(entry(shape=[0], data_offsets=[0, 0])).encode()

HEADERS_OF_TENSORS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it ends too early"),
    "claims": (tensors(b"{}", length=2**63), "it ends too early"),
    "long": (tensors(b" " * (MOST_AT_ONCE + 9)), "a part of it has more than 4,194,304 bytes"),
    "nested": (tensors(b"[" * 1_000_000), "its header cannot be read"),
    "no_text": (tensors(b"\xff\xfe{}"), "its header cannot be read"),
    "list": (tensors([entry()]), "its header cannot be read"),
    "digits": (tensors(b'{"a": ' + b"9" * 9999 + b"}"), "its header cannot be read"),
    "no_entry": (tensors({"a": 3}), "what its header says about `a` cannot be"),
    "key": (tensors({"a": {"dtype": "F32"}}), "what its header says about `a` cannot be"),
    "type": (tensors({"a": entry(dtype=["F32"])}, bytes(8)), "what its header says about `a` cannot be"),
    "truth": (tensors({"a": entry(shape=[True, 2])}, bytes(8)), "what its header says about `a` cannot be"),
    "negative": (tensors({"a": entry(shape=[-1, -2])}, bytes(8)), "what its header says about `a` cannot be"),
    "decimal": (tensors({"a": entry(shape=[2.0])}, bytes(8)), "what its header says about `a` cannot be"),
    "product": (
        tensors({"a": entry(shape=[2**40, 2**40])}, bytes(8)),
        "what its header says about `a` cannot be right",
    ),
    "axes": (tensors({"a": entry(shape=[9] * 1_000_000)}), "what its header says about `a` cannot be"),
    "extents": (tensors({"a": entry(shape=[10**4000] * 900)}), "what its header says about `a` cannot be"),
    "backwards": (
        tensors({"a": entry(data_offsets=[8, 0])}, bytes(8)),
        "what its header says about `a` cannot be right",
    ),
    "three": (
        tensors({"a": entry(data_offsets=[0, 8, 9])}, bytes(8)),
        "what its header says about `a` cannot be right",
    ),
    "beyond": (tensors({"a": entry(data_offsets=[8, 16])}, bytes(8)), "it is shorter or longer than its header says"),
    "overlap": (tensors({"a": entry(), "b": entry(data_offsets=[4, 12])}, bytes(12)), "it is shorter or longer"),
    "short": (tensors({"a": entry()}, bytes(7)), "it is shorter or longer than its header says"),
    "longer": (tensors({"a": entry()}, bytes(9)), "it is shorter or longer than its header says"),
    "key_twice": (
        tensors(b'{"a": {"shape": [2], ' + json.dumps(entry()).encode()[1:] + b"}", bytes(8)),
        "cannot be right",
    ),
    "twice": (tensors(b'{"a": EMPTY, "a": EMPTY}'.replace(b"EMPTY", EMPTY)), "it holds `a` twice"),
}


@pytest.mark.parametrize("name", HEADERS_OF_TENSORS)
def test_headers_of_tensors_that_are_none(tmp_path: Path, name: str) -> None:
    content, said = HEADERS_OF_TENSORS[name]
    (tmp_path / "x.safetensors").write_bytes(content)
    began = process_time()
    found = objection(lambda: state_dict(str(tmp_path / "x.safetensors")))
    assert process_time() - began < 10  # a product of so many numbers would take minutes
    assert found.startswith("error[not-a-state]")
    assert said in found


def test_types_of_tensors_that_numpy_lacks_are_refused_where_they_are_needed(tmp_path: Path) -> None:
    content = {"a": entry(dtype="F8_E4M3", data_offsets=[0, 2]), "__metadata__": {"format": "pt"}}
    (tmp_path / "x.safetensors").write_bytes(tensors(content, bytes(2)))
    (one,) = state_dict(str(tmp_path / "x.safetensors"))
    found: list[Any] = []
    assert as_float32(one, (2,), found) is None
    assert "`a` holds values of type F8_E4M3" in str(found[0])


def test_a_state_dict_needs_no_package(folder: Path) -> None:
    (folder / "w.safetensors").write_bytes(
        tensors({"conv.weight": entry(), "conv.bias": entry(data_offsets=[8, 16])}, bytes(16))
    )
    program = "import sys; sys.modules['safetensors'] = None\nfrom cnncalc.__main__ import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", program, "run", "net.yaml", "--weights", "w.safetensors"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "wrong-value-shape" in done.stderr
