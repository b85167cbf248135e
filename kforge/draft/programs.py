"""A source with several programs → those that are services, and those that help to build or to look after them.

Only where a program is started by its own name: there every folder with a main is one. The service is the one that is
named like the module, the application or the folder, or that the author's own files start. Where no name tells, every
program that listens, or that is called a worker, is a service of its own.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kforge import catalog
from kforge.detectors import supervised as supervisor
from kforge.domain.artifact import Tree
from kforge.domain.commands.beside import BesideProcess
from kforge.domain.draft import FoundSource, LeftOut, Told, name_of
from kforge.domain.facts import Fact, Facts
from kforge.draft.migrations import NAME, migrates
from kforge.draft.pruned_tree import PrunedTree
from kforge.draft.start_commands import production
from kforge.stages.detect import detect

_POINTING = (("Dockerfile", "Procfile"), ("README.md", "README", "Makefile"))  # the first that names a main decides
_MOST = 12  # programs that are looked at one by one
_OF_PORT = re.compile(r"\$\{?PORT\b\}?(?![:-])")
_PORT = 8080  # that platforms give to a program which has none of its own
_HEAD = 3  # words of a command that may name the program: `go run ./cmd/worker`


@dataclass(frozen=True, slots=True)
class _Main:
    """One program: its command, and the file with its main."""

    command: tuple[str, ...]
    file: str

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.file)

    @property
    def stem(self) -> str:
        return name_of(posixpath.basename(self.command[0]), "")


def split(
    source: FoundSource, tree: Tree, app: str, lasting: Callable[[str], bool], told: Sequence[Told] = ()
) -> tuple[list[FoundSource], list[LeftOut]]:
    """The source once for each of its services, with what is told of it, and its other programs. `told` is what the
    author's files start; a source with a Dockerfile has the one program that this starts.
    """
    mains = _mains(source)
    placed = _placed(told, mains)
    if len(mains) < 2:
        plain = {main.command for main in mains}  # what the image starts anyway
        return [
            replace(source, told=tuple(replace(one, command=()) if one.command in plain else one for one in placed))
        ], []
    started = [one.command[0] for one in sorted(placed, key=lambda one: _rank(one, mains)) if one.command]
    chosen = _named(source.facts, mains, app, source.path, started) or _pointed(mains, tree)
    if chosen:
        own, apart = _told_apart(placed, mains, chosen)
        main = replace(_as(source, tree, mains, chosen, source.name), told=own)
        others = [replace(_as(source, tree, mains, other, one.name), told=(one,)) for other, one in apart]
        served = [main, *(replace(one, pins={**source.pins}) for one in others)]
        held = [chosen, *(other for other, _ in apart)]
    else:
        seen = {main: _as(source, tree, mains, main, main.stem) for main in mains[:_MOST] if not migrates(main.stem)}
        held = [main for main, one in seen.items() if one.ports or lasting(main.stem)] or mains[:1]
        alone = len(held) == 1 and held[0] in seen
        served = [replace(seen[held[0]], name=source.name)] if alone else [_pinned(seen[main], main) for main in held]
        served[0] = replace(served[0], told=placed)
    return _with_migration(source, tree, mains, held, served, app), _others(source, mains, held)


def serving(source: FoundSource, line: str, place: str) -> Told:
    """The `web` of a Procfile. Its command counts where a folder has several programs, or one that is given words; a
    detector reads those of interpreters.
    """
    port = str(source.ports[0]) if source.ports else str(_PORT)
    words = production(["sh", "-c", _OF_PORT.sub(port, line)])[0] if _mains(source) else ()
    return Told(source.name, place, command=words)


def _mains(source: FoundSource) -> list[_Main]:
    """The programs of a source that is built here, the main one first; none where each is started by an interpreter."""
    language = catalog.languages().named(source.facts.value("language"))
    if language is None or not language.compiled or source.facts.dockerfile:
        return []
    return [_Main(tuple(fact.value), fact.evidence[0].file) for fact in source.facts.start if fact.evidence]


def _rank(one: Told, mains: Sequence[_Main]) -> tuple[bool, bool, int]:
    """The one that serves first: by what its file says of it, then as the programs are ranked."""
    at = next((at for at, main in enumerate(mains) if one.command[:1] == main.command[:1]), len(mains))
    return one.once, bool(one.name) and not one.port, at


def supervised(source: FoundSource, tree: Tree) -> Iterator[Told]:
    """What supervisord keeps running of the programs of a source that is built here: a service each."""
    for one in supervisor.programs(tree) if _mains(source) else ():
        if words := production(["sh", "-c", one.line])[0]:
            yield Told(name_of(one.name), f"{one.file}:{one.number}", command=words)


def _placed(told: Sequence[Told], mains: Sequence[_Main]) -> tuple[Told, ...]:
    """What the author's files start, where the image has it: `bin/worker -q high` is `/app/worker -q high`."""
    return tuple(
        replace(one, command=_in_image(one.command, mains)) if one.command and mains and not one.build else one
        for one in told
    )


def _in_image(words: tuple[str, ...], mains: Sequence[_Main]) -> tuple[str, ...]:
    for at, word in enumerate(words[:_HEAD]):
        plain = posixpath.normpath(word)
        named = next((main for main in mains if posixpath.basename(plain) == posixpath.basename(main.command[0])), None)
        if named and (at == 0 or named.folder == plain):
            return (named.command[0], *words[at + 1 :])
    only = len(mains) == 1 and "/" in words[0] and not words[0].startswith(("/bin/", "/usr/bin/"))
    return (mains[0].command[0], *words[1:]) if only else words


def _told_apart(
    told: Sequence[Told], mains: Sequence[_Main], chosen: _Main
) -> tuple[tuple[Told, ...], list[tuple[_Main, Told]]]:
    """What is told of the chosen program, and of others with each of them."""
    own: list[Told] = []
    apart: list[tuple[_Main, Told]] = []
    for one in told:
        main = next((main for main in mains if one.command[:1] == main.command[:1]), chosen)
        if main is not chosen and one.name:
            apart.append((main, one))
        else:
            own.append(replace(one, command=()) if one.command == chosen.command else one)
    return tuple(own), apart


def _with_migration(
    source: FoundSource,
    tree: Tree,
    mains: list[_Main],
    held: list[_Main],
    served: list[FoundSource],
    app: str,
) -> list[FoundSource]:
    """The services, and the job of a program whose name says that it migrates, where nothing else does."""
    main = next((main for main in mains if migrates(main.stem) and main not in held), None)
    if main is None or any(one.once for each in served for one in each.told):
        return served
    one = _as(source, tree, mains, main, NAME)
    process = next(
        (each for each in map(BesideProcess.of, one.facts.value("beside")) if each.role == "migration"), None
    )
    command = process.command if process else main.command
    own = source.name or name_of(posixpath.basename(source.path.removeprefix(".").strip("/")) or app)
    told = Told(NAME, main.file, command=command, once=True, before=(own, *(each.name for each in served)))
    held.append(main)
    return [*served, replace(one, told=(told,), pins={**source.pins})]


def _named(facts: Facts, mains: list[_Main], app: str, path: str, started: Collection[str]) -> _Main | None:
    """The program that bears a name which the author gave to the whole."""
    module = re.sub(r"/v\d+$", "", str(facts.value("project_name") or ""))
    names = [posixpath.basename(word) for word in started]
    names += [posixpath.basename(module), app, posixpath.basename(path)]
    for name in (name_of(each, "") for each in names):
        if found := next((main for main in mains if name and main.stem == name), None):
            return found
    return next((main for main in mains if not main.folder), None)


def _pointed(mains: list[_Main], tree: Tree) -> _Main | None:
    """The one program whose folder a file of the author's names in what it builds or runs."""
    for files in _POINTING:
        text = "\n".join(tree.text(path) for path in files if path in tree.files)
        found = [main for main in mains if re.search(rf"(?<![\w-])\./{re.escape(main.folder)}(?![\w/-])", text)]
        if len(found) == 1:
            return found[0]
    return None


def _as(source: FoundSource, tree: Tree, mains: list[_Main], main: _Main, name: str) -> FoundSource:
    """The source as one of its programs sees it: without the folders of the others."""
    others = {other.folder for other in mains if other.folder and other.folder != main.folder}
    files = {other.file for other in mains if not other.folder and other is not main}
    own = PrunedTree(tree, {each for each in others if not f"{main.folder}/".startswith(f"{each}/")}, files)
    facts = detect(own, catalog.detectors())
    ports = tuple(int(each["port"]) for each in facts.value("ports"))
    pins: dict[str, object] = dict(source.pins)
    if main is not mains[0]:
        pins["command"] = list(main.command)
        if ports and ports[:1] != source.ports[:1]:
            pins["port"] = ports[0]
    command = tuple(fact for fact in source.facts.start if tuple(fact.value) == main.command)
    return FoundSource(source.path, _starting(facts, command), ports, source.base, pins, name)


def _starting(facts: Facts, command: tuple[Fact, ...]) -> Facts:
    return replace(facts, start=command)


def _pinned(one: FoundSource, main: _Main) -> FoundSource:
    """One of several services of a source says which program it is, and where it listens."""
    pins: Mapping[str, object] = {"command": list(main.command), **({"port": one.ports[0]} if one.ports else {})}
    return replace(one, pins={**one.pins, **pins})


def _others(source: FoundSource, mains: list[_Main], held: Collection[_Main]) -> list[LeftOut]:
    base = source.path.removeprefix("./").removeprefix(".")
    return [
        LeftOut(
            posixpath.join(base, main.folder) or ".",
            f"is another program of `{source.path}`: a service starts it with `command: [{', '.join(main.command)}]`",
        )
        for main in mains
        if main not in held
    ]
