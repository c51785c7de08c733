"""Inputs whose channels look as if they came last."""

from __future__ import annotations

from cnncalc.core.errors import COMMAND_LINE, Span
from cnncalc.core.graph import Graph
from cnncalc.core.tensor import Shape

IMAGE_CHANNELS = (1, 3, 4)
"""Channels of a picture: grey, RGB, RGB and alpha."""

SMALLEST_IMAGE = 5
"""Rows and columns from which a map may be a picture."""

SMALLEST_PHOTO = 16
"""The same where the map is not square."""


def channels_first(graph: Graph) -> dict[str, Shape]:
    """The shapes of inputs that look like (H, W, C) or (D, H, W, C), with their channels first."""
    return {
        name: (shape[-1], *shape[:-1])
        for name, shape in graph.inputs.items()
        if name not in graph.channels_last and _looks_channels_last(shape)
    }


def _looks_channels_last(shape: Shape) -> bool:
    *extents, channels = shape
    if len(extents) not in (2, 3) or channels not in IMAGE_CHANNELS or min(extents) < SMALLEST_IMAGE:
        return False
    return extents[-2] == extents[-1] or (channels == 3 and min(extents) >= SMALLEST_PHOTO)


def written_shape(shape: Shape, span: Span | None) -> str:
    """A shape as it is written where the span is."""
    if span is not None and span.source.name == COMMAND_LINE:
        return f"--input {'x'.join(map(str, shape))}"
    return str(list(shape))
