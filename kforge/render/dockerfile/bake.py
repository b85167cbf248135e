"""Images → docker-bake.hcl: every image of a spec in one `docker buildx bake`. Light: `check` renders it again."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import NamedTuple

from kforge.domain.document import mark


class BakeTarget(NamedTuple):
    """One image: a name that is unique in the file, the build context and its Dockerfile, and what it is called."""

    name: str
    context: str  # POSIX, relative to the spec's folder
    dockerfile: str  # relative to the context, where bake looks for it
    tags: tuple[str, ...]  # what it is called: in the base, then in environments with a registry of their own
    target: str = ""  # the stage that is the image; "" for the last one
    args: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()  # as buildx takes them: `id=TOKEN,env=TOKEN`


def bake(targets: Iterable[BakeTarget], spec: str = "app.kforge.yaml") -> str:
    """Text of the bake file, targets sorted by name. Contexts are relative: run it in the spec's folder."""
    found = sorted(targets)
    names = ", ".join(_quoted(target.name) for target in found)
    group = ['group "default" {', f"  targets = [{names}]", "}"]
    blocks = [mark(spec), "\n".join(group), *map(_block, found)]
    return "\n\n".join(blocks) + "\n"


def _block(target: BakeTarget) -> str:
    lines = [
        f"target {_quoted(target.name)} {{",
        f"  context    = {_quoted(posixpath.normpath(target.context))}",
        f"  dockerfile = {_quoted(target.dockerfile)}",
    ]
    if target.target:
        lines.append(f"  target     = {_quoted(target.target)}")
    if target.args:
        lines += ["  args = {", *(f"    {_quoted(name)} = {_quoted(value)}" for name, value in target.args), "  }"]
    if target.secrets:
        lines.append(f"  secret     = [{', '.join(map(_quoted, target.secrets))}]")
    return "\n".join([*lines, f"  tags       = [{', '.join(map(_quoted, target.tags))}]", "}"])


def _quoted(text: str) -> str:
    """An HCL string; `${` and `%{` would open a template."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "$${").replace("%{", "%%{")
    return f'"{escaped}"'
