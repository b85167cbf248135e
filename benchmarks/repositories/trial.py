"""One row → its verdict: draft, build, perform. Every step has a deadline; what happened is in the verdict."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

from benchmarks.repositories import checkout, engines, manifests, stores
from benchmarks.repositories.bases import Bases, NotPlayed
from benchmarks.repositories.contexts import build_context
from benchmarks.repositories.images import Performance, Stage
from benchmarks.repositories.manifests import Unit
from benchmarks.repositories.overlays import Failed
from benchmarks.repositories.rows import Right, Row

KFORGE = 300
RUN = 600
MADE_UP = "s0me-l0ng-value-that-every-key-and-password-field-takes"
MANIFESTS = "deploy/kubernetes"


@dataclass
class Verdict:
    """`well` is whether all that the authors run is drafted, builds, starts and answers; `unreached` says what a step needs
    of a host that the trials do not reach, so that a verdict can only be that something else is wrong."""

    name: str
    way: str  # drafted, edited, or with the authors' container files
    well: bool = False
    why: list[str] = field(default_factory=list)
    not_played: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    lines: int = 0
    warnings: int = 0
    drafted: list[str] = field(default_factory=list)
    said: str = ""
    units: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Workshop:
    """Folders: the clones, and one for all that is made."""

    checkouts: Path
    scratch: Path


def tried(row: Row, way: str, shop: Workshop) -> Verdict:
    """Draft, build and perform a row. `way` is `drafted`, `edited` (with the row's edits) or `beside` (with the
    authors' files)."""
    verdict = Verdict(row.name, way, lines=lines(row.edits) if way == "edited" else 0)
    folder = shop.scratch / "work" / row.name
    shutil.rmtree(folder, ignore_errors=True)
    source = folder / row.name
    checkout.copy(row, shop.checkouts, source, keep=way == "beside")
    source /= row.folder
    try:
        kforge(["init"], source, verdict)
        specs = sorted(source.glob("*.kforge.yaml"))
        if way == "edited":
            _edit(specs[0], row.edits)
        kforge(["build"], source, verdict)
        _performed(row, source, folder, shop, verdict)
    except Failed as error:
        verdict.why.append(str(error))
    verdict.well = not (verdict.why or verdict.not_played or verdict.unreached)
    return verdict


def drafted(row: Row, shop: Workshop, verdict: Verdict) -> Path | None:
    """The folder of a row that is drafted and built, named like the row; None where the verdict says why not."""
    source = shop.scratch / "work" / row.name / row.name
    checkout.copy(row, shop.checkouts, source, keep=False)
    source /= row.folder
    try:
        kforge(["init", "--name", row.name], source, verdict)
        kforge(["build"], source, verdict)
    except Failed as error:
        verdict.why.append(str(error))
        return None
    return source


def kforge(words: list[str], folder: Path, verdict: Verdict) -> None:
    """Run a command; what it said goes into the verdict. Raises Failed with its first error."""
    here = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONPATH": here, "NO_COLOR": "1", "CI": "1"}
    command = [sys.executable, "-m", "kforge", *words]
    try:
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=KFORGE, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"kforge {words[0]}: not done after {KFORGE} s") from None
    said = done.stderr + done.stdout
    verdict.said += f"$ kforge {' '.join(words)}\n{said}"
    verdict.warnings += said.count("warning[")
    if done.returncode:
        raise Failed(f"kforge {words[0]} ended with {done.returncode}: {_first_error(said)}")


def _first_error(said: str) -> str:
    lines = said.strip().splitlines()
    return next((line for line in lines if line.startswith("error")), lines[-1] if lines else "")


def _edit(spec: Path, edits: Mapping[str, Any]) -> None:
    """Set what a user would write at each path (`services.web.port`); null takes the key away."""
    data = yaml.safe_load(spec.read_text(encoding="utf-8"))
    for path, value in edits.items():
        *above, last = path.split(".")
        place = data
        for key in above:
            place = place.setdefault(key, {})
        if value is None:
            place.pop(last, None)
        else:
            place[last] = value
    spec.write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")


def lines(edits: Mapping[str, Any]) -> int:
    """How many lines edits take: one a value, as long as it is no longer than a line."""
    return sum(-(-len(json.dumps(value)) // 110) for value in edits.values())


# ---- performing ---------------------------------------------------------------------------------------------------------
def _performed(row: Row, source: Path, folder: Path, shop: Workshop, verdict: Verdict) -> None:
    objects = manifests.documents(source / MANIFESTS)
    units = manifests.units(objects, {**dict.fromkeys(row.required, MADE_UP), **row.values})
    verdict.drafted = [f"{unit.name} ({unit.kind})" for unit in units]
    bake = source / "docker-bake.hcl"
    recipes = manifests.recipes(bake.read_text(encoding="utf-8")) if bake.exists() else {}
    own = [unit for unit in units if unit.image in recipes]
    images: dict[str, Stage] = {}
    for image in dict.fromkeys(unit.image for unit in own):
        try:
            images[image] = _image(recipes[image], source, folder, shop, row.unreached)
        except Failed as error:
            # What the authors make before they build the image is told by kforge, and nobody made it here.
            outside = (
                "not in the build context" in str(error)
                and "is copied into the image, and git ignores it" in verdict.said
            )
            (verdict.not_played if outside else verdict.why).append(f"{image.rpartition('/')[2]}: {error}")
        except NotPlayed as error:
            verdict.not_played.append(f"{image.rpartition('/')[2]}: {error}")
        except engines.Unreached as error:
            verdict.unreached.append(f"{image.rpartition('/')[2]}: {error}")
    starts = {unit.name: _words(unit, images.get(unit.image)) for unit in own}
    wanted = {name: right for name, right in row.services.items() if right.role != "once" or verdict.way != "beside"}
    verdict.why += [f"{name}: not drafted" for name, right in wanted.items() if not _match(right, own, starts)]
    listed, missing = _stores(row, [unit for unit in units if unit.image not in recipes])
    verdict.not_played += missing
    plan = {
        "scratch": str(folder),
        "names": sorted({one["metadata"]["name"] for one in objects if one.get("kind") == "Service"} | set(row.stores)),
        "stores": listed,
        "units": [_started(unit, images[unit.image], _right(unit, row)) for unit in own if unit.image in images],
    }
    verdict.units = _run(plan, folder)
    verdict.why += [f"{one['unit']}: {one['why']}\n{one['log']}" for one in verdict.units if not one["well"]]


def _image(
    recipe: manifests.Recipe,
    source: Path,
    folder: Path,
    shop: Workshop,
    unreached: Mapping[str, str | Mapping[str, str]],
) -> Stage:
    context = source / recipe.context
    dockerfile = context / recipe.dockerfile
    beside = dockerfile.with_name(f"{dockerfile.name}.dockerignore")
    ignore = beside if beside.exists() else context / ".dockerignore"
    patterns = ignore.read_text(encoding="utf-8").splitlines() if ignore.exists() else []
    place = folder / f"image-{len(list(folder.glob('image-*')))}"
    place.mkdir()
    sent = build_context(context, place / "context", patterns)
    secrets = {name: source / path for name, path in recipe.secrets.items()}
    bases, caches = Bases(shop.scratch / "bases"), shop.scratch / "caches"
    with engines.played() as mirror, engines.switched(unreached) as switches:
        told = {**switches, engines.MIRROR: mirror.address}
        performance = Performance(bases, place, caches, sent, recipe.args, secrets, told)
        return performance.perform(dockerfile.read_text(encoding="utf-8"), recipe.target)


def _stores(row: Row, units: list[Unit]) -> tuple[list[dict[str, Any]], list[str]]:
    """Servers to start, and images that no server here plays."""
    found: dict[str, dict[str, Any]] = {}
    missing = [f"no server here plays {kind}" for kind in row.stores if kind not in stores.STORES]
    for unit in units:
        if store := stores.of_image(unit.image):
            found[store.kind] = {"env": unit.env, "args": [*(unit.command or ()), *(unit.args or ())]}
        else:
            missing.append(f"{unit.name}: no server here plays `{unit.image}`")
    for kind in row.stores:
        if kind in stores.STORES and kind not in found:
            found[kind] = {"env": stores.OUTSIDE[kind], "args": []}
    return [{"kind": kind, **block} for kind, block in found.items()], missing


def _match(right: Right, units: list[Unit], starts: Mapping[str, list[str]]) -> Unit | None:
    """The unit that is a process of the authors: by its words where they name some, else the one that serves."""
    for unit in units:
        if right.command and right.command in " ".join(starts[unit.name]):
            return unit
        if not right.command and (unit.ports or right.role not in ("server", "static")):
            return unit
    return None


def _words(unit: Unit, image: Stage | None) -> list[str]:
    """What is started, as a container engine puts image and manifest together."""
    held = list(image.entrypoint) if image and unit.command is None else unit.command or []
    args = list(image.command) if image and unit.command is None and unit.args is None else unit.args or []
    return [*held, *args]


def _right(unit: Unit, row: Row) -> Right | None:
    named = row.services.get(unit.name)
    if named or not unit.ports:
        return named
    serving = [right for right in row.services.values() if right.role in ("server", "static")]
    return serving[0] if len(serving) == 1 else None


def _started(unit: Unit, image: Stage, right: Right | None) -> dict[str, Any]:
    """What `pods` needs of a unit: as a container engine puts image and manifest together."""
    user, _, group = image.user.partition(":")
    uid = unit.user if unit.user is not None else int(user or 0)
    health: dict[str, Any] | None = None
    if right and right.health:
        # Others in the namespace call the Service by its name, and so does who asks here.
        host = [{"name": "Host", "value": unit.name}]
        health = {"path": right.health, "port": next(iter(unit.ports.values()), 0), "httpHeaders": host}
    return {
        **asdict(unit),
        "layers": [str(layer) for layer in image.layers],
        "words": _words(unit, image),
        "env": {"HOME": "/", "HOSTNAME": unit.name, **image.env, **unit.env},
        "workdir": unit.workdir or image.workdir,
        "user": uid,
        "group": unit.group if unit.group is not None else int(group or uid),
        "bounded": bool(unit.read_only),
        "health": health,
    }


def _run(plan: Mapping[str, Any], folder: Path) -> list[dict[str, Any]]:
    if not plan["units"]:
        return []
    wanted, came = folder / "plan.json", folder / "came.json"
    wanted.write_text(json.dumps(plan, indent=1))
    words = ["unshare", "--net", "--pid", "--mount-proc", "--fork", "--kill-child", sys.executable, "-m",
             "benchmarks.repositories.pods", str(wanted), str(came)]  # fmt: skip
    try:
        done = subprocess.run(
            words, cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=RUN, check=False
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"starting took more than {RUN} s") from None
    if done.returncode:
        raise Failed(f"pods: {done.stderr[-1500:]}")
    return list(json.loads(came.read_text()))
