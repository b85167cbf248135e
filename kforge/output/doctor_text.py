"""What was reached → the report of `kforge doctor`, for people and for machines. No key is in either."""

from __future__ import annotations

import sys
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
from kforge.output.text import Paint, coloured, emit, folded, table

if TYPE_CHECKING:
    from kforge.domain.model.request import Endpoint
    from kforge.llm.model_resolution import Reached

_BESIDES = {
    "gpu": "fits {on}",
    "gpus": "fits {on} together",
    "cpu": "fits the memory, on the CPU",
    "no": "does not fit",
}
Rows = list[tuple[str, ...]]


def as_json(reached: Reached, tools: Mapping[str, str | None], keys: Sequence[str]) -> str:
    """One document; sizes in bytes."""
    found, settings, choice = reached.found, reached.settings, reached.choice
    failed = _failed(reached)
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
                "capabilities": asdict(reached.able) if reached.able else None,
                "why": choice.why,
                "answers": False if isinstance(reached.health, Fault) else reached.health or None,
                "problem": {**problem(failed[1]), "kind": failed[0]} if failed else None,
                "passed": [{"what": each.what, "why": each.why, "hint": each.hint} for each in choice.passed],
            },
            "tools": dict(tools),
        }
    )


def _failed(reached: Reached) -> tuple[str, Problem] | None:
    """What keeps a model from being asked, and its sort."""
    if isinstance(reached.health, Fault):
        return reached.health.kind, Problem(reached.health.message, hint=_other(reached.health.hint))
    if reached.choice.endpoint:
        return None
    kind, told = refusal(reached.choice, reached.wish, reached.settings, reached.found)
    return kind, Problem(told.message, told.where, _other(told.hint))


def _other(hint: str) -> str:
    """The way out, less the advice to ask the doctor."""
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


def show(reached: Reached, tools: Mapping[str, str | None], keys: Sequence[str]) -> None:
    """The report as sections, each a word and its lines."""
    found, paint = reached.found, Paint(coloured(sys.stdout))
    sections: list[tuple[str, list[str]]] = [
        ("machine", [_memory(found.machine)]),
        ("gpus", [*table([_gpu(gpu) for gpu in found.machine.gpus]), *found.machine.notes] or ["none"]),
        (
            "servers",
            [line for server in _servers(found) for line in _told(server, found.machine)]
            or ["none answers on the known ports of this machine"],
        ),
        ("embedded", _embedded(found)),
        ("keys", [", ".join(keys) or "none is set"]),
        ("remote", [_consent(reached.settings)]),
        ("fitting", _fitting(recommended(found.machine))),
        ("tools", [", ".join(name for name, path in tools.items() if path) or "none"]),
        ("missing", [", ".join(name for name, path in tools.items() if not path) or "none"]),
        ("choice", _choice(reached, paint)),
    ]
    width = max(len(name) for name, _ in sections) + 2
    lines = []
    for name, held in sections:
        for number, line in enumerate(part for each in held for part in folded(each, width)):
            lines.append(paint("name", name) + line[len(name) :] if not number else line)
    emit("\n".join(line.rstrip() for line in lines))


def _memory(machine: Machine) -> str:
    free = f", {_size(machine.available)} free" if machine.available else ""
    return f"{_size(machine.memory)} of memory{free}" + (f", {machine.kind}" if machine.kind else "")


def _gpu(gpu: Gpu) -> tuple[str, ...]:
    free = f", {_size(gpu.free)} free" if gpu.free else ""
    memory = f"{_size(gpu.total)}{' shared' if gpu.shared else ''}{free}"
    about = ", ".join(filter(None, (f"driver {gpu.driver}" if gpu.driver else "", gpu.architecture, gpu.unusable)))
    return gpu.name, memory, about


def _told(server: ModelServer, machine: Machine) -> Iterable[str]:
    yield f"{server.title} at {server.base_url}" + (
        f": it {server.problem}" if server.problem else "" if server.offers else ": it has no model"
    )
    rows: Rows = []
    for offer in server.offers:
        model = offer.model
        where = _fit(offer, machine)
        about = [
            offer.quantization,
            f"{model.context} tokens" if model.context else "",
            "loaded" if offer.loaded else "",
        ]
        verdict = (
            "answers no questions" if not offer.chats else "on another machine" if offer.elsewhere else _verdict(where)
        )
        rows.append(
            (
                f"  {model.name}",
                _billions(model.parameters),
                _size(model.size) if model.size else "",
                ", ".join(filter(None, about)),
                verdict,
            )
        )
    yield from table(rows)


def _verdict(where: Fit) -> str:
    return _BESIDES[where.where].format(on=where.on) if where.where in _BESIDES else ""


def _billions(parameters: int) -> str:
    return f"{parameters / 1e9:.1f}B" if parameters >= 10**8 else f"{parameters / 1e6:.1f}M" if parameters else ""


def _size(size: int) -> str:
    return f"{size / GIB:.1f} GiB" if size >= GIB // 10 else f"{size / (1 << 20):.1f} MiB" if size else "unknown"


def _embedded(found: Surroundings) -> list[str]:
    first = "xllamacpp is installed" if found.embedded else f"not installed: {LLAMA} brings llama.cpp"
    rows = table([(f"  {file.name}", file.path, file.problem or _size(file.size)) for file in found.files])
    return [first if rows else f"{first}; no GGUF file is named" if found.embedded else first, *rows]


def _consent(settings: Settings) -> str:
    if not settings.consent:
        return "not allowed: nothing leaves this machine (`--allow-remote`, KFORGE_ALLOW_REMOTE)"
    hosts = "any host" if "*" in settings.consent else ", ".join(settings.consent)
    return f"allowed by {settings.consent_by}: {hosts}"


def _fitting(sizes: tuple[tuple[Size, Fit], ...]) -> list[str]:
    """The models of the shopping list, with what each would need."""
    rows = [
        (
            size.name,
            f"needs {_size(place.needs)}",
            _verdict(place) + (", slow" if place.where == "cpu" and slow(size.parameters) else ""),
        )
        for size, place in sizes
    ]
    return [*table(rows), f"(four bits a parameter, {CONTEXT} tokens of context)"]


def _choice(reached: Reached, paint: Paint) -> list[str]:
    choice, failed = reached.choice, _failed(reached)
    lines = []
    if choice.endpoint:
        lines.append(
            paint("warning" if failed else "good", choice.endpoint.model.name)
            + f" of {choice.why}"
            + ("; it answers" if reached.health is True else "")
        )
    if failed:
        lines.append(paint("warning", failed[1].message))
        lines += [f"{paint('dim', 'help:')} {failed[1].hint}"] if failed[1].hint else []
    return [*lines, *table([("not", f"{each.what}: {each.why}") for each in choice.passed])]
