"""Inputs of token numbers: integers, each the index of a row of an embedding table."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cnncalc.core.errors import Diagnostic, Span
from cnncalc.execution.engine.program import Program
from cnncalc.execution.engine.tally import Array

ROWS = {"embedding": "num_embeddings"}
"""Layer types with an embedding table -> the option for its number of rows."""


def token_counts(program: Program) -> dict[str, int]:
    """The inputs of tables, and how many tokens each may hold: the rows of the smallest table that it indexes."""
    counts: dict[str, int] = {}
    for rows, inputs in _tables(program).values():
        for name in inputs:
            counts[name] = min(rows, counts.get(name, rows))
    return counts


def table_diagnostics(program: Program) -> list[Diagnostic]:
    """Diagnostics for tables that are indexed by values which the network computes."""
    return [
        Diagnostic(
            "not-token-numbers",
            "`{path}` looks up token numbers, but reads what the network computes",
            {"path": path},
            help="let it read an input",
        )
        for path, (_, inputs) in _tables(program).items()
        if not inputs
    ]


def token_diagnostic(name: str, values: Array, tokens: int, span: Span | None) -> Diagnostic | None:
    """A diagnostic for values that are not all tokens; None where they are."""
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


def _tables(program: Program) -> Mapping[str, tuple[int, frozenset[str]]]:
    """Every table by path: its number of rows, and the inputs that index it."""
    carried = {name: frozenset({name}) for name in program.inputs}
    nothing: frozenset[str] = frozenset()
    found = {}
    for step in program.steps:
        inputs = [carried[wire] for wire in step.inputs]
        carried[step.path] = nothing.union(*inputs) if step.traits.moves_values and all(inputs) else nothing
        if step.type in ROWS:
            found[step.path] = (int(step.options[ROWS[step.type]]), inputs[0])
    return found
