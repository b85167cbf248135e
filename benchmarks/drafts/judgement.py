"""A drafted spec and what was told beside it, against what a case expects → by aspect, what is wrong.

An aspect counts where a case expects something of it, and where a draft has something of it that the case does not
expect: an invention is as wrong as an omission.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kforge.domain.known_images import row_of

ASPECTS = ("services", "kinds", "stores", "links", "schedules", "exposure", "scale", "environments", "said")
_ANY = "*"


@dataclass(frozen=True, slots=True)
class DraftSeen:
    """A drafted spec as data, and every line that was told beside it."""

    spec: Mapping[str, Any]
    kinds: Mapping[str, str]  # by service, as it was drafted: a spec does not say whether a program yet to come listens
    told: Sequence[str] = ()

    @property
    def blocks(self) -> Mapping[str, Mapping[str, Any]]:
        """Services with what they take from the one that they are `like`."""
        held: Mapping[str, Mapping[str, Any]] = self.spec.get("services") or {}
        return {name: {**held.get(str(block.get("like")), {}), **block} for name, block in held.items()}

    @property
    def stores(self) -> Mapping[str, str]:
        """By service, the key of the known image that it is."""
        found = {}
        for name, block in self.blocks.items():
            row = row_of(str(block["image"])) if "image" in block else None
            if row and row.store:
                found[name] = row.store.key
        return found

    @property
    def programs(self) -> Mapping[str, Mapping[str, Any]]:
        return {name: block for name, block in self.blocks.items() if name not in self.stores}


def judged(expect: Mapping[str, Any], seen: DraftSeen) -> dict[str, str]:
    """By aspect that counts, what is wrong, "" where all of it is right."""
    named, missing = _found(expect.get("services", {}), seen)
    extra = sorted(seen.programs.keys() - named.values())
    wrong = {"services": _listed([*(f"no {name}" for name in missing), *(f"{name} too many" for name in extra)])}
    wanted = {named[_first(key)]: kind for key, kind in expect["services"].items() if _first(key) in named}
    if wanted:
        wrong["kinds"] = _listed(
            [f"{name} is {seen.kinds[name]}" for name, kind in wanted.items() if seen.kinds[name] != kind]
        )
    checks = {
        "stores": (_stores(expect, seen), bool(expect.get("stores"))),
        "links": (_links(expect, named, seen), bool(expect.get("links") or expect.get("apart"))),
        "schedules": (_schedules(expect, named, seen), bool(expect.get("schedules"))),
        "exposure": (_exposure(expect, named, seen), bool(expect.get("exposure") or expect.get("ports"))),
        "scale": (_scale(expect, named, seen), bool(expect.get("scale"))),
        "environments": (_environments(expect, named, seen), bool(expect.get("environments"))),
        "said": (_said(expect, seen), bool(expect.get("said"))),
    }
    wrong |= {name: text for name, (text, counts) in checks.items() if counts or text}
    return wrong


def _first(key: str) -> str:
    return key.partition("|")[0]


def _found(wanted: Mapping[str, str], seen: DraftSeen) -> tuple[dict[str, str], list[str]]:
    """First alternative → the draft's service, and what has none. By name before by kind."""
    left, named = set(seen.programs), dict[str, str]()
    for key in wanted:
        if match := next((name for name in key.split("|") if name in left), ""):
            named[_first(key)] = match
            left.discard(match)
    for key, kind in wanted.items():
        if _first(key) in named or _ANY not in key.split("|"):
            continue
        if match := next((name for name in sorted(left) if seen.kinds[name] == kind), ""):
            named[_first(key)] = match
            left.discard(match)
    return named, [_first(key) for key in wanted if _first(key) not in named]


def _stores(expect: Mapping[str, Any], seen: DraftSeen) -> str:
    wanted, found = set(expect.get("stores", ())), set(seen.stores.values())
    return _listed(
        [*(f"no {name}" for name in sorted(wanted - found)), *(f"{name} too many" for name in sorted(found - wanted))]
    )


def called(name: str, seen: DraftSeen) -> set[str]:
    """Services that one is told of: by a variable, by `needs`, or by a Secret that holds the whole address."""
    block = seen.blocks[name]
    found = set(re.findall(r"\$\{services\.([a-z0-9-]+)\.", str(block.get("env", {})))) | {*block.get("needs", ())}
    app = str(seen.spec.get("app", ""))
    held = block.get("secrets", {}).values()
    return found | {other for other in seen.blocks if any(one.get("secret") == f"{app}-{other}" for one in held)}


def _links(expect: Mapping[str, Any], named: Mapping[str, str], seen: DraftSeen) -> str:
    faults = []
    for key, there in (("links", True), ("apart", False)):
        for link in expect.get(key, ()):
            one, _, other = (part.strip() for part in link.partition(">"))
            ends = {name for name, store in seen.stores.items() if store == other} | {named.get(other, "")} - {""}
            if one in named and there is ends.isdisjoint(called(named[one], seen)):
                faults.append(f"{'no ' if there else ''}{link}")
            elif one not in named and there:
                faults.append(f"no {link}")
    return _listed(faults)


def _schedules(expect: Mapping[str, Any], named: Mapping[str, str], seen: DraftSeen) -> str:
    faults = []
    for key, wanted in expect.get("schedules", {}).items():
        found = seen.blocks[named[key]].get("schedule") if key in named else None
        if found not in (wanted if isinstance(wanted, list) else [wanted]):
            faults.append(f"{key} runs at {found}")
    return _listed(faults)


def _exposure(expect: Mapping[str, Any], named: Mapping[str, str], seen: DraftSeen) -> str:
    wanted = {named.get(key, key): str(host) for key, host in expect.get("exposure", {}).items()}
    found: dict[str, set[str]] = {}
    for block in (seen.spec, *(seen.spec.get("environments") or {}).values()):
        for name, service in ((block or {}).get("services") or {}).items():
            if host := (service.get("expose") or {}).get("host"):
                path = service["expose"].get("path", "/")
                found.setdefault(name, set()).add(host + ("" if path == "/" else path))
    faults = [f"{name} at {sorted(hosts)}" for name, hosts in found.items() if hosts != {wanted.get(name)}]
    faults += [f"{name} at no host" for name in wanted if name not in found]
    for key, port in expect.get("ports", {}).items():
        listens = seen.blocks[named[key]].get("port") if key in named else None
        faults += [f"{key} on {listens}"] if listens != port else []
    return _listed(faults)


def _span(scale: Mapping[str, Any] | None) -> str:
    least, most = (scale or {}).get("min", 1), (scale or {}).get("max")
    return f"{least}-{most}" if most not in (None, least) else str(least)


def _scale(expect: Mapping[str, Any], named: Mapping[str, str], seen: DraftSeen) -> str:
    wanted = {named.get(key, key): str(span) for key, span in expect.get("scale", {}).items()}
    found = {name: _span(block.get("scale")) for name, block in seen.blocks.items() if "scale" in block}
    names = sorted(wanted.keys() | found.keys())
    return _listed([f"{name} {found.get(name, 1)}" for name in names if found.get(name, "1") != wanted.get(name, "1")])


def _environments(expect: Mapping[str, Any], named: Mapping[str, str], seen: DraftSeen) -> str:
    held: Mapping[str, Any] = seen.spec.get("environments") or {}
    faults, left = list[str](), set(held)
    for key, scales in expect.get("environments", {}).items():
        match = next((name for name in key.split("|") if name in left), None)
        if match is None:
            faults.append(f"no {_first(key)}")
            continue
        left.discard(match)
        services = (held[match] or {}).get("services") or {}
        for service, count in scales.items():
            name = named.get(service, service)
            found = (services.get(name) or {}).get("scale") or seen.blocks.get(name, {}).get("scale")
            faults += [f"{match}: {name} {_span(found)}"] if _span(found) != str(count) else []
    return _listed([*faults, *(f"{name} too many" for name in sorted(left))])


def _said(expect: Mapping[str, Any], seen: DraftSeen) -> str:
    text = "\n".join(seen.told).casefold()
    return _listed([f"nothing of {word}" for word in _missing(expect.get("said", ()), text)])


def _missing(words: Sequence[str], text: str) -> Iterator[str]:
    for word in words:
        if not re.search(rf"(?<!\w){re.escape(word.casefold())}", text):
            yield word


def _listed(faults: Sequence[str]) -> str:
    return ", ".join(faults)
