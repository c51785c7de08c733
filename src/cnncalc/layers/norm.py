"""Normalisation layers."""

from math import prod
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, WithJsonSchema
from pydantic import Field as Option

from cnncalc.core.arithmetic import require
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.field import ITSELF, Field, Untracked, whole_axis
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import TensorSpec, WeightSpec, spell
from cnncalc.core.translation import Listed, Phrase
from cnncalc.layers.base import Layer, check_groups
from cnncalc.layers.option_types import WHOLE, Count

Epsilon = Annotated[float, Option(gt=0)]


def _standardisation_ops(values: int, sets: int, scale: bool, shift: bool) -> OpCount:
    """Operations that normalise `sets` equal parts of `values` numbers, each to mean 0 and variance 1."""
    return OpCount(
        {
            # mean: n - 1; variance: n differences, n - 1 sums and the epsilon; n shifts; n learned shifts
            Op.NORM_ADD: 2 * (values - sets) + values + sets + values + (values if shift else 0),
            # n squares; n scalings by the reciprocal deviation; n learned scales
            Op.NORM_MULTIPLY: 2 * values + (values if scale else 0),
            Op.NORM_DIVIDE: 3 * sets,  # mean, variance, reciprocal
            Op.NORM_ROOT: sets,
        }
    )


def _channel_weights(channels: int, scale: bool, shift: bool, tracked: bool = False) -> tuple[WeightSpec, ...]:
    """A scale and a shift per channel if they are learned, and running statistics if they are tracked."""
    shape = (channels,)
    learned = [WeightSpec(name, shape) for name, is_there in (("weight", scale), ("bias", shift)) if is_there]
    if not tracked:
        return tuple(learned)
    mean, variance = (WeightSpec(f"running_{name}", shape, trainable=False) for name in ("mean", "var"))
    return (*learned, mean, variance)


class BatchNorm(Layer):
    """The rules of batch norms: in evaluation, one multiply and one add with stored statistics."""

    traits = Traits(Kind.NORM, keeps_statistics=True)

    ranks: ClassVar[tuple[int, ...]]

    eps: Epsilon = 1e-5
    momentum: Annotated[float, Option(ge=0, le=1)] | None = 0.1
    affine: bool = True
    scale: bool = True
    center: bool = True
    track_running_stats: bool = True

    torch_order: ClassVar = ("num_features",)

    meanings: ClassVar = {
        "eps": Phrase("added to the variance, so that nothing is divided by zero"),
        "momentum": Phrase("share of a new batch in the running statistics; null averages all; nothing in evaluation"),
        "affine": Phrase("whether each channel has a learned scale and shift"),
        "scale": Phrase("whether `affine` learns a scale, as in Keras"),
        "center": Phrase("whether `affine` learns a shift, as in Keras"),
        "track_running_stats": Phrase(
            "whether evaluation uses running statistics that are stored; otherwise those of its input"
        ),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        require(
            len(x.shape) in self.ranks,
            "wrong-rank",
            "needs an input with {needed} axes, but receives {shape}",
            help="use the batch norm made for this input: batch_norm1d, batch_norm2d or batch_norm3d",
            needed=Listed(self.ranks, Phrase("or")),
            shape=spell(x.shape),
        )
        return x

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        scale, shift = self.affine and self.scale, self.affine and self.center
        return _channel_weights(x.channels, scale, shift, self.track_running_stats)

    def ops(self, x: TensorSpec) -> OpCount:
        if not self.track_running_stats:  # then evaluation uses batch statistics, too
            scale, shift = self.affine and self.scale, self.affine and self.center
            return _standardisation_ops(x.numel, x.channels, scale, shift)
        # (v - mean) / sqrt(var + eps) * weight + bias is one scale and one shift, computed before any input comes
        return OpCount({Op.NORM_MULTIPLY: x.numel, Op.NORM_ADD: x.numel})


class BatchNorm1d(BatchNorm):
    """Normalises every channel of a vector or sequence by statistics of the batch.

    Shape:   (C) -> (C); (C, L) -> (C, L)
    Errors:  wrong-rank
    Source:  torch.nn.BatchNorm1d; its counter num_batches_tracked is not counted
    """

    ranks: ClassVar[tuple[int, ...]] = (1, 2)


class BatchNorm2d(BatchNorm):
    """Normalises every channel of a map by statistics of the batch.

    Shape:   (C, H, W) -> (C, H, W)
    Errors:  wrong-rank
    Source:  torch.nn.BatchNorm2d; its counter num_batches_tracked is not counted
    """

    ranks: ClassVar[tuple[int, ...]] = (3,)


class BatchNorm3d(BatchNorm):
    """Normalises every channel of a volume by statistics of the batch.

    Shape:   (C, D, H, W) -> (C, D, H, W)
    Errors:  wrong-rank
    Source:  torch.nn.BatchNorm3d; its counter num_batches_tracked is not counted
    """

    ranks: ClassVar[tuple[int, ...]] = (4,)


class LastAxesNorm(Layer):
    """The rules of norms over the last axes, which `normalized_shape` names."""

    traits = Traits(Kind.NORM, reads_sequences=True)

    normalized_shape: Annotated[
        tuple[Count, ...],
        BeforeValidator(lambda given: (given,) if isinstance(given, int) else given),
        WithJsonSchema({"anyOf": [WHOLE, {"type": "array", "items": WHOLE}]}),
    ]
    eps: Epsilon | None = 1e-5
    elementwise_affine: bool = True

    meanings: ClassVar = {
        "normalized_shape": Phrase("extents of the last axes, which are normalised together"),
        "eps": Phrase("added to the variance, so that nothing is divided by zero"),
        "elementwise_affine": Phrase("whether each normalised value has a learned scale, and with `bias` a shift"),
    }

    any_layout: ClassVar[bool] = True

    @property
    def last_axes(self) -> int:  # type: ignore[override]
        return len(self.normalized_shape)

    def output(self, x: TensorSpec) -> TensorSpec:
        require(
            x.shape[-len(self.normalized_shape) :] == self.normalized_shape,
            "shape-mismatch",
            "normalized_shape is {named}, but the input ends in {found}",
            option="normalized_shape",
            help="name the last axes of the input, {shape}",
            named=spell(self.normalized_shape),
            found=spell(x.shape[-len(self.normalized_shape) :]),
            shape=spell(x.shape),
        )
        return x

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return (WeightSpec("weight", self.normalized_shape),) if self.elementwise_affine else ()

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        apart = len(x.spatial) - self._normalised_axes(x)  # spatial axes whose positions have statistics of their own
        if apart <= 0:
            return tuple(ITSELF for _ in x.spatial)
        return tuple(ITSELF if axis < apart else whole_axis(n) for axis, n in enumerate(x.spatial))

    def global_by(self, x: TensorSpec) -> str:
        return "statistics over the map" if self._normalised_axes(x) >= len(x.spatial) else ""

    def _normalised_axes(self, x: TensorSpec) -> int:
        """Number of spatial axes that are normalised together; with channels last, the channels come before them."""
        return len(self.normalized_shape) - (1 if x.channels_last else 0)


class LayerNorm(LastAxesNorm):
    """Normalises over the last axes, which `normalized_shape` names.

    Shape:   any -> the same
    Errors:  shape-mismatch
    Source:  torch.nn.LayerNorm
    """

    eps: Epsilon = 1e-5
    bias: bool = True

    torch_order: ClassVar = ("normalized_shape", "eps", "elementwise_affine", "bias")

    meanings: ClassVar = {"bias": Phrase("whether a shift is learned besides the scale")}

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        scale = super().weights(x)
        return (*scale, WeightSpec("bias", self.normalized_shape)) if scale and self.bias else scale

    def ops(self, x: TensorSpec) -> OpCount:
        sets = x.numel // prod(self.normalized_shape)
        scale, shift = self.elementwise_affine, self.elementwise_affine and self.bias
        return _standardisation_ops(x.numel, sets, scale, shift)


class RMSNorm(LastAxesNorm):
    """Divides by the root of the mean square over the last axes, which `normalized_shape` names.

    Shape:   any -> the same
    Errors:  shape-mismatch
    Source:  torch.nn.RMSNorm; Zhang & Sennrich, Root mean square layer normalization (2019), equation 4
    """

    eps: Epsilon | None = None

    torch_order: ClassVar = ("normalized_shape", "eps", "elementwise_affine")

    meanings: ClassVar = {
        "eps": Phrase("added to the mean square; null for the least difference of two numbers near 1"),
        "elementwise_affine": Phrase("whether each normalised value has a learned scale"),
    }

    def ops(self, x: TensorSpec) -> OpCount:
        sets = x.numel // prod(self.normalized_shape)
        return OpCount(
            {
                Op.NORM_MULTIPLY: (3 if self.elementwise_affine else 2) * x.numel,  # squares, the reciprocal, the scale
                Op.NORM_ADD: x.numel - sets + sets,  # the squares, and the epsilon
                Op.NORM_DIVIDE: 2 * sets,  # the mean, and the reciprocal
                Op.NORM_ROOT: sets,
            }
        )


class LayerNorm2d(Layer):
    """Normalises the channels of every place of a map, as `layer_norm` does once the channels lie last.

    Shape:   (C, H, W) -> (C, H, W)
    Errors:  wrong-rank
    Source:  torchvision.models.convnext.LayerNorm2d
    """

    traits = Traits(Kind.NORM)

    eps: Epsilon = 1e-5
    elementwise_affine: bool = True
    bias: bool = True

    torch_order: ClassVar = ("num_channels",)

    meanings: ClassVar = {
        "eps": Phrase("added to the variance, so that nothing is divided by zero"),
        "elementwise_affine": Phrase("whether each channel has a learned scale, and with `bias` a shift"),
        "bias": Phrase("whether a shift is learned besides the scale"),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        require(
            len(x.shape) == 3,
            "wrong-rank",
            "needs an input with 3 axes, but receives {shape}",
            help="use layer_norm, which names the axes that it normalises",
            shape=spell(x.shape),
        )
        return x

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return _channel_weights(x.channels, self.elementwise_affine, self.elementwise_affine and self.bias)

    def ops(self, x: TensorSpec) -> OpCount:
        scale, shift = self.elementwise_affine, self.elementwise_affine and self.bias
        return _standardisation_ops(x.numel, prod(x.spatial), scale, shift)


class GroupNorm(Layer):
    """Normalises groups of channels, over the whole map.

    Shape:   (C, *) -> (C, *)
    Errors:  groups-do-not-divide
    Source:  torch.nn.GroupNorm
    """

    traits = Traits(Kind.NORM)

    num_groups: Count
    eps: Epsilon = 1e-5
    affine: bool = True

    torch_order: ClassVar = ("num_groups", "num_channels")

    meanings: ClassVar = {
        "num_groups": Phrase("parts of the channels, each normalised for itself"),
        "eps": Phrase("added to the variance, so that nothing is divided by zero"),
        "affine": Phrase("whether each channel has a learned scale and shift"),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        check_groups(x.channels, self.num_groups, "channels", "num_groups")
        return x

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return _channel_weights(x.channels, self.affine, self.affine)

    def ops(self, x: TensorSpec) -> OpCount:
        return _standardisation_ops(x.numel, self.num_groups, self.affine, self.affine)

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        if not x.spatial and self.num_groups > 1:
            raise Untracked  # each group sees its own part of a vector
        return tuple(ITSELF for _ in x.spatial)

    def global_by(self, x: TensorSpec) -> str:
        return "statistics over the map"


def _require_spread(x: TensorSpec, sets: int) -> None:
    """Require more than one value per set: minus its mean, a single value is zero."""
    require(
        x.numel > sets,
        "nothing-to-normalise",
        "normalises single values: of {shape} it leaves nothing but zeros",
        help="use it before the map has shrunk to 1×1, or a larger input",
        shape=spell(x.shape),
    )


class InstanceNorm(Layer):
    """The rules of instance norms: each channel of each image has its own statistics."""

    traits = Traits(Kind.NORM)

    eps: Epsilon = 1e-5
    momentum: Annotated[float, Option(ge=0, le=1)] | None = 0.1
    affine: bool = False
    track_running_stats: bool = False

    torch_order: ClassVar = ("num_features",)

    meanings: ClassVar = {
        "eps": Phrase("added to the variance, so that nothing is divided by zero"),
        "momentum": Phrase("share of a new batch in the running statistics; null averages all; nothing in evaluation"),
        "affine": Phrase("whether each channel has a learned scale and shift"),
        "track_running_stats": Phrase(
            "whether evaluation uses running statistics that are stored; otherwise those of its input"
        ),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        self.grid(x)
        _require_spread(x, 0 if self.track_running_stats else x.channels)
        return x

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return _channel_weights(x.channels, self.affine, self.affine, self.track_running_stats)

    def ops(self, x: TensorSpec) -> OpCount:
        if self.track_running_stats:  # evaluation uses stored statistics, as batch norm does
            return OpCount({Op.NORM_MULTIPLY: x.numel, Op.NORM_ADD: x.numel})
        return _standardisation_ops(x.numel, x.channels, self.affine, self.affine)

    def global_by(self, x: TensorSpec) -> str:
        return "" if self.track_running_stats else "statistics over the map"


class InstanceNorm1d(InstanceNorm):
    """Normalises every channel of a sequence by its own mean and variance.

    Shape:   (C, L) -> (C, L)
    Errors:  wrong-rank, nothing-to-normalise
    Source:  torch.nn.InstanceNorm1d
    """

    axes: ClassVar[int] = 1


class InstanceNorm2d(InstanceNorm):
    """Normalises every channel of a map by its own mean and variance.

    Shape:   (C, H, W) -> (C, H, W)
    Errors:  wrong-rank, nothing-to-normalise
    Source:  torch.nn.InstanceNorm2d
    """

    axes: ClassVar[int] = 2


class InstanceNorm3d(InstanceNorm):
    """Normalises every channel of a volume by its own mean and variance.

    Shape:   (C, D, H, W) -> (C, D, H, W)
    Errors:  wrong-rank, nothing-to-normalise
    Source:  torch.nn.InstanceNorm3d
    """

    axes: ClassVar[int] = 3
