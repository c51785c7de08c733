"""The sheets of a class: the files and folders that were handed in, folders of folders included."""

from __future__ import annotations

import os
import re
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import PurePath
from typing import NamedTuple

from cnncalc.core.errors import InputError
from cnncalc.core.os_errors import system_reason
from cnncalc.homework.reading.sheet import MOST_SHEETS
from cnncalc.language.files import content_of_file

ENDINGS = (".yaml", ".yml", ".csv")
"""Endings of files that are sheets."""

EXERCISES = (".md", ".tex", ".pdf")
"""Endings of files with the questions of a sheet, which lie beside the answers."""

DEEPEST_FOLDER = 10
"""Folders inside of each other that are searched."""

MOST_FILES = 20_000
"""Files and folders that are looked at."""

IGNORED = ("__MACOSX",)
"""Folders that packing programs leave, besides hidden ones."""

_ANSWERS = re.compile(rb"^[ \t]*(answers|claims)[ \t]*(:|\xef\xbc\x9a)", re.MULTILINE | re.IGNORECASE)
_OTHER = re.compile(rb"^(layers|variants|blocks|questions|sheets)[ \t]*:", re.MULTILINE)


class Submissions(NamedTuple):
    """The sheets of a class by their paths, sorted, and the other files that lie there.

    `places` are the same as seen from the folder that was handed in, or from the one around their own.
    """

    sheets: list[str]
    places: list[str]
    others: list[str]
    descriptions: list[str]  # of networks, and keys: they are no student's


def find_submissions(paths: Sequence[str], not_sheets: Container[str] = ()) -> Submissions:
    """The sheets in files and folders, without the files in `not_sheets`, which are real paths.

    Errors:  cannot-read, empty-folder, too-large
    """
    found = Submissions([], [], [], [])
    for path in paths:
        if not os.path.isdir(path):
            found.sheets.append(path)
            found.places.append(place_of_file(path))
            continue
        before = len(found.sheets)
        _sort(path, _files_in(path), found, not_sheets)
        if len(found.sheets) == before:
            raise InputError.of(
                "empty-folder",
                "the folder {path} holds no sheet of answers: no .yaml or .csv file",
                help="name a file of answers, or a folder of them",
                path=path,
            )
    if len(found.sheets) > MOST_SHEETS:
        raise InputError.of(
            "too-large",
            "the folder {path} holds {count:,} sheets, more than {most:,}",
            help="mark them in several folders",
            path=paths[0],
            count=len(found.sheets),
            most=MOST_SHEETS,
        )
    return found


def _sort(folder: str, files: Iterable[str], found: Submissions, not_sheets: Container[str]) -> None:
    every = list(files)
    stems = {os.path.splitext(file)[0] for file in every if file.lower().endswith(ENDINGS)}
    for file in every:
        stem, ending = os.path.splitext(file)
        if ending in EXERCISES and stem in stems:
            continue
        if not file.lower().endswith(ENDINGS):
            found.others.append(os.path.relpath(file, folder))
        elif os.path.realpath(file) in not_sheets or _is_description(file):
            found.descriptions.append(os.path.relpath(file, folder))
        else:
            found.sheets.append(file)
            found.places.append(os.path.relpath(file, folder))


def _files_in(folder: str) -> Iterator[str]:
    """The files of a folder and of those inside, in the order of their names; links to folders are not followed.

    Errors:  cannot-read, too-large
    """
    left, seen = [(folder, 0)], 0
    while left:
        place, depth = left.pop()
        try:
            names = sorted(name for name in os.listdir(place) if not name.startswith(".") and name not in IGNORED)
        except OSError as error:
            raise InputError.of(
                "cannot-read",
                "cannot read {path}: {reason}",
                help="name a folder that you may list",
                path=place,
                reason=system_reason(error),
            ) from None
        seen += len(names)
        if seen > MOST_FILES or depth > DEEPEST_FOLDER:
            raise InputError.of(
                "too-large",
                "the folder {path} holds too much: more than {most:,} files, or folders more than {deepest} deep",
                help="mark them in several folders",
                path=folder,
                most=MOST_FILES,
                deepest=DEEPEST_FOLDER,
            )
        paths = [os.path.join(place, name) for name in names]
        inside = {path for path in paths if _is_folder(path)}
        left += [(path, depth + 1) for path in sorted(inside, reverse=True)]
        yield from (path for path in paths if path not in inside)


def _is_folder(path: str) -> bool:
    return os.path.isdir(path) and not os.path.islink(path) and not path.lower().endswith(ENDINGS)


def _is_description(file: str) -> bool:
    """Whether a file describes a network or is a key: it has layers or questions, and answers nothing."""
    if file.lower().endswith(".csv"):
        return False
    try:
        content = content_of_file(file)
    except InputError:
        return False
    return _OTHER.search(content) is not None and _ANSWERS.search(content) is None


def place_of_file(path: str) -> str:
    """A file with the folder that it lies in."""
    return str(PurePath(*PurePath(path).parts[-2:]))


def labels(places: Sequence[str]) -> list[str]:
    """Names for sheets: their files' where those differ, otherwise their places."""
    names = [PurePath(place).name for place in places]
    return names if len({*names}) == len(names) else list(places)
