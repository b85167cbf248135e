"""What one folder shows → whether it is a service, by itself and beside others. Unaware of how folders are found."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from kforge import catalog
from kforge.detectors.build_context import taken
from kforge.detectors.dockerfile_lines import instructions
from kforge.domain.artifact import Tree
from kforge.domain.commands.read_command import read
from kforge.domain.draft import FoundSource, name_of
from kforge.domain.facts import Facts
from kforge.domain.known_images import known
from kforge.domain.source.sightings import product_code
from kforge.draft.compose_roles import last_name

_BUILT = r"(?:dist|build|out|public|static|\.output)"
_DRIVEN = r"(?:\bcd|--prefix|--cwd|--dir|-C|--filter|--workspace|-w)[\s=]+[\"']?(?:\./)?"
_WHOLE = re.compile(r"^[ \t]*+(?:COPY|ADD)[ \t]++(?:--\S++[ \t]++)*+\.{1,2}/?\s", re.IGNORECASE | re.MULTILINE)
_PAGES = (".html", ".astro", ".vue", ".svelte", ".mdx")
_BUILDING = frozenset(
    ("docker", ".docker", "build", "deploy", "deployment", "container", "containers", "packaging", "ops")
)
_ENTRY = re.compile(r"[\s{]*+\"(?:main|module|types|exports|bin)\"\s*+:")  # what others get of a package
_MOST = 200  # files of code that are searched


@cache
def _table() -> dict[str, dict[str, str]]:
    held: dict[str, dict[str, str]] = json.loads(Path(__file__).with_name("left_out.json").read_text(encoding="utf-8"))
    return held


def aside(place: str) -> str:
    """Why a folder is beside an application, by a name on the way to it: `holds tests`; "" where no name says so."""
    folders = _table()["folders"]
    names = (name for part in place.lower().split("/") for name in (part, part.lstrip("_")))  # Go leaves `_x` alone
    return next((folders[name] for name in names if name in folders), "")


def is_part(place: str) -> bool:
    """Whether a name on the way to a folder says that pages in it are made or served by a program above it."""
    return not _table()["parts"].keys().isdisjoint(place.lower().split("/"))


def other_kind(facts: Facts) -> str:
    """What a folder is that no cluster runs: `is a mobile app`."""
    known = _table()["dependencies"]
    if facts.value("framework") in known and facts.output and not facts.start:
        return ""  # the framework builds it for browsers as well
    return next((known[name] for name in map(str, facts.value("dependencies")) if name in known), "")


def ways_out(facts: Facts) -> str:
    """What can be done about a folder that no detector reads."""
    proposed = ", or name it as a `source`: kforge then proposes a build for your approval"
    return f"give it a Dockerfile{proposed if len(facts.proposals) == 1 else ''}"


def unread(names: Collection[str]) -> tuple[str, str]:
    """The language of a folder that no detector reads, by names of its files, and the file that shows it."""
    read = {sign for language in catalog.languages() for sign in language.signs}
    for sign, language in _table()["unread"].items():
        found = next(
            (name for name in sorted(names) if name == sign or (sign[0] == "*" and name.endswith(sign[1:]))), ""
        )
        if found and sign not in read:
            return language, found
    return "", ""


def only_entered(facts: Facts, tree: Tree) -> bool:
    """Whether a folder shows no start but the file that others get when they import it: `"main": "dist/index.js"`."""
    start = next(iter(facts.start), None)
    if start is None or not start.evidence:
        return start is None
    lines, at = tree.text(start.evidence[0].file).split("\n"), start.evidence[0].line - 1
    return 0 <= at < len(lines) and _ENTRY.match(lines[at]) is not None


def runs(facts: Facts, files: Collection[str]) -> bool:
    """Whether a folder surely is a program that stays: it has a Dockerfile that starts something, listens, serves
    pages, or takes work.
    """
    described = facts.value("dockerfile")
    if described:
        return bool(starts_something(described) or facts.ports or facts.start)
    consumers = {name for language in catalog.languages() for name in language.consumers}
    served = facts.output is not None and not facts.start
    pages = served and (facts.framework is not None or any(path.endswith(_PAGES) for path in files))
    takes_work = bool(facts.start) and not consumers.isdisjoint(map(str, facts.value("dependencies")))
    return bool(facts.ports or facts.webserver or pages or takes_work or goes_on(facts))


def goes_on(facts: Facts) -> str:
    """The program that a source starts, by its title, where it is known to work on until it is stopped."""
    started = read(next(map(list, facts.value("start")), []))
    return started.known.title or started.program if started.role in ("worker", "scheduler") else ""


def starts_something(described: Mapping[str, Any]) -> bool:
    """Whether a described Dockerfile makes an image that runs, and not one that builds or packages."""
    told = described.get("entrypoint") or described.get("cmd") or described.get("expose")
    base = known(str(described.get("base") or ""))
    return bool(told or (base and base.ports))


def has_code(tree: Tree, facts: Facts) -> bool:
    """Whether a folder has more than manifests and settings of tools: code, or pages."""
    language = catalog.languages().named(facts.value("language"))
    ends = language.code if language else catalog.languages().code
    code, _ = product_code(tree, tuple(ends))
    return bool(code) or any(path.endswith((*_PAGES, ".jsx", ".tsx")) for path in tree.files)


def part_of(outer: FoundSource, whole: Tree, place: str, inner: Facts) -> str:
    """Why a folder below a service is a part of that service, in words that follow its name; "" where it is none.

    `whole` shows the service with all that lies below it, `place` is the folder's path in it.
    """
    if inner.dockerfile:
        if posixpath.basename(place).lower() in _BUILDING and not inner.lockfile:
            return holds_dockerfile(outer.path)
        if inner.language is None and (why := _another_image(outer, whole, place, inner)):
            return why
        return "" if runs(inner, ()) else f"has a Dockerfile that starts nothing, beside that of `{outer.path}`"
    name = re.escape(place)
    own = [path for path in whole.files if not path.startswith(f"{place}/")]
    dockerfile = next((path for path in own if path == "Dockerfile"), "")
    if dockerfile and outer.facts.dockerfile:
        text = whole.text(dockerfile)
        if _WHOLE.search(text) or re.search(
            rf"^[ \t]*+(?:COPY|ADD|WORKDIR)\b.*{name}\b", text, re.IGNORECASE | re.MULTILINE
        ):
            return f"is a part of `{outer.path}`, whose Dockerfile copies it"
    language = catalog.languages().named(outer.facts.value("language"))
    if language is None:
        return ""
    if language.name != inner.value("language") and any(
        path.startswith(f"{place}/") and path.endswith(language.code) for path in whole.files
    ):
        return f"is a part of `{outer.path}`, whose code is in it too"
    if inner.ports:
        return ""
    built = f"(?:{_BUILT}|{re.escape(str(inner.value('output')))})" if inner.output else _BUILT
    served = re.compile(rf"(?<![\w-]){name}/{built}\b")
    driven = re.compile(rf"{_DRIVEN}{name}\b")
    for path, pattern in _searched(own, language, served, driven):
        text = whole.text(path)
        if place in text and pattern.search(text):  # the first is cheap, and there may be hundreds of folders
            return f"is a part of `{outer.path}`, whose `{path}` builds or serves it"
    return ""


def started_from(outer: FoundSource, inner: FoundSource) -> FoundSource | None:
    """A program in a folder without a manifest as a service of the folder above, whose manifest says what it needs; None
    where that starts nothing in it.
    """
    place = posixpath.relpath(inner.path, outer.path)
    within = (f"{place}/", f"{place.replace('/', '.')}.")
    started = [words for words in outer.facts.value("start") if any(str(word).startswith(within) for word in words)]
    if not started or outer.facts.value("language") != inner.facts.value("language"):
        return None
    pins = {"command": started[0]} if started[0] != outer.facts.value("start")[0] else {}
    return replace(outer, name=name_of(posixpath.basename(place)), pins=pins)


def holds_dockerfile(path: str) -> str:
    """What is said of a folder whose Dockerfile builds another one."""
    return f"holds a Dockerfile of `{path}`"


def _another_image(outer: FoundSource, whole: Tree, place: str, inner: Facts) -> str:
    """What a Dockerfile without a program beside it makes of the service above it, "" where that is none of its work."""
    text = whole.text(f"{place}/Dockerfile")
    lines, escape = instructions(text)
    within = {path.removeprefix(f"{place}/") for path in whole.files if path.startswith(f"{place}/")}
    code = any(path.endswith(catalog.languages().code) for path in within)
    copied = [posixpath.normpath(one.path.lstrip("/")) for one in taken(lines, escape)]
    beyond = [one for one in copied if one != "." and not _there(one, within) and _there(one, whole.files)]
    language = catalog.languages().named(outer.facts.value("language"))
    builders = {last_name(str(stage["image"])) for stage in inner.value("dockerfile")["stages"]}
    all_of_it = "." in copied and not code and language is not None and language.image.short in builders
    if not (beyond or all_of_it):
        return ""
    described = inner.value("dockerfile")
    said = " ".join(str(word) for word in (*(described.get("entrypoint") or ()), *(described.get("cmd") or ())))
    if not starts_something(described) or f"{place}/" in said:
        return f"packages `{outer.path}`, and is not a program of its own"
    return holds_dockerfile(outer.path)


def _there(path: str, files: Collection[str]) -> bool:
    return any(each == path or each.startswith(f"{path}/") for each in files)


def _searched(own: Collection[str], language: Any, served: Any, driven: Any) -> Iterator[tuple[str, Any]]:
    """Files that may speak of a folder's build, each with the pattern that does."""
    code = [path for path in own if path.endswith((*language.code, ".toml", ".yaml", ".yml"))][:_MOST]
    yield from ((path, served) for path in code)
    yield from (
        (path, driven) for path in own if posixpath.basename(path) in {*language.signs, "Makefile"} and "/" not in path
    )
