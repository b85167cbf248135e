"""A command that a model names, word by word, against what the source shows. Yields what is wrong with it.

A command is either one of the detectors' candidates, or made of words that are known: a program of the language or of
the dependencies, files that facts name, words of the candidates, and flags of a short list with values of a known form.
There is no free word, so no shell, no download, no address and no interpreter's `-c` can be spelled.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kforge.domain.language import Program
from kforge.llm.conformance import quoted

if TYPE_CHECKING:
    from kforge.domain.language import Language
    from kforge.domain.model.known_words import KnownWords

_UNKNOWN = Program({})


def start_faults(command: Sequence[str], known: KnownWords, programs: Mapping[str, Program]) -> Iterator[str]:
    """What is wrong with a start command. `programs` are those of all languages, with their flags."""
    if list(command) in [list(candidate) for candidate in known.candidates]:
        return
    head = command[0]
    if head not in {*known.programs, *(candidate[0] for candidate in known.candidates)}:
        yield f"{quoted(head)} is no program that the source is known to have; known starts are {_alternatives(known)}"
        return
    program, words, rest = programs.get(head, _UNKNOWN), known.vocabulary, list(command[1:])
    while rest:
        word = rest.pop(0)
        name, joined, value = word.partition("=")
        form = program.flags.get(name)
        if form is None:
            fits = program.argument is not None and program.argument(word, known.files)
            if not (word in words or known.file(word) or fits):
                yield f"{quoted(word)} is neither a word of a known start command, nor a file of the source, nor a flag that may be set; known starts are {_alternatives(known)}"
                return
            continue
        if form and not joined:
            value = rest.pop(0) if rest else ""
        if value not in words and (not re.fullmatch(form, value) or (joined and not form)):
            yield f"{quoted(value)} cannot follow `{name}`"
        elif (
            name in program.port_flags
            and re.fullmatch(r"[0-9]{1,9}", value.rpartition(":")[2])
            and int(value.rpartition(":")[2]) not in known.ports
        ):
            yield f"{quoted(value)} after `{name}` is no port that the source or the spec names"


def step_faults(step: Sequence[str], known: KnownWords, language: Language | None) -> Iterator[str]:
    """What is wrong with a build step. The source's language has steps of its own besides those that are known."""
    if list(step) in [list(candidate) for candidate in known.candidates]:
        return
    if language and language.takes_step(step, known):
        return
    shown = " ".join(quoted(word) for word in list(step)[:6])
    yield f"the step {shown} is none that may be taken; those that may are {_alternatives(known)}"


def _alternatives(known: KnownWords) -> str:
    listed = dict.fromkeys(" ".join(candidate) for candidate in known.candidates[:3])
    return " or ".join(map(quoted, listed)) or "none"
