"""What is said of `cnncalc layer`: the command to type."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cnncalc.core.errors import Diagnostic, Fault, InputError, Source, Span
from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.core.translation import Phrase
from cnncalc.language.foreign.calls import Call, Entry, call_in
from cnncalc.language.foreign.hints import for_type, meant_option
from cnncalc.language.foreign.table import OPTION_WORDS
from cnncalc.language.foreign.translation import Translation, joined, own_order, translated
from cnncalc.language.options import ACTIVATION_OPTIONS, WRITE_OPTION, WRITE_VALUE, example_of
from cnncalc.language.text.document import resolve as plain_value
from cnncalc.layers.catalogue import ADDRESSES, resolve

EXAMPLES: dict[str, Any] = {
    "out_channels": 64,
    "out_features": 10,
    "hidden_size": 128,
    "num_embeddings": 1000,
    "embedding_dim": 64,
    "num_heads": 1,
    "window_size": 7,
    "num_groups": 1,
    "groups": 1,
    "norm_type": 2,
    "levels": (1, 2, 4),
    "normalized_shape": "in_size[-1]",
    "shape": (-1,),
    "dims": (0, 2, 1),
    "upscale_factor": 1,
    "regions": 8,
    "output_size": 7,
    "padding": 1,
    "operation": "mean",
    "dim": 0,
    "shifts": (1, 1, 1),
}
"""Values of options that a layer requires, as examples."""

SHAPES: tuple[tuple[Shape, ...], ...] = (
    ((3, 224, 224),),
    ((16, 100),),
    ((3, 16, 112, 112),),
    ((512,),),
    ((64, 28, 28), (64, 28, 28)),
    ((64, 28, 28), (64, 84, 84)),
    ((100, 64), (100, 64), (100, 64)),
)
"""Input shapes, as examples; the first that a layer takes is shown."""


def rewritten(type: str, options: Sequence[str], shapes: Sequence[Shape], source: Source) -> InputError:
    """The error for a type that is none here, or for values without names."""
    bare = next((option for option in options if "=" not in option), None)
    made = _read(type, options, shapes)
    if type in ADDRESSES and bare is not None:
        column = len(type) + 2 + sum(len(option) + 1 for option in options[: list(options).index(bare)])
        span = Span(source, 1, column, column + len(bare))
        fault = Fault("bad-setting", "`{text}` is not NAME=VALUE", text=bare)
    else:
        span = Span(source, 1, 1, len(type) + 1)
        fault = Fault("unknown-layer", "there is no layer `{name}`", name=type)
    if made is None:
        help = _first_option(type) if type in ADDRESSES else for_type(type)
        return InputError([fault.at(span)._replace(help=help)])
    first, *rest = made.entries
    notes = [Phrase("nothing here follows `{option}`", option=option) for option in made.lost]
    if rest:
        following = ", ".join(f"`{entry.type}`" for entry in rest)
        notes.append(Phrase("after it come layers of their own: {following}", following=following))
    help = Phrase("write `{command}`", command=_command(_with_examples(first), shapes))
    return InputError([fault.at(span, (*made.notes, *notes))._replace(help=help)])


def _first_option(type: str) -> str:
    """The remedy for words that are no values of a layer."""
    order = own_order(type)
    if not order:
        return Phrase("it takes no options")
    example = EXAMPLES.get(order[0]) or example_of(resolve(type), order[0])
    return Phrase("write `{name}={example}`", name=order[0], example=example)


def missing_input(type: str, options: Sequence[str]) -> InputError:
    """The error for a layer without an input shape."""
    entry = _with_examples(Entry(type, _named(options)))
    command = _command(entry, ())
    return InputError.of(
        "missing-input",
        "a layer needs an input shape",
        help="add `{input}`",
        input=command[command.index("--input") :] if "--input" in command else "--input 3x224x224",
    )


def as_typed(error: InputError, type: str, options: Sequence[str], shapes: Sequence[Shape]) -> InputError:
    """The error with remedies as they are typed."""
    given = _named(options)
    entry = _with_examples(Entry(type, given))
    return InputError(
        _replaced(one, Phrase("write `{command}`", command=_command(entry, shapes)), given) for one in error.diagnostics
    )


def _replaced(one: Diagnostic, command: Phrase, given: dict[str, Any]) -> Diagnostic:
    if one.help == WRITE_OPTION:
        return one._replace(help=command)
    if one.help == WRITE_VALUE:
        typed = str(one.facts["example"]).replace(", ", ",")
        return one._replace(help=Phrase("write `{name}={example}`", name=one.facts["name"], example=typed))
    if one.code == "unknown-option":
        name = str(one.facts["name"])
        meant = meant_option(name, resolve(str(one.facts["layer"])).model_fields, str(one.facts["layer"]))
        if meant and one.help == Phrase("write `{name}`", name=meant):
            return one._replace(help=Phrase("write `{name}={example}`", name=meant, example=given[name]))
        if name in ACTIVATION_OPTIONS or (one.help == OPTION_WORDS.get(name) and "- " in one.help):
            return one._replace(help=Phrase("leave it out: here it is a layer of its own"))
    return one


def _read(type: str, options: Sequence[str], shapes: Sequence[Shape]) -> Translation | None:
    """What is typed, as a layer here."""
    if "(" in type:
        call = call_in(" ".join((type, *options)))
        return translated(call) if call else None
    words = [plain_value(option.strip(",")) for option in options if "=" not in option]
    named = _named([option for option in options if "=" in option])
    if type in ADDRESSES:
        order = [name for name in own_order(type) if name not in named]
        if shapes and len(words) > 2 and words[0] == shapes[0][0] and "out_channels" in order:
            words = words[1:]  # as torch takes it: the channels of the input first
        if len(words) > len(order) or not all(isinstance(word, (int, float)) for word in words):
            return None
        return joined([Translation([Entry(type, {**dict(zip(order, words, strict=False)), **named})])])
    return translated(Call(type, tuple(words), named)) or translated(Call(type))


def _named(options: Sequence[str]) -> dict[str, Any]:
    pairs = (option.partition("=") for option in options if "=" in option)
    return {name: text for name, _, text in pairs}


def _with_examples(entry: Entry) -> Entry:
    """The entry with an example for every option that is required and not given."""
    layer_type, options = resolve(entry.type), {}
    for name in own_order(entry.type):
        given = entry.options.get(name)
        if given not in (None, "...", ""):
            options[name] = given
        elif layer_type.model_fields[name].is_required():
            options[name] = EXAMPLES.get(name) or example_of(layer_type, name)
    return Entry(entry.type, options)


def _command(entry: Entry, shapes: Sequence[Shape]) -> str:
    """The command for a layer, with the input shapes that are given, or else such as it takes."""
    found = shapes or next((some for some in SHAPES if _takes(entry, some)), ())
    inputs = [f"--input {'x'.join(map(str, shape))}" for shape in found]
    return " ".join(["cnncalc layer", entry.typed(), *inputs])


def _takes(entry: Entry, shapes: Sequence[Shape]) -> bool:
    """Whether a layer takes inputs of these shapes."""
    from cnncalc.language.single import single_layer

    layer_type = resolve(entry.type)
    if not layer_type.least_inputs <= len(shapes) <= (layer_type.most_inputs or len(shapes)):
        return False
    try:
        (node,) = single_layer(entry.type, entry.typed().split()[1:], shapes).nodes
        node.layer.output(*map(TensorSpec, shapes))
    except (InputError, Fault):
        return False
    return True
