"""What is said of a command line that cannot be read: the word that is wrong, and what to type instead."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from os import fstat
from stat import S_ISFIFO, S_ISREG
from typing import Any

from typer.main import get_command

from cnncalc.cli.app import COMMANDS, app, word_span
from cnncalc.cli.completion import DESCRIPTIONS
from cnncalc.core.errors import InputError
from cnncalc.core.suggest import closest_name
from cnncalc.core.translation import Listed, Phrase

WANTED = {
    "ARCH": Phrase("a network"),
    "TYPE": Phrase("a layer type"),
    "NAME": Phrase("the name of a built-in network"),
    "SHEET | FOLDER | ARCH": Phrase("a sheet of answers"),
}
"""What a command cannot do without, by its name in the help."""

OTHER_COMMANDS = {
    "summarize": "analyze analyse calc count flops info macs params parameters print profile report shapes stats view",
    "compare": "diff versus vs",
    "layer": "calculate compute",
    "explain": "describe how sum why",
    "check": "correct evaluate grade grading mark marks score",
    "quiz": "exam exercise exercises questions test",
    "verify": "measure prove validate",
    "run": "eval forward infer inference predict",
    "list": "architectures ls models networks nets zoo",
    "show": "cat source yaml",
    "layers": "docs language reference types",
}
"""Command -> words that are typed for it."""


def meant_command(words: list[str]) -> str:
    """The remedy for a command line that begins with no command; nothing if none can be meant."""
    from cnncalc.language import collection

    first, rest = words[0], " ".join(words)
    if first.lower() == "help":
        asked = [word for word in words[1:2] if word in COMMANDS]
        return _did_you_mean(" ".join(["cnncalc", *asked, "--help"]))
    if first in collection.names() or first.partition(":")[0].endswith(DESCRIPTIONS):
        second = words[1] if len(words) == 2 and not words[1].startswith("-") else ""
        command = "summarize" if not second else "compare" if _is_network(second) else "explain"
        return _did_you_mean(f"cnncalc {command} {rest}")
    if collection.is_family(first):
        return _did_you_mean(f"cnncalc list {first}")
    other = next((command for command, others in OTHER_COMMANDS.items() if first.lower() in others.split()), None)
    if meant := other or closest_name(first, COMMANDS):
        return _did_you_mean(meant)
    from cnncalc.language.foreign.hints import meant_type

    if layer := meant_type(first):
        typed = " ".join([layer, *words[1:]])
        return _did_you_mean(f"cnncalc {'layer' if words[1:] else 'layers'} {typed}")
    near = closest_name(first, collection.names())
    return _did_you_mean(f"cnncalc summarize {near}") if near else ""


def usage_error(error: Any, words: list[str]) -> InputError:
    """An error of the parser as a diagnostic that points at the word."""
    command = _command(words)
    if type(error).__name__ == "MissingParameter" and getattr(error.param, "param_type_name", "") == "argument":
        return InputError.of(
            "usage",
            "`{command}` needs {name}",
            help="write `{command} -` for the description that is piped in, or a name: `{example}`"
            if error.param.metavar == "ARCH" and _is_piped_in()
            else "write for example `{example}`; `{command} --help` says more",
            command=command,
            name=WANTED.get(error.param.metavar, error.param.metavar),
            example=_example(error.ctx.command),
        )
    names = [getattr(error, "option_name", ""), *getattr(getattr(error, "param", None), "opts", ())]
    extra = _extra_words(error)
    ctx = _context(error, words)
    remedy = _for_extra_words(ctx, words, extra) if extra else _for_option(ctx, error, words, names)
    return InputError.of(
        "usage",
        "{reason}",
        word_span(words, *names, *extra[:1]),
        help=remedy or "`{command} --help` shows how it is written",
        reason=_reason(error, names, extra),
        command=command,
    )


def _is_piped_in() -> bool:
    """Whether standard input is a pipe or a file."""
    with suppress(OSError, ValueError):
        mode = fstat(sys.stdin.fileno()).st_mode
        return S_ISFIFO(mode) or S_ISREG(mode)
    return False


def _extra_words(error: Any) -> list[str]:
    """Words that belong to nothing on the line."""
    sentence = error.message.removeprefix("Got unexpected extra argument(s) (")
    return [] if sentence == error.message else sentence.rstrip(".").removesuffix(")").split()


def _for_extra_words(ctx: Any, words: list[str], extra: list[str]) -> str:
    """The remedy for words that belong to nothing; nothing if they can mean nothing."""
    command, *rest = words
    place = rest.index(extra[0]) if extra[0] in rest else 0
    option, value = rest[place - 2 : place] if place > 1 else ("", "")
    if option == "--input" and all(word.isdecimal() for word in (value, *extra)):
        return _write(f"--input {'x'.join((value, *extra))}")
    if option == "--set" and "=" not in value:
        return _write(f"--set {value}={extra[0]}")
    if option == "--columns" and set(extra) <= set(_values(ctx, "--columns")):
        return _write(f"--columns {','.join((value, *extra))}")
    network = next(filter(_is_network, rest), "")
    if not network or len(extra) > 1:
        return ""
    if _is_network(extra[0]) and command in ("summarize", "verify", "run", "show"):
        return _write(f"cnncalc compare {network} {extra[0]}")
    if extra[0] in _variants(network):
        return _write(f"cnncalc {command} {network}:{extra[0]}")
    if "--layer" in _options(ctx):
        return _write(f"--layer {extra[0]}")
    return _did_you_mean(f"cnncalc explain {network} {extra[0]}") if command == "summarize" else ""


def _for_option(ctx: Any, error: Any, words: list[str], names: list[str]) -> str:
    """The remedy for an option that is unknown, or whose value is; nothing if the parser names none."""
    options, unknown = _options(ctx), next((name for name in names if name), "")
    if not unknown or unknown in options:
        return _for_value(ctx, error, words, options[unknown]) if unknown else ""
    plain = unknown.strip("-").replace("-", "_").lower()
    if words[0] == "layer" and (setting := _layer_setting(words, unknown)):
        return Phrase("write `{setting}`: options of a layer have no dashes", setting=setting)
    long = {name.strip("-"): name for name in options if name.startswith("--")}
    begun = [name for word, name in long.items() if word.startswith(plain)]
    if meant := begun[0] if len(begun) == 1 else long.get(closest_name(plain, long, cutoff=0.65) or ""):
        return _did_you_mean(meant)
    for option in ("--format", "--columns", "--quantity"):
        if option in options and plain in _values(ctx, option):
            return _write(f"{option} {plain}")
    value, network = _value_after(words, unknown), next(filter(_is_network, words[1:]), "")
    if plain == "variant" and value in _variants(network):
        return _write(f"cnncalc {words[0]} {network}:{value}")
    if "--set" in options and plain in _params(network):
        return _write(f"--set {plain}={value}")
    known = Listed(long.values(), ",")
    if not long:
        return Phrase("it takes no options")
    return Phrase("its options are {known}; `{command} --help` explains them", known=known, command=_command(words))


def _for_value(ctx: Any, error: Any, words: list[str], param: Any) -> str:
    """The remedy for the value of an option, where it is not there or another is wanted."""
    option = next(name for name in param.opts if name.startswith("--"))
    known = _values(ctx, option)
    if known:
        meant = closest_name(_value_after(words, *param.opts), known) or known[0]
        if "is not one of" in error.message:  # which lists them
            return Phrase("write for example `{option} {meant}`", option=option, meant=meant)
        return Phrase(
            "write for example `{option} {meant}`; the names are {known}",
            option=option,
            meant=meant,
            known=Listed(known, ","),
        )
    if "integer" in error.message:
        return _write(f"{option} {param.default or 2}")
    return _write(f"{option} {param.metavar or param.default or 0}")


def _options(ctx: Any) -> dict[str, Any]:
    """The options of a command, by every name that they have."""
    return {name: param for param in ctx.command.params for name in param.opts if name.startswith("-")}


def _values(ctx: Any, option: str) -> list[str]:
    """The values that are known of an option; none where any will do, or it depends on the network."""
    return [item.value for item in _options(ctx)[option].shell_complete(ctx, "") if item.type == "plain"]


def _context(error: Any, words: list[str]) -> Any:
    """The context of the command that is typed; the parser does not always say it."""
    if error.ctx:
        return error.ctx
    group: Any = get_command(app)
    whole = group.context_class(group, info_name="cnncalc")
    command = group.get_command(whole, words[0]) if words[0] in COMMANDS else group
    return command.context_class(command, info_name=words[0], parent=whole)


def _value_after(words: list[str], *names: str) -> str:
    """What is typed after an option; nothing at the end of the line."""
    place = next((number for number, word in enumerate(words) if word.partition("=")[0] in names), len(words))
    return words[place].partition("=")[2] or next(iter(words[place + 1 :]), "") if place < len(words) else ""


def _is_network(word: str) -> bool:
    """Whether a word is a built-in network or a description in this folder."""
    from os.path import isfile

    from cnncalc.language import collection
    from cnncalc.language.files import file_and_variant

    path, _variant = file_and_variant(word)
    return word in collection.names() or (path.endswith(DESCRIPTIONS) and isfile(path))


def _variants(network: str) -> tuple[str, ...]:
    """The variants that a file describes."""
    from cnncalc.language.load import variants_of

    return _read(variants_of, network)


def _params(network: str) -> tuple[str, ...]:
    """The params of a network that can be set."""
    from cnncalc.language.load import settable_params

    return _read(settable_params, network)


def _read(names: Callable[[str], Iterable[str]], network: str) -> tuple[str, ...]:
    """Names in a description; none where it cannot be read, or is a program."""
    with suppress(InputError):
        return tuple(names(network)) if network and not network.endswith(".py") else ()
    return ()


def _layer_setting(words: list[str], option: str) -> str | None:
    """An option of a layer that is typed like one of the command, as it should be typed; None if it is none."""
    from cnncalc.language.foreign.hints import own_option

    name = own_option(option.lstrip("-").replace("-", "_"), words[1:])
    return name and f"{name}={_value_after(words, option) or '...'}"


def _command(words: list[str]) -> str:
    return " ".join(["cnncalc", *(word for word in words[:1] if word in COMMANDS)])


def _example(command: Any) -> str:
    """The first command in the examples of a page of help."""
    lines = (line.strip() for line in (command.help or "").splitlines())
    return next((line.partition("  ")[0] for line in lines if line.startswith("cnncalc ")), f"cnncalc {command.name}")


def _reason(error: Any, names: list[str], extra: list[str]) -> str:
    """The parser's message in our words."""
    from cnncalc.cli.help_translation import translate_error

    sentence: str = error.message.removeprefix("Value error, ").rstrip(".") or error.format_message().rstrip(".")
    option = next((name for name in names if name.startswith("--")), "")
    if "valid integer" in sentence:
        return Phrase("{option} takes a whole number", option=option)
    if extra:
        return Phrase("`{words}` is more than this command takes", words=" ".join(extra))
    said = translate_error(sentence)
    return Phrase("{option}: {reason}", option=option, reason=said) if option and option not in said else said


def _write(text: str) -> str:
    return Phrase("write `{line}`", line=text)


def _did_you_mean(meant: str) -> str:
    return Phrase("did you mean `{meant}`?", meant=meant)
