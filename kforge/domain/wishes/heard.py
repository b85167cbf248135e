"""Whether what is settled gives a wish what it asks for, and the pin that would."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from shlex import quote
from typing import Any

from kforge.domain.kubernetes.quantity import number
from kforge.domain.system_packages import known
from kforge.domain.topic_names import BUILD, PROBES, PROCESS, RESOURCES, ROLLOUT
from kforge.domain.wishes.amounts import cpu_text, size_text
from kforge.domain.wishes.readings import Reading
from kforge.errors import Place

REFUSED = "refused"  # topic of what no wish can have
# What is asked for, what is settled, and why no pin gives it.
_LIMITS: Mapping[str, tuple[str, str, str, str]] = {
    "root": ("the user root", "another user", "", "the rules refuse a container of root, whatever is pinned"),
    "privileged": (
        "rights on the node",
        "Pod Security without them",
        "",
        "no field gives a pod rights on its node; `patches` and a waiver with its reason would have to",
    ),
    "security": (
        "less protection",
        "the protection of every workload",
        "",
        "no wish and no pin weakens it; a waiver with its reason and its end would have to",
    ),
    "latest": (
        "an image without a version",
        "one with a version",
        "",
        "the rules refuse `latest`, pinned or not: it is another image tomorrow",
    ),
    "download": (
        "a download while the image is built",
        "a build without",
        "",
        "no build step fetches from an address; keep the file in the source, or build on an image that has it (`build.base`)",
    ),
}
_ONE_KEY = re.compile(r"\{(\w+): (.*)\}")
Settled = Mapping[str, Mapping[str, Any]]  # topic → value


@dataclass(frozen=True, slots=True)
class Wish:
    """What an owner says of a service: where it stands, the topic it is about ("" for all), and what is settled."""

    service: str
    topic: str
    text: str
    where: Place | None
    settled: Settled
    replicas: int


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a wish asks for in the words of a spec: what is settled instead, and how to write it."""

    asked: str  # `2Gi of memory`
    settled: str  # `192Mi`
    pin: str  # below the service: `resources: {memory: 2Gi}`; "" where no pin gives it
    limit: str = ""  # why neither a wish nor a pin can have it

    def command(self, service: str) -> str:
        """The command that writes the pin: `kforge pin web resources.memory 2Gi`; "" where a person has to name an image."""
        return pin_command(service, self.pin)


def pin_command(service: str, pin: str) -> str:
    """A pin in the form that `kforge pin` takes."""
    path, _, value = pin.partition(": ")
    if "…" in pin or not pin:
        return ""
    while (inner := _ONE_KEY.fullmatch(value)) and ("," not in inner[2] or inner[2].startswith(("{", "["))):
        path, value = f"{path}.{inner[1]}", inner[2]
    return f"kforge pin {service} {path} {quote(value)}"


def unheard(reading: Reading, settled: Settled, replicas: int = 1) -> Pinned | None:
    """The pin that would give what was read of a wish; None where it is met, or where the service has no such setting."""
    if reading.topic == REFUSED:
        return Pinned(*_LIMITS[reading.name])
    if reading.field == "scale":
        return _replicas(reading, replicas)
    value = settled.get(reading.topic)
    judge = _JUDGES.get(reading.field)
    missed = judge(value, reading.value) if value is not None and judge else None
    return missed and Pinned(*missed)


def asked_for(reading: Reading) -> Pinned | None:
    """The pin that gives what was read of a wish, where nothing is known of what is settled; None where no pin does."""
    if reading.topic == REFUSED:
        return None
    name = str(reading.value).partition(" ")[0]
    unlike = {**_UNLIKE, BUILD: {"base": f"{name}:0"}} if reading.name == "version" else _UNLIKE
    return unheard(reading, unlike, replicas=0)


# Values that no wish asks for, in the place of those that are settled.
_UNLIKE: Settled = {
    BUILD: {"base": "none:0", "packages": []},
    PROCESS: {"ports": [{"port": 0}], "user": 0},
    PROBES: {"startup": {"period": 10, "failures": 1}, "readiness": {"type": "none"}, "liveness": {"type": "none"}},
    RESOURCES: dict.fromkeys(("cpu", "cpuLimit", "memory", "memoryLimit", "storage")),
    ROLLOUT: {
        **dict.fromkeys(("gracePeriod", "drain", "keep", "deadline", "retries"), -1),
        "strategy": "none",
        "spread": "unknown",
    },
}
_SOME_IMAGES = "build: {base: …, runtime: …} with images"
Missed = tuple[str, str, str] | None  # what is asked for, what is settled, the pin below the service
_Judge = Callable[[Mapping[str, Any], Any], Missed]


def _replicas(reading: Reading, has: int) -> Pinned | None:
    wanted = int(reading.value)
    if has == wanted or not 1 <= wanted <= 1000:
        return None
    return Pinned(f"{wanted} replicas", str(has), f"scale: {{min: {wanted}, max: {wanted}}}")


def _quantity(field: str, words: str, form: Callable[[Fraction], str]) -> _Judge:
    def judge(value: Mapping[str, Any], wanted: Fraction) -> Missed:
        has = value.get(field)
        if field in value and (has is None or number(str(has)) != number(form(wanted))):
            amount = form(wanted)
            text = f'"{amount}"' if amount.isdigit() else amount  # the spec has quantities as texts
            return f"{amount} {words}", str(has or "none"), f"resources: {{{field}: {text}}}"
        return None

    return judge


def _seconds(field: str, words: str) -> _Judge:
    def judge(value: Mapping[str, Any], wanted: Fraction) -> Missed:
        has = value.get(field)
        if type(has) is not int or has == int(wanted):
            return None
        return f"{int(wanted)} {words}", str(has), f"rollout: {{{field}: {int(wanted)}}}"

    return judge


def _startup(value: Mapping[str, Any], wanted: Fraction) -> Missed:
    probe = value.get("startup") or {}
    period, failures = probe.get("period"), probe.get("failures")
    if not period or not failures or period * failures >= wanted:
        return None
    failing = -(-int(wanted) // period)
    pin = f"probes: {{startup: {{period: {period}, failures: {failing}}}}}"
    return f"{int(wanted)} seconds to start", f"{period * failures} (every {period}, {failures} times)", pin


def _route(which: str) -> _Judge:
    def judge(value: Mapping[str, Any], wanted: str) -> Missed:
        probe = value.get(which) or {}
        if "type" not in probe or probe.get("path") == wanted:
            return None
        pin = f"probes: {{{which}: {{type: http, path: {wanted}}}}}"
        return f"`{wanted}` for {which}", str(probe.get("path") or probe["type"]), pin

    return judge


def _distribution(value: Mapping[str, Any], wanted: str) -> Missed:
    images = [str(value[field]) for field in ("base", "runtime") if value.get(field)]
    final = images[-1] if images else ""
    alpine = "alpine" in final
    met = {"alpine": alpine, "debian": not alpine, "distroless": "distroless" in final}[wanted]
    if met or final in ("", "scratch"):
        return None
    return f"an image of {wanted.capitalize()}", final, _images(value, wanted) or f"{_SOME_IMAGES} of it"


def _version(value: Mapping[str, Any], wanted: str) -> Missed:
    name, _, version = wanted.partition(" ")
    image = str(value.get("base") or "")
    repository, _, tag = image.rpartition(":")
    if repository.rpartition("/")[2] != name:
        return None  # another language: the sentence is about something else
    if tag == version or tag.startswith((f"{version}.", f"{version}-")):
        return None
    return f"{name} {version}", image, f"{_SOME_IMAGES} of that version"


def _images(value: Mapping[str, Any], wanted: str) -> str:
    """The pin of both images on another distribution, where one image builds and runs: `3.13-slim` is `3.13-alpine`."""
    base, runtime = str(value.get("base") or ""), str(value.get("runtime") or "")
    repository, _, tag = base.rpartition(":")
    version = re.match(r"[0-9]+(?:\.[0-9]+)*(?=-)", tag)
    suffix = {"alpine": "alpine", "debian": "slim"}.get(wanted)
    if base != runtime or not version or not suffix or "/library/" not in repository:
        return ""
    image = f"{repository}:{version[0]}-{suffix}"
    return f"build: {{base: {image}, runtime: {image}}}"


def _image(value: Mapping[str, Any], wanted: str) -> Missed:
    base, runtime = str(value.get("base") or ""), str(value.get("runtime") or "")
    if wanted in (base, runtime) or not base:
        return None
    both = f", runtime: {wanted}" if base == runtime else ""
    return f"the image {wanted}", base, f"build: {{base: {wanted}{both}}}"


def _packages(value: Mapping[str, Any], wanted: str) -> Missed:
    has = value.get("packages")
    images = [str(value[field]) for field in ("base", "runtime") if value.get(field)]
    distribution = "alpine" if images and "alpine" in images[-1] else "debian"
    if has is None or wanted in has or wanted not in known(distribution):
        return None
    return (
        f"the package {wanted}",
        ", ".join(has) or "none",
        f"build: {{packages: [{', '.join(sorted({*has, wanted}))}]}}",
    )


def _port(value: Mapping[str, Any], wanted: str) -> Missed:
    ports = value.get("ports")
    if ports is None or (ports and ports[0].get("port") == int(wanted)) or not 1 <= int(wanted) <= 65535:
        return None
    return f"port {wanted}", str(ports[0]["port"]) if ports else "none", f"port: {wanted}"


def _user(value: Mapping[str, Any], wanted: str) -> Missed:
    has = value.get("user")
    return None if has in (None, int(wanted)) else (f"user {wanted}", str(has), f"user: {wanted}")


def _strategy(value: Mapping[str, Any], wanted: str) -> Missed:
    has = value.get("strategy")
    return None if has in (None, wanted) else (f"strategy `{wanted}`", str(has), f"rollout: {{strategy: {wanted}}}")


def _spread(value: Mapping[str, Any], wanted: str) -> Missed:
    has = value.get("spread")
    return None if has in (None, wanted) else (f"spread `{wanted}`", str(has), f"rollout: {{spread: {wanted}}}")


_JUDGES: Mapping[str, _Judge] = {
    "resources.cpu": _quantity("cpu", "of CPU", cpu_text),
    "resources.cpuLimit": _quantity("cpuLimit", "of CPU at most", cpu_text),
    "resources.memory": _quantity("memory", "of memory", size_text),
    "resources.memoryLimit": _quantity("memoryLimit", "of memory at most", size_text),
    "resources.storage": _quantity("storage", "of scratch space", size_text),
    "rollout.gracePeriod": _seconds("gracePeriod", "seconds to finish"),
    "rollout.drain": _seconds("drain", "seconds of drain"),
    "rollout.keep": _seconds("keep", "seconds that a finished job stays"),
    "rollout.deadline": _seconds("deadline", "seconds until a job is given up"),
    "rollout.retries": _seconds("retries", "retries"),
    "rollout.spread": _spread,
    "rollout.strategy": _strategy,
    "probes.startup": _startup,
    "probes.readiness": _route("readiness"),
    "probes.liveness": _route("liveness"),
    "build.distribution": _distribution,
    "build.image": _image,
    "build.packages": _packages,
    "build.version": _version,
    "process.port": _port,
    "process.user": _user,
}
