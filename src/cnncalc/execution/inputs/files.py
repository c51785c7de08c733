"""Files of arrays: .npz and .safetensors state dicts, single .npy arrays; read without unpickling anything."""

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
from cnncalc.execution.inputs.arrays import Given
from cnncalc.execution.inputs.npy import Header, array_bytes

SAVED_BY_TORCH = (".pt", ".pth", ".bin", ".ckpt")

FROM_TORCH = Phrase(
    "torch's own files are pickles, which are never read: `safetensors.torch.save_file(model.state_dict(), FILE)`"
)


def state(path: str, span: Span | None = None) -> list[Given]:
    """The arrays of a state dict, none of them read yet.

    Errors:  cannot-read, not-a-state
    """
    file = opened(path, span)
    found = _safetensors(file, path, span) if path.lower().endswith(".safetensors") else _npz(file, path, span)
    twice = next((name for name, times in Counter(one.name for one in found).items() if times > 1), None)
    if twice is not None:
        raise _no_state(path, span, Phrase("it holds `{name}` twice", name=twice))
    return found


def array(path: str, name: str, span: Span | None = None) -> Given:
    """The one array of a .npy file, not read yet, under the name of what it is for.

    Errors:  cannot-read, not-an-array
    """
    file = opened(path, span)
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

    return Given(name, header.shape, header.kind, fill, span, span, loose=True)


def archive_bytes(arrays: Mapping[str, Array]) -> bytes:
    """The content of a .npz file: the same for the same arrays; unlike `numpy.savez`, with names of any kind."""
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, one in arrays.items():
            archive.writestr(ZipInfo(f"{name}.npy"), array_bytes(one))  # without the time, which differs
    return content.getvalue()


def opened(path: str, span: Span | None) -> RegularFile:
    """A file of data.

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


def _npz(file: RegularFile, path: str, span: Span | None) -> list[Given]:
    """The arrays of an .npz archive."""
    with _objecting(path, span):
        archive = ZipFile(file)
        members = archive.infolist()
    found: list[Given] = []
    for member in members:
        if member.filename.endswith(".npy"):
            with _objecting(path, span, member.filename.removesuffix(".npy")):
                found.append(_member(archive, member, span))
    if not found:
        by_torch = any(member.filename.endswith("data.pkl") for member in members)
        raise _no_state(path, span, Phrase("it holds no arrays"), by_torch)
    return found


def _member(archive: ZipFile, member: ZipInfo, span: Span | None) -> Given:
    """One array of an archive.

    Errors:  ValueError, and whatever zipfile thinks of
    """
    if member.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # others are unpacked without bounds
        raise ValueError(Phrase("it is packed in a way that NumPy does not use"))
    with archive.open(member) as content:
        header = npy.read_header(content)
        start = content.tell()
    _check_size(header, member.file_size - start)

    def fill(array: Array) -> None:
        with archive.open(member) as content:
            content.read(start)
            header.fill(array, content)
            content.read(1)  # at the end, zipfile compares the checksum

    return Given(member.filename.removesuffix(".npy"), header.shape, header.kind, fill, span, span)


def _safetensors(file: RegularFile, path: str, span: Span | None) -> list[Given]:
    """The tensors of a .safetensors file."""
    with _objecting(path, span):
        tensors = safetensors.read_header(file)

    def given(name: str, tensor: safetensors.Tensor) -> Given:
        return Given(name, tensor.shape, tensor.kind, lambda array: tensor.fill(array, file), span, span)

    return [given(name, tensor) for name, tensor in tensors]


def _check_size(header: Header, nbytes: int) -> None:
    """Object to fewer or more bytes of values than a header announces.

    Errors:  ValueError
    """
    if header.dtype is not None and header.nbytes != nbytes:
        raise ValueError(Phrase("it is shorter or longer than its header says"))


@contextmanager
def _objecting(path: str, span: Span | None, name: str = "") -> Iterator[None]:
    """What a reader says of a file or of an array in it, as an objection: damage makes zipfile raise all kinds.

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
        raise _no_state(path, span, reason) from None


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
