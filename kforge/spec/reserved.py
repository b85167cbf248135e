"""A raw spec → what it uses that is reserved or empty. These places get one message, and no other check looks at them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from kforge.domain.spec.raw import Path, dotted
from kforge.domain.spec.references import REFERENCE
from kforge.domain.target import OUTPUTS as BUILT
from kforge.spec.tolerant import Wrong, blocks, listed_outputs, mapping, service_blocks

_TOP = {
    "middleware": "write it as a service with an image: `cache: {image: docker.io/library/redis:7.4, port: 6379}`",
    "extends": "leave it out",
    "agents": "leave it out",
}
_REFERENCES = {
    "middleware": "refer to a service: `${services.NAME.url}`",
    "apps": "write the address itself, or pass it by a Secret",
}
OUTPUTS = ("docs",)
_FREE = ("kubernetes", "value")  # fragments and a patch's value may hold null: there it removes a field


def not_built(data: dict[str, Any], outputs: Collection[str]) -> Iterator[Wrong]:
    """Keys and values that a later kforge will know. `outputs` are those that this one writes."""
    for key, hint in _TOP.items():
        if key in data:
            yield _unbuilt((key,), key, hint, at_key=True)
    for path, index, output in listed_outputs(data):
        if output in OUTPUTS and output not in outputs:
            known = " and ".join(f"`{name}`" for name in outputs or BUILT)
            yield _unbuilt((*path, "outputs", index), output, f"leave it out: outputs are {known}")
    for name, block in blocks(data, "environments"):
        if "middleware" in block:
            yield _unbuilt(("environments", name, "middleware"), "middleware", _TOP["middleware"], at_key=True)
    for path, _, block in service_blocks(data):
        yield from _of_service(path, block)


def _of_service(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    if isinstance(block.get("job"), dict):
        yield _unbuilt((*path, "job"), "job: {…}", "write `job: true`", at_key=True)
    if "gateway" in mapping(block, "expose"):
        yield _unbuilt(
            (*path, "expose", "gateway"),
            "expose.gateway",
            "name it for all services: `routing: {gateway: NAMESPACE/NAME}`",
            at_key=True,
        )
    for variable, reference in blocks(block, "secrets"):
        if "external" in reference:
            hint = "refer to a Secret that exists: `{secret: NAME, key: KEY}`"
            yield _unbuilt((*path, "secrets", variable, "external"), "external", hint, at_key=True)
    for variable, value in mapping(block, "env").items():
        for match in REFERENCE.finditer(value) if isinstance(value, str) and "${" in value else ():
            root = match.group(1).partition(".")[0]
            if root in _REFERENCES:
                yield _unbuilt((*path, "env", variable), match.group(), _REFERENCES[root])


def _unbuilt(path: Path, what: str, hint: str, at_key: bool = False) -> Wrong:
    return Wrong(path, f"`{what}` is not supported yet", hint, at_key)


def empty(data: Any, path: Path = ()) -> Iterator[Wrong]:
    """Keys and items without a value: YAML reads them as null, and a spec has no use for it."""
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in entries:
        if value is None and key not in _FREE:
            hint = "give it a value, or remove the key"
            if path == ("services",):
                hint = f"add `source: ./{key}` for what is built here, or `image: …`"
            elif path[2:] in (("env",), ("secrets",)) and path[0] == "services":
                hint = f"{hint}; `null` leaves out what `like` or `defaults` sets, and neither sets this"
            yield Wrong((*path, key), f"`{dotted((*path, key))}` is empty", hint)
        elif isinstance(value, (dict, list)) and not (key in _FREE and isinstance(value, dict)):
            yield from empty(value, (*path, key))
