"""The tools of `kforge mcp`: arguments → words of a command, and its JSON → a typed result. Unaware of the protocol."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kforge.commands.in_process import CommandAnswer
from kforge.commands.mcp_types import (
    ECHO,
    BuildArguments,
    BuildResult,
    CheckArguments,
    CheckResult,
    DetectArguments,
    DetectResult,
    ExplainArguments,
    ExplainResult,
    PinArguments,
    PinResult,
    PlanArguments,
    PlanResult,
    ToolArguments,
    ToolProblem,
    ToolResult,
)
from kforge.domain.invisible_chars import visible
from kforge.errors import InputError, Place
from kforge.output.json_text import problem
from kforge.system.beneath import Beneath, is_link, linked

_LISTS = frozenset(("files", "findings", "problems"))


@dataclass(frozen=True, slots=True)
class Grounds:
    """Where the tools work: the folder that they stay in, and how a command is run there."""

    root: Path
    run: Callable[..., CommandAnswer]

    def inside(self, path: str) -> str:
        """A path of the client's, relative to the root and through no link. Raises InputError for every other."""
        below = os.path.relpath(path, self.root) if os.path.isabs(path) else path  # noqa: PTH117 - text
        if below in ("", "."):
            return "."
        try:
            with Beneath(self.root) as ways:
                folder, name = ways.parent(below)
                if linked(name, folder):
                    raise is_link(path)
                os.lstat(name, dir_fd=folder)
        except (OSError, ValueError) as error:  # ValueError: a NUL
            why = (error.strerror or "error").lower() if isinstance(error, OSError) else "it is no path"
            raise InputError(
                f"`{path[:ECHO]}` cannot be looked at: {why}",
                Place(path[:ECHO]),
                "name what lies below the root, relative to it",
            ) from None
        return os.path.normpath(below)


def _detect(asked: DetectArguments, grounds: Grounds) -> ToolResult:
    said = grounds.run("detect", "--format=json", "--", grounds.inside(asked.folder))
    facts = said.data if isinstance(said.data, Mapping) else {}
    return DetectResult(facts={name: fact for name, fact in facts.items() if fact}, **_told(said))


def _plan(asked: PlanArguments, grounds: Grounds) -> ToolResult:
    said, held = _planned(asked, grounds)
    parts = {**_parts(held, "decisions", "changes", "findings"), "files": _moving(held)}
    return PlanResult.model_validate({**parts, **_told(said, _listed(held, "problems"))})


def _planned(asked: PlanArguments, grounds: Grounds) -> tuple[CommandAnswer, Mapping[str, Any]]:
    said = grounds.run("plan", "--format=json", *_spec(asked.path, grounds), *_upgrade(asked.upgrade))
    return said, said.data if isinstance(said.data, Mapping) else {}


def _build(asked: BuildArguments, grounds: Grounds) -> ToolResult:
    if asked.dry_run:
        said, held = _planned(asked, grounds)
        return _built(asked, said, _by_spec(held), _listed(held, "problems"))
    said = grounds.run("build", "--format=json", *_upgrade(asked.upgrade), "--", grounds.inside(asked.path))
    specs = _by_spec(said.data)
    return _built(asked, said, specs, [each for spec in specs for each in _listed(spec, "problems")])


def _built(
    asked: BuildArguments, said: CommandAnswer, specs: Sequence[Mapping[str, Any]], refused: Sequence[Mapping[str, Any]]
) -> BuildResult:
    """What a build did or would do. Where it writes nothing, the findings for which it does not are problems."""
    fatal = [each for spec in specs for each in _listed(spec, "findings") if each.get("level") == "error"]
    told = _told(said, [*refused, *(fatal if not (refused or said.problems) else ())])
    needs = said.data.get("needs", {}) if isinstance(said.data, Mapping) else {}
    shown = [{**spec, "files": _moving(spec)} for spec in specs]
    return BuildResult.model_validate({"dry_run": asked.dry_run, "specs": shown, "needs": needs, **told})


def _check(asked: CheckArguments, grounds: Grounds) -> ToolResult:
    full = ["--full"] if asked.full else []
    said = grounds.run("check", "--format=json", *full, "--", grounds.inside(asked.path))
    held = said.data if isinstance(said.data, Mapping) else {}
    return CheckResult.model_validate({**_parts(held, "current", "specs"), **_told(said)})


def _explain(asked: ExplainArguments, grounds: Grounds) -> ToolResult:
    where = [f"--environment={asked.environment}"] if asked.environment else []
    words = [asked.target, *filter(None, [asked.field])]
    said = grounds.run("explain", "--format=json", *_spec(asked.path, grounds), *where, "--", *words)
    fields = said.data if isinstance(said.data, list) else []
    inputs = {name: value for each in fields for name, value in (each.get("inputs") or {}).items()}
    return ExplainResult.model_validate({"fields": fields, "inputs": inputs, **_told(said)})


def _pin(asked: PinArguments, grounds: Grounds) -> ToolResult:
    dry = ["--dry-run"] if asked.dry_run else []
    words = [asked.target, *filter(None, [asked.field]), *([] if asked.value is None else [asked.value])]
    said = grounds.run("pin", *dry, *_spec(asked.path, grounds), "--", *words)
    done = not (said.code or said.problems or asked.dry_run)
    return PinResult(written=done, diff=said.text, **_told(said))


def _spec(path: str, grounds: Grounds) -> list[str]:
    return [f"--spec={grounds.inside(path)}"] if path else []


def _upgrade(target: str) -> list[str]:
    if target.partition("=")[0] == "kubernetes":
        raise InputError(
            "another Kubernetes version is no tool's to choose", hint="a person runs `kforge build` for it"
        )
    return [f"--upgrade={target}"] if target else []


def _by_spec(data: Any) -> list[dict[str, Any]]:
    """The JSON of a command by spec. Its lists may stand with each spec, or once for all, each item with its spec."""
    if isinstance(data, list):
        return data
    held = data if isinstance(data, Mapping) else {}
    return [
        {
            **spec,
            **{name: [item for item in held[name] if item.get("spec", own) == own] for name in _LISTS & held.keys()},
        }
        for spec in held.get("specs") or [{}]
        for own in [spec.get("spec")]
    ]


def _parts(held: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: held[name] for name in names if name in held}


def _listed(held: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = held.get(name)
    return found if isinstance(found, list) else []


def _moving(held: Mapping[str, Any]) -> list[Any]:
    """The files that a build changes: what it leaves is not worth an agent's attention."""
    return [each for each in _listed(held, "files") if each.get("status") != "unchanged"]


def _told(said: CommandAnswer, refused: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
    problems = [*refused, *map(problem, said.problems)]
    return {"problems": [ToolProblem.model_validate(each) for each in problems], "notes": list(said.notes)}


@dataclass(frozen=True, slots=True)
class AgentTool:
    """One tool: what it takes and gives, what an agent is told of it, and whether it may change files."""

    name: str
    title: str
    about: str
    asks: type[ToolArguments]
    gives: type[ToolResult]
    call: Callable[[Any, Grounds], ToolResult]
    writes: bool = False


# fmt: off
TOOLS = (
    AgentTool("detect", "Facts of a source", "Facts read off a source, each with file and line: language, framework, start command, ports, variables, health routes. Runs nothing.", DetectArguments, DetectResult, _detect),
    AgentTool("plan", "What a build would do", "Every decision with its value, who made it and why, and the files that a build would write. Writes nothing and asks no model.", PlanArguments, PlanResult, _plan),
    AgentTool("build", "Write Dockerfiles and manifests", "Settle what is open, check it as strictly as an API server, and write the files that kforge owns. Nothing is written where anything is invalid. Call it with dry_run first.", BuildArguments, BuildResult, _build, writes=True),
    AgentTool("check", "Are the files current?", "Prove that the committed files are what a build would write, and say which input changed where they are not.", CheckArguments, CheckResult, _check),
    AgentTool("explain", "Where a value comes from", "Who decided a field, why, from which inputs, and at which line of the spec.", ExplainArguments, ExplainResult, _explain),
    AgentTool("pin", "Pin a value in the spec", "Write a value into the spec, comments kept, so that nothing decides it again. Then `build` proves it: by its types, the rules and the schemas of Kubernetes.", PinArguments, PinResult, _pin, writes=True),
)
# fmt: on


def harmless(value: Any) -> Any:
    """A result's data with every character visible: a repository's texts reach a model, which reads what people miss."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {visible(str(key)): harmless(inner) for key, inner in value.items()}
    return [harmless(each) for each in value] if isinstance(value, list | tuple) else value
