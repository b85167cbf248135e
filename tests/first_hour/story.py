"""The first hour with kforge, as steps that are performed: what is typed, what is edited, and why."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conftest import edit
from tests.terminal import on_a_terminal

APP = Path(__file__).with_name("app")
SPEC = "app.kforge.yaml"


class Edit(NamedTuple):
    """A change of a file. Without `old`, `new` is put at its end."""

    path: str
    old: str
    new: str


class Step(NamedTuple):
    """Prose, edits, and a command; `code` is how it ends."""

    told: str
    words: str = ""
    edits: tuple[Edit, ...] = ()
    code: int = 0


class Done(NamedTuple):
    """A step, and what the terminal showed."""

    step: Step
    shown: str


ENVIRONMENTS = """
environments:
  staging:
    namespace: parcels-staging
    services:
      web: {expose: {host: staging.parcels.example.com}}
      gateway: {expose: {host: staging.parcels.example.com, path: /api}}
  prod:
    services:
      api: {scale: {min: 3}}
      gateway: {scale: {min: 3}}
      web: {scale: {min: 2}}
"""

STORY = (
    Step(
        "Five folders with sources, in git: a FastAPI service locked by uv, with Alembic's migrations and Celery's tasks; "
        "a NestJS gateway locked by pnpm; a gRPC service in Go; a front end that Vite builds. Nothing says yet how they run.",
        "init",
    ),
    Step(
        "The draft has nine services: the worker, the scheduler and the migrations run the API's image, and the stores came "
        "from what the API connects to. What only you know is missing: your registry, the names under which the world "
        "reaches it, and where it runs.",
        edits=(
            Edit(SPEC, "registry: registry.example.com/parcels   # a placeholder: write the registry that you push to", "registry: ghcr.io/acme"),
            Edit(SPEC, "    source: ./gateway\n", "    source: ./gateway\n    expose: {host: parcels.example.com, path: /api}\n"),
            Edit(SPEC, "    source: ./web\n", "    source: ./web\n    expose: {host: parcels.example.com}\n"),
            Edit(SPEC, "", ENVIRONMENTS),
        ),
    ),
    Step("One command writes everything, and ends with what it needs from you.", "build"),
    Step("Commit all of it. In CI and before each commit, this says that it is current, in milliseconds:", "check"),
    Step("Why does the gateway get what it gets?", "explain gateway"),
    Step("And that line of a manifest?", "explain deploy/kubernetes/api/deployment.yaml:40"),
    Step("You measured the worker, and know better:", "pin worker resources.memory 512Mi"),
    Step("Somebody moves the Go service to another port. `check` fails in the pull request, and says why:", "check",
         (Edit("rates/main.go", ":50051", ":50052"),), code=1),
    Step("What would a build do about it?", "plan"),
    Step("It does just that.", "build"),
    Step("What a reviewer sees is decisions first:", "diff --base HEAD", code=1),
    Step("A mistake in the spec is told with its place and a way out, and nothing is written:", "build",
         (Edit(SPEC, "      web: {scale: {min: 2}}", "      wep: {scale: {min: two}}"),), code=2),
    Step("Mended:", "check", (Edit(SPEC, "      wep: {scale: {min: two}}", "      web: {scale: {min: 2}}"),)),
    Step("And the whole, for the README:", "graph"),
)  # fmt: skip


def performed(folder: Path, columns: int) -> Iterator[Done]:
    """Perform every step in an empty folder, on a terminal so many columns wide. AssertionError where one ends otherwise."""
    shutil.copytree(APP, folder, dirs_exist_ok=True)
    _git(folder, "init", "--quiet")
    _commit(folder)
    for step in STORY:
        if not step.words:
            _commit(folder)  # so that git shows these edits alone
        for change in step.edits:
            path = folder / change.path
            if change.old:
                edit(path, change.old, change.new)
            else:
                path.write_bytes(path.read_bytes() + change.new.encode())
        if not step.words:
            yield Done(
                step, _git(folder, "diff", "--unified=0", "--no-prefix").partition("\n+++")[2].partition("\n")[2]
            )
            continue
        shown = on_a_terminal(folder, *step.words.split(), columns=columns, NO_COLOR="1")
        assert shown.code == step.code, shown.text
        if step.words == "check" and not step.code:
            _commit(folder)
        yield Done(step, "\n".join(line.rstrip() for line in shown.text.splitlines()) + "\n")


def _commit(folder: Path) -> None:
    _git(folder, "add", "--all")
    _git(folder, "-c", "user.name=kforge", "-c", "user.email=kforge@example.com", "commit", "--quiet", "--message=Step")


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout
