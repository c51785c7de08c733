"""Sheets of questions as Markdown, and their answers as YAML that `cnncalc check` reads."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from cnncalc.analysis.outline import outline
from cnncalc.core.tensor import spell
from cnncalc.core.text import printable_text
from cnncalc.core.translation import Listed, Phrase, _, running_text, said
from cnncalc.explain.layer import Table
from cnncalc.exporters.escaping import code, markdown, table_row
from cnncalc.homework.forgotten import FORGETTABLE, given_value
from cnncalc.homework.key import spell_points
from cnncalc.homework.layer_text import spell_layer, statement
from cnncalc.homework.quiz import FORGOTTEN, MOST, OF_A_FIELD, TOTAL, Exercise, Quiz

MOST_LINES = 120
"""Most lines of the table of layers; for a larger network, the sheet names the command that lists them."""

ROOM = "_" * 40

INDENT = "\u2003"
"""Before the name of a layer in the table, for every level."""


def sheet_markdown(quiz: Quiz) -> str:
    """The sheet for students: questions, conventions, and an empty file for the answers."""
    title = markdown(sheet_title(quiz))
    parts = [f"# {title}\n", f"{introduction(quiz, code)}\n"]
    if quiz.student:
        parts.insert(1, f"{said('Name: {name}', name=f'**{markdown(quiz.student)}**')}\n")
    parts += [f"## {_('What holds')}\n", "".join(f"- {sentence}\n" for sentence in conventions(quiz))]
    if shows_network(quiz):
        parts += [f"## {_('The network')}\n", _layers(quiz)]
    parts.append(f"## {_('Questions')}\n")
    parts += [_question(quiz, number, exercise) for number, exercise in enumerate(quiz.exercises, start=1)]
    if quiz.answers_file:
        told = said(
            "Write each answer behind its colon in {file}, and hand in that file.", file=code(quiz.answers_file)
        )
        return "\n".join((*parts, f"## {_('Your answers')}\n", f"{told}\n"))
    blanks = _("Save this as `answers.yaml`, write each answer after its colon, and run `cnncalc check answers.yaml`.")
    parts += [f"## {_('Your answers')}\n", f"{blanks}\n", f"```yaml\n{_yaml(quiz, quiz.network_name, blank=True)}```\n"]
    return "\n".join(parts)


def blank_yaml(quiz: Quiz, named: str) -> str:
    """The file that a student fills in; `named` as for `answers_yaml`."""
    student = f"student: {_scalar(quiz.student)}\n" if quiz.student else ""
    return student + _yaml(quiz, named, blank=True)


def answers_yaml(quiz: Quiz, named: str) -> str:
    """The right answers; `named` is the network's name or its path, relative to the file's folder."""
    return _yaml(quiz, named, blank=False)


def key_yaml(quizzes: Sequence[Quiz], names: Sequence[str], named: str) -> str:
    """The key that `cnncalc check --key` reads, with the right answers behind the questions.

    Several sheets have their questions below their `names`; of one, the questions are those of the whole class.
    """
    first = quizzes[0]
    lines = _head(first, named)
    if len(names) != len(quizzes):
        lines += ["questions:", *_asked(first, "  ")]
    else:
        lines.append("sheets:")
        for quiz, name in zip(quizzes, names, strict=True):
            lines += [f"  {_scalar(name)}:", *_asked(quiz, "    ")]
    return "".join(f"{line}\n" for line in lines)


def _asked(quiz: Quiz, indent: str) -> Iterator[str]:
    for one in quiz.exercises:
        answer = printable_text(_answer(one))
        yield f"{indent}{_scalar(one.question.ask)}: {spell_points(quiz.worth(one))}  # {answer}"


def sheet_title(quiz: Quiz) -> str:
    """The title of a sheet."""
    return said("Exercises: {network}", network=quiz.network.graph.metadata.title or quiz.network.graph.name)


def shows_network(quiz: Quiz) -> bool:
    """Whether a question is about the whole network, which the sheet then shows."""
    return any(exercise.topic in (TOTAL, MOST) for exercise in quiz.exercises)


def introduction(quiz: Quiz, code: Callable[[str], str]) -> str:
    """What the sheet is about, and how it was drawn."""
    inputs = ", ".join(map(spell, quiz.network.graph.inputs.values()))
    about = [said("Network {name}, input {inputs}.", name=code(quiz.network_name), inputs=inputs)]
    if quiz.settings:
        chosen = ", ".join(code(f"{name}={value}") for name, value in quiz.settings.items())
        about.append(said("Set: {chosen}.", chosen=chosen))
    drawn = said(
        "1 question, difficulty {difficulty}, seed {seed}."
        if len(quiz.exercises) == 1
        else "{n} questions, difficulty {difficulty}, seed {seed}.",
        n=len(quiz.exercises),
        difficulty=quiz.difficulty,
        seed=quiz.seed,
    )
    if quiz.points:
        most = spell_points(sum((quiz.worth(one) for one in quiz.exercises), Fraction(0)))
        about.append(said("{n} points.", n=most))
    return running_text([*about, drawn])


def conventions(quiz: Quiz) -> Iterator[str]:
    """The conventions that the questions of this sheet need."""
    report = quiz.network
    asked = {exercise.question.quantity for exercise in quiz.exercises}
    topics = {exercise.topic for exercise in quiz.exercises}
    yield said("Shapes are channels first and without the batch: channels × height × width. All numbers are per image.")
    if any(row.output.channels_last for row in report.rows):
        yield said("Where a `permute` has put the channels last, they are: height × width × channels.")
    yield said("Layers and options have torch's names; an option that is not written has torch's default.")
    if asked & {"params", "param_memory"}:
        yield said(
            "Parameters are weights and biases, and a norm's scale and shift. "
            "The running statistics of a norm are no parameters."
        )
    if "buffers" in asked:
        yield said("A norm's running statistics are a mean and a variance per channel.")
    if asked & {"macs", "flops"}:
        yield said(
            "One MAC is one multiply and one add of a convolution or a matrix product. "
            "Biases, norms, activations and pooling have no MACs."
        )
    if "flops" in asked:
        yield said("FLOPs are 2 × MACs, and nothing else is counted.")
    if asked & {"memory", "param_memory"}:
        yield said(
            "Memory is in bytes: a number in {dtype} takes {n}.", dtype=report.dtype.value, n=report.dtype.nbytes
        )
    if "memory" in asked:
        yield said("The memory of a layer is that of its output.")
    if "memory" in asked and TOTAL in topics:
        yield said("In the total every layer's output counts, also where a framework would reuse its memory.")
    if topics & {*OF_A_FIELD}:
        yield said("Receptive fields are counted in positions of the network's input along one axis, border ignored.")
        yield said(
            "On the way from the input, `3×3/2 p1 d2` is a kernel of 3×3 with stride 2, padding 1 and dilation 2; "
            "layers that leave the receptive field as it is are left out, and of branches the widest is meant."
        )
    if any(exercise.topic in OF_A_FIELD and isinstance(exercise.answer, tuple) for exercise in quiz.exercises):
        yield said("Where they differ from axis to axis, write one number for each, as `9x40x41`.")
    if "start" in topics:
        yield said("Positions are counted from 0; negative ones lie in the padding.")
    if FORGOTTEN in topics:
        options = Listed((code(option) for option in FORGETTABLE), ",")
        yield said("What was forgotten is one option of the layer: {options}.", options=options)
    yield said("A number may be rounded: `1234`, `1.23k` and `12.3G` are read. A shape is written as `16x40x41`.")


def layers_table(quiz: Quiz, code: Callable[[str], str]) -> Table | None:
    """The layers with their options, and what they read if it is not the line before; None where there are too many.

    Equal neighbours share a line. Sizes are left out: those of the maps are answers.
    """
    lines = outline(quiz.network)
    if len(lines) > MOST_LINES:
        return None
    rows = quiz.network.rows
    before = dict(
        zip((row.path for row in rows), [*quiz.network.graph.inputs][:1] + [row.path for row in rows], strict=False)
    )
    reads = {row.path: tuple(row.node.inputs) for row in rows if tuple(row.node.inputs) != (before[row.path],)}
    head = (_("Layer"), _("Options"), *([_("Reads")] if reads else []))
    cells = []
    for line in lines:
        name = INDENT * line.depth + code(line.name) + (f" ×{line.times}" if line.times > 1 else "")
        options = code(spell_layer(line.row)) if line.row else ""
        inputs = ", ".join(map(code, reads.get(line.row.path, ()))) if line.row else ""
        cells.append((name, options, *([inputs] if reads else [])))
    return Table(head, tuple(cells), (False,) * len(head))


def too_many_layers() -> str:
    """What stands in place of a table that would be too long."""
    return said("It has too many layers to list here; `cnncalc show` and `cnncalc summarize` show them.")


def _layers(quiz: Quiz) -> str:
    table = layers_table(quiz, code)
    if table is None:
        return f"{too_many_layers()}\n"
    return "".join(map(table_row, (table.head, ("---",) * len(table.head), *table.rows)))


def heading(quiz: Quiz, exercise: Exercise, code: Callable[[str], str], text: Callable[[str], str] = str) -> str:
    """What a question is called: the ask, the name of the layer in the paper, and the points."""
    row = exercise.question.row
    aliases = [alias for alias, path in quiz.network.graph.aliases.items() if row and path == row.path]
    parts = [code(exercise.question.ask), *(f"({text(alias)})" for alias in aliases[:1])]
    if quiz.points:
        worth = quiz.worth(exercise)
        parts.append(said("(1 point)") if worth == 1 else said("({n} points)", n=spell_points(worth)))
    return " ".join(parts)


def _question(quiz: Quiz, number: int, exercise: Exercise) -> str:
    """One question: the layer, the sentence, and space for the sum and the answer."""
    question = exercise.question
    parts = [f"### {number}. {heading(quiz, exercise, code, markdown)}\n"]
    if question.row is not None:
        parts.append(f"{statement(question, exercise.topic, code)}\n")
    parts.append(f"**{sentence(exercise)}**\n")
    parts.append(f"{said('Sum: {room}', room=ROOM)}\\\n{said('Answer: {room}', room=ROOM)}\n")
    return "\n".join(parts)


def sentence(exercise: Exercise) -> str:
    """The question as a sentence."""
    if exercise.topic == FORGOTTEN:
        template = _OF_A_WRONG_ANSWER[exercise.question.quantity]
        return said(template, given=given_value(exercise.question.ask))
    about = {TOTAL: _OF_THE_WHOLE, MOST: _OF_THE_LARGEST}.get(exercise.topic, _OF_A_LAYER)
    return _(about[exercise.question.quantity])


_OF_A_LAYER = {
    "output": Phrase("What is the shape of its output?"),
    "params": Phrase("How many parameters does it have?"),
    "buffers": Phrase("How many running statistics does it store?"),
    "macs": Phrase("How many MACs does it need?"),
    "flops": Phrase("How many FLOPs does it need?"),
    "memory": Phrase("How many bytes does its output take?"),
    "param_memory": Phrase("How many bytes do its parameters take?"),
    "receptive_field": Phrase("How many positions of the network's input does one of its units see on each axis?"),
    "jump": Phrase("How many positions of the network's input are the fields of neighbouring units apart?"),
    "start": Phrase("At which position of the network's input does the receptive field of its first unit begin?"),
}

_OF_THE_WHOLE = {
    "params": Phrase("How many parameters does the whole network have?"),
    "buffers": Phrase("How many running statistics does the whole network store?"),
    "macs": Phrase("How many MACs does the whole network need?"),
    "flops": Phrase("How many FLOPs does the whole network need?"),
    "memory": Phrase("How many bytes do the outputs of all its layers take together?"),
    "param_memory": Phrase("How many bytes do the parameters of the whole network take?"),
}

_OF_A_WRONG_ANSWER = {
    "output": Phrase("A student wrote {given} for the shape of its output. What was forgotten?"),
    "params": Phrase("A student wrote {given} for its parameters. What was forgotten?"),
    "macs": Phrase("A student wrote {given} for its MACs. What was forgotten?"),
}

_OF_THE_LARGEST = {
    "params": Phrase("Which layer has the most parameters?"),
    "macs": Phrase("Which layer needs the most MACs?"),
    "memory": Phrase("Which layer has the output that takes the most memory?"),
}


# The file of answers


def _head(quiz: Quiz, named: str) -> list[str]:
    """The lines that say which network it is."""
    lines = [f"network: {_scalar(named)}"]
    if quiz.input is not None:
        lines.append(f"input: [{', '.join(map(str, quiz.input))}]")
    if quiz.settings:
        chosen = ", ".join(f"{_scalar(name)}: {_scalar(value)}" for name, value in quiz.settings.items())
        lines.append(f"set: {{{chosen}}}")
    return lines


def _yaml(quiz: Quiz, named: str, *, blank: bool) -> str:
    lines = _head(quiz, named)
    for key, claimed in (("answers", False), ("claims", True)):
        members = [exercise for exercise in quiz.exercises if (exercise.topic == MOST) is claimed]
        if members:
            lines.append(f"{key}:")
        lines += [f"  {_scalar(one.question.ask)}:" + ("" if blank else f" {_answer(one)}") for one in members]
    return "".join(f"{line}\n" for line in lines)


def _answer(exercise: Exercise) -> str:
    answer = exercise.answer
    if isinstance(answer, tuple):
        return "x".join(map(str, answer))
    return _scalar(str(answer))


_PLAIN = re.compile(r"[^\W\d_][\w.+/-]*|-?\d+(\.\d+)?|\d+\.[\w.-]*[^\W\d][\w.-]*")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def _scalar(text: str) -> str:
    """Text as a YAML scalar, quoted where YAML would read something else."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    signs = (sign if sign.isprintable() and sign not in '"\\' else _escape(sign) for sign in text)
    return f'"{"".join(signs)}"'


def _escape(sign: str) -> str:
    return f"\\{sign}" if sign in '"\\' else f"\\U{ord(sign):08x}"
