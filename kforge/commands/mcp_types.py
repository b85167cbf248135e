"""What the tools of `kforge mcp` take and give. Keys of a command's JSON that are not named here are left out: an agent
reads every word, and a plan has thousands.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

_SPEC = "spec file or its folder, relative to the root, where there are several"
_DRY = "true: show what would be written and write nothing; false: write it"
ECHO = 200  # characters of an argument that a message repeats
_WORD, _VALUE = 4096, 64 << 10  # characters of an argument, and of a value


class ToolArguments(BaseModel):
    """A tool's arguments: none beside those that are named."""

    model_config = ConfigDict(extra="forbid")


class DetectArguments(ToolArguments):
    folder: str = Field(max_length=_WORD, description="folder of a source, relative to the root")


class PlanArguments(ToolArguments):
    path: str = Field("", max_length=_WORD, description=_SPEC)
    upgrade: str = Field(
        "",
        max_length=_WORD,
        description="also what an older kforge decided: `*`, a service (`web`), a decision (`web/build`) or a file",
    )


class BuildArguments(PlanArguments):
    path: str = Field(
        "", max_length=_WORD, description="spec file or folder, relative to the root; every spec below it otherwise"
    )
    dry_run: bool = Field(True, description=_DRY)


class CheckArguments(ToolArguments):
    path: str = Field(
        "", max_length=_WORD, description="spec file or folder, relative to the root; every spec below it otherwise"
    )
    full: bool = Field(False, description="render everything again and trust no recorded digest, as CI does")


class ExplainArguments(ToolArguments):
    target: str = Field(max_length=_WORD, description="decision (`web/probes`) or object (`Deployment/web`)")
    field: str = Field(
        "", max_length=_WORD, description="field of it: `memory`, `spec.template.spec.containers[0].image`"
    )
    environment: str = Field("", max_length=_WORD, description="as it is in this environment")
    path: str = Field("", max_length=_WORD, description=_SPEC)


class PinArguments(ToolArguments):
    target: str = Field(max_length=_WORD, description="decision (`web/resources`), or with a value a service (`web`)")
    field: str = Field(
        "", max_length=_WORD, description="field of the decision (`memory`), or with a value a key (`resources.memory`)"
    )
    value: str | None = Field(
        None, max_length=_VALUE, description="a value of your own, as YAML; what is settled otherwise"
    )
    path: str = Field("", max_length=_WORD, description=_SPEC)
    dry_run: bool = Field(True, description=_DRY)


class ToolProblem(BaseModel):
    """One thing that is wrong: what, where, and the way out."""

    message: str
    where: str | None = None
    hint: str = ""


class ToolFinding(ToolProblem):
    """What a rule says of an object."""

    rule: str = ""
    level: str = ""
    origin: str = ""  # the decision or the line of the spec that it comes from


class ToolFile(BaseModel):
    spec: str = ""
    path: str
    status: str
    reason: str = ""


class ToolDecision(BaseModel):
    spec: str = ""
    target: str
    state: str = ""
    why: str | None = None
    value: Any = None
    reasons: dict[str, Any] = {}
    decider: dict[str, Any] = {}
    pinned: list[str] = []
    preview: bool = False  # a build asks a model here; this is the heuristics' answer


class ToolResult(BaseModel):
    """What every tool gives. With problems the call has failed."""

    problems: list[ToolProblem] = []
    notes: list[str] = []


class DetectResult(ToolResult):
    """Facts by name, each `{value, evidence}` or a list of these; evidence is `file:line`."""

    facts: dict[str, Any] = {}


class PlanResult(ToolResult):
    """Decisions with their values and reasons, the files that a build would change, and what it would refuse."""

    decisions: list[ToolDecision] = []
    changes: list[Any] = []  # fields that a build would change, old and new
    files: list[ToolFile] = []
    findings: list[ToolFinding] = []


class BuiltSpec(BaseModel):
    spec: str = ""
    written: bool = False
    files: list[ToolFile] = []
    findings: list[ToolFinding] = []
    outdated: list[str] = []


class BuildResult(ToolResult):
    """By spec what was written, or with `dry_run` what would be; only files that change are listed."""

    dry_run: bool = True
    specs: list[BuiltSpec] = []
    needs: dict[str, Any] = {}  # what a person has to make in the cluster: Secrets, names, registries


class CheckedSpec(BaseModel):
    spec: str = ""
    current: bool = False
    files: list[ToolFile] = []
    decisions: list[ToolDecision] = []
    findings: list[ToolFinding] = []
    changed: list[Any] = []  # inputs that changed since the last build
    outdated: list[str] = []
    unproven: list[str] = []


class CheckResult(ToolResult):
    """Whether every committed file is what a build would write. Only what is not is listed."""

    current: bool = False
    specs: list[CheckedSpec] = []


class ExplainedField(BaseModel):
    target: str
    field: str = ""
    value: Any = None
    decided: str = ""
    decision: str = ""
    why: str | None = None
    where: str | None = None
    file: str = ""


class ExplainResult(ToolResult):
    """Fields with who decided each and why, and the inputs that they were made of."""

    fields: list[ExplainedField] = []
    inputs: dict[str, Any] = {}


class PinResult(ToolResult):
    """The change to the spec, as a unified diff. `build` then shows what it does to the files."""

    written: bool = False
    diff: str = ""
