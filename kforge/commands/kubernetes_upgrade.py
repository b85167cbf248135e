"""`kforge build --upgrade kubernetes`: the spec gets a newer Kubernetes version, and what that changes is shown by field."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from kforge.output.layout import Line, Span, Table, show, tell
from kforge.output.text import count, inert, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kforge.domain.spec.project import Project
    from kforge.outcome import Options, Outcome
    from kforge.stages.version_changes import VersionChange

TARGET = "kubernetes"
_NAMED = 3  # objects of one change


def asked(options: argparse.Namespace) -> bool:
    """Whether the command line asks for another Kubernetes version: `--upgrade kubernetes`, or `kubernetes=1.37`."""
    return bool(re.fullmatch(rf"{TARGET}(=.*)?", options.upgrade or ""))


def is_a_service(options: argparse.Namespace, projects: Sequence[Project]) -> bool:
    """Whether a spec has a service by the name of what is to be upgraded."""
    from kforge.errors import InputError
    from kforge.pipeline import read_spec
    from kforge.spec.tolerant import mapping

    try:
        specs = [read_spec(project) for project in projects]
    except InputError:
        return False
    return any(options.upgrade in mapping(spec.data, "services") for spec in specs)


def preview(options: argparse.Namespace, projects: Sequence[Project]) -> int:
    """Show what another version would change, and write nothing. The exit code."""
    from copy import copy

    from kforge.commands import options as shared
    from kforge.output.places import told

    plain, wanted, code = copy(options), _wanted(options), 0
    plain.upgrade = None
    for project in projects:
        with told(project):
            change = _worked_out(project, options, shared.pipeline_options(plain, [project]), wanted)
        if change and _refused(project, change[2]):
            code = 1
        elif change:
            say(f"{inert(project.name)}: a build would write it and {count(len(change[2].changes.pending), 'file')}")
    return code


def run(
    options: argparse.Namespace, settings: Options, projects: Sequence[Project], begin: Callable[[Project], None]
) -> int:
    """Move every project's spec to the version, or none where one becomes invalid. The exit code. `begin` is called
    before a project is worked out.
    """
    from kforge.output.places import told
    from kforge.system.project import ProjectLock

    wanted = _wanted(options)
    with ProjectLock([project.folder for project in projects], say):
        made = []
        for project in projects:
            begin(project)
            with told(project):
                if change := _worked_out(project, options, settings, wanted):
                    made.append((project, *change))
        if any(_refused(project, outcome) for project, _, _, outcome in made):
            return 1
        for project, before, text, outcome in made:
            _write(project, before, text, outcome)
    return 0


def _wanted(options: argparse.Namespace) -> str:
    """The version that is asked for. Raises InputError for one without schemas, and where the spec may not change."""
    from kforge.domain.kubernetes.releases import default
    from kforge.errors import InputError
    from kforge.system import schemas

    wanted = str(options.upgrade.partition("=")[2] or default())
    if wanted not in schemas.versions():
        known = schemas.versions()
        raise InputError(f"this kforge has no schemas of Kubernetes {wanted}", hint=f"it has {known[0]} to {known[-1]}")
    if getattr(options, "locked", False):
        raise InputError(
            "`--upgrade kubernetes` changes the spec, and `--locked` forbids it", hint="leave one of them out"
        )
    return wanted


def _worked_out(
    project: Project, options: argparse.Namespace, settings: Options, wanted: str
) -> tuple[bytes, str, Outcome] | None:
    """The spec as it was, its new text and what a build with it gives; None where the spec has nothing to move."""
    from dataclasses import replace

    from kforge.pipeline import read_spec
    from kforge.pipeline import run as worked_out
    from kforge.spec.edit import set_value
    from kforge.stages.version_changes import version_changes
    from kforge.system.files import read
    from kforge.transaction import computed

    raw = read_spec(project, settings.limits)
    held = raw.data.get(TARGET)
    if not isinstance(held, str) and held is not None:
        worked_out(project, settings)  # which says what is wrong with it
    if held is None and "=" not in options.upgrade:
        say(f"{inert(project.name)}: names no Kubernetes version, so that of this kforge holds: {wanted}")
        return None
    if held is not None and _number(held) >= _number(wanted):
        say(f"{inert(project.name)}: is at Kubernetes {inert(held)} already")
        return None
    before = read(project.spec, root=project.root) or b""
    text = set_value(raw.text, (TARGET,), wanted, project.name)
    old = worked_out(project, replace(settings, looks=False))
    new = computed(project, replace(settings, text=text), getattr(options, "allow_data_loss", False))
    _show(old, wanted, version_changes(old.documents, new.documents))
    return before, text, new


def _number(minor: str) -> int:
    number = minor.partition(".")[2]
    return int(number) if number.isdecimal() else 0


def _show(old: Outcome, wanted: str, changes: Mapping[str, tuple[VersionChange, ...]]) -> None:
    spec = old.loaded.world.spec
    show(Line((Span(spec.app, "bold"), Span(f": Kubernetes {spec.kubernetes} → {wanted}"))))
    for environment, found in changes.items():
        if environment:
            show(Line.of(f"environment {environment}", indent=2))
        show(Table(tuple(_row(each) for each in found), indent=2))
    if not changes:
        show(Line.of("no object changes", indent=2))
    for name, block in sorted(spec.environments.items()):
        if block.kubernetes and _number(block.kubernetes) < _number(wanted):
            say(f"environment `{inert(name)}` stays at {block.kubernetes}, which it names itself")


def _row(change: VersionChange) -> tuple[Span, ...]:
    rest = len(change.objects) - _NAMED
    objects = ", ".join(change.objects[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
    old, new = change.old or "(none)", change.new or "(none)"
    return Span(objects, "name"), Span(change.field or "the object"), Span(f"{old} → {new}"), Span(change.why, "dim")


def _refused(project: Project, outcome: Outcome) -> bool:
    from kforge.output.findings import findings
    from kforge.output.places import found

    if outcome.errors:
        tell(*findings((found(project, item) for item in outcome.errors), text=outcome.loaded.raw.text))
        say(f"{inert(project.name)}: {count(len(outcome.errors), 'error')} with the new version, nothing was written")
    return bool(outcome.errors)


def _write(project: Project, before: bytes, text: str, outcome: Outcome) -> None:
    from kforge.transaction import write_with_spec

    write_with_spec(outcome, before, text)
    say(f"wrote `{inert(project.name)}` and {count(len(outcome.changes.pending), 'file')}")
