"""`routing` of a raw spec, and what services say beside it → what contradicts itself, or has no effect anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kforge.domain.spec.raw import Path
from kforge.spec.tolerant import Wrong, blocks, mapping, text

_GATEWAY = "gateway"
_LISTENERS = "listenerSet"  # a gateway with listeners of the application's own
_INGRESS = "ingress"
_PLAIN = "name one: `routing: {gateway: NAMESPACE/NAME}` or `routing: {ingressClass: NAME}`"


def problems(data: dict[str, Any]) -> Iterator[Wrong]:
    """Contradictions in `routing`, the application's and those of environments, and in `expose` beside them."""
    ways = {"": _way(mapping(data, "routing"))}
    yield from _routing(("routing",), data.get("routing"))
    for name, block in blocks(data, "environments"):
        ways[name] = _way(mapping(block, "routing")) if "routing" in block else ways[""]
        yield from _routing(("environments", name, "routing"), block.get("routing"))
    for service, block in blocks(data, "services"):
        yield from _unused(("services", service), mapping(block, "expose"), {*ways.values()})
    for name, block in blocks(data, "environments"):
        for service, changed in blocks(block, "services"):
            yield from _unused(("environments", name, "services", service), mapping(changed, "expose"), {ways[name]})
    # What environments inherit is told once.
    yield from dict.fromkeys(wrong for name, way in ways.items() for wrong in _shared(data, name, way))


def _way(said: dict[str, Any]) -> str:
    if "gateway" not in said:
        return _INGRESS
    return _LISTENERS if said.get("listenerSet") is True else _GATEWAY


def _routing(path: Path, said: Any) -> Iterator[Wrong]:
    if not isinstance(said, dict):
        return
    if "gateway" in said and "ingressClass" in said:
        hint = "keep `gateway` for routes, `ingressClass` for Ingresses; an environment may have the other one"
        yield Wrong((*path, "ingressClass"), "`routing` names both a gateway and an Ingress class", hint, at_key=True)
    for key in ("section", "listenerSet"):
        if "gateway" not in said and said.get(key) not in (None, False):
            hint = "add `gateway: NAMESPACE/NAME`: the Gateway that routes attach to"
            yield Wrong((*path, key), f"`{key}` needs a `gateway` in `routing`", hint, at_key=True)
    if not said.keys() & {"gateway", "section", "listenerSet", "ingressClass"}:
        yield Wrong(path, "`routing` names neither a gateway nor an Ingress class", _PLAIN, at_key=True)
    if "section" in said and said.get("listenerSet") is True:
        hint = "leave `section` out: routes attach to the listeners of the ListenerSet"
        yield Wrong((*path, "section"), "`routing` has both `section` and `listenerSet`", hint, at_key=True)


def _unused(path: Path, said: dict[str, Any], ways: set[str]) -> Iterator[Wrong]:
    """Keys of `expose` that mean nothing in any of the ways by which the service is reached."""
    name = path[-1]
    if "class" in said and _INGRESS not in ways:
        message = f"`class` of `{name}` has no effect: `routing` names a gateway, and no Ingress is written"
        yield Wrong((*path, "expose", "class"), message, "leave it out", at_key=True)
    if "tls" in said and ways == {_GATEWAY}:
        message = f"`tls` of `{name}` has no effect: TLS is the Gateway's"
        hint = (
            "leave it out, or let the application have listeners of its own: `routing: {gateway: …, listenerSet: true}`"
        )
        yield Wrong((*path, "expose", "tls"), message, hint, at_key=True)
    if "verify" in said and ways == {_INGRESS}:
        message = f"`verify` of `{name}` has no effect: it is for a gateway, and an Ingress is written"
        hint = "name a gateway (`routing: {gateway: NAMESPACE/NAME}`), or tell the Ingress controller by `annotations`"
        yield Wrong((*path, "expose", "verify"), message, hint, at_key=True)


def _shared(data: dict[str, Any], environment: str, way: str) -> Iterator[Wrong]:
    """What services at one host say of its certificate, where the application has one: a Gateway has its own."""
    if way == _LISTENERS:
        yield from _certificates(data, environment)
    elif way == _INGRESS:
        yield from _secrets(data, environment)


def _certificates(data: dict[str, Any], environment: str) -> Iterator[Wrong]:
    """Services at one host that name several Secrets, or with TLS and without: a listener has one certificate."""
    seen: dict[str, tuple[str, str | bool]] = {}
    for name, host, tls, path in _exposed(data, environment):
        other, said = seen.setdefault(host, (name, tls))
        if isinstance(tls, str) and said is True:
            seen[host] = (name, tls)
        elif tls != said and tls is not True:
            message = f"`{other}` and `{name}` share the host `{host}`, so their `tls` must be the same"
            yield Wrong(path, message, f"write the same `tls` in both, or give `{name}` another host")


def _secrets(data: dict[str, Any], environment: str) -> Iterator[Wrong]:
    """Services at one host whose Ingresses name several Secrets: a controller serves one certificate for a host.

    Ingresses may have TLS for one path of a host and none for another.
    """
    seen: dict[str, tuple[str, str, Path]] = {}
    for name, host, tls, path in _exposed(data, environment):
        if not isinstance(tls, str):
            continue
        other, said, there = seen.setdefault(host, (name, tls, path))
        if tls != said:
            place = ".".join(map(str, there))
            message = f"`{name}` names another Secret for the host `{host}` than `{other}` does (`{place}`: `{said}`)"
            yield Wrong(path, message, f"write the same `tls` in both, or give `{name}` another host")


def _exposed(data: dict[str, Any], environment: str) -> Iterator[tuple[str, str, str | bool, Path]]:
    """Name, host and `tls` of each service that an environment exposes, and the path that says its `tls`."""
    for name, block in sorted(blocks(data, "services")):
        there = mapping(data, "environments", environment, "services", name) if environment else {}
        expose = {**mapping(block, "expose"), **mapping(there, "expose")}
        host, tls = text(expose, "host"), expose.get("tls", True)
        if host and there.get("omit") is not True and isinstance(tls, (str, bool)):
            own = environment and "tls" in mapping(there, "expose")
            path: Path = ("environments", environment, "services", name) if own else ("services", name)
            yield name, host, tls, (*path, "expose", "tls")
