"""Networks written in Python: calls as people write them, what is refused, and what is found out by asking Python."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cnncalc
from cnncalc import InputError, Network, analyze, from_text, load
from cnncalc.analysis.conventions import convention
from cnncalc.analysis.conventions.fvcore import FVCORE
from cnncalc.core.tensor import DType
from cnncalc.core.translation import use_language
from cnncalc.language.layer_methods import signature
from cnncalc.language.positional import unnamed
from cnncalc.layers.catalogue import ADDRESSES, resolve
from tests.support.command import cnncalc as command

Call = Callable[[Any], object]


def network(channels: int = 3) -> Any:
    return Network("n", input=(channels, 16, 16))


def objection(call: Call, net: Any = None) -> str:
    """What is said of a call, without the line that it stands on; it has to have its place and a remedy."""
    with pytest.raises(InputError) as caught:
        call(net or network())
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.span is not None
    assert Path(diagnostic.span.source.name).name == "test_python.py"
    assert diagnostic.help
    return "\n".join(text for role, text in diagnostic.lines() if role in ("title", "note"))


@pytest.mark.parametrize(
    ("short", "long"),
    [
        (lambda net: net.conv2d(16, 3), lambda net: net.conv2d(out_channels=16, kernel_size=3)),
        (lambda net: net.conv2d(16, 3, padding=1), lambda net: net.conv2d(out_channels=16, kernel_size=3, padding=1)),
        (lambda net: net.conv2d(16, kernel_size=3), lambda net: net.conv2d(out_channels=16, kernel_size=3)),
        (lambda net: net.conv2d(range(4, 5)[0], [3, 1]), lambda net: net.conv2d(out_channels=4, kernel_size=(3, 1))),
        (lambda net: net.add_layer("conv2d", 16, 3), lambda net: net.conv2d(out_channels=16, kernel_size=3)),
        (lambda net: net.conv_transpose2d(8, 2), lambda net: net.conv_transpose2d(out_channels=8, kernel_size=2)),
        (lambda net: net.locally_connected2d(8, 2), lambda net: net.locally_connected2d(out_channels=8, kernel_size=2)),
        (lambda net: net.linear(10), lambda net: net.linear(out_features=10)),
        (lambda net: net.dropout(0.25), lambda net: net.dropout(p=0.25)),
        (lambda net: net.max_pool2d(2), lambda net: net.max_pool2d(kernel_size=2)),
        (lambda net: net.max_pool2d(3, 2), lambda net: net.max_pool2d(kernel_size=3, stride=2)),
        (lambda net: net.lp_pool2d(2, 3), lambda net: net.lp_pool2d(norm_type=2, kernel_size=3)),
        (lambda net: net.relu(True), lambda net: net.relu(inplace=True)),
        (lambda net: net.leaky_relu(0.2), lambda net: net.leaky_relu(negative_slope=0.2)),
        (lambda net: net.group_norm(3), lambda net: net.group_norm(num_groups=3)),
        (lambda net: net.pad(range(1, 3)), lambda net: net.pad(padding=(1, 2))),
    ],
)
def test_options_without_their_names(short: Call, long: Call) -> None:
    one, other = network(), network()
    short(one)
    long(other)
    assert one.build().nodes[0].layer == other.build().nodes[0].layer


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda net: net.conv2d(3, 16, 3), "write `net.conv2d(16, 3)`: in_channels follows from the input"),
        (lambda net: net.conv2d(3, 16, 3), "or `net.conv2d(3, 16, stride=3)`, if that is meant"),
        (lambda net: net.conv2d(16, 3, 2), "write `net.conv2d(16, 3, stride=2)`"),
        (lambda net: net.conv2d(16, 3, 2, 1, name="a"), "write `net.conv2d(16, 3, stride=2, padding=1, name='a')`"),
        (lambda model: model.conv2d(16, 3, 2), "write `model.conv2d(16, 3, stride=2)`"),
        (lambda net: net.conv2d(3, 16, kernel_size=3), "write `net.conv2d(16, 3)`: in_channels follows"),
        (lambda net: net.conv2d(3, 16, kernel_size=3), "conv2d is given `kernel_size` twice"),
        (lambda net: net.conv2d("a", "b", "c"), "its options are kernel_size, out_channels, stride"),
        (lambda net: net.linear(512, 10), "write `net.linear(10)`: in_features follows from the input"),
        (lambda net: net.linear(10, False), "write `net.linear(10, bias=False)`"),
        (lambda net: net.batch_norm2d(3), "write `net.batch_norm2d()`: num_features follows from the input"),
        (lambda net: net.group_norm(3, 3), "write `net.group_norm(3)`: num_channels follows from the input"),
        (lambda net: net.lstm(16, 5), "write `net.lstm(5)`: input_size follows from the input"),
        (lambda net: net.adaptive_avg_pool2d(7, 7), "write `net.adaptive_avg_pool2d((7, 7))`"),
        (lambda net: net.permute(1, 2, 0), "write `net.permute((1, 2, 0))`"),
        (lambda net: net.flatten(1), "its options are start_dim, end_dim, to be given by name"),
        (lambda net: net.sigmoid(1), "it takes no options"),
        (lambda net: net.conv2d({}, 3), "not {}"),
        (lambda net: net.relu(name=""), "cannot name a layer"),
        (lambda net: net.relu(from_=5), "no earlier layer is called `5`"),
        (lambda net: net.group("a b").__enter__(), "cannot name a layer"),
        (lambda net: net.con2d(16, 3), "did you mean `conv2d`?"),
        (lambda net: net.biuld(), "did you mean `build`?"),
        (lambda net: cnncalc.lod, "did you mean `load`?"),
        (lambda net: cnncalc.sumarize, 'write `print(cnncalc.analyze(cnncalc.load("resnet50")))`'),
        (lambda net: net.summary(), "write `print(analyze(net.build()))`"),
        (lambda net: net.summarize(), "a Network has no `summarize`"),
        (lambda net: cnncalc.quux, "its names are InputError, Network"),
        (lambda net: load("lenet5", input=(1, -28, 28)), "write `(3, 224, 224)`"),
        (lambda net: load("lenet5", input=28), "write `(3, 224, 224)`"),  # type: ignore[arg-type]
        (lambda net: from_text("", input=("a",)), "write `(3, 224, 224)`"),  # type: ignore[arg-type]
        (lambda net: Network("n", (3,) * 9), "write `(3, 224, 224)`"),
        (lambda net: load("mobilenet_v1", params={"widht": 0.5}), "did you mean `width`?"),
        (lambda net: load("mobilenet_v1", params={"width": {}}), "set to a dict"),
        (lambda net: load("mobilenet_v1", params={"width": float("nan")}), "too large"),
    ],
)
def test_what_is_refused(call: Call, said: str) -> None:
    net = network()
    assert said in objection(call, net)
    with pytest.raises(InputError, match="no-layers"):
        net.build()  # nothing was added


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda net: net.conv2d(), ["net.conv2d(out_channels=64, kernel_size=3)"] * 2),
        (lambda net: net.conv2d(8), ["net.conv2d(out_channels=8, kernel_size=3)"]),
        (lambda my_net: my_net.linear(name="head"), ["my_net.linear(out_features=10, name='head')"]),
        (lambda net: net.layer_norm(), ["net.layer_norm(normalized_shape=3)"]),
        (lambda net: net.conv2d(filters=8, kernel_size=3), ["out_channels=8"]),
        (lambda net: net.conv2d(filters=8), ["out_channels=8", "net.conv2d(out_channels=8, kernel_size=3)"]),
        (lambda net: net.conv2d(8, 3, activation="relu"), ["net.relu()"]),
        (lambda net: net.conv2d(8, 3, padding_mode="reflect"), ["net.pad(padding=1, mode='reflect')"]),
        (lambda net: net.conv2d(8, 3, bias=1, stride=0), ["stride=1", "bias=True"]),
        (lambda net: net.conv2d(8, (3, 3, 3), stride=[1, 2, 2, 1]), ["kernel_size=3", "stride=(2, 2)"]),
        (lambda net: net.Dense(3), ["net.linear"]),
        (lambda net: net.add_layer("nn.Conv2d", 3, 64, 3), ["net.conv2d"]),
        (lambda net: net.repeat(3), ["for i in range(3):"]),
        (lambda net: net.residual(), ["net.add(from_=(net.last, start))"]),
        (lambda net: Network("n", (3,)).build(), ["net.relu()"]),
        (lambda net: Network("n", inputs={"a": (3,), "b": (3,)}).relu(), ["from_='name'"]),
        (lambda net: warn(net), ["padding='same'"]),
    ],
)
def test_remedies_are_written_in_python(call: Call, said: list[str]) -> None:
    for spoken in ("en", "zh"):
        with use_language(spoken), pytest.raises(InputError) as caught:
            call(network())
        with use_language(spoken):
            remedies = [one.lines()[-1][1] for one in caught.value.diagnostics]
        assert len(remedies) == len(said)
        for remedy, code in zip(remedies, said, strict=True):
            assert f"`{code}`" in remedy


def warn(net: Any) -> None:
    """Raise the warnings of an even kernel, to look at them like at errors."""
    net.conv2d(4, 4, padding=2)
    raise InputError(analyze(net.build()).warnings)


def test_remedies_of_a_description_stay_those_of_a_description() -> None:
    with pytest.raises(InputError, match="write `kernel_size: 3`"):
        from_text("input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: 3, kernel_size: [3, 3, 3]}\n")


def test_wrong_names_come_with_wrong_options() -> None:
    def call(net: Any) -> None:
        net.conv2d(8, 0, name="a b", share="nothing", alias="total")

    with pytest.raises(InputError) as caught:
        call(network())
    codes = [one.code for one in caught.value.diagnostics]
    assert codes == ["wrong-option", "bad-name", "unknown-layer-name", "bad-alias"]


def test_a_size_that_does_not_flow_in_is_no_size() -> None:
    """16 values for 16 channels may be meant either way; for 3 channels, only in one."""
    assert "if that is meant" not in objection(lambda net: net.conv2d(3, 16, kernel_size=3))
    code = "unnamed-option"
    assert f"error[{code}]" in objection(lambda net: net.conv2d(16, 3, 2))
    assert "write `net.conv2d(3, 2)`" in objection(lambda net: net.conv2d(16, 3, 2), network(16))
    assert "write `net.conv2d(16, 3, stride=2)`" in objection(lambda net: net.conv2d(16, 3, 2), network(3))


def test_what_follows_from_the_input_is_never_taken_for_an_option() -> None:
    """In torch's order, the call of a type that takes such a size is refused or means the same."""
    for name in ADDRESSES:
        found = resolve(name)
        if not set(found.torch_order) <= set(found.model_fields):
            assert all(found.model_fields[option].is_required() for option in unnamed(found)), name


def test_only_a_graph_is_analysed() -> None:
    given: Any
    for given in (network(), "vgg16"):
        with pytest.raises(InputError) as caught:
            analyze(given)
        (diagnostic,) = caught.value.diagnostics
        assert diagnostic.code == "not-a-graph"
        assert "net.build()" in str(caught.value)


def refused(call: Callable[[], object]) -> dict[str, str]:
    """What is said of a call: the remedy of every diagnostic by its code, each with the line of the call."""
    with pytest.raises(InputError) as caught:
        call()
    assert all(one.span and Path(one.span.source.name).name == "test_python.py" for one in caught.value.diagnostics)
    return {one.code: one.lines()[-1][1].partition("help: ")[2] for one in caught.value.diagnostics}


def test_names_of_element_types_and_conventions() -> None:
    numpy = pytest.importorskip("numpy")
    graph = load("lenet5")
    for dtype in ("float16", DType.FLOAT16, numpy.float16):
        assert analyze(graph, dtype=dtype, batch=numpy.int64(3)).totals().activation_bytes == 2 * 3 * 15002
    assert analyze(graph, convention="fvcore").totals() == analyze(graph, convention=FVCORE).totals()
    assert analyze(graph, convention="fvcore").totals() != analyze(graph).totals()
    assert refused(lambda: analyze(graph, dtype="flaot16", convention="fvcor", batch=0)) == {
        "bad-batch": "write `batch=32`",
        "unknown-dtype": "did you mean `float16`?",
        "unknown-convention": "did you mean `fvcore`?",
    }
    wrong: Any = "8"
    assert refused(lambda: analyze(graph, dtype="double", batch=wrong)) == {
        "bad-batch": "write `batch=32`",
        "unknown-dtype": "element types are float32, float16, bfloat16, int8",
    }


def test_shapes_as_text() -> None:
    for shape in ("3x32x32", "3×32×32", (3, 32, 32), [3, 32, 32]):
        given: Any = shape
        assert load("vgg16", input=given).inputs == {**Network("n", given)._assembly.inputs} == {"input": (3, 32, 32)}
    wrong: Any
    for wrong in ("3x32by32", "32", 3, "3x0x3"):
        with pytest.raises(InputError, match="bad-shape"):
            load("vgg16", input=wrong)


def test_a_comparison_is_that_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "net.yaml").write_text(WIDE, encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "120")
    net = network()
    net.conv2d(4, 3)
    found = cnncalc.compare(
        tmp_path / "net.yaml", net, "lenet5", analyze(load("nin")), params={"width": 2}, sort="params"
    )
    assert [report.graph.name for report in found.reports] == ["n", "net", "lenet5", "nin"]
    assert (repr(found), found.reference.graph.name) == ("<Comparison of n, net, lenet5, nin>", "net")
    compared = cnncalc.compare("lenet5", tmp_path / "net.yaml", dtype="float16", convention="fvcore", batch=2)
    words = ("--dtype", "float16", "--convention", "fvcore", "--batch", "2")
    done = command("compare", "lenet5", tmp_path / "net.yaml", *words, env={"COLUMNS": "120"})
    assert str(compared).splitlines() == done.out.rstrip("\n").splitlines()
    table, _legend = ET.fromstring(f"<div>{compared._repr_html_()}</div>")
    rows = table.findall("tbody/tr")
    assert [row.findtext("th") for row in rows] == ["lenet5", "net"]
    assert [cell.text for row in rows for cell in row][3] == f"{compared.reference.totals().params:,}"
    assert table.findtext("tbody/tr/td/b") is not None


def test_what_is_no_comparison() -> None:
    wrong: Any = ["vgg16"]
    assert refused(lambda: cnncalc.compare(wrong)) == {"not-a-graph": 'write `compare("vgg16", "net.yaml", net)`'}
    assert refused(lambda: cnncalc.compare("lenet5", sort="mac")) == {"unknown-column": "did you mean `macs`?"}
    assert list(refused(lambda: cnncalc.compare("lenet5", params={"widht": 2}))) == ["unknown-param"]


def test_what_is_run() -> None:
    graph, wrong = load("lenet5"), load("lenet5")
    report: Any = wrong
    assert list(cnncalc.run(graph, analyze(graph), layers="c1")) == ["c1"]
    assert refused(lambda: cnncalc.run(graph, report)) == {"not-a-report": "write `run(graph, analyze(graph), inputs)`"}
    assert list(refused(lambda: cnncalc.run(graph, analyze(graph), layers=["zz"]))) == ["unknown-layer-name"]


def test_a_network_prints_what_it_is() -> None:
    net = Network("tiny", (3, 8, 6))
    net.conv2d(4, 3)
    assert (repr(net), str(net)) == ("<Network tiny: 1 layers, input 3×8×6>",) * 2


def test_asking_python_what_there_is() -> None:
    assert set(dir(cnncalc)) == set(cnncalc.__all__)
    assert all(hasattr(cnncalc, name) for name in dir(cnncalc))
    assert not hasattr(cnncalc, "sumarize")
    net = network()
    for asked in (net, Network):
        assert {*ADDRESSES, "build", "group", "shape", "start_at", "last"} <= set(dir(asked))
        assert all(hasattr(asked, name) for name in ADDRESSES)
        assert not hasattr(asked, "con2d")
    assert net.conv2d.__name__ == "conv2d"
    assert "kernel_size: rows and columns of a window" in net.conv2d.__doc__
    assert str(signature("conv2d")).startswith("(self, /, out_channels, kernel_size, *, stride=1, padding=0,")


# Params of a description

WIDE = "input: [3, 8, 8]\nparams: {width: 1, deep: false, sizes: [1]}\nlayers:\n"
WIDE += "  - conv2d: {out_channels: 16 * width, kernel_size: 'sizes[-1]'}\n  - relu: {when: deep}\n"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"width": 0.5}, [8]),
        ({"width": "1 / 2"}, [8]),
        ({"width": 2, "deep": True}, [32, 32]),
        ({"width": 2, "deep": "true"}, [32, 32]),
        ({"sizes": [1, 3]}, [16]),
        ({"sizes": (1, "1 + 2")}, [16]),
    ],
)
def test_params_as_python_has_them(params: dict[str, Any], expected: list[int], tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(WIDE, encoding="utf-8")
    for graph in (from_text(WIDE, params=params), load(tmp_path / "net.yaml", params=params)):
        assert [row.output.shape[0] for row in analyze(graph).rows] == expected
        side = 6 if "sizes" in params else 8
        assert analyze(graph).rows[0].output.shape[1:] == (side, side)


def test_numbers_of_numpy_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    graph = from_text(WIDE, params={"width": numpy.float64(0.5), "sizes": [numpy.int64(3)]})
    assert analyze(graph).rows[0].output.shape == (8, 6, 6)


def test_params_of_a_function_are_handed_over_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(
        "from cnncalc import Network\ndef network(stages):\n    net = Network('n', input=(3, 8, 8))\n"
        "    for width in stages['widths']:\n        net.conv2d(width, 1)\n    return net\n",
        encoding="utf-8",
    )
    graph = load(str(tmp_path / "net.py"), params={"stages": {"widths": [4, 5]}})
    assert [row.output.shape[0] for row in analyze(graph).rows] == [4, 5]
    assert "did you mean `stages`?" in objection(lambda net: load(str(tmp_path / "net.py"), params={"stage": 1}))


# Files of Python

NET = "from cnncalc import Network, analyze, load\nnet = Network('n', input=(3, 8, 8))\nnet.conv2d(4, 3)\n"


@pytest.mark.parametrize(
    "more", ["", "graph = net.build()\n", "again = net\n", "other = Network('m', (3,))\nnetwork = net\n"]
)
def test_the_only_network_of_a_file_is_meant_whatever_its_name(more: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET + more, encoding="utf-8")
    assert [node.path for node in load(tmp_path / "net.py").nodes] == ["conv2d"]


@pytest.mark.parametrize("more", ["b = Network('n', (3,))\n", "b = load('lenet5')\n"])
def test_of_several_networks_one_must_be_named(more: str, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET + more, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(tmp_path / "net.py")
    assert [one.code for one in caught.value.diagnostics] == ["several-networks"]
    assert "net and b" in str(caught.value)
    assert "call the one that is meant `network`" in str(caught.value)


# Errors


@pytest.mark.slow
def test_an_error_reads_as_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "input: [3, 8, 8]\nlayers:\n  - konv2d\n  - conv2d: {out_chanels: 3}\n"
    (tmp_path / "net.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for spoken in ("en", "zh"):
        with use_language(spoken), pytest.raises(InputError) as caught:
            load("net.yaml")
        with use_language(spoken):
            assert str(caught.value) == command("summarize", "net.yaml", "--lang", spoken, folder=tmp_path).err.strip()


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: Network(), "write `Network(name, input=(3, 224, 224))`"),
        (lambda: Network((3, 32, 32)), 'write `Network("network", input=(3, 32, 32))`'),  # type: ignore[arg-type]
        (lambda: Network(3, 32, 32), "the name of a network is text"),  # type: ignore[arg-type]
        (lambda: load("lenet5", params="width=3"), "write `params={'width': 16}`"),  # type: ignore[arg-type]
        (lambda: load("lenet5", params={1: 3}), "params are names with values"),  # type: ignore[dict-item]
        (lambda: from_text(3), "from_text takes the text of a description, not a int"),  # type: ignore[arg-type]
        (lambda: network().add("a", "b"), "write `net.add(from_=['a', 'b'])`"),
        (lambda: network().concat(["a", "b"]), "write `net.concat(from_=['a', 'b'])`"),
    ],
)
def test_calls_that_are_natural_and_wrong(call: Callable[[], Any], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        call()


def test_a_network_needs_no_name() -> None:
    net = Network(input=(3, 8, 8))
    net.conv2d(4, 3)
    assert net.build().name == "network"


def test_a_layer_is_written_as_a_function() -> None:
    """It changes what some tools count, and nothing else."""
    net = Network("net", (3, 8, 8))
    net.relu(functional=True)
    net.relu()
    graph = net.build()
    assert [node.functional for node in graph.nodes] == [True, False]
    rows = analyze(graph).rows
    assert [convention("ptflops-pytorch").flops(row) for row in rows] == [192, 384]
