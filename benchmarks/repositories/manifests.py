"""What kforge wrote → units: containers with command, variables, user, folders, ports and probes, as a kubelet reads them.

Unaware of how they are started.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

SECRET = re.compile(r'"id=([^",]+),src=([^",]+)"')
TARGET = re.compile(r'^target "([^"]+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
SETTING = re.compile(r'^  (context|dockerfile|target)\s*= "([^"]*)"', re.MULTILINE)
TAGS = re.compile(r"^  tags\s*= \[([^\]]*)\]", re.MULTILINE)
ARGUMENTS = re.compile(r"^  args\s*= \{\n(.*?)^  \}", re.MULTILINE | re.DOTALL)
ARGUMENT = re.compile(r'^\s+"?([\w.-]+)"?\s*= "([^"]*)"', re.MULTILINE)
EXPANSION = re.compile(r"\$\$|\$\(([A-Za-z_][\w.-]*)\)")
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an image is built: folders relative to the bake file, that of the Dockerfile relative to the context."""

    context: str
    dockerfile: str
    target: str
    args: dict[str, str]
    secrets: dict[str, str]  # name → file, relative to the bake file


@dataclass
class Unit:
    """One container of one workload. `volumes` are (path, files or None for an empty folder, name of a claim)."""

    name: str
    kind: str
    image: str
    command: list[str] | None
    args: list[str] | None
    env: dict[str, str]
    workdir: str
    user: int | None
    group: int | None
    volumes_group: int | None
    read_only: bool
    volumes: list[tuple[str, dict[str, str] | None, str]]
    ports: dict[str, int]
    probes: dict[str, dict[str, Any]]
    sysctls: dict[str, str] = field(default_factory=dict)


def recipes(bake: str) -> dict[str, Recipe]:
    """Tag → recipe, of a docker-bake.hcl that kforge wrote."""
    found = {}
    for _, body in TARGET.findall(bake):
        settings = dict(SETTING.findall(body))
        args = dict(ARGUMENT.findall(block[1])) if (block := ARGUMENTS.search(body)) else {}
        recipe = Recipe(
            settings.get("context", "."),
            settings.get("dockerfile", "Dockerfile"),
            settings.get("target", ""),
            args,
            dict(SECRET.findall(body)),
        )
        for tag in re.findall(r'"([^"]+)"', tags[1] if (tags := TAGS.search(body)) else ""):
            found[tag] = recipe
    return found


def documents(folder: Path) -> list[dict[str, Any]]:
    """Every object below kforge's folder of manifests."""
    found = []
    for path in sorted(folder.rglob("*.yaml")):
        if path.name != "kustomization.yaml":
            found += [one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if isinstance(one, dict)]
    return found


def made_up(secret: str, key: str, values: Mapping[str, str]) -> str:
    """The value of a Secret's key: that of the row where its form matters, else one that any password field takes."""
    for name in (f"{secret}/{key}", key, key.upper().replace("-", "_").replace(".", "_")):
        if name in values:
            return values[name]
    return "s" + hashlib.sha256(f"{secret}/{key}".encode()).hexdigest()[:39]


def units(objects: Iterable[Mapping[str, Any]], values: Mapping[str, str]) -> list[Unit]:
    """Jobs first, then what serves and works; one unit a container."""
    listed = list(objects)
    configs = {one["metadata"]["name"]: one.get("data", {}) for one in listed if one.get("kind") == "ConfigMap"}
    found = []
    for one in listed:
        if one.get("kind") in WORKLOADS:
            spec = one["spec"]["jobTemplate"]["spec"] if one["kind"] == "CronJob" else one["spec"]
            pod = spec["template"]["spec"]
            # The program of a job that others wait for is an init container; what tells the API server has nobody to tell.
            containers = [*(pod.get("initContainers", ()) if "Job" in one["kind"] else ()), *pod["containers"]]
            programs = [container for container in containers if "/kubectl" not in container["image"]]
            found += [_unit(one, pod, container, configs, values) for container in programs]
    return sorted(found, key=lambda unit: (unit.kind != "Job", unit.name))


def _unit(
    one: Mapping[str, Any],
    pod: Mapping[str, Any],
    container: Mapping[str, Any],
    configs: Mapping[str, Mapping[str, str]],
    values: Mapping[str, str],
) -> Unit:
    security = {**pod.get("securityContext", {}), **container.get("securityContext", {})}
    env = _env(container, configs, values)
    return Unit(
        name=one["metadata"]["name"],
        kind=one["kind"],
        image=container["image"],
        command=_expanded(container.get("command"), env),
        args=_expanded(container.get("args"), env),
        env=env,
        workdir=container.get("workingDir", ""),
        user=security.get("runAsUser"),
        group=security.get("runAsGroup"),
        volumes_group=security.get("fsGroup"),
        read_only=bool(security.get("readOnlyRootFilesystem")),
        volumes=_volumes(pod, container, configs, values),
        ports={
            port.get("name", str(port["containerPort"])): port["containerPort"] for port in container.get("ports", ())
        },
        probes={
            name: container[name] for name in ("startupProbe", "readinessProbe", "livenessProbe") if name in container
        },
        sysctls={each["name"]: each["value"] for each in pod.get("securityContext", {}).get("sysctls", ())},
    )


def _env(
    container: Mapping[str, Any], configs: Mapping[str, Mapping[str, str]], values: Mapping[str, str]
) -> dict[str, str]:
    env: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        env.update(configs.get(source.get("configMapRef", {}).get("name"), {}))
    for variable in container.get("env", ()):
        name, source = variable["name"], variable.get("valueFrom", {})
        if "value" in variable:
            env[name] = _expand(variable["value"], env)
        elif reference := source.get("secretKeyRef"):
            # One that may be left out is made where the row knows that this program wants it.
            if not reference.get("optional") or name in values:
                known = {**values, **({reference["key"]: values[name]} if name in values else {})}
                env[name] = made_up(reference["name"], reference["key"], known)
        elif reference := source.get("configMapKeyRef"):
            env[name] = configs.get(reference["name"], {}).get(reference["key"], "")
        elif "fieldRef" in source:
            env[name] = "10.77.0.2"
        elif reference := source.get("resourceFieldRef"):
            env[name] = "1"
    return env


def _volumes(
    pod: Mapping[str, Any],
    container: Mapping[str, Any],
    configs: Mapping[str, Mapping[str, str]],
    values: Mapping[str, str],
) -> list[tuple[str, dict[str, str] | None, str]]:
    named = {volume["name"]: volume for volume in pod.get("volumes", ())}
    found: list[tuple[str, dict[str, str] | None, str]] = []
    for place in container.get("volumeMounts", ()):
        config = named.get(place["name"], {}).get("configMap")
        files = dict(configs.get(config["name"], {})) if config else None
        if secret := named.get(place["name"], {}).get("secret"):
            files = {
                item["path"]: made_up(secret["secretName"], item["key"], values) for item in secret.get("items", ())
            }
        claim = named.get(place["name"], {}).get("persistentVolumeClaim", {}).get("claimName", "")
        found.append((place["mountPath"], files, claim))
    return found


def _expanded(words: list[str] | None, env: Mapping[str, str]) -> list[str] | None:
    return None if words is None else [_expand(word, env) for word in words]


def _expand(text: str, env: Mapping[str, str]) -> str:
    """`$(NAME)` as Kubernetes replaces it: an unknown one stays, `$$` is a dollar."""
    return EXPANSION.sub(lambda found: "$" if found[0] == "$$" else env.get(found[1], found[0]), text)
