"""A raw spec → what stands against deploying it by Argo CD or Flux: no repository, nothing to deploy, two in one place."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from kforge.domain.spec.gitops_types import SOURCES
from kforge.domain.spec.raw import Path
from kforge.domain.target import OUTPUTS
from kforge.spec.tolerant import OneOf, Wrong, blocks, listing, mapping, text

RECONCILERS = {"argocd": "Argo CD", "flux": "Flux"}

BASE = "base"
_ADDRESS = "https://"


def problems(data: dict[str, Any], folder: str) -> Iterator[Wrong]:
    """`folder` is the spec's, from the top of the repository."""
    outputs = listing(data, "outputs")
    asked = [name for name in RECONCILERS if name in outputs]
    held = mapping(data, "gitops")
    for name, block in blocks(data, "environments"):
        if "gitops" in block and not held:
            hint = "name the repository at the top: `gitops: {repository: https://…}`"
            yield Wrong(("environments", name, "gitops"), "the app has no `gitops`", hint, at_key=True)
    for name in asked:
        yield from _asked(data, name, ("outputs", outputs.index(name)))
    if not held:
        return
    if not asked:
        yield Wrong(
            ("gitops",),
            "`gitops` has no effect without an output that reads it",
            "add `argocd` or `flux` to `outputs`",
            at_key=True,
        )
    address = text(held, "repository")
    if "@" in address.partition("://")[2].partition("/")[0] and not address.startswith("ssh:"):
        hint = "write `https://host/path`, and give Argo CD or Flux a Secret that opens it"
        yield Wrong(("gitops", "repository"), "the address holds a name or a password", hint)
    yield from _paths(held, folder)
    yield from _source(data, held)
    yield from _environments(data, held)
    yield from _places(data, held)
    if "flux" in asked:
        yield from _flux(data, held)
    if held.get("applicationSet") is True:
        yield from _set(data, held, asked)


def _asked(data: dict[str, Any], name: str, path: Path) -> Iterator[Wrong]:
    said = RECONCILERS[name]
    if "gitops" not in data:
        hint = "name the repository that it follows: `gitops: {repository: https://…}`"
        yield Wrong(path, f"`{name}` needs `gitops`", hint)
    if not {*SOURCES} & {*(each for each in listing(data, "outputs") if isinstance(each, str))}:
        yield Wrong(path, f"no output writes what {said} could deploy", "add `kubernetes`, `rendered` or `helm`")
    if not data.get("namespace"):
        hint = f"write `namespace: {text(data, 'app') or 'NAME'}` at the top"
        yield Wrong(path, f"{said} needs a namespace for the objects, and the spec has none", hint)


def _paths(held: dict[str, Any], folder: str) -> Iterator[Wrong]:
    path = text(held, "path")
    if path and posixpath.normpath(path).split("/")[0] == "..":
        yield Wrong(("gitops", "path"), f"`{path}` lies outside the repository", "name a folder inside it")
    if "path" not in held and folder not in ("", "."):
        said = f"the spec lies in `{folder}` of this repository, and `gitops` has no `path`"
        hint = f"write `path: {folder}`, or where the folder lies in the repository that is deployed (`path: .` is its top)"
        yield Wrong(("gitops",), said, hint, at_key=True)


def _source(data: dict[str, Any], held: dict[str, Any]) -> Iterator[Wrong]:
    source = text(held, "source")
    if source in SOURCES and source not in (listing(data, "outputs") or OUTPUTS):
        yield Wrong(("gitops", "source"), f"`{source}` is not an output of the app", f"add `{source}` to `outputs`")


def _chosen(data: dict[str, Any], held: dict[str, Any]) -> list[tuple[Path, str]]:
    """Environments that are deployed, each with the place that says so."""
    if isinstance(held.get("environments"), list):
        named = enumerate(listing(held, "environments"))
        return [(("gitops", "environments", index), name) for index, name in named if isinstance(name, str)]
    return [(("environments", name), name) for name in mapping(data, "environments")] or [(("gitops",), BASE)]


def _environments(data: dict[str, Any], held: dict[str, Any]) -> Iterator[Wrong]:
    known = mapping(data, "environments")
    seen: set[str] = set()
    for path, name in _chosen(data, held):
        if name != BASE and name not in known:
            yield Wrong(path, f"there is no environment `{name}`", OneOf(name, (*known, BASE), "there are"))
        elif name in seen:
            yield Wrong(path, f"`{name}` is listed twice", "leave one of them out")
        seen.add(name)
    if "environments" in held and not seen:
        yield Wrong(("gitops", "environments"), "no environment is deployed", "name one, or leave `gitops` out", True)
    for name, block in blocks(data, "environments"):
        if "gitops" in block and name not in seen:
            said = f"`gitops` of `{name}` has no effect: the environment is not deployed"
            hint = "add it to `gitops.environments`, or leave it out"
            yield Wrong(("environments", name, "gitops"), said, hint, at_key=True)


def _said(data: dict[str, Any], held: dict[str, Any], name: str, key: str) -> str:
    own = text(data, "environments", name, "gitops", key) if name != BASE else ""
    return own or text(held, key)


def _places(data: dict[str, Any], held: dict[str, Any]) -> Iterator[Wrong]:
    """Two environments in one namespace of one cluster: each would undo what the other does."""
    home = text(data, "namespace") or text(data, "namespace", "name")
    there: dict[tuple[str, str], str] = {}
    for path, name in _chosen(data, held):
        namespace = (text(data, "environments", name, "namespace") if name != BASE else "") or home
        other = there.setdefault((_said(data, held, name, "cluster"), namespace), name)
        if other != name and namespace:
            said = f"`{other}` and `{name}` go to the namespace `{namespace}` of one cluster, and have objects of the same names"
            hint = "give one of them another `namespace` or `gitops.cluster`, or say in `gitops.environments` what is deployed"
            yield Wrong(path, said, hint, at_key=True)


def _flux(data: dict[str, Any], held: dict[str, Any]) -> Iterator[Wrong]:
    address = text(held, "repository")
    if address and "://" not in address:
        url = "ssh://" + address.replace(":", "/", 1)
        yield Wrong(("gitops", "repository"), f"Flux cannot read `{address}`", f"write it as an address: `{url}`")
    for path, cluster in _clusters(data, held):
        if cluster.startswith(_ADDRESS):
            hint = "name the Secret that holds the cluster's kubeconfig, in the namespace of Flux's objects"
            yield Wrong(path, f"Flux cannot reach a cluster by its address `{cluster}`", hint)


def _clusters(data: dict[str, Any], held: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    yield ("gitops", "cluster"), text(held, "cluster")
    for name, block in blocks(data, "environments"):
        yield ("environments", name, "gitops", "cluster"), text(block, "gitops", "cluster")


def _set(data: dict[str, Any], held: dict[str, Any], asked: list[str]) -> Iterator[Wrong]:
    """What one template for all environments cannot say."""
    path = ("gitops", "applicationSet")
    if "argocd" not in asked:
        yield Wrong(path, "`applicationSet` has no effect: `argocd` is no output", "leave it out")
    chosen = [name for _, name in _chosen(data, held)]
    clusters = [cluster for name in chosen if (cluster := _said(data, held, name, "cluster"))]
    if len({cluster.startswith(_ADDRESS) for cluster in clusters}) > 1:
        said = "an ApplicationSet needs the names of all clusters, or the addresses of all"
        yield Wrong(path, said, "write all as names or all as addresses, or leave `applicationSet` out")
    if len({_said(data, held, name, "sync") or "automatic" for name in chosen}) > 1:
        said = "an ApplicationSet has one `sync` for all environments, and theirs differ"
        yield Wrong(path, said, "write the same `sync` everywhere, or leave `applicationSet` out")
