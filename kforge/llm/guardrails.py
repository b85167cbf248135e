"""The hard limits of every topic's answer: what a model may not decide. Yields what is wrong, a sentence each.

No answer, requirement or refinement can waive a limit; a pin in the spec goes past it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.quantity import number
from kforge.domain.model.known_words import KnownWords
from kforge.domain.port import Port
from kforge.domain.probe import Probe
from kforge.domain.spec import patterns
from kforge.domain.topic_names import BUILD, PROBES, PROCESS, RESOURCES, ROLLOUT
from kforge.llm.answer_schema import ports, starts
from kforge.llm.conformance import quoted
from kforge.llm.guardrails_build import build_faults, files
from kforge.llm.guardrails_commands import start_faults
from kforge.llm.prompt_context import wishes

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

Check = Callable[["Question", Mapping[str, Any]], Iterator[str]]
_SEGMENT = r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,60}"
_PATH = re.compile(rf"/(?:{_SEGMENT}(?:/{_SEGMENT}){{0,7}}/?)?")
_FOLDER = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]{0,60}){1,8}")
# Folders whose content the program, the system or the kubelet brings; an empty one over it hides that.
_TAKEN = (
    "/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/root", "/run/secrets", "/sbin", "/sys", "/usr",
    "/var/run/secrets", "/var/lib/kubelet", "/opt/venv",
)  # fmt: skip
# themselves, not what lies below
_HIDING = ("/app", "/opt", "/run", "/var", "/var/run", "/var/lib", "/home", "/srv", "/mnt", "/media")
_SOCKETS = ("docker.sock", "containerd.sock", "crio.sock")
_CPU = (re.compile(r"[0-9]{1,5}m|[0-9]{1,2}(?:\.[0-9]{1,3})?"), number("10m"), number("64"))
_MEMORY = (re.compile(r"[0-9]{1,6}(?:Ki|Mi|Gi)"), number("16Mi"), number("512Gi"))
_DISK = (re.compile(r"[0-9]{1,6}(?:Ki|Mi|Gi|Ti)"), number("1Mi"), number("1Ti"))
_RANGES = {"cpu": "10m and 64", "memory": "16Mi and 512Gi", "storage": "1Mi and 1Ti"}


def limit_faults(question: Question, value: Mapping[str, Any]) -> Iterator[str]:
    """Everything in a complete answer that no model may decide."""
    check = _CHECKS.get(question.topic.name)
    if check is not None:
        yield from check(question, value)


def _process(question: Question, value: Mapping[str, Any]) -> Iterator[str]:
    numbers = ports(question)
    if value["command"] is not None and value["command"] != question.baseline.value.get("command"):
        dependencies = {str(name) for name in question.view.fact("dependencies")}
        language = question.view.language()
        own = language.programs if language else {}
        programs = {name for name, one in own.items() if not one.library or one.library in dependencies}
        known = KnownWords(starts(question), programs, files(question), numbers)
        faults = start_faults(value["command"], known, question.view.languages.programs)
        yield from (f"`command`: {fault}" for fault in faults)
    yield from _ports(question, value["ports"], numbers)
    if value["user"] < 1:
        yield "`user`: 0 is root; take another number"
    kept = {str(path) for path in question.baseline.value.get("writable") or ()}
    for path in value["writable"]:
        if path not in kept:
            yield from (f"`writable`: {fault}" for fault in _folder_faults(path))


def _ports(question: Question, found: list[dict[str, Any]], numbers: Mapping[int, Port]) -> Iterator[str]:
    for field in ("name", "port"):
        seen = [port[field] for port in found]
        for double in sorted({str(one) for one in seen if seen.count(one) > 1}):
            yield f"`ports`: {quoted(double)} is the {field} of two ports"
    variables = {port.env for port in numbers.values() if port.env}
    for port in found:
        if port["port"] not in numbers:
            yield f"`ports`: {port['port']} is named neither by the source nor by the spec; take {', '.join(map(str, numbers))}"
        if (
            not re.fullmatch(patterns.PORT_NAME, port["name"])
            or not re.search("[a-z]", port["name"])
            or "--" in port["name"]
        ):
            yield f"`ports`: {quoted(port['name'])} is no name of a port: at most 15 lower-case letters, digits and `-`"
        if port["env"] and port["env"] not in variables:
            yield f"`ports`: {quoted(port['env'])} is no variable that the source reads a port from"


def _folder_faults(path: str) -> Iterator[str]:
    if not _FOLDER.fullmatch(path) or posixpath.normpath(path) != path:
        yield f"{quoted(path)} is no absolute path of a folder, or not in its shortest form"
    elif (
        path in _HIDING
        or any(path == taken or path.startswith(f"{taken}/") for taken in _TAKEN)
        or path.endswith(_SOCKETS)
    ):
        yield f"{quoted(path)} belongs to the system or holds the program; name a folder of its own"


def _probes(question: Question, value: Mapping[str, Any]) -> Iterator[str]:
    protocols = {port.name: port.protocol for port in names.ports(question.view)}
    asked = {port.name: port.probe for port in names.ports(question.view)}
    routes = [route for route in question.view.fact("health") if route.startswith("/")]
    wished = " ".join(wishes(question))
    readiness = Probe.of(question.baseline.value.get("readiness"))
    said = Probe.of(value["readiness"]) if "readiness" in value else readiness
    if readiness.type in ("http", "grpc") and said.type == "tcp" and not wished:
        yield f"`readiness`: the source shows how to ask it ({quoted(readiness.path or 'grpc')}), an open port says less, and no wish speaks against it"
    for which, probe in value.items():
        kind, port, path = probe["type"], probe["port"], probe["path"]
        if kind == "none":
            if which == "readiness" and readiness.type != "none":
                yield "`readiness`: without it, traffic goes to pods that cannot serve; ask with another type"
            continue
        if port not in protocols:
            yield f"`{which}`: {quoted(port)} is no port of the service; take {', '.join(protocols) or 'type none'}"
        elif kind not in ("tcp", asked[port]):
            yield f"`{which}`: port {quoted(port)} speaks {protocols[port]}, so type {kind} cannot ask it"
        if kind == "http" and path is None:
            yield f"`{which}`: type http needs a path"
        elif kind == "http" and path not in routes and not _PATH.fullmatch(path):
            yield f"`{which}`: {quoted(path)} is no plain path; {'take ' + ', '.join(map(quoted, routes[:4])) if routes else 'write one such as `/healthz`'}"
        elif kind == "http" and routes and path not in routes and str(path) not in wished:
            yield f"`{which}`: neither the source nor a wish knows the path {quoted(path)}; take {', '.join(map(quoted, routes[:4]))}"
        for field in ("period", "timeout", "failures"):
            if probe[field] is None:
                yield f"`{which}`: `{field}` is missing"


def _resources(question: Question, value: Mapping[str, Any]) -> Iterator[str]:
    amounts: dict[str, Fraction] = {}
    for field, (form, least, most) in {
        "cpu": _CPU,
        "cpuLimit": _CPU,
        "memory": _MEMORY,
        "memoryLimit": _MEMORY,
        "storage": _DISK,
    }.items():
        text = value.get(field)
        if text is None:
            continue
        if not form.fullmatch(text) or not least <= number(text) <= most:
            yield f"`{field}`: {quoted(text)} is no quantity between {_RANGES[field.removesuffix('Limit')]}"
        else:
            amounts[field] = number(text)
    for field in ("cpu", "memory"):
        limit = amounts.get(f"{field}Limit")
        if limit is not None and field in amounts and limit < amounts[field]:
            yield f"`{field}Limit`: {quoted(value[f'{field}Limit'])} is below the request {quoted(value[field])}"


def _rollout(question: Question, value: Mapping[str, Any]) -> Iterator[str]:
    shares = {}
    for field in ("surge", "unavailable"):
        if field in value:
            share = share_of(value[field])
            if share is None:
                yield f"`{field}`: {quoted(value[field])} is neither a number from 0 to 100 nor a percentage up to 100%"
            shares[field] = share
    if len(shares) == 2 and all(share is not None and str(share).rstrip("%") == "0" for share in shares.values()):
        yield "`unavailable`: with `surge` 0 as well, no pod could ever be replaced"
    if question.baseline.value.get("strategy") == "recreate" and value.get("strategy") != "recreate":
        yield "`strategy`: two copies of what keeps data would run side by side; keep recreate"


def share_of(text: Any) -> int | str | None:
    """A number of pods or a percentage, as the spec writes it; None for what is neither."""
    found = re.fullmatch(r"([0-9]{1,3})(%?)", str(text), re.ASCII)
    if found is None or int(found[1]) > 100:
        return None
    return f"{int(found[1])}%" if found[2] else int(found[1])


_CHECKS: Mapping[str, Check] = {
    BUILD: build_faults, PROCESS: _process, PROBES: _probes, RESOURCES: _resources, ROLLOUT: _rollout,
}  # fmt: skip
