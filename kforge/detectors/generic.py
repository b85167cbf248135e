"""A source of a toolchain without a detector → proposals of how it is built and started, by a table of ordinary ways
(domain/toolchains.py), and why there is none where a manifest shows no such way.

Unaware of any language: a row of the table names files and words. A user's own Dockerfile goes before all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kforge.detectors.dockerfile import own_dockerfile
from kforge.detectors.generic_lines import commands
from kforge.detectors.generic_listening import ListeningLines, listening
from kforge.detectors.generic_manifests import ToolchainManifest
from kforge.domain.artifact import Detector
from kforge.domain.facts import Evidence, Fact, Facts, Many
from kforge.domain.source.sightings import WORKDIR, product_code
from kforge.domain.toolchains import OrdinaryWay, Toolchain, toolchains

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_TOLD = 8080  # the number that a variable tells a program which names none itself


def detect(tree: Tree) -> Facts | None:
    """Facts of a source with the manifest of a known toolchain; None for every other, and beside an own Dockerfile."""
    if own_dockerfile(tree)[1]:
        return None
    told = commands(tree)
    held = [one for each in toolchains().values() if (one := _manifest(tree, each)) is not None]
    if not held and not told:
        return None
    proposals: list[Fact] = []
    without: list[Fact] = []
    for one in held:
        found = _proposal(one)
        (proposals if isinstance(found.value, dict) else without).append(found)
    # A source with commands alone has no language here, and yet its facts are this detector's: a newer one may read others.
    shown: dict[str, Any] = {"detector": "generic", "revision": 1, "unproposed": tuple(without)}
    if len(proposals) != 1:
        shown["commands"], shown["port_lines"] = told, _port_lines(tree, held, told)
    if not proposals:
        return Facts(**shown)
    known: dict[str, Any] = {
        **shown,
        "language": Fact("generic", proposals[0].evidence[-1:]),
        "proposals": tuple(proposals),
    }
    if len(proposals) == 1:
        known |= _started(tree, proposals[0], toolchains()[proposals[0].value["toolchain"]])
    return Facts(**known)


def _port_lines(tree: Tree, held: Sequence[ToolchainManifest], told: Many) -> Many:
    """Numbers of the code of all toolchains that are seen, each with its first line."""
    names = dict.fromkeys([*(one.toolchain.name for one in held), *(fact.value["toolchain"] for fact in told)])
    ends = tuple(end for name in names if name for end in toolchains()[name].code)
    return _numbers(listening(tree, product_code(tree, ends)[0])) if ends else ()


def _numbers(said: ListeningLines) -> Many:
    protocol = "http" if said.speaks_http else "tcp"
    found = {one.number: one.at for one in reversed(said.ports)}
    return tuple(
        Fact({"port": number, "protocol": protocol, "env": said.variable}, (found[number],))
        for number in said.numbers[:6]
    )


def _manifest(tree: Tree, toolchain: Toolchain) -> ToolchainManifest | None:
    for pattern in toolchain.manifests:
        found = ToolchainManifest(tree, toolchain, "").files(pattern)
        if found:
            return ToolchainManifest(tree, toolchain, found[0])
    return None


def _proposal(one: ToolchainManifest) -> Fact:
    """The plan of the one ordinary way as a mapping, or in a sentence why there is none."""
    refused = one.refusal()
    if refused is not None:
        said, place = refused
        return Fact(f"`{one.path}` {said}", (place,))
    words = {"name": one.name[0], "jar": ""}
    for way in one.toolchain.ways:
        text = " ".join([*way.command, *way.copied, *way.shown, *(word for step in way.steps for word in step)])
        if "{jar}" in text:
            words["jar"] = one.jar()
        if any(f"{{{key}}}" in text and not value for key, value in words.items()):
            continue
        seen = [one.shown(_filled(sign, words)) for sign in way.shown]
        places = [place for place in seen if place is not None]
        if len(places) == len(seen):
            return _plan(one, way, words, places)
    named = f" and names no program{f' ({one.name[1]})' if one.name[1].line else ''}" if _nameless(one) else ""
    ways = "; or ".join(" and ".join(f"`{sign}`" for sign in way.shown) for way in one.toolchain.ways[:4])
    return Fact(f"`{one.path}` shows no ordinary way to a program{named}: looked for {ways}", (Evidence(one.path),))


def _nameless(one: ToolchainManifest) -> bool:
    return bool(one.toolchain.name_read) and not one.name[0]


def _plan(one: ToolchainManifest, way: OrdinaryWay, words: dict[str, str], places: list[Evidence]) -> Fact:
    version, why = one.version()
    told = {**words, "port": str(way.port)}
    plan = {
        "toolchain": one.toolchain.name,
        "version": version,
        "version_from": why,
        "install": len(one.toolchain.install),
        "steps": [_words(step, told) for step in (*one.toolchain.install, *one.toolchain.steps, *way.steps)],
        "copied": _words(way.copied, told),
        "command": _words(way.command, told),
        "port": way.port,
        "told": any("{port}" in word for word in way.command),
        "writable": way.writable,
        "doubt": way.doubt,
    }
    return Fact(plan, tuple(dict.fromkeys((*places, Evidence(one.path)))))


def _words(words: list[str], told: dict[str, str]) -> list[str]:
    return [_filled(word, told) for word in words]


def _filled(text: str, told: dict[str, str]) -> str:
    for key, value in told.items():
        text = text.replace(f"{{{key}}}", value)
    return text


# ---- what starts, and where it listens ------------------------------------------------------------------------
def _started(tree: Tree, proposal: Fact, toolchain: Toolchain) -> dict[str, Any]:
    plan, shown = proposal.value, proposal.evidence
    manifests = [path for path in (*toolchain.manifests, *toolchain.locks) if path in tree.files]
    paths, _ = product_code(tree, toolchain.code)
    said = listening(tree, paths)
    doubts = [Fact({"said": f"it {plan['doubt']}", "hint": _OWN_SERVER}, shown[:1])] if plan["doubt"] else []
    ports, unsure = _ports(plan, said, shown)
    return {
        "framework": Fact(toolchain.name, shown[-1:]),
        "version": Fact(plan["version"], shown[-1:]) if plan["version"] else None,
        "start": (Fact(plan["command"], shown),),
        "build": tuple(Fact(step, shown) for step in plan["steps"]),
        "manifests": tuple(Fact(path, (Evidence(path),)) for path in manifests),
        "lockfile": next((Fact(path, (Evidence(path),)) for path in toolchain.locks if path in manifests), None),
        "packages": tuple(Fact(name, shown[-1:]) for name in toolchain.packages),
        "build_packages": tuple(Fact(name, shown[-1:]) for name in toolchain.build_packages),
        "ports": ports,
        "port_lines": _numbers(said) if unsure and not ports else (),
        "health": tuple(Fact(route, (place,)) for route, place in said.routes),
        "writable": tuple(Fact(f"{WORKDIR}/{folder}", shown) for folder in plan["writable"]),
        "doubts": (*doubts, *unsure),
    }


_OWN_SERVER = "name a server among its dependencies and pin `command`, or leave it so for few requests"


def _ports(plan: dict[str, Any], said: ListeningLines, shown: tuple[Evidence, ...]) -> tuple[Many, Many]:
    """The port that the command tells, that one number of the code is, or that a variable tells; and what is unsure."""
    if plan["told"]:
        return (Fact({"port": plan["port"], "protocol": "http", "env": ""}, shown),), ()
    numbers, protocol = said.numbers, "http" if said.speaks_http or plan["port"] else "tcp"
    places = tuple(dict.fromkeys(one.at for one in said.ports))[:6]
    if len(numbers) > 1:
        listed = ", ".join(f"{one.number} ({one.at})" for one in said.ports[:4])
        hint = "pin `port`"
        return (), (
            Fact({"said": f"the code names several numbers that may be its port: {listed}", "hint": hint}, places),
        )
    number = numbers[0] if numbers else plan["port"] or (_TOLD if said.variable else 0)
    if not number:
        return (), ()
    doubts: Many = ()
    if said.loopback:
        text = f"it listens on its own address alone ({said.loopback.at}), where nothing outside of the pod reaches it"
        doubts = (Fact({"said": text, "hint": "listen on 0.0.0.0"}, (said.loopback.at,)),)
    if plan["port"] not in (0, number):
        text = f"the code names {number} ({places[0]}), and what starts it listens on {plan['port']} unless it is told otherwise"
        doubts = (*doubts, Fact({"said": text, "hint": "pin `port`"}, places))
    evidence = places or ((said.variable_at,) if said.variable_at else shown)
    return (Fact({"port": number, "protocol": protocol, "env": said.variable}, evidence),), doubts


DETECTOR = Detector("generic", 1, detect)
