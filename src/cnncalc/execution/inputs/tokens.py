"""Inputs that hold token numbers: whole numbers, each the row of a table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cnncalc.core.errors import Diagnostic, Span
from cnncalc.execution.engine.program import Program
from cnncalc.execution.engine.tally import Array

ROWS = {"embedding": "num_embeddings"}
"""Types that look their input up in a table, and the option that says how many rows it has."""


def token_counts(program: Program) -> dict[str, int]:
    """The inputs that some table is read with, and how many tokens there are: rows of the shortest such table."""
    counts: dict[str, int] = {}
    for rows, inputs in _readers(program).values():
        for name in inputs:
            counts[name] = min(rows, counts.get(name, rows))
    return counts


def not_tokens(program: Program) -> list[Diagnostic]:
    """Objections to tables that are read with numbers which the network computes."""
    return [
        Diagnostic(
            "not-token-numbers",
            "`{path}` looks token numbers up, but reads what the network computes",
            {"path": path},
            help="let it read an input",
        )
        for path, (_, inputs) in _readers(program).items()
        if not inputs
    ]


def unknown_token(name: str, values: Array, tokens: int, span: Span | None) -> Diagnostic | None:
    """An objection to values of which one is no token."""
    wrong = values[(values < 0) | (values >= tokens) | (values != np.floor(values))]
    if not wrong.size:
        return None
    return Diagnostic(
        "no-such-token",
        "`{name}` holds {value:,.8g}, and the tokens are 0 to {last:,}",
        {"name": name, "value": float(wrong.flat[0]), "last": tokens - 1},
        span,
        help="give whole numbers below the `num_embeddings` of every table that reads them",
    )


def _readers(program: Program) -> Mapping[str, tuple[int, frozenset[str]]]:
    """Every table by path: its rows, and the inputs whose values it is read with."""
    carried = {name: frozenset({name}) for name in program.inputs}
    nothing: frozenset[str] = frozenset()
    found = {}
    for step in program.steps:
        inputs = [carried[wire] for wire in step.inputs]
        carried[step.path] = nothing.union(*inputs) if step.traits.moves_values and all(inputs) else nothing
        if step.type in ROWS:
            found[step.path] = (int(step.options[ROWS[step.type]]), inputs[0])
    return found
