"""Topics that courses teach about convolutions, computed for any sizes by the layers' own rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cnncalc.core.arithmetic import LARGEST
from cnncalc.core.errors import Diagnostic, Fault, InputError, Span
from cnncalc.core.graph import NOWHERE
from cnncalc.core.suggest import did_you_mean
from cnncalc.core.term import Term
from cnncalc.core.translation import Listed, Phrase, _
from cnncalc.explain.layer import Explanation
from cnncalc.explain.symbols import SYMBOLS
from cnncalc.explain.topics.convolutions import (
    bottleneck,
    depthwise_separable,
    grouped_convolution,
    one_by_one_reduction,
    two_3x3,
)
from cnncalc.explain.topics.matrices import connectivity, fc_as_conv, pooling_parameters, svd
from cnncalc.explain.topics.terms import Explainer
from cnncalc.explain.topics.windows import flops_and_macs, receptive_field, same_padding


class Topic(NamedTuple):
    """A comparison that can be explained for any sizes; `sizes` holds the defaults by symbol."""

    title: Phrase
    sizes: Mapping[str, int]
    explainer: Explainer


TOPICS: Mapping[str, Topic] = {
    "two-3x3": Topic(
        Phrase("Stacks of 3×3 convolutions against one large kernel"), {"C": 64, "H": 56, "W": 56}, two_3x3
    ),
    "depthwise-separable": Topic(
        Phrase("Depthwise separable against standard convolution"),
        {"C": 32, "N": 64, "k": 3, "H": 112, "W": 112},
        depthwise_separable,
    ),
    "grouped": Topic(
        Phrase("Grouped against dense convolution"),
        {"C": 128, "N": 128, "k": 3, "g": 32, "H": 56, "W": 56},
        grouped_convolution,
    ),
    "bottleneck": Topic(
        Phrase("Bottleneck: 1×1 down, convolve, 1×1 up"), {"C": 256, "M": 64, "k": 3, "H": 56, "W": 56}, bottleneck
    ),
    "one-by-one-reduction": Topic(
        Phrase("A 1×1 convolution before a large kernel"),
        {"C": 192, "M": 16, "N": 32, "k": 5, "H": 28, "W": 28},
        one_by_one_reduction,
    ),
    "fc-as-conv": Topic(
        Phrase("A fully connected layer as a convolution"),
        {"C": 512, "H": 7, "W": 7, "F": 4096, "H_large": 12, "W_large": 12},
        fc_as_conv,
    ),
    "connectivity": Topic(Phrase("Fully, locally and convolutionally connected"), {"n": 11, "k": 3}, connectivity),
    "svd": Topic(Phrase("Truncated SVD of a linear layer"), {"n": 25088, "m": 4096, "r": 512}, svd),
    "pooling-parameters": Topic(
        Phrase("What pooling saves"), {"C": 512, "H": 14, "W": 14, "k": 2, "N": 512, "F": 4096}, pooling_parameters
    ),
    "same-padding": Topic(Phrase("Padding that keeps the size"), {"n": 32, "k": 4, "s": 1, "d": 1}, same_padding),
    "receptive-field": Topic(
        Phrase("How far units see: stride and dilation"), {"k": 3, "s": 2, "d": 2, "L": 4}, receptive_field
    ),
    "flops-and-macs": Topic(
        Phrase("MACs, FLOPs and what tools call them"), {"C": 64, "N": 128, "k": 3, "H": 56, "W": 56}, flops_and_macs
    ),
}
"""Every topic by its name."""

DEFAULTS: Mapping[str, int] = {}
"""No sizes given: those of the topic."""


def title_of(name: str, span: Span | None = None) -> str:
    """The title of a topic, in the reader's language.

    Errors:  unknown-topic
    """
    return _(_topic(name, span).title)


def explain_topic(
    name: str,
    sizes: Mapping[str, int] = DEFAULTS,
    *,
    span: Span | None = None,
    spans: Mapping[str, Span] = NOWHERE,
) -> list[Explanation]:
    """Explanations of a topic for these sizes; `span` is the place of its name, `spans` those of the sizes.

    Errors:  unknown-topic, unknown-size, size-out-of-range, and those of the rules of its layers
    """
    topic = _topic(name, span)
    diagnostics = [one for key, value in sizes.items() if (one := _size_diagnostic(topic, key, value, spans.get(key)))]
    if diagnostics:
        raise InputError(diagnostics)
    try:
        return topic.explainer({key: Term.symbol(key, value) for key, value in {**topic.sizes, **sizes}.items()})
    except Fault as fault:
        option = fault.option or ""
        place = spans.get(SYMBOLS.get(option, option)) or next(iter(spans.values()), span)
        raise InputError([fault.at(place)]) from None


def _topic(name: str, span: Span | None) -> Topic:
    if name not in TOPICS:
        raise InputError.of(
            "unknown-topic",
            "there is no topic `{name}`",
            span,
            help=did_you_mean(name, TOPICS, "topics are {known}"),
            name=name,
            known=Listed(TOPICS, ","),
        )
    return TOPICS[name]


def _size_diagnostic(topic: Topic, name: str, value: int, span: Span | None) -> Diagnostic | None:
    if name not in topic.sizes:
        known = Listed(topic.sizes, ",")
        return Fault(
            "unknown-size", "there is no size `{name}` here", help="sizes are {known}", name=name, known=known
        ).at(span)
    if not 1 <= value <= LARGEST:
        return Fault(
            "size-out-of-range",
            "`{name}` is {value:,}",
            help="give a whole number from 1 to {most:,}",
            name=name,
            value=value,
            most=LARGEST,
        ).at(span)
    return None
