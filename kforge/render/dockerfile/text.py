"""Document → text of a Dockerfile, .dockerignore or web server's configuration. Unaware of recipes and of disks.

Every word is checked before it is placed and the finished text is parsed back: it must hold exactly the instructions
that were typed, so no word of a spec, a source or a model can become an instruction of its own.

There is no `# syntax=` line. Cache mounts and `COPY --chown` are in the frontend that every BuildKit carries (23.0 of
Docker and later); naming another would fetch an unpinned image, and no build without a network would start.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator

from kforge.domain.document import Document, Instruction, Stage, mark
from kforge.domain.instructions import AND
from kforge.domain.invisible_chars import INVISIBLE
from kforge.errors import InputError, Place
from kforge.spec.syntax import name_of

INSTRUCTIONS = frozenset(
    {"FROM", "RUN", "COPY", "ENV", "WORKDIR", "USER", "EXPOSE", "CMD", "ENTRYPOINT", "ARG", "LABEL", "STOPSIGNAL"}
)
WIDTH = 110
LAYOUT = re.compile(r"[\n\t]")  # what `INVISIBLE` leaves to texts of several lines
DIRECTIVE = re.compile(r"^\s*(syntax|escape|check)\s*=", re.IGNORECASE)
VARIABLE = re.compile(r"\$\{?PATH\}?(?=[:/]|$)")  # the one variable that may be expanded: PATH is only ever added to
Parsed = tuple[str, tuple[str, ...], tuple[str, ...]]  # name, flags, words


def render(
    document: Document, spec: str = "app.kforge.yaml", place: Callable[[str], Place | None] = lambda origin: None
) -> str:
    """Text of a Dockerfile document, or of one made of lines, with the mark on its first line.

    Raises InputError where a value (a path, a command, an image) holds what no Dockerfile can carry safely. `place`
    tells where the spec says something about an origin.
    """
    if document.dockerfile is None:
        lines = document.lines or ()
        for line in lines:
            _check(line, document)
        return "\n".join([mark(spec), "", *lines]) + "\n"
    blocks = [mark(spec)]
    for stage in document.dockerfile.stages:
        for instruction in (_from(stage), *stage.instructions):
            try:
                _check_instruction(instruction, document)
            except InputError as error:
                where = place(instruction.origin or stage.origin)
                raise InputError(tuple(problem.at(where) for problem in error.problems)) from None
        blocks.append("\n".join(line for _, lines in lines_of(stage) for line in lines))
    text = "\n\n".join(blocks) + "\n"
    typed = [_typed(item) for stage in document.dockerfile.stages for item in (_from(stage), *stage.instructions)]
    if parse(text) != typed:
        raise AssertionError(f"{document.path} does not parse back to the instructions that it was written from")
    return text


def _from(stage: Stage) -> Instruction:
    flags = (f"--platform={stage.platform}",) if stage.platform else ()
    return Instruction("FROM", (stage.image, "AS", stage.name), flags)


def lines_of(stage: Stage) -> Iterator[tuple[Instruction, list[str]]]:
    """Every instruction of a stage with its lines, comments above it among them."""
    first = _from(stage)
    yield first, [*_comment(stage.comment), *_lines(first)]
    for instruction in stage.instructions:
        yield instruction, [*_comment(instruction.comment), *_lines(instruction)]


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in text.split("\n")] if text else []


def _lines(instruction: Instruction) -> list[str]:
    """One instruction; where it grows too long, each flag and each command of a RUN on a line of its own."""
    parts = [*instruction.flags, *_commands(instruction)]
    whole = " ".join([instruction.name, *parts])
    single = len(parts) == 1 or (instruction.name == "COPY" and len(whole) <= WIDTH)
    if single or (len(whole) <= WIDTH and not instruction.flags):
        return [whole]
    first, *rest = parts
    lines = [f"{instruction.name} {first}", *(f"    {part}" for part in rest)]
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]


def _commands(instruction: Instruction) -> list[str]:
    """The words as they are written: in exec form, quoted for a shell, or as the instruction reads them."""
    words = instruction.args
    if instruction.json or (instruction.name == "COPY" and any(" " in word for word in words)):
        return [json.dumps(list(words), ensure_ascii=False)]
    if instruction.name in ("ENV", "ARG"):
        return [_assignment(word) for word in words]
    if instruction.name != "RUN":
        return [" ".join(words)]
    commands: list[list[str]] = [[]]
    for word in words:
        if word == AND:
            commands[-1].append(AND)
            commands.append([])
        else:
            commands[-1].append(shlex.quote(word))
    return [" ".join(command) for command in commands]


def _assignment(word: str) -> str:
    name, given, value = word.partition("=")
    if not given:  # ARG NAME
        return name
    if re.fullmatch(r"[\w./:$@%+,-]+", value, re.ASCII):
        return word
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}="{escaped}"'


# ---- what no slot may hold ------------------------------------------------------------------------------------
def _check(word: str, document: Document, comment: bool = False) -> None:
    problem = ""
    if hidden := INVISIBLE.search(word) or LAYOUT.search(word):
        problem = name_of(hidden[0])
    elif word.endswith("\\"):
        problem = "a backslash at its end, which would continue the line"
    elif DIRECTIVE.match(word) if comment else (word.lstrip().startswith("#") and DIRECTIVE.match(word.lstrip()[1:])):
        problem = "a parser directive"
    if problem:
        shown = word.encode("unicode_escape").decode()[:80]
        raise InputError(
            f"`{shown}` cannot stand in {document.path}: it holds {problem}",
            hint="change the value in the spec or the source",
        )


def _check_instruction(instruction: Instruction, document: Document) -> None:
    if instruction.name not in INSTRUCTIONS:
        raise AssertionError(f"{instruction.name} is not an instruction that kforge writes")
    for line in instruction.comment.split("\n"):
        _check(line, document, comment=True)
    for word in (*instruction.flags, *instruction.args):
        _check(word, document)
        _check_slot(instruction, word, document)
    if not instruction.json and instruction.args[0].startswith("--"):
        hint = "begin the step with a program, the path with `./`"
        raise InputError(
            f"`{instruction.args[0]}` cannot stand first after {instruction.name} in {document.path}: it would be read as a flag",
            hint=hint,
        )


def _check_slot(instruction: Instruction, word: str, document: Document) -> None:
    """What is harmless in one instruction and means something in another."""
    problem = ""
    if instruction.name in ("RUN", "COPY") and "<<" in word:
        problem = "`<<`, which would open a heredoc"
    elif "$" in (VARIABLE.sub("", word) if instruction.name == "ENV" else word) and instruction.name not in (
        "RUN",
        "CMD",
        "ENTRYPOINT",
    ):
        problem = "`$`, which would be expanded"
    elif (
        instruction.name not in ("RUN", "ENV", "ARG", "COPY", "LABEL")
        and not instruction.json
        and re.search(r"\s", word)
    ):
        problem = "white space"
    elif not word:
        problem = "nothing" if not instruction.json and instruction.name != "RUN" else ""
    if problem:
        raise InputError(
            f"`{word}` cannot stand after {instruction.name} in {document.path}: it holds {problem}",
            hint="change the value in the spec or the source",
        )


# ---- the way back ---------------------------------------------------------------------------------------------
def _typed(instruction: Instruction) -> Parsed:
    return instruction.name, instruction.flags, instruction.args


def parse(text: str) -> list[Parsed]:
    """Instructions of a Dockerfile as BuildKit splits them: comments out, continuations joined, flags apart."""
    joined: list[str] = []
    open_line = ""
    for line in text.split("\n"):
        if line.lstrip().startswith("#") or not line.strip():
            continue
        open_line += line.lstrip() if open_line else line
        if open_line.endswith("\\"):
            open_line = open_line[:-1]
        else:
            joined.append(open_line)
            open_line = ""
    return [_parsed(line) for line in joined]


def _parsed(line: str) -> Parsed:
    name, _, rest = line.partition(" ")
    flags: list[str] = []
    while rest.startswith("--") and name in ("FROM", "RUN", "COPY"):
        flag, _, rest = rest.partition(" ")
        flags.append(flag)
        rest = rest.lstrip()
    if rest.startswith("["):
        return name, tuple(flags), tuple(json.loads(rest))
    if name in ("RUN", "ENV", "ARG"):
        return name, tuple(flags), tuple(shlex.split(rest))
    return name, tuple(flags), tuple(rest.split())
