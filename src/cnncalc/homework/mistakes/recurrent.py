"""Mistakes about recurrent layers: gates, directions, the state, and the layers of a stack."""

from __future__ import annotations

from collections.abc import Iterator

from cnncalc.core.kinds import Kind
from cnncalc.core.translation import Phrase
from cnncalc.homework.mistakes.base import FILTERS, Case, Change, defined_in, rewriting
from cnncalc.homework.mistakes.facts import Facts
from cnncalc.homework.mistakes.steps import Step
from cnncalc.homework.mistakes.working import Working

SEQUENCES = (*FILTERS, "output", "memory")


def _with_one_bias(w: Working) -> Working:
    """One bias for each gate, as in Keras: right in itself, and the base of many answers."""
    return w.with_weights(lambda one: None if one.name.startswith("bias_hh") else one)


def _either_way(*changes: Change) -> Iterator[Change]:
    """Changes with two biases for each gate, and with one."""
    yield from changes
    for change in changes:
        yield change._replace(step=lambda w, step=change.step: step(_with_one_bias(w)))  # type: ignore[misc]


@rewriting(
    Phrase("A layer of the type {type} has {gates} sets of weights, one for each gate and for the candidate, not {n}."),
    *FILTERS,
)
def gates_forgotten(case: Case, layer: Facts) -> Iterator[Change]:
    """One set of weights, or that of another recurrent layer."""
    gates = getattr(layer.layer, "gates", 0)
    for number in (1, 4, 3, 2) if gates else ():
        if number != gates:
            step: Step = lambda w, number=number: w.with_options(gates=number)  # type: ignore[misc]  # noqa: E731
            without_gates = Phrase("A plain recurrence has no gates, and one set of weights, not {n}.")
            sentence = without_gates if gates == 1 else Phrase("")
            yield from _either_way(Change(step, sentence, {"gates": gates, "n": number}))


@rewriting(Phrase("It reads in two directions, each with weights and a state of its own."), *SEQUENCES)
def direction_forgotten(case: Case, layer: Facts) -> Iterator[Change]:
    """One direction."""
    if layer.option("bidirectional"):
        yield from _either_way(Change(lambda w: w.with_options(bidirectional=False)))


@rewriting(Phrase("It reads in one direction alone."), *SEQUENCES)
def direction_added(case: Case, layer: Facts) -> Iterator[Step]:
    """Two directions."""
    if layer.option("bidirectional") is False:
        yield lambda w: w.with_options(bidirectional=True)


@rewriting(Phrase("There are {levels} layers in the stack; that is one."), *FILTERS)
def one_level(case: Case, layer: Facts) -> Iterator[Change]:
    """One layer of a stack."""
    levels = layer.option("num_layers", 1)
    if levels > 1:
        yield from _either_way(Change(lambda w: w.with_options(num_layers=1), facts={"levels": levels}))


@rewriting(
    Phrase("Only the first layer of the stack reads the {into} features of the input; the others read states."),
    *FILTERS,
)
def levels_alike(case: Case, layer: Facts) -> Iterator[Step]:
    """The first layer of a stack as often as there are layers."""
    if layer.option("num_layers", 1) > 1:
        yield lambda w: w.with_options(num_layers=1).with_counts(lambda count: w.layer.num_layers * count)


@rewriting(Phrase("A step reads the {into} features of the input and the {hidden} values of the state."), *FILTERS)
def hidden_for_input(case: Case, layer: Facts) -> Iterator[Change]:
    """The size of the state for that of the input, or the other way round."""
    hidden = layer.option("hidden_size")
    if layer.kind is Kind.RECURRENT and hidden not in (None, layer.into):
        facts = {"hidden": hidden}
        yield Change(lambda w: w.with_channels(w.layer.hidden_size), facts=facts)
        yield Change(lambda w: w.with_options(hidden_size=w.features).with_channels(w.layer.hidden_size), facts=facts)
        yield Change(
            lambda w: w.with_weights(
                lambda one: one._replace(shape=(one.shape[0], w.features)) if "weight_hh" in one.name else one
            ),
            facts=facts,
        )


@rewriting(Phrase("Every position of the sequence comes out: {length} of them."), "output", "memory")
def last_step_alone(case: Case, layer: Facts) -> Iterator[Change]:
    """The last position."""
    if layer.option("return_sequences"):
        yield Change(lambda w: w.with_options(return_sequences=False), facts={"length": layer.x.shape[0]})


@rewriting(Phrase("The last position of the sequence alone comes out."), "output", "memory")
def every_step(case: Case, layer: Facts) -> Iterator[Step]:
    """Every position."""
    if layer.option("return_sequences") is False:
        yield lambda w: w.with_options(return_sequences=True)


RECURRENT_MISTAKES = defined_in(globals())
"""In the order in which they are looked for where sources do not tell which is likelier."""
