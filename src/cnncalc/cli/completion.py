"""What a shell offers when a word is completed. What is wrong on the line, or in the network, offers nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps

import typer

from cnncalc.core.errors import InputError
from cnncalc.core.translation import LANGUAGES

Completer = Callable[[typer.Context, str], Iterable[str]]

DESCRIPTIONS = (".yaml", ".yml", ".py")
"""Endings of files that describe a network."""

_PLAIN_WORD = re.compile(r"[\w.,:=%+/-]+")
"""A word that means nothing else to a shell; no other is offered, as shells read what is offered."""


def _offers(completer: Completer) -> Callable[[typer.Context, str], list[str]]:
    """The words of a completer that begin as what is typed, where the line so far can be read."""

    @wraps(completer)
    def offered(ctx: typer.Context, incomplete: str) -> list[str]:
        try:
            words = completer(ctx, incomplete)
        except InputError:
            return []
        return [word for word in words if word.startswith(incomplete) and _PLAIN_WORD.fullmatch(word)]

    return offered


@_offers
def complete_architecture(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Built-in names, and descriptions in this folder; where there are none, the shell completes files."""
    from os import listdir

    from cnncalc.language.collection import names

    try:
        files = sorted(name for name in listdir() if name.endswith(DESCRIPTIONS))
    except OSError:
        files = []
    return [*names(), *files]


@_offers
def complete_name(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Built-in names."""
    from cnncalc.language.collection import names

    return names()


@_offers
def complete_family(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Built-in names and their families."""
    from cnncalc.language.collection import families

    return dict.fromkeys(word for family, members in families().items() for word in (family, *members))


@_offers
def complete_fact(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """One more column of the list of networks."""
    from cnncalc.cli.list_architectures import COLUMNS

    return _one_more(incomplete, COLUMNS)


@_offers
def complete_layer_type(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Layer types."""
    from cnncalc.layers.catalogue import ADDRESSES

    return ADDRESSES


@_offers
def complete_option(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Options of the layer type on the line that it does not have yet."""
    from cnncalc.layers.catalogue import ADDRESSES, resolve

    type, *given = [*_positional_words(ctx), ""]
    names = [word.partition("=")[0] for word in given]
    return [f"{name}=" for name in resolve(type).model_fields if name not in names] if type in ADDRESSES else []


@_offers
def complete_reference(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Layer types and constructs of the language."""
    from cnncalc.language.reference.catalogue import names
    from cnncalc.layers.catalogue import ADDRESSES

    return [*ADDRESSES, *names()]


@_offers
def complete_layer(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Layers, groups and aliases of the network on the line, one level further than what is typed."""
    from cnncalc.cli.options import settings
    from cnncalc.language.load import load

    network = _network(ctx)
    if network is None:
        return []
    graph = load(network, params=settings(ctx.params.get("set_")), pipe=False)
    names = dict.fromkeys(graph.aliases)
    for node in graph.nodes:
        steps = node.path.split(".")
        names |= dict.fromkeys(".".join(steps[:depth]) for depth in range(1, len(steps) + 1))
    found = _next_level(names, incomplete)
    return found if len(found) != 1 else [*found, *_next_level(names, f"{found[0]}.")]


@_offers
def complete_explained(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """A network or a layer type, then a layer of the network; after a topic, its sizes."""
    from cnncalc.layers.catalogue import ADDRESSES

    topic, words = ctx.params.get("topic"), _positional_words(ctx)
    if topic:
        from cnncalc.explain.topics.catalogue import TOPICS

        return [f"{name}={size}" for name, size in TOPICS[topic].sizes.items()] if topic in TOPICS else []
    if not words:
        return [*complete_architecture(ctx, incomplete), *ADDRESSES]
    if words[0] in ADDRESSES:
        return complete_option(ctx, incomplete)
    return complete_layer(ctx, incomplete) if len(words) == 1 else []


@_offers
def complete_setting(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Params of the network on the line with their values, to be changed."""
    from cnncalc.language.load import settable_params

    networks = [word for word in _positional_words(ctx) if word != "-" and not word.endswith(".py")]
    return dict.fromkeys(word for network in networks for word in _assignments(settable_params(network)))


@_offers
def complete_quantity(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Quantities that are explained."""
    from cnncalc.explain.layer import explainable_quantities

    return explainable_quantities()


@_offers
def complete_topic(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Topics that are explained."""
    from cnncalc.explain.topics.catalogue import TOPICS

    return TOPICS


@_offers
def complete_quiz_topics(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """One more topic of a sheet of exercises."""
    from cnncalc.homework.quiz import TOPICS

    return _one_more(incomplete, TOPICS)


@_offers
def complete_columns(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """One more column after those that are typed."""
    from cnncalc.analysis.table import all_columns

    return _one_more(incomplete, all_columns())


@_offers
def complete_measure(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Columns that a comparison is sorted by."""
    from cnncalc.analysis.compare import measures

    return measures()


@_offers
def complete_measures(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """One more column of a comparison."""
    from cnncalc.analysis.compare import column_titles

    return _one_more(incomplete, column_titles())


@_offers
def complete_convention(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Conventions."""
    from cnncalc.analysis.conventions import NAMES

    return NAMES


@_offers
def complete_language(ctx: typer.Context, incomplete: str) -> Iterable[str]:
    """Languages."""
    return LANGUAGES


def _one_more(incomplete: str, known: Iterable[str]) -> list[str]:
    """A comma-separated list with each of the known names after its last comma that it does not have."""
    listed, comma, _ = incomplete.rpartition(",")
    return [f"{listed}{comma}{name}" for name in known if name not in listed.split(",")]


def _positional_words(ctx: typer.Context) -> list[str]:
    """The words before the one that is completed that belong to no option."""
    words: list[str] = []
    for param in ctx.command.params:
        value = ctx.params.get(param.name or "") if param.param_type_name == "argument" else None
        words += [value] if isinstance(value, str) else value or []
    return words or ctx.args  # the parser leaves them there where an option still lacks its value


def _network(ctx: typer.Context) -> str | None:
    """The network on the line; None where there is none, or reading it would run code or wait for input."""
    words = _positional_words(ctx)
    return words[0] if words and words[0] != "-" and not words[0].endswith(".py") else None


def _next_level(names: Iterable[str], prefix: str) -> list[str]:
    """The names with this prefix that go no further than the next dot."""
    return [name for name in names if name.startswith(prefix) and "." not in name[len(prefix) + 1 :]]


def _assignments(params: Mapping[str, object]) -> Iterable[str]:
    for name, value in params.items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield f"{name}={text}" if _PLAIN_WORD.fullmatch(text) else f"{name}="
