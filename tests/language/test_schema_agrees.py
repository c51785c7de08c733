"""The JSON Schema accepts what the program accepts, and refuses what the program refuses for its form.

Form is what a document says without its expressions being worked out: keys, kinds of values, options that must be
there. Shapes, values of expressions, and which names there are, are not.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from jsonschema.exceptions import best_match

from cnncalc import InputError, analyze, load
from cnncalc.core.errors import Diagnostic, Source
from cnncalc.language import collection
from cnncalc.language.load import from_source
from cnncalc.language.options import layer_class, shapes_by_name
from cnncalc.language.reference.blocks import BLOCKS
from cnncalc.language.reference.catalogue import CONSTRUCTS
from cnncalc.language.schema import document_schema
from cnncalc.language.text.document import Mapping, parse, resolve
from cnncalc.layers.catalogue import ADDRESSES
from tests.support.cases import CASES, Case, layer_cases
from tests.support.plain import changed, plain

DOCS = Path(__file__).parents[2] / "docs"

FORM = {
    *("unknown-key", "unknown-option", "unknown-layer", "missing-option"),
    *("wrong-kind", "wrong-option", "not-whole", "not-a-layer", "bad-shape"),
}
"""Codes of objections to the form of a document."""

OF_CALLS = ("block `{block}` has no param `{name}`", "block `{block}` needs the param `{name}`")
"""Not said by the schema: which params a call takes stands with the block, maybe in another file, and JSON Schema has
no way to look there."""

NOT_READ = {
    "blocks": ("blocks.word", "blocks.conv_relu.params.channels"),
    "block": ("blocks.word",),
    "variants": ("variants.word", "variants.small", "params.width"),
    "when": ("layers.1.batch_norm2d",),
}
"""Parts of examples that the schema sees and the program passes over: blocks that nothing calls, defaults that every
call or the chosen variant replaces, other variants, and layers that `when` leaves out."""


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(document_schema())


def place_of_objection(document: Any) -> str | None:
    """Where the schema objects, as a dotted path; None if it does not."""
    found = best_match(validator().iter_errors(document))
    return found and ".".join(map(str, found.absolute_path))


def objections(text: str, variant: str | None = None) -> tuple[Diagnostic, ...]:
    try:
        analyze(from_source(Source("net.yaml", text), {}, None, variant))
    except InputError as error:
        return error.diagnostics
    return ()


def is_of_form(diagnostic: Diagnostic) -> bool:
    """Whether an objection is to what is written, and not to what an expression comes to."""
    if diagnostic.code not in FORM or str(diagnostic.message) in OF_CALLS:
        return False
    span = diagnostic.span
    if diagnostic.code not in ("wrong-option", "not-whole", "bad-shape") or span is None:
        return True
    marked = span.source.line(span.line)[span.column - 1 : span.end_column - 1]
    if diagnostic.code == "bad-shape":
        return not isinstance(resolve(marked), str) or marked.startswith("[")
    written = marked.partition(": ")[2]
    return not re.search(r"[a-z]", re.sub(r"\b(?:true|false|null)\b", "", written))


def disagreement(document: Any, found: tuple[Diagnostic, ...], passed_over: tuple[str, ...] = ()) -> str | None:
    """How schema and program differ on a document, if they do."""
    place = place_of_objection(document)
    if place is None:
        missed = [str(one) for one in found if is_of_form(one)]
        return f"the schema accepts {document}, but:\n{missed[0]}" if missed else None
    if found or any(f"{place}.".startswith(f"{each}.") for each in passed_over):
        return None
    return f"the schema objects to {place} in {document}, and the program does not"


@pytest.mark.parametrize("name", [name for name in CONSTRUCTS if name not in BLOCKS.constructs])  # calls, as of `block`
def test_constructs(name: str) -> None:
    """Every example, and whatever one change of its form makes of it."""
    example = plain(parse(Source("net.yaml", CONSTRUCTS[name].example)))
    assert place_of_objection(example) is None
    variant = "large" if name == "variants" else None
    differing = []
    for document in changed(example):
        text = json.dumps(document)
        found = objections(text, variant)
        if text not in ("null", '"word"'):  # an empty document, and one that is no mapping at all
            differing.append(disagreement(document, found, NOT_READ.get(name, ())))
    assert len(differing) > 50
    assert [one for one in differing if one] == []


def cases_with_every_option(name: str) -> list[Case]:
    """A few cases of a layer type, among which every option is given."""
    chosen: list[Case] = []
    for case in sorted(layer_cases(), key=lambda case: -len(case.options)):
        if case.type == name and (not chosen or {*case.options} - {key for one in chosen for key in one.options}):
            chosen.append(case)
    return chosen


@pytest.mark.parametrize("name", ADDRESSES)
def test_layers(name: str) -> None:
    """The options of every layer type, and whatever one change of their form makes of them."""
    for case in cases_with_every_option(name):
        inputs = {f"x{number}": list(shape) for number, shape in enumerate(case.inputs)}
        wires = {"from": list(inputs)} if len(inputs) > 1 else {}
        named = shapes_by_name(layer_class(name, None))
        given = {option: dict(value) if option in named else value for option, value in case.options.items()}
        right = json.loads(json.dumps(given))
        assert place_of_objection({"inputs": inputs, "layers": [{name: {**wires, **right}}]}) is None
        for options in changed(right):
            body = {**wires, **options} if isinstance(options, dict) else options
            text = json.dumps({"inputs": inputs, "layers": [{name: body}]})
            assert disagreement(plain(parse(Source("net.yaml", text))), objections(text)) is None


BRANCHES = "paths: [[relu], [tanh]]"
TOGETHER = {
    "residual: {body: [relu], inplace: true}": True,
    "residual: {body: [relu], merge: add, inplace: true}": True,
    "residual: {body: [relu], merge: concat, inplace: true}": False,
    "residual: {body: [relu], merge: multiply, inplace: true}": False,
    f"branches: {{{BRANCHES}, dim: 1}}": True,
    f"branches: {{{BRANCHES}, merge: add, inplace: true}}": True,
    f"branches: {{{BRANCHES}, merge: '{{kind}}', dim: 1}}": True,
    f"branches: {{{BRANCHES}, inplace: true}}": False,
    f"branches: {{{BRANCHES}, merge: add, dim: 1}}": False,
    f"branches: {{{BRANCHES}, merge: multiply, inplace: true}}": False,
    "block: {type: part, inline: true}": True,
    "block: {type: part, inline: false, name: x}": True,
    "block: {type: part, inline: true, name: x}": False,
    "block: {type: part, inline: true, alias: x}": False,
    "repeat: {times: 2, layers: [relu]}": True,
    "repeat: {each: [1, 2], as: n, layers: [relu]}": True,
    "repeat: {times: 2, each: [1, 2], layers: [relu]}": False,
    "repeat: {layers: [relu]}": False,
    "crop: {margin: 1}": True,
    "crop: {margin: 1, size: 4}": False,
    "crop: {margin: null, size: 4}": True,
    "upsample: {size: 4, scale_factor: 2}": False,
    "upsample": False,
    "conv2d: {out_channels: 4, kernel_size: 1, stride: [1, true]}": False,
}
"""Keys that go together, and keys that do not."""


@pytest.mark.parametrize(("entry", "is_right"), TOGETHER.items())
def test_keys_together(entry: str, is_right: bool) -> None:
    text = f"""\
input: [3, 8, 8]
params: {{kind: "concat"}}
blocks: {{part: {{layers: [relu]}}}}
layers:
  - conv2d: {{out_channels: 4, kernel_size: 1, stride: [1, 1]}}
  - {entry}
"""
    assert (place_of_objection(plain(parse(Source("net.yaml", text)))) is None) is is_right
    assert (objections(text) == ()) is is_right


@pytest.mark.parametrize("top", ["", "input: [3, 8, 8]\ninputs: {x: [3, 8, 8]}\n", "outputs: []\ninput: [3]\n"])
def test_wrong_inputs_and_outputs(top: str) -> None:
    text = f"{top}layers: [relu]\n"
    assert place_of_objection(plain(parse(Source("net.yaml", text)))) == ("outputs" if "outputs" in top else "")
    assert [one.code for one in objections(text)] in (["missing-option"], ["wrong-kind"])


def test_built_in_networks() -> None:
    for path in sorted(collection.folder().glob("*.yaml")):
        assert place_of_objection(plain(parse(Source(path.name, path.read_text(encoding="utf-8"))))) is None, path
    for name in collection.names():
        load(name)


@pytest.mark.parametrize(
    "path", [*(CASES / "networks").rglob("*.yaml"), *DOCS.rglob("*.yaml")], ids=lambda path: path.stem
)
def test_networks_of_cases_and_pages(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    document = parse(Source(path.name, text))
    if isinstance(document, Mapping) and "layers" in document.keys:  # the others are sheets of answers
        assert disagreement(plain(document), objections(text)) is None


@pytest.mark.parametrize("path", sorted((CASES / "broken").glob("*.yaml")), ids=lambda path: path.stem)
def test_broken_networks(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    try:
        document = plain(parse(Source(path.name, text)))
    except InputError:
        return  # not YAML, of which a schema knows nothing
    with pytest.raises(InputError) as caught:
        analyze(load(str(path)))
    assert disagreement(document, caught.value.diagnostics) is None


def test_the_comparison_fails_both_ways() -> None:
    text = "{input: [3, 8, 8], layers: [{relu: {word: 3}}]}"
    wrong = plain(parse(Source("net.yaml", text)))
    right = {"input": [3, 8, 8], "layers": ["relu"]}
    assert disagreement(wrong, ()) is not None
    assert disagreement(wrong, (), ("layers.0",)) is None
    assert disagreement(wrong, objections(text)) is None
    assert disagreement(right, objections(text)) is not None
    assert disagreement(right, ()) is None
