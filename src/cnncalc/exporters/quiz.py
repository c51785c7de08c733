"""Sheets of questions as Markdown, and their answers as YAML that `cnncalc check` reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cnncalc.analysis.outline import outline
from cnncalc.core.tensor import spell
from cnncalc.core.translation import Phrase, _, running_text, said
from cnncalc.exporters.escaping import code, markdown, table_row
from cnncalc.homework.quiz import MOST, OF_A_FIELD, TOTAL, Exercise, Quiz, field_chain, spell_layer

MOST_LINES = 120
"""Most lines of the table of layers; for a larger network, the sheet names the command that lists them."""

ROOM = "_" * 40


def sheet_markdown(quiz: Quiz) -> str:
    """The sheet for students: questions, conventions, and an empty file for the answers."""
    title = said("Exercises: {network}", network=markdown(_title(quiz)))
    parts = [
        f"# {title}\n",
        _introduction(quiz),
        f"## {_('What holds')}\n",
        "".join(f"- {sentence}\n" for sentence in _conventions(quiz)),
    ]
    if any(exercise.topic in (TOTAL, MOST) for exercise in quiz.exercises):
        parts += [f"## {_('The network')}\n", _layers(quiz)]
    parts.append(f"## {_('Questions')}\n")
    parts += [_question(number, exercise) for number, exercise in enumerate(quiz.exercises, start=1)]
    blanks = _("Save this as `answers.yaml`, write each answer after its colon, and run `cnncalc check answers.yaml`.")
    parts += [f"## {_('Your answers')}\n", f"{blanks}\n", f"```yaml\n{_yaml(quiz, quiz.network_name, blank=True)}```\n"]
    return "\n".join(parts)


def answers_yaml(quiz: Quiz, named: str) -> str:
    """The right answers; `named` is the network's name or its path, relative to the file's folder."""
    return _yaml(quiz, named, blank=False)


def _title(quiz: Quiz) -> str:
    return quiz.network.graph.metadata.title or quiz.network.graph.name


def _introduction(quiz: Quiz) -> str:
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
    return f"{running_text([*about, drawn])}\n"


def _conventions(quiz: Quiz) -> Iterator[str]:
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
        yield said("Where they differ from axis to axis, write one number for each, as `11x27x27`.")
    if "start" in topics:
        yield said("Positions are counted from 0; negative ones lie in the padding.")
    yield said("A number may be rounded: `1792`, `1.79k` and `15.5G` are read. A shape is written as `64x112x112`.")


def _layers(quiz: Quiz) -> str:
    """A table of layers with options and inputs; equal neighbours share a line."""
    lines = outline(quiz.network)
    if len(lines) > MOST_LINES:
        sentence = said("It has too many layers to list here; `cnncalc show` and `cnncalc summarize` show them.")
        return f"{sentence}\n"
    rows: list[Sequence[str]] = [(_("Layer"), _("Options"), _("Input")), ("---",) * 3]
    for line in lines:
        name = "\u2003" * line.depth + code(line.name) + (f" ×{line.times}" if line.times > 1 else "")
        row = line.row
        rows.append((name, code(spell_layer(row)), row.inputs_text) if row else (name, "", ""))
    return "".join(map(table_row, rows))


def _question(number: int, exercise: Exercise) -> str:
    """One question: the layer, the sentence, and space for the sum and the answer."""
    question, row = exercise.question, exercise.question.row
    aliases = [alias for alias, path in question.network.graph.aliases.items() if row and path == row.path]
    parts = [f"### {number}. {code(question.ask)}{f' ({markdown(aliases[0])})' if aliases else ''}\n"]
    if row is not None and exercise.topic in OF_A_FIELD:
        links = [f"{times} × {code(link)}" if times > 1 else code(link) for times, link in field_chain(question)]
        parts.append(said("{layer}, on the way {way}.", layer=code(row.path), way=" → ".join(links)) + "\n")
    elif row is not None:
        inputs = row.inputs_text
        parts.append(said("{layer} on an input of {inputs}.", layer=code(spell_layer(row)), inputs=inputs) + "\n")
    parts.append(f"**{_sentence(exercise)}**\n")
    parts.append(f"{said('Sum: {room}', room=ROOM)}\\\n{said('Answer: {room}', room=ROOM)}\n")
    return "\n".join(parts)


def _sentence(exercise: Exercise) -> str:
    """The question as a sentence."""
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

_OF_THE_LARGEST = {
    "params": Phrase("Which layer has the most parameters?"),
    "macs": Phrase("Which layer needs the most MACs?"),
    "memory": Phrase("Which layer has the output that takes the most memory?"),
}


# The file of answers


def _yaml(quiz: Quiz, named: str, *, blank: bool) -> str:
    lines = [f"network: {_scalar(named)}"]
    if quiz.input is not None:
        lines.append(f"input: [{', '.join(map(str, quiz.input))}]")
    if quiz.settings:
        chosen = ", ".join(f"{_scalar(name)}: {_scalar(value)}" for name, value in quiz.settings.items())
        lines.append(f"set: {{{chosen}}}")
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
