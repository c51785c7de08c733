"""Descriptions in Python: the file is run, and its variable `network` is the graph."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from cnncalc.core.errors import Fault, InputError, Source, Span
from cnncalc.core.graph import Graph
from cnncalc.core.tensor import Shape
from cnncalc.core.translation import Listed, Phrase
from cnncalc.language.builder import Network
from cnncalc.language.settings import input_span, params_had, set_span, unknown_param
from cnncalc.language.text.document import resolve
from cnncalc.language.text.expression import evaluate
from cnncalc.language.work import Exhausted, work_budget


def from_python(source: Source, params: dict[str, Any], input: Shape | None) -> Graph:
    """The graph that a file defines as `network` or as its only one, or that its `def network(**params)` returns.

    Errors:  python-failed, no-network, several-networks, unknown-param
    """
    values = {name: _value(name, given) if isinstance(given, str) else given for name, given in params.items()}
    module = ModuleType("__cnncalc__")  # in sys.modules, where dataclasses and pickle look it up
    module.__file__ = source.name
    with _run_user_code(source):
        sys.modules[module.__name__] = module
        sys.path.insert(0, str(Path(source.name).parent))  # as `python FILE` does
        exec(compile(source.text, source.name, "exec", dont_inherit=True), module.__dict__)
        names = module.__dict__
        network = names["network"] if "network" in names else _only_network(names, source.name)
        if callable(network) and not isinstance(network, Network):
            network = network(**{name: values[name] for name in _checked_params(network, params)})
        elif params_had(params, ()):
            name = next(iter(values))
            raise InputError.of(
                "unknown-param",
                "network is not a function in {file}, and so it has no params to set",
                set_span(name, params[name]),
                help="write `def network({name}=...):` that returns the network",
                file=source.name,
                name=name,
            )
        if isinstance(network, Network):
            network = network.build()
    if not isinstance(network, Graph):
        if program := _program_error(source):
            raise program
        raise InputError.of(
            "no-network",
            "{file} defines no network",
            help="let it assign `network = Network(...)`, or define `def network(**params)` that returns one",
            file=source.name,
        )
    if input is None:
        return network
    if len(network.inputs) > 1:
        raise InputError.of(
            "several-inputs",
            "--input gives one shape, but this network has {n} inputs",
            help="change the shapes in the file",
            n=len(network.inputs),
        )
    name = next(iter(network.inputs))
    return network._replace(inputs={name: input}, input_spans={name: input_span(input)})


def _only_network(names: dict[str, Any], file: str) -> Network | Graph | None:
    """The network that a file defines under some other name; a graph of the same name is what it has built.

    Errors:  several-networks
    """
    networks = {id(one): name for name, one in names.items() if isinstance(one, Network)}
    graphs = {id(one): name for name, one in names.items() if isinstance(one, Graph)}
    found = [names[name] for name in (*graphs.values(), *networks.values())]
    if len(networks) > 1 or len(graphs) > 1 or len({one.name for one in found}) > 1:
        raise InputError.of(
            "several-networks",
            "{file} defines several networks: {names}",
            help="call the one that is meant `network`",
            file=file,
            names=Listed((*networks.values(), *graphs.values())),
        )
    return found[0] if found else None


def _value(name: str, text: str) -> Any:
    value = resolve(text)
    if not isinstance(value, str):
        return value
    with work_budget() as work:
        try:
            return evaluate(value, {}, work)
        except Fault:
            return value  # plain text for the function
        except Exhausted as exhausted:
            raise exhausted.by(value, set_span(name, text)) from None


def _checked_params(function: Any, params: dict[str, Any]) -> dict[str, Any]:
    """The params that the function takes.

    Errors:  unknown-param
    """
    import inspect

    signature = inspect.signature(function)
    known = [name for name, param in signature.parameters.items() if param.kind is not param.VAR_KEYWORD]
    params = params_had(params, known if len(known) == len(signature.parameters) else {*known, *params})
    if len(known) == len(signature.parameters):
        unknown = [
            unknown_param("network()", name, set_span(name, params[name]), known)
            for name in params
            if name not in known
        ]
        if unknown:
            raise InputError(unknown)
    wanting = [
        name
        for name, param in signature.parameters.items()
        if param.default is param.empty and param.kind not in (param.VAR_KEYWORD, param.VAR_POSITIONAL)
        if name not in params
    ]
    if wanting:
        raise InputError.of(
            "unknown-param",
            "network() needs a value for {names}",
            help="give every param a default, or a value with `--set NAME=VALUE`",
            names=Listed(wanting),
        )
    return params


class _run_user_code(contextlib.AbstractContextManager[None]):  # noqa: N801 - used like a function
    """Run the user's code: its output goes to standard error, and its exceptions become diagnostics."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.redirect = contextlib.redirect_stdout(sys.stderr)

    def __enter__(self) -> None:
        self.redirect.__enter__()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        self.redirect.__exit__(kind, error, trace)
        if error is None or isinstance(error, (InputError, KeyboardInterrupt)):
            return
        if isinstance(error, (ImportError, NameError)) and (program := _program_error(self.source)):
            raise program from None
        line, reason = None, _error_text(error)
        if isinstance(error, SyntaxError):
            line, reason = error.lineno or 1, error.msg
        while trace is not None:  # the innermost line that is the user's own
            if trace.tb_frame.f_code.co_filename == self.source.name:
                line = trace.tb_lineno
            trace = trace.tb_next
        text = self.source.line(line or 0)
        indent = len(text) - len(text.lstrip())
        span = Span(self.source, line, indent + 1, len(text) + 1) if line else None
        raise InputError.of(
            "python-failed",
            "running {file} raised {kind}: {reason}",
            span,
            help="run `python {file}` to see the whole traceback",
            file=self.source.name,
            kind=type(error).__name__,
            reason=reason,
        ) from None


def _program_error(source: Source) -> InputError | None:
    """The error for a program of another framework; None if it is none."""
    from cnncalc.language.foreign.program import program_error

    return program_error(source)


def _error_text(error: BaseException) -> str:
    try:
        return str(error)[:200] or Phrase("without a message")
    except Exception:  # the exception's own __str__ may raise
        return Phrase("with a message that cannot be shown")
