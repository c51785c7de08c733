"""The networks of the worked examples: their neutral notation, translated into layers.

Every key of an entry must be used by what translates it; one that is not understood fails the case.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from cnncalc.analysis.infer import analyze
from cnncalc.analysis.report import Report
from cnncalc.language.assembly import Assembly
from cnncalc.language.load import load
from cnncalc.layers.catalogue import resolve
from tests.support.cases import frozen

Written = Mapping[str, Any]
"""A network or a layer as the notation has it."""


@cache
def _report(written: str) -> Report:
    network = json.loads(written)
    if "architecture" in network:
        return analyze(load(network["architecture"]))
    assert network.keys() == {"input", "layers"}, network.keys()
    return analyze(Translation(tuple(network["input"]), network["layers"]).assembly.graph())


def report_of(network: Written) -> Report:
    """The numbers of a network in the notation."""
    return _report(json.dumps(network, sort_keys=True))


def with_input(network: Written, shape: list[int]) -> Written:
    """The same network on another input."""
    return {**network, "input": shape}


def with_sought(network: Any, value: int) -> Any:
    """The same network, the number that is sought filled in."""
    if isinstance(network, dict):
        return {key: with_sought(part, value) for key, part in network.items()}
    if isinstance(network, list):
        return [with_sought(part, value) for part in network]
    return value if network == "sought" else network


class Entry:
    """One entry of a list of layers, whose keys are taken one after the other."""

    def __init__(self, written: Written) -> None:
        self.left = dict(written)
        self.type = self.left.pop("type")
        self.name = self.left.pop("name", None)

    def take(self, key: str, default: Any = None) -> Any:
        """What the entry says about a key, or the default."""
        return self.left.pop(key, default)

    def need(self, key: str) -> Any:
        """What the entry must say about a key."""
        return self.left.pop(key)


class Translation:
    """A network of the notation, being written into an assembly."""

    def __init__(self, shape: tuple[int, ...], layers: list[Written]) -> None:
        self.assembly = Assembly("worked example", {"input": shape})
        self.saved: dict[str, str] = {}
        self.translate(layers)

    def translate(self, layers: list[Written]) -> None:
        """Write a list of layers, each behind the one before."""
        for written in layers:
            entry = Entry(written)
            KINDS[entry.type](self, entry)
            assert not entry.left, f"{entry.type}: {sorted(entry.left)} not understood"

    @property
    def wire(self) -> str:
        """The output that the next layer reads."""
        assert self.assembly.current is not None
        return self.assembly.current

    @property
    def axes(self) -> int:
        """Spatial axes of what flows."""
        return len(self.assembly.spec(self.wire).spatial)

    @property
    def channels(self) -> int:
        """Channels of what flows."""
        return self.assembly.spec(self.wire).channels

    def add(self, type_name: str, name: str | None = None, wires: tuple[str, ...] | None = None, **options: Any) -> str:
        """One layer; `{}d` in its type becomes the number of axes."""
        layer = resolve(type_name.format(self.axes))(**{key: frozen(value) for key, value in options.items()})
        return self.assembly.add(layer, name, wires)

    def join(self, kind: str, paths: list[Callable[[], None]]) -> None:
        """Paths that begin at one layer, and their merger."""
        start, ends = self.wire, []
        for number, path in enumerate(paths):
            self.assembly.current = start
            with self.assembly.group(None, f"path{number}", indexed=False):
                path()
            ends.append(self.wire)
        self.add(kind, None, tuple(ends))

    def conv_bn(self, out: int, kernel: Any, act: bool = True, name: str | None = None, **options: Any) -> None:
        """A convolution without bias, batch norm, and mostly an activation."""
        self.add("conv{}d", name, None, out_channels=out, kernel_size=kernel, bias=False, **options)
        self.add("batch_norm{}d")
        if act:
            self.add("relu")

    def gate(self, squeeze: int) -> None:
        """Squeeze and excitation."""
        start, channels = self.wire, self.channels
        self.add("global_avg_pool{}d", keepdim=True)
        self.add("conv{}d", out_channels=squeeze, kernel_size=1)
        self.add("relu")
        self.add("conv{}d", out_channels=channels, kernel_size=1)
        self.add("sigmoid")
        self.add("multiply", None, (start, self.wire))


def _conv(t: Translation, e: Entry) -> None:
    t.add(
        "conv{}d",
        e.name,
        out_channels=e.need("out"),
        kernel_size=e.need("kernel"),
        stride=e.take("stride", 1),
        padding=e.take("padding", 0),
        dilation=e.take("dilation", 1),
        groups=e.take("groups", 1),
        bias=e.take("bias", True),
    )


def _tconv(t: Translation, e: Entry) -> None:
    t.add(
        "conv_transpose{}d",
        e.name,
        out_channels=e.need("out"),
        kernel_size=e.need("kernel"),
        stride=e.take("stride", 1),
        padding=e.take("padding", 0),
        output_padding=e.take("output_padding", 0),
        dilation=e.take("dilation", 1),
        groups=e.take("groups", 1),
        bias=e.take("bias", True),
    )


def _local(t: Translation, e: Entry) -> None:
    t.add(
        "locally_connected{}d",
        e.name,
        out_channels=e.need("out"),
        kernel_size=e.need("kernel"),
        stride=e.take("stride", 1),
        padding=e.take("padding", 0),
        bias=e.need("bias"),
    )


def _pool(kind: str) -> Callable[[Translation, Entry], None]:
    def translate(t: Translation, e: Entry) -> None:
        kernel = e.need("kernel")
        t.add(
            kind,
            e.name,
            kernel_size=kernel,
            stride=e.take("stride", kernel),
            padding=e.take("padding", 0),
            ceil_mode={"floor": False, "ceil": True}[e.take("rounding", "floor")],
        )

    return translate


def _simple(kind: str, **renamed: str) -> Callable[[Translation, Entry], None]:
    """A layer that differs in the names of its options at most."""

    def translate(t: Translation, e: Entry) -> None:
        t.add(kind, e.name, **{ours: e.need(theirs) for theirs, ours in renamed.items()})

    return translate


def _gap(t: Translation, e: Entry) -> None:
    t.add("global_avg_pool{}d", e.name, keepdim=True)


def _linear(t: Translation, e: Entry) -> None:
    t.add("linear", e.name, out_features=e.need("out"), bias=e.take("bias", True))


def _act(t: Translation, e: Entry) -> None:
    t.add(e.need("fn"), e.name)


def _save(t: Translation, e: Entry) -> None:
    t.saved[e.need("as")] = t.wire


def _concat_saved(t: Translation, e: Entry) -> None:
    now, earlier = t.wire, t.saved[e.need("with")]
    assert e.need("crop") == "center"
    size = t.assembly.spec(now).spatial
    cropped = t.add("crop", None, (earlier,), size=size)
    t.add("concat", e.name, (cropped, now))


def _branch(t: Translation, e: Entry) -> None:
    paths, merge = e.need("paths"), e.need("merge")
    with t.assembly.group(e.name, "branch", indexed=False):
        t.join(merge, [lambda layers=layers: t.translate(layers) for layers in paths])  # type: ignore[misc]


def _repeat(t: Translation, e: Entry) -> None:
    layers = e.need("layers")
    for _ in range(e.need("times")):
        t.translate(layers)


def _conv_bn(t: Translation, e: Entry) -> None:
    with t.assembly.group(e.name, "convbn", indexed=False):
        t.conv_bn(e.need("out"), e.need("kernel"), stride=e.take("stride", 1), padding=e.take("padding", 0))


def _fire(t: Translation, e: Entry) -> None:
    def conv(out: int, kernel: int) -> None:
        t.add("conv{}d", out_channels=out, kernel_size=kernel, padding=kernel // 2)
        t.add("relu")

    squeeze, narrow, wide = e.need("s"), e.need("e1"), e.need("e3")
    with t.assembly.group(e.name, "fire", indexed=False):
        conv(squeeze, 1)
        t.join("concat", [lambda: conv(narrow, 1), lambda: conv(wide, 3)])


def _inception(t: Translation, e: Entry) -> None:
    norm, wide = e.take("bn", False), e.take("k5", 5)

    def conv(out: int, kernel: int = 1) -> None:
        if norm:
            t.conv_bn(out, kernel, padding=kernel // 2)
        else:
            t.add("conv{}d", out_channels=out, kernel_size=kernel, padding=kernel // 2)
            t.add("relu")

    def pair(widths: list[int], kernel: int) -> None:
        conv(widths[0])
        conv(widths[1], kernel)

    def pooled(out: int) -> None:
        t.add("max_pool{}d", kernel_size=3, stride=1, padding=1)
        conv(out)

    one, three, five, projection = e.need("b1"), e.need("b2"), e.need("b3"), e.need("b4")
    with t.assembly.group(e.name, "inception", indexed=False):
        t.join(
            "concat",
            [lambda: conv(one), lambda: pair(three, 3), lambda: pair(five, wide), lambda: pooled(projection)],
        )


def _bottleneck(t: Translation, e: Entry) -> None:
    middle, out, stride, squeeze = e.need("mid"), e.need("out"), e.take("stride", 1), e.take("se")
    where, projected = e.take("stride_on", "3x3"), e.take("projection", False)

    def body() -> None:
        t.conv_bn(middle, 1, stride=stride if where == "1x1" else 1)
        t.conv_bn(middle, 3, padding=1, stride=stride if where == "3x3" else 1)
        t.conv_bn(out, 1, act=False)
        if squeeze:
            t.gate(squeeze)

    def shortcut() -> None:
        if projected:
            t.conv_bn(out, 1, act=False, stride=stride)

    with t.assembly.group(e.name, "bottleneck", indexed=False):
        t.join("add", [body, shortcut])
        t.add("relu")


def _dense_block(t: Translation, e: Entry) -> None:
    growth, bias = e.need("growth"), e.take("bias", False)
    narrow = e.take("bottleneck", 4 * growth)

    def before(out: int, kernel: int) -> None:
        t.add("batch_norm{}d")
        t.add("relu")
        t.add("conv{}d", out_channels=out, kernel_size=kernel, padding=kernel // 2, bias=bias)

    def grown() -> None:
        if narrow:
            before(narrow, 1)
        before(growth, 3)

    with t.assembly.group(e.name, "dense_block", indexed=True):
        for _ in range(e.need("layers")):
            with t.assembly.group(None, "", indexed=False):
                t.join("concat", [lambda: None, grown])


def _transition(t: Translation, e: Entry) -> None:
    with t.assembly.group(e.name, "transition", indexed=False):
        t.add("batch_norm{}d")
        t.add("relu")
        t.add("conv{}d", out_channels=e.need("out"), kernel_size=1, bias=False)
        t.add("avg_pool{}d", kernel_size=2)


def _dw_separable(t: Translation, e: Entry) -> None:
    with t.assembly.group(e.name, "dw_separable", indexed=False):
        t.conv_bn(t.channels, 3, stride=e.take("stride", 1), padding=e.take("padding", 1), groups=t.channels)
        t.conv_bn(e.need("out"), 1)


def _inverted_residual(t: Translation, e: Entry) -> None:
    out, stride, kernel, squeeze = e.need("out"), e.take("stride", 1), e.take("kernel", 3), e.take("se")
    expansion, given = e.need("expand"), t.channels
    hidden = expansion * given

    def body() -> None:
        if expansion != 1:
            t.conv_bn(hidden, 1)
        t.conv_bn(hidden, kernel, stride=stride, padding=kernel // 2, groups=hidden)
        if squeeze:
            t.gate(squeeze)
        t.conv_bn(out, 1, act=False)

    with t.assembly.group(e.name, "inverted_residual", indexed=False):
        if stride == 1 and out == given:
            t.join("add", [body, lambda: None])
        else:
            body()


def _shufflev2_unit(t: Translation, e: Entry) -> None:
    half, stride, given = e.need("out") // 2, e.take("stride", 1), t.channels

    def depthwise() -> None:
        t.conv_bn(t.channels, 3, act=False, stride=stride, padding=1, groups=t.channels)

    def kept() -> None:
        if stride == 1:
            t.add("slice", end=given // 2)
        else:
            depthwise()
            t.conv_bn(half, 1)

    def worked_on() -> None:
        if stride == 1:
            t.add("slice", start=given // 2)
        t.conv_bn(half, 1)
        depthwise()
        t.conv_bn(half, 1)

    with t.assembly.group(e.name, "shufflev2_unit", indexed=False):
        t.join("concat", [kept, worked_on])
        t.add("channel_shuffle", groups=2)


KINDS: Mapping[str, Callable[[Translation, Entry], None]] = {
    "conv": _conv,
    "tconv": _tconv,
    "local": _local,
    "maxpool": _pool("max_pool{}d"),
    "avgpool": _pool("avg_pool{}d"),
    "gap": _gap,
    "adaptive_avgpool": _simple("adaptive_avg_pool{}d", out="output_size"),
    "spp": _simple("spatial_pyramid_pool2d", levels="levels"),
    "flatten": _simple("flatten"),
    "linear": _linear,
    "bn": _simple("batch_norm{}d"),
    "act": _act,
    "pad": _simple("pad", padding="padding"),
    "save": _save,
    "concat_saved": _concat_saved,
    "branch": _branch,
    "repeat": _repeat,
    "convbn": _conv_bn,
    "fire": _fire,
    "inception": _inception,
    "bottleneck": _bottleneck,
    "dense_block": _dense_block,
    "transition": _transition,
    "dw_separable": _dw_separable,
    "inverted_residual": _inverted_residual,
    "shufflev2_unit": _shufflev2_unit,
}
"""What every type of the notation becomes."""
