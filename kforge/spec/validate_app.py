"""A raw spec → what contradicts itself across services and environments: images, hosts, paths, patches, waivers."""

from __future__ import annotations

import ipaddress
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import Any

from kforge.domain import fieldpath, images
from kforge.domain.near_words import listed
from kforge.domain.source.build_context import misread
from kforge.domain.spec.patterns import DATE, MINOR
from kforge.domain.spec.raw import Path
from kforge.domain.target import APART, OUTPUTS, PATHS
from kforge.domain.topic_names import BUILD
from kforge.spec.inherited import DEFAULTS
from kforge.spec.tolerant import OneOf, Wrong, blocks, listing, mapping, service_blocks, text
from kforge.spec.validate_service import config, fragments, scale, twice, variables

_OWN_LABELS = tuple(f"app.kubernetes.io/{name}" for name in ("name", "instance", "managed-by", "part-of"))
_OWN_NOTES = "kforge.dev/"
_ANY = "/…"  # stands for the images of a registry
_FORBIDDEN = "kforge never writes there"


def problems(data: dict[str, Any], folder: str, rules: Collection[str], versions: Iterable[str]) -> Iterator[Wrong]:
    """Contradictions of the app and its environments. `folder` is the spec's, from the top of the repository."""
    if isinstance(data.get("services"), dict) and not data["services"]:
        yield Wrong(
            ("services",), "the spec has no service", "add one: `services: {web: {source: ./web}}`", at_key=True
        )
    yield from _images(data)
    yield from _paths(data, folder)
    yield from _hosts(data)
    yield from _names(data, versions)
    yield from _networks(data)
    yield from _patches(data)
    yield from _waivers(data, rules)
    for name, changes in blocks(data, "environments"):
        for service, block in blocks(changes, "services"):
            base = mapping(data, "services", service)
            merged = {key: {**mapping(base, key), **mapping(block, key)} for key in ("env", "secrets", "scale")}
            path: Path = ("environments", name, "services", service)
            yield from variables(path, block, merged)
            yield from scale(path, block, merged) if "scale" in block else ()
            yield from config(path, block)
            yield from fragments(path, block)
            if "version" in block and "image" in base:
                yield Wrong(
                    (*path, "version"),
                    f"`version` of `{service}` has no effect: its image is built elsewhere",
                    "leave it out",
                    at_key=True,
                )


def _images(data: dict[str, Any]) -> Iterator[Wrong]:
    registries = list(dict.fromkeys(each for each in listing(data, "registries") if isinstance(each, str)))
    yield from twice(("registries",), listing(data, "registries"), "", "`registries`")
    if not registries:
        return
    allowing = images.Registries(registries)
    for path, image in _named(data):
        if not allowing.allow(image):
            hint = f"take it from one of them ({listed(registries)}), or add its registry"
            yield Wrong(path, f"`{image.removesuffix(_ANY)}` is not in one of the `registries`", hint)


def _named(data: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """Every image and registry that the spec names; a registry as the image that would be in it."""
    found: list[tuple[Path, str]] = [(("registry",), text(data, "registry"))]
    found += [(("bases", name), text(data, "bases", name)) for name in mapping(data, "bases")]
    found += [
        (("environments", name, "registry"), text(block, "registry")) for name, block in blocks(data, "environments")
    ]
    for name, block in blocks(data, "services"):
        for keys in (("image",), (BUILD, "base"), (BUILD, "runtime")):
            found.append((("services", name, *keys), text(block, *keys)))
    return ((path, f"{value}{_ANY}" if path[-1] == "registry" else value) for path, value in found if value)


def _paths(data: dict[str, Any], folder: str) -> Iterator[Wrong]:
    for name, block in blocks(data, "services"):
        source = text(block, "source")
        yield from _inside(("services", name, "source"), source, folder)
        if "\\" not in source and (said := misread(source)):  # the form refuses a backslash
            yield Wrong(("services", name, "source"), f"`{source}` {said}", "give the folder another name")
        for key in ("context", "dockerfile"):
            where: Path = ("services", name, BUILD, key)
            place = text(block, BUILD, key)
            yield from _inside(where, place, folder)
            if key == "context" and "\\" not in place and place and (said := misread(place)):
                yield Wrong(where, f"`{place}` {said}", "give the folder another name")
    for index, pattern in enumerate(listing(data, "include")):
        yield from _inside(("include", index), pattern if isinstance(pattern, str) else "", folder)
    roots: dict[str, str] = {}
    for key in mapping(data, "paths"):
        value = text(data, "paths", key)
        yield from _inside(("paths", key), value, folder, writing=True)
        other = roots.setdefault(posixpath.normpath(value), key) if value else key
        if other != key:
            yield Wrong(("paths", key), f"`{value}` is also the folder of `{other}`", "give each its own folder")
    yield from _nested(data)
    bake = text(data, "paths", "bake")
    if bake and not bake.endswith(".hcl"):
        yield Wrong(
            ("paths", "bake"),
            f"`{bake}` cannot be the bake file: its name must end in `.hcl`",
            "write `bake: docker-bake.hcl`",
        )


def _nested(data: dict[str, Any]) -> Iterator[Wrong]:
    """Folders of one form of output within another's: kustomize would list a chart's files as manifests."""
    given = mapping(data, "paths")
    outputs = {each for each in listing(data, "outputs") or OUTPUTS if isinstance(each, str)}
    roots = {
        key: posixpath.normpath(text(data, "paths", key) or path)
        for key, path in PATHS.items()
        if key not in ("bake", *(APART - outputs))
    }
    for apart in sorted(APART & roots.keys()):
        for key in sorted(key for key in roots if key not in APART or key > apart):
            one, other = roots[apart], roots[key]
            if any(
                inner == outer or inner.startswith(f"{outer}/") or outer == "."
                for inner, outer in ((one, other), (other, one))
            ):
                yield Wrong(
                    ("paths", apart if apart in given else key),
                    f"`{one}` of `{apart}` and `{other}` of `{key}` overlap",
                    "give each its own folder",
                )


def _inside(path: Path, value: str, folder: str, writing: bool = False) -> Iterator[Wrong]:
    if not value or value.startswith("/"):  # the form refuses an absolute path
        return
    parts = posixpath.normpath(posixpath.join(folder, value)).split("/")
    lower = [part.lower() for part in parts]
    if parts[0] == "..":
        yield Wrong(path, f"`{value}` lies outside the repository", "name a folder inside it")
    elif ".git" in lower:
        yield Wrong(path, f"`{value}` lies in git's own folder", "name another folder")
    elif writing and lower[:2] == [".github", "workflows"]:
        yield Wrong(path, f"`{value}` lies in `.github/workflows`, and {_FORBIDDEN}", "name another folder")


def _hosts(data: dict[str, Any]) -> Iterator[Wrong]:
    """Two services at one public address, in the base or in what an environment makes of it."""
    for environment in ("", *mapping(data, "environments")):
        seen: dict[tuple[str, str], str] = {}
        for name, block in blocks(data, "services"):
            there = mapping(data, "environments", environment, "services", name) if environment else {}
            expose = {**mapping(block, "expose"), **mapping(there, "expose")}
            host, prefix = text(expose, "host"), text(expose, "path") or "/"
            if not host or there.get("omit") is True:
                continue
            other = seen.setdefault((host, prefix.rstrip("/")), name)
            if other != name and (not environment or "expose" in there):
                path: Path = ("environments", environment, "services", name) if environment else ("services", name)
                yield Wrong(
                    (*path, "expose", "host"),
                    f"`{other}` and `{name}` are both exposed at `{host}{prefix}`",
                    "give one of them another `host` or `path`",
                )


def _names(data: dict[str, Any], versions: Iterable[str]) -> Iterator[Wrong]:
    yield from _notes(data)
    yield from _environments(data)
    namespace = text(data, "namespace", "name") if isinstance(data.get("namespace"), dict) else ""
    if (
        data.get("namespace")
        and (namespace.startswith("kube-") or namespace == "default")
        and mapping(data, "namespace").get("create") is True
    ):
        yield Wrong(
            ("namespace", "name"),
            f"namespace `{namespace}` belongs to the cluster",
            "leave out `create`, or choose another",
        )
    for path in (("kubernetes",), *(("environments", name, "kubernetes") for name, _ in blocks(data, "environments"))):
        version = text(data, *path)
        if version and versions and version not in versions and re.search(MINOR, version):
            known = sorted(versions, key=lambda each: int(each.partition(".")[2]))
            yield Wrong(
                path,
                f"this kforge does not know Kubernetes {version}",
                f"write a version from {known[0]} to {known[-1]}",
            )


def _environments(data: dict[str, Any]) -> Iterator[Wrong]:
    if "base" in mapping(data, "environments"):
        said = "`base` is reserved: folders of that name hold what all environments share"
        yield Wrong(("environments", "base"), said, "choose another name", at_key=True)


def _notes(data: dict[str, Any]) -> Iterator[Wrong]:
    """Labels and annotations that are kforge's own."""
    owners: list[Path] = [(), (DEFAULTS,), *(("services", name) for name, _ in blocks(data, "services"))]
    for path in owners:
        for label in mapping(data, *path, "labels"):
            if label in _OWN_LABELS:
                said = f"label `{label}` is set by kforge: it is what selectors use"
                yield Wrong((*path, "labels", label), said, "choose another name", at_key=True)
        for note in mapping(data, *path, "annotations"):
            if note.startswith(_OWN_NOTES):
                said = f"annotation `{note}` is one of kforge's own"
                yield Wrong((*path, "annotations", note), said, "choose another name", at_key=True)


def _networks(data: dict[str, Any]) -> Iterator[Wrong]:
    for path, _, block in service_blocks(data):
        for index, rule in enumerate(listing(block, "egress")):
            cidr = text(rule, "cidr")
            try:
                network = ipaddress.ip_network(cidr, strict=False) if cidr.count("/") == 1 else None
            except ValueError:
                yield Wrong(
                    (*path, "egress", index, "cidr"),
                    f"`{cidr}` is not a network",
                    "write an address and a length: `10.20.0.0/16`",
                )
                continue
            if network and str(network) != cidr.lower() and network.version == 4:
                yield Wrong(
                    (*path, "egress", index, "cidr"),
                    f"`{cidr}` has host bits set",
                    f"write `{network}`",
                )


def _patches(data: dict[str, Any]) -> Iterator[Wrong]:
    owners: list[tuple[Path, Any]] = [((), data)]
    owners += [(("environments", name), block) for name, block in blocks(data, "environments")]
    for path, owner in owners:
        for index, patch in enumerate(listing(owner, "patches")):
            if isinstance(patch, dict):
                yield from _patch((*path, "patches", index), patch)


def _patch(path: Path, patch: dict[str, Any]) -> Iterator[Wrong]:
    op = patch.get("op", "set")
    if op in ("set", "merge") and "value" not in patch:
        yield Wrong(path, f"`op: {op}` of a patch needs a `value`", "add `value`, or write `op: remove`")
    elif op == "remove" and "value" in patch:
        yield Wrong(
            (*path, "value"),
            "`op: remove` of a patch takes no `value`",
            "leave it out, or write `op: set`",
            at_key=True,
        )
    if op in ("set", "remove") and not patch.get("path"):
        yield Wrong(path, f"`op: {op}` of a patch needs a `path`", "add the field: `path: spec.minReadySeconds`")
    if op == "merge" and "value" in patch and not patch.get("path") and not isinstance(patch["value"], dict):
        yield Wrong(
            (*path, "value"),
            "`op: merge` without a `path` needs a mapping as its `value`",
            "write the fields as a mapping",
        )
    try:
        fieldpath.parse(text(patch, "path"))
    except fieldpath.PathError as error:
        yield Wrong((*path, "path"), str(error), "write it as `spec.template.spec.containers[0].image`")


def _waivers(data: dict[str, Any], rules: Collection[str]) -> Iterator[Wrong]:
    for index, waiver in enumerate(listing(data, "waivers")):
        rule, until = text(waiver, "rule"), text(waiver, "until")
        if rule and rules and rule not in rules:
            yield Wrong(("waivers", index, "rule"), f"there is no rule `{rule}`", OneOf(rule, rules, "rules are"))
        try:
            date.fromisoformat(until if re.search(DATE, until) else "2000-01-01")
        except ValueError:
            yield Wrong(("waivers", index, "until"), f"`{until}` is not a date of the calendar", "write YYYY-MM-DD")
