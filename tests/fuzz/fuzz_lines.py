"""Random lines of torch in a description: the entries that are shown give what torch gives, by the minute.

    python -m tests.fuzz.fuzz_lines --minutes 5 --seed 1

A line is drawn from the signature of a module or function of torch. Whatever it is, there is one diagnostic; and where
torch computes it, and the entries say all of it, they have its output shape and its number of parameters.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from random import Random
from time import monotonic
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from cnncalc import InputError, analyze, from_text
from cnncalc.language.foreign.table import FUNCTIONS, TORCH

SHAPES = {"1d": [4, 20], "2d": [4, 20, 18], "3d": [4, 8, 10, 9]}
"""Inputs by the end of a name."""

OWN_SHAPES = {
    **{key: [20, 18] for key in ("RNN", "LSTM", "GRU", "MultiheadAttention")},
    **{key: [7, 18] for key in ("Linear", "LazyLinear")},
    "Embedding": [20],
    "Unflatten": [4],
}

FORM = ("not-yaml", "unknown-layer", "unknown-option", "bad-expression", "not-a-layer")
"""What no entry that is shown may get."""

_BOOLEAN = "True False 0 1"
VALUES: dict[str, str] = {
    "kernel_size": "1 2 3 (3,3) (2,3)",
    "stride": "1 2 (2,1) 3",
    "padding": "0 1 (1,1) 2 (1,2) (1,2,3,4)",
    "dilation": "1 2 (2,1)",
    "groups": "1 2 4",
    "padding_mode": "'zeros'",
    "out_channels": "8 4 2*4",
    "in_channels num_features num_channels": "4",
    "in_features": "18",
    "out_features": "10 1",
    "eps": "1e-5 0.001",
    "momentum": "0.1 None",
    "bias affine track_running_stats count_include_pad elementwise_affine": _BOOLEAN,
    "ceil_mode bidirectional": "True False",
    "norm_type": "2 1 2.",
    "output_size": "1 2 (1,1) (3,2)",
    "normalized_shape": "18 (4,20,18) [20,18] (18,)",
    "num_groups": "2 4 1",
    "size": "(40,36) 5",
    "alpha k negative_slope": "1.0 0.5 2",
    "beta": "0.75 1",
    "threshold": "20",
    "inplace": "True False",
    "num_parameters": "1 4",
    "approximate": "'none' 'tanh'",
    "dim": "1 -1 None",
    "p": "0.5 0.2 0",
    "start_dim": "1 2",
    "end_dim": "-1 2",
    "unflattened_size": "(2,2) (4,1)",
    "upscale_factor": "2",
    "scale_factor": "2 (2,2) 2.0 1.5 0.5",
    "mode": "'nearest' 'reflect' 'constant'",
    "num_embeddings embedding_dim hidden_size": "10 6",
    "padding_idx": "None 0",
    "input_size embed_dim": "18",
    "num_layers": "1 2",
    "nonlinearity": "'tanh' 'relu'",
    "batch_first": "True",
    "dropout": "0 0.0",
    "proj_size": "0 3",
    "num_heads": "2 3",
    "value": "0 1.5",
    "output_padding": "0 1",
    "pad": "(1,1) (1,2,3,4)",
}
"""Values of parameters by their names; others keep their defaults."""

_BY_NAME = {name: values.split() for names, values in VALUES.items() for name in names.split()}


def drawn(random: Random) -> tuple[str, list[int]]:
    """A line, and the shape of its input."""
    while True:
        table, module = random.choice(((TORCH, nn), (TORCH, nn), (FUNCTIONS, functional)))
        name = random.choice(list(table))
        line = _line(random, name, getattr(module, name, None), is_module=table is TORCH)
        if line is not None:
            return line, OWN_SHAPES.get(name) or SHAPES.get(name[-2:].lower(), SHAPES["2d"])


def _line(random: Random, name: str, called: Callable[..., Any] | None, *, is_module: bool) -> str | None:
    """A call of this module or function; None if its parameters are not known."""
    try:
        params = [*inspect.signature(called).parameters.values()] if called is not None else []
    except ValueError:
        return None
    unnamed: list[str] = []
    by_name: list[str] = []
    in_order = True
    for param in params:
        needed = param.default is param.empty
        if param.name == "input" and not is_module:
            unnamed.append("x")
        elif needed and param.name not in _BY_NAME:
            return None
        elif param.name not in _BY_NAME or (not needed and random.random() < 0.6):
            in_order = False
        else:
            value = random.choice(_BY_NAME[param.name])
            in_order = in_order and random.random() < 0.7
            (unnamed if in_order else by_name).append(value if in_order else f"{param.name}={value}")
    if "Upsampl" in name + "interpolate" * (name == "interpolate") and "size" not in str(by_name) and len(unnamed) < 2:
        return None  # a size is needed
    return f"{'nn' if is_module else 'F'}.{name}({', '.join([*unnamed, *by_name])})" if params else None


def by_torch(line: str, shape: list[int]) -> tuple[tuple[int, ...], int] | None:
    """The output shape and the number of parameters; None where torch refuses the line."""
    x = torch.zeros(1, *shape, dtype=torch.long if "Embedding" in line else torch.float32)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = eval(line, {"nn": nn, "F": functional, "x": x})
            if not isinstance(made, nn.Module):
                made = made[0] if isinstance(made, tuple) else made
                return tuple(made.shape[1:]), 0
            output = made.eval()(x, x, x) if isinstance(made, nn.MultiheadAttention) else made.eval()(x)
    except (RuntimeError, ValueError, TypeError, IndexError, AssertionError, NotImplementedError):
        return None
    output = output[0] if isinstance(output, tuple) else output
    return tuple(output.shape[1:]), sum(parameter.numel() for parameter in made.parameters())


def fault_of(line: str, shape: list[int]) -> str | None:
    """What is wrong with what is said of a line; None if it is right."""
    try:
        from_text(f"input: {shape}\nlayers:\n  - {line}\n")
        return "accepted"
    except InputError as error:
        said = error.diagnostics
    if len(said) != 1 or said[0].code != "unknown-layer":
        return f"{[one.code for one in said]}"
    texts = [text for _role, text in said[0].lines()]
    entries = said[0].example or re.findall(r"`(- .*)`", texts[-1])
    if not entries or any("nothing here corresponds" in text for text in texts):
        return None
    expected = by_torch(line, shape)
    body = "".join(f"  {entry}\n" for entry in entries)
    try:
        report = analyze(from_text(f"input: {shape}\nlayers:\n{body}"))
    except InputError as error:
        first = error.diagnostics[0]
        return f"{body}{first}" if expected is not None or first.code in FORM else None
    found = report.rows[-1].output.shape, report.totals().params
    return f"{body}gives {found}, and torch {expected}" if expected not in (None, found) else None


def faults(seed: int, count: Iterator[int]) -> Iterator[str]:
    """What is wrong with the lines of a seed."""
    for number in count:
        line, shape = drawn(Random(f"{seed}:{number}"))
        if fault := fault_of(line, shape):
            yield f"{line} on {shape}: {fault}"


def until(end: float) -> Iterator[int]:
    """Numbers from 0, until the time is over."""
    number = 0
    while monotonic() < end:
        yield number
        number += 1


def main() -> int:
    """Fuzz for a while; 1 where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.fuzz_lines", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    found = 0
    for fault in faults(chosen.seed, until(monotonic() + 60 * chosen.minutes)):
        found += 1
        print(fault, flush=True)
    print(f"seed {chosen.seed}: {found} findings")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
