"""A service → the volumes of its pod, where they are mounted, and the claims behind them.

Mounts never double: what lies at or below a place that is writable already gets no scratch volume of its own.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from kforge.domain.digest import digest
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.platforms import fact, platform, title
from kforge.domain.origin import sourced
from kforge.domain.spec.service_types import Volume
from kforge.domain.topic_names import PROCESS, RESOURCES
from kforge.domain.view import View

# With a read-only root nothing else of a pod can fill the node's disk, so this is the bound on a runaway file: the pod
# is evicted, not its neighbours. `resources.storage` moves it.
SCRATCH_LIMIT = "1Gi"
_WHY_LIMIT = "kforge: a runaway file evicts this pod, not its neighbours; resources.storage moves the bound"
_READ_ONLY = "kforge: files of a ConfigMap cannot be written anyway"


@dataclass(slots=True)
class Storage:
    """What a pod mounts. `claims`: whether any of it outlives the pod."""

    volumes: list[dict[str, Any]] = field(default_factory=list)
    mounts: list[dict[str, Any]] = field(default_factory=list)
    claims: bool = False
    writable_root: bool = False

    def sort(self) -> None:
        """Brings mounts into their order: an outer one before what it holds."""
        self.mounts.sort(key=lambda mount: str(getattr(mount["mountPath"], "value", mount["mountPath"])).split("/"))


def storage(view: View) -> Storage:
    """Volumes in a fixed order (claims, config, scratch by path), mounts by path: an outer one before what it holds."""
    held = Storage()
    volumes, config = view.spec("volumes"), view.spec("config")
    taken = {volume.name for volume in volumes}
    for index, volume in enumerate(volumes):
        _persistent(view, volume, index, held)
    scratch = _scratch_paths(view, [normal(volume.path) for volume in volumes])
    if "/" in scratch:
        held.writable_root, scratch = True, []
    if config is not None:
        name = "config" if "config" not in taken else "kforge-config"
        taken.add(name)
        held.volumes.append({"name": name, "configMap": {"name": sourced(view.service, "spec.config")}})
        inside = [*scratch, *(normal(volume.path) for volume in volumes)]
        held.mounts.extend(_config_mounts(name, config, inside))
    limit = view.decided(RESOURCES, "storage")
    for path in scratch:
        name = _volume_name(path, taken)
        taken.add(name)
        size = sourced(limit, "resources.storage") if limit else sourced(SCRATCH_LIMIT, _WHY_LIMIT)
        held.volumes.append({"name": name, "emptyDir": {"sizeLimit": size}})
        held.mounts.append({"name": name, "mountPath": sourced(path, "process.writable")})
    held.sort()
    return held


def claim_name(view: View, volume: Volume) -> str:
    return f"{view.service}-{volume.name}"


def own_claim(view: View, volume: Volume) -> bool:
    """Whether the volume is a claim object: a shared one, and a job's, which runs one pod at a time."""
    return volume.shared or names.is_job(view)


def claim_spec(view: View, volume: Volume, index: int) -> dict[str, Any]:
    """The spec of a claim, as an object or as a StatefulSet's template. `index` is the volume's in the spec's list.

    A shared volume gets the class by which its platform shares volumes, where the spec names none.
    """
    origin = f"spec.volumes.{index}"
    mode = "ReadWriteMany" if volume.shared else "ReadWriteOnce"
    return {
        "accessModes": sourced([mode], f"{origin}.shared" if volume.shared else "kforge: one pod at a time mounts it"),
        "resources": {"requests": {"storage": sourced(volume.size, f"{origin}.size")}},
        "storageClassName": sourced(volume.class_, f"{origin}.class") if volume.class_ else _class(view, volume),
    }


def _class(view: View, volume: Volume) -> Any:
    name = platform(view)
    shared = fact(name, "shared-class") if volume.shared else None
    return sourced(shared, f"kforge: the default class of {title(name)} serves one node at a time") if shared else None


def normal(path: str) -> str:
    """An absolute path in its one spelling: `/tmp/` and `//tmp` are `/tmp`."""
    return posixpath.normpath("/" + path.lstrip("/"))


def within(path: str, folder: str) -> bool:
    """Whether a path is the folder or lies below it."""
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def _persistent(view: View, volume: Volume, index: int, held: Storage) -> None:
    held.claims = True
    origin = f"spec.volumes.{index}"
    if own_claim(view, volume):
        claim = {"claimName": sourced(claim_name(view, volume), origin)}
        held.volumes.append({"name": volume.name, "persistentVolumeClaim": claim})
    held.mounts.append({"name": volume.name, "mountPath": sourced(normal(volume.path), f"{origin}.path")})


def _scratch_paths(view: View, mounted: list[str]) -> list[str]:
    """Writable paths, each in one spelling, less those at or below a volume or another of them."""
    kept: list[str] = []
    held = {*mounted}
    for path in sorted({normal(path) for path in view.decided(PROCESS, "writable") or ()}):
        if held.isdisjoint((path, *map(str, PurePosixPath(path).parents))):
            kept.append(path)
            held.add(path)
    return kept


def _config_mounts(name: str, config: Any, others: list[str]) -> list[dict[str, Any]]:
    """The folder as a whole; file by file where something else is mounted at or below it, which it would hide."""
    folder = normal(config.path)
    if not any(within(other, folder) for other in others):
        return [{"name": name, "mountPath": sourced(folder, "spec.config.path"), "readOnly": sourced(True, _READ_ONLY)}]
    return [
        {
            "name": name,
            "mountPath": sourced(posixpath.join(folder, file), "spec.config.path"),
            "subPath": sourced(file, "spec.config.files"),
            "readOnly": sourced(True, _READ_ONLY),
        }
        for file in sorted(config.files)
    ]


def _volume_name(path: str, taken: set[str]) -> str:
    """A name that shows the path: `/app/.cache` is `app-cache`. It changes with nothing but the path and a clash."""
    name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")
    return (
        name
        if name and len(name) <= 50 and name not in taken
        else f"{name[:40].strip('-')}-{digest(path)[:8]}".lstrip("-")
    )
