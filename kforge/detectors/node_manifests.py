"""`package.json5` and `package.yaml`, which pnpm alone reads → a source as if it were `package.json`, and facts that name
the file that is there.

https://github.com/pnpm/pnpm/blob/main/workspace/project-manifest-reader/src/index.ts
"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from kforge.domain.facts import Evidence, Fact, Facts
from kforge.syntax import javascript, yaml_data
from kforge.syntax.expression import Constant, Expression, Many, Number, Pairs, Text

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

PATH, LOCK = "package.json", "pnpm-lock.yaml"
OTHER = ("package.json5", "package.yaml")  # pnpm looks for them in this order, behind package.json
_WORDS = {"true": True, "false": False}


class RenamedManifest:
    """A source whose manifest is shown as package.json. It stands alone: members of workspaces have package.json."""

    def __init__(self, tree: Tree, path: str) -> None:
        self._tree, self._path = tree, path
        self._text = json.dumps(_read(tree.text(path), path))
        self.files = tuple(sorted({PATH, *tree.files} - {path}))
        self.notes = getattr(tree, "notes", ())

    def text(self, path: str) -> str:
        return self._text if path == PATH else self._tree.text(path)


def other_manifest(tree: Tree) -> str:
    """The manifest that stands in for package.json, "" for none."""
    if PATH in tree.files or LOCK not in tree.files:
        return ""
    return next((path for path in OTHER if path in tree.files), "")


def renamed(facts: Facts, path: str) -> Facts:
    """Facts of a renamed source, with the name of its file. Lines are those of another text, so none is named."""
    changes: dict[str, Any] = {}
    for field in fields(Facts):
        held = getattr(facts, field.name)
        if isinstance(held, Fact):
            changes[field.name] = _renamed(held, path)
        elif isinstance(held, tuple):
            changes[field.name] = tuple(_renamed(fact, path) for fact in held)
    return replace(facts, **changes)


def _renamed(fact: Fact, path: str) -> Fact:
    shown = tuple(Evidence(path) if seen.file == PATH else seen for seen in fact.evidence)
    return Fact(path if fact.value == PATH else fact.value, shown)


def _read(text: str, path: str) -> dict[str, Any]:
    if path.endswith(".yaml"):
        value = yaml_data.read(text)
        return value if isinstance(value, dict) else {}
    # JSON5 is an expression of JavaScript: https://spec.json5.org/
    found = javascript.read(path, f"({text})").objects
    whole = max(found, key=lambda each: len(json.dumps(_plain(each))), default=None)
    value = _plain(whole) if whole else {}
    return value if isinstance(value, dict) else {}


def _plain(made: Expression) -> Any:
    match made:
        case Text(value=value) | Number(value=value):
            return value
        case Constant(word=word):
            return _WORDS.get(word)
        case Many(items=items):
            return [_plain(item) for item in items]
        case Pairs(items=pairs):
            return {key: _plain(value) for key, value in pairs}
    return None
