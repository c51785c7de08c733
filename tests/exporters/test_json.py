"""What programs read: the JSON contract, CSV and Markdown that say the same, and the schema of descriptions."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from cnncalc import InputError, analyze, from_text, load
from cnncalc.analysis.compare import Comparison
from cnncalc.analysis.outline import outline
from cnncalc.analysis.report import Report
from cnncalc.analysis.table import choose_columns
from cnncalc.core.tensor import DType
from cnncalc.exporters.json import comparison_json, layer_json, report_json
from cnncalc.exporters.rows import comparison_csv, comparison_markdown, report_csv, report_markdown
from cnncalc.language import collection
from cnncalc.language.schema import document_schema
from cnncalc.language.single import single_layer
from cnncalc.layers.catalogue import ADDRESSES
from tests.support.cases import CASES
from tests.support.command import cnncalc

COUNT = {"type": "integer", "minimum": 0}
SHAPE = {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1}
TOTALS = (
    "params",
    "trainable_params",
    "buffers",
    "macs",
    "flops",
    "activation_elements",
    "activation_bytes",
    "peak_activation_bytes",
    "weight_layers",
    "status",
)
TOTAL = {**dict.fromkeys(TOTALS, COUNT), "status": {"const": "complete"}}
FIELD = {
    "type": ["object", "null"],
    "required": ["size", "jump", "start", "global"],
    "properties": {
        "size": {"type": "array", "items": COUNT, "minItems": 1},
        "jump": {
            "type": "array",
            "items": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^\d+/\d+$"}]},
        },
        "start": {"type": "array", "items": {"type": ["integer", "null"]}},
        "global": {"type": "boolean"},
        "global_by": {"type": "string", "minLength": 1},
    },
    "additionalProperties": False,
}
LAYER: dict[str, Any] = {
    "type": "object",
    "required": [
        *("path", "type", "inputs", "output", "params", "buffers", "macs", "flops"),
        *("activation_bytes", "receptive_field", "options"),
    ],
    "properties": {
        "path": {"type": "string", "minLength": 1},
        "type": {"enum": list(ADDRESSES)},
        "inputs": {"type": "array", "items": SHAPE, "minItems": 1},
        "output": SHAPE,
        "regions": {"type": "integer", "minimum": 2},
        "params": COUNT,
        "buffers": COUNT,
        "macs": COUNT,
        "flops": COUNT,
        "activation_bytes": COUNT,
        "receptive_field": FIELD,
        "ops": {"type": "object", "additionalProperties": COUNT},
        "options": {"type": "object"},
        "weights_from": {"type": "string"},
    },
    "additionalProperties": False,
}
WARNINGS: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["code", "path", "message", "help"],
        "properties": {key: {"type": "string", "minLength": 1} for key in ("code", "path", "message", "help")},
        "additionalProperties": False,
    },
}
ONE_LAYER: dict[str, Any] = {
    **LAYER,
    "required": [*LAYER["required"], "warnings"],
    "properties": {**LAYER["properties"], "warnings": WARNINGS},
}
HEAD = {
    "name": {"type": "string", "minLength": 1},
    "input": SHAPE,
    "inputs": {"type": "object", "additionalProperties": SHAPE, "minProperties": 2},
    "batch": {"type": "integer", "minimum": 1},
    "dtype": {"enum": ["float32", "float16", "bfloat16", "int8"]},
    "convention": {"const": "torch"},
}
REPORT = {
    "type": "object",
    "required": ["schema_version", "name", "input", "batch", "dtype", "convention", "totals", "layers", "warnings"],
    "properties": {
        "schema_version": {"const": 1},
        **HEAD,
        "totals": {
            "type": "object",
            "required": list(TOTALS),
            "properties": TOTAL,
            "additionalProperties": False,
        },
        "layers": {"type": "array", "items": LAYER, "minItems": 1},
        "warnings": WARNINGS,
    },
    "additionalProperties": False,
}
PERCENT = {"type": ["number", "null"], "exclusiveMinimum": 0, "exclusiveMaximum": 100}
COMPARISON = {
    "type": "object",
    "required": ["models"],
    "properties": {
        "schema_version": {"const": 1},
        "models": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name", "input", *TOTALS, "top1", "top5", "warnings"],
                "properties": {
                    **HEAD,
                    **TOTAL,
                    "receptive_field": FIELD,
                    "top1": PERCENT,
                    "top5": PERCENT,
                    "accuracy_source": {"type": "string"},
                    "warnings": WARNINGS,
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}

NETWORKS = ["alexnet", "googlenet", "mobilenet_v2", "resnet18", "vgg11"]
SPECIAL = """
inputs: {left: [2, 9, 7], right: [2, 9, 7], gate: [4]}
layers:
  - conv2d: {name: a, from: left, out_channels: 4, kernel_size: 3, padding: 1}
  - conv2d: {name: b, from: right, out_channels: 4, kernel_size: 3, padding: 1, share: a}
  - multiply: {name: gated, from: [b, gate]}
  - upsample: {name: up, from: gated, scale_factor: 1.5}
  - upsample: {name: down, scale_factor: 0.4}
  - batch_norm2d: {name: norm, from: down}
outputs: [a, norm]
"""


def valid(value: Any, schema: dict[str, Any]) -> None:
    """Holds the schema, and no number that should be whole was written with a point."""
    jsonschema.Draft202012Validator(schema).validate(value)
    assert not [number for number in floats(value) if number == int(number) and abs(number) > 100]


def floats(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [found for inner in value.values() for found in floats(inner)]
    if isinstance(value, list):
        return [found for inner in value for found in floats(inner)]
    return [value] if isinstance(value, float) else []


@cache
def report_of(name: str, batch: int = 1, dtype: DType = DType.FLOAT32) -> Report:
    return analyze(load(name), batch=batch, dtype=dtype)


def as_data(report: Report) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(report_json(report))
    return data


# The contract


@pytest.mark.parametrize("name", collection.names())
def test_a_report_keeps_the_contract(name: str) -> None:
    data = as_data(report_of(name))
    valid(data, REPORT)
    assert data["name"] == name
    assert (data["batch"], data["dtype"]) == (1, "float32")


def test_several_inputs_shared_weights_and_fractions_keep_the_contract() -> None:
    data = as_data(analyze(from_text(SPECIAL)))
    valid(data, REPORT)
    assert data["inputs"] == {"left": [2, 9, 7], "right": [2, 9, 7], "gate": [4]}
    assert data["input"] == [2, 9, 7]
    by_path = {layer["path"]: layer for layer in data["layers"]}
    assert by_path["b"]["weights_from"] == "a"
    assert (by_path["a"]["params"], by_path["b"]["params"]) == (76, 0)  # 4·2·3·3 + 4 once
    assert by_path["gated"]["inputs"] == [[4, 9, 7], [4]]
    assert by_path["up"]["receptive_field"]["jump"] == ["2/3", "2/3"]


def test_the_contract_can_be_broken() -> None:
    data = as_data(report_of("alexnet"))
    breaks: list[Callable[[Any], Any]] = [
        lambda d: d["totals"].pop("buffers"),
        lambda d: d["totals"].update(macs=1.5),
        lambda d: d["layers"][0].pop("options"),
        lambda d: d["layers"][0].update(output=[]),
        lambda d: d["layers"][0]["receptive_field"].pop("global"),
        lambda d: d.update(input="3x224x224"),
        lambda d: d.update(extra=1),
        lambda d: d.pop("warnings"),
        lambda d: d["warnings"].append({"code": "channels-last"}),
    ]
    for break_it in breaks:
        broken = json.loads(json.dumps(data))
        break_it(broken)
        with pytest.raises(jsonschema.ValidationError):
            valid(broken, REPORT)


@pytest.mark.parametrize("name", NETWORKS)
def test_totals_are_the_sums_of_the_layers(name: str) -> None:
    data = as_data(report_of(name, 3, DType.FLOAT16))
    totals, layers = data["totals"], data["layers"]
    for key in ("params", "buffers", "macs", "flops", "activation_bytes"):
        assert totals[key] == sum(layer[key] for layer in layers), key
    assert totals["trainable_params"] == totals["params"]
    assert totals["activation_bytes"] == totals["activation_elements"] * 2 * 3
    assert totals["flops"] == 2 * totals["macs"]
    kernels = sum(layer["type"] in ("conv2d", "linear") for layer in layers)
    assert totals["weight_layers"] == kernels


@pytest.mark.parametrize("name", NETWORKS)
def test_batch_and_element_type_change_bytes_only(name: str) -> None:
    one = as_data(report_of(name))
    for batch, dtype, size in ((7, DType.FLOAT32, 4), (1, DType.INT8, 1), (5, DType.BFLOAT16, 2)):
        other = as_data(report_of(name, batch, dtype))
        assert (other.pop("batch"), other.pop("dtype")) == (batch, dtype.value)
        expected = json.loads(json.dumps(one))
        del expected["batch"], expected["dtype"]
        for part in (expected["totals"], *expected["layers"]):
            for key in part:
                if key.endswith("_bytes"):
                    part[key] = part[key] // 4 * size * batch
        assert other == expected


def test_layers_are_flat_and_in_execution_order() -> None:
    graph = load("resnet18")
    data = as_data(report_of("resnet18"))
    assert [layer["path"] for layer in data["layers"]] == [node.path for node in graph.nodes]
    made = {"input": data["input"]} | {layer["path"]: layer["output"] for layer in data["layers"]}
    assert [layer["inputs"] for layer in data["layers"]] == [
        [made[wire] for wire in node.inputs] for node in graph.nodes
    ]


def test_one_layer_is_one_element_of_layers() -> None:
    alone = json.loads(layer_json(analyze(single_layer("conv2d", ["out_channels=6", "kernel_size=3"], [(4, 9, 7)]))))
    valid(alone, ONE_LAYER)
    assert alone.pop("warnings") == []
    text = "input: [4, 9, 7]\nlayers:\n  - conv2d: {out_channels: 6, kernel_size: 3}\n"
    assert as_data(analyze(from_text(text)))["layers"] == [alone]
    assert alone["options"]["kernel_size"] == [3, 3]


def test_a_comparison_keeps_the_contract_and_agrees_with_the_reports() -> None:
    reports = tuple(map(report_of, NETWORKS))
    data = json.loads(comparison_json(Comparison(reports, reports[0])))
    valid(data, COMPARISON)
    for model, report in zip(data["models"], reports, strict=True):
        assert {key: model[key] for key in TOTALS} == as_data(report)["totals"]
        assert model["input"] == as_data(report)["input"]
        assert model["top1"] == report.graph.metadata.accuracy.top1


def test_commands_write_what_the_library_writes() -> None:
    done = cnncalc("summarize", "alexnet", "--format", "json", "--batch", "2", "--dtype", "int8")
    assert (done.code, done.err) == (0, "")
    assert done.out == report_json(report_of("alexnet", 2, DType.INT8))
    done = cnncalc("compare", "vgg11", "alexnet", "--sort", "macs", "--format", "json")
    assert [model["name"] for model in json.loads(done.out)["models"]] == ["alexnet", "vgg11"]
    done = cnncalc("layer", "relu", "--input", "3x9x8", "--format", "json")
    valid(json.loads(done.out), ONE_LAYER)


# CSV and Markdown


@pytest.mark.parametrize("name", NETWORKS)
def test_csv_says_the_same(name: str) -> None:
    report = report_of(name, 2)
    rows = list(csv.DictReader(io.StringIO(report_csv(report))))
    data = as_data(report)
    for key in ("params", "buffers", "macs", "flops", "activation_bytes"):
        assert sum(int(row[key]) for row in rows) == data["totals"][key], key
    assert [row["path"] for row in rows] == [layer["path"] for layer in data["layers"]]
    assert [row["output"] for row in rows] == ["x".join(map(str, layer["output"])) for layer in data["layers"]]


def markdown_table(text: str) -> list[dict[str, str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    head, rule, *rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    assert all(set(cell) <= set("-:") for cell in rule)
    return [dict(zip(head, row, strict=True)) for row in rows]


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("flat", [True, False])
def test_markdown_says_the_same(name: str, flat: bool) -> None:
    report = report_of(name)
    *rows, last = markdown_table(
        report_markdown(report, outline(report, flat=flat), choose_columns("params,macs,flops,memory"))
    )
    totals = {key: int(last[title].strip("*").replace(",", "")) for key, title in TITLES.items()}
    assert totals == {key: as_data(report)["totals"][key] for key in TITLES}
    if flat:
        for key, title in TITLES.items():
            assert sum(int(row[title].replace(",", "")) for row in rows) == totals[key]


TITLES = {"params": "Params", "macs": "MACs", "flops": "FLOPs", "activation_bytes": "Memory B"}


def test_comparisons_as_csv_and_markdown() -> None:
    reports = tuple(map(report_of, NETWORKS))
    comparison = Comparison(reports, reports[0])
    rows = list(csv.DictReader(io.StringIO(comparison_csv(comparison))))
    marked = markdown_table(comparison_markdown(comparison))
    for report, row, cells in zip(reports, rows, marked, strict=True):
        assert row["name"] == cells["Network"] == report.graph.name
        assert int(row["macs"]) == int(cells["MACs"].strip("*").replace(",", "")) == report.totals().macs
        best = min(other.totals().macs for other in reports)
        assert cells["MACs"].startswith("**") is (report.totals().macs == best)


# The schema of descriptions

EXAMPLES = sorted(collection.folder().glob("*.yaml")) + sorted((CASES / "networks").glob("*.yaml"))


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(document_schema())


def test_the_schema_is_one() -> None:
    done = cnncalc("schema")
    assert (done.code, done.err) == (0, "")
    schema = json.loads(done.out)
    assert schema == document_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_descriptions_hold_the_schema(path: Path) -> None:
    validator().validate(yaml.safe_load(path.read_text(encoding="utf-8")))


WRONG = [
    "{input: [3, 8, 8], layers: [conv2]}",
    "{input: [3, 8, 8], layers: [conv2d]}",  # needs options
    "{input: [3, 8, 8], layers: [{conv2: {out_channels: 8, kernel_size: 3}}]}",
    "{input: [3, 8, 8], layers: [{conv2d: {out_channels: 8, kernal_size: 3}}]}",
    "{input: [3, 8, 8], layers: [{conv2d: {kernel_size: 3}}]}",
    "{input: [3, 8, 8], layers: [{conv2d: {out_channels: 0, kernel_size: 3}}]}",
    "{input: [3, 8, 8], layers: [{conv2d: {out_channels: 8, kernel_size: 3, bias: 1}}]}",
    "{input: [3, 8, 8], layers: [{conv2d: {out_channels: 8, kernel_size: [3, 0]}}]}",
    "{input: [3, 8, 8], layers: [{relu: , tanh: }]}",
    "{input: [3, 8, 8], layers: [{repeat: {times: -1, layers: [relu]}}]}",
    "{input: [3, 8, 8], layers: [{repeat: {times: 2}}]}",
    "{input: [3, 8, 8], layers: [{residual: {bdy: [relu]}}]}",
    "{input: [3, 8, 8], layers: [{residual: {body: [relu], merge: max}}]}",
    "{input: [3, 0, 8], layers: [relu]}",
    "{input: [3, 8, 8], layer: [relu]}",
    "{input: [3, 8, 8], layers: [relu], optimizer: adam}",
    "{input: [3, 8, 8]}",
]


@pytest.mark.parametrize("text", WRONG)
def test_broken_descriptions_do_not_hold_the_schema(text: str) -> None:
    assert list(validator().iter_errors(yaml.safe_load(text)))
    with pytest.raises(InputError):
        analyze(from_text(text))


# The core schema of YAML 1.1 disagrees with ours on a few scalars; these files have none of them.
FOUND_BY_SCHEMA = ("keys_of_the_description", "input_of_zero", "layers_that_are_no_list", "layers_and_options")


@pytest.mark.parametrize("name", FOUND_BY_SCHEMA)
def test_an_editor_finds_what_the_language_finds(name: str) -> None:
    document = yaml.safe_load((CASES / "broken" / f"{name}.yaml").read_text(encoding="utf-8"))
    assert list(validator().iter_errors(document))
