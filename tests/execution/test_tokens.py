"""Inputs of token numbers: what is drawn for them, and what is no token."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import cnncalc
from cnncalc.core.errors import InputError
from cnncalc.execution.engine.program import program
from cnncalc.execution.inputs.random_arrays import random_inputs
from cnncalc.execution.inputs.tokens import token_counts
from tests.support.command import cnncalc as command

SENTENCE = """
input: [7]
layers:
  - embedding: {name: words, num_embeddings: 5, embedding_dim: 3}
  - lstm: {name: encoder, hidden_size: 4, return_sequences: false}
"""

TWO_TABLES = """
inputs: {question: [6], answer: [4], image: [3]}
layers:
  - slice: {name: start, from: question, end: 4}
  - concat: {name: text, from: [start, answer]}
  - embedding: {name: large, num_embeddings: 9, embedding_dim: 2}
  - embedding: {name: small, from: answer, num_embeddings: 4, embedding_dim: 2}
  - linear: {name: scores, from: image, out_features: 2}
outputs: [large, small, scores]
"""


def run(text: str, inputs: object = None) -> dict[str, np.ndarray]:
    graph = cnncalc.from_text(text)
    return cnncalc.run(graph, cnncalc.analyze(graph), inputs)  # type: ignore[arg-type]


def objections(text: str, inputs: object = None) -> list[str]:
    with pytest.raises(InputError) as caught:
        run(text, inputs)
    return [f"{one.code}: {one.message.format(**one.facts)}" for one in caught.value.diagnostics]


def test_tables_say_which_inputs_hold_tokens_and_how_many_there_are() -> None:
    graph = cnncalc.from_text(TWO_TABLES)
    steps = program(cnncalc.analyze(graph))
    assert token_counts(steps) == {"question": 9, "answer": 4}
    drawn = random_inputs(steps, seed=0, batch=50)
    for name, tokens in token_counts(steps).items():
        assert drawn[name].dtype == np.float32
        assert set(drawn[name].ravel()) == set(range(tokens))
    assert ((drawn["image"] >= 0) & (drawn["image"] < 1)).all()
    assert len(set(drawn["image"].ravel())) > 100


def test_what_is_looked_up_are_rows_of_the_table() -> None:
    torch.manual_seed(0)
    graph = cnncalc.from_text(SENTENCE)
    table, words = torch.rand(5, 3), [4, 0, 3, 3, 1, 2, 0]
    module = torch.nn.LSTM(3, 4, batch_first=True)
    weights = {"words.weight": table.numpy()}
    weights |= {f"encoder.{name}": value.detach().numpy() for name, value in module.named_parameters()}
    found = cnncalc.run(graph, cnncalc.analyze(graph), np.array(words), weights)
    with torch.no_grad():
        expected = module(table[words][None])[0][0, -1]
    np.testing.assert_allclose(found["encoder"], expected.numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ([0, 1, 2, 3, 4, 5, 0], "5"),
        ([0, -1, 2, 3, 4, 4, 0], "-1"),
        ([0, 1, 2.5, 3, 4, 4, 0], "2.5"),
    ],
)
def test_what_is_no_token(words: list[float], shown: str) -> None:
    assert objections(SENTENCE, words) == [f"no-such-token: `input` holds {shown}, and the tokens are 0 to 4"]


def test_a_table_that_reads_what_the_network_computes() -> None:
    text = SENTENCE.replace("layers:\n", "layers:\n  - relu\n")
    assert objections(text) == [
        "not-token-numbers: `words` looks up token numbers, but reads what the network computes"
    ]


def test_a_token_that_there_is_not_on_the_command_line(tmp_path: Path) -> None:
    path, array = tmp_path / "net.yaml", tmp_path / "words.npy"
    path.write_text(SENTENCE, encoding="utf-8")
    np.save(array, np.array([0, 1, 2, 3, 4, 99, 0]))
    done = command("run", path, "--array", array)
    assert done.code == 2
    assert "error[no-such-token]: `input` holds 99, and the tokens are 0 to 4" in done.err
    assert "Traceback" not in done.err
    done = command("run", path)
    assert done.code == 0
    assert "Input           random token numbers, seed 0\n" in done.out


def test_verify_runs_on_tokens_and_against_torch(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(TWO_TABLES, encoding="utf-8")
    done = command("verify", path, "--against", "torch")
    assert done.code == 0
    assert "all right" in done.out
