"""Paths of files → the kustomization.yaml files that list them, and the image components that CI owns.

Pure functions of paths and a few strings, because `check` renders these files again instead of hashing them: two
branches that each add a service then do not conflict in the sums. Unaware of what the listed files hold.

kustomize accumulates a kustomization's resources, then its components in their order, then its own patches and
images. So everything kforge changes for an environment is in components that come before CI's, and CI's tag wins.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kforge.domain.target import PATHS, ClaimedTwiceError
from kforge.domain.yaml_text import marked
from kforge.errors import InputError, Place
from kforge.render.kubernetes.namespaced import REFERRED, inner

if TYPE_CHECKING:
    from kforge.domain.document import Document

FILE = "kustomization.yaml"
FILES = (FILE, "kustomization.yml", "Kustomization")  # the names that kustomize reads
# What kustomize knows to have no namespace (kyaml/openapi); it gives one to any other kind, custom resources included.
CLUSTER_WIDE = frozenset((
    "APIService", "CSIDriver", "CSINode", "CertificateSigningRequest", "ClusterRole", "ClusterRoleBinding", "ComponentStatus",
    "CustomResourceDefinition", "FlowSchema", "IngressClass", "MutatingWebhookConfiguration", "Namespace", "Node",
    "PersistentVolume", "PodSecurityPolicy", "PriorityClass", "PriorityLevelConfiguration", "RuntimeClass", "StorageClass",
    "ValidatingWebhookConfiguration", "VolumeAttachment",
))  # fmt: skip
# A scheme, a user, or the host that needs none:
# https://github.com/kubernetes-sigs/kustomize/blob/api/v0.20.1/api/internal/git/repospec.go
_ADDRESS = re.compile(r"[^/]*[:@]|[^/]*github\.com", re.IGNORECASE)
SEED = """\
# The images that run here. kforge wrote this file once; from now on it is yours, and it wins over kforge's own tags:
#   kustomize edit set image NAME=NAME:TAG
# in this folder, where NAME is an image as the manifests of this environment name it.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
images: []
"""


_SEED_BEGINS = SEED.partition("\n")[0].encode()


@dataclass(frozen=True, slots=True)
class Layout:
    """Roots of what is written, relative to the spec's folder: `paths` of the spec."""

    kubernetes: str = PATHS["kubernetes"]
    overlays: str = PATHS["overlays"]
    images: str = PATHS["images"]

    @classmethod
    def of(cls, paths: Mapping[str, Any] | None) -> Layout:
        """From the spec's `paths` block as plain data, where there is one."""
        given = {key: str(value) for key, value in (paths or {}).items() if key in ("kubernetes", "overlays", "images")}
        return cls(**{key: posixpath.normpath(value) for key, value in given.items()})

    def overlay(self, environment: str) -> str:
        return f"{self.overlays}/{environment}"

    def component(self, environment: str) -> str:
        """Folder of the images that CI sets; the base has one as well."""
        return f"{self.images}/{environment or 'base'}"


def aggregates(
    layout: Layout, owned: Collection[str], includes: Collection[str], namespaces: Mapping[str, str | None], spec: str
) -> dict[str, str]:
    """Text of every aggregate by path.

    `owned` are the paths of kforge's other files, `includes` those of the user's manifests, `namespaces` has the
    namespace of the base ("") and of every environment. Raises InputError for an include that kustomize cannot load, and
    ClaimedTwiceError where two of them would be one file.
    """
    manifests = sorted(
        path for path in owned if _below(path, layout.kubernetes) and path.rpartition("/")[2] not in FILES
    )
    found = include_kustomizations(layout, includes, spec)
    base = base_kustomization(layout, manifests, includes, namespaces.get(""), spec)
    _add(found, f"{layout.kubernetes}/{FILE}", base)
    folders: dict[str, list[str]] = {}  # by environment
    for path in owned:
        if path.startswith(f"{layout.overlays}/") and posixpath.basename(path) == FILE:
            environment = path[len(layout.overlays) + 1 :].partition("/")[0]
            folders.setdefault(environment, []).append(posixpath.dirname(path))
    for environment in sorted(name for name in namespaces if name):
        root = layout.overlay(environment)
        namespace = namespaces[environment] or namespaces.get("")
        text = overlay_kustomization(layout, environment, folders.get(environment, ()), namespace, spec)
        _add(found, f"{root}/{FILE}", text)
    return found


def _add(found: dict[str, str], path: str, text: str) -> None:
    if path in found:
        raise ClaimedTwiceError(path)
    found[path] = text


def base_kustomization(
    layout: Layout, manifests: Iterable[str], includes: Iterable[str], namespace: str | None, spec: str
) -> str:
    """kustomization.yaml of the base. Everything goes to one namespace, where the spec names one."""
    root = layout.kubernetes
    outside = [path for path in includes if not _below(path, root)]
    listed = {relative(path, root) for path in (*manifests, *(path for path in includes if _below(path, root)))}
    folders = {relative(posixpath.dirname(path), root) for path in outside}
    data = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": namespace,
        "resources": [*map(local, sorted(listed)), *map(local, sorted(folders))],
        "components": [local(relative(layout.component(""), root))],
    }
    return _marked(data, spec)


def overlay_kustomization(
    layout: Layout, environment: str, folders: Iterable[str], namespace: str | None, spec: str
) -> str:
    """kustomization.yaml of an environment: the base, kforge's changes, CI's images, in that order."""
    root = layout.overlay(environment)
    data = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": namespace,
        "resources": [local(relative(layout.kubernetes, root))],
        "components": [
            *map(local, sorted(relative(folder, root) for folder in folders)),
            local(relative(layout.component(environment), root)),
        ],
    }
    return _marked(data, spec)


def include_kustomizations(layout: Layout, includes: Iterable[str], spec: str) -> dict[str, str]:
    """A kustomization.yaml in every folder of included files outside the manifests' root.

    kustomize reads no file outside the folder it builds, only folders that have a kustomization of their own.
    """
    folders: dict[str, list[str]] = {}
    for path in sorted(includes):
        if not _below(path, layout.kubernetes):
            folders.setdefault(posixpath.dirname(path), []).append(posixpath.basename(path))
    for folder, names in folders.items():
        if not folder or _below(f"{layout.kubernetes}/{FILE}", folder):
            message = f"included file `{posixpath.join(folder, names[0])}` is in a folder above `{layout.kubernetes}`, from where kustomize cannot load it"
            raise InputError(message, hint="move it to a folder of its own, for instance `deploy/extra`")
    kind = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
    return {
        f"{folder}/{FILE}": _marked({**kind, "resources": [*map(local, names)]}, spec)
        for folder, names in folders.items()
    }


def component(resources: Iterable[str], patches: Iterable[Any], images: Iterable[Any], spec: str) -> str:
    """kustomization.yaml of what an environment changes of one service: a Component; lists are kept in their order."""
    data = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "resources": [*map(local, resources)],
        "patches": list(patches),
        "images": list(images),
    }
    return _marked(data, spec)


def placed(
    documents: Iterable[Document], namespace: str | None, base: str | None, own: Iterable[Document] = ()
) -> tuple[Document, ...]:
    """The user's manifests as kustomize hands them on: in the environment's namespace, where there is one.

    `base` is the namespace of the base, `own` are kforge's objects in the environment. Raises InputError for an object
    that names another namespace, and for another Namespace: kustomize would move and rename them.
    """
    held, home = tuple(documents), namespace or base
    if home is None:
        return held
    named = {(item.kind, item.name) for item in (*held, *own) if item.kind in REFERRED and _names_namespace(item)}
    found = []
    for document in held:
        data: Mapping[str, Any] = document.data or {}
        metadata = data.get("metadata") or {}
        key = "name" if document.kind == "Namespace" else "namespace"
        said = None if key == "namespace" and document.kind in CLUSTER_WIDE else metadata.get(key)
        if said not in (None, namespace, base):
            message = (
                f"kustomize would rename `{document.target}` to `{home}`, where it puts everything"
                if key == "name"
                else f"`{document.target}` names namespace `{said}`, but kustomize puts all of `{base or namespace}` in one"
            )
            way = (
                "apply the file on its own"
                if key == "name"
                else "leave the namespace out, or apply the file on its own"
            )
            raise InputError(
                message, document.place(f"metadata.{key}") if document.place else Place(document.path), way
            )
        moves = key == "name" or document.kind not in CLUSTER_WIDE
        moved = {**data, "metadata": {**metadata, key: home}} if moves else data
        found.append(replace(document, data=inner(moved, home, base or home, named)))
    return tuple(found)


def _names_namespace(document: Document) -> bool:
    return bool(((document.data or {}).get("metadata") or {}).get("namespace"))


def seeds(layout: Layout, environments: Iterable[str]) -> dict[str, str]:
    """The image components, by path: written once, then CI's. An empty list stands there since an empty one is refused."""
    return dict.fromkeys(components(layout, environments).values(), SEED)


def components(layout: Layout, environments: Iterable[str]) -> dict[str, str]:
    """Where they lie, by environment; "" is the base."""
    return {name: f"{layout.component(name)}/{FILE}" for name in ("", *sorted(environments))}


def seeded(content: bytes) -> bool:
    """Whether a file still has the line that kforge's image components begin with; kustomize keeps it, elsewhere perhaps."""
    return any(line.removesuffix(b"\r") == _SEED_BEGINS for line in content[:4096].split(b"\n"))


def relative(path: str, start: str) -> str:
    """A path as seen from a folder, both relative to the spec's folder. Unlike os.path's it asks for no working
    directory.
    """
    below = path[len(start) + 1 :] if start and path.startswith(f"{start}/") else ""
    if below and below[0] not in "./" and "/." not in below and "//" not in below and below[-1] != "/":
        return below  # which is so of thousands, and in its shortest form already
    to, come = (posixpath.normpath(each).split("/") if each not in ("", ".") else [] for each in (path, start))
    shared = 0
    while shared < min(len(to), len(come)) and to[shared] == come[shared]:
        shared += 1
    if ".." in come[shared:]:
        raise InputError(f"`{path}` cannot be reached from `{start}`", hint="put all `paths` below the same folder")
    return "/".join([".."] * (len(come) - shared) + to[shared:]) or "."


def local(path: str) -> str:
    """A path as kustomize takes it for a file or folder: `http:x.yaml` is an address to it, `github.com/a/b` a
    repository that it would clone.
    """
    return f"./{path}" if _addressed(path.partition("/")[0]) else path


@lru_cache(maxsize=1024)
def _addressed(first: str) -> bool:
    """Whether a path is an address, by its first part: that of all files of a service."""
    return _ADDRESS.match(first) is not None


def _below(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/") if folder not in ("", ".") else True


def _marked(data: Mapping[str, Any], spec: str) -> str:
    return marked({key: value for key, value in data.items() if value}, spec)
