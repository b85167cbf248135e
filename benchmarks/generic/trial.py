"""One small source: drafted, checked, performed with this machine's tools, and asked whether it answers.

A source that no rule can build is put to a model. `reading` plays one that reads every line rightly, by the words that
the data names; with an address of a server, that server is asked instead.
"""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge import cli
from kforge.domain.approval import waiting
from kforge.domain.document import Dockerfile
from kforge.domain.spec.project import Project
from kforge.domain.toolchains import toolchains
from kforge.llm.generic_form import BUILDS, INSTALLS, PORT, STARTS
from kforge.outcome import Options
from kforge.pipeline import run
from tests import perform
from tests.generic_reading import read
from tests.llm.server import MODEL, serving

PHRASES = {"installs": INSTALLS, "builds": BUILDS, "starts": STARTS, "port": PORT}
SPEC = {
    "apiVersion": "kforge.dev/v1",
    "app": "shop",
    "registry": "ghcr.io/acme",
    "services": {"web": {"source": "./web"}},
}
HERE = "not here"  # a toolchain or a registry that the machine does not have


@dataclass
class Tried:
    """What became of a source. A text says why a step failed; `by` is `table` or the model that was asked."""

    toolchain: str = ""
    by: str = ""
    drafted: str = "no"
    checked: str = ""
    waits: str = ""
    started: str = ""
    notes: list[str] = field(default_factory=list)


def tried(source: Mapping[str, Any], model: str = "", performs: bool = True) -> Tried:
    """Draft, check and perform a source. `model` names one that the environment's server serves; "" plays a right one."""
    found = Tried()
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        folder = Path(scratch, "shop")
        for name, text in source["files"].items():
            path = folder / "web" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        asks = {"model": {"name": model or MODEL, "decides": ["build", "process"]}} if "reads" in source else {}
        (folder / "app.kforge.yaml").write_text(yaml.safe_dump({**SPEC, **asks}, sort_keys=False))
        found.by = (model or "a right reading") if asks else "table"
        os.chdir(folder)
        with _server(source.get("reads", {})) if asks and not model else contextlib.nullcontext():
            code, said = _kforge("build")
        found.drafted = "yes" if code == 0 else _first(said)
        if code:
            return found
        code, said = _kforge("check", "--full")
        found.checked = "yes" if code == 0 else _first(said)
        document = _settled(folder, found)
        if performs:
            _perform(document, folder, Path(scratch, "performed"), source, found)
    return found


def _settled(folder: Path, found: Tried) -> tuple[Dockerfile, Mapping[str, Any]]:
    """The Dockerfile and the process, with what is said of them."""
    outcome = run(Project(folder / "app.kforge.yaml", folder), Options(today=datetime.now(UTC).date()))
    found.waits = "yes" if {"web/build", "web/process"} <= {target for target, _ in waiting(outcome.lock)} else "no"
    build, process = (outcome.settled.decisions["web", topic].value for topic in ("build", "process"))
    facts = outcome.loaded.world.facts["web"]
    named = [each["toolchain"] for name in ("proposals", "commands") for each in facts.value(name)]
    images = {name for name, row in toolchains().items() if row.base.of(row.version.usual).image == build["base"]}
    found.toolchain = next((name for name in named if name in images), next(iter(named), ""))
    document = next(each.dockerfile for each in outcome.documents[""].items if each.dockerfile)
    return document, process


def _perform(
    settled: tuple[Dockerfile, Mapping[str, Any]], folder: Path, scratch: Path, source: Mapping[str, Any], found: Tried
) -> None:
    document, process = settled
    missing = list(source.get("without", ()))
    found.notes += [f"without `{' '.join(step)}`" for step in missing]
    perform.TOOLS = perform.TOOLS | {word for row in toolchains().values() for word in row.programs}
    ignore = (folder / "web/.dockerignore").read_text().splitlines()
    (scratch / "fs").mkdir(parents=True)
    stage = perform.Scratch(scratch, folder / "web", ignore)
    try:
        stage.perform(_reached(document, missing))
        port = process["ports"][0]
        with stage.started(None, {port["env"]: str(port["port"])} if port["env"] else {}) as program:
            program.answers(int(source["port"]), "/")
        found.started = "yes"
    except pytest.skip.Exception as skipped:
        found.started = HERE
        found.notes.append(str(skipped.msg))
    except (AssertionError, IndexError, OSError) as error:
        found.started = _first(str(error) or type(error).__name__)


def _reached(dockerfile: Dockerfile, missing: list[list[str]]) -> Dockerfile:
    """The Dockerfile without the steps whose registry is not reached here."""
    stages = []
    for stage in dockerfile.stages:
        body = []
        for each in stage.instructions:
            left = each
            if each.name == "RUN" and missing:
                kept = [command for command in perform._commands(each.args) if command not in missing]
                words = [word for number, command in enumerate(kept) for word in (["&&"] * bool(number) + command)]
                left = replace(each, args=tuple(words))
            body += [left] if left.args else []
        stages.append(replace(stage, instructions=tuple(body)))
    return Dockerfile(tuple(stages))


# ---- a reader who is right ------------------------------------------------------------------------------------
@contextlib.contextmanager
def _server(reads: Mapping[str, str]) -> Iterator[None]:
    with serving() as asked, pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as caches:
        asked.answer = lambda body: read(body, {word: PHRASES[means] for word, means in reads.items()})
        patch.setenv("KFORGE_BASE_URL", asked.url)
        patch.setenv("KFORGE_CACHE_DIR", caches)
        yield


def _kforge(*words: str) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main(words)
    return code, err.getvalue() + out.getvalue()


def _first(text: str) -> str:
    return " ".join(text.split())[:160]
