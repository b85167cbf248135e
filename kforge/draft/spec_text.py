"""Draft → the text of a spec, as a person would write it. Every value goes through one quoting."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.draft import Draft, Drafted
from kforge.domain.invisible_chars import line
from kforge.spec.edit import flow

SCHEMA = (
    "# yaml-language-server: $schema=https://raw.githubusercontent.com/kforge-dev/kforge/main/schemas/app.schema.json"
)
REGISTRY = "registry.example.com"  # a host that is nobody's: the rule `image-placeholder` asks for another
_WIDTH = 100


def text(draft: Draft) -> str:
    """The whole spec."""
    lines = [SCHEMA, "apiVersion: kforge.dev/v1", f"app: {flow(draft.app)}"]
    if draft.description:
        lines.append(f"description: {flow(line(draft.description, 300))}")
    if draft.model:
        lines.append(
            f"model: {{name: {flow(draft.model)}}}   # decides what the spec leaves open; its address is in each user's settings"
        )
    if any("source" in each.block for each in draft.services.values()):
        lines.append(
            f"registry: {flow(f'{REGISTRY}/{draft.app}')}   # a placeholder: write the registry that you push to"
        )
    if any("before" in each.block for each in draft.services.values()):
        lines.append(
            f"namespace: {flow(draft.app)}   # jobs that others wait for tell the API server in this namespace when they are done"
        )
    lines += ["", "services:" if draft.services else "services: {}"]
    for number, (name, drafted) in enumerate(draft.services.items()):
        lines += [""] if number else []
        lines += [f"  # {each}" for each in _comment(line(drafted.why, 400))]
        lines += [each for each in (f"  {name}:", *_block(drafted, 4)) if each]
    if draft.environments:
        lines += [
            "",
            "environments:",
            *(f"  {flow(name)}: {flow(block)}" for name, block in draft.environments.items()),
        ]
    return "\n".join(each for each in lines) + "\n"


def _comment(why: str) -> list[str]:
    """A reason, in lines that leave together what stands in backticks."""
    held = re.sub(r"`[^`]*`", lambda match: match[0].replace(" ", "\0"), why)
    return [
        each.replace("\0", " ") for each in textwrap.wrap(held, _WIDTH, break_long_words=False, break_on_hyphens=False)
    ]


def _block(drafted: Drafted, column: int) -> Iterator[str]:
    pad = " " * column
    for key, value in drafted.block.items():
        inline = f"{pad}{flow(key)}: {flow(value)}"
        if key == "kubernetes" and len(inline) > _WIDTH:
            yield from _unfolded(key, value, column)
        elif isinstance(value, Mapping) and value and (len(inline) > _WIDTH or key == "env"):
            yield f"{pad}{flow(key)}:"
            said = _said(drafted, value) if key == "env" else {}
            yield from (f"{pad}  {flow(name)}: {flow(inner)}{said.get(name, '')}" for name, inner in value.items())
        else:
            yield inline


def _said(drafted: Drafted, env: Mapping[str, str]) -> dict[str, str]:
    """The lines of the author's that gave values, and what they say where the draft says another."""
    found = {}
    for name in (each for each in drafted.taken if each in env):
        one = drafted.taken[name]
        other = f", which says {line(one.value, 20)}" if one.value != env[name] else ""
        found[name] = f"   # {line(one.file, 200)}:{one.line}{other}"
    return found


def _unfolded(key: str, value: Any, column: int) -> Iterator[str]:
    """A fragment of a manifest as people write one: a level a line, as far as lines are too long."""
    pad = " " * column
    inline = f"{pad}{flow(key)}: {flow(value)}"
    if len(inline) <= _WIDTH or not isinstance(value, Mapping | list):
        yield inline
        return
    yield f"{pad}{flow(key)}:"
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _unfolded(name, inner, column + 2)
    else:
        yield from (f"{pad}  - {flow(inner)}" for inner in value)
