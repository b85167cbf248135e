"""A file that kforge writes, and a line of it → explanations. The line counts as the file lies on the disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from posixpath import basename, normpath

from kforge.domain.document import Document
from kforge.domain.near_words import listed
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.domain.spec.raw import dotted
from kforge.errors import InputError, Place
from kforge.explanations.chart_lines import chart_line
from kforge.explanations.explainer import Explainer
from kforge.explanations.image_lines import bake_line, dockerfile_line, lines_line
from kforge.explanations.kustomization_lines import kustomization_line
from kforge.explanations.manifest_lines import object_line, patch_line
from kforge.explanations.record_lines import lock_line, spec_line, sums_file
from kforge.render.kubernetes.kustomize import FILES
from kforge.stages.explain import Explanation

_AROUND = 5  # lines on both sides that tell one line from another with the same text
ReadText = Callable[[str], str | None]  # the text of a file on the disk, None where there is none


def known_files(known: Explainer) -> list[str]:
    """Every file that can be explained: what kforge writes, and the spec."""
    return [*sorted(known.outcome.files), LOCK_FILE, SUMS_FILE, known.raw.file]


def explain_line(known: Explainer, path: str, line: int, disk: ReadText) -> tuple[Explanation, ...]:
    """What stands in a line; line 0 is the whole file. Raises InputError for a line that the file does not have."""
    if path == known.raw.file:
        return _of_spec(known, line)
    if path in (LOCK_FILE, SUMS_FILE):
        return _of_records(known, path, line, disk)
    return _of_generated(known, path, wanted_line(known, path, line, disk))


def explain_instruction(known: Explainer, path: str, name: str, disk: ReadText) -> tuple[Explanation, ...]:
    """What the instructions of a name say in a Dockerfile. Raises InputError where it has none."""
    held = disk(path)
    lines = (known.text(path) if held is None else held).split("\n")
    found = [number for number, text in enumerate(lines, 1) if text.startswith(f"{name.upper()} ")]
    if not found:
        names = dict.fromkeys(text.split(" ")[0] for text in known.text(path).split("\n") if text[:1].isupper())
        raise InputError(f"`{path}` has no `{name}`", hint=f"it has {listed([*names])}")
    return tuple(each for line in found for each in explain_line(known, path, line, disk))


def _of_spec(known: Explainer, line: int) -> tuple[Explanation, ...]:
    _refuse_beyond(known.raw.file, known.raw.text, line)
    found = spec_line(known, line) if line else ()
    if not found:
        raise InputError(f"line {line} of the spec says nothing", Place(known.raw.file, line), "name a line with a key")
    return found


def _of_records(known: Explainer, path: str, line: int, disk: ReadText) -> tuple[Explanation, ...]:
    text = disk(path) or ""
    _refuse_beyond(path, text, line)
    if path == LOCK_FILE:
        return tuple(replace(each, line=line) for each in lock_line(known, text, line))
    file, target = sums_file(text, line)
    if file in known.outcome.files:
        return _of_generated(known, file, 0)
    if tuple(target.split("/")) in known.decisions:
        return known.decision(target)
    if target in known.services:
        return (known.service(target, path, f"what `{target}` and its files were made of"),)
    return (known.fixed(path, "", None, "digests of inputs and files, by which `kforge check` tells what changed"),)


def _refuse_beyond(path: str, text: str, line: int) -> None:
    count = len(text.splitlines())
    if line > count:
        raise InputError(f"`{path}` has no line {line}", hint=f"it has {count} lines")


def wanted_line(known: Explainer, path: str, line: int, disk: ReadText) -> int:
    """The number of a line of the disk's file in the file as a build would write it."""
    wanted, held = known.text(path).split("\n"), disk(path)
    if held is None or known.outcome.files[path].seed:
        _refuse_beyond(path, known.text(path) if held is None else held, line)
        return min(line, len(wanted))
    _refuse_beyond(path, held, line)
    lines = held.split("\n")
    if not line or lines[line - 1] == "" or (line <= len(wanted) and wanted[line - 1] == lines[line - 1]):
        return min(line, len(wanted))
    if found := _same(lines, wanted, line - 1):
        return found
    hint = "`kforge diff` shows what a build would change in it"
    raise InputError(f"line {line} of `{path}` is not what a build would write", Place(path, line), hint)


def _same(lines: list[str], wanted: list[str], index: int) -> int:
    """The number of the line with the same text that has most of the same lines around it, 0 where there is none."""

    def likeness(other: int) -> tuple[int, int]:
        around = [
            step
            for step in range(-_AROUND, _AROUND + 1)
            if 0 <= index + step < len(lines) and 0 <= other + step < len(wanted)
        ]
        return sum(lines[index + step] == wanted[other + step] for step in around), -abs(other - index)

    same = [other for other, text in enumerate(wanted) if text == lines[index]]
    return max(same, key=likeness) + 1 if same else 0


def _of_generated(known: Explainer, path: str, line: int) -> tuple[Explanation, ...]:
    base = {item.path: item for item in known.outcome.documents[""]}
    document, read = base.get(path), known.read(path)
    paths = known.outcome.loaded.world.spec.paths
    environment, rendered = _environment(known, path, normpath(str(paths.overlays))), normpath(str(paths.rendered))
    chart = f"{normpath(str(paths.helm))}/{known.outcome.loaded.world.spec.app}"
    if document is not None and document.dockerfile:
        found = dockerfile_line(known, document, line)
    elif document is not None and document.lines is not None:
        found = lines_line(known, document, line)
    elif document is not None:
        found = object_line(known, document, read, line)
    elif path.startswith(f"{chart}/"):
        found = chart_line(known, path, chart, read, line)
    elif basename(path) in FILES:
        found = kustomization_line(known, path, read, line)
    elif path.startswith(f"{rendered}/"):
        found = _of_rendered(known, path, line, path.removeprefix(f"{rendered}/").partition("/")[0])
    elif environment:
        found = patch_line(known, path, read, line, environment)
    elif path == normpath(str(paths.bake)):
        found = bake_line(known, path, line)
    else:
        found = (_asked_for(known, path),)
    return tuple(replace(each, file=path, line=line if len(found) == 1 else each.line) for each in found)


def _of_rendered(known: Explainer, path: str, line: int, folder: str) -> tuple[Explanation, ...]:
    environment, read = "" if folder == "base" else folder, known.read(path)
    kind, name = read.scalars.get(("kind",), ""), read.scalars.get(("metadata", "name"), "")
    document = known.document(kind, name, environment) or _renamed(known, kind, environment)
    return object_line(known, document, read, line, environment) if document else (_asked_for(known, path),)


def _renamed(known: Explainer, kind: str, environment: str) -> Document | None:
    """The Namespace of an environment, which kustomize renames."""
    return next(known.outcome.documents[environment].objects(kind), None)


def _environment(known: Explainer, path: str, overlays: str) -> str:
    return next((name for name in known.environments if path.startswith(f"{overlays}/{name}/")), "")


def _asked_for(known: Explainer, path: str) -> Explanation:
    """A file of which no line has an origin of its own: the output that the spec lists."""
    outputs = known.raw.data.get("outputs") or []
    names = {".github": "github-actions", "rendered": "rendered"}
    output = next((name for part, name in names.items() if part in path and name in outputs), "")
    keys = ("outputs", outputs.index(output)) if output else ("services",)
    return replace(known.key(keys, path, f"the spec asks for it by `{dotted(keys)}`"), value=None)
