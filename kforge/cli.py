"""The command line: parse, call a door, map errors to exit codes. Only this module knows the codes."""

from __future__ import annotations

import os
import sys

from kforge import __version__
from kforge.errors import Error, InputError, OutageError, WorldError
from kforge.output.safe_stream import SafeStream

TYPE_CHECKING = False  # as in `typing`, which takes its time: every start of kforge reads this module
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

DONE, ANSWER_IS_NO, BAD_INPUT, WORLD_FAILED, LATER, BUG, INTERRUPTED = 0, 1, 2, 3, 75, 70, 130

# Summaries stand here, so that `kforge --help` imports no door.
COMMANDS = {
    "build": "settle what is open, check everything, write the files",
    "check": "say whether the committed files are current (exit 1: they are not)",
    "plan": "show what a build would change, value by value",
    "approve": "say that a person has looked at what a model decided",
    "diff": "show what a build would change; --base REV: what changed since",
    "graph": "draw services and stores, what calls what, and the ways in",
    "explain": "say who decided a field, why, and from what",
    "pin": "write a settled value into the spec: nothing decides it again",
    "refine": "tell the model a sentence about a decision, and ask it again",
    "upgrade": "ask registries for the digests of base images, and write them",
    "init": "draft a spec from a sentence and what the repository shows",
    "detect": "show the facts read off a source, each with its lines",
    "doctor": "show GPUs, servers, keys, and which model would be asked",
    "schema": "print the JSON Schema of the spec",
    "batch": "ask a model elsewhere: export questions, import answers",
    "evaluate": "ask several models this project's questions, and compare them",
    "mcp": "serve these commands to a coding assistant, as an MCP server",
    "cache": "show, verify or forget the completions that models gave",
    "completion": "print the script with which bash, zsh or fish complete kforge",
    "version": "say which kforge, Kubernetes, spec and lock this is",
}

USAGE = """\
usage: kforge COMMAND [OPTIONS]

From app.kforge.yaml to checked Dockerfiles and Kubernetes manifests.

commands:
{commands}

options, of which -C, -q and -v may also stand behind the command:
  -h, --help     show this text, or that of a command: kforge build --help
  -V, --version  show the version
  -C DIR         run in this folder, as git and make do
  -q, --quiet    answers and errors only
  -v, --verbose  say more

exit codes:
  0 done   1 the answer is no   2 the input is wrong   3 the surroundings failed
  75 it may work later   70 a bug of kforge   130 interrupted

A first run:
  kforge detect ./web        what kforge sees in a source
  kforge build               write the files beside app.kforge.yaml
  kforge check               prove that they are current
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. Without `argv` this is the program, which may end here."""
    if argv is not None:
        return _run(list(argv))
    # A stream that the caller closed (`>&-`) is None: its output goes to the null device.
    sys.stdout = SafeStream(sys.stdout or _nobody(), "standard output")  # as much of a stream as is used
    sys.stderr = SafeStream(sys.stderr or _nobody())
    code = _run(sys.argv[1:])
    _leave(code)
    return code


def _nobody() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - as long as the process


def _leave(code: int) -> None:
    """End the process at once where a thread was left behind in a library that cannot be interrupted (llama.cpp).

    An orderly end frees what such a thread still computes with, and the exit code would be a crash's.
    """
    threading = sys.modules.get("threading")
    if threading and any(thread.daemon for thread in threading.enumerate()):
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except (OSError, ValueError):
                continue
        os._exit(code)


def _run(words: list[str]) -> int:
    try:
        code = _dispatch(words)
        sys.stdout.flush()  # what did not arrive is told below, not by the interpreter as it ends
        return code
    except Error as error:
        _show(error)
        return BAD_INPUT if isinstance(error, InputError) else LATER if isinstance(error, OutageError) else WORLD_FAILED
    except MemoryError:
        _show(WorldError("there is not enough memory for this", hint="name fewer specs at once, or allow more memory"))
        return WORLD_FAILED
    except KeyboardInterrupt:
        sys.stderr.write("interrupted: no file is half written\n")
        return INTERRUPTED
    except Exception as error:  # a bug of kforge's, and reported as one
        if isinstance(error, FileNotFoundError) and _gone():
            _show(
                WorldError(
                    "the folder that this runs in was deleted",
                    hint='change into one that is there: `cd ..`, or `cd "$PWD"` where it was made anew',
                )
            )
            return WORLD_FAILED
        if os.environ.get("KFORGE_DEBUG"):
            raise
        from kforge.output.text import inert

        sys.stderr.write(
            f"error: a bug of kforge: {type(error).__name__}: {inert(error)}\n"
            "  help: run again with KFORGE_DEBUG=1 and report the traceback\n"
        )
        return BUG


def _dispatch(words: list[str]) -> int:
    if words[:2] == ["completion", "--words"]:  # a shell waits for a key
        from kforge.commands.completion_words import answer

        return answer(words[2:], COMMANDS)
    words = _led(words)
    if words == ["check"]:
        from kforge.check_cache import all_remembered, up_to_date

        if current := all_remembered():
            sys.stderr.write(f"{up_to_date(current)}\n")
            return DONE
    if words and words[0] in COMMANDS:
        return _command(words[0], words[1:])
    if words and words[0] in ("-V", "--version"):
        sys.stdout.write(f"kforge {__version__}\n")
        return DONE
    if not words or words[0] in ("-h", "--help", "help"):
        if len(words) > 1 and words[1] in COMMANDS:
            return _dispatch([words[1], "--help"])
        width = max(map(len, COMMANDS))
        listing = "\n".join(f"  {name.ljust(width)}  {summary}" for name, summary in COMMANDS.items())
        (sys.stdout if words else sys.stderr).write(USAGE.format(commands=listing))
        return DONE if words else BAD_INPUT
    return _unknown(words[0])


def _led(words: list[str]) -> list[str]:
    """The words with the command first: `-C DIR` is done, `-q` and `-v` go behind the command."""
    shared = []
    while words and words[0][:2] in ("-C", "-q", "-v", "--"):
        if words[0] == "-C" and len(words) == 1:
            raise InputError("`-C` lacks its value", hint="write `-C DIR`: the folder to run in")
        if words[0].startswith("-C"):
            _enter(words[0][2:] or words.pop(1))
        elif words[0] in ("-q", "-v", "--quiet", "--verbose"):
            shared.append(words[0])
        else:
            break
        words = words[1:]
    return [words[0], *shared, *words[1:]] if words else []


def _enter(folder: str) -> None:
    try:
        os.chdir(folder)
    except (OSError, ValueError) as error:
        why = "does not exist" if isinstance(error, FileNotFoundError) else "is no folder that can be entered"
        raise InputError(f"`{folder}` {why}", hint="`-C DIR` names the folder to run in") from None


def _command(name: str, words: list[str]) -> int:
    import gc  # here, since `--version`, `--help` and a `check` that is remembered need none of it
    from contextlib import nullcontext, redirect_stderr
    from importlib import import_module

    from kforge.commands.command_parser import command_parser
    from kforge.output.quiet_stream import QuietStream

    gc.set_threshold(20_000, 20, 100)  # what a project makes lives to the end: looking for waste took a tenth
    door = import_module(f"kforge.commands.{name}")
    try:
        options = command_parser(name, door).parsed(words, getattr(door, "MIXED", False))
    except SystemExit as stop:  # `--help`, which argparse prints
        return int(stop.code or 0)
    for folder in getattr(options, "directories", ()):
        _enter(folder)
    with redirect_stderr(QuietStream(sys.stderr)) if options.quiet else nullcontext():
        return int(door.run(options))


def _unknown(word: str) -> int:
    from kforge.commands.mistaken_words import unknown_command  # only for a mistyped command

    raise InputError(*unknown_command(word, COMMANDS))


def _gone() -> bool:
    """Whether the working directory was removed: then every relative path fails."""
    try:
        os.getcwd()  # noqa: PTH109 - pathlib is not loaded yet
    except FileNotFoundError:
        return True
    return False


def _show(error: Error) -> None:
    from kforge.output.findings import problem
    from kforge.output.layout import tell

    tell(*(line for item in error.problems for line in problem(item)))
