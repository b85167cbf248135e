"""Options that several commands share, and the projects they name."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kforge.check_cache import found
from kforge.commands import model_options
from kforge.domain.spec.project import Project
from kforge.errors import InputError
from kforge.system.project import root, specs_in

if TYPE_CHECKING:
    from kforge.llm.model_session import SessionOptions
    from kforge.outcome import Options, Outcome
    from kforge.output.progress import ProgressLine
    from kforge.spec.tree_builder import ReadLimits

ALL = "*"  # what a bare `--upgrade` names


def paths(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="spec files or folders; every *.kforge.yaml of the repository otherwise",
    )


def one_spec(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-s", "--spec", metavar="PATH", help="the spec file or its folder, where there are several")


def run(parser: argparse.ArgumentParser, offline: str = "ask no model, whatever the spec says") -> None:
    """Add the options of commands that settle decisions. `offline` is the help of `--offline`."""
    parser.add_argument(
        "-j", "--jobs", type=positive, default=_cores(), metavar="N", help="workers (default: one a core)"
    )
    parser.add_argument("--offline", action="store_true", help=offline)
    upgrade(parser)
    parser.add_argument("--max-spec-size", type=positive, metavar="MIB", help="read specs larger than 8 MiB")


def upgrade(parser: argparse.ArgumentParser) -> None:
    """Add `--upgrade`, for a command that builds or shows what a build would do."""
    parser.add_argument(
        "--upgrade",
        nargs="?",
        const=ALL,
        metavar="TARGET",
        help="ask again what an older kforge decided, or what heuristics decided before the spec named a model, and render again: all of it, a service (web), a decision (web/build) or a file; `kforge build` also takes `kubernetes` or `kubernetes=1.37`: another version in the spec",
    )


def model(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that may ask a model. They override environment, configuration and spec."""
    model_options.arguments(parser)
    group = parser.add_argument_group("asking it")
    group.add_argument(
        "--parallel",
        type=positive,
        default=0,
        metavar="N",
        help="requests at once to a server whose answers do not depend on its batches",
    )
    group.add_argument(
        "--fallback", choices=("heuristics",), help="where nobody can be asked, let the heuristics answer, on record"
    )
    group.add_argument("--replay", metavar="DIR", help="answer from this folder of recordings first")
    group.add_argument("--record", action="store_true", help="write new answers to the folder of `--replay`")
    group.add_argument(
        "--max-requests", type=positive, default=0, metavar="N", help="at most so many requests in this run"
    )
    group.add_argument("--max-tokens", type=positive, default=0, metavar="N", help="at most so many tokens in this run")
    group.add_argument(
        "--max-cost", type=dollars, default=0.0, metavar="DOLLARS", help="at most so many US dollars in this run"
    )
    group.add_argument("--timeout", type=positive, default=0, metavar="SECONDS", help="at most so long")


def together(parser: argparse.ArgumentParser) -> None:
    """Add `--together`, for a command that asks a project's questions or shows them."""
    parser.add_argument(
        "--together",
        type=positive,
        default=0,
        metavar="N",
        help="questions in one request, where the model is large enough: `kforge evaluate --together N` shows (default: 1)",
    )


def locked(parser: argparse.ArgumentParser) -> None:
    """Options about answers that stand, for a command that asks what is open and names no decision itself."""
    group = parser.add_argument_group("what is locked already")
    group.add_argument(
        "--ask",
        action="append",
        default=[],
        metavar="TARGET",
        help="ask a decision again (web/build), or all of a service (web), whoever decided",
    )
    group.add_argument(
        "--keep-stale", action="store_true", help="where nobody can be asked, keep what is locked, marked stale"
    )


def wish(options: argparse.Namespace) -> SessionOptions:
    """What the command line says of asking a model."""
    from kforge.llm.model_session import SessionOptions

    if options.record and not options.replay:
        raise InputError("`--record` needs `--replay DIR`", hint="name the folder that the recordings go to")
    return SessionOptions(
        flags=model_options.flags(options),
        offline=options.offline,
        allowing=getattr(options, "allowing", ""),
        fallback=options.fallback is not None,
        replay=Path(options.replay) if options.replay else None,
        record=options.record,
        max_requests=options.max_requests,
        max_tokens=options.max_tokens,
        max_cost=options.max_cost,
        timeout=float(options.timeout),
    )


def formats(parser: argparse.ArgumentParser, *choices: str) -> None:
    parser.add_argument(
        "--format", choices=choices, default=choices[0], help=f"form of the output (default: {choices[0]})"
    )


def verbose(parser: argparse.ArgumentParser, more: str) -> None:
    """Add `-v`. `more` is what it shows besides single findings."""
    parser.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help=f"also show {more}; every finding by itself, also what several services share",
    )


def projects(options: argparse.Namespace) -> list[Project]:
    """The projects that the command line names, in order. Raises InputError where there is none."""
    return found([Path(path) for path in options.paths], Path.cwd())


def project(options: argparse.Namespace, command: str = "") -> Project:
    """The one project that a command is about: the one named, the nearest above, the one that the target is a path of, or
    the repository's only one. `command` is what a hint says to type.
    """
    found = _project(options, command)
    if getattr(options, "verbose", False):
        from kforge.output.text import inert, say

        say(f"spec: `{inert(os.path.relpath(found.spec))}`")
    return found


def _project(options: argparse.Namespace, command: str) -> Project:
    if options.spec:
        specs = found([Path(options.spec)], Path.cwd())
    else:
        here = Path.cwd()
        top = root(here)
        specs = []
        for folder in (here, *here.parents):
            specs = [Project(spec, top) for spec in specs_in(folder)]
            if specs or folder == top:
                break
        specs = specs or found([], here)
    typed: str | None = getattr(options, "target", None)
    if len(specs) > 1 and typed:
        target = Path(os.path.abspath(typed))  # noqa: PTH100 - as it is typed
        owners = [each for each in specs if Path(os.path.abspath(each.folder)) in target.parents]  # noqa: PTH100
        specs = owners if len(owners) == 1 else specs
    if len(specs) > 1:
        names = ", ".join(f"`{os.path.relpath(each.spec)}`" for each in specs[:5])
        ready = f"--spec {shlex.quote(os.path.relpath(specs[0].folder))}"
        ready = f"kforge {command} {ready}{'' if command == 'graph' else ' …'}" if command else ready
        raise InputError(f"there are {len(specs)} specs here: {names}", hint=f"choose one: `{ready}`")
    return specs[0]


def pipeline_options(options: argparse.Namespace, projects: Sequence[Project] = ()) -> Options:
    """The pipeline's options from the command line's. Today's date enters here, for waivers that end.

    Raises InputError where `--ask` or `--upgrade` names what none of the projects has.
    """
    from datetime import UTC, datetime

    from kforge.outcome import Options
    from kforge.spec.read import LIMITS
    from kforge.spec.tree_builder import ReadLimits

    wanted = getattr(options, "upgrade", None)
    size = getattr(options, "max_spec_size", None)
    limits = ReadLimits(size << 20, LIMITS.nodes * max(1, size // 8), LIMITS.depth) if size else LIMITS
    upgraded = (
        _named([] if wanted is None else [wanted], projects, limits, files=True) if wanted != ALL else frozenset()
    )
    return Options(
        today=datetime.now(UTC).date(),
        upgrade=lambda target: wanted == ALL or target in upgraded,
        again=_named(getattr(options, "ask", []), projects, limits).__contains__,
        force=getattr(options, "force", False),
        jobs=getattr(options, "jobs", 1),
        limits=limits,
    )


def _named(
    words: Sequence[str], projects: Sequence[Project], limits: ReadLimits, files: bool = False
) -> frozenset[str]:
    """The targets that the words name in any of the projects. An invalid spec is skipped: its run reports it."""
    if not words:
        return frozenset()
    from kforge import catalog
    from kforge.domain.own_files import LOCK_FILE
    from kforge.pipeline import read_spec
    from kforge.spec.targets import targets
    from kforge.spec.tolerant import mapping
    from kforge.system import locked

    try:
        services = {name for project in projects for name in mapping(read_spec(project, limits).data, "services")}
        held = [locked.load(project.folder, None, project.root)[1] for project in projects] if files else []
    except InputError:
        return frozenset(words)
    if not services:
        return frozenset(words)
    paths = {path for each in held for path in (*each.files, *each.aggregates, *each.seeds)}
    return targets(words, services, list(catalog.TOPICS), {*paths, LOCK_FILE} if files else ())


def compute(
    project: Project, options: argparse.Namespace, progress: ProgressLine | None = None, merges: bool = False
) -> Outcome:
    """Everything a build would do, short of writing; with `merges` also where a merge left markers in lock and sums.
    Errors say where they are as seen from here. `progress` is the caller's, where it looks at several projects.
    """
    from contextlib import closing, nullcontext
    from dataclasses import replace

    from kforge.output.places import told
    from kforge.output.progress import ProgressLine
    from kforge.pipeline import run

    with nullcontext(progress) if progress else closing(ProgressLine()) as line, told(project):
        return run(project, replace(pipeline_options(options, [project]), step=line.step, merges=merges))


def positive(text: str) -> int:
    """A whole number above 0, for argparse."""
    if not text.isdecimal() or not int(text[:20]):
        raise argparse.ArgumentTypeError(f"`{text}` is no whole number above 0")
    return int(text[:20])


def dollars(text: str) -> float:
    """An amount of money above 0, for argparse."""
    try:
        amount = float(text)
    except ValueError:
        amount = 0.0
    if not 0 < amount < 1e6:
        raise argparse.ArgumentTypeError(f"`{text}` is no amount of dollars above 0")
    return amount


def _cores() -> int:
    """Cores that this process may use: a container's share, not the machine's number."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
