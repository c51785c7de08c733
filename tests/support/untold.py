"""Planted bugs that nothing reports, and why each is none: what is computed stays right, or is told by nothing."""

from __future__ import annotations

EXACT = "the division leaves no rest, or `check_groups` has objected"
ORDER = "in any order it comes to the same"
EQUAL = "the same number, shape or field, written another way"
ONE_TAP = "a single tap has no neighbour to keep a distance from"
ALL = "where every unit sees everything, the report says just that, and no window is left to compare"
EITHER = "what it says is true either way, of more or of less"
BEYOND = "rows beyond the border cannot be perturbed"
UNUSED = "nothing reads it there"
SPEED = "it only decides which of two equal ways is taken"
TOPIC = "of `same` the rules read the rows before alone: `test_topics` tells those after"
UNTRACKED = "a field that is not tracked is not refuted"
REASONS = (EXACT, ORDER, EQUAL, ONE_TAP, ALL, EITHER, BEYOND, UNUSED, SPEED, TOPIC, UNTRACKED)

UNTOLD = {
    "core.arithmetic:exact_div": {
        "division(divisor) if divisio … // divisor -> dividend // divisor": EXACT,
        "dividend // divisor -> -(-dividend // divisor)": EXACT,
    },
    "layers.axis_activation:Softmax.rows": {
        "x.numel // x.shape[self.dim] -> -(-x.numel // x.shape[self.dim])": EXACT,
    },
    "layers.axis_activation:GLU.output": {
        "x.shape[axis] // 2 -> -(-x.shape[axis] // 2)": EXACT,
    },
    "layers.axis_activation:GLU.last_axes": {
        "-1 -> -0": UNTRACKED,
        "-1 -> -2": UNTRACKED,
        "1 if self.dim == -1 else 0 -> 0": UNTRACKED,
        "1 if self.dim == -1 else 0 -> 0 if self.dim == -1 else 0": UNTRACKED,
        "self.dim == -1 -> self.dim != -1": UNTRACKED,
        "1 if self.dim == -1 else 0 -> 1": UNTRACKED,
        "1 if self.dim == -1 else 0 -> 1 if self.dim == -1 else -1": UNTRACKED,
        "1 if self.dim == -1 else 0 -> 1 if self.dim == -1 else 1": UNTRACKED,
        "1 if self.dim == -1 else 0 -> 2 if self.dim == -1 else 0": UNTRACKED,
    },
    "layers.axis_activation:GLU.windows": {
        "axis_of(self.dim, x) == 0 -> axis_of(self.dim, x) == -1": UNTRACKED,
        "if axis_of(self.dim, x) == 0 and x.spatial -> if False": UNTRACKED,
        "if self.last_axes -> if False": UNTRACKED,
    },
    "layers.axis_activation:Softmax.windows": {
        "if len(x.spatial) == 1 -> if False": ALL,
        "len(x.spatial) == 1 -> len(x.spatial) == 0": ALL,
    },
    "layers.adaptive_pool:AdaptivePool.global_by": {
        "'global pooling' if set(self … 1} else '' -> ''": ALL,
        "set(self._targets(x)) == {1} … al) != {1} -> set(self._targets(x)) == {1}": ALL,
        "{1} -> {2}": ALL,
        "{1} -> {0}": ALL,
        "set(x.spatial) != {1} -> set(x.spatial) == {1}": ALL,
        "{1} -> {2} #2": ALL,
        "{1} -> {0} #2": ALL,
    },
    "layers.adaptive_pool:GlobalPool.windows": {
        "tuple((adaptive_windows(n, 1 … .spatial)) -> tuple((adaptive_windows(n, 1 … al))[::-1]": ALL,
        "adaptive_windows(n, 1) -> adaptive_windows(1, n)": ALL,
        "adaptive_windows(n, 1) -> adaptive_windows(n, 2)": ALL,
        "x.spatial -> x.spatial[::-1]": ALL,
    },
    "layers.adaptive_pool:GlobalPool.global_by": {
        "'global pooling' if set(x.sp … 1} else '' -> 'global pooling'": ALL,
        "'global pooling' if set(x.sp … 1} else '' -> ''": ALL,
        "set(x.spatial) != {1} -> set(x.spatial) == {1}": ALL,
        "{1} -> {2}": ALL,
        "{1} -> {0}": ALL,
    },
    "layers.adaptive_pool:SpatialPyramidPool2d.ops": {
        "_values_read(n, level) -> _values_read(level, n)": ORDER,
        "self.output(x).numel -> self.output(x).channels": EQUAL,
    },
    "layers.attention:MultiHeadAttention.weights": {
        "(inner, outer) -> (outer, inner)": ORDER,
    },
    "layers.attention:MultiHeadAttention.ops": {
        "(_projection_ops(rows, featu … um_heads)) -> (_attention_ops(queries, key … elf.bias))": ORDER,
    },
    "layers.attention:WindowAttention.weights": {
        "*((inner, WeightSpec('qkv.bi …  (inner,)) -> *tuple((inner, WeightSpec('q … r,))[::-1]": ORDER,
    },
    "layers.attention:WindowAttention.ops": {
        "(_projection_ops(3 * positio … ias=True)) -> (_projection_ops(3 * positio … ias=True))": ORDER,
        "(_projection_ops(3 * positio … ias=True)) -> (_projection_ops(3 * positio … adjusted))": ORDER,
        "(_projection_ops(3 * positio … ias=True)) -> (_attention_ops(positions, w … ias=True))": ORDER,
        "choose(sum(self._shifts(x))  … scores, 0) -> choose(scores, sum(self._shi … )) > 0, 0)": EQUAL,
        "sum(self._shifts(x)) -> max(self._shifts(x))": EQUAL,
    },
    "layers.attention:WindowAttention.global_by": {
        "'attention' if self._padded_ … ze else '' -> ''": ALL,
    },
    "layers.attention:WindowAttention._shifts": {
        "choose(n > window, shift, 0) -> choose(shift, n > window, 0)": EQUAL,
    },
    "layers.conv:Convolution.ops": {
        "tuple(self.counts(x)) -> tuple(self.counts(x))[::-1]": ORDER,
        "(self.out_channels, *extents) -> (*extents, self.out_channels)": ORDER,
        "*extents -> *tuple(extents)[::-1]": ORDER,
    },
    "layers.embedding:Embedding.output": {
        "x.shape -> x.shape[::-1]": ORDER,
        "*x.shape -> *tuple(x.shape)[::-1]": ORDER,
    },
    "layers.merge:Elementwise.output": {
        "(len(x.shape), x.channels_last) -> (x.channels_last, len(x.shape))": ORDER,
        "x.shape -> x.shape[::-1]": ORDER,
        "*x.shape -> *tuple(x.shape)[::-1]": ORDER,
        "*[1] * (axes - 1) -> *tuple([1] * (axes - 1))[::-1]": EQUAL,
        "extents[0] -> extents[1]": EQUAL,
        "*shapes -> *tuple(shapes)[::-1]": ORDER,
    },
    "execution.kernels.merge:add": {
        "x.shape -> x.shape[::-1]": SPEED,
        "other.shape -> other.shape[::-1]": SPEED,
    },
    "layers.merge:Concat.output": {
        "inputs[0] -> inputs[1]": EQUAL,
    },
    "layers.channel_norm:Affine.weights": {
        "(('weight', self.scale), ('b … elf.bias)) -> (('bias', self.bias), ('weig … lf.scale))": ORDER,
        "tuple([WeightSpec(name, (x.c … is_there]) -> tuple([WeightSpec(name, (x.c … re])[::-1]": ORDER,
    },
    "layers.channel_norm:Normalization.weights": {
        "('mean', 'variance') -> ('variance', 'mean')": ORDER,
    },
    "layers.unfold:Columns.pads": {
        "rows if isinstance(rows, tup … ows, rows) -> (rows, rows)": UNUSED,  # but where a mistake has pairs
    },
    "layers.linear:Linear.windows": {
        "if len(x.shape) < 3 -> if False": EQUAL,  # of a sequence, its features are seen whole either way
        "len(x.shape) < 3 -> len(x.shape) < 2": EQUAL,
        "if len(x.shape) < 3 -> if True": UNTRACKED,
        "len(x.shape) < 3 -> len(x.shape) < 4": UNTRACKED,
        "len(x.shape) < 3 -> len(x.shape) <= 3": UNTRACKED,
    },
    "layers.norm:_channel_weights": {
        "('mean', 'var') -> ('var', 'mean')": ORDER,
        "(*learned, mean, variance) -> (mean, *learned, variance)": ORDER,
        "(*learned, mean, variance) -> (*learned, variance, mean)": ORDER,
        "*learned -> *tuple(learned)[::-1]": ORDER,
        "(('weight', scale), ('bias', shift)) -> (('bias', shift), ('weight', scale))": ORDER,
        "tuple(learned) -> tuple(learned)[::-1]": ORDER,
    },
    "layers.norm:LayerNorm.ops": {
        "x.numel // prod(self.normalized_shape) -> -(-x.numel // prod(self.norm … ed_shape))": EXACT,
    },
    "layers.norm:LastAxesNorm.windows": {
        "if apart <= 0 -> if False": ALL,
        "apart <= 0 -> apart < 0": ALL,
        "apart <= 0 -> apart <= -1": ALL,
    },
    "layers.channel_norm:LayerScale.weights": {
        "*[1] * len(x.spatial) -> *tuple([1] * len(x.spatial))[::-1]": EQUAL,
    },
    "layers.recurrent:Recurrent._directions": {
        "('', '_reverse') -> ('_reverse', '')": ORDER,
    },
    "layers.conv_recurrent:ConvLSTM2d.weights": {
        "(of_frame, of_state) -> (of_state, of_frame)": ORDER,
    },
    "layers.conv_recurrent:ConvLSTM2d.ops": {
        "1 -> 2": UNUSED,
    },
    "layers.recurrent:Recurrent.weights": {
        "tuple(specs) -> tuple(specs)[::-1]": ORDER,
    },
    "layers.recurrent:RecurrentCell.weights": {
        "tuple([spec._replace(name=sp … sequence]) -> tuple([spec._replace(name=sp … ce])[::-1]": ORDER,
    },
    "layers.recurrent:RecurrentCell.ops": {
        "x.channels -> x.numel": EQUAL,
    },
    "layers.recurrent:Recurrent.ops": {
        "(OpCount(matrices), OpCount( … items()})) -> (OpCount({op: n * units for  … matrices))": ORDER,
    },
    "layers.recurrent:RecurrentCell._sequence": {
        "1 -> 2": UNUSED,
    },
    "layers.scalar:Scalar.ops": {
        "self.clamp or () -> self.clamp": EQUAL,
    },
    "layers.channel_norm:Normalize.ops": {
        "x.numel // x.shape[axis_of(self.dim, x)] -> -(-x.numel // x.shape[axis_o … .dim, x)])": EXACT,
    },
    "layers.norm:RMSNorm.ops": {
        "x.numel // prod(self.normalized_shape) -> -(-x.numel // prod(self.norm … ed_shape))": EXACT,
    },
    "layers.product:MatMul.output": {
        "-2 -> -1": EQUAL,
        "-2 -> -1 #2": EQUAL,
    },
    "layers.reduce:Reduce.mixed_axes": {
        "tuple((axis_of(dim, x) for d … self.dim)) -> tuple((axis_of(dim, x) for d … im))[::-1]": ORDER,
    },
    "layers.reduce:Reduce.windows": {
        "*axes -> *tuple(axes)[::-1]": ORDER,
        "*range(len(x.shape)) -> *tuple(range(len(x.shape)))[::-1]": ORDER,
        "self.keepdim or {*axes} == spatial -> self.keepdim": ALL,
        "{*range(len(x.shape))} - {ch … l_axis(x)} -> {*range(len(x.shape))}": ALL,
    },
    "layers.reduce:Reduce.global_by": {
        "'global pooling' if spatial  … 1} else '' -> ''": ALL,
        "*range(len(x.shape)) -> *tuple(range(len(x.shape)))[::-1]": ORDER,
        "*self.mixed_axes(x) -> *tuple(self.mixed_axes(x))[::-1]": ORDER,
        "*x.spatial -> *tuple(x.spatial)[::-1]": ORDER,
        "spatial <= {*self.mixed_axes … ial} - {1} -> spatial <= {*self.mixed_axes(x)}": ALL,
        "spatial <= {*self.mixed_axes(x)} -> spatial < {*self.mixed_axes(x)}": ALL,
        "x.spatial -> x.spatial[::-1]": ORDER,
        "{*range(len(x.shape))} - {ch … l_axis(x)} -> {*range(len(x.shape))}": ALL,
        "{*x.spatial} - {1} -> {*x.spatial}": ALL,
        "{1} -> {0}": ALL,
        "{1} -> {2}": ALL,
    },
    "layers.regions:RoIAlign.ops": {
        "*inputs -> *tuple(inputs)[::-1]": ORDER,
    },
    "layers.attention:ScaledDotProductAttention.ops": {
        "(attended, added) -> (added, attended)": ORDER,
    },
    "layers.attention:ScaledDotProductAttention.mixed_axes": {
        "(len(x.shape) - 2, len(x.shape) - 1) -> (len(x.shape) - 1, len(x.shape) - 2)": ORDER,
        "(len(x.shape) - 2, len(x.shape) - 1) -> (len(x.shape) - 2,)": UNTRACKED,
        "len(x.shape) - 1 -> len(x.shape)": UNTRACKED,
        "len(x.shape) - 1 -> len(x.shape) + 1": UNTRACKED,
        "len(x.shape) - 1 -> len(x.shape) - 0": UNTRACKED,
        "len(x.shape) - 1 -> len(x.shape) - 2": UNTRACKED,
    },
    "layers.attention:ScaledDotProductAttention.in_heads": {
        "self.num_heads > 1 -> self.num_heads >= 1": UNTRACKED,
        "self.num_heads > 1 -> self.num_heads > 0": UNTRACKED,
    },
    "layers.pool:Pool.drops_windows": {
        "self.padding -> self.padding if isinstance(s … .padding))": EQUAL,
        "self.padding -> self.padding if isinstance(s … ding[::-1]": EQUAL,
        "sum(rows) -> max(rows)": EITHER,
    },
    "layers.reshape:Flatten.output": {
        "*x.shape[last + 1:] -> *tuple(x.shape[last + 1:])[::-1]": ORDER,
    },
    "layers.reshape:Reshape.output": {
        "x.numel // known -> -(-x.numel // known)": EXACT,
    },
    "layers.reshape:Permute.output": {
        "last > 1 and self._channel_a … x) == last -> self._channel_axis(x) == last": EITHER,
        "last > 1 -> last >= 1": EITHER,
        "last > 1 -> last > 0": EITHER,
    },
    "layers.reshape:Slice.windows": {
        "sliding_window(1, self.step, 1, -first) -> sliding_window(1, self.step, 2, -first)": ONE_TAP,
        "sliding_window(1, self.step, 1, -first) -> sliding_window(1, self.step, 0, -first)": ONE_TAP,
    },
    "layers.border:Pad.windows": {
        "sliding_window(1, 1, 1, added[axis][0]) -> sliding_window(1, 1, 2, added[axis][0])": ONE_TAP,
        "sliding_window(1, 1, 1, added[axis][0]) -> sliding_window(1, 1, 0, added[axis][0])": ONE_TAP,
    },
    "layers.border:Crop._rows_cut": {
        "self.size or () -> self.size": EQUAL,
    },
    "layers.border:Crop.windows": {
        "sliding_window(1, 1, 1, -before) -> sliding_window(1, 1, 2, -before)": ONE_TAP,
        "sliding_window(1, 1, 1, -before) -> sliding_window(1, 1, 0, -before)": ONE_TAP,
    },
    "layers.border:CropLike.windows": {
        "sliding_window(1, 1, 1, -before) -> sliding_window(1, 1, 2, -before)": ONE_TAP,
        "sliding_window(1, 1, 1, -before) -> sliding_window(1, 1, 0, -before)": ONE_TAP,
    },
    "layers.reshape:PixelShuffle.output": {
        "x.channels // pixels -> -(-x.channels // pixels)": EXACT,
    },
    "layers.reshape:PixelShuffle.windows": {
        "tuple((adaptive_windows(n, n … .spatial)) -> tuple((adaptive_windows(n, n … al))[::-1]": ORDER,
        "x.spatial -> x.spatial[::-1]": ORDER,
    },
    "layers.upsample:Upsample._targets": {
        "self.size or self.scale_factor or () -> self.size or self.scale_factor": EQUAL,
    },
    "layers.upsample:Upsample.windows": {
        "len(x.spatial) // len(self.scale_factor) -> -(-len(x.spatial) // len(sel … e_factor))": EXACT,
    },
    "layers.upsample:_scaled_size": {
        "size * numerator if denomina … enominator -> size * numerator // denominator": EQUAL,
        "denominator == 1 -> denominator == 0": EQUAL,
    },
    "layers.upsample:_ratio": {
        "(factor, 1) if isinstance(fa … er_ratio() -> Fraction(repr(factor)).as_in … er_ratio()": EQUAL,
    },
    "layers.windowed:resolve_padding": {
        "total - total // 2 -> total": TOPIC,
        "total - total // 2 -> total + total // 2": TOPIC,
        "total // 2 -> -(-total // 2) #2": TOPIC,
        "total // 2 -> total #2": TOPIC,
        "total // 2 -> total // 1 #2": TOPIC,
        "total // 2 -> total // 3 #2": TOPIC,
    },
    "layers.windowed:Windowed.count": {
        "window_count(size, kernel, s … ion, axis) -> window_count(size, kernel, s … ion, axis)": ORDER,
    },
    "core.arithmetic:ceil_div": {
        "ceiling(divisor) if ceiling  … / divisor) -> -(-dividend // divisor)": EQUAL,
    },
    "core.arithmetic:at_least_zero": {
        "choose(number > 0, number, 0) -> choose(number, number > 0, 0)": EQUAL,
        "number > 0 -> number >= 0": EQUAL,
        "number > 0 -> number > -1": EQUAL,
    },
    "core.arithmetic:padding_total": {
        "2 * before if before is afte … re + after -> before + after": EQUAL,
        "2 * before -> 2 * after": EQUAL,
    },
    "core.field:transposed_window": {
        "if stride == 1 -> if False": EQUAL,
        "stride == 1 -> stride == 0": EQUAL,
        "stride // common -> -(-stride // common)": EXACT,
        "[] if offset % common else [ … ride == 0] -> [t for t in range(min(cycle, … ride == 0]": EQUAL,
        "(offset - dilation * last) // stride -> -(-(offset - dilation * last) // stride)": EXACT,
        "(offset - dilation * first) // stride -> -(-(offset - dilation * firs … // stride)": EXACT,
    },
    "core.field:whole_axis": {
        "(0, size - 1) -> (-1, size - 1)": BEYOND,
        "size - 1 -> size + 1": BEYOND,
        "size - 1 -> size": BEYOND,
        "size - 1 -> size - 0": BEYOND,
    },
    "core.field:pyramid_windows": {
        "tuple((adaptive_windows(size … e(count))) -> tuple((adaptive_windows(size … t)))[::-1]": ORDER,
        "Field(0, tuple((adaptive_win … (count)))) -> Field(1, tuple((adaptive_win … (count))))": UNUSED,
        "Field(0, tuple((adaptive_win … (count)))) -> Field(-1, tuple((adaptive_wi … (count))))": UNUSED,
    },
    "core.field:interpolation_window": {
        "Field(0, ((0, 0),)) -> Field(1, ((0, 0),))": EQUAL,
        "Field(0, ((0, 0),)) -> Field(-1, ((0, 0),))": EQUAL,
        "(0, 0) -> (-1, 0)": BEYOND,
    },
    "core.field:_periodic_field": {
        "gcd(size, count) -> 1": EQUAL,
        "size // common -> -(-size // common)": EXACT,
        "count // common -> -(-count // common)": EXACT,
    },
    "execution.kernels.attention:_attention": {
        "key.shape -> key.shape[::-1]": SPEED,
    },
    "execution.kernels.conv:convolution": {
        "x.shape -> x.shape[::-1] #2": SPEED,
    },
    "execution.kernels.conv:_maps": {
        "outer += 1 -> pass": SPEED,
        "y.shape -> y.shape[::-1]": SPEED,
    },
    "execution.kernels.conv:_depthwise_convolution": {
        "sources.shape -> sources.shape[::-1]": SPEED,
    },
    "execution.kernels.conv_transpose:_frame": {
        "o.stride -> o.stride if o.stride is None … ride[::-1] #2": UNUSED,
        "o.stride -> o.stride if o.stride is None … o.stride)) #2": UNUSED,
    },
    "execution.kernels.recurrent:_pass": {
        "x.shape -> x.shape[::-1] #2": EQUAL,
    },
    "execution.kernels.pool:max_unpool": {
        "inside.shape -> inside.shape[::-1]": SPEED,
        "source.shape -> source.shape[::-1] #2": SPEED,
    },
    "execution.kernels.windows:Geometry.clipped": {
        "before + n + after -> before + n + before #2": SPEED,
        "before + n -> after + n #3": SPEED,
    },
    "execution.kernels.pool:_fold_along": {
        "x.shape -> x.shape[::-1] #4": SPEED,
    },
    "execution.kernels.norm:_standardise": {
        "tally.each(MULTIPLY, np.mult …  y, out=y) -> tally.each(MULTIPLY, np.mult …  y, out=y)": EQUAL,
        "tally.each(MULTIPLY, np.mult …  y, out=y) -> tally.each(MULTIPLY, np.mult …  x, out=y)": EQUAL,
    },
}
"""Mutants that verify does not report, by function, each with the reason why."""
