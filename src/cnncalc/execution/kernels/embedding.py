"""Tables of vectors that token numbers are looked up in."""

import numpy as np

from cnncalc.execution.engine.scratch import Extents, Scratch
from cnncalc.execution.engine.tally import Array
from cnncalc.execution.engine.task import Task


def embedding(task: Task, x: Array) -> Array:
    """The row of the table for every number."""
    table = task.weight("weight", task.options.num_embeddings, task.options.embedding_dim)
    return np.take(table, x.astype(np.intp), axis=0)


def embedding_scratch(e: Extents) -> Scratch:
    """The numbers as indices."""
    return Scratch(2 * e.inputs[0].nbytes)
