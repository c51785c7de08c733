"""What the tests ask of torch's layers: values, counts and footprints. Nothing here reads a rule of cnncalc."""

from __future__ import annotations

from fractions import Fraction

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from cnncalc.oracles.torch.attention import MultiHead, WindowAttention
from cnncalc.oracles.torch.layers import after_batch, named_axes, stored_tensors, weight_name
from cnncalc.oracles.torch.layers import torch_layer as fitting_layer
from cnncalc.oracles.torch.recurrent import ConvLSTM
from cnncalc.oracles.torch.windows import FLT_MAX, Options, Shape, WindowOptions, per_axis

__all__ = [
    "FLT_MAX",
    "Options",
    "Shape",
    "WindowOptions",
    "after_batch",
    "buffer_count",
    "footprints",
    "gradient_footprint",
    "macs",
    "parameter_count",
    "per_axis",
    "random_inputs",
    "regular_part",
    "run",
    "settle",
    "torch_layer",
    "weight_name",
    "weight_shapes",
]


def torch_layer(type_name: str, options: Options, shapes: tuple[Shape, ...]) -> nn.Module:
    """The torch computation of a layer; for an input that does not fit, that on one that would."""
    axes = named_axes(type_name)
    if axes is not None and len(shapes[0]) - 1 != axes:
        shapes = ((shapes[0][0], *[9] * axes),)
    return fitting_layer(type_name, options, shapes)


def settle(module: nn.Module, seed: int = 0) -> nn.Module:
    """The module in double precision, with positive parameters and statistics that are neither 0 nor 1.

    Those of recurrent layers and of attention are of either sign, so that no tanh or softmax runs into its ends.
    """
    module.double()
    least = -0.5 if isinstance(module, nn.RNNBase | nn.RNNCellBase | ConvLSTM | MultiHead | WindowAttention) else 0.1
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in (*module.parameters(), *module.buffers()):
            if value.is_floating_point():
                value.copy_(torch.rand(value.shape, generator=generator) + least)
    return module


def random_inputs(type_name: str, shapes: tuple[Shape, ...], batch: int, seed: int = 1) -> list[Tensor]:
    """Inputs in double precision; positive ones for powers and logarithms: the pools, and `scalar`.

    Tables are read with whole numbers from 0 to 9.
    """
    generator = torch.Generator().manual_seed(seed)
    if type_name == "embedding":
        return [torch.randint(10, (batch, *shape), generator=generator).double() for shape in shapes]
    signed = type_name.startswith("roi") or ("pool" not in type_name and type_name != "scalar")
    if "attention" in type_name:
        return [(torch.rand(batch, *shape, generator=generator) * 2 - 1).double() for shape in shapes]
    return [
        (torch.rand(batch, *shape, generator=generator) * 9 - (4.5 if signed else -0.1)).double() for shape in shapes
    ]


def run(module: nn.Module, inputs: list[Tensor]) -> Tensor:
    """The module's output; the inputs stay as they are, whatever the module does in place."""
    with torch.no_grad():
        y: Tensor = module(*[x.clone() for x in inputs])
    return y


def macs(module: nn.Module, inputs: list[Tensor]) -> int:
    """Half of what torch's own counter finds for one image: it counts a multiply and an add as two operations.

    It does not see into the processor's fused attention.
    """
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        run(module, inputs)
    flops: int = counter.get_total_flops()
    count, rest = divmod(flops, 2 * inputs[0].shape[0])
    assert rest == 0
    return count


def parameter_count(module: nn.Module) -> int:
    """Numbers that training changes."""
    return sum(value.numel() for value in module.parameters() if value.requires_grad)


def buffer_count(module: nn.Module) -> int:
    """Stored numbers that training does not change by gradients, without batch norm's own counter."""
    return sum(value.numel() for name, value in module.named_buffers() if not name.endswith("num_batches_tracked"))


def weight_shapes(module: nn.Module) -> dict[str, list[int]]:
    """Name -> shape of everything stored."""
    return {name: list(value.shape) for name, value in stored_tensors(module).items()}


def footprints(
    type_name: str, options: Options, shape: Shape, axis: int, channels_last: bool = False
) -> list[tuple[int, int] | None]:
    """For every output unit along one spatial axis, the first and last input position whose disturbance reaches it.

    All parameters are one and so is every input, so that nothing cancels; then one position at a time becomes two.
    """
    module = torch_layer(type_name, options, (shape,)).double()
    axis -= channels_last
    size = shape[axis + 1]
    with torch.no_grad():
        for value in module.parameters():
            value.fill_(1.0)
        calm = torch.ones(size, *shape, dtype=torch.float64)
        disturbed = calm.clone()
        for position in range(size):
            disturbed[position].select(axis + 1, position).fill_(2.0)
        moved = (module(disturbed) - module(calm)).abs() > 1e-9
    along = (
        moved.movedim(axis + 2, 1).flatten(2).any(2) if moved.dim() == calm.dim() else moved.flatten(1).any(1)[:, None]
    )
    seen = [[position for position, hit in enumerate(unit) if hit] for unit in along.T.tolist()]
    return [(positions[0], positions[-1]) if positions else None for positions in seen]


def gradient_footprint(
    type_name: str, options: Options, shape: Shape, axis: int, unit: int, channels_last: bool = False
) -> tuple[int, int] | None:
    """The same for one unit, found from the gradient of its middle value: for layers that are sums."""
    module = torch_layer(type_name, options, (shape,)).double()
    axis -= channels_last
    with torch.no_grad():
        for value in module.parameters():
            value.fill_(1.0)
    x = torch.ones(1, *shape, dtype=torch.float64, requires_grad=True)
    y: Tensor = module(x)
    y.select(axis + 2, unit).sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    hit = (x.grad.movedim(axis + 2, 0).flatten(1).abs() > 1e-9).any(1).tolist()
    positions = [position for position, seen in enumerate(hit) if seen]
    return (positions[0], positions[-1]) if positions else None


def regular_part(seen: list[tuple[int, int] | None]) -> tuple[int, Fraction | None, int | None]:
    """(widest footprint, advance per unit, what unit 0 would see first without a border), from footprints alone.

    Footprints that an end of the input cuts off do not repeat: as few units as possible are left out at both ends, so
    that the rest repeats. The advance is None where there is a single unit.
    """
    widest = max((high - low + 1 for low, high in filter(None, seen)), default=0)
    if len(seen) == 1:
        assert seen[0] is not None
        return widest, None, seen[0][0]
    for left_out in range((len(seen) - 1) // 2):
        found = _repetition(seen, range(left_out, len(seen) - left_out))
        if found is not None:
            return widest, *found
    raise AssertionError("the input is too small to show how footprints repeat")


def _repetition(seen: list[tuple[int, int] | None], units: range) -> tuple[Fraction, int | None] | None:
    for period in range(1, len(units) // 2 + 1):
        pairs = [(seen[one], seen[other]) for one, other in zip(units, units[period:], strict=False)]
        steps = [later[end] - first[end] for first, later in pairs if first and later for end in (0, 1)]
        alike = all((first is None) == (later is None) for first, later in pairs)
        if alike and len(pairs) > 1 and steps and len(set(steps)) == 1:
            jump = Fraction(steps[0], period)
            unit = next(unit for unit in units if unit % period == 0)
            ends = seen[unit]
            return jump, None if ends is None else int(ends[0] - jump * unit)
    return None
