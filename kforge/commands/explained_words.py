"""The words that `explain` and `pin` share: what is typed → what it names, and the files of the disk that lines count in."""

from __future__ import annotations

import argparse
import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kforge.domain.spec.project import Project
    from kforge.errors import InputError
    from kforge.explanations.explainer import Explainer
    from kforge.explanations.files import ReadText
    from kforge.explanations.words import Asked


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        metavar="TARGET",
        nargs="?",
        default="",
        help="a service (web), a decision (web/probes) or a field of it (web.port), an object (Deployment/web, deploy/web), a FILE or FILE:LINE that kforge writes, an environment",
    )
    parser.add_argument(
        "field", metavar="FIELD", nargs="?", default="", help="field of the target: its path, or the end of it"
    )


def read(known: Explainer, options: argparse.Namespace) -> Asked:
    """What the words name. Raises InputError for words that name nothing."""
    from kforge.errors import InputError
    from kforge.explanations.files import known_files
    from kforge.explanations.words import asked

    environment, project = getattr(options, "environment", ""), known.outcome.project
    try:
        return asked(known, options.target, options.field, environment, lambda word: _located(project, word))
    except InputError:
        path = _located(project, re.sub(r"(:[0-9]+){0,2}:?$", "", options.target))
        wrong = environment and environment not in known.environments
        if wrong or path in known_files(known) or not os.path.isfile(project.folder / path):  # noqa: PTH113 - text
            raise
        raise _yours(known, path) from None


def _yours(known: Explainer, path: str) -> InputError:
    """What to ask of a file that no build writes."""
    from kforge.errors import InputError

    sources = {os.path.normpath(str(held.source)) for held in known.services.values() if held.source}
    folder = max((each for each in sources if path.startswith(f"{each}/")), key=len, default="")
    seen = os.path.relpath(known.outcome.project.folder / folder) if folder else ""
    hint = f"`kforge detect {seen}` shows what is read there" if folder else "`kforge plan` lists what kforge writes"
    return InputError(f"`{path}` is yours", hint=hint)


def _located(project: Project, word: str) -> str:
    """A path as it is typed here, or as messages of kforge show it, relative to the spec's folder."""
    folder = str(project.folder)
    here = os.path.relpath(os.path.abspath(word), folder).replace(os.sep, "/")  # noqa: PTH100 - text
    inside = os.path.normpath(word).replace(os.sep, "/")
    exists = os.path.exists(os.path.join(folder, inside))  # noqa: PTH110, PTH118 - text
    return inside if here.startswith("../") and exists else here


def disk(project: Project) -> ReadText:
    """What reads a file of the project as it lies on the disk; None where there is none."""
    from kforge.system.files import reader

    read_file = reader(project.folder, project.root)

    def text(path: str) -> str | None:
        content = read_file(path)
        return None if content is None else content.decode("utf-8", "replace")

    return text
