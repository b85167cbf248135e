"""Kubernetes manifests that the author has → what they say of services by their names: port, variables, health route.

Templates of charts are none, and neither is what kforge wrote. Values of Secrets are never looked at.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.artifact import Tree
from kforge.domain.document import MARK
from kforge.domain.draft import Told, name_of
from kforge.domain.source.sightings import port_number
from kforge.spec.loose_yaml import LooseTable, documents

_FOLDER = re.compile(r"(?:^|/)(?:k8s[\w-]*|kube[\w-]*|manifests?|deploy|deployments?)(?:/|$)", re.IGNORECASE)
_KINDS = ("Deployment", "StatefulSet", "DaemonSet")
_MOST, _VARIABLES = 200, 100  # files, and variables of one workload


def hints(tree: Tree) -> dict[str, Told]:
    """By the name of a workload; the first that has a name counts."""
    read = [
        (path, each) for path in _files(tree) for each in documents(tree.text(path)) if isinstance(each, LooseTable)
    ]
    shared = {each.of("metadata").text("name"): each.of("data") for _, each in read if each.get("kind") == "ConfigMap"}
    found: dict[str, Told] = {}
    for path, each in read:
        name = name_of(each.of("metadata").text("name"), "")
        if each.get("kind") in _KINDS and name and name not in found:
            found[name] = _told(name, path, each, shared)
    return found


def _files(tree: Tree) -> list[str]:
    """Manifests in folders that are called so."""
    listed = [
        path for path in tree.files if path.endswith((".yaml", ".yml")) and _FOLDER.search(posixpath.dirname(path))
    ]
    listed.sort(key=lambda path: (path.count("/"), path))  # the main ones lie above their variants
    return [path for path in listed[:_MOST] if "{{" not in (text := tree.text(path)) and MARK not in text[:1000]]


def _told(name: str, path: str, workload: LooseTable, shared: Mapping[str, LooseTable]) -> Told:
    pod = workload.of("spec").of("template").of("spec")
    boxes = pod.get("containers")
    box = (
        next((each for each in boxes if isinstance(each, LooseTable)), LooseTable())
        if isinstance(boxes, list)
        else LooseTable()
    )
    ports = [port_number(each.text("containerPort")) for each in _tables(box.get("ports"))]
    asked = box.of("readinessProbe").of("httpGet").text("path") or box.of("livenessProbe").of("httpGet").text("path")
    env = dict(_variables(box, shared))
    ports.append(port_number(env.get("PORT")))
    return Told(
        name="",
        place=path,
        port=next((port for port in ports if port), 0),
        env=env,
        lost=tuple(_mounted(pod, box)),
        health=asked if re.fullmatch(r"/[\w./-]*", asked) else "",
    )


def _mounted(pod: LooseTable, box: LooseTable) -> Iterator[str]:
    """Secrets, configuration and folders of the node that the container has as files."""
    volumes = {each.text("name"): each for each in _tables(pod.get("volumes"))}
    for each in _tables(box.get("volumeMounts")):
        held = volumes.get(each.text("name"), LooseTable())
        named = (("Secret", held.of("secret").text("secretName")), ("ConfigMap", held.of("configMap").text("name")))
        for kind, name in (*named, ("node's folder", held.of("hostPath").text("path"))):
            if name and each.text("mountPath"):
                yield f"the {kind} `{name}` at `{each.text('mountPath')}`"


def _variables(box: LooseTable, shared: Mapping[str, LooseTable]) -> Iterator[tuple[str, str]]:
    """Values that stand in the manifests: of the container, and of ConfigMaps that it takes."""
    found: dict[str, str] = {}
    for each in _tables(box.get("envFrom")):
        data = shared.get(each.of("configMapRef").text("name"), LooseTable())
        found.update({key: value for key, value in data.items() if isinstance(value, str)})
    for each in _tables(box.get("env")):
        reference = each.of("valueFrom").of("configMapKeyRef")
        value = (
            each.get("value")
            if "value" in each
            else shared.get(reference.text("name"), LooseTable()).get(reference.text("key"))
        )
        if isinstance(value, str) and "$(" not in value and "\n" not in value:
            found[each.text("name")] = value
    yield from [(key, value) for key, value in found.items() if re.fullmatch(r"[A-Za-z_][\w.-]*", key)][:_VARIABLES]


def _tables(held: Any) -> list[LooseTable]:
    return [each for each in held if isinstance(each, LooseTable)] if isinstance(held, list) else []
