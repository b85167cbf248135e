"""Manifests of a Python project → its Python, package manager, dependencies. Unaware of its code."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kforge.detectors import python_asked
from kforge.detectors.toml_tables import LONG_KEY
from kforge.domain.facts import Evidence
from kforge.domain.source.sightings import Sightings, version_tag
from kforge.syntax.plain_data import table_in

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_NAME = re.compile(r"\s*+([A-Za-z0-9][A-Za-z0-9._-]*+)\s*+(?:\[([^\]]*+)\])?")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_FROM_GIT = re.compile(r"(?:^|@\s*+)git\+")
_EGG = re.compile(r"#egg=([A-Za-z0-9._-]++)")
_PLACED = re.compile(r"\s*+(?:https?://|git\+|file:|\.{0,2}/)")
_OPTION = re.compile(r"(-r|--requirement|-c|--constraint|-e|--editable)(?:\s*+=\s*+|\s++|(?=[^-\s]))(.+)")
_PINNED_URL = re.compile(r"@\s*+\S|^git\+\S+@")
_BY_PATH = re.compile(r"\.{0,2}/|file:")  # pinned by the repository itself
_SETUP_VERSION = re.compile(r"^[^\S\n]*+version\s*+=\s*+['\"]?([0-9][^'\"\s,]*+)", re.MULTILINE)
_INSTALLED = (
    ("setup.cfg", re.compile(r"^install_requires\s*+=([^\[=]*?)^(?=\S)", re.MULTILINE)),
    ("setup.py", re.compile(r"install_requires\s*+=\s*+\[([^\]]{0,20000}+)\]")),
)
_SEARCHED = 64 * 1024  # characters of a manifest in which a name is looked for wherever it stands
_REQUIREMENTS = (
    "requirements.txt", "requirements/production.txt", "requirements/prod.txt", "requirements/base.txt",
    "requirements/main.txt", "requirements-prod.txt", "requirements/requirements.txt", "requirements.in",
)  # fmt: skip
_ENDS = re.compile(r"\b(?!^)")
_MAX_INCLUDES = 20


@dataclass(slots=True)
class PythonProject:
    """What the manifests say. `requires` maps a normalized name to its extras and its place."""

    seen: Sightings
    requires: dict[str, tuple[frozenset[str], Evidence]] = field(default_factory=dict)
    scripts: dict[str, Evidence] = field(default_factory=dict)
    local: bool = False  # the project itself is installed, as a package
    vcs: Evidence | None = None  # a requirement that is fetched with git
    asked: python_asked.AskedPython | None = None  # the range of Python that it names
    wanted: list[tuple[str, str, str, Evidence]] = field(default_factory=list)  # names with their ranges and markers
    # what is installed without being named, because a lock file has it
    locked: dict[str, Evidence] = field(default_factory=dict)

    def needs(self, *names: str) -> bool:
        return any(name in self.requires for name in names)

    def extras(self, name: str) -> frozenset[str]:
        return self.requires.get(name, (frozenset(), None))[0]

    def place(self, name: str) -> Evidence:
        return self.requires[name][1]

    def installs(self, *names: str) -> Evidence | None:
        """Where one of the names is required or locked; None where none is installed."""
        found = (self.place(name) if name in self.requires else self.locked.get(name) for name in names)
        return next((place for place in found if place), None)


def read(tree: Tree) -> PythonProject:
    project = PythonProject(Sightings())
    files = frozenset(tree.files)
    table = toml(tree, "pyproject.toml", project)
    pipfile = toml(tree, "Pipfile", project)
    _pyproject(tree, table, project)
    _manager(tree, files, table, project)
    if pipfile and project.seen.many("package_manager")[0].value == "pipenv":
        for name in sorted(pipfile.get("packages", {})):
            _tabled(project, name, pipfile["packages"][name], Evidence("Pipfile", _line(tree, "Pipfile", name)))
    _setup(tree, files, project)
    names = python_asked.named(tree, table, pipfile)
    project.asked = python_asked.asked(tree, names)
    if found := python_asked.doubt(names, project.asked):
        said, hint, place = found
        project.seen.see("doubts", {"said": said, "hint": hint}, place.file, place.line)
    return project


def claims(tree: Tree) -> str:
    """The file that makes a source a Python project, "" when none does."""
    files = frozenset(tree.files)
    for name in (
        "requirements.txt",
        "Pipfile",
        "setup.py",
        "setup.cfg",
        "manage.py",
        "uv.lock",
        "poetry.lock",
        "pdm.lock",
    ):
        if name in files:
            return name
    if "pyproject.toml" in files and re.search(
        r"^\[(?:project|tool\.poetry)\b", tree.text("pyproject.toml"), re.MULTILINE
    ):
        return "pyproject.toml"
    if files & {"package.json", "go.mod", "Cargo.toml", "pom.xml", "build.gradle", "composer.json", "Gemfile"}:
        return ""
    if name := next((name for name in _REQUIREMENTS if name in files), ""):
        return name
    return next((path for path in tree.files if path.endswith(".py") and "/" not in path), "")


def toml(tree: Tree, path: str, project: PythonProject) -> dict[str, Any]:
    """A manifest as a table; an empty one, and a note, where it is none."""
    text = tree.text(path) if path in tree.files else ""
    if not text:
        return {}
    if LONG_KEY.search(text):
        project.seen.see("notes", f"`{path}` has a key of too many parts: not read", path)
        return {}
    import tomllib  # half a millisecond, for those sources that need it

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        project.seen.see("notes", f"`{path}` is not TOML: {str(error).splitlines()[0]}", path)
        return {}


def _line(tree: Tree, path: str, word: str) -> int:
    """The line that begins with a word, or holds it; 0 when none does."""
    text = tree.text(path)
    if found := _beginnings(text).get(word.lower()):
        return found
    offset = text.find(word) if len(text) <= _SEARCHED and "\n" not in word else -1
    return text.count("\n", 0, offset) + 1 if offset >= 0 else 0


@lru_cache(maxsize=8)
def _beginnings(text: str) -> dict[str, int]:
    """How lines begin, behind quotes and brackets and up to the end of any of the first words → the first such line."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        begun = line.lstrip(" \t\r\f\v\"'[")[:100]
        for end in _ENDS.finditer(begun):
            found.setdefault(begun[: end.start()].lower(), number)
    return found


def normalized(name: str) -> str:
    """https://packaging.python.org/en/latest/specifications/name-normalization/"""
    return re.sub(r"[-_.]++", "-", name).lower()


def _require(project: PythonProject, name: str, extras: frozenset[str], path: str, line: int) -> None:
    name = normalized(name)
    held = project.requires.get(name)
    if name and name != "python":
        project.requires[name] = (
            extras | (held[0] if held else frozenset()),
            held[1] if held else Evidence(path, line),
        )


def requirement(project: PythonProject, text: str, path: str, line: int) -> None:
    """One PEP 508 requirement, or a URL of one."""
    if _FROM_GIT.search(text):
        project.vcs = project.vcs or Evidence(path, line)
    egg = _EGG.search(text)
    if egg:
        _require(project, egg.group(1), frozenset(), path, line)
    elif (found := _NAME.match(text)) and not _PLACED.match(text):
        extras = frozenset(part.strip().lower() for part in (found.group(2) or "").split(",") if part.strip())
        _require(project, found.group(1), extras, path, line)
        spec, _, marker = text[found.end() : found.end() + 2000].partition(" --")[0].partition(";")
        project.wanted.append((found.group(1), spec, marker, Evidence(path, line)))


def _tabled(project: PythonProject, name: str, value: Any, place: Evidence) -> None:
    """A requirement as Poetry and Pipenv write it: a range, or a table that has one."""
    table = value if isinstance(value, dict) else {"version": value}
    _require(project, name, frozenset(map(str, table.get("extras", ()))), place.file, place.line)
    project.wanted.append((name, str(table.get("version", "")), str(table.get("markers", "")), place))


def _pyproject(tree: Tree, table: dict[str, Any], project: PythonProject) -> None:
    path = "pyproject.toml"
    declared, poetry = table_in(table, "project"), table_in(table, "tool", "poetry")
    for key, name in (("version", "project_version"), ("name", "project_name")):
        value = declared.get(key) or poetry.get(key)
        if isinstance(value, str) and (value := version_tag(value) if key == "version" else value):
            project.seen.see(name, value, path, _line(tree, path, key))
    listed = declared.get("dependencies", [])
    for text in listed if isinstance(listed, list) else ():
        if isinstance(text, str):
            found = _NAME.match(text)
            requirement(project, text, path, _line(tree, path, found.group(1) if found else text))
    for name, value in sorted(table_in(poetry, "dependencies").items()):
        _tabled(project, name, value, Evidence(path, _line(tree, path, name)))
        if isinstance(value, dict) and "git" in value:
            project.vcs = Evidence(path, _line(tree, path, name))
    for name in (*table_in(declared, "scripts"), *table_in(poetry, "scripts")):
        project.scripts[name] = Evidence(path, _line(tree, path, name))
    project.local = "build-system" in table or "setup.py" in tree.files


def _manager(tree: Tree, files: frozenset[str], table: dict[str, Any], project: PythonProject) -> None:
    """The package manager by its lock file, then by its own tables, and what its dependency layer needs."""
    see = project.seen.see
    poetry = bool(table_in(table, "tool", "poetry"))
    for lock, manager, manifest in (
        ("uv.lock", "uv", "pyproject.toml"),
        ("poetry.lock", "poetry", "pyproject.toml"),
        ("pdm.lock", "pdm", "pyproject.toml"),
        ("Pipfile.lock", "pipenv", "Pipfile"),
    ):
        if lock in files and manifest in files:
            see("package_manager", manager, lock)
            see("manifests", manifest, manifest)
            see("manifests", lock, lock)
            see("lockfile", lock, lock)
            return
    requirements = next((name for name in _REQUIREMENTS if name in files), "")
    if requirements:
        see("package_manager", "pip", requirements)
        if _requirements(tree, requirements, project, []):
            see("lockfile", requirements, requirements)
        return
    if "Pipfile" in files:
        see("package_manager", "pipenv", "Pipfile")
        see("manifests", "Pipfile", "Pipfile")
        return
    manifests = [name for name in ("pyproject.toml", "setup.cfg", "setup.py") if name in files]
    see(
        "package_manager",
        "poetry" if poetry and not table_in(table, "project") else "pip",
        manifests[0] if manifests else "",
    )
    for name in manifests:
        see("manifests", name, name)


def _requirements(tree: Tree, path: str, project: PythonProject, visited: list[str]) -> bool:
    """Reads a requirements file and those it includes; True when every requirement is pinned."""
    if path in visited or len(visited) >= _MAX_INCLUDES or path not in tree.files:
        return True
    visited.append(path)
    project.seen.see("manifests", path, path)
    pinned = True
    pieces: list[str] = []
    for number, raw in enumerate(tree.text(path).split("\n"), 1):
        piece = _COMMENT.sub("", raw).strip()
        if piece.endswith("\\"):
            pieces.append(piece[:-1].rstrip())
            continue
        line = " ".join([*pieces, piece])
        pieces = []
        if not line.strip():
            continue
        option = _OPTION.match(line)
        if option and option.group(1) in ("-r", "--requirement", "-c", "--constraint"):
            other = _beside(path, option.group(2).strip())
            if option.group(1) in ("-r", "--requirement"):
                pinned = _requirements(tree, other, project, visited) and pinned
            elif other in tree.files:
                project.seen.see("manifests", other, path, number)
        elif option:
            project.local = project.local or option.group(2).strip().startswith(".")
            requirement(project, option.group(2), path, number)
        elif not line.startswith("-"):
            pinned = pinned and ("==" in line or bool(_PINNED_URL.search(line)) or bool(_BY_PATH.match(line)))
            requirement(project, line, path, number)
    return pinned


def _beside(path: str, other: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), other))


def _setup(tree: Tree, files: frozenset[str], project: PythonProject) -> None:
    """install_requires and version of setup.cfg and setup.py, as far as they are literal."""
    for path, listed in _INSTALLED:
        text = f"{tree.text(path)}\n[" if path in files else ""
        if found := listed.search(text):
            for item in re.findall(r"[^\n,'\"]++", found.group(1)):
                if (name := _NAME.fullmatch(re.split(r"[<>=!~;\s]", item.strip(), maxsplit=1)[0])) and "#" not in item:
                    _require(project, name.group(1), frozenset(), path, _line(tree, path, name.group(1)))
        version = _SETUP_VERSION.search(text)
        if version and (tag := version_tag(version.group(1))):
            project.seen.see("project_version", tag, path, text.count("\n", 0, version.start(1)) + 1)
