"""Say which kforge this is, and which Kubernetes, spec and lock it knows.

examples:
  kforge version
  kforge version --format json | jq -r '.kubernetes.default'
"""

from __future__ import annotations

import argparse
import platform
from typing import Any

from kforge import __version__
from kforge.commands import options as shared
from kforge.output.layout import Table, rows, show
from kforge.output.text import emit


def arguments(parser: argparse.ArgumentParser) -> None:
    shared.formats(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    known = _known()
    if options.format == "json":
        from kforge.output.json_text import dump

        emit(dump(known, ordered=False))
        return 0
    kubernetes = known["kubernetes"]
    cells = [
        ("kforge", known["kforge"]),
        ("python", known["python"]),
        (
            "kubernetes",
            f"{kubernetes['default']} by default, {kubernetes['oldest']} to {kubernetes['newest']} can be named",
        ),
        ("spec", known["spec"]),
        ("lock", known["lock"]),
    ]
    show(Table(rows(*cells, styles=("name",))))
    return 0


def _known() -> dict[str, Any]:
    from kforge.domain.kubernetes.releases import default
    from kforge.system import schemas

    versions = schemas.versions()
    return {
        "kforge": __version__,
        "python": platform.python_version(),
        "kubernetes": {"default": default(), "oldest": versions[0], "newest": versions[-1]},
        "spec": "kforge.dev/v1",
        "lock": _lock(),
    }


def _lock() -> str:
    from kforge.system import lockfile

    return str(lockfile.FORMAT)
