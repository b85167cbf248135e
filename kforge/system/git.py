"""Revision and path → the bytes that git holds there. The only place that runs git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from pathlib import Path

from kforge.errors import InputError, WorldError


def files_at(folder: Path, revision: str, paths: Iterable[str]) -> dict[str, bytes]:
    """Content of files at a revision, by path relative to `folder`; a file that did not exist is left out.

    One `git cat-file --batch` serves all. Raises InputError for a revision that git does not know.
    """
    commit = _commit(folder, revision)
    prefix = _git(folder, "rev-parse", "--show-prefix").stdout.decode().strip()
    wanted = sorted(set(paths))
    asked = "".join(f"{commit}:{_joined(prefix, path)}\n" for path in wanted)
    answer = _git(folder, "cat-file", "--batch", stdin=asked.encode()).stdout
    return dict(_parsed(wanted, answer))


def names_at(folder: Path, revision: str, ending: str) -> list[str]:
    """Files of the whole repository at a revision whose names end so, from its top. Raises InputError as `files_at`."""
    listed = _git(folder, "ls-tree", "-r", "-z", "--name-only", "--full-tree", _commit(folder, revision)).stdout
    return [name for name in os.fsdecode(listed).split("\0") if name.endswith(ending)]


def _commit(folder: Path, revision: str) -> str:
    if revision.startswith("-"):
        raise InputError(f"`{revision}` is no revision", hint="name a branch, a tag or a commit")
    resolved = _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if resolved.returncode:
        if _git(folder, "rev-parse", "--git-dir").returncode:
            raise InputError(f"`{folder}` is in no git repository that can be read", hint="`--base` compares with what git holds")
        raise InputError(f"git knows no revision `{revision}`", hint="fetch it first: git fetch --depth=100 origin")
    return resolved.stdout.decode().strip()


def _joined(prefix: str, path: str) -> str:
    """A path from the top of the repository: git's own `./` and `../` forms are not taken by cat-file."""
    parts: list[str] = []
    for part in f"{prefix}{path}".split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _parsed(wanted: list[str], answer: bytes) -> Iterable[tuple[str, bytes]]:
    offset = 0
    for path in wanted:
        end = answer.index(b"\n", offset)
        header = answer[offset:end].split()
        offset = end + 1
        if header[-1] == b"missing":
            continue
        size = int(header[-1])
        if header[-2] == b"blob":
            yield path, answer[offset : offset + size]
        offset += size + 1


def _git(folder: Path, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["git", "-C", str(folder), *words], input=stdin, capture_output=True, check=False)  # noqa: S603, S607
    except FileNotFoundError as error:
        raise WorldError("git is not installed", hint="`--base` reads the other revision with git") from error
