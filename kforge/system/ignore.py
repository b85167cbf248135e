""".gitignore text → a matcher. Unaware of the disk, of nesting, and of git's index.

The grammar is git's (https://git-scm.com/docs/gitignore). Stars become atomic groups, so that no pattern, however
hostile, backtracks: the earliest place where a fixed chunk fits is always good enough for a glob.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MAX_PATTERNS = 2000
MAX_LENGTH = 512


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line: what it matches, below the folder of its file, and whether it ignores or keeps."""

    regex: re.Pattern[str]
    keeps: bool
    folders_only: bool


@dataclass(frozen=True, slots=True)
class Ignore:
    """A .gitignore file. `names` are its plain names where no line takes anything back: one look-up settles them."""

    names: frozenset[str]
    folders: frozenset[str]
    patterns: tuple[Pattern, ...]

    def verdict(self, path: str, name: str, folder: bool) -> bool | None:
        """True: ignored, False: kept by `!`, None: not mentioned. `path` is relative to the file's folder."""
        if name in self.names or (folder and name in self.folders):
            return True
        for pattern in self.patterns:
            if (folder or not pattern.folders_only) and pattern.regex.fullmatch(path):
                return not pattern.keeps
        return None


@lru_cache(maxsize=256)
def parse(text: str) -> Ignore:
    """The matcher of a file's text. Overlong lines and lines past the limit are left out."""
    lines = [line for line in map(_stripped, text.splitlines()) if line and len(line) <= MAX_LENGTH][:MAX_PATTERNS]
    plain = not any(line.startswith("!") for line in lines)
    names: set[str] = set()
    folders: set[str] = set()
    patterns: list[Pattern] = []
    for line in lines:
        bare = line.rstrip("/")
        if plain and bare and not re.search(r"[*?\[\\/]", bare):
            (folders if line.endswith("/") else names).add(bare)
        elif bare.strip("!/"):
            patterns.append(_pattern(line))
    return Ignore(frozenset(names), frozenset(folders), tuple(reversed(patterns)))  # the last line that fits wins


def _stripped(line: str) -> str:
    line = line.lstrip("\ufeff")
    if line.startswith("#"):
        return ""
    while line.endswith((" ", "\t")) and not line.endswith("\\ "):
        line = line[:-1]
    return line


def _pattern(line: str) -> Pattern:
    keeps = line.startswith("!")
    line = line[1:] if keeps else line
    folders_only = line.endswith("/")
    line = line.rstrip("/")
    anchored = "/" in line
    segments = [segment for segment in line.split("/") if segment]
    if not anchored:
        segments = ["**", "*" if line == "**" else segments[0]]
    return Pattern(re.compile(_path(segments), re.DOTALL), keeps, folders_only)


def _path(segments: list[str]) -> str:
    """Regex of a path. Between two `**` lies a fixed number of segments, so the first fit is good enough."""
    inner = segments[-1] == "**" and len(segments) > 1  # `a/**` is what lies inside, not `a`
    chunks: list[list[str]] = [[]]
    for segment in segments[:-1] if inner else segments:
        if segment == "**":
            chunks.append([])
        else:
            chunks[-1].append(_segment(segment))
    made = "/".join(chunks[0])
    for number, chunk in enumerate(chunks[1:], 1):
        made += "/" if made and number == 1 else ""
        last = number == len(chunks) - 1
        if chunk:
            body = rf"(?:[^/]+/)*?{'/'.join(chunk)}"
            made += body if last else f"(?>{body}/)"
        elif last:
            made += ".+"
    return made + "/.+" if inner else made


def _segment(text: str) -> str:
    """Regex of one path segment."""
    chunks, current, position = [], "", 0
    while position < len(text):
        char = text[position]
        position += 1
        if char == "*":
            chunks.append(current)
            current = ""
        elif char == "?":
            current += "[^/]"
        elif char == "[" and (end := _class_end(text, position)):
            current += _class(text[position:end])
            position = end + 1
        else:
            if char == "\\" and position < len(text):
                char, position = text[position], position + 1
            current += re.escape(char)
    chunks.append(current)
    if len(chunks) == 1:
        return chunks[0]
    middle = "".join(f"(?>[^/]*?{chunk})" for chunk in chunks[1:-1] if chunk)
    return f"{chunks[0]}{middle}[^/]*{chunks[-1]}"


def _class_end(text: str, start: int) -> int:
    end = text.find("]", start + (2 if text[start : start + 1] in ("!", "^") else 1))
    return max(end, 0)


def _class(inside: str) -> str:
    negated = inside[:1] in ("!", "^")
    body = re.sub(r"([\\\]\[&~|^])", r"\\\1", inside[1:] if negated else inside)
    made = f"[^/{body}]" if negated else f"[{body}]"
    try:
        re.compile(made)
    except re.error:  # a reversed range: git matches nothing with it
        return r"(?!)"
    return made
