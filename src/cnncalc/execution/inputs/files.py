"""Files of arrays: .npz and .safetensors state dicts and single .npy arrays, read without unpickling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from cnncalc.core.errors import InputError, Span
from cnncalc.core.os_errors import reader_reason, system_reason
from cnncalc.core.regular import RegularFile
from cnncalc.core.translation import Phrase
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.inputs import npy, safetensors
from cnncalc.execution.inputs.arrays import UnreadArray
from cnncalc.execution.inputs.npy import Header, array_bytes

SAVED_BY_TORCH = (".pt", ".pth", ".bin", ".ckpt")

FROM_TORCH = Phrase(
    "torch's own files are pickles, which are never read: `safetensors.torch.save_file(model.state_dict(), FILE)`"
)


def state_dict(path: str, span: Span | None = None) -> list[UnreadArray]:
    """The arrays of a state dict, with their values unread.

    Errors:  cannot-read, not-a-state
    """
    file = open_file(path, span)
    found = _safetensors(file, path, span) if path.lower().endswith(".safetensors") else _npz(file, path, span)
    twice = next((name for name, times in Counter(one.name for one in found).items() if times > 1), None)
    if twice is not None:
        raise _not_a_state(path, span, Phrase("it holds `{name}` twice", name=twice))
    return found


def npy_array(path: str, name: str, span: Span | None = None) -> UnreadArray:
    """The array of a .npy file under a given name, with its values unread.

    Errors:  cannot-read, not-an-array
    """
    file = open_file(path, span)
    try:
        header = npy.read_header(file)
        start = file.tell()
        _check_size(header, file.nbytes - start)
    except (OSError, ValueError) as error:
        raise InputError.of(
            "not-an-array",
            "{path} is no .npy file: {reason}",
            span,
            help="write one with `numpy.save(FILE, array)`",
            path=path,
            reason=reader_reason(error),
        ) from None

    def fill(array: Array) -> None:
        file.seek(start)
        header.fill(array, file)

    return UnreadArray(name, header.shape, header.kind, fill, span, span, loose=True)


def archive_bytes(arrays: Mapping[str, Array]) -> bytes:
    """The content of a .npz file, reproducible to the byte; unlike `numpy.savez`, it takes names of any kind."""
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, one in arrays.items():
            archive.writestr(ZipInfo(f"{name}.npy"), array_bytes(one))  # without a time stamp
    return content.getvalue()


def open_file(path: str, span: Span | None) -> RegularFile:
    """Open a file of data.

    Errors:  cannot-read
    """
    try:
        return RegularFile(path)
    except (OSError, ValueError) as error:
        raise InputError.of(
            "cannot-read",
            "cannot read {path}: {reason}",
            span,
            help="name a file that is there and that you may read",
            path=path,
            reason=system_reason(error),
        ) from None


def _npz(file: RegularFile, path: str, span: Span | None) -> list[UnreadArray]:
    """The arrays of an .npz archive."""
    with _diagnose_read_errors(path, span):
        archive = ZipFile(file)
        members = archive.infolist()
    found: list[UnreadArray] = []
    for member in members:
        if member.filename.endswith(".npy"):
            with _diagnose_read_errors(path, span, member.filename.removesuffix(".npy")):
                found.append(_member(archive, member, span))
    if not found:
        by_torch = any(member.filename.endswith("data.pkl") for member in members)
        raise _not_a_state(path, span, Phrase("it holds no arrays"), by_torch)
    return found


def _member(archive: ZipFile, member: ZipInfo, span: Span | None) -> UnreadArray:
    """One array of an archive.

    Errors:  ValueError, and whatever zipfile raises
    """
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # others are decompressed without a memory limit
        raise ValueError(Phrase("it is packed in a way that NumPy does not use"))
    with archive.open(member) as content:
        header = npy.read_header(content)
        start = content.tell()
    _check_size(header, member.file_size - start)

    def fill(array: Array) -> None:
        with archive.open(member) as content:
            content.read(start)
            header.fill(array, content)
            content.read(1)  # at the end, zipfile verifies the checksum

    return UnreadArray(member.filename.removesuffix(".npy"), header.shape, header.kind, fill, span, span)


def _safetensors(file: RegularFile, path: str, span: Span | None) -> list[UnreadArray]:
    """The tensors of a .safetensors file."""
    with _diagnose_read_errors(path, span):
        tensors = safetensors.read_header(file)

    def given(name: str, tensor: safetensors.TensorEntry) -> UnreadArray:
        return UnreadArray(name, tensor.shape, tensor.kind, lambda array: tensor.fill(array, file), span, span)

    return [given(name, tensor) for name, tensor in tensors]


def _check_size(header: Header, nbytes: int) -> None:
    """Reject values that have fewer or more bytes than their header says.

    Errors:  ValueError
    """
    if header.dtype is not None and header.nbytes != nbytes:
        raise ValueError(Phrase("it is shorter or longer than its header says"))


@contextmanager
def _diagnose_read_errors(path: str, span: Span | None, name: str = "") -> Iterator[None]:
    """Report an error of reading a file, or an array in it, as a diagnostic; zipfile raises all kinds of errors.

    Errors:  not-a-state
    """
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        reason = reader_reason(error)
        if name:
            reason = Phrase("`{name}`: {reason}", name=name, reason=reason)
        raise _not_a_state(path, span, reason) from None


def _not_a_state(path: str, span: Span | None, reason: str, by_torch: bool = False) -> InputError:
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
