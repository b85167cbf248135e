"""The Dockerfile of every example source is performed: its steps run, its process starts, listens and says it is well.

Nothing of the surroundings (databases, other services) is there, so this holds what an image alone must: that all it
needs was copied, and that the process writes nowhere but where it is said to.
"""

from __future__ import annotations

import posixpath
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge import catalog
from kforge.domain.kubernetes.names import is_job
from kforge.domain.spec.references import REFERENCE
from kforge.stages.detect import detect
from kforge.system.tree import SourceTree
from tests.perform import NGINX, Scratch
from tests.worlds import World, world

SPECS = Path(__file__).parents[2] / "specs"
SCRATCH_SECRET = "postgresql://nobody:nothing@127.0.0.1:9/none"

pytestmark = pytest.mark.performed


def sources() -> list[tuple[str, str]]:
    """(example, service) of every service that has a source."""
    found = []
    for path in sorted(SPECS.glob("*/app.kforge.yaml")):
        services = yaml.safe_load(path.read_text(encoding="utf-8"))["services"]
        found += [(path.parent.name, name) for name in sorted(services) if "source" in services[name]]
    return found


def settled(folder: Path) -> World:
    """What is decided of the services with a source of the spec in a folder."""
    raw = yaml.safe_load((folder / "app.kforge.yaml").read_text(encoding="utf-8"))
    services = raw.pop("services")
    detectors = catalog.detectors()
    facts = {
        name: detect(SourceTree(folder / block["source"]), detectors)
        for name, block in services.items()
        if "source" in block
    }
    return world(services, facts, **{key: value for key, value in raw.items() if key not in ("apiVersion", "app")})


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def listening(made: World, service: str) -> tuple[int | None, dict[str, str], list[str] | None]:
    """The main port, the variables that set ports, and the command, on numbers that are free here where that can be."""
    process = made.values[service, "process"]
    command = list(process["command"]) if process["command"] else None
    env, main = {}, None
    variables = {port["port"]: port["env"] for port in made.facts[service].value("ports")}
    for port in process["ports"]:
        number, free = port["port"], free_port()
        if variables.get(number):
            env[variables[number]] = str(free)
            number = free
        elif command and any(word.endswith(str(number)) for word in command):
            command = [word.replace(str(number), str(free)) if word.endswith(str(number)) else word for word in command]
            number = free
        main = main or number
    return main, env, command


def surroundings(block: Mapping[str, Any]) -> dict[str, str]:
    """The service's variables; whatever they point at is not there: nobody listens on port 9."""
    nowhere = {"host": "127.0.0.1", "port": "9", "address": "127.0.0.1:9", "url": "http://127.0.0.1:9"}
    env = {
        name: REFERENCE.sub(lambda found: nowhere[found[1].rpartition(".")[2]], text)
        for name, text in block.get("env", {}).items()
    }
    return {**env, **dict.fromkeys(block.get("secrets", {}), SCRATCH_SECRET)}


@pytest.mark.parametrize(("example", "service"), sources())
def test_an_example_builds_starts_and_answers(example: str, service: str, tmp_path: Path) -> None:
    builds_starts_and_answers(SPECS / example, service, tmp_path)


def builds_starts_and_answers(project: Path, service: str, tmp_path: Path) -> None:
    """Perform the image of a service of the spec in `project` in an empty folder, and ask it whether it is well."""
    made = settled(project)
    view = made.view(service)
    block = made.raw["services"][service]
    folder = posixpath.normpath(block["source"])
    documents = {document.path: document for document in made.documents()}
    dockerfile = documents[f"{folder}/Dockerfile"].dockerfile
    assert dockerfile is not None
    ignore = next(
        document.lines
        for path, document in documents.items()
        if path.startswith(f"{folder}/") and path.endswith(".dockerignore")
    )
    scratch = Scratch(tmp_path, project / folder, ignore or ())
    scratch.perform(dockerfile)
    before = scratch.files("/app")
    port, env, command = listening(made, service)
    config = block.get("config")
    for name, text in (config["files"] if config else {}).items():
        scratch.at(config["path"]).mkdir(parents=True, exist_ok=True)
        (scratch.at(config["path"]) / name).write_text(text)
    variables = {
        name: text.replace(config["path"], str(scratch.at(config["path"]))) if config else text
        for name, text in surroundings(block).items()
    }

    pages = scratch.command == [NGINX]  # its port stands in a file that kforge writes
    here = {port: free_port()} if pages and port else {}
    with scratch.started(command, {**variables, **env}, here) as program:
        if is_job(view):
            program.is_whole()
        else:
            health = next(iter(view.fact("health")), "/" if pages else None)
            assert port is not None
            program.answers(here.get(port, port), health if health and health.startswith("/") else None)

    writable = tuple(
        posixpath.relpath(path, "/app")
        for path in made.values[service, "process"]["writable"]
        if path.startswith("/app/")
    )
    changed = [
        name
        for name, content in scratch.files("/app").items()
        if before.get(name) != content and not name.startswith(writable or ("\0",))
    ]
    assert changed == []
