"""How likely mistakes are before an answer is seen: how often sources show them.

Sources:  E, mistakes found in published course notes, and T, wrong options of published quizzes, both numbered as in
          tests/cases/mistakes.yaml, which has the values; P, answers to questions that were asked in public: P2 the
          parameters of an LSTM, P4 and P5 sizes of small convolutional networks, P6 transposed convolutions, P11 the
          receptive fields of PatchGAN's discriminator, P13 U-Net's sizes, P16 a strided first convolution, P17 ResNet
"""

from __future__ import annotations

from collections.abc import Iterable

from cnncalc.homework.mistakes.base import SHAPES, Mistake

WEIGHTS_MET: dict[str, tuple[str, ...]] = {
    "input_channels_forgotten": ("T060", "T060", "T061", "T061", "T074"),
    "bias_forgotten": ("T061", "T072", "T072", "T074"),
    "one_bias": ("T060", "T060", "T061"),
    "colour_assumed": ("T072", "T072"),
    "next_width_for_flattened": ("E1", "E2"),
    "weights_not_shared": ("T074",),
    "groups_squared": ("E4",),
    "kernel_of_another_layer": ("E14",),
    "separable_times_kernel": ("E9",),
    "gates_forgotten": ("P2",),
}
"""Cases that show a mistake in a count of weights."""

SIZES_MET: dict[str, tuple[str, ...]] = {
    "even_kernel_same": ("E8", "E8", "E8", "E8"),
    "padding_forgotten": ("E30", "P5", "P16"),
    "stride_ignored": ("T073", "T073"),
    "channels_of_input": ("T073", "T073"),
    "channels_pooled": ("T065", "T065"),
    "rounded_up": ("P16", "P17"),
    "next_width_for_flattened": ("E1", "E2"),
    "convolutions_keep_size": ("P4", "P4", "P4"),
    "pools_left_out": ("P4",),
    "size_unchanged": ("T065",),
    "pool_before_forgotten": ("P13",),
    "rounded_down": ("E30",),
    "one_forgotten": ("T065",),
    "one_added_twice": ("E3",),
}
"""Cases that show a mistake in a shape."""

FIELDS_MET: dict[str, tuple[str, ...]] = {
    "back_to_front": ("P11", "P11"),
    "start_forgotten": ("T093", "T093"),
    "pools_forgotten": ("T093",),
    "pool_windows_forgotten": ("T093", "T093"),
}
"""Cases that show a mistake in a receptive field."""

MET = {
    "receptive_field": FIELDS_MET,
    "params": WEIGHTS_MET,
    "param_memory": WEIGHTS_MET,
    **dict.fromkeys(SHAPES, SIZES_MET),
}
"""The cases for each quantity; of others there are too few to tell."""


def likeliest_first(mistakes: Iterable[Mistake], quantity: str) -> list[Mistake]:
    """Mistakes in order of the number of cases that show them; those with equally many as they come."""
    met = MET.get(quantity, {})
    return sorted(mistakes, key=lambda mistake: -len(met.get(mistake.name, ())))
