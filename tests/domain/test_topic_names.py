"""Topics are named by constants: a literal elsewhere would be a second list to keep."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from kforge import catalog
from kforge.domain.topic_names import TOPIC_NAMES

ROOT = Path(__file__).parents[2] / "kforge"
# The same words with another meaning: keys of the spec that a mistaken key is mended to or that have a wrong type, a verb of
# kubectl, a rule's id, a module of rules.
MEANT = {
    "commands/mistaken_words.py": {"rollout"},
    "spec/synonyms.py": {"probes", "process", "rollout"},
    "rules/services.py": {"rollout"},
    "syntax/javascript_nodes.py": {"process"},
    "catalog.py": {"probes"},
}
# These two are words of Kubernetes, Docker and npm as well: only where a topic is asked for do they name one.
COMMON = {"build", "resources"}
READERS = {"decided", "pin", "pins", "refinements", "effective"}


def text_of(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def named(node: ast.AST) -> Iterator[str]:
    """Topics that a syntax node names by a literal."""
    if (word := text_of(node)) in TOPIC_NAMES and word not in COMMON:
        yield word
    if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in READERS:
        yield from {text_of(argument) for argument in node.args[:2]} & COMMON
    if isinstance(node, ast.Compare) and "topic" in ast.unparse(node.left).lower():
        yield from {text_of(each) for each in node.comparators} & COMMON
    if isinstance(node, ast.Tuple | ast.List | ast.Set) and len(node.elts) > 1:
        listed = {text_of(each) for each in node.elts} & {*TOPIC_NAMES}
        yield from listed if len(listed) > 1 else ()


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_names_a_topic_by_a_literal(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    found = {word for node in ast.walk(ast.parse(path.read_text())) for word in named(node)}
    assert name == "domain/topic_names.py" or found <= MEANT.get(name, set())


def test_a_literal_topic_is_found() -> None:
    code = 'view.decided("build", "base"); topic.name == "resources"; ("build", "resources"); {"process": 1}'
    words = [word for node in ast.walk(ast.parse(code)) for word in named(node)]
    assert sorted(words) == ["build", "build", "process", "resources", "resources"]


def test_the_catalog_has_every_topic_that_is_named() -> None:
    assert tuple(catalog.TOPICS) == TOPIC_NAMES
