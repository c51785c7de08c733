"""What is said of `cnncalc layer`, and of calls from Python: the command to type, or the call."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

from cnncalc.core.errors import Diagnostic, Fault, InputError, Source, Span
from cnncalc.core.kinds import Kind
from cnncalc.core.tensor import Shape, TensorSpec
from cnncalc.core.translation import Phrase
from cnncalc.language.foreign.calls import Call, Entry, call_in
from cnncalc.language.foreign.hints import for_type, meant_option
from cnncalc.language.foreign.table import INFERRED, OPTION_WORDS
from cnncalc.language.foreign.translation import Translation, joined, own_order, translated
from cnncalc.language.options import (
    ACTIVATION_OPTIONS,
    WRITE_OPTION,
    WRITE_VALUE,
    example,
    example_of,
    positional_options,
)
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
    "reshape.shape": (-1,),
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


def rewritten(type: str, options: Sequence[str], shapes: Sequence[Shape], source: Source, command: str) -> InputError:
    """The error for a type that is none here, or for values without names."""
    bare = next((option for option in options if "=" not in option), None)
    made = _read(*((type, options) if "(" in type else _tidied(type, options)), shapes)
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
    notes = [Phrase("nothing here corresponds to `{option}`", option=option) for option in made.lost]
    if rest:
        following = ", ".join(f"`{entry.type}`" for entry in rest)
        notes.append(Phrase("after it come layers of their own: {following}", following=following))
    help = Phrase("write `{command}`", command=f"{command} {_typed(_with_examples(first), shapes)}")
    return InputError([fault.at(span, (*made.notes, *notes))._replace(help=help)])


def _tidied(type: str, options: Sequence[str]) -> tuple[str, list[str]]:
    """A type and options without the signs that YAML and Python put between them: `conv2d: {out_channels: 64}`."""
    name, _, rest = re.sub(r"^-\s+|[{}]", "", " ".join((type, *options))).partition(" ")
    rest = re.sub(r"\s*(?:=|:(?=\s))\s*", "=", rest)
    return name.removesuffix(":"), [word.strip(",") for word in re.findall(r"[^\s\[(]+(?:[\[(][^\])]*[\])])?,?", rest)]


def _first_option(type: str) -> str:
    """The remedy for words that are no values of a layer."""
    order = own_order(type)
    if not order:
        return Phrase("it takes no options")
    value = EXAMPLES.get(order[0]) or example_of(resolve(type), order[0])
    return Phrase("write `{name}={example}`", name=order[0], example=value)


def missing_input(type: str, options: Sequence[str], command: str) -> InputError:
    """The error for a layer without an input shape."""
    entry = _with_examples(Entry(type, _named(options)))
    typed = _typed(entry, ())
    return InputError.of(
        "missing-input",
        "a layer needs an input shape",
        help="add `{input}`" if len(entry.options) == len(options) else "write `{command}`",
        input=typed[typed.index("--input") :] if "--input" in typed else "--input 3x224x224",
        command=f"{command} {typed}",
    )


def as_typed(error: InputError, type: str, options: Sequence[str], shapes: Sequence[Shape], command: str) -> InputError:
    """The error with remedies as they are typed."""
    given = _named(options)
    entry = _with_examples(Entry(type, given))
    return InputError(
        _replaced(one, Phrase("write `{command}`", command=f"{command} {_typed(entry, shapes)}"), given)
        for one in error.diagnostics
    )


def with_other_inputs(error: InputError, type: str, shapes: Sequence[Shape]) -> InputError:
    """The error of a layer's rules with remedies as they are typed: the inputs to give."""
    layer_type = resolve(type)

    def typed(one: Diagnostic) -> Diagnostic:
        if one.code == "wrong-number-of-inputs" and len(shapes) < layer_type.least_inputs:
            return one._replace(help=Phrase("give `--input` {n} times", n=layer_type.least_inputs))
        if one.code == "wrong-rank" and layer_type.traits.kind is Kind.LINEAR:
            return one._replace(help=Phrase("write `{command}`", command=f"--input {prod(shapes[0])}"))
        return one

    return InputError(map(typed, error.diagnostics))


def as_called(
    error: InputError, type: str, options: Mapping[str, Any], spelled: Callable[[Mapping[str, Any]], str]
) -> InputError:
    """The error with remedies as Python has them; `spelled` writes a call with these options."""
    if type not in ADDRESSES:
        return error
    layer_type = resolve(type)
    fields = layer_type.model_fields
    named = {name if name in fields else meant_option(name, fields, type): value for name, value in options.items()}
    meant = {name: value for name, value in named.items() if name is not None}
    for name in own_order(type):
        if name not in meant and layer_type.model_fields[name].is_required():
            known = EXAMPLES.get(name)
            meant[name] = example(layer_type, name) if known is None or isinstance(known, str) else known
    ordered = {name: meant[name] for name in own_order(type) if name in meant}
    call = Phrase("write `{command}`", command=spelled({**ordered, **meant}))
    return InputError(
        _with_values(one, call, {key: repr(value) for key, value in options.items()}) for one in error.diagnostics
    )


def _with_values(one: Diagnostic, whole: Phrase, given: Mapping[str, str]) -> Diagnostic:
    """The diagnostic of an option that is missing, or has another name here, with what to write in its place."""
    if one.help == WRITE_OPTION:
        return one._replace(help=whole)
    if one.code == "unknown-option":
        name = str(one.facts["name"])
        meant = meant_option(name, resolve(str(one.facts["layer"])).model_fields, str(one.facts["layer"]))
        if meant and one.help == Phrase("write `{name}`", name=meant):
            return one._replace(help=Phrase("write `{name}={example}`", name=meant, example=given[name]))
    return one


def _replaced(one: Diagnostic, command: Phrase, given: dict[str, Any]) -> Diagnostic:
    if one.help == WRITE_VALUE:
        typed = str(one.facts["example"]).replace(", ", ",")
        return one._replace(help=Phrase("write `{name}={example}`", name=one.facts["name"], example=typed))
    one = _with_values(one, command, given)
    if one.code == "unknown-option":
        name = str(one.facts["name"])
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
        order = [name for name in _order_of(type, words, shapes) if name not in named]
        if len(words) > len(order) or not all(isinstance(word, (int, float)) for word in words):
            return None
        values = {name: word for name, word in zip(order, words, strict=False) if name not in INFERRED}
        return joined([Translation([Entry(type, {**values, **named})])])
    return translated(Call(type, tuple(words), named)) or translated(Call(type))


def _order_of(type: str, words: Sequence[Any], shapes: Sequence[Shape]) -> list[str]:
    """The names of values without names: in torch's order where the size of the input can be among them."""
    own, theirs = own_order(type), resolve(type).torch_order
    required = tuple(positional_options(resolve(type)))
    sizes = {shapes[0][0], shapes[0][-1]} if shapes else set()
    if theirs[:1] in ((), required[:1]) or not required or (len(words) > len(required) and words[0] in sizes):
        return [*theirs, *(name for name in own if name not in theirs)]
    return own


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
            options[name] = EXAMPLES.get(f"{entry.type}.{name}") or EXAMPLES.get(name) or example_of(layer_type, name)
    return Entry(entry.type, options)


def _typed(entry: Entry, shapes: Sequence[Shape]) -> str:
    """A layer as it is typed, with the input shapes that are given, or else such as it takes."""
    found = shapes or next((some for some in SHAPES if _takes(entry, some)), ())
    inputs = [f"--input {'x'.join(map(str, shape))}" for shape in found]
    return " ".join([entry.typed(), *inputs])


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
