"""Files as a dict → the facts that all detectors together read off them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kforge import catalog
from kforge.domain.facts import Facts
from kforge.stages.detect import detect
from kforge.system.tree import SourceTree


def lay(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def facts(root: Path, files: dict[str, str | bytes]) -> Facts:
    return detect(SourceTree(lay(root, files)), catalog.detectors())


def values(found: Facts, name: str) -> Any:
    return found.value(name)


def starts(found: Facts) -> list[str]:
    return [" ".join(words) for words in found.value("start")]


def ports(found: Facts) -> list[tuple[int, str, str]]:
    return [(port["port"], port["protocol"], port["env"]) for port in found.value("ports")]


def hosts(found: Facts) -> list[str]:
    return [f"{host['host']}:{host['port']}" for host in found.value("hosts")]


def env(found: Facts) -> dict[str, tuple[str | None, bool]]:
    return {one["name"]: (one["default"], one["required"]) for one in found.value("env")}


def places(found: Facts, name: str) -> list[str]:
    held = getattr(found, name)
    return [str(place) for fact in (held if isinstance(held, tuple) else [held]) for place in fact.evidence]


def notes(found: Facts) -> str:
    return "\n".join(found.value("notes"))
