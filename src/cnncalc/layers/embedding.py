"""Embedding tables: a vector for every token."""

from typing import ClassVar

from cnncalc.core.arithmetic import require
from cnncalc.core.errors import Fault
from cnncalc.core.kinds import Traits
from cnncalc.core.tensor import TensorSpec, WeightSpec, spell
from cnncalc.core.translation import Phrase
from cnncalc.layers.base import Layer
from cnncalc.layers.option_types import Count


class Embedding(Layer):
    """The vector of every token: a row of the table for each number of the input. Looking up is no arithmetic.

    The input holds whole numbers from 0 to num_embeddings − 1. The row `padding_idx` is stored like the others; in
    training it keeps still.

    Shape:   (length) -> (length, embedding_dim)
    Errors:  wrong-rank, no-such-token
    Source:  torch.nn.Embedding
    """

    traits = Traits(reads_sequences=True)

    num_embeddings: Count
    embedding_dim: Count
    padding_idx: int | None = None

    torch_order: ClassVar = ("num_embeddings", "embedding_dim", "padding_idx")

    meanings: ClassVar = {
        "num_embeddings": Phrase("rows of the table, one for each token"),
        "embedding_dim": Phrase("length of the vector of a token"),
        "padding_idx": Phrase("the token whose vector training leaves alone; it changes no count"),
    }

    def output(self, x: TensorSpec) -> TensorSpec:
        if len(x.shape) != 1:
            raise Fault(
                "wrong-rank",
                "needs a sequence of token numbers, but receives {shape}",
                help="the input of the description is `[length]`",
                shape=spell(x.shape),
            )
        padding = 0 if self.padding_idx is None else self.padding_idx
        require(
            -self.num_embeddings <= padding < self.num_embeddings,
            "no-such-token",
            "padding_idx is {padding}, but the tokens are 0 to {last}",
            option="padding_idx",
            help="use a number from 0 to {last}; negative ones count from the end",
            padding=padding,
            last=self.num_embeddings - 1,
        )
        return x.with_shape((*x.shape, self.embedding_dim))

    def weights(self, x: TensorSpec) -> tuple[WeightSpec, ...]:
        return (WeightSpec("weight", (self.num_embeddings, self.embedding_dim)),)
