"""Small worlds for tests: plain dictionaries → spec, facts, settled decisions and documents, without any file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, NamedTuple

from kforge import catalog
from kforge.artifacts import dockerfile, dockerignore, webserver
from kforge.domain.decision import Answer, Topic
from kforge.domain.document import Document
from kforge.domain.facts import Evidence, Fact, Facts
from kforge.domain.spec.pins import effective
from kforge.domain.spec.types import Spec
from kforge.domain.view import View
from kforge.topics import build, process

MANY = {field.name for field in fields(Facts) if field.type == "Many"}


def facts(**values: Any) -> Facts:
    """Facts from plain values, each with a line of evidence."""
    seen = (Evidence("main.py", 12),)
    wrapped: dict[str, Any] = {
        name: tuple(Fact(item, seen) for item in value) if name in MANY else Fact(value, seen)
        for name, value in values.items()
    }
    return Facts(**wrapped)


class World(NamedTuple):
    spec: Spec
    facts: Mapping[str, Facts]
    raw: Mapping[str, Any]
    values: dict[tuple[str, str], Mapping[str, Any]]
    answers: dict[tuple[str, str], Answer]

    def view(self, service: str) -> View:
        return View(self.spec, self.facts, self.values, service, languages=catalog.languages())

    def documents(self) -> tuple[Document, ...]:
        """What is written for building images."""
        shelf = (dockerfile.ARTIFACT, dockerignore.ARTIFACT, webserver.ARTIFACT)
        made = (artifact.build(self.view(name)) for name in sorted(self.spec.services) for artifact in shelf)
        return tuple(document for document in made if isinstance(document, Document))


def world(
    services: Mapping[str, Any],
    known: Mapping[str, Facts],
    topics: tuple[Topic, ...] = (),
    **app: Any,
) -> World:
    """A spec with these services, and its decisions settled by heuristics, pins laid over them: by default those that an
    image is made of.
    """
    languages = catalog.languages()
    raw = {"apiVersion": "kforge.dev/v1", "app": "shop", "services": services, **app}
    made = World(Spec.model_validate(raw), known, raw, {}, {})
    for topic in topics or (build.topic(languages), process.TOPIC):
        for name in sorted(services):
            view = View(made.spec, known, made.values, name, may_read=topic.after.__contains__, languages=languages)
            if topic.applies(view):
                made.answers[name, topic.name] = topic.heuristics(view)
                made.values[name, topic.name] = effective(
                    topic.name, made.answers[name, topic.name].value, services[name]
                )
    return made


def one(known: Facts, service: Mapping[str, Any] | None = None, **app: Any) -> World:
    """A world of one service, `web`, built from `./web`."""
    return world({"web": {"source": "./web", **(service or {})}}, {"web": known}, **app)


PYTHON = facts(
    language="python", version="3.12", package_manager="pip", framework="flask", start=[["gunicorn", "app:app"]],
    ports=[{"port": 8000, "protocol": "http", "env": "PORT"}], manifests=["requirements.txt"], lockfile="requirements.txt",
)  # fmt: skip
NODE = facts(
    language="node", version="22", package_manager="npm", framework="express", start=[["node", "server.js"]],
    ports=[{"port": 3000, "protocol": "http", "env": "PORT"}], manifests=["package.json", "package-lock.json"],
    lockfile="package-lock.json", project_name="web", project_version="1.4.2",
)  # fmt: skip
GO = facts(
    language="go", version="1.24", package_manager="go", framework="net/http", start=[["/app/orders"]],
    ports=[{"port": 8080, "protocol": "http", "env": ""}], manifests=["go.mod", "go.sum"], lockfile="go.sum",
    build=[["go", "build", "-o", "/app/orders", "."]], project_name="example.com/shop/orders",
)  # fmt: skip
FRONT = facts(
    language="node", version="22", package_manager="npm", framework="vite", build=[["npm", "run", "build"]], output="dist",
    manifests=["package.json", "package-lock.json"], lockfile="package-lock.json", project_name="front",
)  # fmt: skip
