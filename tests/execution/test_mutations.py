"""A bug planted anywhere in a rule is reported by `verify`, and so is one planted in a kernel."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from functools import cache
from math import prod
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np
import pytest
import yaml

from cnncalc.analysis.infer import analyze
from cnncalc.core import arithmetic
from cnncalc.core.counts import Op
from cnncalc.core.errors import InputError
from cnncalc.core.graph import Graph
from cnncalc.execution import kernels
from cnncalc.execution.engine.tally import Array, Tally
from cnncalc.execution.engine.task import StoredWeights, Task, options_of
from cnncalc.execution.engine.workers import Workers
from cnncalc.execution.kernels import KERNELS
from cnncalc.execution.verify.measure import verify
from cnncalc.language.load import from_text
from cnncalc.layers import windowed
from cnncalc.layers.catalogue import ADDRESSES, resolve
from tests.support.cases import CASES, Case, layer_cases, read_case
from tests.support.fused import channel_numbers, with_channel_numbers
from tests.support.mutants import ARITHMETIC, Mutant, code_of, functions, mutants, planted, replaced
from tests.support.pieces import in_pieces
from tests.support.torch_layers import random_inputs, run, settle, torch_layer, weight_name
from tests.support.untold import REASONS, UNTOLD

RULES = sorted({f"cnncalc.layers.{address.partition(':')[0]}" for address in ADDRESSES.values()})
MODULES = [*RULES, "cnncalc.layers.base", "cnncalc.layers.windowed", "cnncalc.core.arithmetic", "cnncalc.core.field"]

NO_RULES = {
    # objections, and their wording
    *("core.arithmetic:require", "core.arithmetic:_require_window", "core.arithmetic:axis_name"),
    *("layers.base:check_groups", "layers.base:check_sequences", "layers.base:check_grid"),
    *("layers.norm:_require_spread", "layers.merge:Elementwise._objection", "layers.merge:_shapes_remedy"),
    *("layers.attention:_check_map", "layers.attention:_check_heads", "layers.attention:_check_agreement"),
    "layers.product:MatMul._objection",
    "core.arithmetic:times",  # factors of closed forms and of conventions: `test_explain`, `test_conventions`
    "core.arithmetic:choose",  # one branch for numbers, one for arrays: `test_traced`
    *("layers.base:_is_option", "layers.base:option_model", "layers.base:Layer.bare_option"),  # how options are read
    *("layers.base:_rank_remedy", "layers.base:_length_remedy", "layers.base:pairs_remedy"),
    "layers.border:_entries_remedy",
    *("layers.border:_as_tuple", "layers.upsample:_as_tuple"),  # how options are read: `test_layers`
    *("layers.windowed:Windowed.strides", "layers.windowed:Windowed.dilations", "layers.windowed:Windowed.pads"),
    "core.field:_hull",
    *("layers.base:Layer.counts_as", "layers.recurrent:Recurrent.counts_as"),  # towards a bound: `test_work`
    "layers.recurrent:Recurrent.ops_per_unit",  # each type has its own
    *(f"layers.opaque:Opaque.{name}" for name in ("output", "weights", "ops", "windows")),  # no rules: `test_opaque`
}
"""What lies beside the rules. The algebra of fields over many layers has a brute force of its own: `test_field`."""

NO_CLASSES = (
    ":Field.",
    ":_OptionFields.",
    ":Layer.__",
    ":Layer.model_",
    ":Layer._expand_per_axis",
    ":Layer.grid",
    ":Layer.options",
    ":Layer.meaning",
    ".objection",
)

MORE: dict[str, Any] = yaml.safe_load((CASES / "mutations.yaml").read_text(encoding="utf-8"))
"""Layers and networks that the tables of layers have no case for."""


def network(case: Case, enlarged: bool = False) -> Graph:
    """One layer as a network; enlarged, on a map that has room for units which no border cuts off."""
    if not enlarged:
        return case.network()
    last = case.channels_last
    return case.network(
        inputs=tuple(
            (*shape[: not last], *(3 * n + 1 if n > 1 else n for n in x.spatial), *shape[len(shape) - last :])
            for shape, x in zip(case.inputs, case.specs, strict=True)
        )
    )


def cases() -> list[Case]:
    """The cases of the tables, and more, small ones first."""
    more = [read_case(row["type"], f"more_{number}", row) for number, row in enumerate(MORE["layers"])]
    return sorted([*layer_cases(), *more], key=lambda case: sum(map(prod, case.inputs)))


def networks() -> list[Graph]:
    """The networks of the table, and those that begin alike."""
    begin = MORE["begin"]
    alike = {name: {**begin, "layers": [*begin["layers"], *layers]} for name, layers in MORE["behind"].items()}
    described = {**MORE["networks"], **alike}.items()
    return [from_text(yaml.safe_dump({"name": name, **network})) for name, network in described]


def survives(graph: Graph) -> bool:
    """Whether nothing is noticed: neither a wrong number nor that the numbers cannot be."""
    try:
        return verify(analyze(graph)).ok
    except Exception:
        return False


class Example(NamedTuple):
    """What a kernel is handed, and what torch makes of it."""

    case: Case
    inputs: list[Array]
    weights: dict[str, Array]
    output: Array


@cache
def examples() -> dict[str, Example]:
    found = {}
    for case in cases():
        module = settle(torch_layer(case.type, dict(case.options), case.inputs))
        # so large that only a softmax which takes the largest off first gets through
        factor = 200 if case.type.endswith(("softmax", "softmin", "scaled_dot_product_attention")) else 1
        inputs = [x * factor for x in random_inputs(case.type, case.inputs, 2)]
        weights = {weight_name(name): value.double().numpy() for name, value in module.state_dict().items()}
        if case.options.get("bias") == "per_channel":  # (C_out, 1, ...) in torch, to broadcast
            weights["bias"] = weights["bias"].reshape(-1)
        found[str(case)] = Example(case, [x.numpy() for x in inputs], weights, run(module, inputs).numpy())
    return found


def as_torch_has_it(graph: Graph) -> bool:
    """Whether a kernel still gives torch's values, and nothing else is noticed either."""
    example = examples().get(graph.name)
    if example is None:
        return survives(graph)
    options = options_of(example.case.layer.options())
    kernels.resolve.cache_clear()  # it may remember another mutant, or the kernel itself
    expected: dict[tuple[Any, ...], Any] = {(): example.output}
    if kernels.can_fuse(example.case.type, vars(options)):
        expected[channel_numbers,] = with_channel_numbers(example.output)
    try:
        for fused, output in expected.items():
            task = Task(options, StoredWeights(example.weights), Tally(), Workers(), fused=fused)
            with np.errstate(all="ignore"):
                y = kernels.resolve(example.case.type)(task, *[x.copy() for x in example.inputs])
            if y.shape != output.shape or not np.abs(y - output).max() <= 1e-6 * np.abs(output).max():
                return False
    except Exception:
        return False
    return survives(graph)


CEIL_DIV = arithmetic.ceil_div

TABLES = [name for name in ADDRESSES if {"per_element", "reduction", "keeps_buffer"} & vars(resolve(name)).keys()]
"""Types that say something of themselves in a table instead of a function."""


def other_values(name: str, value: Any) -> Iterator[Any]:
    """What might stand in a class by mistake."""
    match name:
        case "per_element":
            for op, times in value.items():
                rest = {other: n for other, n in value.items() if other is not op}
                yield from (rest, {**rest, op: times + 1}, {**rest, Op.NORM_ROOT: times})
        case "reduction":
            yield "max" if value == "avg" else "avg"
        case "keeps_buffer":
            yield not value


class Watch:
    """The networks, with the code that each of them runs."""

    def __init__(self) -> None:
        self.graphs: list[tuple[Graph, set[CodeType]]] = []
        alone = [network(case, enlarged) for enlarged in (False, True) for case in cases()]
        written = networks()
        for graph in [*alone, *written]:
            codes: set[CodeType] = set()

            def note(frame: FrameType, event: str, _: Any, codes: set[CodeType] = codes) -> None:
                if event == "call":
                    codes.add(frame.f_code)

            before = sys.getprofile()
            sys.setprofile(note)
            try:
                clean = survives(graph)  # an enlarged input does not fit every layer
            finally:
                sys.setprofile(before)
            assert clean or graph not in written, graph.name
            if clean:
                self.graphs.append((graph, codes))

    def of(self, address: str) -> list[Graph]:
        code = code_of(address)
        return [graph for graph, codes in self.graphs if code in codes]


@cache
def watch() -> Watch:
    return Watch()


def survivors(address: str, found: list[Mutant], unnoticed: Callable[[Graph], bool]) -> set[str]:
    """The changes that no network notices."""
    graphs = watch().of(address)
    assert graphs, "no case calls it"
    left = set()
    for mutant in found:
        with planted(mutant):
            for number, graph in enumerate(graphs):
                if not unnoticed(graph):
                    graphs.insert(0, graphs.pop(number))  # what noticed this one may well notice the next
                    break
            else:
                left.add(mutant.change)
    return left


def told(module: str) -> dict[str, ast.FunctionDef]:
    return {
        address: tree
        for address, tree in functions(module).items()
        if address.removeprefix("cnncalc.") not in NO_RULES and not any(part in address for part in NO_CLASSES)
    }


RULE_FUNCTIONS = {address: tree for module in MODULES for address, tree in told(module).items()}
KERNEL_MODULES = sorted({f"cnncalc.execution.kernels.{spec.forward.partition(':')[0]}" for spec in KERNELS.values()})
NO_ARITHMETIC = ("_scratch", ":Geometry.positions", ":scratch")
"""Kernel modules also say what memory they take: `test_memory` measures that."""

KERNEL_FUNCTIONS = {
    address: tree
    for module in [*KERNEL_MODULES, "cnncalc.execution.kernels.windows"]
    for address, tree in functions(module).items()
    if mutants(address, tree, ARITHMETIC) and not address.endswith((":Geometry.__init__", *NO_ARITHMETIC))
}


@pytest.mark.parametrize("case", cases(), ids=str)
@pytest.mark.parametrize("enlarged", [False, True])
def test_every_rule_agrees_with_its_measurement(case: Case, enlarged: bool) -> None:
    graph = network(case, enlarged)
    try:
        report = analyze(graph)
    except InputError:
        assert enlarged  # not every layer takes a larger input
        return
    assert verify(report).mismatches == []


@pytest.mark.parametrize("address", RULE_FUNCTIONS)
def test_a_bug_in_a_rule_is_reported(address: str) -> None:
    found = mutants(address, RULE_FUNCTIONS[address])
    assert survivors(address, found, survives) == UNTOLD.get(address.removeprefix("cnncalc."), {}).keys()


@pytest.mark.parametrize("table", TABLES)
def test_a_bug_in_a_table_of_a_rule_is_reported(table: str) -> None:
    layer = resolve(table)
    graphs = [network(case) for case in cases() if case.type == table]
    for name, value in list(vars(layer).items()):
        for other in other_values(name, value):
            with replaced(f"{layer.__module__}:{layer.__name__}.{name}", other):
                assert not all(map(survives, graphs)), (name, other)


@pytest.mark.parametrize("address", KERNEL_FUNCTIONS)
def test_a_bug_in_a_kernel_is_reported(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    in_pieces(monkeypatch)
    kernels.resolve.cache_clear()
    found = mutants(address, KERNEL_FUNCTIONS[address], ARITHMETIC)
    left = survivors(address, found, as_torch_has_it)
    kernels.resolve.cache_clear()
    assert left == UNTOLD.get(address.removeprefix("cnncalc."), {}).keys()


def test_the_table_of_mutants_names_functions_that_there_are() -> None:
    known = {address.removeprefix("cnncalc.") for address in (*RULE_FUNCTIONS, *KERNEL_FUNCTIONS)}
    assert UNTOLD.keys() <= known
    assert {reason for entries in UNTOLD.values() for reason in entries.values()} <= {*REASONS}


def test_a_planted_mutant_is_taken_out_again() -> None:
    address = "cnncalc.core.arithmetic:ceil_div"
    for mutant in mutants(address, RULE_FUNCTIONS[address]):
        with planted(mutant):
            assert vars(windowed)["ceil_div"] is arithmetic.ceil_div is not CEIL_DIV
        assert vars(windowed)["ceil_div"] is arithmetic.ceil_div is CEIL_DIV
