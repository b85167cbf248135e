"""What detectors of every language share: sightings that become facts, and which files are the service's own code."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.domain.facts import Evidence, Fact, Many
from kforge.domain.secrets.source_secrets import public

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

WORKDIR = "/app"  # where recipes put a source; relative paths that the code writes lie below it
MAX_EVIDENCE = 6
MAX_CODE_FILES = 400

# Code that does not run in the service: what it listens on, calls or writes is not the service's.
_ASIDE = re.compile(
    r"(?:^|/)(?:tests?|testing|__tests__|__mocks__|e2e|cypress|spec|specs|docs?|examples?|samples?|fixtures?|testdata"
    r"|benchmarks?|migrations|alembic|node_modules|coverage|\.[^/]+|htmlcov|storybook)/"
    r"|(?:^|/)(?:test_[^/]*|[^/]*_test|conftest|setup|noxfile|fabfile)\.py$|_test\.go$|\.pb\.go$|(?:^|/)mock_[^/]*\.go$|_mocks?\.go$|(?:^|/)mocks?/[^/]+\.go$|_pb2(?:_grpc)?\.py$"
    r"|\.(?:test|spec|stories|min|d|config)\.[cm]?[jt]sx?$|(?:^|/)(?:gulpfile|gruntfile|Gruntfile|karma\.conf|jest\.setup)[^/]*$"
)


# of a real path: a sentence is none, and a `:` cannot be mounted
_PART = re.compile(r"[\w.@%+=,~#-]{1,255}")
_PORT = re.compile(r"\s*(?:(?:\[[0-9a-fA-F:]*\]|[A-Za-z0-9_.*-]*):)?(\d{2,5})\s*")


class Value(NamedTuple):
    """What an expression comes to, as far as its text shows: a literal, and the variable that overrides it."""

    text: str | None = None
    env: str = ""
    other: bool = False  # whether it is something without the variable, which no text shows
    place: tuple[str, int] | None = None  # file and line of the literal that the text, or the number in it, is


@dataclass(slots=True)
class SourcePlace:
    """Where the reader stands: a file, and the line of an offset in its text."""

    file: str
    starts: list[int]

    @classmethod
    def of(cls, file: str, text: str) -> SourcePlace:
        return cls(file, list(accumulate((len(line) for line in text.split("\n")), lambda a, b: a + b + 1, initial=0)))

    def line(self, offset: int) -> int:
        return bisect_right(self.starts, offset)


class Sightings:
    """Values as they are seen, in that order; one value seen twice is one fact with both lines."""

    def __init__(self) -> None:
        self._seen: dict[str, dict[str, tuple[Any, list[Evidence]]]] = {}

    def see(self, name: str, value: Any, file: str = "", line: int = 0) -> None:
        _, evidence = self._seen.setdefault(name, {}).setdefault(repr(value), (value, []))
        if file and len(evidence) < MAX_EVIDENCE and Evidence(file, line) not in evidence:
            evidence.append(Evidence(file, line))

    def see_value(self, name: str, value: Any, shown: Value, file: str, line: int) -> None:
        """See what an expression at a line comes to: where its literal stands, which a person would change, comes first."""
        if shown.place:
            self.see(name, value, *shown.place)
        self.see(name, value, file, line)

    def forget(self, *names: str) -> None:
        """Drop what was seen under these names: something else decides."""
        for name in names:
            self._seen.pop(name, None)

    def adopt(self, name: str, facts: Iterable[Fact]) -> None:
        for fact in facts:
            self.see(name, fact.value)
            for evidence in fact.evidence:
                self.see(name, fact.value, evidence.file, evidence.line)

    def has(self, name: str) -> bool:
        return bool(self._seen.get(name))

    def holds(self, name: str, value: Any) -> bool:
        """Whether just this was seen."""
        return repr(value) in self._seen.get(name, {})

    def many(self, name: str) -> Many:
        return tuple(Fact(value, tuple(evidence)) for value, evidence in self._seen.get(name, {}).values())

    def first(self, name: str) -> Fact | None:
        return next(iter(self.many(name)), None)

    def by_value(self, name: str) -> Many:
        return tuple(sorted(self.many(name), key=lambda fact: str(fact.value)))

    def env(self) -> Many:
        """Variables by name: required when any place requires it, with the first default that some place gives."""
        found: dict[str, tuple[dict[str, Any], list[Evidence]]] = {}
        for fact in self.many("env"):
            name, default = fact.value["name"], fact.value["default"]
            shown = None if default is None else public(name, default)
            held, evidence = found.setdefault(name, ({**fact.value, "default": shown}, []))
            held["required"] = held["required"] or fact.value["required"]
            held["default"] = shown if held["default"] is None else held["default"]
            held |= {"form": fact.value["form"]} if "form" in fact.value else {}
            evidence.extend(one for one in fact.evidence if one not in evidence)
        return tuple(Fact(value, tuple(evidence[:MAX_EVIDENCE])) for _, (value, evidence) in sorted(found.items()))

    def hosts(self) -> Many:
        """Hosts by name; a place that shows no port adds its evidence to those that do."""
        found: dict[str, dict[int, list[Evidence]]] = {}
        for fact in self.many("hosts"):
            found.setdefault(fact.value["host"], {}).setdefault(fact.value["port"], []).extend(fact.evidence)
        result = []
        for host, ports in sorted(found.items()):
            unknown = ports.pop(0, []) if len(ports) > 1 else []
            for port, evidence in sorted(ports.items()):
                shown = [*evidence, *(one for one in unknown if one not in evidence)]
                result.append(Fact({"host": host, "port": port}, tuple(shown[:MAX_EVIDENCE])))
        return tuple(result)

    def ports(self) -> Many:
        """Ports in the order seen; the same port seen with and without its variable or protocol is one."""
        found: dict[int, tuple[dict[str, Any], list[Evidence]]] = {}
        for fact in self.many("ports"):
            held, evidence = found.setdefault(fact.value["port"], ({**fact.value}, []))
            held["env"] = held["env"] or fact.value["env"]
            if held["protocol"] == "tcp" or (held["protocol"] == "https" and fact.value["protocol"] == "http"):
                held["protocol"] = fact.value["protocol"]  # of both with and without TLS, what needs no certificate
            evidence.extend(one for one in fact.evidence if one not in evidence)
        return tuple(Fact(value, tuple(evidence[:MAX_EVIDENCE])) for value, evidence in found.values())


def _inner(path: str, files: frozenset[str]) -> bool:
    """Whether a file that is called as what builds a package is a module of one: `shop/core/setup`."""
    folder, _, name = path.rpartition("/")
    stem, _, ending = name.rpartition(".")
    return stem == "setup" and f"{folder}/__init__.{ending}" in files and not _ASIDE.search(f"{folder}/")


def product_code(tree: Tree, suffixes: tuple[str, ...], built: tuple[str, ...] = ()) -> tuple[list[str], int]:
    """Files of the service's own code, nearest to the root first, and how many more there are past the limit."""
    files = frozenset(tree.files)
    found = [
        path
        for path in tree.files
        if path.endswith(suffixes) and not path.startswith(built) and (not _ASIDE.search(path) or _inner(path, files))
    ]
    found.sort(key=lambda path: (path.count("/"), path))
    return found[:MAX_CODE_FILES], max(0, len(found) - MAX_CODE_FILES)


def port_number(text: str | int | None) -> int:
    """A listen port out of `8080`, `:8080`, `0.0.0.0:8080`, `[::]:8080`; 0 where there is none."""
    found = _PORT.fullmatch(str(text or ""))
    number = int(found.group(1)) if found else 0
    return number if 0 < number < 65536 else 0


def folder_of(path: str, is_folder: bool = False) -> str:
    """Absolute folder that a write to `path` needs, as far as it is known; "" for devices, streams and what names no place.

    A text with blanks is not taken for a folder: it is a message or a command.
    """
    if path in ("stdout", "stderr", "-"):
        return ""
    full = path if path.startswith("/") else f"{WORKDIR}/{path.removeprefix('./')}"
    parts: list[str] = []
    for part in full.split("/") if is_folder else full.split("/")[:-1]:
        if "{" in part:
            break
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    named = parts and parts[0] not in ("dev", "proc", "sys") and "\0" not in full and all(map(_PART.fullmatch, parts))
    return "/" + "/".join(parts) if named else ""


def version_tag(text: str | None) -> str | None:
    """A project's version where it can be an image tag; `0.0.0` is a placeholder that generators write."""
    found = re.fullmatch(r"v?([A-Za-z0-9_][A-Za-z0-9_.-]{0,126})", (text or "").strip())
    return found.group(1) if found and found.group(1) not in ("0.0.0", "0.0.0-development") else None
