"""What containers start is in their images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kforge.domain.commands.command import Command
from kforge.domain.commands.installed_programs import left_behind, started_by
from kforge.domain.document import POD_PATHS, Documents
from kforge.domain.facts import Fact
from kforge.domain.finding import Hit, rule
from kforge.rules.commands import Started, started

_KINDS = ("Dockerfile", *POD_PATHS)


@rule("absent-program", "error", "add the package that has it to the manifest", kinds=_KINDS)
def absent_program(documents: Documents) -> Iterator[Hit]:
    """A container starts a program that its image holds.

    A `command`, a Procfile's line or a package script names gunicorn, celery or tsx, and no manifest of the source brings
    it: the container ends as it starts, with "not found". Where a group, an extra or a development dependency brings it,
    kforge installs that; else the package belongs into the manifest. Package managers that build the image (`poetry run`,
    `uv run`, `pnpm exec`) stay behind in the build stage: what they would start is on the image's PATH.

    Where another package brings the program, write it down as well, or waive this.
    """
    builders = {id(documents.facts.get(one.service)): one.service for one in documents if one.dockerfile is not None}
    told: set[tuple[str, str]] = set()
    for one in started(documents):
        service = one.document.service
        builder = builders.get(id(documents.facts.get(service)), "")
        if not builder or _chosen(documents.reasons.get(builder, {})):
            continue
        for name, said, hint in _lacking(one, documents):
            if (service, name) not in told:
                told.add((service, name))
                yield Hit(one.document, one.field, said, hint)


def _chosen(reasons: Mapping[str, str]) -> bool:
    """Whether a person says what the program runs in, which may bring more."""
    return bool(reasons) and not {"build.runtime", "build.packages"} <= reasons.keys()


def _lacking(one: Started, documents: Documents) -> Iterator[tuple[str, str, str]]:
    """(name, what is wrong, the way out) of what a command needs and its image has not."""
    facts = documents.facts.get(one.document.service)
    if manager := left_behind(one.command):
        rest = _plain(one.command)
        said = f"`{manager}` is used to build the image, and is not part of it"
        yield manager, said, f"start `{rest}` itself, which is on the image's PATH"
    names = {*started_by(one.command)}
    for fact in facts.absent if facts is not None else ():
        if fact.value["by"] in names:
            yield fact.value["program"], _absent(fact), _way_out(fact)


def _plain(command: Command) -> str:
    return " ".join(command.words)[:80]


def _absent(fact: Fact) -> str:
    program, manifest, listed = (fact.value[key] for key in ("program", "manifest", "listed"))
    where = f"only {listed} has it, which is not installed" if listed else f"no package of `{manifest}` has it"
    said = f", which {fact.evidence[0]} starts," if fact.evidence else ""
    return f"`{program}`{said} is not in the image: {where if listed or manifest else 'no manifest brings it'}"


def _way_out(fact: Fact) -> str:
    packages, manifest = fact.value["packages"], fact.value["manifest"]
    if not packages:
        return "install it in a step of `build.steps`, or run it as a service with an image of its own"
    return f"add `{packages[0]}` to `{manifest or 'a manifest'}`, with its lock file where there is one"


RULES = (absent_program,)
