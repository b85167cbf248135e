"""A random seed → an environment in which nearly everything has the wrong shape, for every rule of the catalog.

Manifests may hold anything. What kforge itself makes (instructions, facts, reasons) has the shape of its type, and odd
values; what CI writes is any YAML.
"""

from __future__ import annotations

import random
from typing import Any

from kforge.domain.document import Dockerfile, Document, Documents, Instruction, Stage
from kforge.domain.facts import Evidence, Fact, Facts
from kforge.domain.kubernetes.image_component import Component
from kforge.domain.untracked_file import UntrackedFile
from kforge.rules.wiring import _FIELDS
from kforge.spec.read import read
from tests.domain.kubernetes.test_image_component import HEAD
from tests.rules.examples import COMPONENT
from tests.rules.objects import GOOD, documents

JUNK = (
    None,
    0,
    -1,
    True,
    "",
    "x",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"a": None},
    {"a": {}},
    "a\nb",
    1.5,
    {"name": []},
    [{"name": {}}],
    {"": "x", "a b": "y"},
)
WORDS = (
    "", " ", "-", "--from=", "--from=a", "=", "a=b", "80", "0", "80/tcp", "..", "/", "a:b:c", "@", "%", "~", "[", "*", "!", "ghcr.io/acme/web:1", "٣",
    "python:3.13", "python:", "node:22", "DB_PASSWORD=x", ".env", "sudo", "curl", "sh", "secret", "**/",
)  # fmt: skip
STEPS = ("FROM", "RUN", "COPY", "ENV", "ARG", "LABEL", "USER", "WORKDIR", "CMD", "ENTRYPOINT", "EXPOSE", "HEALTHCHECK")
COMPONENTS = (
    "",
    "images: []",
    "images: {}",
    "images: [a, 1, {}]",
    "images:\n- {name: 1, newTag: 2}\n- {newName: x}\n- [a]",
    "patches: x",
    "images: [{name: a, name2: b}]",
)


def environment(chance: random.Random) -> Documents:
    """Manifests, files and facts; the services that they belong to are mixed up."""
    settings = documents()
    facts = {name: _facts(chance) for name in ("web", "db")}
    advice = (": pin `x`", ": add `volumes:` x", "", "x")
    return Documents(
        items=(*_manifests(chance), *_files(chance)),
        registries=chance.choice(((), ("ghcr.io",))),
        validate=settings.validate,
        facts=facts,
        reasons={name: {field: chance.choice(advice) for field in (*_FIELDS, "process.command")} for name in facts},
        component=Component(COMPONENT, read(HEAD + chance.choice(COMPONENTS), COMPONENT)),
        untracked=(UntrackedFile(chance.choice(WORDS), "x"),),
        hardening={"web": chance.choice(("restricted", "baseline", "none", ""))},
        kubernetes=chance.choice(("1.30", "1.34")),
    )


def _manifests(chance: random.Random) -> list[Document]:
    made = []
    for target, data in GOOD.items():
        spoilt = junked(chance, data)
        if isinstance(spoilt, dict):
            metadata = spoilt.get("metadata")
            spoilt = {**spoilt, "kind": data["kind"], "metadata": metadata if isinstance(metadata, dict) else {}}
            made.append(Document(path=target, artifact="x", service=chance.choice(("web", "db", "")), data=spoilt))
    return made


def junked(chance: random.Random, data: Any, often: float = 0.02) -> Any:
    """The data, with some values replaced by junk and a few keys lost."""
    if chance.random() < often:
        return chance.choice(JUNK)
    if isinstance(data, dict):
        return {key: junked(chance, value, often) for key, value in data.items() if chance.random() > 0.01}
    return [junked(chance, item, often) for item in data] if isinstance(data, list) else data


def _files(chance: random.Random) -> list[Document]:
    stages = tuple(
        Stage(
            chance.choice(WORDS), chance.choice(WORDS), tuple(_instruction(chance) for _ in range(chance.randrange(9)))
        )
        for _ in range(chance.randrange(1, 4))
    )
    lines = tuple(chance.choice(WORDS) for _ in range(4))
    return [
        Document(path="web/Dockerfile", artifact="x", service="web", dockerfile=Dockerfile(stages)),
        Document(path="web/.dockerignore", artifact="x", service="web", lines=lines),
    ]


def _instruction(chance: random.Random) -> Instruction:
    args = tuple(chance.choice(WORDS) for _ in range(chance.randrange(4)))
    flags = tuple(chance.choice(WORDS) for _ in range(chance.randrange(2)))
    return Instruction(chance.choice(STEPS), args, flags, json=chance.random() < 0.5)


def _facts(chance: random.Random) -> Facts:
    words = [chance.choice(WORDS) for _ in range(2)]
    described = {
        "entrypoint": chance.choice((None, words)),
        "cmd": chance.choice((None, [], words)),
        "env": chance.choice((None, {"x": "y"})),
    }
    return Facts(
        ports=(_fact(chance, {"port": chance.choice((0, 3000)), "protocol": "http", "env": ""}),),
        env=(
            _fact(chance, {"name": chance.choice(WORDS), "default": chance.choice((None, "", "x")), "required": True}),
        ),
        hosts=(_fact(chance, {"host": chance.choice((*WORDS, "web", "api")), "port": chance.choice((0, 80))}),),
        start=(_fact(chance, words),),
        dockerfile=chance.choice((None, _fact(chance, described))),
    )


def _fact(chance: random.Random, value: Any) -> Fact:
    seen = Evidence(chance.choice(("", "Dockerfile", "a.py", "cmd/web/main.go", "x/__init__.py")), chance.randrange(3))
    return Fact(value, chance.choice(((), (seen,))))
