"""Embeddings: tables of vectors, indexed by token numbers."""

import numpy as np

from cnncalc.execution.engine.scratch import Extents, Scratch
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task


def embedding(task: Task, x: Array) -> Array:
    """The row of the table for every token."""
    table = task.weight("weight", task.options.num_embeddings, task.options.embedding_dim)
    return np.take(table, x.astype(np.intp), axis=0)


def embedding_scratch(e: Extents) -> Scratch:
    """The tokens as indices."""
    return Scratch(2 * e.inputs[0].nbytes)
