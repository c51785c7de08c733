"""What a run takes in a process of its own beside what was predicted: `python -m tests.support.peak`, a case in JSON.

Memory is that of two threads, above what the process has when everything is imported.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from cnncalc.analysis.infer import analyze
from cnncalc.core.graph import Graph
from cnncalc.core.tensor import stored_name
from cnncalc.execution import kernels
from cnncalc.execution.engine import threads
from cnncalc.execution.engine.threads import worker_threads
from cnncalc.execution.inputs.arrays import from_arrays
from cnncalc.execution.inputs.files import state_dict
from cnncalc.execution.memory.room import BudgetKeeper, PlannedRun, budget
from cnncalc.execution.run import prepare, values
from cnncalc.execution.verify.measure import verify
from cnncalc.language.load import from_text, load

THREADS = 2


def resident(which: str) -> int:
    """Bytes in memory now (`VmRSS`) or at most (`VmHWM`), as Linux has them."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(which))


def network(case: dict[str, Any]) -> Graph:
    shape = tuple(case["input"]) if "input" in case else None
    if "built_in" in case:
        return load(case["built_in"], input=shape, params=case.get("set"))
    return from_text(case["text"])


def written(graph: Graph, case: dict[str, Any], folder: str) -> str:
    """A file of weights, in the element type that is asked for."""
    path = str(Path(folder, "weights.npz"))
    rows = analyze(graph).rows
    shapes = {stored_name(row.path, weight.name): weight.shape for row in rows for weight in row.weights}
    zeros: dict[str, Any] = {name: np.zeros(shape, case["weights"]) for name, shape in shapes.items()}
    np.savez(path, **zeros)
    return path


def measured(case: dict[str, Any], weights: str | None) -> tuple[int, int]:
    """Bytes predicted, and bytes taken."""
    for module in {spec.forward.partition(":")[0] for spec in kernels.KERNELS.values()}:
        import_module(f"cnncalc.execution.kernels.{module}")
    before = resident("VmRSS")
    graph = network(case)
    report = analyze(graph)
    images, layers, verified = case.get("images", 1), case.get("layers", ()), case.get("verify", False)
    limits = budget(PlannedRun(report, images, layers, verified))
    keeper = BudgetKeeper(limits)
    mmap_threshold = threads.MEASURED_MMAP_THRESHOLD if verified else threads.MMAP_THRESHOLD
    with worker_threads(THREADS, mmap_threshold) as workers:
        if verified:
            verify(report, workers=workers, before_step=keeper.before_step)
        else:
            name, shape = next(iter(graph.inputs.items()))
            batch = {name: np.broadcast_to(np.float32(0.5), (images, *shape))} if images > 1 else {}
            prepared = prepare(report, from_arrays(batch), state_dict(weights) if weights else None)
            values(prepared, layers, workers, before_step=keeper.before_step)
    return limits.nbytes, resident("VmHWM") - before


def main() -> None:
    """Print what was predicted and what was taken, in bytes."""
    threads.usable_cpus = lambda: THREADS
    case = json.loads(sys.argv[1])
    if "weights" in case and len(sys.argv) == 2:  # written by another process, which takes memory itself
        with TemporaryDirectory() as folder:
            path = written(network(case), case, folder)
            sys.stdout.flush()
            subprocess.run([sys.executable, "-m", __spec__.name, sys.argv[1], path], check=True)
        return
    gc.disable()  # as `cnncalc` does
    print(*measured(case, sys.argv[2] if len(sys.argv) > 2 else None))


if __name__ == "__main__":
    main()
