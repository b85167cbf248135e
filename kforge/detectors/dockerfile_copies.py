"""COPY and ADD lines of the user's own Dockerfile → the paths at which its image has what they put there, and what they
take that is no part of the repository. Unaware of what is in a copied folder.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kforge.detectors.dockerfile_lines import DockerfileLine, exec_form, expand, pairs, unquoted, words

_MOST = 500  # paths of one stage


@dataclass(slots=True)
class _Stage:
    name: str
    workdir: str = "/"
    known: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)


def copied_to(lines: Sequence[DockerfileLine], escape: str, target: str = "") -> tuple[str, ...]:
    """Absolute paths in the image of a stage, the last one unless `target` names another: of a file that is copied into a
    folder its own, of a folder that folder's.
    """
    stages: list[_Stage] = []
    for line in lines:
        if line.name == "FROM":
            stages.append(_from(line, stages, escape))
        elif stages:
            _apply(line, stages[-1], escape)
    named = next((one for one in stages if target and one.name.lower() == target.lower()), None)
    found = named or (stages[-1] if stages else None)
    return tuple(found.paths) if found else ()


def _from(line: DockerfileLine, stages: Sequence[_Stage], escape: str) -> _Stage:
    parts = words(line.rest, escape)
    name = parts[2] if len(parts) > 2 and parts[1].lower() == "as" else ""
    parent = next((one for one in reversed(stages) if one.name and one.name.lower() == parts[0].lower()), None)
    return _Stage(name, parent.workdir, dict(parent.known), [*parent.paths]) if parent else _Stage(name)


def _apply(line: DockerfileLine, stage: _Stage, escape: str) -> None:
    if line.name == "WORKDIR":
        stage.workdir = _joined(stage.workdir, unquoted(line.rest.strip(), stage.known, escape))
    elif line.name in ("ARG", "ENV") and len(stage.known) < _MOST:
        stage.known.update(pairs(line.rest, stage.known, escape) if "=" in line.rest else ())
    elif line.name in ("COPY", "ADD") and len(stage.paths) < _MOST:
        stage.paths += _targets(line, stage, escape)


def _targets(line: DockerfileLine, stage: _Stage, escape: str) -> Iterator[str]:
    *sources, target = exec_form(line.rest) or words(line.rest, escape) or [""]
    target = expand(target, stage.known, escape)
    place = _joined(stage.workdir, target)
    yield place
    if target.endswith(("/", ".")) or len(sources) > 1:
        yield from (posixpath.join(place, posixpath.basename(source.rstrip("/"))) for source in sources[:_MOST])


def _joined(folder: str, path: str) -> str:
    return f"/{posixpath.normpath(posixpath.join(folder, path)).lstrip('/')}"
