"""Layers that cut regions out of maps, put together from torch's parts; the places are those that a run takes."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from cnncalc.execution.kernels.regions import STEPS, span
from cnncalc.oracles.torch.windows import Options, per_axis


class RoIAlign(nn.Module):
    """Values between pixels at the points of every region, and their mean in every bin.

    By indexing and not by `F.grid_sample`, to which fvcore gives FLOPs of its own: torchvision's operator gets none.
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
                points = self._between(points, region, axis)
            cut.append(F.avg_pool2d(points, self.ratio))
        return torch.stack(cut, dim=1).flatten(0, 1)

    def _between(self, x: Tensor, region: int, axis: int) -> Tensor:
        """The map at a region's positions along one axis; beyond the border lies what is at the border."""
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
    """The largest values in the bins of regions that are the whole map."""

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.pool = nn.AdaptiveMaxPool2d(tuple(per_axis(options["output_size"], 2)))
        self.regions = options["regions"]

    def forward(self, x: Tensor) -> Tensor:
        pooled: Tensor = self.pool(x)
        return pooled.repeat_interleave(self.regions, dim=0)
