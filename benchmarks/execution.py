"""The forward pass in NumPy against torch eager, and what measuring adds: batch 1, float32, two threads each.

Run with `python benchmarks/execution.py`, in an environment with cnncalc and torch. The two take turns, each in a
process of its own, so that neither's threads are in the other's way.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from cnncalc import analyze, load
from cnncalc.execution.engine.program import program
from cnncalc.execution.engine.threads import worker_threads
from cnncalc.execution.forward import forward, is_in_place
from cnncalc.execution.inputs.random_arrays import random_inputs, random_weights
from cnncalc.execution.verify.measure import verify

NETWORKS = ("vgg16", "resnet50", "mobilenet_v2", "nin", "googlenet", "densenet121")
ROUNDS = 15
WARM_UP = 3


def start(tool: str, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(Path(__file__).with_name("forward.py")), tool, name]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ask(process: subprocess.Popen[str]) -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def peak(process: subprocess.Popen[str]) -> float:
    return int(process.communicate()[0]) / 2**20


def against_torch(name: str) -> None:
    ours, torch = start("numpy", name), start("torch", name)
    for _ in range(WARM_UP):
        ask(ours), ask(torch)
    pairs = [(ask(ours), ask(torch)) for _ in range(ROUNDS)]
    ratio = statistics.median(a / b for a, b in pairs)
    a, b = (1000 * statistics.median(each) for each in zip(*pairs, strict=True))
    print(
        f"{name}: {a:.1f} ms / {b:.1f} ms = {ratio:.2f}; peak {peak(ours):.0f} MiB / {peak(torch):.0f} MiB", flush=True
    )


def measuring(name: str) -> None:
    """What verify takes, against the plain run, and against a run of one layer after another, as what is measured is.

    The plain run does a convolution, its normalisation and its activation in one pass, wherever their memory is.
    """
    graph = load(name)
    report = analyze(graph)
    steps = program(report)
    weights = random_weights(steps, seed=0)
    taken: list[tuple[float, float, float]] = []
    with worker_threads(2) as workers:

        def timed(number: int, **how: Any) -> float:
            inputs = random_inputs(steps, seed=number)
            begun = perf_counter()
            forward(steps, inputs, weights, workers=workers, **how)
            return perf_counter() - begun

        for number in range(ROUNDS):
            plain, by_layer = timed(number), timed(number, watch=lambda ran: None, may_fuse=is_in_place)
            inputs = random_inputs(steps, seed=number)
            measured = verify(report, workers=workers, weights=weights, inputs=inputs).seconds
            taken.append((plain, by_layer, measured))
    plain, by_layer, measured = (1000 * statistics.median(each) for each in zip(*taken, strict=True))
    to_plain = statistics.median(measured / plain for plain, _, measured in taken)
    to_by_layer = statistics.median(measured / by_layer for _, by_layer, measured in taken)
    print(
        f"{name}: verify {measured:.1f} ms / plain run {plain:.1f} ms = {to_plain:.2f}; "
        f"/ layer by layer {by_layer:.1f} ms = {to_by_layer:.2f}",
        flush=True,
    )


def main() -> None:
    names = sys.argv[1:] or NETWORKS
    for name in names:
        against_torch(name)
    for name in names:  # after it: a process inherits the peak of the one that starts it
        measuring(name)


if __name__ == "__main__":
    main()
