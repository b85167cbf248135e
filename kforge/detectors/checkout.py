"""A checkout → what of it is not what it looks like: links that lead nowhere, submodules and large files that were not
fetched, scripts with the line ends of another system. Knows no language.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kforge.domain.artifact import around, links
from kforge.domain.facts import Evidence, Fact, Facts, Many
from kforge.domain.source.build_context import joined
from kforge.domain.source.ignore_lines import excluding, matching

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

MODULES, ATTRIBUTES = ".gitmodules", ".gitattributes"
_SHOWN = 3
_MOST = 50  # files that are looked into, and lines of a file that count
_OWN = re.compile(r"Containerfile|(?:docker|build|deploy)/(?:Dockerfile|Containerfile)|Dockerfile\.prod(?:uction)?")
_ODD = 5  # patterns that are more than an ending
_PATH = re.compile(r"\s*+path\s*+=\s*+(\S.{0,500})")
_LARGE = re.compile(r"\s*+(?!#)(\S{1,300})\s.{0,300}?\bfilter=lfs\b")
_POINTER = "version https://git-lfs.github.com/spec/"
_SHELL = re.compile(r"#!.{0,100}\b(?:ba|da|z|k|a)?sh\b[^\n]{0,100}\r\n")
# Folders of scripts that an image runs.
_SCRIPT = re.compile(
    r"(?:(?:bin|scripts?|docker|deploy|deployment|\.docker|etc)/)?(?:[^/.]{1,100}|[^/]{1,100}\.(?:sh|bash))"
)


def shows(tree: Tree) -> bool:
    """Whether there is anything to look at."""
    place = around(tree)
    files = frozenset(tree.files)
    above = place is not None and place.folder and (place.text(MODULES) or place.text(ATTRIBUTES))
    return bool(links(tree) or above or {MODULES, ATTRIBUTES, ".dockerignore"} & files) or any(
        _SCRIPT.fullmatch(path) or _OWN.fullmatch(path) for path in files
    )


def started(tree: Tree, facts: Facts) -> Many:
    """Files that the start names and the user's own .dockerignore keeps out: they come back."""
    words = [str(word).removeprefix("./") for fact in facts.start[:1] for word in fact.value]
    return tuple(Fact(word, facts.start[0].evidence) for word in words if word in tree.files and _kept_out(facts, word))


def _unused(tree: Tree, facts: Facts) -> Iterator[Fact]:
    """A Dockerfile in another place than the usual one, which the author may have meant to be used."""
    found = next((path for path in tree.files if _OWN.fullmatch(path) and "FROM " in tree.text(path)), "")
    if found and facts.dockerfile is None and facts.language is not None:
        said = f"`{found}` is not what the image is built by: kforge writes a Dockerfile of its own"
        yield _doubt(said, "name it to have it used: `build: {dockerfile: …}`, relative to the spec's folder", found)


def _kept_out(facts: Facts, path: str) -> str:
    """The user's line that keeps a file of the source out of the context, "" for none."""
    if facts.dockerignore is None or facts.dockerfile is not None:
        return ""
    source = str(facts.context.value["source"]) if facts.context else "."
    return excluding(posixpath.join(source, path), facts.dockerignore.value)


def _ignored(tree: Tree, facts: Facts) -> Iterator[Fact]:
    """Code that serves and that the user's own .dockerignore keeps out: such a list was made for another image."""
    if facts.dockerignore is None:
        return
    listed = (*facts.ports, *facts.health, *((facts.framework,) if facts.framework else ()))
    named = dict.fromkeys(seen.file for fact in listed for seen in fact.evidence)
    back = {fact.value for fact in (*facts.needed, *facts.manifests, *started(tree, facts))}
    told = " ".join(str(fact.value["said"]) for fact in facts.doubts)
    back.update(path for path in named if f"keeps `{path}` out" in told)
    lost = [path for path in named if path in tree.files and path not in back and _kept_out(facts, path)]
    if lost:
        place = facts.dockerignore.evidence[0] if facts.dockerignore.evidence else Evidence(".dockerignore")
        said = f"`{_kept_out(facts, lost[0])}` of `{place.file}` keeps {_more(lost)} out of the image, and the program is made of {'it' if len(lost) == 1 else 'them'}"
        yield _doubt(said, "take the line back there, or add one with `!` before the path", place.file)


def doubts(tree: Tree, facts: Facts) -> Many:
    """What is told of a source, each with its file."""
    return (
        *_links(tree, facts),
        *_modules(tree),
        *_pointers(tree),
        *_scripts(tree),
        *_ignored(tree, facts),
        *_unused(tree, facts),
    )


def _doubt(said: str, hint: str, path: str, line: int = 0) -> Fact:
    return Fact({"said": said, "hint": hint}, (Evidence(path, line),))


def _more(paths: list[str]) -> str:
    shown = ", ".join(f"`{path}`" for path in paths[:_SHOWN])
    return f"{shown} and {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else shown


# ---- links ----------------------------------------------------------------------------------------------------
def _links(tree: Tree, facts: Facts) -> Iterator[Fact]:
    """An image keeps a link as it is, so one that leaves the build context leads nowhere there."""
    place = around(tree)
    context = joined(place.folder, facts.context.value["folder"]) if place and facts.context else None
    broken: list[tuple[str, str]] = []
    for path, target in links(tree):
        end = posixpath.normpath(posixpath.join(posixpath.dirname(path), target))
        if posixpath.isabs(target):
            lost = not target.startswith(("/dev/", "/proc/", "/tmp", "/var/", "/run/", "/etc/"))  # noqa: S108  of an image
        elif not end.startswith(".."):
            lost = end != "." and not _lies(tree, end)
        else:
            full = joined(place.folder, end) if place else None
            held = full is not None and context is not None and (f"{full}/".startswith(f"{context}/") or context == "")
            lost = not held
        if lost:
            broken.append((path, target))
    if broken:
        path, target = broken[0]
        others = f", as are {_more([other for other, _ in broken[1:]])}" if broken[1:] else ""
        yield _doubt(
            f"`{path}` is a link to `{target}`, which the image does not have: it is broken there{others}",
            "put the file itself there, or build from a folder that holds both (`build: {context: …}`)",
            path,
        )


def _lies(tree: Tree, path: str) -> bool:
    """Whether a path may be there: links to links, to what tools make and to what is never opened are let pass."""
    place = around(tree)
    if path in tree.files or any(one.startswith(f"{path}/") for one in tree.files):
        return True
    return place is None or place.has(f"{place.folder}/{path}".lstrip("/"))


# ---- submodules and large files -------------------------------------------------------------------------------
def _texts(tree: Tree, name: str) -> Iterator[tuple[str, str, str]]:
    """Of a file at the source's root and at the repository's top: its path, the way from there to the source, its text."""
    place = around(tree)
    if name in tree.files:
        yield name, "", tree.text(name)
    if place is not None and place.folder and (text := place.text(name)):
        yield posixpath.join(*[".."] * (place.folder.count("/") + 1), name), place.folder, text


def _modules(tree: Tree) -> Iterator[Fact]:
    """Submodules of the source in which nothing lies."""
    place = around(tree)
    for path, below, text in _texts(tree, MODULES):
        named = ((_PATH.fullmatch(line.rstrip()), number) for number, line in enumerate(text.split("\n"), 1))
        for found, number in [one for one in named if one[0]][:_MOST]:
            folder = posixpath.normpath(found[1].strip('"')) if found else ""
            inside = posixpath.relpath(f"/{folder}", f"/{below}")
            outer = f"{below}/".startswith(f"{folder}/") if below else False
            if inside.startswith("..") and not outer:
                continue
            held = bool(tree.files) if outer else any(one.startswith(f"{inside}/") for one in tree.files)
            whole = f"{place.folder}/{inside}".lstrip("/") if place else ""
            if not held and not (place and place.names(whole)):
                said = f"the submodule `{inside}` is empty: it was not checked out, so the image lacks it"
                yield _doubt(said, "`git submodule update --init --recursive`", path, number)


def _pointers(tree: Tree) -> Iterator[Fact]:
    """Files that Git LFS keeps elsewhere, and that are pointers here."""
    small = getattr(tree, "small", tree.text)
    found: dict[str, None] = {}
    for _, below, text in _texts(tree, ATTRIBUTES):
        patterns = [one[1] for line in text.split("\n")[:_MOST] if (one := _LARGE.match(line))]
        ends = tuple(one[1:] for one in patterns if re.fullmatch(r"\*\.[\w.-]{1,50}", one))
        others = [one.lstrip("/") if "/" in one else f"**/{one}" for one in patterns if one[1:] not in ends][:_ODD]
        for path in tree.files:
            full = f"{below}/{path}".lstrip("/")
            large = path.endswith(ends) or any(matching(one, [full]) for one in others)
            if large and len(found) < _MOST and small(path).startswith(_POINTER):
                found[path] = None
    if found:
        yield _doubt(
            f"{_more(list(found))} {'is a pointer' if len(found) == 1 else 'are pointers'} of Git LFS here, and so in the image",
            "`git lfs pull`",
            next(iter(found)),
        )


# ---- scripts --------------------------------------------------------------------------------------------------
def _scripts(tree: Tree) -> Iterator[Fact]:
    """Shell scripts whose first line ends in a carriage return: no interpreter has such a name."""
    named = [path for path in tree.files if _SCRIPT.fullmatch(path)][:_MOST]
    found = [path for path in named if _SHELL.match(tree.text(path)[:400])]
    if found:
        yield _doubt(
            f"{_more(found)} {'ends its' if len(found) == 1 else 'end their'} lines with CR LF, so Linux looks for an interpreter named `sh\\r`",
            f"write LF, and `*.sh text eol=lf` into `{ATTRIBUTES}`",
            found[0],
            1,
        )
