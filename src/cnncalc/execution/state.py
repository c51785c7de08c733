"""Files of arrays: .npz and .safetensors state dicts, single .npy arrays; read without unpickling anything."""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

import numpy as np

from cnncalc.core.errors import InputError, Span
from cnncalc.core.extras import require_packages
from cnncalc.core.inputs import note_read
from cnncalc.core.messages import Phrase
from cnncalc.core.reasons import of_a_reader, of_the_system
from cnncalc.core.tensor import Shape
from cnncalc.execution.given import Given
from cnncalc.execution.tally import Array

SAVED_BY_TORCH = (".pt", ".pth", ".bin", ".ckpt")

FROM_TORCH = Phrase(
    "torch's own files are pickles, which are never read: `safetensors.torch.save_file(model.state_dict(), FILE)`"
)


def state(path: str, span: Span | None = None) -> list[Given]:
    """The arrays of a state dict, none of them read yet.

    Errors:  cannot-read, not-a-state, missing-package
    """
    check_readable(path, span)
    return _safetensors(path, span) if path.lower().endswith(".safetensors") else _npz(path, span)


def array(path: str, name: str, span: Span | None = None) -> Given:
    """The one array of a .npy file, not read yet, under the name of what it is for.

    Errors:  cannot-read, not-an-array
    """
    check_readable(path, span)
    try:
        with open(path, "rb") as file:
            shape, kind = _header(file)
    except ValueError as error:
        raise InputError.of(
            "not-an-array",
            "{path} is no .npy file: {reason}",
            span,
            help="write one with `numpy.save(FILE, array)`",
            path=path,
            reason=of_a_reader(error),
        ) from None
    return Given(name, shape, kind, lambda: np.load(path, mmap_mode="r", allow_pickle=False), span, span, loose=True)


def array_bytes(array: Array) -> bytes:
    """The content of a .npy file."""
    content = BytesIO()
    np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
    return content.getvalue()


def archive_bytes(arrays: Mapping[str, Array]) -> bytes:
    """The content of a .npz file; unlike `numpy.savez`, with names of any kind."""
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, one in arrays.items():
            archive.writestr(f"{name}.npy", array_bytes(one))
    return content.getvalue()


def check_readable(path: str, span: Span | None) -> None:
    """Object to a file that cannot be opened.

    Errors:  cannot-read
    """
    try:
        with open(path, "rb") as file:
            note_read(file.fileno())
            file.read(1)
    except (OSError, ValueError) as error:
        raise InputError.of(
            "cannot-read",
            "cannot read {path}: {reason}",
            span,
            help="check the path",
            path=path,
            reason=of_the_system(error),
        ) from None


def _header(file: IO[bytes]) -> tuple[Shape, str]:
    """Shape and kind of elements, as the first bytes of a .npy file have them."""
    version = np.lib.format.read_magic(file)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(file)
    return tuple(shape), dtype.kind


def _npz(path: str, span: Span | None) -> list[Given]:
    """The arrays of an .npz archive."""
    found: list[Given] = []
    member = ""
    try:
        archive = ZipFile(path)
        for member in archive.namelist():
            if member.endswith(".npy"):
                found.append(_member(archive, member, span))
    except (BadZipFile, ValueError, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        reason = of_a_reader(error)
        if member:
            reason = Phrase("`{name}`: {reason}", name=member.removesuffix(".npy"), reason=reason)
        raise _no_state(path, span, reason) from None
    if not found:
        by_torch = any(member.endswith("data.pkl") for member in archive.namelist())
        raise _no_state(path, span, Phrase("it holds no arrays"), by_torch)
    return found


def _member(archive: ZipFile, member: str, span: Span | None) -> Given:
    with archive.open(member) as file:
        shape, kind = _header(file)

    def read() -> Array:
        with archive.open(member) as file:
            values: Array = np.lib.format.read_array(file, allow_pickle=False)
            return values

    return Given(member.removesuffix(".npy"), shape, kind, read, span, span)


def _safetensors(path: str, span: Span | None) -> list[Given]:
    require_packages("safetensors", extra="files", span=span)
    from safetensors import SafetensorError, safe_open

    try:
        opened: Any = safe_open(path, "np")
        return [_tensor(opened, path, name, span) for name in opened.keys()]  # noqa: SIM118 - it is no mapping
    except (SafetensorError, OSError) as error:
        raise _no_state(path, span, of_a_reader(error)) from None


def _tensor(opened: Any, path: str, name: str, span: Span | None) -> Given:
    part = opened.get_slice(name)
    spelled: str = part.get_dtype()
    kinds = {"F16": "f", "BF16": "f", "F32": "f", "F64": "f", "BOOL": "b"}
    kind = kinds.get(spelled, spelled[0].lower() if spelled[0] in "IU" else spelled)

    def read() -> Array:
        values: Array = _bfloat16(path, name) if spelled == "BF16" else opened.get_tensor(name)
        return values

    return Given(name, tuple(part.get_shape()), kind, read, span, span)


def _bfloat16(path: str, name: str) -> Array:
    """A tensor of a type that NumPy lacks: upper halves of float32. The header is JSON, its length before it."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        entry = json.loads(file.read(length))[name]
        begin, end = entry["data_offsets"]
        file.seek(8 + length + begin)
        upper = np.frombuffer(file.read(end - begin), "<u2").astype(np.uint32)
    return (upper << 16).view(np.float32).reshape(entry["shape"])


def _no_state(path: str, span: Span | None, reason: str, by_torch: bool = False) -> InputError:
    return InputError.of(
        "not-a-state",
        "{path} is neither an .npz nor a .safetensors file: {reason}",
        span,
        help=FROM_TORCH
        if by_torch or Path(path).suffix.lower() in SAVED_BY_TORCH
        else "write one with `numpy.savez(FILE, **{{name: array}})` or `safetensors.numpy.save_file`",
        path=path,
        reason=reason,
    )
