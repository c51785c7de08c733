"""How much memory a run takes, how much there is, and an input that would fit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from cnncalc.core.errors import InputError
from cnncalc.core.messages import Phrase
from cnncalc.core.tensor import Shape, spell

SCRATCH_BYTES = 64 << 20
"""NumPy itself, and what kernels lay out block by block."""

CGROUP = Path("/sys/fs/cgroup")
"""Where Linux says what a container may use."""


class Sums(Protocol):
    """The totals of a report, as far as they matter here."""

    @property
    def params(self) -> int:
        """Learned values."""

    @property
    def buffers(self) -> int:
        """Stored values that are not learned."""

    @property
    def peak_activation_bytes(self) -> int:
        """Bytes alive at once."""


class Sized(Protocol):
    """A report of one image in float32."""

    def totals(self) -> Sums:
        """Sums over the layers."""


def needed_bytes(report: Sized, images: int = 1) -> int:
    """What a run takes: weights, the values alive at once and as much again for padded copies, and scratch.

    `images` is how many times the batch of the report is run at once.
    """
    totals = report.totals()
    return 4 * (totals.params + totals.buffers) + 2 * totals.peak_activation_bytes * images + SCRATCH_BYTES


def free_bytes() -> int:
    """What this process may still take: the free memory, or less where a container or `ulimit` allows less."""
    import psutil

    found = [int(psutil.virtual_memory().available)]
    with suppress(OSError, ValueError):  # no such limit is set here
        found.append(int((CGROUP / "memory.max").read_text()) - int((CGROUP / "memory.current").read_text()))
    with suppress(ImportError, ValueError):
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            found.append(limit - int(psutil.Process().memory_info().vms))
    return max(0, min(found))


def require_room(
    report: Sized,
    inputs: Mapping[str, Shape] = MappingProxyType({}),
    at: Callable[[Shape], Sized] | None = None,
    *,
    images: int = 1,
) -> None:
    """Object to a run that needs more memory than there is.

    `at` gives the report of the same at another shape of the network's only input, to name one that would fit.

    Errors:  not-enough-memory
    """
    needed, free = needed_bytes(report, images), free_bytes()
    if needed <= free:
        return
    fitting = next((shape for shape in _smaller(inputs, at) if shape), None) if at is not None else None
    remedy = Phrase("take fewer images or a smaller input, or free some memory")
    if at is not None:
        remedy = Phrase("`--input {fitting}` would fit" if fitting else "no smaller input would fit: free some memory")
    raise InputError.of(
        "not-enough-memory",
        "running this takes about {needed}, and {free} are free",
        help=remedy,
        needed=_mebibytes(needed),
        free=_mebibytes(free),
        fitting=spell(fitting).replace("×", "x") if fitting else "",
    )


def _smaller(inputs: Mapping[str, Shape], at: Callable[[Shape], Sized]) -> Iterator[Shape | None]:
    """Smaller maps that the network takes and the memory holds, the largest first."""
    if len(inputs) != 1:
        return
    (shape,) = inputs.values()
    for eighths in (7, 6, 5, 4, 3, 2, 1, 0.5, 0.25, 0.125):
        shrunk = (shape[0], *(max(1, _round(int(n * eighths / 8))) for n in shape[1:]))
        with suppress(InputError):  # this network does not take it
            yield shrunk if needed_bytes(at(shrunk)) <= free_bytes() else None


def _round(rows: int) -> int:
    """Down to a multiple of 32, which most networks halve without remainder."""
    return rows // 32 * 32 or rows


def _mebibytes(nbytes: int) -> str:
    return f"{nbytes / 2**20:,.0f} MiB"
