# Written by `pytest --regenerate-golden tests/language/test_stubs.py`: change the layers, and not this file.

from collections.abc import Mapping, Sequence
from inspect import Signature
from typing import Literal

PLACED: tuple[str, ...]

def signature(type: str) -> Signature: ...
def documentation(type: str) -> str: ...

class LayerMethods:
    """Methods that append a layer to a network, and give its path."""

    def conv1d(
        self,
        out_channels: int,
        kernel_size: int | Sequence[int],
        *,
        stride: int | Sequence[int] = 1,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        connections: Sequence[Sequence[int]] | None = None,
        standardized: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Convolution over a sequence.

        Shape:   (C, L) -> (C_out, L_out)

        Options:
            kernel_size: rows and columns of a window
            out_channels: maps that come out, one for each filter
            stride: how far a window moves at each step
            padding: rows of zeros around the input
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            groups: parts of the channels that are filtered apart; as many as channels: depthwise
            bias: whether each filter adds a number of its own
            connections: the input maps that each filter reads; without it, all of its group
            standardized: whether each filter's weights are shifted and scaled to mean 0 and variance 1 first
        """

    def conv2d(
        self,
        out_channels: int,
        kernel_size: int | Sequence[int],
        *,
        stride: int | Sequence[int] = 1,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        connections: Sequence[Sequence[int]] | None = None,
        standardized: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Convolution over a map; `connections` says which input maps each output map reads (LeNet-5's C3).

        Shape:   (C, H, W) -> (C_out, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            out_channels: maps that come out, one for each filter
            stride: how far a window moves at each step
            padding: rows of zeros around the input
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            groups: parts of the channels that are filtered apart; as many as channels: depthwise
            bias: whether each filter adds a number of its own
            connections: the input maps that each filter reads; without it, all of its group
            standardized: whether each filter's weights are shifted and scaled to mean 0 and variance 1 first
        """

    def conv3d(
        self,
        out_channels: int,
        kernel_size: int | Sequence[int],
        *,
        stride: int | Sequence[int] = 1,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        connections: Sequence[Sequence[int]] | None = None,
        standardized: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Convolution over a volume or a clip.

        Shape:   (C, D, H, W) -> (C_out, D_out, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            out_channels: maps that come out, one for each filter
            stride: how far a window moves at each step
            padding: rows of zeros around the input
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            groups: parts of the channels that are filtered apart; as many as channels: depthwise
            bias: whether each filter adds a number of its own
            connections: the input maps that each filter reads; without it, all of its group
            standardized: whether each filter's weights are shifted and scaled to mean 0 and variance 1 first
        """

    def conv_transpose1d(
        self,
        out_channels: int,
        kernel_size: int | Sequence[int],
        *,
        stride: int | Sequence[int] = 1,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        output_padding: int | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Transposed convolution over a sequence.

        Shape:   (C, L) -> (C_out, L_out)

        Options:
            out_channels: maps that come out, one for each filter
            kernel_size: rows and columns over which one input value is spread
            stride: how far apart neighbouring input values are spread: about the factor by which the map grows
            padding: rows cut off around the output; `same` leaves n · stride of them (torch takes numbers alone)
            output_padding: rows added at the end of each axis, to choose among the sizes that a stride leaves open
            dilation: how far apart the values lie over which one is spread; 1 leaves no gap
            groups: parts of the channels that are filtered apart; as many as channels: depthwise
            bias: whether each filter adds a number of its own
        """

    def conv_transpose2d(
        self,
        out_channels: int,
        kernel_size: int | Sequence[int],
        *,
        stride: int | Sequence[int] = 1,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        output_padding: int | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Transposed convolution over a map: the gradient of a convolution, which makes maps larger.

        Shape:   (C, H, W) -> (C_out, H_out, W_out)

        Options:
            out_channels: maps that come out, one for each filter
            kernel_size: rows and columns over which one input value is spread
            stride: how far apart neighbouring input values are spread: about the factor by which the map grows
            padding: rows cut off around the output; `same` leaves n · stride of them (torch takes numbers alone)
            output_padding: rows added at the end of each axis, to choose among the sizes that a stride leaves open
            dilation: how far apart the values lie over which one is spread; 1 leaves no gap
            groups: parts of the channels that are filtered apart; as many as channels: depthwise
            bias: whether each filter adds a number of its own
        """

    def conv_transpose3d(
        self,
        out_channels: int,
        kernel_size: int | Sequence[int],
        *,
        stride: int | Sequence[int] = 1,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        output_padding: int | Sequence[int] = 0,
        dilation: int | Sequence[int] = 1,
        groups: int = 1,
        bias: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Transposed convolution over a volume.

        Shape:   (C, D, H, W) -> (C_out, D_out, H_out, W_out)

        Options:
            out_channels: maps that come out, one for each filter
            kernel_size: rows and columns over which one input value is spread
            stride: how far apart neighbouring input values are spread: about the factor by which the map grows
            padding: rows cut off around the output; `same` leaves n · stride of them (torch takes numbers alone)
            output_padding: rows added at the end of each axis, to choose among the sizes that a stride leaves open
            dilation: how far apart the values lie over which one is spread; 1 leaves no gap
            groups: parts of the channels that are filtered apart; as many as channels: depthwise
            bias: whether each filter adds a number of its own
        """

    def locally_connected1d(
        self,
        out_channels: int,
        kernel_size: int | Sequence[int],
        *,
        stride: int | Sequence[int] = 1,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        dilation: int | Sequence[int] = 1,
        bias: Literal["per_position", "per_channel"] | bool = "per_position",
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Unshared convolution over a sequence; `bias: true` means one per position.

        Shape:   (C, L) -> (C_out, L_out)

        Options:
            kernel_size: rows and columns of a window
            out_channels: maps that come out, one for each filter
            stride: how far a window moves at each step
            padding: rows of zeros around the input
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            bias: what is added: a number for each output value, for each map (`per_channel`), or nothing
        """

    def locally_connected2d(
        self,
        out_channels: int,
        kernel_size: int | Sequence[int],
        *,
        stride: int | Sequence[int] = 1,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        dilation: int | Sequence[int] = 1,
        bias: Literal["per_position", "per_channel"] | bool = "per_position",
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Unshared convolution over a map; `bias: true` means one per position.

        Shape:   (C, H, W) -> (C_out, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            out_channels: maps that come out, one for each filter
            stride: how far a window moves at each step
            padding: rows of zeros around the input
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            bias: what is added: a number for each output value, for each map (`per_channel`), or nothing
        """

    def linear(
        self,
        out_features: int,
        *,
        bias: bool = True,
        axis: Literal[-1] | None = None,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Every output reads every input feature.

        Shape:   (features) -> (out_features); (length, features) -> (length, out_features);
                 (H, W, C) -> (H, W, out_features) after a permute; (*, n) -> (*, out_features) with `axis: -1`

        Options:
            out_features: values that come out, each a weighted sum of all input features
            bias: whether each output adds a number of its own
            axis: -1 multiplies along the last axis of a map, its width, as torch does; left out, a map is refused
        """

    def embedding(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The vector of every token: a row of the table for each number of the input. Looking up is no arithmetic.

        The input holds whole numbers from 0 to num_embeddings − 1. The row `padding_idx` is stored like the others; in
        training it keeps still.

        Shape:   (length) -> (length, embedding_dim)

        Options:
            num_embeddings: rows of the table, one for each token
            embedding_dim: length of the vector of a token
            padding_idx: the token whose vector training leaves alone; it changes no count
        """

    def rnn(
        self,
        hidden_size: int,
        *,
        num_layers: int = 1,
        bias: bool | Literal["single"] = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        return_sequences: bool = True,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """A plain recurrence: tanh or ReLU of what the step's input and the last state come to.

        Without `return_sequences` only the last position comes out. Of a bidirectional layer that is, besides the final
        state of the forward direction, what the backward one makes of the last position alone: its first step.

        Shape:   (length, features) -> (length, hidden_size) or (hidden_size); if bidirectional, 2·hidden_size

        Options:
            hidden_size: values of the state
            num_layers: layers in the stack, each of which reads the output of the one below
            bias: true: each gate adds two biases, as in torch; single: one, as in Keras; false: none
            dropout: share of values that training drops between the layers; nothing in evaluation
            bidirectional: whether a second direction reads the sequence from its end
            return_sequences: whether every position comes out, as in torch, or only the last one, as by default in
                Keras
            nonlinearity: the activation of every step
        """

    def lstm(
        self,
        hidden_size: int,
        *,
        num_layers: int = 1,
        bias: bool | Literal["single"] = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        return_sequences: bool = True,
        proj_size: int = 0,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Long short-term memory: input, forget and output gate around a cell.

        With `proj_size`, what a step puts out is projected to that many values instead of hidden_size.

        Without `return_sequences` only the last position comes out. Of a bidirectional layer that is, besides the final
        state of the forward direction, what the backward one makes of the last position alone: its first step.

        Shape:   (length, features) -> (length, hidden_size) or (hidden_size); if bidirectional, 2·hidden_size

        Options:
            hidden_size: values of the state
            num_layers: layers in the stack, each of which reads the output of the one below
            bias: true: each gate adds two biases, as in torch; single: one, as in Keras; false: none
            dropout: share of values that training drops between the layers; nothing in evaluation
            bidirectional: whether a second direction reads the sequence from its end
            return_sequences: whether every position comes out, as in torch, or only the last one, as by default in
                Keras
            proj_size: values to which the output of a step is projected; 0 is no projection
        """

    def gru(
        self,
        hidden_size: int,
        *,
        num_layers: int = 1,
        bias: bool | Literal["single"] = True,
        dropout: float = 0.0,
        bidirectional: bool = False,
        return_sequences: bool = True,
        reset_after: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Gated recurrent unit: a reset gate and an update gate z, by which the state moves to n + z·(h − n).

        By default the reset gate scales the state's product with its weights, as in torch; with `reset_after: false` it
        scales the state before that product, as in the paper.

        Without `return_sequences` only the last position comes out. Of a bidirectional layer that is, besides the final
        state of the forward direction, what the backward one makes of the last position alone: its first step.

        Shape:   (length, features) -> (length, hidden_size) or (hidden_size); if bidirectional, 2·hidden_size

        Options:
            hidden_size: values of the state
            num_layers: layers in the stack, each of which reads the output of the one below
            bias: true: each gate adds two biases, as in torch; single: one, as in Keras; false: none
            dropout: share of values that training drops between the layers; nothing in evaluation
            bidirectional: whether a second direction reads the sequence from its end
            return_sequences: whether every position comes out, as in torch, or only the last one, as by default in
                Keras
            reset_after: whether the reset gate comes after the product with the state, as in torch
        """

    def rnn_cell(
        self,
        hidden_size: int,
        *,
        bias: bool | Literal["single"] = True,
        nonlinearity: Literal["tanh", "relu"] = "tanh",
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """One step of a plain recurrence: from an input and a state to the next state.

        Shape:   (features) -> (hidden_size); (features), state (hidden_size) -> (hidden_size)

        Options:
            hidden_size: values of the state
            bias: true: each gate adds two biases, as in torch; single: one, as in Keras; false: none
            nonlinearity: the activation of every step
        """

    def lstm_cell(
        self,
        hidden_size: int,
        *,
        bias: bool | Literal["single"] = True,
        return_cell: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """One step of an LSTM: from an input, a state and a cell to the next state, and the next cell if asked for.

        Shape:   (features) -> (hidden_size); (features), state and cell (hidden_size) -> (hidden_size); 2·hidden_size
        with
                 `return_cell`

        Options:
            hidden_size: values of the state
            bias: true: each gate adds two biases, as in torch; single: one, as in Keras; false: none
            return_cell: whether the cell comes out after the state; `slice` takes them apart
        """

    def gru_cell(
        self,
        hidden_size: int,
        *,
        bias: bool | Literal["single"] = True,
        reset_after: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """One step of gated recurrent units: from an input and a state to the next state.

        Shape:   (features) -> (hidden_size); (features), state (hidden_size) -> (hidden_size)

        Options:
            hidden_size: values of the state
            bias: true: each gate adds two biases, as in torch; single: one, as in Keras; false: none
            reset_after: whether the reset gate comes after the product with the state, as in torch
        """

    def conv_lstm2d(
        self,
        out_channels: int,
        kernel_size: int | Sequence[int],
        *,
        stride: int | Sequence[int] = 1,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        dilation: int | Sequence[int] = 1,
        bias: bool = True,
        return_sequences: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """An LSTM over the frames of a clip, whose gates are convolutions of the frame and of the state.

        The state is convolved with stride 1 and padding `same`, and keeps the extents of the frame's convolution. The
        gates are input, forget, candidate and output, one bias each.

        Shape:   (C, T, H, W) -> (C_out, T, H_out, W_out), or (C_out, H_out, W_out) without `return_sequences`

        Options:
            kernel_size: rows and columns of a window
            out_channels: maps of the state
            stride: how far a window moves at each step
            padding: rows of zeros around a frame
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            bias: whether each gate adds a number of its own for every map
            return_sequences: whether every frame comes out, or only the last one, as by default in Keras
        """

    def scaled_dot_product_attention(
        self,
        *,
        num_heads: int = 1,
        is_causal: bool = False,
        scale: float | None = None,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Each query's mean of the values, weighted by a softmax over how well it agrees with their keys, head by head.

        Heads are axes before the last two, or parts of the features (`num_heads`). A fourth input is added to the
        scores: a
        bias, or a mask of 0 and −∞; its axes are equal or 1.

        Shape:   query (..., length, features), key (..., keys, features), value (..., keys, values), perhaps a mask
        (...,
                 length, keys) -> (..., length, values)

        Options:
            num_heads: parts of the features, each of which attends for itself
            is_causal: whether a position attends to none behind it
            scale: the factor of the queries; null for 1 / √features
        """

    def multi_head_attention(
        self,
        num_heads: int,
        *,
        bias: bool = True,
        dropout: float = 0.0,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Attention between projections of its input, or of a query, a key and a value; the heads' outputs, projected.

        `dropout` is nothing, in evaluation.

        Shape:   (length, features) -> the same; query (length, features), key and value (keys, features) -> (length,
                 features)

        Options:
            num_heads: parts of the features, each of which attends for itself
            bias: whether the projections add a bias
            dropout: share of attention weights that training drops; nothing in evaluation
        """

    def window_attention(
        self,
        window_size: int | Sequence[int],
        *,
        num_heads: int,
        shift_size: int | Sequence[int] = 0,
        qkv_bias: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Self-attention within windows side by side, with a learned bias for every distance of two positions.

        With `shift_size`, the windows begin that many rows further on, those cut by the border wrap around, and a mask
        of
        −100 keeps what does not lie together apart. Where one window holds the whole (padded) axis nothing is shifted.
        Maps
        that windows do not divide are padded with zeros at the end.

        Shape:   (H, W, C) -> the same, after a permute

        Options:
            num_heads: parts of the features, each of which attends for itself
            window_size: rows and columns of a window
            shift_size: rows and columns by which the windows are shifted
            qkv_bias: whether query, key and value add a bias; the output always does
        """

    def patch_merging(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Squares of 2×2 positions as one, their channels end to end: top left, bottom left, top right, bottom right.

        An odd row or column gets one of zeros beside it.

        Shape:   (H, W, C) -> (⌈H / 2⌉, ⌈W / 2⌉, 4·C), after a permute
        """

    def class_token(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """A sequence with one learned position put in front.

        Shape:   (length, features) -> (length + 1, features)
        """

    def position_embedding(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """A learned value added to every feature of every position.

        Shape:   (length, features) -> the same
        """

    def max_pool1d(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        *,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Largest value in each window of a sequence, per channel.

        Shape:   (C, L) -> (C, L_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows around the input that are never the largest value, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
        """

    def max_pool2d(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        *,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Largest value in each window of a map, per channel.

        Shape:   (C, H, W) -> (C, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows around the input that are never the largest value, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
        """

    def max_pool3d(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        *,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Largest value in each window of a volume, per channel.

        Shape:   (C, D, H, W) -> (C, D_out, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows around the input that are never the largest value, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
        """

    def max_unpool2d(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        *,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Values put back where the largest of each window stood, zeros around them; windows may not overlap.

        The second input is the map that was pooled, with the same options: its windows are compared again. Frameworks
        keep
        the places from the pool as indices instead, and compare nothing here.

        Shape:   (C, H_out, W_out), (C, H, W) -> (C, H, W)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows around the input that are never the largest value, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
        """

    def avg_pool1d(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        *,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        count_include_pad: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Mean of each window of a sequence, per channel.

        Shape:   (C, L) -> (C, L_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows of zeros around the input, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
            count_include_pad: whether the divisor of a mean counts padding
        """

    def avg_pool2d(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        *,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        count_include_pad: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Mean of each window of a map, per channel.

        Shape:   (C, H, W) -> (C, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows of zeros around the input, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
            count_include_pad: whether the divisor of a mean counts padding
        """

    def avg_pool3d(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        *,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        count_include_pad: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Mean of each window of a volume, per channel.

        Shape:   (C, D, H, W) -> (C, D_out, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows of zeros around the input, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
            count_include_pad: whether the divisor of a mean counts padding
        """

    def lp_pool1d(
        self,
        norm_type: float,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        *,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Lp norm of each window of a sequence, per channel.

        Shape:   (C, L) -> (C, L_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows of zeros around the input, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
            norm_type: the power p: 1 gives the sum, 2 the Euclidean norm
        """

    def lp_pool2d(
        self,
        norm_type: float,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        *,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Lp norm of each window of a map, per channel.

        Shape:   (C, H, W) -> (C, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows of zeros around the input, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
            norm_type: the power p: 1 gives the sum, 2 the Euclidean norm
        """

    def lp_pool3d(
        self,
        norm_type: float,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        *,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Lp norm of each window of a volume, per channel.

        Shape:   (C, D, H, W) -> (C, D_out, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows of zeros around the input, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
            norm_type: the power p: 1 gives the sum, 2 the Euclidean norm
        """

    def sum_pool2d(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        *,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Sum of each window, per channel.

        Shape:   (C, H, W) -> (C, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows of zeros around the input, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
        """

    def stochastic_pool2d(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        *,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Mean of each window weighted by its own values, as stochastic pooling does outside training.

        Shape:   (C, H, W) -> (C, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows of zeros around the input, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
        """

    def mixed_pool2d(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        *,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """A blend of max and average pooling, a·max + (1 − a)·mean, with one learned a.

        Shape:   (C, H, W) -> (C, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows around the input: zeros in the mean, and never the largest value; at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
        """

    def trainable_pool2d(
        self,
        kernel_size: int | Sequence[int],
        stride: int | Sequence[int] | None = None,
        padding: Literal["same", "valid"] | int | Sequence[int | Sequence[int]] = 0,
        *,
        dilation: int | Sequence[int] = 1,
        ceil_mode: bool | Literal["caffe"] = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Sum of each window, times a learned coefficient, plus a learned bias, one of each per channel.

        Shape:   (C, H, W) -> (C, H_out, W_out)

        Options:
            kernel_size: rows and columns of a window
            stride: how far a window moves at each step; without it, by kernel_size
            padding: rows of zeros around the input, at most half of kernel_size
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            ceil_mode: whether a last window may reach beyond the border; `caffe`: as in Caffe, where it may also begin
                there if there is no padding, and padding need only be less than kernel_size
        """

    def adaptive_avg_pool1d(
        self,
        output_size: int | Sequence[int | None] | None,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Mean of each of `output_size` windows that divide a sequence; null keeps the size.

        Shape:   (C, L) -> (C, output_size)

        Options:
            output_size: windows on each axis, which is the size of the output; null keeps the axis
        """

    def adaptive_avg_pool2d(
        self,
        output_size: int | Sequence[int | None] | None,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Mean of each of `output_size` windows that divide a map; null keeps an axis.

        Shape:   (C, H, W) -> (C, *output_size)

        Options:
            output_size: windows on each axis, which is the size of the output; null keeps the axis
        """

    def adaptive_avg_pool3d(
        self,
        output_size: int | Sequence[int | None] | None,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Mean of each of `output_size` windows that divide a volume; null keeps an axis.

        Shape:   (C, D, H, W) -> (C, *output_size)

        Options:
            output_size: windows on each axis, which is the size of the output; null keeps the axis
        """

    def adaptive_max_pool1d(
        self,
        output_size: int | Sequence[int | None] | None,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Largest value of each of `output_size` windows that divide a sequence; null keeps the size.

        Shape:   (C, L) -> (C, output_size)

        Options:
            output_size: windows on each axis, which is the size of the output; null keeps the axis
        """

    def adaptive_max_pool2d(
        self,
        output_size: int | Sequence[int | None] | None,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Largest value of each of `output_size` windows that divide a map; null keeps an axis.

        Shape:   (C, H, W) -> (C, *output_size)

        Options:
            output_size: windows on each axis, which is the size of the output; null keeps the axis
        """

    def adaptive_max_pool3d(
        self,
        output_size: int | Sequence[int | None] | None,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Largest value of each of `output_size` windows that divide a volume; null keeps an axis.

        Shape:   (C, D, H, W) -> (C, *output_size)

        Options:
            output_size: windows on each axis, which is the size of the output; null keeps the axis
        """

    def global_avg_pool1d(
        self,
        *,
        keepdim: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Mean of a whole sequence, per channel.

        Shape:   (C, L) -> (C), or (C, 1) with keepdim

        Options:
            keepdim: whether the spatial axes stay, each of size 1, as in torch; otherwise a vector comes out
        """

    def global_avg_pool2d(
        self,
        *,
        keepdim: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Mean of a whole map, per channel.

        Shape:   (C, H, W) -> (C), or (C, 1, 1) with keepdim

        Options:
            keepdim: whether the spatial axes stay, each of size 1, as in torch; otherwise a vector comes out
        """

    def global_avg_pool3d(
        self,
        *,
        keepdim: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Mean of a whole volume, per channel.

        Shape:   (C, D, H, W) -> (C), or (C, 1, 1, 1) with keepdim

        Options:
            keepdim: whether the spatial axes stay, each of size 1, as in torch; otherwise a vector comes out
        """

    def global_max_pool1d(
        self,
        *,
        keepdim: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Largest value of a whole sequence, per channel.

        Shape:   (C, L) -> (C), or (C, 1) with keepdim

        Options:
            keepdim: whether the spatial axes stay, each of size 1, as in torch; otherwise a vector comes out
        """

    def global_max_pool2d(
        self,
        *,
        keepdim: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Largest value of a whole map, per channel.

        Shape:   (C, H, W) -> (C), or (C, 1, 1) with keepdim

        Options:
            keepdim: whether the spatial axes stay, each of size 1, as in torch; otherwise a vector comes out
        """

    def global_max_pool3d(
        self,
        *,
        keepdim: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Largest value of a whole volume, per channel.

        Shape:   (C, D, H, W) -> (C), or (C, 1, 1, 1) with keepdim

        Options:
            keepdim: whether the spatial axes stay, each of size 1, as in torch; otherwise a vector comes out
        """

    def spatial_pyramid_pool2d(
        self,
        levels: Sequence[int],
        *,
        mode: Literal["max", "avg"] = "max",
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The map pooled into l×l bins for every level l, and the bins laid end to end: one length for any map.

        Shape:   (C, H, W) -> (C·Σ l²)

        Options:
            levels: bins on each axis at every level: [4, 2, 1] makes 16 + 4 + 1 bins
            mode: what is taken of a bin: its largest value, or its mean
        """

    def batch_norm1d(
        self,
        *,
        eps: float = 1e-05,
        momentum: float | None = 0.1,
        affine: bool = True,
        scale: bool = True,
        center: bool = True,
        track_running_stats: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Normalises every channel of a vector or sequence by statistics of the batch.

        Shape:   (C) -> (C); (C, L) -> (C, L)

        Options:
            eps: added to the variance, so that nothing is divided by zero
            momentum: share of a new batch in the running statistics; null averages all; nothing in evaluation
            affine: whether each channel has a learned scale and shift
            scale: whether `affine` learns a scale, as in Keras
            center: whether `affine` learns a shift, as in Keras
            track_running_stats: whether evaluation uses running statistics that are stored; otherwise those of its
                input
        """

    def batch_norm2d(
        self,
        *,
        eps: float = 1e-05,
        momentum: float | None = 0.1,
        affine: bool = True,
        scale: bool = True,
        center: bool = True,
        track_running_stats: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Normalises every channel of a map by statistics of the batch.

        Shape:   (C, H, W) -> (C, H, W)

        Options:
            eps: added to the variance, so that nothing is divided by zero
            momentum: share of a new batch in the running statistics; null averages all; nothing in evaluation
            affine: whether each channel has a learned scale and shift
            scale: whether `affine` learns a scale, as in Keras
            center: whether `affine` learns a shift, as in Keras
            track_running_stats: whether evaluation uses running statistics that are stored; otherwise those of its
                input
        """

    def batch_norm3d(
        self,
        *,
        eps: float = 1e-05,
        momentum: float | None = 0.1,
        affine: bool = True,
        scale: bool = True,
        center: bool = True,
        track_running_stats: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Normalises every channel of a volume by statistics of the batch.

        Shape:   (C, D, H, W) -> (C, D, H, W)

        Options:
            eps: added to the variance, so that nothing is divided by zero
            momentum: share of a new batch in the running statistics; null averages all; nothing in evaluation
            affine: whether each channel has a learned scale and shift
            scale: whether `affine` learns a scale, as in Keras
            center: whether `affine` learns a shift, as in Keras
            track_running_stats: whether evaluation uses running statistics that are stored; otherwise those of its
                input
        """

    def layer_norm(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-05,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Normalises over the last axes, which `normalized_shape` names.

        Shape:   any -> the same

        Options:
            normalized_shape: extents of the last axes, which are normalised together
            eps: added to the variance, so that nothing is divided by zero
            elementwise_affine: whether each normalised value has a learned scale, and with `bias` a shift
            bias: whether a shift is learned besides the scale
        """

    def rms_norm(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Divides by the root of the mean square over the last axes, which `normalized_shape` names.

        Shape:   any -> the same

        Options:
            normalized_shape: extents of the last axes, which are normalised together
            eps: added to the mean square; null for the least difference of two numbers near 1
            elementwise_affine: whether each normalised value has a learned scale
        """

    def layer_norm2d(
        self,
        *,
        eps: float = 1e-05,
        elementwise_affine: bool = True,
        bias: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Normalises the channels of every place of a map, as `layer_norm` does once the channels lie last.

        Shape:   (C, H, W) -> (C, H, W)

        Options:
            eps: added to the variance, so that nothing is divided by zero
            elementwise_affine: whether each channel has a learned scale, and with `bias` a shift
            bias: whether a shift is learned besides the scale
        """

    def group_norm(
        self,
        num_groups: int,
        *,
        eps: float = 1e-05,
        affine: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Normalises groups of channels, over the whole map.

        Shape:   (C, *) -> (C, *)

        Options:
            num_groups: parts of the channels, each normalised for itself
            eps: added to the variance, so that nothing is divided by zero
            affine: whether each channel has a learned scale and shift
        """

    def instance_norm1d(
        self,
        *,
        eps: float = 1e-05,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Normalises every channel of a sequence by its own mean and variance.

        Shape:   (C, L) -> (C, L)

        Options:
            eps: added to the variance, so that nothing is divided by zero
            momentum: share of a new batch in the running statistics; null averages all; nothing in evaluation
            affine: whether each channel has a learned scale and shift
            track_running_stats: whether evaluation uses running statistics that are stored; otherwise those of its
                input
        """

    def instance_norm2d(
        self,
        *,
        eps: float = 1e-05,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Normalises every channel of a map by its own mean and variance.

        Shape:   (C, H, W) -> (C, H, W)

        Options:
            eps: added to the variance, so that nothing is divided by zero
            momentum: share of a new batch in the running statistics; null averages all; nothing in evaluation
            affine: whether each channel has a learned scale and shift
            track_running_stats: whether evaluation uses running statistics that are stored; otherwise those of its
                input
        """

    def instance_norm3d(
        self,
        *,
        eps: float = 1e-05,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Normalises every channel of a volume by its own mean and variance.

        Shape:   (C, D, H, W) -> (C, D, H, W)

        Options:
            eps: added to the variance, so that nothing is divided by zero
            momentum: share of a new batch in the running statistics; null averages all; nothing in evaluation
            affine: whether each channel has a learned scale and shift
            track_running_stats: whether evaluation uses running statistics that are stored; otherwise those of its
                input
        """

    def local_response_norm(
        self,
        size: int,
        alpha: float = 0.0001,
        beta: float = 0.75,
        k: float = 1.0,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Divides each value by a power of the squares in `size` neighbouring channels.

        Shape:   (C, *) -> (C, *)

        Options:
            size: neighbouring channels whose squares are summed
            alpha: factor of the mean of the squares, as in torch; in the paper it is a factor of the sum
            beta: the power of the divisor
            k: added to the squares before the power
        """

    def l2_norm(
        self,
        *,
        eps: float = 1e-12,
        affine: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Divides every position by the norm over its channels, and multiplies by a learned scale for each channel.

        Shape:   (C, *) -> (C, *)

        Options:
            eps: the least divisor: a smaller norm counts as this
            affine: whether each channel has a learned scale
        """

    def normalize(
        self,
        *,
        dim: int = 0,
        eps: float = 1e-12,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Divides by the norm along an axis; axes count without the batch, so 0 is the channels.

        Shape:   any -> the same

        Options:
            dim: the axis whose values have a norm of 1 afterwards; 0 is the channels (1 in torch)
            eps: the least divisor: a smaller norm counts as this
        """

    def layer_scale(
        self,
        *,
        init_value: float = 1e-06,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Multiplies every channel by a number that is learned, at first a small one.

        Shape:   (C, *) -> (C, *)

        Options:
            init_value: what the scales are when training begins; it changes no count
        """

    def affine(
        self,
        *,
        scale: bool = True,
        bias: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Multiplies every channel by a learned number and adds another, without normalising anything.

        Shape:   (C, *) -> (C, *)

        Options:
            scale: whether each channel is multiplied by a learned number
            bias: whether a learned number is added to each channel
        """

    def normalization(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Subtracts a stored mean from every channel and divides it by a stored deviation: statistics of the data set.

        Shape:   (C, *) -> (C, *)
        """

    def rescaling(
        self,
        scale: float,
        *,
        offset: float = 0.0,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Multiplies every value by one number and adds another, as for pixels from 0 to 255.

        Shape:   any -> the same

        Options:
            scale: the factor, as in `0.00392` for 1/255
            offset: what is added to the product
        """

    def relu(
        self,
        inplace: bool = False,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """max(x, 0).

        Shape:   any -> the same

        Options:
            inplace: whether the result is written over the input
        """

    def relu6(
        self,
        inplace: bool = False,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """min(max(x, 0), 6).

        Shape:   any -> the same

        Options:
            inplace: whether the result is written over the input
        """

    def hardtanh(
        self,
        min_val: float = -1.0,
        max_val: float = 1.0,
        inplace: bool = False,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """min(max(x, min_val), max_val).

        Shape:   any -> the same

        Options:
            inplace: whether the result is written over the input
            min_val: the least value that comes out
            max_val: the greatest value that comes out
        """

    def leaky_relu(
        self,
        negative_slope: float = 0.01,
        inplace: bool = False,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """x where positive, negative_slope·x elsewhere.

        Shape:   any -> the same

        Options:
            inplace: whether the result is written over the input
            negative_slope: the factor of negative values
        """

    def prelu(
        self,
        num_parameters: int = 1,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """x where positive, a·x elsewhere, with a learned: one for all channels, or one for each.

        Shape:   (C, *) -> (C, *)

        Options:
            num_parameters: slopes that are learned: 1 for all channels, or one for each
        """

    def elu(
        self,
        alpha: float = 1.0,
        inplace: bool = False,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """x where positive, alpha·(eˣ − 1) elsewhere.

        Shape:   any -> the same

        Options:
            inplace: whether the result is written over the input
            alpha: the factor of eˣ − 1: negative values come to −alpha at the least
        """

    def celu(
        self,
        alpha: float = 1.0,
        inplace: bool = False,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """x where positive, alpha·(e^(x / alpha) − 1) elsewhere.

        Shape:   any -> the same

        Options:
            inplace: whether the result is written over the input
            alpha: how far negative values reach: they come to −alpha at the least
        """

    def selu(
        self,
        inplace: bool = False,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """1.0507·x where positive, 1.0507·1.6733·(eˣ − 1) elsewhere.

        Shape:   any -> the same

        Options:
            inplace: whether the result is written over the input
        """

    def sigmoid(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """1 / (1 + e⁻ˣ).

        Shape:   any -> the same
        """

    def log_sigmoid(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """−log(1 + e⁻ˣ), as min(x, 0) − log(1 + e^−|x|).

        Shape:   any -> the same
        """

    def tanh(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Hyperbolic tangent.

        Shape:   any -> the same
        """

    def silu(
        self,
        inplace: bool = False,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """x / (1 + e⁻ˣ), also called swish.

        Shape:   any -> the same

        Options:
            inplace: whether the result is written over the input
        """

    def gelu(
        self,
        *,
        approximate: Literal["none", "tanh"] = "none",
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """x·Φ(x), by the error function or by its tanh approximation.

        Shape:   any -> the same

        Options:
            approximate: whether Φ is exact (`none`), or approximated by tanh
        """

    def softplus(
        self,
        *,
        beta: float = 1.0,
        threshold: float = 20.0,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """log(1 + e^(beta·x)) / beta; x itself where beta·x is above the threshold.

        Shape:   any -> the same

        Options:
            beta: sharpness of the bend at 0: the larger, the closer to max(x, 0)
            threshold: above this value of beta·x the output is x
        """

    def mish(
        self,
        inplace: bool = False,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """x·tanh(log(1 + eˣ)).

        Shape:   any -> the same

        Options:
            inplace: whether the result is written over the input
        """

    def hardswish(
        self,
        inplace: bool = False,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """x·min(max(x + 3, 0), 6) / 6.

        Shape:   any -> the same

        Options:
            inplace: whether the result is written over the input
        """

    def hardsigmoid(
        self,
        inplace: bool = False,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """min(max(x + 3, 0), 6) / 6.

        Shape:   any -> the same

        Options:
            inplace: whether the result is written over the input
        """

    def dropout(
        self,
        p: float = 0.5,
        inplace: bool = False,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Nothing, in evaluation: values pass as they are.

        Shape:   any -> the same

        Options:
            p: share of values that training drops; nothing in evaluation
            inplace: without effect: the output is the input itself
        """

    def stochastic_depth(
        self,
        p: float = 0.2,
        mode: Literal["batch", "row"] = "row",
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Nothing, in evaluation; in training, a residual branch is left out with probability `p`.

        Shape:   any -> the same

        Options:
            p: probability that training leaves the branch out; nothing in evaluation
            mode: what training leaves out together: the whole batch, or each image for itself
        """

    def softmax(
        self,
        *,
        dim: int = 0,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Exponentials that sum to one along `dim`; axes count without the batch, so 0 is the channels.

        Shape:   any -> the same

        Options:
            dim: the axis along which exponentials sum to one; 0 is the channels
        """

    def softmin(
        self,
        *,
        dim: int = 0,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The softmax of −x along `dim`; axes count without the batch, so 0 is the channels.

        Shape:   any -> the same

        Options:
            dim: the axis along which exponentials sum to one; 0 is the channels
        """

    def log_softmax(
        self,
        *,
        dim: int = 0,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The logarithm of softmax along `dim`; axes count without the batch, so 0 is the channels.

        Shape:   any -> the same

        Options:
            dim: the axis along which exponentials sum to one; 0 is the channels
        """

    def glu(
        self,
        dim: int = 0,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The first half of an axis times the sigmoid of its second half; axes count without the batch.

        Shape:   (2·C, *) -> (C, *)

        Options:
            dim: the axis that is halved; 0 is the channels (1 in torch)
        """

    def identity(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The input, unchanged.

        Shape:   any -> the same
        """

    def flatten(
        self,
        *,
        start_dim: int = 0,
        end_dim: int = -1,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The axes from `start_dim` to `end_dim` laid end to end; axes count without the batch.

        Shape:   (C, H, W) -> (C·H·W)

        Options:
            start_dim: the first axis to flatten; 0 is the channels (1 in torch)
            end_dim: the last axis to flatten; -1 is the last there is
        """

    def reshape(
        self,
        shape: Sequence[int],
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The same values under another shape; one −1 takes what is left.

        Shape:   any -> shape

        Options:
            shape: the new shape, without the batch; one -1 takes what is left
        """

    def permute(
        self,
        dims: Sequence[int],
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The axes in another order; axes count without the batch.

        With `dims: [1, 2, 0]` a map carries its channels last, and `linear` and `layer_norm` go along them at every
        place.

        Shape:   (C, H, W) -> the axes that dims names

        Options:
            dims: the axes in their new order, each once; 0 is the channels (1 in torch)
        """

    def slice(
        self,
        *,
        dim: int = 0,
        start: int = 0,
        end: int | None = None,
        step: int = 1,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Part of one axis: positions from `start` up to `end`, every `step`-th; axes count without the batch.

        Shape:   (C, H, W) -> the same with a shorter axis

        Options:
            dim: the axis to cut; 0 is the channels (1 in torch)
            start: the first position; negative ones count from the end
            end: the position before which to stop; null goes on to the end
            step: how far apart the positions lie; 1 takes every one
        """

    def roll(
        self,
        shifts: int | Sequence[int],
        dims: int | Sequence[int],
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The values moved on along some axes; those that leave at the end come in at the beginning.

        Shape:   any -> the same

        Options:
            shifts: how far the values move along each axis; negative ones move them to the beginning
            dims: the axes along which they move; 0 is the channels (1 in torch)
        """

    def channel_shuffle(
        self,
        groups: int,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Channels dealt out over the groups, so that the next grouped convolution mixes them.

        Shape:   (C, *) -> (C, *)

        Options:
            groups: groups over which the channels are dealt out
        """

    def pixel_shuffle(
        self,
        upscale_factor: int,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """r² channels become r×r pixels.

        Shape:   (C·r², H, W) -> (C, H·r, W·r)

        Options:
            upscale_factor: the factor r by which height and width grow
        """

    def pad(
        self,
        padding: int | Sequence[int | Sequence[int]],
        *,
        mode: Literal["constant", "reflect", "replicate", "circular"] = "constant",
        value: float = 0.0,
        dims: int | Sequence[int] | None = None,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Rows added around a map, or at the ends of the axes `dims`: zeros (or `value`), or copies of what is inside.

        Shape:   (C, H, W) -> (C, H + before + after, W + before + after)

        Options:
            padding: rows added at the ends of each axis, from the first axis on; torch begins with the last
            mode: what the rows hold: one value, a mirror image, the border repeated, or the opposite end
            value: what the rows hold in the mode `constant`
            dims: the axes that `padding` is for, 0 for the channels; null for the spatial axes
        """

    def crop(
        self,
        *,
        margin: int | Sequence[int | Sequence[int]] | None = None,
        size: int | Sequence[int] | None = None,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Rows cut off a map: `margin` from both ends, or `size` left in the middle (the odd row goes at the end).

        Shape:   (C, H, W) -> (C, H', W')

        Options:
            margin: rows cut off at the ends of each axis; give this or `size`
            size: rows left in the middle of each axis; give this or `margin`
        """

    def crop_like(
        self,
        *,
        offset: int | Sequence[int] | None = None,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The first map cut to the extents of the second: its middle, or what begins `offset` rows from the border.

        Shape:   (C, H, W), (C', H', W') -> (C, H', W')

        Options:
            offset: rows before the part on each axis; without it, the middle is taken
        """

    def unfold(
        self,
        kernel_size: int | Sequence[int],
        dilation: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        stride: int | Sequence[int] = 1,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Every window of a map as a column, the windows side by side.

        Shape:   (C, H, W) -> (C·k·k, windows)

        Options:
            kernel_size: rows and columns of a window
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            padding: rows of zeros around the map
            stride: how far a window moves at each step
        """

    def fold(
        self,
        output_size: int | Sequence[int],
        kernel_size: int | Sequence[int],
        dilation: int | Sequence[int] = 1,
        padding: int | Sequence[int] = 0,
        stride: int | Sequence[int] = 1,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Columns put back as windows of a map; where windows overlap, their values add up.

        Shape:   (C·k·k, windows) -> (C, H, W)

        Options:
            kernel_size: rows and columns of a window
            dilation: how far apart the values lie that a window reads; 1 leaves no gap
            padding: rows of zeros around the map
            stride: how far a window moves at each step
            output_size: rows and columns of the map
        """

    def upsample(
        self,
        *,
        size: int | Sequence[int] | None = None,
        scale_factor: float | Sequence[float] | None = None,
        mode: Literal["nearest", "linear", "bilinear", "trilinear"] = "nearest",
        align_corners: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """A map resized to `size`, or by `scale_factor`, to the nearest pixel or linearly between neighbours.

        Shape:   (C, H, W) -> (C, H', W')

        Options:
            size: rows and columns that come out; give this or `scale_factor`
            scale_factor: the factor by which each axis grows; give this or `size`
            mode: where values come from: the nearest pixel, or linearly from the neighbours
            align_corners: whether the corner pixels of input and output coincide; without effect on `nearest`
        """

    def roi_align(
        self,
        output_size: int | Sequence[int],
        *,
        regions: int,
        sampling_ratio: int = 2,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Means of `sampling_ratio`² points in each of `output_size` bins of every region, interpolated between pixels.

        Of several maps, as a feature pyramid has them, a region reads one. A run takes regions of half the height and
        half the width of a map, spread over it, and the maps in turn.

        Shape:   (C, H, W), (C, H', W'), ... -> regions × (C, *output_size)

        Options:
            output_size: bins of a region on each axis
            regions: regions of an image; the layers after it run once for each
            sampling_ratio: points of a bin on each axis; torch can also choose them by the size of a region
        """

    def roi_pool(
        self,
        output_size: int | Sequence[int | None] | None,
        *,
        regions: int,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Largest value of each of `output_size` bins of every region; null keeps an axis.

        Comparisons are those of regions as large as the map, and a run takes such: what smaller ones take depends on
        the
        size that each happens to have.

        Shape:   (C, H, W) -> regions × (C, *output_size)

        Options:
            output_size: bins of a region on each axis; null keeps the axis
            regions: regions of an image; the layers after it run once for each
        """

    def add(
        self,
        *,
        inplace: bool = False,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The sum; an axis of extent 1 is repeated. `inplace` writes it over the first input.

        Shape:   (C, H, W), (C, H, W), ... -> (C, H, W); each axis is equal or 1

        Options:
            inplace: whether the sum is written over the first input
        """

    def multiply(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The product; an axis of extent 1 is repeated, so that a gate scales whole channels, rows or places.

        Shape:   (C, H, W), (C, H, W) or (C, 1, 1) or (C), ... -> (C, H, W); each axis is equal or 1
        """

    def subtract(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The first input minus the second; an axis of extent 1 is repeated.

        Shape:   (C, H, W), (C, H, W) or (C, 1, 1) or (C) -> (C, H, W); each axis is equal or 1
        """

    def divide(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The first input divided by the second; an axis of extent 1 is repeated.

        Shape:   (C, H, W), (C, H, W) or (C, 1, 1) or (C) -> (C, H, W); each axis is equal or 1
        """

    def concat(
        self,
        *,
        dim: int = 0,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The inputs side by side along `dim`, by default the channels; axes count without the batch.

        Shape:   (C1, H, W), (C2, H, W), ... -> (C1 + C2 + ..., H, W)

        Options:
            dim: the axis along which the inputs lie side by side; 0 is the channels (1 in torch)
        """

    def parameter(
        self,
        shape: Sequence[int],
        *,
        trainable: bool = True,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """A learned tensor, for each image: a position table, a scale; of its input it reads how many images there are.

        Shape:   any -> shape

        Options:
            shape: the shape of the stored tensor, without the batch
            trainable: whether training changes it
        """

    def constant(
        self,
        shape: Sequence[int],
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """A stored tensor that training leaves alone, for each image; of its input it reads how many images there are.

        Shape:   any -> shape

        Options:
            shape: the shape of the stored tensor, without the batch
        """

    def matmul(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The matrix product of two inputs, for every index of the axes before the last two.

        Shape:   (..., n, k), (..., k, m) -> (..., n, m); an axis before the last two is equal in both, or 1
        """

    def reduce(
        self,
        operation: Literal["sum", "mean", "max", "var", "norm"],
        dim: int | Sequence[int],
        keepdim: bool = False,
        *,
        correction: int = 1,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The sum, mean, maximum, variance or norm of all values along some axes, which go away unless `keepdim`.

        Shape:   (C, H, W) -> the axes besides `dim`, or all with extents of 1 for `dim`

        Options:
            operation: what becomes of the values; `norm` is the root of the sum of their squares
            dim: the axis or axes that are reduced; 0 is the channels (1 in torch)
            keepdim: whether a reduced axis stays, with an extent of 1
            correction: what `var` takes off the number of values that it divides by
        """

    def opaque(
        self,
        shape: Sequence[int],
        *,
        parameters: Mapping[str, Sequence[int]] = {},
        buffers: Mapping[str, Sequence[int]] = {},
        macs: int | None = None,
        call: str = "",
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """A layer that no other type describes: its shape and stored tensors are given, its MACs given or not known.

        Nothing else is known of it: no receptive field is followed through it, and it is not run.

        Shape:   any -> shape

        Options:
            shape: the shape of the output, without the batch
            parameters: the shapes of what training changes, by name
            buffers: the shapes of what is stored and not trained, by name
            macs: MACs for one image; left out where they are not known
            call: what stands here in the code that it comes from
        """

    def abs(
        self,
        *,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """The value without its sign.

        Shape:   any -> the same
        """

    def scalar(
        self,
        *,
        function: Literal["neg", "square", "sqrt", "rsqrt", "reciprocal", "exp", "log"] | None = None,
        add: float | None = None,
        subtract: float | None = None,
        rsub: float | None = None,
        multiply: float | None = None,
        divide: float | None = None,
        power: float | None = None,
        clamp: Sequence[float | None] | None = None,
        name: str | None = None,
        from_: str | Sequence[str] | None = None,
        share: str | None = None,
        alias: str | None = None,
        functional: bool | None = None,
    ) -> str:
        """Arithmetic with a number, or a function, on every value: one of the options. `scalar: exp` is a function.

        Shape:   any -> the same

        Options:
            function: a function of the value, by its name in torch
            add: a number that is added to the value
            subtract: a number that is subtracted from the value
            rsub: a number from which the value is subtracted
            multiply: a factor of the value
            divide: a divisor of the value
            power: an exponent of the value
            clamp: [least, greatest]: bounds within which the value is kept; null for none
        """
