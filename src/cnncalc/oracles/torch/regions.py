"""Regions of interest, built from torch's functions, at the places that a run in NumPy has."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from cnncalc.execution.kernels.regions import STEPS, span
from cnncalc.oracles.torch.windows import Options, per_axis


class RoIAlign(nn.Module):
    """Interpolated values at the points of every region, and their mean in every bin.

    It indexes instead of using `F.grid_sample`, as fvcore counts FLOPs for that, but none for torchvision's operator.
    """

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.bins = per_axis(options["output_size"], 2)
        self.regions = options["regions"]
        self.ratio = options.get("sampling_ratio", 2)

    def forward(self, *maps: Tensor) -> Tensor:
        cut = []
        for region in range(self.regions):
            points = maps[region % len(maps)]
            for axis in (0, 1):
                points = self._interpolate(points, region, axis)
            cut.append(F.avg_pool2d(points, self.ratio))
        return torch.stack(cut, dim=1).flatten(0, 1)

    def _interpolate(self, x: Tensor, region: int, axis: int) -> Tensor:
        """The map interpolated at a region's positions along one axis, clamped to the border."""
        size, count = int(x.shape[2 + axis]), self.bins[axis] * self.ratio
        start, length = span(region, size, STEPS[axis])
        at = float(start) + (torch.arange(count, dtype=x.dtype, device=x.device) + 0.5) * (float(length) / count)
        at = at.clamp(0, size - 1)
        low = at.floor().long()
        share = (at - low).view(-1, 1) if axis == 0 else at - low
        below, above = (x.index_select(2 + axis, place) for place in (low, (low + 1).clamp(max=size - 1)))
        between: Tensor = below * (1 - share) + above * share
        return between


class RoIPool(nn.Module):
    """The largest value in every bin of every region; each region is the whole map."""

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.pool = nn.AdaptiveMaxPool2d(tuple(per_axis(options["output_size"], 2)))
        self.regions = options["regions"]

    def forward(self, x: Tensor) -> Tensor:
        pooled: Tensor = self.pool(x)
        return pooled.repeat_interleave(self.regions, dim=0)
