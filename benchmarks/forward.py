"""One forward pass of a network whenever a line arrives, in NumPy or in torch; the seconds it took are the answer.

`python benchmarks/forward.py numpy resnet50`; the peak of the resident memory, in bytes, follows at the end.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

THREADS = 2


@contextmanager
def in_numpy(name: str) -> Iterator[Callable[[], object]]:
    from cnncalc import analyze, load
    from cnncalc.execution.engine.program import program
    from cnncalc.execution.engine.threads import worker_threads
    from cnncalc.execution.forward import forward
    from cnncalc.execution.inputs.random_arrays import random_inputs, random_weights

    graph = load(name)
    steps = program(analyze(graph))
    weights = random_weights(steps, seed=0)
    inputs = random_inputs(steps, seed=0)
    with worker_threads(THREADS) as workers:
        yield lambda: forward(steps, inputs, weights, workers=workers)


@contextmanager
def in_torch(name: str) -> Iterator[Callable[[], object]]:
    import numpy as np
    import torch

    from cnncalc import analyze, load
    from cnncalc.execution.engine.program import program
    from cnncalc.execution.inputs.random_arrays import random_weights
    from cnncalc.oracles.torch.module import module_of

    torch.set_num_threads(THREADS)
    graph = load(name)
    report = analyze(graph)
    steps = program(report)
    module = module_of(steps, report.rows)
    module.load(
        {
            path: {weight: np.ascontiguousarray(array) for weight, array in own.items()}
            for path, own in random_weights(steps, seed=0).items()
        }
    )
    inputs = [torch.rand(1, *shape) for shape in graph.inputs.values()]
    with torch.inference_mode():
        yield lambda: module(*inputs)


def main() -> None:
    tool, name = sys.argv[1:]
    with (in_numpy if tool == "numpy" else in_torch)(name) as run:
        for _ in sys.stdin:
            begun = perf_counter()
            run()
            print(perf_counter() - begun, flush=True)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, flush=True)


if __name__ == "__main__":
    main()
