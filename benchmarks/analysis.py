"""Analysis of a loaded ResNet-50 graph, in turn with torch's FlopCounterMode over the same network on the meta device.

Run with `python benchmarks/analysis.py`; needs torch.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch
from torch.utils.flop_counter import FlopCounterMode
from torch_resnet import resnet

from cnncalc import analyze, load

ROUNDS = 50


def seconds(work: Callable[[], object]) -> float:
    """Processor time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    torch.set_num_threads(1)
    graph = load("resnet50")
    model, image = resnet("resnet50", "meta"), torch.empty(1, 3, 224, 224, device="meta")

    def count() -> int:
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            model(image)
        flops: int = counter.get_total_flops()
        return flops

    assert count() == analyze(graph).totals().flops
    pairs = [(seconds(lambda: analyze(graph)), seconds(count)) for _ in range(ROUNDS)]
    ours, torchs = (statistics.median(times) for times in zip(*pairs, strict=True))
    print(f"analyze {1000 * ours:.2f} ms / FlopCounterMode {1000 * torchs:.2f} ms = 1/{torchs / ours:.1f}")


if __name__ == "__main__":
    main()
