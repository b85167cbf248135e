"""Decisions → Documents, for the base and for every environment. Unaware of files and of rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.origin import split
from kforge.domain.spec_links import links_of
from kforge.domain.view import View
from kforge.domain.world import World
from kforge.stages.unknown_ports import refuse_portless


@dataclass(frozen=True, slots=True)
class Node:
    """An artifact of a service (or of the app) in an environment."""

    service: str
    artifact: str
    environment: str


@dataclass(slots=True)
class Assembled:
    """Documents by environment ("" is the base), and what each node read, whether or not it made a document."""

    documents: dict[str, tuple[Document, ...]] = field(default_factory=dict)
    reads: dict[Node, tuple[str, ...]] = field(default_factory=dict)
    made: dict[Node, tuple[str, ...]] = field(default_factory=dict)  # paths, as in the base


def assemble(
    world: World, artifacts: Collection[Artifact], values: Mapping[tuple[str, str], Mapping[str, Any]]
) -> Assembled:
    """Every document of every environment. Dockerfiles are the base's alone: an environment runs the same image.

    Raises InputError for a variable that refers to a port which no service is known to have.
    """
    refuse_portless(world, values)
    out = Assembled()
    links = links_of(world.spec, world.facts)
    for environment in ("", *sorted(world.spec.environments)):
        made: list[Document] = []
        for artifact in artifacts:
            if environment and artifact.shared:
                continue
            for service in ("",) if artifact.scope == "app" else sorted(world.spec.services):
                node = Node(service, artifact.name, environment)
                view = View(
                    world.spec, world.facts, values, service, environment, links=links, languages=world.languages
                )
                found = () if service and view.omitted(service) else _documents(artifact, view)
                out.reads[node] = tuple(view.reads)
                out.made[node] = tuple(document.path for document in found)
                made.extend(found)
        out.documents[environment] = tuple(made)
    return out


def _documents(artifact: Artifact, view: View) -> tuple[Document, ...]:
    built = artifact.build(view)
    if built is None:
        return ()
    return tuple(_finished(document) for document in (built if isinstance(built, tuple) else (built,)))


def _finished(document: Document) -> Document:
    if document.data is None:
        return document
    data, origins = split(document.data)
    return replace(document, data=data, origins={**origins, **document.origins})


def reads_by_service(assembled: Assembled) -> dict[str, set[str]]:
    """Names that any artifact of a service read, in any environment; "" is the app's own."""
    union: dict[str, set[str]] = {}
    for node, names in assembled.reads.items():
        union.setdefault(node.service, set()).update(names)
    return union
