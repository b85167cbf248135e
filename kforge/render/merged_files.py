"""Listed files → the files that another tool would read with one of them, were they there. Knows nothing of the disk.

Names that buildx looks for by itself, in the folder where it runs:
https://docs.docker.com/build/bake/reference/#file-format. BuildKit's ignore file of one Dockerfile:
https://docs.docker.com/build/concepts/context/#filename-and-location
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator

from kforge.domain.untracked_file import UntrackedFile
from kforge.render.kubernetes.kustomize import FILE, FILES

BAKE = ("docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl")
COMPOSE = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_DOCKERFILE = "Dockerfile"
_ACCOMPANIED = (_DOCKERFILE, FILE)


def companions(listed: Collection[str], bake: str) -> Iterator[UntrackedFile]:
    """Every such file that is not listed itself. `bake` is the path of the bake file, "" where there is none."""
    for path in listed:
        if not path.endswith(_ACCOMPANIED):  # which is so of nearly all
            continue
        folder, name = posixpath.split(path)
        if name == _DOCKERFILE:
            why = f"BuildKit reads `{path}.dockerignore` instead of `{posixpath.join(folder, '.dockerignore')}`"
            yield UntrackedFile(f"{path}.dockerignore", why)
        elif name == FILE:
            for other in FILES[1:]:
                found = posixpath.join(folder, other)
                yield UntrackedFile(
                    found, f"kustomize reads one kustomization per folder, and `{found}` is next to `{path}`"
                )
    folder, name = posixpath.split(bake)
    if name in BAKE:
        for other in BAKE:
            found = posixpath.join(folder, other)
            if found not in listed:
                yield UntrackedFile(found, f"buildx merges `{found}` into `{bake}` by itself")


def compose_files(bake: str) -> tuple[str, ...]:
    """Compose files that buildx reads with the bake file."""
    folder, name = posixpath.split(bake)
    return tuple(posixpath.join(folder, other) for other in COMPOSE) if name in BAKE else ()


def composed(path: str, services: Collection[str] | None, targets: Collection[str], bake: str) -> UntrackedFile | None:
    """What a Compose file with these services changes of the bake file's targets. `services` is None where unknown."""
    hint = f"build with `docker buildx bake -f {bake}`, and write a waiver for the file"
    if services is None:
        return UntrackedFile(
            path, f"buildx merges `{path}` into `{bake}` by itself, and its services are not known", hint
        )
    shared = sorted({*services} & {*targets})
    if not shared:
        return None
    named = ", ".join(f"`{name}`" for name in shared[:5]) + (f" and {len(shared) - 5} more" if shared[5:] else "")
    return UntrackedFile(path, f"buildx merges what `{path}` says of {named} into the targets of `{bake}`", hint)
