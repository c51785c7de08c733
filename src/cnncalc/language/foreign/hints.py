"""What is said of a name that is unknown here: the line to write in its place, or what to do instead."""

from __future__ import annotations

import re
from math import prod
from typing import Any, NamedTuple

from cnncalc.core.errors import LONGEST_SENTENCE, Fault, InputError, Span
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.tensor import Shape, spell
from cnncalc.core.translation import Listed, Phrase
from cnncalc.language.foreign.calls import LONGEST, Call, call_in
from cnncalc.language.foreign.shorthand import shorthand
from cnncalc.language.foreign.table import (
    CHANNELS_LAST,
    FOLLOWS,
    FUNCTIONS,
    INFERRED,
    KERAS,
    LEFT_OUT,
    OPTION_WORDS,
    OTHERS,
    TORCH,
    UNNUMBERED,
    WORDS,
    Row,
)
from cnncalc.language.foreign.translation import INNER, Translation, folded, meant_field, translated
from cnncalc.language.positional import OF_CHANNELS
from cnncalc.language.text.document import Mapping, Scalar, Sequence, Value
from cnncalc.layers.catalogue import ADDRESSES, resolve

MACROS = ("sequential", "repeat", "block", "residual", "branches", "split")
"""Entries of a list of layers that are no layers."""


class Remedy(NamedTuple):
    """A sentence, lines to copy, and notes; and the lines that stand for the whole of what was written, if any do."""

    help: str
    example: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()


def for_entry(
    name: str,
    options: Value | None,
    others: tuple[str, ...] = (),
    *,
    in_flow: bool = False,
    flowing: Shape | None = None,
) -> Remedy:
    """The remedy for an entry of a list of layers whose type is unknown; `others` are further types.

    In a list between brackets, entries stand without a dash. `flowing` is the shape that flows in, if it is known.
    """
    call = _call_of(name, options)
    made = translated(call) if call else None
    if made is None:
        plain = call.name if call else name
        if plain.startswith("self."):
            return Remedy(Phrase("write the layer that `{name}` stands for", name=plain))
        return Remedy(in_words(plain) or _otherwise(plain, others))
    remedy = for_translation(made, _first_shape(call) if call else None, in_flow=in_flow)
    is_whole = not any(note.template == INNER.template for note in made.notes) and not made.missing
    return remedy._replace(
        notes=(*remedy.notes, *(_other_sizes(call, flowing) if call and flowing else ())),
        whole=tuple(map(str, made.entries)) if is_whole else (),
    )


def _other_sizes(call: Call, flowing: Shape) -> list[Phrase]:
    """Notes on sizes of the input that a line of torch gives, and that are others here."""
    params = TORCH[name].params.split() if (name := call.name.rpartition(".")[2]) in TORCH else []
    told = {word.rstrip("-"): value for word, value in zip(params, call.args, strict=False)} | {**call.keywords}
    notes = []
    for name in INFERRED:
        size = _product(told.get(name)) if f"{name}-" in params else None
        here = (flowing[0],) if name in OF_CHANNELS else (flowing[-1], prod(flowing))
        if size is not None and size not in here:
            what = Phrase("{option} is {size:,} there, but {shape} flows in here")
            notes.append(Phrase(what.template, option=name, size=size, shape=spell(flowing)))
    return notes


def _product(value: Any) -> int | None:
    """A whole number, perhaps as a product, `32 * 7 * 7`; None of anything else."""
    text = str(value)
    return prod(map(int, text.split(" * "))) if re.fullmatch(r"[0-9]{1,9}(?: \* [0-9]{1,9}){0,5}", text) else None


def _first_shape(call: Call) -> tuple[int, ...] | None:
    """The input shape that a layer of Keras may be given, channels first."""
    shape = call.keywords.get("input_shape")
    if not isinstance(shape, tuple) or not shape or not all(isinstance(size, int) for size in shape):
        return None
    return (shape[-1], *shape[:-1])


def for_options(type: str, text: str) -> Remedy | None:
    """The remedy for options that are written as in a call, `out_channels=64, 3`; None if they cannot be read."""
    call = _with_options(type, text)
    made = translated(call) if call else None
    return for_translation(made) if made else None


def for_translation(made: Translation, shape: tuple[int, ...] | None = None, *, in_flow: bool = False) -> Remedy:
    """The remedy that shows the lines of a translation; with a `shape`, that of the input is known."""
    lines = [str(entry) for entry in made.entries]
    if in_flow:
        lines = [", ".join(line.removeprefix("- ") for line in lines)]
    notes = [*made.notes, *(Phrase("nothing here corresponds to `{option}`", option=option) for option in made.lost)]
    notes += [CHANNELS_LAST] if made.of_keras else []
    notes += [Phrase("this shape is `input: {shape}` here", shape=list(shape))] if shape else []
    if len(lines) == 1 and len(lines[0]) < LONGEST_SENTENCE // 2:
        return Remedy(Phrase("write `{line}`", line=lines[0]), (), tuple(notes))
    return Remedy(Phrase("write in its place"), tuple(lines), tuple(notes))


def call_error(text: str, span: Span) -> InputError | None:
    """The error for a call between brackets, with the entry to write in its place; None if no entry is."""
    call = call_in(text)
    made = translated(call) if call else None
    if made is None:
        return None
    help, example, notes, _ = for_translation(made, in_flow=True)
    fault = Fault("unknown-layer", "there is no layer `{name}`", name=text)
    return InputError([fault.at(span, notes)._replace(help=help, example=example)])


def for_type(name: str, prefix: str = "", others: tuple[str, ...] = ()) -> str:
    """The remedy for a layer type by its name alone, as code and the command line take it."""
    if name in MACROS:
        return Phrase("`cnncalc layers {name}` shows how a description writes it", name=name)
    call = call_in(name) or Call(name)
    made = translated(call)
    if made is None:
        words = in_words(call.name)
        return words if words and "{" not in words else _otherwise(call.name, others)
    types = dict.fromkeys(f"`{prefix}{entry.type}`" for entry in made.entries)
    return Phrase("write {names}", names=Listed(types))


def meant_type(name: str) -> str | None:
    """The one layer type here that a name stands for, if it is one anywhere."""
    call = call_in(name) or Call(name)
    made = translated(call)
    return made.entries[0].type if made is not None and len(made.entries) == 1 else None


def own_option(name: str, words: list[str]) -> str | None:
    """The option that a name stands for, of the first of these words that is a layer type; None if it has none."""
    layer = next((word for word in words if word in ADDRESSES), None)
    if layer is None:
        return None
    fields = resolve(layer).model_fields
    return name if name in fields else meant_option(name, fields, layer)


def meant_option(name: str, fields: Any, layer: str) -> str | None:
    """The option here that a name of another framework stands for."""
    return meant_field(name, fields) or _by_rows(name, layer)


def for_option(name: str, fields: Any, layer: str) -> str | None:
    """The remedy for an option of another framework; None if the name is none."""
    if name in OPTION_WORDS:
        return OPTION_WORDS[name]
    if meant := meant_option(name, fields, layer):
        return Phrase("write `{name}`", name=meant)
    if name in INFERRED:
        return FOLLOWS
    return UNNUMBERED if LEFT_OUT.fullmatch(name) else None


def in_words(name: str) -> str | None:
    """What to do about a name that no line takes the place of."""
    plain = folded(name.rpartition(".")[2])
    return next((words for known, words in WORDS.items() if folded(known) == plain), None)


def _by_rows(name: str, layer: str) -> str | None:
    """The option that a constructor of this layer calls so."""
    for row in (*TORCH.values(), *KERAS.values(), *OTHERS.values(), *FUNCTIONS.values()):
        if row.type == layer:
            for word in row.params.split():
                there, arrow, here = word.partition(">")
                if arrow and there == name:
                    return here
    return None


def _otherwise(name: str, others: tuple[str, ...]) -> str:
    plain = name.partition("(")[0].rpartition(".")[2] or name
    return did_you_mean(plain, (*ADDRESSES, *others), "`cnncalc layers` lists them all")


def _call_of(name: str, options: Value | None) -> Call | None:
    """The call that an entry stands for: a line of Python, or a name with options."""
    if isinstance(options, Mapping):
        given = {key: _plain(value) for key, value in options.values.items()}
        kind = None if name in ADDRESSES else type_key(options)
        if kind is None:
            return Call(name, (), given)
        kept = {key: value for key, value in given.items() if key != kind}
        return _typed(options.values[kind].text, name)._replace(keywords=kept)  # type: ignore[union-attr]
    if isinstance(options, Sequence):
        values, row = tuple(map(_plain, options.items)), KERAS.get(name, Row(""))
        takes_one = sum(not word.endswith("-") for word in row.params.split()) == 1  # which is the list
        return Call(name, (values,) if takes_one else values)
    if isinstance(options, Scalar) and isinstance(options.value, str):
        if name in TYPE_KEYS:
            return _typed(options.text, "")
        written = call_in(options.text)
        if written is not None:
            return written if written.assigned or not name.isidentifier() else written._replace(assigned=name)
        return _with_options(name, options.text)
    if isinstance(options, Scalar):
        return Call(name, (options.value,))
    return call_in(name) if "(" in name else shorthand(name) or _in_words(name)


def _with_options(name: str, text: str) -> Call | None:
    """The call of a name with options as they are written, perhaps without commas: `out_channels=64 kernel_size=3`."""
    words = re.sub(r"\s*=\s*", "=", text)
    return call_in(f"{name}({words if ',' in words else ', '.join(words.split())})")


_VALUE = r"\d+(?:[x×]\d+)*|\d*\.\d+"
_IN_WORDS = re.compile(rf"(.*?\w)((?:\s+(?:{_VALUE}))+)")


def _in_words(name: str) -> Call:
    """A name, perhaps with values behind it, as in `conv 64 3x3`."""
    found = _IN_WORDS.fullmatch(name)
    return Call(found[1], tuple(map(_written_value, found[2].split()))) if found else Call(name)


def _written_value(word: str) -> Any:
    sizes = re.split("[x×]", word)
    return tuple(map(int, sizes)) if len(sizes) > 1 else float(word) if "." in word else int(word)


TYPE_KEYS = ("type", "layer", "layer_type", "kind", "op", "module", "class_name")
"""Keys under which other notations give the type of a layer."""


def type_key(entry: Mapping) -> str | None:
    """The key under which an entry gives its type; None if it has none."""
    return next((key for key in TYPE_KEYS if isinstance(value := entry.values.get(key), Scalar) and value.text), None)


def _typed(type: str, name: str) -> Call:
    """The call of a type that stands under a key, for a layer of this name."""
    return (call_in(type) or Call(type))._replace(assigned=name)


def _plain(value: Value) -> Any:
    if isinstance(value, Scalar):
        if isinstance(value.value, str):
            return call_in(value.text) or value.text
        return value.value
    return tuple(map(_plain, value.items)) if isinstance(value, Sequence) else "..."


def whole_call(text: str, span: Span) -> str:
    """A call up to its closing bracket, where YAML has ended it at a comma."""
    if text.count("(") <= text.count(")"):
        return text
    written = span.source.line(span.line)[span.column - 1 :][:LONGEST]
    depth = 0
    for place, sign in enumerate(written, start=1):
        depth += (sign == "(") - (sign == ")")
        if sign == ")" and depth == 0:
            return written[:place]
    return text
