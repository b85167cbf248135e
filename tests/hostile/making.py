"""Small changes to a clone, to make pull requests of. Paths begin at the top of the repository unless said otherwise."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kforge.domain.digest import digest
from kforge.errors import Error
from kforge.system.index import TICK
from tests import locks
from tests.conftest import edit, write
from tests.hostile.attempt import Change
from tests.hostile.worlds import World, surroundings

SPEC, LOCK, SUMS = "app/app.kforge.yaml", "app/kforge.lock", "app/kforge.sum"
DEPLOYMENT = "app/deploy/kubernetes/web/deployment.yaml"
DECISION = ("services", "web", "decisions")


def both(*changes: Change) -> Change:
    return lambda world: [change(world) for change in changes]


def put(path: str, content: str | bytes) -> Change:
    return lambda world: write(world.repository, {path: content})


def remove(path: str) -> Change:
    def apply(world: World) -> None:
        place = world.repository / path
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink(missing_ok=True)

    return apply


def append(path: str, text: str) -> Change:
    return lambda world: write(world.repository, {path: (world.repository / path).read_bytes() + text.encode()})


def swap(path: str, old: str, new: str) -> Change:
    return lambda world: edit(world.repository / path, old, new)


def spec(old: str, new: str) -> Change:
    """A text of the spec that is there once."""
    return swap(SPEC, old, new)


def more(text: str) -> Change:
    """Lines at the end of the spec. A key that is there already is replaced by what they say."""

    def apply(world: World) -> None:
        key = text.partition(":")[0]
        lines = (world.repository / SPEC).read_text().splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(f"{key}:")]
        (world.repository / SPEC).write_bytes(("".join(kept) + text + "\n").encode("utf-8", "surrogateescape"))

    return apply


def link(path: str, target: str) -> Change:
    """A link in a path's place, whatever is there. `outside/…` is a place in the canary tree, reached by `../`."""

    def apply(world: World) -> None:
        place = world.repository / path
        remove(path)(world)
        place.parent.mkdir(parents=True, exist_ok=True)
        aim = os.path.relpath(world.outside.parent / target, place.parent) if target.startswith("outside/") else target
        place.symlink_to(aim)

    return apply


def moved(path: str, outside: bool) -> Change:
    """A folder is put elsewhere, into the canary tree or another place of the repository, and a link in its place."""

    def apply(world: World) -> None:
        place = world.repository / path
        elsewhere = (world.outside if outside else world.repository) / "elsewhere"
        place.rename(elsewhere)
        place.symlink_to(os.path.relpath(elsewhere, place.parent))

    return apply


def lock(change: Callable[[dict[str, Any]], object]) -> Change:
    """Edit lock and sums as data. What their form has no place for comes in that of kforge 0.1, which is still read."""

    def apply(world: World) -> None:
        held = locks.read(world.app)
        change(held)
        try:
            locks.write(world.app, held)
        except (Error, TypeError, ValueError, AttributeError):
            older = json.dumps(held, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
            (world.repository / LOCK).write_text(older)

    return apply


def decision(topic: str, change: Callable[[dict[str, Any]], object]) -> Change:
    """Edit a locked decision of `web`."""
    return lock(lambda held: change(held["services"]["web"]["decisions"][topic]))


def listed(*lines: str) -> Change:
    """Lines at the end of the sums; `{digest:PATH}` stands for a file's digest and `{up}` for the way to `/`."""

    def apply(world: World) -> None:
        text = "".join(f"{line}\n" for line in lines)
        text = text.replace("{up}", "/".join([".."] * (len(world.app.parts) - 1)))
        while "{digest:" in text:
            path = text.partition("{digest:")[2].partition("}")[0]
            text = text.replace(f"{{digest:{path}}}", sha256(world.app / path))
        append(SUMS, text)(world)

    return apply


def sha256(place: Path) -> str:
    return hashlib.sha256(place.read_bytes()).hexdigest()


def resummed(*paths: str) -> Change:
    """The sums again hold the digests of these files, which are relative to the spec's folder."""

    def apply(world: World) -> None:
        lines = (world.repository / SUMS).read_text().splitlines()
        again = [f"{sha256(world.app / line[66:])}  {line[66:]}" if line[66:] in paths else line for line in lines]
        (world.repository / SUMS).write_text("\n".join(again) + "\n")

    return apply


def remembered(world: World) -> None:
    """What came before is built and committed, and a `check` of the user's remembers that it is current. What is planted
    later would change the folders that it looked at.
    """
    world.plant()
    words = (["build"], ["check"], ["check"])
    for each in words:
        time.sleep(2 * TICK / 1e9)
        done = subprocess.run(
            [sys.executable, "-m", "kforge", *each],
            cwd=world.repository,
            env={**surroundings(), **world.environment},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        if each == ["build"]:
            world.git("add", "-A", "app")  # not kforge's state, which would count for nothing then
            world.git("commit", "-q", "-m", "before")


def forged(topic: str, field: str, value: Any, old: str, new: str) -> Change:
    """Another value in a decision of `web`, with everything that follows from it: the digests of what read it, the
    outputs that show it, and their digests. What is left to find is who says so.
    """

    def apply(world: World) -> None:
        lock(lambda held: _follow(held, topic, field, value))(world)
        changed = []
        for place in sorted([*world.app.glob("deploy/**/*.yaml"), *world.app.glob("*/Dockerfile")]):
            text = place.read_text()
            if old in text:
                place.write_text(text.replace(old, new))
                changed.append(place.relative_to(world.app).as_posix())
        assert changed, f"no file shows {old!r}"
        resummed(*changed)(world)

    return apply


def _follow(held: dict[str, Any], topic: str, field: str, value: Any) -> None:
    held["services"]["web"]["decisions"][topic]["value"][field] = value
    for service, block in held["services"].items():
        prefix = "" if service == "web" else "services.web."
        for inputs in [block["inputs"], *(each["inputs"] for each in block["decisions"].values())]:
            if f"{prefix}decisions.{topic}.{field}" in inputs:
                inputs[f"{prefix}decisions.{topic}.{field}"] = digest(value)


def approved(held: dict[str, Any]) -> None:
    """Forge a person's approval of a decision as it is."""
    held["approved"] = digest(held["value"])
