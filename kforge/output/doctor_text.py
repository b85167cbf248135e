"""What `doctor` found of settings, machine and servers → its report, for people and as JSON. Keys stand in neither."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kforge import __version__
from kforge.domain.model.machine import GIB, Gpu, Machine, ModelServer, Offer, Settings, Surroundings, Weights
from kforge.domain.model.request import Fault
from kforge.domain.model.vendors import LLAMA
from kforge.errors import Problem
from kforge.llm.memory_fit import CONTEXT, Fit, Size, fit, needs_of, recommended, slow
from kforge.llm.selection import refusal
from kforge.output.json_text import dump, problem
from kforge.output.layout import Line, Sections, Span, Table, rows

if TYPE_CHECKING:
    from kforge.domain.model.request import Endpoint
    from kforge.llm.model_resolution import ModelSetup

_BESIDES = {
    "gpu": "fits {on}",
    "gpus": "fits {on} together",
    "cpu": "fits the memory, on the CPU",
    "no": "does not fit",
}
_STYLES = {"gpu": "good", "gpus": "good", "cpu": "warning", "no": "dim"}
Held = tuple[Line | Table, ...]


def as_json(setup: ModelSetup, tools: Mapping[str, str | None], keys: Sequence[str]) -> str:
    """One document; sizes in bytes."""
    found, settings, choice = setup.found, setup.settings, setup.choice
    failed = _failed(setup)
    return dump(
        {
            "kforge": __version__,
            "machine": {**asdict(found.machine), "gpus": [asdict(gpu) for gpu in found.machine.gpus]},
            "servers": [_server(server, found.machine) for server in _servers(found)],
            "embedded": {"installed": found.embedded, "files": [_file(file) for file in found.files]},
            "keys": list(keys),
            "consent": {"hosts": list(settings.consent), "by": settings.consent_by if settings.consent else ""},
            "recommended": [
                {"model": size.name, "context": CONTEXT, **asdict(place)} for size, place in recommended(found.machine)
            ],
            "choice": {
                "endpoint": _endpoint(choice.endpoint) if choice.endpoint else None,
                "capabilities": asdict(setup.able) if setup.able else None,
                "why": choice.why,
                "answers": False if isinstance(setup.health, Fault) else setup.health or None,
                "problem": {**problem(failed[1]), "kind": failed[0]} if failed else None,
                "passed": [{"what": each.what, "why": each.why, "hint": each.hint} for each in choice.passed],
            },
            "tools": dict(tools),
        }
    )


def _failed(setup: ModelSetup) -> tuple[str, Problem] | None:
    """Kind and problem of the fault that keeps a model from being asked; None where it can be."""
    if isinstance(setup.health, Fault):
        return setup.health.kind, Problem(setup.health.message, hint=_other(setup.health.hint))
    if setup.choice.endpoint:
        return None
    kind, told = refusal(setup.choice, setup.wish, setup.settings, setup.found)
    return kind, Problem(told.message, told.where, _other(told.hint))


def _other(hint: str) -> str:
    """The hint without the advice to run `kforge doctor`."""
    return "; ".join(part for part in hint.split("; ") if "kforge doctor" not in part)


def _servers(found: Surroundings) -> list[ModelServer]:
    """Every server once, the one that the user named first."""
    named = [found.named] if found.named else []
    return [*named, *(server for server in found.servers if all(server.base_url != other.base_url for other in named))]


def _server(server: ModelServer, machine: Machine) -> dict[str, Any]:
    models = [{**asdict(offer.model), **_rest(offer), "fit": asdict(_fit(offer, machine))} for offer in server.offers]
    return {
        "kind": server.kind,
        "version": server.version,
        "address": server.base_url,
        "problem": server.problem,
        "models": models,
    }


def _rest(offer: Offer) -> dict[str, Any]:
    return {name: value for name, value in asdict(offer).items() if name != "model"}


def _fit(offer: Offer, machine: Machine) -> Fit:
    need = needs_of(offer)
    return fit(need, machine) if need and not offer.elsewhere else Fit("unknown", need, 0)


def _file(file: Weights) -> dict[str, Any]:
    return {"name": file.name, "path": file.path, "size": file.size, "identity": file.identity, "problem": file.problem}


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    """Field by field, so that a key can never be among them."""
    return {
        "provider": endpoint.provider,
        "model": asdict(endpoint.model),
        "address": endpoint.base_url,
        "local": endpoint.local,
        "parallel": endpoint.parallel,
        "server": endpoint.server,
        "key": bool(endpoint.key),
    }


def report(setup: ModelSetup, tools: Mapping[str, str | None], keys: Sequence[str]) -> Sections:
    """The report as sections, each a word and its parts."""
    found = setup.found
    gpus = rows(*map(_gpu, found.machine.gpus))
    machine: Held = (*((Table(gpus),) if gpus else ()), *map(Line.of, found.machine.notes))
    servers = tuple(part for server in _servers(found) for part in _told(server, found.machine))
    return Sections(
        (
            ("machine", (Line.of(_memory(found.machine)),)),
            ("gpus", machine or (Line.of("none"),)),
            ("servers", servers or (Line.of("none answers on the known ports of this machine"),)),
            ("embedded", _embedded(found)),
            ("keys", (Line.of(", ".join(keys) or "none is set"),)),
            ("remote", (Line.of(_consent(setup.settings)),)),
            ("fitting", _fitting(recommended(found.machine))),
            ("tools", (Line.of(", ".join(name for name, path in tools.items() if path) or "none"),)),
            ("missing", (Line.of(", ".join(name for name, path in tools.items() if not path) or "none"),)),
            ("choice", _choice(setup)),
        )
    )


def _memory(machine: Machine) -> str:
    free = f", {_size(machine.available)} free" if machine.available else ""
    return f"{_size(machine.memory)} of memory{free}" + (f", {machine.kind}" if machine.kind else "")


def _gpu(gpu: Gpu) -> tuple[str, ...]:
    free = f", {_size(gpu.free)} free" if gpu.free else ""
    memory = f"{_size(gpu.total)}{' shared' if gpu.shared else ''}{free}"
    about = ", ".join(filter(None, (f"driver {gpu.driver}" if gpu.driver else "", gpu.architecture, gpu.unusable)))
    return gpu.name, memory, about


def _told(server: ModelServer, machine: Machine) -> Iterable[Line | Table]:
    yield Line.of(
        f"{server.title} at {server.base_url}"
        + (f": it {server.problem}" if server.problem else "" if server.offers else ": it has no model")
    )
    if server.offers:
        yield Table(tuple(_offer(offer, machine) for offer in server.offers), indent=2)


def _offer(offer: Offer, machine: Machine) -> tuple[Span, ...]:
    model, where = offer.model, _fit(offer, machine)
    about = [offer.quantization, f"{model.context} tokens" if model.context else "", "loaded" if offer.loaded else ""]
    verdict = (
        "answers no questions" if not offer.chats else "on another machine" if offer.elsewhere else _verdict(where)
    )
    return (
        Span(model.name),
        Span(_billions(model.parameters)),
        Span(_size(model.size) if model.size else ""),
        Span(", ".join(filter(None, about))),
        Span(verdict, _STYLES.get(where.where, "") if verdict == _verdict(where) else ""),
    )


def _verdict(where: Fit) -> str:
    return _BESIDES[where.where].format(on=where.on) if where.where in _BESIDES else ""


def _billions(parameters: int) -> str:
    return f"{parameters / 1e9:.1f}B" if parameters >= 10**8 else f"{parameters / 1e6:.1f}M" if parameters else ""


def _size(size: int) -> str:
    return f"{size / GIB:.1f} GiB" if size >= GIB // 10 else f"{size / (1 << 20):.1f} MiB" if size else "unknown"


def _embedded(found: Surroundings) -> Held:
    first = "xllamacpp is installed" if found.embedded else f"not installed: {LLAMA} brings llama.cpp"
    if not found.files:
        return (Line.of(f"{first}; no GGUF file is named" if found.embedded else first),)
    files = rows(*((file.name, file.path, file.problem or _size(file.size)) for file in found.files))
    return Line.of(first), Table(files, indent=2)


def _consent(settings: Settings) -> str:
    if not settings.consent:
        return "not allowed: nothing leaves this machine (`--allow-remote`, KFORGE_ALLOW_REMOTE)"
    hosts = "any host" if "*" in settings.consent else ", ".join(settings.consent)
    return f"allowed by {settings.consent_by}: {hosts}"


def _fitting(sizes: tuple[tuple[Size, Fit], ...]) -> Held:
    """The recommended models, with the memory that each would need."""
    cells = tuple(
        (
            Span(size.name),
            Span(f"needs {_size(place.needs)}"),
            Span(
                _verdict(place) + (", slow" if place.where == "cpu" and slow(size.parameters) else ""),
                _STYLES.get(place.where, ""),
            ),
        )
        for size, place in sizes
    )
    return Table(cells), Line.of(f"(four bits a parameter, {CONTEXT} tokens of context)", "dim")


def _choice(setup: ModelSetup) -> Held:
    choice, failed = setup.choice, _failed(setup)
    parts: list[Line | Table] = []
    if choice.endpoint:
        rest = f" of {choice.why}" + ("; it answers" if setup.health is True else "")
        parts.append(Line((Span(choice.endpoint.model.name, "warning" if failed else "good"), Span(rest))))
    if failed:
        parts.append(Line.of(failed[1].message, "warning"))
        parts += [Line((Span(failed[1].hint),), label="help:")] if failed[1].hint else []
    if choice.passed:
        parts.append(Table(rows(*(("not", f"{each.what}: {each.why}") for each in choice.passed), styles=("dim",))))
    return tuple(parts)
