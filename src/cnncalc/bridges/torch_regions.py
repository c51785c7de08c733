"""Layers that cut regions out of maps, put together from torch's parts; the places are those that a run takes."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from cnncalc.bridges.torch_windows import Options, per_axis
from cnncalc.execution.kernels.regions import STEPS, span


class RoIAlign(nn.Module):
    """`F.grid_sample` at the points of every region, and their mean in every bin."""

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.bins = per_axis(options["output_size"], 2)
        self.regions = options["regions"]
        self.ratio = options.get("sampling_ratio", 2)

    def forward(self, *maps: Tensor) -> Tensor:
        cut = []
        for region in range(self.regions):
            x = maps[region % len(maps)]
            rows, columns = (self._points(region, axis, x) for axis in (0, 1))
            grid = torch.stack(torch.meshgrid(columns, rows, indexing="xy"), dim=-1)
            points = F.grid_sample(x, grid.expand(len(x), *grid.shape), padding_mode="border", align_corners=True)
            cut.append(F.avg_pool2d(points, self.ratio))
        return torch.stack(cut, dim=1).flatten(0, 1)

    def _points(self, region: int, axis: int, x: Tensor) -> Tensor:
        """Positions along an axis of the map, from -1 to 1."""
        size, count = x.shape[2 + axis], self.bins[axis] * self.ratio
        start, length = span(region, size, STEPS[axis])
        at = float(start) + (torch.arange(count, dtype=x.dtype, device=x.device) + 0.5) * float(length / count)
        return 2 * at / max(size - 1, 1) - 1


class RoIPool(nn.Module):
    """The largest values in the bins of regions that are the whole map."""

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.pool = nn.AdaptiveMaxPool2d(tuple(per_axis(options["output_size"], 2)))
        self.regions = options["regions"]

    def forward(self, x: Tensor) -> Tensor:
        pooled: Tensor = self.pool(x)
        return pooled.repeat_interleave(self.regions, dim=0)
