"""Attention as torch computes it, batch first, and as torchvision builds it for Swin."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from cnncalc.oracles.torch.windows import Options, Shape, per_axis


def heads_of(x: Tensor, heads: int) -> Tensor:
    """(N, length, features) as (N, heads, length, features of a head)."""
    return x.reshape(*x.shape[:2], heads, -1).transpose(1, 2)


class ScaledDotProduct(nn.Module):
    """`F.scaled_dot_product_attention` on all heads."""

    def __init__(self, num_heads: int = 1, is_causal: bool = False, scale: float | None = None) -> None:
        super().__init__()
        self.num_heads, self.is_causal, self.scale = num_heads, is_causal, scale

    def forward(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None = None) -> Tensor:
        leading, queries, keys = query.shape[:-2], query.shape[-2], key.shape[-2]
        query, key, value = (heads_of(x.flatten(0, -3), self.num_heads) for x in (query, key, value))
        if mask is not None:
            mask = mask.expand(*leading, queries, keys).reshape(-1, 1, queries, keys)
        mixed = self._attended(query, key, value, mask).transpose(1, 2).flatten(2)
        return mixed.reshape(*leading, *mixed.shape[1:])

    def _attended(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None) -> Tensor:
        if mask is not None and self.is_causal:  # torch takes one or the other
            rows = torch.ones(query.shape[-2], key.shape[-2], dtype=torch.bool).tril()
            mask = mask.masked_fill(~rows, -torch.inf)
        causal = self.is_causal and mask is None
        return F.scaled_dot_product_attention(query, key, value, mask, is_causal=causal, scale=self.scale)


class MultiHead(nn.MultiheadAttention):
    """`nn.MultiheadAttention`, without attention weights in its output.

    It calls the function, because the module has a fast path that torch's FLOP counter does not see.
    """

    def forward(self, query: Tensor, *others: Tensor) -> Tensor:  # type: ignore[override]
        key, value = others if others else (query, query)
        first = query.transpose(0, 1)  # one object for self-attention: torch tests identity
        self_attention = key is query and value is query
        mixed, _ = F.multi_head_attention_forward(
            first,
            first if self_attention else key.transpose(0, 1),
            first if self_attention else value.transpose(0, 1),
            self.embed_dim,
            self.num_heads,
            self.in_proj_weight,
            self.in_proj_bias,
            None,
            None,
            False,
            0.0,
            self.out_proj.weight,
            self.out_proj.bias,
            training=False,
            need_weights=False,
        )
        return mixed.transpose(0, 1)


class WindowAttention(nn.Module):
    """Torchvision's ShiftedWindowAttention, with its parameter names and the functions that it calls."""

    def __init__(self, features: int, options: Options) -> None:
        super().__init__()
        self.num_heads: int = options["num_heads"]
        self.window = per_axis(options["window_size"], 2)
        self.shift = per_axis(options.get("shift_size", 0), 2)
        rows, columns = self.window
        self.relative_position_bias_table = nn.Parameter(
            torch.zeros((2 * rows - 1) * (2 * columns - 1), self.num_heads)
        )
        self.qkv = nn.Linear(features, 3 * features, bias=options.get("qkv_bias", True))
        self.proj = nn.Linear(features, features)

    def forward(self, x: Tensor) -> Tensor:
        images, height, width, _ = x.shape
        rows, columns = self.window
        x = F.pad(x, (0, 0, 0, -width % columns, 0, -height % rows))
        size = x.shape[1:3]
        shifts = [by if n > window else 0 for n, window, by in zip(size, self.window, self.shift, strict=True)]
        sets = self._windows(x.roll([-by for by in shifts], (1, 2)))
        query, key, value = (heads_of(part, self.num_heads) for part in self._linear(self.qkv, sets).chunk(3, dim=2))
        scores = (query * query.shape[-1] ** -0.5).matmul(key.transpose(2, 3)) + self._bias()
        if any(shifts):
            apart = self._windows(self._sides(size, shifts).to(x)[None, ..., None])  # (windows, positions, 1)
            mask = torch.where(apart == apart.transpose(1, 2), 0.0, -100.0).to(x)
            scores = (scores.reshape(images, -1, *scores.shape[1:]) + mask[:, None]).flatten(0, 1)
        mixed = self._linear(self.proj, F.softmax(scores, dim=3).matmul(value).transpose(1, 2).flatten(2))
        grid = mixed.reshape(images, size[0] // rows, size[1] // columns, rows, columns, -1)
        whole = grid.transpose(2, 3).flatten(3, 4).flatten(1, 2)
        output: Tensor = whole.roll(shifts, (1, 2))[:, :height, :width]
        return output

    @staticmethod
    def _linear(layer: nn.Linear, x: Tensor) -> Tensor:
        """A projection by the function, as torchvision calls it: tools that count modules do not see it."""
        return F.linear(x, layer.weight, layer.bias)

    def _windows(self, x: Tensor) -> Tensor:
        """(N, H, W, C) as (windows of all images, positions, C)."""
        rows, columns = self.window
        images, height, width, _ = x.shape
        apart = x.reshape(images, height // rows, rows, width // columns, columns, -1)
        return apart.transpose(2, 3).flatten(3, 4).flatten(0, 2)

    def _bias(self) -> Tensor:
        """The bias of every pair of positions, by their distance."""
        rows, columns = self.window
        places = torch.cartesian_prod(torch.arange(rows), torch.arange(columns))
        steps = (places[:, None] - places[None]) + torch.tensor([rows - 1, columns - 1])
        index = steps[..., 0] * (2 * columns - 1) + steps[..., 1]
        bias: Tensor = self.relative_position_bias_table[index]
        return bias.permute(2, 0, 1)

    @staticmethod
    def _sides(size: torch.Size, shifts: list[int]) -> Tensor:
        """A number for every position, which differs for positions that were rolled over a border."""
        row, column = (torch.arange(n) >= n - by for n, by in zip(size, shifts, strict=True))
        return row[:, None] * 2.0 + column * 1.0


class Unnamed(nn.Module):
    """One parameter, and a function of the input and the parameter."""

    def __init__(self, name: str, shape: Shape, call: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.name, self.call = name, call
        self.register_parameter(name, nn.Parameter(torch.zeros(shape)))

    def forward(self, x: Tensor) -> Tensor:
        return self.call(x, getattr(self, self.name))


def merge_patches(x: Tensor) -> Tensor:
    """Squares of 2×2 positions of a map (N, H, W, C) merged into one."""
    _, height, width, _ = x.shape
    x = F.pad(x, (0, 0, 0, width % 2, 0, height % 2))
    squares = x.reshape(len(x), x.shape[1] // 2, 2, x.shape[2] // 2, 2, -1)
    return squares.permute(0, 1, 3, 4, 2, 5).flatten(3)


def prepend_token(x: Tensor, token: Tensor) -> Tensor:
    """A sequence with the token before it."""
    return torch.cat([token.expand(len(x), -1, -1), x], dim=1)


ATTENTION = (
    "scaled_dot_product_attention",
    "multi_head_attention",
    "window_attention",
    "class_token",
    "position_embedding",
)


def attention(type_name: str, options: Options, shape: Shape, unnamed: str) -> nn.Module:
    """The module of an attention layer; `unnamed` is the parameter name of a weight without a name."""
    match type_name:
        case "scaled_dot_product_attention":
            return ScaledDotProduct(**options)
        case "multi_head_attention":
            return MultiHead(shape[-1], batch_first=True, **options)
        case "window_attention":
            return WindowAttention(shape[-1], options)
        case "class_token":
            return Unnamed(unnamed, (1, 1, shape[-1]), prepend_token)
        case "position_embedding":
            return Unnamed(unnamed, (1, *shape), torch.add)
    raise LookupError(type_name)
