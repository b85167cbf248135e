"""A service → the environment variables of its container, in an order in which each may use those before it.

Kubernetes expands `$(NAME)` in a value only from variables above it in the list. So Secrets come first (a connection
string may then say `$(DB_PASSWORD)`), plain values next, and values that use others last; each group by name, but each
value behind those that it uses.
"""

from __future__ import annotations

import math
import re
from collections.abc import Set
from typing import Any

from kforge.domain.commands.started import told_variables
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.quantity import number
from kforge.domain.origin import sourced
from kforge.domain.spec.references import expand
from kforge.domain.topic_names import RESOURCES
from kforge.domain.view import View

_REFERENCE = re.compile(r"(?<!\$)(\$*)\$\(([^)]{0,1000})\)")
_DOLLARS, _NAMED = re.compile(r"\${2,}"), re.compile(r"\(([^)]{0,1000})\)")
_USES_OTHERS = re.compile(r"\$\([A-Za-z_]")


def variables(view: View) -> list[dict[str, Any]]:
    """The container's `env`: references expanded, Secrets referred to, the port and the memory a runtime must know."""
    secrets = view.spec("secrets")
    built = {one["name"] for one in view.fact("build_env") if not one["later"]}  # files hold their values
    said = {name: value for name, value in view.spec("env").items() if name not in built}
    plain = {name: sourced(expand(value, view), f"spec.env.{name}") for name, value in said.items()}
    for name, value in {**_ports(view), **_memory(view), **_told(view)}.items():
        plain.setdefault(name, value)
    held = [{"name": name, "value": plain[name]} for name in sorted(plain) if name not in secrets]
    names_ = {*plain, *secrets}
    for item in held:
        value = item["value"]
        if isinstance(value.value, str) and "$$" in value.value:
            item["value"] = sourced(literal(value.value, names_), value.origin)
    last = [item for item in held if _USES_OTHERS.search(str(item["value"].value))]
    return [*_secrets(secrets), *(item for item in held if item not in last), *_in_order(last)]


def _in_order(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each behind those that it uses; the first by name where they go round in a circle."""
    uses = {
        item["name"]: {name for _, name in _REFERENCE.findall(str(item["value"].value))} - {item["name"]}
        for item in items
    }
    waiting, ordered = {item["name"]: item for item in items}, list[dict[str, Any]]()
    users: dict[str, list[str]] = {}
    for name, used in uses.items():
        used.intersection_update(waiting)
        for one in used:
            users.setdefault(one, []).append(name)
    free = [name for name, used in uses.items() if not used]
    while waiting:
        free = sorted(name for name in free if name in waiting) or [next(iter(waiting))]
        ordered += [waiting.pop(name) for name in free]
        behind = [(each, user) for each in free for user in users.get(each, ())]
        for each, user in behind:
            uses[user].discard(each)
        free = [*dict.fromkeys(user for _, user in behind if not uses[user])]
    return ordered


def refers(text: str, held: Set[str]) -> bool:
    """Whether a text speaks of one of these variables: `$(NAME)` is its value, `$$(NAME)` the text `$(NAME)`."""
    return any(name in held for _, name in _REFERENCE.findall(text))


def as_text(text: str, held: Set[str]) -> str:
    """A value of another file as a spec writes it: there `$(NAME)` of a variable would be that one's value."""
    return _REFERENCE.sub(lambda found: f"{'$' * (found[2] in held)}{found[0]}", text) if "$(" in text else text


def literal(text: str, held: Set[str]) -> str:
    """A text so that Kubernetes hands on what is written, as an image's own CMD does: of `$$` it would leave one dollar.

    Dollars before the name of a variable that is held keep their meaning.
    https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
    """

    def doubled(run: re.Match[str]) -> str:
        named = _NAMED.match(text, run.end())
        return run[0] if named and named[1] in held else run[0] * 2

    return _DOLLARS.sub(doubled, text) if "$$" in text else text


def _secrets(secrets: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "valueFrom": {
                "secretKeyRef": sourced(
                    {"name": key.secret, "key": key.key, "optional": True if key.optional else None},
                    f"spec.secrets.{name}",
                )
            },
        }
        for name, key in sorted(secrets.items())
    ]


def _told(view: View) -> dict[str, Any]:
    """What a command needs to hear where its words do not say it."""
    ports = names.ports(view)
    main = ports[0].number if ports else 0
    own = {name for said in (view.again().spec("env"), _own(view)) for name in said}
    return {
        name: sourced(value, "process.command") for name, value in told_variables(view, main).items() if name not in own
    }


def _own(view: View) -> dict[str, str]:
    """Variables that the user's own Dockerfile sets."""
    return dict((view.again().fact("dockerfile") or {}).get("env") or {})


def _ports(view: View) -> dict[str, Any]:
    """Variables that the program reads its ports from, so that it listens where the Service sends.

    One that holds an address keeps the form of its default. Ports that the spec pins carry none: the source tells which
    it reads, for the same number, or for its main port.
    """
    ports = names.ports(view)
    if not ports:
        return {}
    read = {} if all(port.env for port in ports) else {fact["port"]: fact.get("env") for fact in view.fact("ports")}
    variables_ = [port.env or read.get(port.number) for port in ports]
    if not any(variables_) and not any(port.number in read for port in ports):
        variables_[0] = next(iter(read.values()), None)
    forms = {fact["env"]: fact["form"] for fact in view.fact("forms")}
    opened = {name: sourced(form, "process.ports") for name, form in forms.items() if "{}" not in form}
    return opened | {
        name: sourced((forms.get(name) or "{}").replace("{}", str(port.number)), "process.ports")
        for name, port in zip(variables_, ports, strict=True)
        if name
    }


def _memory(view: View) -> dict[str, Any]:
    """What tells a runtime how much memory it has, where it does not read the container's limit by itself."""
    limit = view.decided(RESOURCES, "memoryLimit") or view.decided(RESOURCES, "memory")
    language = view.language()
    told = language.memory if language else None
    if told is None or limit is None:
        return {}
    return {told.name: sourced(told.text(math.floor(number(limit) * told.share)), f"kforge: {told.reason}")}
