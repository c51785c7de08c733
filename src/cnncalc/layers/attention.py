"""Attention: sums of values, weighted by matching queries with keys, along a sequence or within windows of a map."""

from math import prod
from typing import Annotated, Any, ClassVar

from pydantic import Field as Option

from cnncalc.core.arithmetic import ceil_div, choose, require
from cnncalc.core.counts import Op, OpCount
from cnncalc.core.errors import Fault
from cnncalc.core.field import Field, Untracked, sliding_window, window_partition
from cnncalc.core.kinds import Kind, Traits
from cnncalc.core.tensor import TensorSpec, WeightSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer, check_sequences
from cnncalc.layers.option_types import Count, PerAxis, PerAxisExtent


def _check_map(x: TensorSpec) -> None:
    """Require a map with its channels last."""
    if not x.channels_last or len(x.shape) != 3:
        raise Fault(
            "wrong-rank",
            "needs a map of shape (H, W, C), but receives {shape}",
            help="`permute` with dims [1, 2, 0] lays a map (C, H, W) out like that",
            shape=spell(x.shape),
        )


def _check_heads(features: int, heads: int) -> None:
    """Require that the heads divide the features."""
    require(
        features % heads == 0,
        "heads-do-not-divide",
        "{heads} heads do not divide {features} features",
        option="num_heads",
        label="{features} is not a multiple of {heads}",
        help="use a number of heads that divides {features}",
        heads=heads,
        features=features,
    )


def _check_agreement(query: TensorSpec, key: TensorSpec, value: TensorSpec, projected: bool) -> None:
    """Require that a query, a key and a value match in shape; projected keys and values have the same shape."""
    require(
        len(query.shape) > 1
        and query.shape[:-2] == key.shape[:-2] == value.shape[:-2]
        and len(query.shape) == len(key.shape) == len(value.shape)
        and query.shape[-1] == key.shape[-1]
        and key.shape[-2] == value.shape[-2]
        and not (projected and key.shape != value.shape),
        "shapes-do-not-attend",
        "a query {query} does not go with a key {key} and a value {value}",
        help="give the query as many features as the key, and every key a value",
        query=spell(query.shape),
        key=spell(key.shape),
        value=spell(value.shape),
    )


def _attention_ops(queries: int, keys: int, features: int, values: int, heads: int) -> OpCount:
    """Operations of softmax(Q·Kᵀ / √d)·V: each query is matched with `keys` keys per head; heads share the features.

    The queries are scaled first, as in torch.nn.MultiheadAttention and torchvision.
    """
    rows = queries * heads
    scores = rows * keys
    return OpCount(
        {
            Op.ELEMENTWISE_MULTIPLY: queries * features,
            Op.CONTRACTION_MAC: queries * keys * (features + values),
            Op.ACTIVATION_COMPARE: scores - rows,  # the largest, subtracted first to avoid overflow
            Op.ACTIVATION_ADD: scores + scores - rows,
            Op.ACTIVATION_EXPONENTIAL: scores,
            Op.ACTIVATION_DIVIDE: scores,
        }
    )


def _projection_ops(rows: int, features: int, bias: bool) -> OpCount:
    """Operations of a square projection, applied to `rows` rows of features."""
    return OpCount({Op.CONTRACTION_MAC: rows * features * features, Op.BIAS_ADD: rows * features if bias else 0})


class ScaledDotProductAttention(Layer):
    """Each query's mean of the values, weighted by a softmax over how well it agrees with their keys, head by head.

    Heads are axes before the last two, or parts of the features (`num_heads`). A fourth input is added to the scores: a
    bias, or a mask of 0 and −∞; its axes are equal or 1.

    Shape:   query (..., length, features), key (..., keys, features), value (..., keys, values), perhaps a mask (...,
             length, keys) -> (..., length, values)
    Errors:  wrong-rank, shapes-do-not-attend, heads-do-not-divide
    Source:  Vaswani et al., Attention is all you need (2017), equation 1; torch's scaled_dot_product_attention
    """

    traits = Traits(Kind.ATTENTION, reads_sequences=True, mixes_positions=True)

    least_inputs: ClassVar[int] = 3
    most_inputs: ClassVar[int | None] = 4

    num_heads: Count = 1
    is_causal: bool = False
    scale: float | None = None

    meanings: ClassVar = {
        "num_heads": Phrase("parts of the features, each of which attends for itself"),
        "is_causal": Phrase("whether a position attends to none behind it"),
        "scale": Phrase("the factor of the queries; null for 1 / √features"),
    }

    @property
    def in_heads(self) -> bool:  # type: ignore[override]
        return self.num_heads > 1

    def mixed_axes(self, x: TensorSpec) -> tuple[int, ...]:
        return len(x.shape) - 2, len(x.shape) - 1

    def output(self, query: TensorSpec, key: TensorSpec, value: TensorSpec, *mask: TensorSpec) -> TensorSpec:
        for x in (query, key, value):
            if len(x.shape) < 2:
                check_sequences(x)
        _check_agreement(query, key, value, projected=False)
        _check_heads(query.shape[-1], self.num_heads)
        _check_heads(value.shape[-1], self.num_heads)
        scores = (*query.shape[:-1], key.shape[-2])
        for x in mask:
            require(
                len(x.shape) == len(scores) and all(n in (1, most) for n, most in zip(x.shape, scores, strict=True)),
                "shapes-do-not-attend",
                "a mask {mask} does not go with scores {scores}",
                help="give it the shape {scores}, with 1 where an axis is repeated",
                mask=spell(x.shape),
                scores=spell(scores),
            )
        return query.with_shape((*query.shape[:-1], value.shape[-1]))

    def ops(self, query: TensorSpec, key: TensorSpec, value: TensorSpec, *mask: TensorSpec) -> OpCount:
        (queries, features), (keys, values) = query.shape[-2:], value.shape[-2:]
        attended = _attention_ops(queries, keys, features, values, self.num_heads)
        added = OpCount({Op.ELEMENTWISE_ADD: self.num_heads * queries * keys * (len(mask) + self.is_causal)})
        return OpCount.total((attended, added)).times(prod(query.shape[:-2]))

    def windows(self, *inputs: Any, **_: Any) -> None:
        if self.is_causal:
            raise Untracked  # the first positions see less

    def global_by(self, *inputs: Any, **_: Any) -> str:
        return "attention"


class MultiHeadAttention(Layer):
    """Attention between projections of its input, or of a query, a key and a value; the heads' outputs, projected.

    `dropout` is nothing, in evaluation.

    Shape:   (length, features) -> the same; query (length, features), key and value (keys, features) -> (length,
             features)
    Errors:  wrong-rank, shapes-do-not-attend, heads-do-not-divide, wrong-number-of-inputs
    Source:  torch.nn.MultiheadAttention with batch_first
    """

    traits = Traits(Kind.ATTENTION, reads_sequences=True, mixes_positions=True)

    most_inputs: ClassVar[int | None] = 3

    num_heads: Count
    bias: bool = True
    dropout: Annotated[float, Option(ge=0, le=1)] = 0.0

    torch_order: ClassVar = ("embed_dim", "num_heads", "dropout", "bias")

    meanings: ClassVar = {
        "num_heads": Phrase("parts of the features, each of which attends for itself"),
        "bias": Phrase("whether the projections add a bias"),
        "dropout": Phrase("share of attention weights that training drops; nothing in evaluation"),
    }

    def output(self, *inputs: TensorSpec) -> TensorSpec:
        if len(inputs) == 2:
            raise Fault(
                "wrong-number-of-inputs",
                "needs one input, or a query, a key and a value, but receives 2",
                help="where key and value are the same, name it twice: `from: [query, memory, memory]`",
            )
        check_sequences(*inputs)
        if len(inputs) == 3:
            _check_agreement(*inputs, projected=True)
        _check_heads(inputs[0].shape[1], self.num_heads)
        return inputs[0]

    def weights(self, *inputs: TensorSpec) -> tuple[WeightSpec, ...]:
        features = inputs[0].shape[1]
        inner = WeightSpec("in_proj_weight", (3 * features, features))  # of queries, keys and values
        outer = WeightSpec("out_proj.weight", (features, features))
        if not self.bias:
            return inner, outer
        return inner, WeightSpec("in_proj_bias", (3 * features,)), outer, WeightSpec("out_proj.bias", (features,))

    def ops(self, *inputs: TensorSpec) -> OpCount:
        (queries, features), keys = inputs[0].shape, inputs[-1].shape[0]
        rows = 2 * queries + 2 * keys  # queries, outputs, keys and values
        return OpCount.total(
            (
                _projection_ops(rows, features, self.bias),
                _attention_ops(queries, keys, features, features, self.num_heads),
            )
        )

    def windows(self, *inputs: Any, **_: Any) -> None:
        return None

    def global_by(self, *inputs: Any, **_: Any) -> str:
        return "attention"


class WindowAttention(Layer):
    """Self-attention within windows side by side, with a learned bias for every distance of two positions.

    With `shift_size`, the windows begin that many rows further on, those cut by the border wrap around, and a mask of
    −100 keeps what does not lie together apart. Where one window holds the whole (padded) axis nothing is shifted. Maps
    that windows do not divide are padded with zeros at the end.

    Shape:   (H, W, C) -> the same, after a permute
    Errors:  wrong-rank, heads-do-not-divide, shift-too-large
    Source:  Liu et al., Swin transformer (2021), section 3.2; torchvision 0.28, ShiftedWindowAttention
    """

    traits = Traits(Kind.ATTENTION)

    axes: ClassVar[int | None] = 2
    any_layout: ClassVar[bool] = True
    per_axis_options: ClassVar[tuple[str, ...]] = ("window_size", "shift_size")

    num_heads: Count
    window_size: PerAxis
    shift_size: PerAxisExtent = (0,)
    qkv_bias: bool = True

    torch_order: ClassVar = ("dim", "window_size", "shift_size", "num_heads")

    meanings: ClassVar = {
        "num_heads": Phrase("parts of the features, each of which attends for itself"),
        "window_size": Phrase("rows and columns of a window"),
        "shift_size": Phrase("rows and columns by which the windows are shifted"),
        "qkv_bias": Phrase("whether query, key and value add a bias; the output always does"),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        _check_map(x)
        _check_heads(x.channels, self.num_heads)
        for window, shift in zip(self.window_size, self.shift_size, strict=True):
            require(
                shift < window,
                "shift-too-large",
                "windows of {window} rows are shifted by {shift}",
                option="shift_size",
                help="shift by less than a window; half of it is usual",
                window=window,
                shift=shift,
            )
        return x

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        distances = prod(2 * window - 1 for window in self.window_size)
        inner = WeightSpec("qkv.weight", (3 * x.channels, x.channels))
        return (
            WeightSpec("relative_position_bias_table", (distances, self.num_heads)),
            *((inner, WeightSpec("qkv.bias", (3 * x.channels,))) if self.qkv_bias else (inner,)),
            WeightSpec("proj.weight", (x.channels, x.channels)),
            WeightSpec("proj.bias", (x.channels,)),
        )

    def ops(self, x: TensorSpec) -> OpCount:
        positions, window = prod(self._padded_extents(x)), prod(self.window_size)
        scores = positions * self.num_heads * window
        adjusted = {
            Op.BIAS_ADD: scores,
            Op.ELEMENTWISE_ADD: choose(sum(self._shifts(x)) > 0, scores, 0),  # the mask
        }
        return OpCount.total(
            (
                _projection_ops(3 * positions, x.channels, self.qkv_bias),
                _attention_ops(positions, window, x.channels, x.channels, self.num_heads),
                OpCount(adjusted),
                _projection_ops(positions, x.channels, bias=True),
            )
        )

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return tuple(map(window_partition, self.window_size, self._shifts(x)))

    def global_by(self, x: TensorSpec) -> str:
        return "attention" if self._padded_extents(x) == self.window_size else ""

    def _padded_extents(self, x: TensorSpec) -> tuple[int, ...]:
        """Rows and columns after padding to whole windows."""
        return tuple(ceil_div(n, window) * window for n, window in zip(x.spatial, self.window_size, strict=True))

    def _shifts(self, x: TensorSpec) -> tuple[int, ...]:
        """How far the windows are shifted on each axis."""
        axes = zip(self._padded_extents(x), self.window_size, self.shift_size, strict=True)
        return tuple(choose(n > window, shift, 0) for n, window, shift in axes)


class PatchMerging(Layer):
    """Squares of 2×2 positions as one, their channels end to end: top left, bottom left, top right, bottom right.

    An odd row or column gets one of zeros beside it.

    Shape:   (H, W, C) -> (⌈H / 2⌉, ⌈W / 2⌉, 4·C), after a permute
    Errors:  wrong-rank
    Source:  Liu et al., Swin transformer (2021), section 3.1; torchvision 0.28, PatchMerging before its norm
    """

    any_layout: ClassVar[bool] = True

    def output(self, x: TensorSpec) -> TensorSpec:
        _check_map(x)
        return x._replace(shape=(*(ceil_div(n, 2) for n in x.spatial), 4 * x.channels))

    def windows(self, x: TensorSpec) -> tuple[Field, ...]:
        return tuple(sliding_window(2, 2) for _ in x.spatial)


class ClassToken(Layer):
    """A sequence with one learned position put in front.

    Shape:   (length, features) -> (length + 1, features)
    Errors:  wrong-rank
    Source:  Dosovitskiy et al., An image is worth 16×16 words (2020), equation 1; torchvision 0.28, VisionTransformer
    """

    traits = Traits(reads_sequences=True, mixes_positions=True)

    def output(self, x: TensorSpec) -> TensorSpec:
        check_sequences(x)
        return x.with_shape((x.shape[0] + 1, x.shape[1]))

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return (WeightSpec("", (1, 1, x.shape[1])),)

    def windows(self, x: TensorSpec) -> None:
        return None


class PositionEmbedding(Layer):
    """A learned value added to every feature of every position.

    Shape:   (length, features) -> the same
    Errors:  wrong-rank
    Source:  Dosovitskiy et al., An image is worth 16×16 words (2020), equation 1; torchvision 0.28, VisionTransformer
    """

    traits = Traits(reads_sequences=True)

    any_layout: ClassVar[bool] = True

    def output(self, x: TensorSpec) -> TensorSpec:
        check_sequences(x)
        return x

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return (WeightSpec("", (1, *x.shape)),)

    def ops(self, x: TensorSpec) -> OpCount:
        return OpCount({Op.ELEMENTWISE_ADD: x.numel})
