"""The memory that a run needs, the memory that is free, and an input that would fit."""

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
from cnncalc.execution.engine.program import Program, ReportLike, program
from cnncalc.execution.engine.scratch import VALUE_BYTES
from cnncalc.execution.engine.threads import (
    MEASURED_MMAP_THRESHOLD,
    MMAP_THRESHOLD,
    THREAD_ADDRESSES,
    address_room,
    return_freed_memory,
    usable_threads,
)
from cnncalc.execution.forward import is_in_place
from cnncalc.execution.memory.peak import peak
from cnncalc.execution.verify.receptive_field.follow import MOST_ROWS
from cnncalc.execution.verify.receptive_field.spans import MOST_MASK_VALUES, MOST_VALUES

RESERVE_BYTES = 16 << 20
"""Packing buffers of BLAS, and parts of libraries that are loaded on first use."""

LAYER_BYTES = 12 << 10
"""The objects of a layer: its options, rules and numbers."""

PROBE_BYTES = 33 << 20
"""Values that `verify` perturbs at a time, and what the kernels compute from them."""

SPAN_BYTES = 88
"""The span of input rows of one value that is off the grid."""

CGROUP = Path("/sys/fs/cgroup")
"""Where Linux states the memory limit of a container."""


class PlannedRun(NamedTuple):
    """A run of a network: its batch size, the layers whose values are wanted, and whether it is verified."""

    report: ReportLike
    images: int = 1
    layers: Collection[str] = ()
    verified: bool = False


class Budget(NamedTuple):
    """The most memory that a run needs, and the bytes that each step allocates, by its number."""

    nbytes: int
    step_bytes: Mapping[int, int]


def budget(planned: PlannedRun) -> Budget:
    """The memory of a run: weights, peak values with the scratch memory of their kernel, and reserves."""
    report, images, layers, verified = planned
    steps = program(report)
    if layers:
        steps = steps.prefix_up_to(layers)
    outputs = {row.path: row.output for row in report.rows}
    most = peak(
        steps,
        outputs,
        images,
        keep=layers,
        may_fuse=is_in_place if verified else lambda step: True,
        mmap_threshold=MEASURED_MMAP_THRESHOLD if verified else MMAP_THRESHOLD,
        copies_outputs=not verified,
    )
    inputs = VALUE_BYTES * images * sum(x.numel for x in steps.input_specs.values())
    totals = report.totals()
    running = most.arrays + (usable_threads() - 1) * most.block
    if verified:  # probes run after the values are freed
        running = max(running, _probe_bytes(steps, report))
    elif any(map(is_in_place, steps.steps)):  # on copies of the inputs
        running += inputs
    weights = VALUE_BYTES * (totals.params + totals.buffers)
    nbytes = weights + running + LAYER_BYTES * len(report.rows) + RESERVE_BYTES
    return Budget(
        nbytes, {step: arrays + usable_threads() * block for step, (arrays, block) in most.step_bytes.items()}
    )


class BudgetKeeper:
    """Keeps a run within its budget: returns gaps of the heap to the system before a step that could exceed it.

    Where the allocator leaves gaps depends on the timing of threads, and differs from run to run.
    """

    def __init__(self, limits: Budget) -> None:
        self._step_bytes = limits.step_bytes
        self._most = resident_bytes() + limits.nbytes

    def before_step(self, step: int) -> None:
        """Return gaps where this step, given by its number, could exceed the budget."""
        if resident_bytes() + self._step_bytes[step] > self._most:
            return_freed_memory()


def resident_bytes() -> int:
    """Resident memory of this process; 0 where the system is not Linux."""
    try:
        with open("/proc/self/statm", "rb", buffering=0) as file:
            return int(file.read().split()[1]) * PAGESIZE
    except OSError:
        return 0


def _probe_bytes(steps: Program, report: ReportLike) -> int:
    """The memory of receptive-field probes: perturbed values, their masks, and spans of values off the grid."""
    maps = [x.spatial for x in (*steps.input_specs.values(), *(row.output for row in report.rows))]
    frame = next((spatial for spatial in maps if spatial), ())
    perturbations = min(MOST_ROWS, max(frame, default=0)) + 1
    apart = [row.output.numel for row in report.rows if _is_off_the_grid(row.layer.traits, row.output, perturbations)]
    mask_values = [perturbations * n for spatial in maps for n in spatial if perturbations * n <= MOST_MASK_VALUES]
    return PROBE_BYTES + 2 * max(mask_values, default=0) + SPAN_BYTES * max(apart, default=0)


def _is_off_the_grid(traits: Traits, output: TensorSpec, perturbations: int) -> bool:
    """Whether an output may be off the grid of the input, and is still followed; maps are on it."""
    if len(output.shape) > 2 or (traits.mixes_positions and perturbations * output.numel > MOST_VALUES):
        return False
    return traits.relabels or traits.mixes_positions or traits.kind is Kind.LINEAR


def free_bytes() -> int:
    """Bytes that this process may still allocate: the free memory, or less under a limit of a container or `ulimit`."""
    import psutil

    found = [int(psutil.virtual_memory().available)]
    with suppress(OSError, ValueError):  # without such a limit
        found.append(int((CGROUP / "memory.max").read_text()) - int((CGROUP / "memory.current").read_text()))
    addresses = address_room()
    if addresses is not None:
        found.append(addresses - usable_threads() * THREAD_ADDRESSES)
    return max(0, min(found))


def require_room(
    planned: PlannedRun,
    inputs: Mapping[str, Shape] = MappingProxyType({}),
    resized: Callable[[Shape], PlannedRun] | None = None,
) -> BudgetKeeper:
    """A keeper of the run's budget; a run that needs more memory than is free is rejected.

    `resized` is the same run at another shape of the network's only input, to name one that would fit.

    Errors:  not-enough-memory
    """
    limits, free = budget(planned), free_bytes()
    needed = limits.nbytes
    if needed <= free:
        return BudgetKeeper(limits)
    fitting = next((shape for shape in _smaller(inputs, resized) if shape), None) if resized is not None else None
    remedy = Phrase("take fewer images or a smaller input, or free some memory")
    if resized is not None:
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
def diagnose_memory_errors() -> Iterator[None]:
    """Report running out of memory as a diagnostic: another program may have taken what was free.

    Errors:  not-enough-memory
    """
    try:
        yield
    except MemoryError as error:
        layer = "".join(getattr(error, "__notes__", ())[:1]).removeprefix("in ")  # the note that `forward` adds
        raise InputError.of(
            "not-enough-memory",
            "the memory ran out in {layer}" if layer else "the memory ran out",
            help="take fewer images or a smaller input, or free some memory",
            layer=layer,
        ) from None


def _smaller(inputs: Mapping[str, Shape], resized: Callable[[Shape], PlannedRun]) -> Iterator[Shape | None]:
    """Smaller shapes that the network accepts, the largest first; None for one that does not fit."""
    if len(inputs) != 1:
        return
    (shape,) = inputs.values()
    for eighths in (7, 6, 5, 4, 3, 2, 1, 0.5, 0.25, 0.125):
        shrunk = (shape[0], *(max(1, _round(int(n * eighths / 8))) for n in shape[1:]))
        with suppress(InputError):  # the network does not accept it
            yield shrunk if budget(resized(shrunk)).nbytes <= free_bytes() else None


def _round(rows: int) -> int:
    """Rounded down to a multiple of 32, which most networks halve without remainder."""
    return rows // 32 * 32 or rows


def _mebibytes(nbytes: int) -> str:
    return f"{nbytes / 2**20:,.0f} MiB"
