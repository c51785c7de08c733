"""How much memory a run takes, how much there is, and an input that would fit."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from mmap import PAGESIZE
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from cnncalc.core.errors import InputError
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import Shape, TensorSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.execution.engine.program import Numbers, Program, program
from cnncalc.execution.engine.scratch import VALUE_BYTES
from cnncalc.execution.engine.threads import (
    OF_MEASURED_BYTES,
    OWN_MEMORY_BYTES,
    THREAD_ADDRESSES,
    address_room,
    give_back,
    usable_threads,
)
from cnncalc.execution.forward import in_place
from cnncalc.execution.memory.peak import peak
from cnncalc.execution.verify.receptive_field.follow import MOST_ROWS
from cnncalc.execution.verify.receptive_field.spans import MOST_MARKS, MOST_VALUES

RESERVE_BYTES = 16 << 20
"""BLAS, which packs what it multiplies, and the parts of libraries that are first used."""

LAYER_BYTES = 12 << 10
"""What is known of a layer: its options, rules and numbers."""

PROBE_BYTES = 30 << 20
"""Values that `verify` disturbs at a time, and what the kernels make of them."""

SEEN_BYTES = 88
"""What it takes to know what a value sees that stands on no axis of the input."""

CGROUP = Path("/sys/fs/cgroup")
"""Where Linux says what a container may use."""


class Taken(NamedTuple):
    """A run of a network: on so many images, up to the layers whose values are wanted, and whether it is verified."""

    report: Numbers
    images: int = 1
    layers: Collection[str] = ()
    verified: bool = False


class Budget(NamedTuple):
    """What a run takes at most, and what each step asks for, by its number."""

    nbytes: int
    asks: Mapping[int, int]


def budget(taken: Taken) -> Budget:
    """Weights, the values alive at once with what their kernel needs beside them, and reserves."""
    report, images, layers, verified = taken
    steps = program(report)
    if layers:
        steps = steps.until(layers)
    outputs = {row.path: row.output for row in report.rows}
    most = peak(
        steps,
        outputs,
        images,
        keep=layers,
        joins=in_place if verified else lambda step: True,
        own_memory=OF_MEASURED_BYTES if verified else OWN_MEMORY_BYTES,
        handed_out=not verified,
    )
    inputs = VALUE_BYTES * images * sum(x.numel for x in steps.input_specs.values())
    totals = report.totals()
    running = most.arrays + (usable_threads() - 1) * most.block
    if verified:  # the probes come when the values are gone
        running = max(running, _probe_bytes(steps, report))
    elif any(map(in_place, steps.steps)):  # in copies of the inputs
        running += inputs
    weights = VALUE_BYTES * (totals.params + totals.buffers)
    nbytes = weights + running + LAYER_BYTES * len(report.rows) + RESERVE_BYTES
    return Budget(nbytes, {step: arrays + usable_threads() * block for step, (arrays, block) in most.asks.items()})


class Keeper:
    """Keeps a run within its budget: gaps between arrays are given back before a step that could go beyond it.

    How threads take turns decides where an allocator leaves gaps, so that they differ from run to run.
    """

    def __init__(self, limits: Budget) -> None:
        self._asks = limits.asks
        self._most = resident_bytes() + limits.nbytes

    def before(self, step: int) -> None:
        """To be called before a step runs, with its number."""
        if resident_bytes() + self._asks[step] > self._most:
            give_back()


def resident_bytes() -> int:
    """What of this process is in memory; 0 where the system is not Linux."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:
            return int(file.read().split()[1]) * PAGESIZE
    except OSError:
        return 0


def _probe_bytes(steps: Program, report: Numbers) -> int:
    """What `verify` takes besides: values under disturbance, a number of theirs at a time, and what is seen of them."""
    maps = [x.spatial for x in (*steps.input_specs.values(), *(row.output for row in report.rows))]
    frame = next((spatial for spatial in maps if spatial), ())
    disturbances = min(MOST_ROWS, max(frame, default=0)) + 1
    apart = [row.output.numel for row in report.rows if _is_off_the_grid(row.layer.traits, row.output, disturbances)]
    marks = [disturbances * n for spatial in maps for n in spatial if disturbances * n <= MOST_MARKS]
    return PROBE_BYTES + 2 * max(marks, default=0) + SEEN_BYTES * max(apart, default=0)


def _is_off_the_grid(traits: Traits, output: TensorSpec, disturbances: int) -> bool:
    """Whether what a layer puts out may stand on no axis of the input, and is followed all the same; maps do."""
    if len(output.shape) > 2 or (traits.mixes_positions and disturbances * output.numel > MOST_VALUES):
        return False
    return traits.relabels or traits.mixes_positions or traits.kind is Kind.LINEAR


def free_bytes() -> int:
    """What this process may still take: the free memory, or less where a container or `ulimit` allows less."""
    import psutil

    found = [int(psutil.virtual_memory().available)]
    with suppress(OSError, ValueError):  # no such limit is set here
        found.append(int((CGROUP / "memory.max").read_text()) - int((CGROUP / "memory.current").read_text()))
    addresses = address_room()
    if addresses is not None:
        found.append(addresses - usable_threads() * THREAD_ADDRESSES)
    return max(0, min(found))


def require_room(
    taken: Taken,
    inputs: Mapping[str, Shape] = MappingProxyType({}),
    at: Callable[[Shape], Taken] | None = None,
) -> Keeper:
    """What keeps a run within the memory that it needs; a diagnostic where there is less.

    `at` is the same run at another shape of the network's only input, to name one that would fit.

    Errors:  not-enough-memory
    """
    limits, free = budget(taken), free_bytes()
    needed = limits.nbytes
    if needed <= free:
        return Keeper(limits)
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


@contextmanager
def diagnosed() -> Iterator[None]:
    """Object where the memory runs out all the same: another program may have taken what was free.

    Errors:  not-enough-memory
    """
    try:
        yield
    except MemoryError as error:
        layer = "".join(getattr(error, "__notes__", ())[:1]).removeprefix("in ")  # as the runner notes it
        raise InputError.of(
            "not-enough-memory",
            "the memory ran out in {layer}" if layer else "the memory ran out",
            help="take fewer images or a smaller input, or free some memory",
            layer=layer,
        ) from None


def _smaller(inputs: Mapping[str, Shape], at: Callable[[Shape], Taken]) -> Iterator[Shape | None]:
    """Smaller maps that the network takes and the memory holds, the largest first."""
    if len(inputs) != 1:
        return
    (shape,) = inputs.values()
    for eighths in (7, 6, 5, 4, 3, 2, 1, 0.5, 0.25, 0.125):
        shrunk = (shape[0], *(max(1, _round(int(n * eighths / 8))) for n in shape[1:]))
        with suppress(InputError):  # this network does not take it
            yield shrunk if budget(at(shrunk)).nbytes <= free_bytes() else None


def _round(rows: int) -> int:
    """Down to a multiple of 32, which most networks halve without remainder."""
    return rows // 32 * 32 or rows


def _mebibytes(nbytes: int) -> str:
    return f"{nbytes / 2**20:,.0f} MiB"
