"""A build with nothing but files in it: versions of one app, written by the real writer. Also a program to be killed."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from kforge.domain.change import WantedFile
from kforge.domain.decider import HEURISTICS
from kforge.domain.digest import digest
from kforge.domain.document import mark
from kforge.domain.lock import Lock, LockedDecision, ServiceLock, Sums
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.stages.compare import compare, refuse
from kforge.system import locked, sums, unfinished, writer
from kforge.system.disk import DISK, Disk
from kforge.system.files import reader
from kforge.system.project import ProjectLock
from kforge.system.temporary import PREFIX

ANSWER = LockedDecision(value={}, reasons={}, decider=HEURISTICS, revision=1, inputs={})


SPEC = "app.kforge.yaml"


def wanted(version: int, size: int = 2_000) -> dict[str, WantedFile]:
    """What version `version` of the app wants: some files in every version, some in every other one."""

    def content(path: str) -> bytes:
        return f"{mark(SPEC)}\n# {path} {version}\n{'x' * size}\n".encode()

    paths = ["../web/Dockerfile", "deploy/web/deployment.yaml", "deploy/web/service.yaml", "same.yaml"]
    paths += [f"deploy/{'even' if version % 2 == 0 else 'odd'}/{name}.yaml" for name in ("claim", "job")]
    files = {path: WantedFile(content(path) if path != "same.yaml" else f"{mark(SPEC)}\n".encode()) for path in paths}
    return {**files, "deploy/kustomization.yaml": WantedFile(content("kustomization"), aggregate=True)}


def build(base: Path, version: int, disk: Disk = DISK, size: int = 2_000) -> bool:
    """Bring `base` to a version, as a build does it."""
    changes = compare(
        wanted(version, size),
        locked.load(base, None, base.parent)[1],
        reader(base, base.parent),
        SPEC,
        pending=unfinished.load(base, base.parent).files,
    )
    refuse(changes, SPEC)
    service = ServiceLock(decisions={"process": replace(ANSWER, value={"version": version})})
    lock = Lock(services={"web": service}, inputs={"version": digest(version)})
    return writer.apply(base, base.parent, changes, *locked.render(lock, changes.sums), disk)


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below, kforge's own state left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if ".kforge" not in path.relative_to(folder).parts
    }


def clean(folder: Path, version: int, size: int = 2_000) -> dict[str, bytes | None]:
    """What a build of a version leaves in an empty place."""
    base = folder / "app"
    base.mkdir(parents=True)
    build(base, version, size=size)
    return snapshot(folder)


def whole(folder: Path, versions: range, size: int = 2_000) -> list[str]:
    """Files that are none of these versions' from first to last byte; nothing may be among them but temporary files."""
    known = {file.content for version in versions for file in wanted(version, size).values()}
    torn = []
    for path, content in snapshot(folder).items():
        if content is None or PREFIX in path:
            continue
        if path == f"app/{SUMS_FILE}":
            held = sums.parse(content, path)
            fine = held != Sums() and bool(held.record.inputs)
        elif path == f"app/{LOCK_FILE}":
            fine = bool(locked.parse({LOCK_FILE: content}, None)[0].services)
        else:
            fine = content in known
        if not fine:
            torn.append(f"{path}: {len(content)} bytes, {hashlib.sha256(content).hexdigest()[:8]}")
    return torn


NOBODY = 65534


@contextmanager
def unprivileged() -> Iterator[Path]:
    """A folder in which the rights of files count, for root too: everything inside happens as nobody."""
    with TemporaryDirectory() as name:
        root = os.geteuid() == 0
        if root:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)


def main() -> None:
    """`BASE SIZE FIRST`: build version after version, saying so, until killed."""
    base, size, first = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    print("ready", flush=True)
    for version in count(first):
        with ProjectLock([base]):
            build(base, version, size=size)
        if len(sys.argv) > 4 and version - first + 1 >= int(sys.argv[4]):
            return


if __name__ == "__main__":
    main()
