"""The command group. A command's module is imported only when the command runs."""

from __future__ import annotations

import re
import sys
from errno import EDQUOT, EFBIG, EIO, ENOSPC
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from cnncalc.cli.completion import complete_language
from cnncalc.core.errors import COMMAND_LINE, InputError, Source, Span
from cnncalc.core.suggest import closest_name, did_you_mean
from cnncalc.core.translation import LANGUAGES, Listed, Phrase, language, set_language

if TYPE_CHECKING:
    from collections.abc import Callable

GROUPS = {
    Phrase("Understand a network"): ("summarize", "compare", "layer", "explain", "reconcile"),
    Phrase("Homework"): ("check", "quiz"),
    Phrase("Run it"): ("verify", "run"),
    Phrase("What there is"): ("list", "show", "layers", "conventions", "schema"),
}
"""Commands by purpose, in the order of the help."""

COMMANDS = {name: name for names in GROUPS.values() for name in names} | {"list": "list_architectures"}
"""Command -> module in `cnncalc.cli`; the function has the module's name."""

WANTED = {
    "ARCH": Phrase("a network"),
    "TYPE": Phrase("a layer type"),
    "NAME": Phrase("the name of a built-in network"),
    "SHEET | FOLDER | ARCH": Phrase("a sheet of answers"),
}
"""What a command cannot do without, by its name in the help."""

CLOSED_PIPE = 141
"""The exit code if the reader of the output leaves early: silence, as of any command that SIGPIPE ends."""

NO_ROOM = (ENOSPC, EDQUOT, EFBIG, EIO)
"""Errors of the system where nothing more can be written."""

UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""The parser's error for a command line that it cannot read; Typer exports only subclasses of it."""


class _Help:
    """The help of a command, in colour on a terminal that has colours."""

    def get_help(self: Any, ctx: Any) -> str:
        """The page."""
        from cnncalc.cli.help_colour import coloured_formatter, is_coloured

        formatter = coloured_formatter(ctx) if is_coloured() else ctx.make_formatter()
        self.format_help(ctx, formatter)
        return str(formatter.getvalue()).rstrip("\n")


class _Command(_Help, TyperCommand):
    """A command of the group."""


class LazyGroup(_Help, TyperGroup):
    """Finds commands by name and imports the one that is needed."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first argument names.

        Errors:  unknown-command
        """
        name = args[0]
        if name not in COMMANDS and not name.startswith("-") and not ctx.resilient_parsing:
            raise InputError.of(
                "unknown-command",
                "there is no command `{name}`",
                _word_span([name], name),
                help=_with_command(args) or did_you_mean(name, COMMANDS, "the commands are {known}"),
                name=name,
                known=Listed(COMMANDS, ","),
            )
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:
        """Every command, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """One command, or None where there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module = COMMANDS[cmd_name]
        function: Callable[..., None] = getattr(import_module(f"cnncalc.cli.{module}"), module)
        single = typer.Typer(add_completion=False, rich_markup_mode=None)
        single.command(cmd_name, cls=_Command)(function)
        command = typer.main.get_command(single)
        command.name = cmd_name
        if ctx.resilient_parsing:  # while a word is completed, `--lang` is still on the line
            command.params += [param for param in self.params if param.name == "lang"]
        _translate_help(command)
        command.short_help = first_sentence(command.help or "")
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the commands by purpose, each with the first sentence of its help."""
        width = max(map(len, COMMANDS))
        for purpose, names in GROUPS.items():
            with formatter.section(f"{purpose}"):
                formatter.write_dl([(f"{name:{width}}", self.get_command(ctx, name).short_help) for name in names])

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context in which the command line is parsed."""
        return super(LazyGroup, _translate_help(self)).make_context(info_name, args, parent, **extra)


def first_sentence(help: str) -> str:
    """The first sentence of a help text, on one line."""
    return " ".join(re.split(r"(?<=。)|(?<=\.)\s|\n\n", help.strip(), maxsplit=1)[0].split())


def _with_command(words: list[str]) -> str:
    """The command that words without one may be meant for, as a remedy; nothing if it is none of these."""
    from cnncalc.language import collection

    first, rest = words[0], " ".join(words)
    if first in collection.names() or first.partition(":")[0].endswith((".yaml", ".yml", ".py")):
        return Phrase("did you mean `{meant}`?", meant=f"cnncalc summarize {rest}")
    if closest_name(first, COMMANDS):
        return ""
    from cnncalc.language.foreign.hints import meant_type

    if layer := meant_type(first):
        typed = " ".join([layer, *words[1:]])
        return Phrase("did you mean `{meant}`?", meant=f"cnncalc {'layer' if words[1:] else 'layers'} {typed}")
    near = closest_name(first, collection.names())
    return Phrase("did you mean `{meant}`?", meant=f"cnncalc summarize {near}") if near else ""


def _translate_help(command: Any) -> Any:
    """The command with its help translated to the language in use; Typer builds it in English."""
    if language() != "en":
        from cnncalc.cli.help_translation import translate_command

        translate_command(command)
    return command


app = typer.Typer(
    cls=LazyGroup,
    name="cnncalc",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def run() -> int:
    """Run the command that the arguments name; the exit code.

    Errors:  InputError, also for a command line that cannot be read
    """
    words = _take_language(sys.argv[1:])
    try:
        return app(words, prog_name="cnncalc", standalone_mode=False) or 0
    except typer.Abort:  # Ctrl-C, as Typer reports it
        raise KeyboardInterrupt from None
    except BrokenPipeError:
        return CLOSED_PIPE
    except SystemExit as left:
        if isinstance(left.__context__, BrokenPipeError):  # of help, which Typer prints itself
            return CLOSED_PIPE
        raise
    except OSError as error:  # of help, which Typer prints itself
        if error.errno not in NO_ROOM:
            raise
        from cnncalc.cli.emit import cannot_print

        raise cannot_print(error) from None
    except UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":  # its message is the help page
            if sys.stderr is not None:  # else `print` would take standard output for it
                print(error, file=sys.stderr)
            return 2
        raise _usage(error, words) from None


def _take_language(words: list[str]) -> list[str]:
    """Set the language by `--lang`, which may be anywhere, and return the command line without it.

    Errors:  unknown-language
    """
    kept, rest = [], iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name != "--lang":
            kept.append(word)
            continue
        wanted = value if equals else next(rest, "")
        if wanted not in LANGUAGES:
            raise InputError.of(
                "unknown-language",
                "there is no language `{wanted}`",
                _word_span(words, "--lang"),
                help="write `--lang en`, or `--lang zh` for Chinese",
                wanted=wanted,
            )
        set_language(wanted)
    return kept


def _usage(error: Any, words: list[str]) -> InputError:
    """An error of the parser as a diagnostic that points at the word."""
    command = " ".join(["cnncalc", *(word for word in words[:1] if word in COMMANDS)])
    if type(error).__name__ == "MissingParameter" and getattr(error.param, "param_type_name", "") == "argument":
        return InputError.of(
            "usage",
            "`{command}` needs {name}",
            help="write for example `{example}`; `{command} --help` says more",
            command=command,
            name=WANTED.get(error.param.metavar, error.param.metavar),
            example=_example(error.ctx.command),
        )
    names = [getattr(error, "option_name", ""), *getattr(getattr(error, "param", None), "opts", ())]
    params = error.ctx.command.params if error.ctx else ()
    options = [name for param in params for name in param.opts if name.startswith("-")]
    meant = closest_name(names[0], options) if names[0] else None
    if words[:1] == ["layer"] and names[0] and meant != names[0] and (setting := _layer_setting(words, names[0])):
        return InputError.of(
            "usage",
            "{reason}",
            _word_span(words, names[0]),
            help="write `{setting}`: options of a layer have no dashes",
            reason=_reason(error, names),
            setting=setting,
        )
    return InputError.of(
        "usage",
        "{reason}",
        _word_span(words, *names),
        help="did you mean `{meant}`?" if meant and meant != names[0] else "`{command} --help` shows how it is written",
        reason=_reason(error, names),
        meant=meant,
        command=command,
    )


def _layer_setting(words: list[str], option: str) -> str | None:
    """An option of a layer that is typed like one of the command, as it should be typed; None if it is none."""
    from cnncalc.language.foreign.hints import own_option

    name = own_option(option.lstrip("-").replace("-", "_"), words[1:])
    if name is None:
        return None
    place = next(number for number, word in enumerate(words) if word.partition("=")[0] == option)
    value = words[place].partition("=")[2] or next(iter(words[place + 1 :]), "...")
    return f"{name}={value}"


def _example(command: Any) -> str:
    """The first command in the examples of a page of help."""
    lines = (line.strip() for line in (command.help or "").splitlines())
    return next((line.partition("  ")[0] for line in lines if line.startswith("cnncalc ")), f"cnncalc {command.name}")


def _reason(error: Any, names: list[str]) -> str:
    """The parser's message in our words."""
    from cnncalc.cli.help_translation import translate_error

    sentence: str = error.message.removeprefix("Value error, ").rstrip(".") or error.format_message().rstrip(".")
    option = next((name for name in names if name.startswith("--")), "")
    if "valid integer" in sentence:
        return Phrase("{option} takes a whole number", option=option)
    extra = sentence.removeprefix("Got unexpected extra argument(s) (")
    if extra != sentence:
        return Phrase("`{words}` is more than this command takes", words=extra.removesuffix(")"))
    said = translate_error(sentence)
    return Phrase("{option}: {reason}", option=option, reason=said) if option and option not in said else said


def _word_span(words: list[str], *names: str) -> Span | None:
    """The place of the first of these words on the command line."""
    line = " ".join(("cnncalc", *words))
    column = len("cnncalc ") + 1
    for word in words:
        if word.partition("=")[0] in names:
            return Span(Source(COMMAND_LINE, line), 1, column, column + len(word))
        column += len(word) + 1
    return None


def _print_version(wanted: bool) -> None:
    if wanted:
        import cnncalc

        print(f"cnncalc {cnncalc.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang",
            metavar="en|zh",
            help="Language, at any place; by default the locale's.",
            autocompletion=complete_language,
        ),
    ] = None,
) -> None:
    """Exact numbers of convolutional networks: shapes, parameters, MACs, memory, receptive fields.

    \b
    Examples:
      cnncalc summarize vgg16
      cnncalc summarize resnet50 --depth 2 --batch 32 --dtype float16
      cnncalc summarize my_network.yaml --set width=32 --format json
      cnncalc compare vgg16 resnet50 mobilenet_v2 --sort macs
      cnncalc layer conv2d out_channels=64 kernel_size=3 padding=1 --input 3x224x224
    """
