"""A line of a Dockerfile, a .dockerignore, a server's configuration or docker-bake.hcl → its explanation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from kforge.domain.document import Dockerfile, Document, Instruction
from kforge.domain.spec.raw import Path
from kforge.domain.topic_names import BUILD, PROCESS
from kforge.explanations.explainer import Explainer
from kforge.render.dockerfile.text import lines_of
from kforge.stages.explain import Explanation, spec_path

_TARGET = re.compile(r'target "([^"]+)" \{')
_LISTENS = re.compile(r"\s*listen\s")


def instructions(dockerfile: Dockerfile) -> Iterator[tuple[str, Instruction, str]]:
    """Every line below the mark, the instruction that it belongs to, and the origin of that."""
    for stage in dockerfile.stages:
        yield "", Instruction("", ()), ""
        for instruction, lines in lines_of(stage):
            for line in lines:
                yield line, instruction, instruction.origin or ("" if instruction.name != "FROM" else stage.origin)


def dockerfile_line(known: Explainer, document: Document, line: int) -> tuple[Explanation, ...]:
    """What an instruction says, and which decision or key is behind it."""
    assert document.dockerfile is not None  # noqa: S101 - the caller chose it by that
    found = [("", Instruction("", ()), ""), *instructions(document.dockerfile)]
    said, instruction, origin = found[line - 1] if 0 < line <= len(found) else ("", Instruction("", ()), "")
    if not instruction.name or said.startswith("#"):
        return (_recipe(known, document, line, said.removeprefix("# ")),)
    written = " ".join((instruction.name, *instruction.flags, *instruction.args))
    explained = _of_origin(known, document, instruction, origin)
    if explained is None:
        return (_recipe(known, document, line, written),)
    return (replace(explained, file=document.path, line=line),)


def lines_line(known: Explainer, document: Document, line: int) -> tuple[Explanation, ...]:
    """What stands in a file that is made of lines: the recipe writes it, for the language and its tools."""
    said = known.text(document.path).split("\n")[line - 1] if line else ""
    if _LISTENS.match(said) and (document.service, PROCESS) in known.decisions:
        found = known.decision(f"{document.service}/{PROCESS}", "ports")[0]
        return (replace(found, file=document.path, line=line),)
    return (_recipe(known, document, line, said.strip()),)


def _of_origin(known: Explainer, document: Document, instruction: Instruction, origin: str) -> Explanation | None:
    topic, _, field = origin.partition(".")
    decision = known.decisions.get((document.service, topic))
    if decision is not None and field.partition(".")[0] in decision.value:
        return known.decision(f"{document.service}/{topic}", field.partition(".")[0])[0]
    if topic == "facts":
        facts = known.outcome.loaded.world.facts[document.service]
        held = getattr(facts, field, ())
        seen = [each.where.strip(" ()") for each in (held if isinstance(held, tuple) else (held,)) if each]
        value = " ".join(instruction.args)
        why = f"read off the source{': ' + ', '.join(seen[:3]) if any(seen) else ''}"
        return known.fixed(document.path, instruction.name, value, why)
    keys: Path = spec_path(origin, document.service)
    return known.key(keys, document.path) if keys and known.said(keys) else None


def _recipe(known: Explainer, document: Document, line: int, said: str) -> Explanation:
    """The recipe behind what has no decision of its own."""
    found = known.decision(f"{document.service}/{BUILD}", "recipe")[0]
    note = f"the recipe writes `{said}`" if said else "the recipe writes this file"
    return replace(found, file=document.path, line=line, note=note)


def bake_line(known: Explainer, path: str, line: int) -> tuple[Explanation, ...]:
    """What stands in a line of the bake file."""
    lines = known.text(path).split("\n")
    said = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    above = (each for number in range(line, 0, -1) if (each := _TARGET.match(lines[number - 1])))
    block = next(above, None)
    name = block[1] if block else ""
    return tuple(replace(each, file=path, line=line) for each in _baked(known, path, name, said))


def _baked(known: Explainer, path: str, service: str, said: str) -> Iterator[Explanation]:
    key = "" if said.startswith("#") else said.partition("=")[0].strip(" {}")
    if service not in known.services:
        keys = ("images", key)
        why = (
            "buildx takes it from the environment of the build, so that this file stays the same from commit to commit"
        )
        if key in ("platforms", "attest"):
            why = "the usual: `images` in the spec says otherwise"
        yield known.key(keys, path) if known.said(keys) else known.fixed(path, key, None, why)
        return
    if key in ("args", "secret", "target") and known.said(("services", service, "build")):
        yield known.key(("services", service, "build"), path)
    elif key == "tags":
        yield from (known.key(each, path) for each in _names(known, service))
    elif key.endswith('version"'):
        own = ("services", service, "version")
        if known.said(own) or known.said(("version",)):
            yield known.key(own if known.said(own) else ("version",), path)
        else:
            yield known.fixed(path, "version", None, "`version` in the spec sets another")
    elif key.endswith('title"'):
        yield known.key(("app",), path)
    else:
        yield known.source(service)


def _names(known: Explainer, service: str) -> Iterator[Path]:
    """What an image's names are made of."""
    environments = [("environments", name, key) for name in known.environments for key in ("registry", "version")]
    for keys in (("registry",), ("app",), ("version",), ("services", service, "version"), *environments):
        if known.said(keys):
            yield keys
