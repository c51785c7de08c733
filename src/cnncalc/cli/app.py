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
            from cnncalc.cli.usage import meant_command

            raise InputError.of(
                "unknown-command",
                "there is no command `{name}`",
                word_span([name], name),
                help=meant_command(args) or "the commands are {known}",
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
        from cnncalc.cli.usage import usage_error

        raise usage_error(error, words) from None


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
        meant = re.split("[-_.]", wanted.lower())[0]  # zh of zh_CN
        if meant not in LANGUAGES:
            raise InputError.of(
                "unknown-language",
                "there is no language `{wanted}`",
                word_span(words, "--lang"),
                help="write `--lang en`, or `--lang zh` for Chinese",
                wanted=wanted,
            )
        set_language(meant)
    return kept


def word_span(words: list[str], *names: str) -> Span | None:
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
