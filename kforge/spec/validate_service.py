"""A raw service → what contradicts itself in it: keys that exclude each other, names that meet, bounds that cross."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator
from typing import Any

from kforge.domain.secrets import credentials
from kforge.domain.secrets.redact import named
from kforge.domain.secrets.source_secrets import HIDDEN
from kforge.domain.spec.raw import Path
from kforge.domain.topic_names import BUILD, PROCESS
from kforge.spec import cron
from kforge.spec.inherited import DEFAULTS, LIKE
from kforge.spec.tolerant import OneOf, Wrong, blocks, listing, mapping, text
from kforge.spec.validate_amounts import amounts
from kforge.spec.validate_probes import probes
from kforge.spec.validate_references import is_job

KINDS = (
    "Pod", "Deployment", "StatefulSet", "Job", "CronJob", "Service", "ServiceAccount", "ConfigMap", "Ingress",
    "HTTPRoute", "GRPCRoute", "BackendTLSPolicy", "PersistentVolumeClaim", "HorizontalPodAutoscaler", "PodDisruptionBudget", "NetworkPolicy",
    "Role", "RoleBinding",
)  # fmt: skip
_TWICE = (
    ("port", "ports"),
    ("command", "process.command"),
    ("user", "process.user"),
    ("port", "process.ports"),
    ("ports", "process.ports"),
)
_CONFIG_LIMIT = 1 << 20  # bytes that the API server takes in a ConfigMap
_LABEL_LIMIT = 52  # what Kubernetes leaves for a name that it puts into labels with a suffix of its own


def problems(data: dict[str, Any], recipes: Collection[str]) -> Iterator[Wrong]:
    """Contradictions in every service of the base."""
    for shared, block in _defaults(data):
        yield from variables(shared, block, block)
        yield from fragments(shared, block)
    for name, block in blocks(data, "services"):
        path: Path = ("services", name)
        yield from _kind(path, block)
        yield from _pinned_twice(path, block)
        yield from _ports(path, block)
        yield from probes(path, block)
        yield from _mounts(path, block)
        yield from amounts(path, block)
        yield from variables(path, block, block)
        yield from _commands(path, block)
        yield from _build(path, block)
        yield from scale(path, block, block)
        yield from config(path, block)
        yield from fragments(path, block)
        yield from _lists(path, block)
        recipe = text(block, BUILD, "recipe")
        if recipe and recipes and recipe not in recipes:
            yield Wrong(
                (*path, BUILD, "recipe"), f"there is no recipe `{recipe}`", OneOf(recipe, recipes, "recipes are")
            )


def _defaults(data: dict[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    """What services share, in the base and in every environment."""
    yield (DEFAULTS,), mapping(data, DEFAULTS)
    for name, block in blocks(data, "environments"):
        yield ("environments", name, DEFAULTS), mapping(block, DEFAULTS)


def _kind(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    name = path[-1]
    source, image = "source" in block, "image" in block
    if source and image:
        yield Wrong(
            (*path, "image"),
            f"`{name}` has both `source` and `image`",
            "keep `source` for what is built here, `image` for what is not",
            at_key=True,
        )
    elif not source and not image and LIKE not in block:  # the one it is like lacks them, or is none
        yield Wrong(
            path,
            f"`{name}` has neither `source` nor `image`",
            f"add `source: ./{name}` for what is built here, or `image: …`",
            at_key=True,
        )
    elif image:
        for key in ("version", BUILD):
            if key in block:
                yield Wrong(
                    (*path, key),
                    f"`{key}` of `{name}` has no effect: its image is built elsewhere",
                    "leave it out; the tag stands in `image`",
                    at_key=True,
                )
    if "schedule" in block and block.get("job") is True:
        yield Wrong(
            (*path, "job"),
            f"`{name}` has both `schedule` and `job`",
            "keep `schedule` for what runs at times, `job` for what runs once",
            at_key=True,
        )
    if is_job(block):
        for key in ("expose", "scale", "allowFrom"):
            if key in block:
                yield Wrong(
                    (*path, key),
                    f"`{key}` of `{name}` has no effect: a job has neither ports nor replicas",
                    "leave it out",
                    at_key=True,
                )
    fault = cron.wrong(text(block, "schedule"))
    if fault:
        yield Wrong(
            (*path, "schedule"),
            f"`{text(block, 'schedule')}` is not a valid schedule: {fault}",
            "minute, hour, day, month, weekday: `0 3 * * *` is every day at three",
        )
    stateful = any(
        isinstance(volume, dict) and volume.get("shared") is not True for volume in listing(block, "volumes")
    )
    if isinstance(name, str) and len(name) > _LABEL_LIMIT and (is_job(block) or stateful):
        yield Wrong(
            path,
            f"`{name}` has {len(name)} characters, and Kubernetes adds some to the names of jobs and stateful services",
            f"use at most {_LABEL_LIMIT}",
            at_key=True,
        )


def _pinned_twice(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    for key, other in _TWICE:
        there = mapping(block, PROCESS) if other.startswith("process.") else block
        if key in block and other.rpartition(".")[2] in there:
            where = (*path, *other.split("."))
            yield Wrong(where, f"`{path[-1]}` has both `{key}` and `{other}`", "keep one of them", at_key=True)


def _ports(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    for keys in (("ports",), (PROCESS, "ports")):
        ports = [port if isinstance(port, dict) else {} for port in listing(block, *keys)]
        for field in ("name", "port"):
            yield from twice((*path, *keys), [port.get(field) for port in ports], field, f"port of `{path[-1]}`")
        for index, port in enumerate(ports):
            name = text(port, "name")
            if name and ("--" in name or not any(letter.isalpha() for letter in name)):
                hint = "a port name has a letter, and no two `-` in a row: `http`, `metrics`"
                yield Wrong((*path, *keys, index, "name"), f"`{name}` is not a valid port name", hint)


def twice(path: Path, values: list[Any], field: str, what: str) -> Iterator[Wrong]:
    """Values of a list's items that an earlier item has, too; `field` is "" where the item is the value."""
    seen: dict[Any, int] = {}
    for index, value in enumerate(values):
        if isinstance(value, (str, int)) and seen.setdefault(value, index) != index:
            where = (*path, index, field) if field else (*path, index)
            yield Wrong(
                where,
                f"`{value}` is the {'number' if field == 'port' else field} of more than one {what}"
                if field
                else f"`{value}` is listed twice in {what}",
                "keep one of them",
            )


def _mounts(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    volumes = [volume if isinstance(volume, dict) else {} for volume in listing(block, "volumes")]
    yield from twice((*path, "volumes"), [volume.get("name") for volume in volumes], "name", f"volume of `{path[-1]}`")
    paths = [posixpath.normpath(text(volume, "path")) if text(volume, "path") else None for volume in volumes]
    yield from twice((*path, "volumes"), paths, "path", f"volume of `{path[-1]}`")
    mounted = text(block, "config", "path")
    if mounted and posixpath.normpath(mounted) in paths:
        yield Wrong(
            (*path, "config", "path"),
            f"`{mounted}` is also the path of a volume",
            "mount the files in a folder of their own",
        )
    for key, where in [
        (("config", "path"), mounted),
        *((("volumes", index, "path"), each) for index, each in enumerate(paths)),
    ]:
        if where and posixpath.normpath(where) == "/":
            yield Wrong((*path, *key), "a volume at `/` would hide the whole image", "mount it at a folder: `/data`")


def variables(path: Path, block: dict[str, Any], merged: dict[str, Any]) -> Iterator[Wrong]:
    """Variables of a block that are set twice, or that hold what belongs into a Secret."""
    for name in mapping(block, "env").keys() & mapping(merged, "secrets").keys():
        yield Wrong(
            (*path, "env", name),
            f"`{name}` is under both `env` and `secrets`",
            "keep the reference under `secrets`",
            at_key=True,
        )
    for name in mapping(block, "secrets").keys() & mapping(merged, "env").keys() - mapping(block, "env").keys():
        yield Wrong(
            (*path, "secrets", name),
            f"`{name}` is under both `env` and `secrets`",
            "keep the reference under `secrets`",
            at_key=True,
        )
    for name, value in mapping(block, "env").items():
        if not isinstance(value, str) or next(credentials.known(value), None):
            continue  # `spec/resolve.py` searches the whole text for known forms
        if credentials.userinfo(value):
            hint = f"pass the password by a Secret: `secrets: {{PASSWORD: {{secret: …, key: …}}}}`, and write `$(PASSWORD)` in `{name}`"
            yield Wrong((*path, "env", name), f"the URL in `{name}` carries a password", hint)
        elif credentials.names_one(name, value):
            hint = f"put it into a Secret and refer to it: `secrets: {{{name}: {{secret: {path[-1]}, key: {name}}}}}`"
            yield Wrong((*path, "env", name), f"`{name}` looks like a credential, and its value is in the spec", hint)


def _commands(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    """Credentials in what starts or builds a service: the manifest shows it, or the image and its history."""
    secret = f"put it into a Secret, refer to that (`secrets: {{PASSWORD: {{secret: {path[-1]}, key: password}}}}`), and write `$(PASSWORD)` in the command"
    mounted = "let the step read it from a file that a Dockerfile of your own mounts as a secret"
    steps = [
        ((*path, BUILD, "steps", index), step, mounted) for index, step in enumerate(listing(block, BUILD, "steps"))
    ]
    starts = [((*path, *keys), listing(block, *keys), secret) for keys in (("command",), (PROCESS, "command"))]
    for where, held, hint in (*starts, *steps):
        words = [word for word in held if isinstance(word, str)] if isinstance(held, list) else []
        for index, (word, shown) in enumerate(zip(words, named(words), strict=True)):
            if (word != shown or credentials.userinfo(word)) and not next(credentials.known(word), None):
                after = f", after `{words[index - 1]}`" if shown == HIDDEN else ""
                yield Wrong(where, f"the {'step' if hint == mounted else 'command'} holds a credential{after}", hint)


def _build(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    """Build arguments that hold secrets, which the image's history shows, and secrets of no place or of two."""
    for name, value in mapping(block, BUILD, "args").items():
        held = isinstance(value, str) and (credentials.names_one(name, value) or credentials.userinfo(value))
        if held and not next(credentials.known(value), None):
            hint = f"let build steps read it as a secret: `build: {{secrets: {{{name}: {{env: {name}}}}}}}`"
            yield Wrong((*path, BUILD, "args", name), f"the build argument `{name}` holds a credential", hint)
    for name, secret in blocks(block, BUILD, "secrets"):
        if ("env" in secret) == ("file" in secret):
            said = "both `env` and `file`" if "env" in secret else "neither `env` nor `file`"
            yield Wrong(
                (*path, BUILD, "secrets", name),
                f"the secret `{name}` of the build has {said}",
                "name one of them",
                True,
            )


def scale(path: Path, block: dict[str, Any], merged: dict[str, Any]) -> Iterator[Wrong]:
    """Bounds that cross, in a block or in what an environment makes of it."""
    both = {**mapping(merged, "scale"), **mapping(block, "scale")}
    least, most = both.get("min", 1), both.get("max")
    if isinstance(least, int) and isinstance(most, int) and least > most:
        key = "max" if "max" in mapping(block, "scale") else "min"
        yield Wrong(
            (*path, "scale", key),
            f"`{path[-1]}` has `min: {least}` above `max: {most}`",
            "raise `max` or lower `min`",
        )


def config(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    """Files that no ConfigMap holds."""
    files = mapping(block, "config", "files")
    for name in files:
        if name == "." or name.startswith(".."):
            yield Wrong(
                (*path, "config", "files", name),
                f"`{name}` is not a valid file name",
                "begin it with a letter or digit",
                at_key=True,
            )
    size = sum(len(name) + len(value.encode()) for name, value in files.items() if isinstance(value, str))
    if size > _CONFIG_LIMIT:
        yield Wrong(
            (*path, "config", "files"),
            f"the files have {size} bytes, more than the {_CONFIG_LIMIT} of a ConfigMap",
            "put large files into the image or a volume",
            at_key=True,
        )


def fragments(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    """Fragments of kinds that no service has."""
    for kind in mapping(block, "kubernetes"):
        if kind not in KINDS:
            yield Wrong(
                (*path, "kubernetes", kind),
                f"kforge writes no `{kind}` for a service",
                OneOf(kind, KINDS, "fragments are of"),
                at_key=True,
            )


def _lists(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    for key in ("needs", "outputs"):
        yield from twice((*path, key), listing(block, key), "", f"`{key}`")
