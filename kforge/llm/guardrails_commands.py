"""A command that a model names, word by word, against what the source shows. Yields what is wrong with it.

A command is either one of the detectors' candidates, or made of words that are known: a program of the language or of
the dependencies, files that facts name, words of the candidates, and flags of a short list with values of a known form.
There is no free word, so no shell, no download, no address and no interpreter's `-c` can be spelled.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kforge.llm.conformance import quoted

SHARED_MEMORY = "/dev/shm"  # noqa: S108  gunicorn's own advice: heartbeats that touch no disk
_NUMBER = r"[0-9]{1,6}"
_ADDRESS = r"(?:0\.0\.0\.0|\[::\]|127\.0\.0\.1)?:[0-9]{2,5}"
_HOST = r"0\.0\.0\.0|::|127\.0\.0\.1"
_LEVEL = r"(?i:debug|info|warning|error|critical)"
_PORT_FLAGS = frozenset({"--port", "-p", "--bind", "-b", "--listen"})
# Program → flag → form of its value, "" for none. Only what tunes a server; nothing that loads, opens or prints.
FLAGS: Mapping[str, Mapping[str, str]] = {
    "gunicorn": {
        "--bind": _ADDRESS, "-b": _ADDRESS, "--workers": _NUMBER, "-w": _NUMBER, "--threads": _NUMBER, "--timeout": _NUMBER,
        "--graceful-timeout": _NUMBER, "--keep-alive": _NUMBER, "--max-requests": _NUMBER, "--max-requests-jitter": _NUMBER,
        "--worker-class": r"sync|gthread|gevent|uvicorn\.workers\.UvicornWorker|uvicorn_worker\.UvicornWorker",
        "-k": r"sync|gthread|gevent|uvicorn\.workers\.UvicornWorker|uvicorn_worker\.UvicornWorker",
        "--access-logfile": "-", "--error-logfile": "-", "--log-level": _LEVEL, "--worker-tmp-dir": SHARED_MEMORY, "--preload": "",
    },
    "uvicorn": {
        "--host": _HOST, "--port": _NUMBER, "--workers": _NUMBER, "--log-level": _LEVEL, "--timeout-keep-alive": _NUMBER,
        "--timeout-graceful-shutdown": _NUMBER, "--limit-concurrency": _NUMBER, "--backlog": _NUMBER, "--no-access-log": "",
        "--no-server-header": "", "--proxy-headers": "", "--loop": "auto|asyncio|uvloop", "--http": "auto|h11|httptools",
    },
    "hypercorn": {"--bind": _ADDRESS, "-b": _ADDRESS, "--workers": _NUMBER, "-w": _NUMBER, "--graceful-timeout": _NUMBER},
    "granian": {"--host": _HOST, "--port": _NUMBER, "--workers": _NUMBER, "--interface": "asgi|wsgi"},
    "waitress-serve": {"--host": _HOST, "--port": _NUMBER, "--listen": _ADDRESS, "--threads": _NUMBER},
    "daphne": {"-b": _HOST, "-p": _NUMBER},
    "celery": {"--concurrency": _NUMBER, "--loglevel": _LEVEL, "--max-tasks-per-child": _NUMBER, "--pool": "prefork|solo|threads|gevent"},
    "python": {"-u": ""},
    "node": {"--max-old-space-size": _NUMBER, "--max-semi-space-size": _NUMBER, "--enable-source-maps": ""},
}  # fmt: skip
SERVERS = {"python": frozenset({"gunicorn", "uvicorn", "hypercorn", "granian", "daphne", "celery", "waitress"})}
_ATTRIBUTE = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_]\w*)", re.ASCII)
_SCRIPT = re.compile(r"(?:build|compile|generate)(?:[:-][a-z0-9]+){0,3}")
_MANAGE = frozenset({"collectstatic", "compilemessages", "--noinput", "--no-input", "--clear"})
_GO_FLAGS = frozenset({"-trimpath", "-ldflags=-s -w", "-buildvcs=false", "-mod=readonly", "-mod=vendor"})


@dataclass(frozen=True, slots=True)
class Words:
    """What is known of a source: commands that are used as they are, the programs and files that may be named, the
    ports.
    """

    candidates: Sequence[Sequence[str]]
    programs: Collection[str]
    files: Collection[str]
    ports: Collection[int] = ()

    @property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(word for candidate in self.candidates for word in candidate[1:])


def start_faults(command: Sequence[str], known: Words) -> Iterator[str]:
    """What is wrong with a start command."""
    if list(command) in [list(candidate) for candidate in known.candidates]:
        return
    head = command[0]
    if head not in {*known.programs, *(candidate[0] for candidate in known.candidates)}:
        yield f"{quoted(head)} is no program that the source is known to have; known starts are {_alternatives(known)}"
        return
    flags, words, rest = FLAGS.get(head, {}), known.vocabulary, list(command[1:])
    while rest:
        word = rest.pop(0)
        name, joined, value = word.partition("=")
        form = flags.get(name)
        if form is None:
            if not (word in words or _file(word, known) or (head in SERVERS["python"] and _application(word, known))):
                yield f"{quoted(word)} is neither a word of a known start command, nor a file of the source, nor a flag that may be set; known starts are {_alternatives(known)}"
                return
            continue
        if form and not joined:
            value = rest.pop(0) if rest else ""
        if value not in words and (not re.fullmatch(form, value) or (joined and not form)):
            yield f"{quoted(value)} cannot follow `{name}`"
        elif (
            name in _PORT_FLAGS
            and re.fullmatch(r"[0-9]{1,9}", value.rpartition(":")[2])
            and int(value.rpartition(":")[2]) not in known.ports
        ):
            yield f"{quoted(value)} after `{name}` is no port that the source or the spec names"


def step_faults(step: Sequence[str], known: Words, manager: str, outputs: Collection[str]) -> Iterator[str]:
    """What is wrong with a build step. `outputs`: where Go's programs go, which the rest of the image relies on."""
    if list(step) in [list(candidate) for candidate in known.candidates]:
        return
    head, rest = step[0], list(step[1:])
    if head in ("npm", "pnpm", "yarn") and head == manager:
        right = len(rest) == 2 and rest[0] == "run" and bool(_SCRIPT.fullmatch(rest[1]))
    elif head == "python" and "python" in known.programs:
        managed = (
            bool(rest) and rest[0] == "manage.py" and _file(rest[0], known) and {*rest[1:]} <= _MANAGE and len(rest) > 1
        )
        right = managed or rest in (["-m", "compileall", "."], ["-m", "compileall", "-q", "."])
    elif head == "go" and "go" in known.programs:
        right = _go_build(rest, known, outputs)
    else:
        right = False
    if not right:
        shown = " ".join(quoted(word) for word in list(step)[:6])
        yield f"the step {shown} is none that may be taken; those that may are {_alternatives(known)}"


def _go_build(rest: list[str], known: Words, outputs: Collection[str]) -> bool:
    if rest[:1] != ["build"] or "-o" not in rest[:-1]:
        return False
    at = rest.index("-o")
    others = [*rest[1:at], *rest[at + 2 :]]
    return rest[at + 1] in outputs and all(
        word in _GO_FLAGS or (word in known.vocabulary and not word.startswith("-")) for word in others
    )


def _file(word: str, known: Words) -> bool:
    return word.removeprefix("./") in known.files and not word.startswith("-")


def _application(word: str, known: Words) -> bool:
    """`package.module:app`, whose module is a file that facts name."""
    match = _ATTRIBUTE.fullmatch(word)
    path = match[1].replace(".", "/") if match else ""
    return bool(match) and any(f"{path}{end}" in known.files for end in (".py", "/__init__.py"))


def _alternatives(known: Words) -> str:
    listed = dict.fromkeys(" ".join(candidate) for candidate in known.candidates[:3])
    return " or ".join(map(quoted, listed)) or "none"
