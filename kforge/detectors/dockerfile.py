"""The user's own Dockerfile → facts, in any language. Never kforge's: its output is no fact about the source."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kforge.detectors.build_context import own_context
from kforge.detectors.declared_folders import declared
from kforge.detectors.dockerfile_accounts import made
from kforge.detectors.dockerfile_lines import (
    DockerfileLine,
    arguments,
    exec_form,
    expand,
    instructions,
    pairs,
    unquoted,
    words,
)
from kforge.detectors.dockerfile_ports import exposed, unset, variable
from kforge.detectors.dockerfile_scripts import with_script
from kforge.domain.artifact import Detector, Tree, around
from kforge.domain.document import MARK
from kforge.domain.facts import Evidence, Fact, Facts
from kforge.domain.known_images import called
from kforge.domain.secrets.source_secrets import public
from kforge.domain.source.build_context import between
from kforge.domain.source.hosts import hosts_for
from kforge.domain.source.sightings import Sightings, port_number

PATH = "Dockerfile"
_ASKED = re.compile(r"(https?)://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\])(?::(\$\{?\w++\}?|\d++))?(/[\w./-]*+)?")
_MOST = 1000  # variables, ports or volumes of a stage, or words of one instruction that name them


@dataclass(slots=True)
class _Stage:
    """What holds at the end of a stage; the next one that is built from it begins with a copy."""

    name: str
    image: str
    base: str
    line: int = 0
    user: str = ""
    workdir: str = ""
    expose: list[dict[str, Any]] = field(default_factory=list)
    env: dict[str, str] = field(default_factory=dict)
    entrypoint: list[str] | None = None
    cmd: list[str] | None = None
    shell_entrypoint: bool = False
    shell_cmd: bool = False
    healthcheck: list[str] | None = None
    volumes: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)  # what references see: arguments and variables, the later wins
    shell: list[str] = field(default_factory=lambda: ["/bin/sh", "-c"])
    triggers: list[str] = field(default_factory=list)  # of ONBUILD, for stages that are built from this one
    unset: dict[str, int] = field(default_factory=dict)  # variables of EXPOSE that have no value → line
    lines: dict[str, int] = field(default_factory=dict)  # "expose 8080" → line
    accounts: dict[str, int] = field(default_factory=dict)  # that RUN lines make with a number

    def heir(self, name: str, image: str, line: int) -> _Stage:
        return _Stage(
            name,
            image,
            self.base,
            line,
            self.user,
            self.workdir,
            list(self.expose),
            dict(self.env),
            self.entrypoint,
            self.cmd,
            self.shell_entrypoint,
            self.shell_cmd,
            self.healthcheck,
            list(self.volumes),
            dict(self.known),  # https://docs.docker.com/build/building/variables/#scoping: a child stage has them too
            list(self.shell),
            [],
            dict(self.unset),
            {what: where for what, where in self.lines.items() if what != "cmd"},
            dict(self.accounts),
        )


def detect(tree: Tree) -> Facts | None:
    """What the Dockerfile shows: itself, the ports it exposes, its variables, the path its health check asks."""
    path, text = own_dockerfile(tree)
    final, stages = _final(tree)
    if final is None:
        return None
    lines, escape = instructions(text)
    context, missing, doubts = own_context(tree, path, lines, escape)
    shown = Sightings()
    base = called(final.base)
    protocol = base.serves if base and base.serves else "tcp"
    _health(final, shown, path)
    asked = {fact.value["port"]: fact.value["protocol"] for fact in shown.many("asked")}
    for port in (each["port"] for each in final.expose if each["protocol"] == "tcp"):
        only = next(iter(asked.values())) if asked and len(final.expose) == 1 else protocol
        spoken = asked.get(port, only)
        value = {"port": port, "protocol": spoken, "env": _variable(final, port)}
        shown.see("ports", value, path, final.lines.get(f"expose {port}", 0))
    if not final.expose and (port := port_number(final.env.get("PORT"))):
        shown.see("ports", {"port": port, "protocol": protocol, "env": "PORT"}, path, final.lines.get("env PORT", 0))
    for name, text in sorted(final.env.items()):
        for host, port in hosts_for(name, text):
            shown.see("hosts", {"host": host, "port": port}, path, final.lines[f"env {name}"])
    return Facts(
        detector="dockerfile",
        revision=1,
        ports=shown.many("ports"),
        exposed_by=tuple(Fact(name, (Evidence(path, line),)) for name, line in final.unset.items()),
        health=shown.many("health"),
        hosts=shown.hosts(),
        dockerfile=Fact(with_script(tree, lines, _described(path, final, stages)), (Evidence(path, final.line),)),
        kept=declared(path, final.volumes, final.env, final.workdir, final.lines),
        context=context,
        missing=(*missing, *_no_target(tree, path, stages)),
        doubts=doubts,
    )


def declared_port(tree: Tree) -> Fact | None:
    """The one port that the Dockerfile names, by PORT or by its only EXPOSE: where a framework would use its default."""
    final, _ = _final(tree)
    if final is None:
        return None
    path, _ = own_dockerfile(tree)
    if port := port_number(final.env.get("PORT")):
        return Fact(port, (Evidence(path, final.lines.get("env PORT", 0)),))
    ports = [item["port"] for item in final.expose if item["protocol"] == "tcp"]
    return Fact(ports[0], (Evidence(path, final.lines.get(f"expose {ports[0]}", 0)),)) if len(ports) == 1 else None


def own_dockerfile(tree: Tree) -> tuple[str, str]:
    """Path, from the source, and text of the user's own Dockerfile: the one that the spec names, else the source's; ""
    for none. One that kforge wrote is none.
    """
    place = around(tree)
    pinned = place.pins.dockerfile if place else None
    if place is not None and pinned is not None:
        path, text = between(place.folder, pinned), place.text(pinned)
    else:
        path, text = PATH, tree.text(PATH) if PATH in tree.files else ""
    return (path, "") if any(MARK in line for line in text.split("\n", 6)[:5]) else (path, text)


def _final(tree: Tree) -> tuple[_Stage | None, list[_Stage]]:
    """The stage that is built, which is the last one unless the spec names another, and all stages."""
    _, text = own_dockerfile(tree)
    stages = _stages(text) if text else []
    return (_target(tree, stages) or stages[-1], stages) if stages else (None, [])


def _target(tree: Tree, stages: list[_Stage]) -> _Stage | None:
    place = around(tree)
    name = place.pins.target.lower() if place else ""
    return next((stage for stage in stages if name and stage.name.lower() == name), None)


def _no_target(tree: Tree, path: str, stages: list[_Stage]) -> tuple[Fact, ...]:
    place = around(tree)
    if place is None or not place.pins.target or _target(tree, stages):
        return ()
    named = ", ".join(f"`{stage.name}`" for stage in stages if stage.name) or "none has a name"
    return (Fact(f"no stage is called `{place.pins.target}`, as `build.target` says: {named}", (Evidence(path),)),)


def _described(path: str, final: _Stage, stages: list[_Stage]) -> dict[str, Any]:
    number = final.accounts.get(final.user.partition(":")[0])
    return {
        **({} if number is None else {"uid": number}),
        "path": path,
        "stages": [{"name": stage.name, "image": stage.image} for stage in stages],
        "base": final.base,
        "user": final.user,
        "expose": final.expose,
        "env": {name: public(name, value) for name, value in final.env.items()},
        "entrypoint": final.entrypoint,
        "cmd": final.cmd,
        "shell": final.shell_entrypoint if final.entrypoint is not None else final.shell_cmd,
        "workdir": final.workdir,
        "healthcheck": final.healthcheck,
        "volumes": final.volumes,
    }


def _stages(text: str) -> list[_Stage]:
    lines, escape = instructions(text)
    stages: list[_Stage] = []
    globals_: dict[str, str] = {}
    for line in lines:
        if line.name == "FROM":
            stages.append(_from(line, stages, globals_, escape))
        elif line.name == "ARG" and not stages:
            globals_.update(arguments(line, globals_, {}, escape))
        elif line.name == "RUN" and stages:
            for account, number in made("\n".join((line.rest, *line.heredocs)), stages[-1].known):
                stages[-1].accounts[account] = number or stages[-1].accounts.get(account, 0)
        elif stages:
            _apply(line, stages[-1], globals_, escape)
    return stages


def _from(line: DockerfileLine, stages: list[_Stage], globals_: dict[str, str], escape: str) -> _Stage:
    parts = words(expand(line.rest, globals_, escape), escape)
    image = parts[0] if parts else ""
    name = parts[2] if len(parts) > 2 and parts[1].lower() == "as" else ""
    parent = next((stage for stage in reversed(stages) if stage.name and stage.name.lower() == image.lower()), None)
    if parent is None:
        return _Stage(name, image, image, line.line)
    stage = parent.heir(name, image, line.line)
    for trigger in parent.triggers:
        for each in instructions(trigger)[0]:
            _apply(replace(each, line=line.line), stage, globals_, escape)
    return stage


def _apply(line: DockerfileLine, stage: _Stage, globals_: dict[str, str], escape: str) -> None:
    known = stage.known
    match line.name:
        case "ARG" if len(known) < _MOST:
            known.update(given := arguments(line, known, globals_, escape))
            stage.lines.update({f"value {name}": line.line for name in given})
        case "ENV":
            for name, value in pairs(line.rest, known, escape)[: _MOST - len(stage.env)]:
                stage.env[name] = known[name] = value
                stage.lines[f"env {name}"] = stage.lines[f"value {name}"] = line.line
        case "USER":
            stage.user = unquoted(line.rest.strip(), known, escape)
        case "WORKDIR":
            path = unquoted(line.rest.strip(), known, escape)
            stage.workdir = posixpath.normpath(
                f"/{stage.workdir}/{path}" if path[:1] != "/" else f"/{path.lstrip('/')}"
            )
            stage.workdir = f"/{stage.workdir.lstrip('/')}"  # two slashes at the beginning mean something in POSIX
        case "EXPOSE":
            _expose(line, stage, known, escape)
        case "VOLUME":
            listed = exec_form(line.rest) or words(line.rest, escape, raw=True)
            added = dict.fromkeys([*stage.volumes, *(unquoted(one, known, escape) for one in listed[:_MOST])])
            stage.volumes = list(added)[:_MOST]
            stage.lines.update({f"volume {path}": line.line for path in added if f"volume {path}" not in stage.lines})
        case "ENTRYPOINT":
            stage.entrypoint, stage.shell_entrypoint = _command(line.rest, stage.shell)
            stage.cmd = None if "cmd" not in stage.lines else stage.cmd  # a new entry point drops the parent's CMD
        case "CMD":
            stage.cmd, stage.shell_cmd = _command(line.rest, stage.shell)
            stage.lines["cmd"] = line.line
        case "SHELL":
            stage.shell = exec_form(line.rest) or stage.shell
        case "ONBUILD" if len(stage.triggers) < _MOST and not line.heredocs:
            stage.triggers.append(line.rest)
        case "HEALTHCHECK":
            kind, *rest = line.rest.split(None, 1) or [""]
            stage.healthcheck = _command("".join(rest), stage.shell)[0] if kind.upper() == "CMD" else None
            stage.lines["healthcheck"] = line.line


def _expose(line: DockerfileLine, stage: _Stage, known: Mapping[str, str], escape: str) -> None:
    raw = words(line.rest, escape, raw=True)[:_MOST]
    for word in raw:
        # The line that a change of the number would touch: that of the variable, where one stands for it.
        seen = stage.lines.get(f"value {variable(word)}", line.line)
        for entry in exposed(words(expand(word, known, escape), escape)):
            if len(stage.expose) < _MOST and entry not in stage.expose:
                stage.expose.append(entry)
                stage.lines[f"expose {entry['port']}"] = seen
    for name in unset(raw, known):
        stage.unset.setdefault(name, line.line)


def _command(rest: str, shell: list[str]) -> tuple[list[str] | None, bool]:
    """Words and whether a shell runs them. Shell form is kept as what runs: `/bin/sh -c LINE`."""
    listed = exec_form(rest)
    if listed is not None:
        return listed or None, False
    return ([*shell, rest], True) if rest else (None, False)


def _variable(stage: _Stage, port: int) -> str:
    names = sorted(name for name, value in stage.env.items() if value == str(port) and name.upper().endswith("PORT"))
    return "PORT" if "PORT" in names else (names[0] if names else "")


def _health(stage: _Stage, shown: Sightings, path: str) -> None:
    """Path and port that a HEALTHCHECK asks of its own container."""
    for found in _ASKED.finditer(" ".join(stage.healthcheck or ())):
        usual = "443" if found.group(1) == "https" else "80"
        port = port_number(expand(found.group(2) or usual, stage.env, "\\"))
        shown.see("asked", {"port": port, "protocol": found.group(1)})
        shown.see("health", found.group(3) or "/", path, stage.lines.get("healthcheck", 0))


DETECTOR = Detector("dockerfile", 1, detect)
