"""The services of a Compose file, as plain data → typed records. Unaware of the folders that they are built from.

Form and meaning: https://github.com/compose-spec/compose-spec/blob/main/spec.md. Variables of the caller's environment,
and those of `.env`, which stays closed, are not known here: UNKNOWN stands in their place.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from kforge.domain.draft import UNKNOWN
from kforge.domain.source.sightings import port_number
from kforge.spec.loose_yaml import LooseTable

_INNER = re.compile(r"\$\{(\w{1,200})(?:(:?[-?+])([^${}]{0,1000}))?\}")
_PLAIN = re.compile(r"\$(\w{1,200})")
_PORT = re.compile(r"(?:[\d.]*:|\[[\da-fA-F:]*\]:)?(?:(\d*(?:-\d+)?):)?(\d{1,5})(?:-\d{1,5})?(?:/(tcp|udp|sctp))?")
_LABEL = re.compile(r"traefik\.http\.services\.[^=]{1,200}\.loadbalancer\.server\.port")
_QUANTITY = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([kmg])?(?:i?b)?", re.IGNORECASE)
_MOST = 200  # entries of one list


@dataclass(frozen=True, slots=True)
class ComposeBuild:
    """What is built, by paths as the file has them; `args` without a value are the caller's."""

    context: str
    dockerfile: str = ""
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    inline: bool = False  # whether the file holds the Dockerfile itself


@dataclass(frozen=True, slots=True)
class ComposeVolume:
    """What is mounted where: a volume by its name, a folder of the host, or one without a name."""

    kind: Literal["named", "bind", "anonymous"]
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class ComposeService:
    """One service. Texts may hold UNKNOWN."""

    name: str
    place: str  # `compose.yaml:12`
    image: str = ""
    build: ComposeBuild | None = None
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    env_files: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()  # that the container listens on, the published ones first
    volumes: tuple[ComposeVolume, ...] = ()
    healthcheck: tuple[str, ...] = ()
    after: tuple[str, ...] = ()  # what is started before it
    done: tuple[str, ...] = ()  # those of them that have to end
    profiles: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()  # further names by which others call it
    replicas: int = 0
    memory: str = ""  # its limit, as Kubernetes writes it
    folder: str = ""  # of the file, below the spec's; paths are relative to it
    rights: tuple[str, ...] = ()  # what it asks of the machine, as the file has it: `cap_add: NET_ADMIN`


def records(services: LooseTable, place: str, folder: str = "") -> tuple[ComposeService, ...]:
    """Every service of the `services` block of a file, in its order. `place` is the file's path."""
    return tuple(
        _service(name, block, f"{place}:{services.lines.get(name, 0)}", folder)
        for name, block in services.items()
        if isinstance(block, LooseTable) and name
    )


def filled(text: str) -> str:
    """A text with its variables replaced by their defaults, or by UNKNOWN; `$$` is a dollar."""
    if "$" not in text:
        return text
    held = text.replace("$$", "\1")
    for _ in range(5):  # a default may hold variables itself
        held, changed = _INNER.subn(_value, held)
        if not changed:
            break
    return _PLAIN.sub(UNKNOWN, held).replace("\1", "$")


def _value(match: re.Match[str]) -> str:
    operator, word = match[2] or "", match[3] or ""
    return word if operator.endswith("-") else UNKNOWN


def _service(name: str, block: LooseTable, place: str, folder: str) -> ComposeService:
    after = block.get("depends_on")
    deploy = block.of("deploy")
    return ComposeService(
        name=name,
        place=place,
        image=filled(block.text("image")),
        build=_build(block.get("build")),
        command=_words(block.get("command")),
        entrypoint=_words(block.get("entrypoint")),
        env=_table(block.get("environment")),
        env_files=tuple(_env_files(block.get("env_file"))),
        ports=tuple(dict.fromkeys(_ports(block))),
        volumes=tuple(each for each in map(_volume, _list(block.get("volumes"))) if each),
        healthcheck=_healthcheck(block.of("healthcheck")),
        after=tuple(after) if isinstance(after, LooseTable) else tuple(block.words("depends_on")),
        done=tuple(_ended(after)),
        profiles=tuple(block.words("profiles")),
        aliases=tuple(_aliases(block)),
        replicas=_number(deploy.text("replicas") or block.text("scale")),
        memory=_memory(deploy.of("resources").of("limits").text("memory") or block.text("mem_limit")),
        folder=folder,
        rights=tuple(_rights(block)),
    )


def _rights(block: LooseTable) -> Iterator[str]:
    for key in ("cap_add", "devices", "sysctls"):
        held = block.get(key)
        listed = [*held] if isinstance(held, LooseTable) else [each for each in _list(held) if isinstance(each, str)]
        if listed:
            yield f"`{key}: {', '.join(map(filled, listed))}`".replace(UNKNOWN, "…")
    if block.get("privileged") is True or block.text("privileged") == "true":
        yield "`privileged: true`"
    for key in ("network_mode", "pid", "ipc"):
        if block.text(key) == "host":
            yield f"`{key}: host`"


def _list(held: Any) -> list[Any]:
    return held[:_MOST] if isinstance(held, list) else []


def _words(held: Any) -> tuple[str, ...]:
    """A command as words: a text is split as a shell would, and run by none."""
    if isinstance(held, str):
        try:
            return tuple(shlex.split(filled(held)))
        except ValueError:
            return ()
    return tuple(filled(each) for each in _list(held) if isinstance(each, str))


def _table(held: Any) -> dict[str, str]:
    """`environment`, `args` and `labels` in both forms; a name without a value is the caller's."""
    if isinstance(held, LooseTable):
        pairs: list[tuple[str, Any]] = [*held.items()]
    else:
        parts = [each.partition("=") for each in _list(held) if isinstance(each, str)]
        pairs = [(name, value if given else None) for name, given, value in parts]
    return {name: _scalar(value) for name, value in pairs[:_MOST] if isinstance(value, (str, bool, type(None)))}


def _scalar(value: str | bool | None) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return UNKNOWN if value is None else filled(value)


def _env_files(held: Any) -> Iterator[str]:
    for each in held if isinstance(held, list) else [held]:
        path = each.text("path") if isinstance(each, LooseTable) else each
        if isinstance(path, str):
            yield filled(path)


def _build(held: Any) -> ComposeBuild | None:
    if isinstance(held, str):
        return ComposeBuild(filled(held))
    if not isinstance(held, LooseTable):
        return None
    inline = "dockerfile_inline" in held
    return ComposeBuild(
        filled(held.text("context")) or ".",
        UNKNOWN if inline else filled(held.text("dockerfile")),
        filled(held.text("target")),
        _table(held.get("args")),
        inline,
    )


def _ports(block: LooseTable) -> Iterator[int]:
    for each in _list(block.get("ports")):
        given = (
            filled(each.text("target"))
            if isinstance(each, LooseTable)
            else filled(each)
            if isinstance(each, str)
            else ""
        )
        protocol = each.text("protocol") if isinstance(each, LooseTable) else ""
        match = _PORT.fullmatch(given)
        if match and (protocol or match[3] or "tcp") == "tcp" and (number := port_number(match[2])):
            yield number
    for name, value in _table(block.get("labels")).items():
        if _LABEL.fullmatch(name) and (number := port_number(value)):
            yield number
    for each in _list(block.get("expose")):
        if isinstance(each, str) and (number := port_number(filled(each).removesuffix("/tcp"))):
            yield number


def _volume(held: Any) -> ComposeVolume | None:
    if isinstance(held, LooseTable):
        kinds: dict[str, Literal["named", "bind"]] = {"volume": "named", "bind": "bind"}
        kind, source = kinds.get(held.text("type") or "volume"), filled(held.text("source"))
        if kind is None or not held.text("target"):
            return None
        return ComposeVolume(kind if source else "anonymous", source, filled(held.text("target")))
    if not isinstance(held, str):
        return None
    source, given, rest = filled(held).partition(":")
    if not given:
        return ComposeVolume("anonymous", "", source)
    target = rest.partition(":")[0]
    return ComposeVolume("bind" if source[:1] in (".", "/", "~", UNKNOWN) else "named", source, target)


def _healthcheck(block: LooseTable) -> tuple[str, ...]:
    test = block.get("test")
    if block.get("disable") is True:
        return ()
    if isinstance(test, str):
        return ("CMD-SHELL", filled(test))
    return _words(test)


def _ended(after: Any) -> Iterator[str]:
    for name, block in after.items() if isinstance(after, LooseTable) else ():
        if isinstance(block, LooseTable) and block.text("condition") == "service_completed_successfully":
            yield name


def _aliases(block: LooseTable) -> Iterator[str]:
    for key in ("container_name", "hostname"):
        if name := filled(block.text(key)):
            yield name
    networks = block.get("networks")
    for held in networks.values() if isinstance(networks, LooseTable) else ():
        if isinstance(held, LooseTable):
            yield from map(filled, held.words("aliases"))


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,3}", text) else 0


def _memory(text: str) -> str:
    """`300M` → `300Mi`: Compose counts in powers of 1024. "" for what is none."""
    match = _QUANTITY.fullmatch(filled(text).strip())
    if not match or not match[2]:
        return ""
    return f"{match[1]}{ {'k': 'Ki', 'm': 'Mi', 'g': 'Gi'}[match[2].lower()] }"
