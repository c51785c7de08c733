"""Region pooling: regions cut out of maps and resized to one shape; the layers after it run once per region.

The places of regions are data, which a description does not have. Sizes and operation counts do not depend on them,
except as `roi_pool` says; a run uses fixed places. Since a region may lie anywhere, receptive fields are not tracked.
"""

from typing import ClassVar

from cnncalc.core.arithmetic import require
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.field import Field, Untracked
from cnncalc.core.tensor import TensorSpec, spell
from cnncalc.core.translation import Listed, Phrase
from cnncalc.layers.adaptive_pool import AdaptivePool, Reduction
from cnncalc.layers.base import Layer
from cnncalc.layers.option_types import Count, PerAxis


class RoIAlign(Layer):
    """Means of `sampling_ratio`² points in each of `output_size` bins of every region, interpolated between pixels.

    Of several maps, as a feature pyramid has them, a region reads one. A run takes regions of half the height and
    half the width of a map, spread over it, and the maps in turn.

    Shape:   (C, H, W), (C, H', W'), ... -> regions × (C, *output_size)
    Errors:  wrong-rank, unlike-channels
    Source:  He et al., Mask R-CNN (2017), section 3; torchvision.ops.RoIAlign and MultiScaleRoIAlign
    """

    axes: ClassVar[int] = 2
    most_inputs: ClassVar[int | None] = None
    per_axis_options: ClassVar[tuple[str, ...]] = ("output_size",)

    output_size: PerAxis
    regions: Count
    sampling_ratio: Count = 2

    torch_order: ClassVar = ("output_size",)

    meanings: ClassVar = {
        "output_size": Phrase("bins of a region on each axis"),
        "regions": Phrase("regions of an image; the layers after it run once for each"),
        "sampling_ratio": Phrase("points of a bin on each axis; torch can also choose them by the size of a region"),
    }

    def output(self, *inputs: TensorSpec) -> TensorSpec:
        for x in inputs:
            require(
                self.grid(x).channels == inputs[0].channels,
                "unlike-channels",
                "cannot cut regions out of {shapes}: all maps need the same channels",
                help="bring the maps to the same channels with 1×1 convolutions, as a feature pyramid does",
                shapes=Listed(spell(other.shape) for other in inputs),
            )
        return TensorSpec((inputs[0].channels, *self.output_size), inputs[0].dtype, regions=self.regions)

    def ops(self, *inputs: TensorSpec) -> OpCount:
        means = self.output(*inputs).elements
        points = means * self.sampling_ratio * self.sampling_ratio
        return OpCount(
            {
                Op.INTERPOLATION_MULTIPLY: 4 * points,  # a point is a weighted sum of the four pixels around it
                Op.INTERPOLATION_ADD: 3 * points,
                Op.POOL_ADD: points - means,
                Op.POOL_DIVIDE: means,
            }
        )

    def windows(self, *inputs: TensorSpec) -> tuple[Field, ...]:
        raise Untracked


class RoIPool(AdaptivePool):
    """Largest value of each of `output_size` bins of every region; null keeps an axis.

    Comparisons are those of regions as large as the map, and a run takes such: what smaller ones take depends on the
    size that each happens to have.

    Shape:   (C, H, W) -> regions × (C, *output_size)
    Errors:  wrong-rank
    Source:  Girshick, Fast R-CNN (2015), section 2.1; torchvision.ops.RoIPool
    """

    axes: ClassVar[int] = 2
    reduction: ClassVar[Reduction] = "max"

    regions: Count

    torch_order: ClassVar = ("output_size",)

    meanings: ClassVar = {
        "output_size": Phrase("bins of a region on each axis; null keeps the axis"),
        "regions": Phrase("regions of an image; the layers after it run once for each"),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        return super().output(x)._replace(regions=self.regions)

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount({op: self.regions * n for op, n in super().ops(x).items()})

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        raise Untracked

    def global_by(self, x: TensorSpec) -> str:
        return ""
