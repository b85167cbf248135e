"""Minors of Kubernetes → their API servers, each built from its pinned module and kept in the user's cache.

    python -m tests.cluster.minors 1.37        build it, some ten minutes on two quiet cores, once

The control plane of `modules/` is one minor, with controllers and nodes. Of the others the API server alone is built,
by request: it says whether it takes an object, which is what differs from minor to minor.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

from tests.cluster import programs
from tests.cluster.pin import MINORS

NAME = "kube-apiserver"
PACKAGE = f"k8s.io/kubernetes/cmd/{NAME}"


def pinned() -> tuple[str, ...]:
    """The minors that a module is here for, that of the control plane among them, oldest first: ("1.33", …)."""
    return tuple(sorted({*(path.parent.name for path in MINORS.glob("*/go.mod")), whole()}))


def whole() -> str:
    """The minor of the control plane, of which everything is built: "1.34"."""
    return programs.version().removeprefix("v").rpartition(".")[0]


def version(minor: str) -> str:
    """The release of a minor: `v1.37.2`."""
    found = re.search(r"k8s\.io/kubernetes (v\S+)", (MINORS / minor / "go.mod").read_text())
    assert found, f"minors/{minor}/go.mod pins no k8s.io/kubernetes"
    return found[1]


def folder(minor: str) -> Path:
    """Where the API server of a minor is, or will be."""
    if minor == whole():
        return programs.folder()
    pins = b"".join(path.read_bytes() for path in sorted((MINORS / minor).glob("go.*")))
    return programs.cache() / f"apiserver-{minor}-{hashlib.sha256(pins).hexdigest()[:12]}"


def built(minor: str) -> bool:
    return (folder(minor) / NAME).exists()


def build(minor: str) -> Path:
    """Build a minor's API server. Raises FileNotFoundError without Go."""
    if minor == whole():
        programs.build()
    elif not built(minor):
        folder(minor).mkdir(parents=True, exist_ok=True)
        programs.compile_program(
            MINORS / minor, PACKAGE, folder(minor) / NAME, f"-s -w {programs.stamp(version(minor))}"
        )
    return folder(minor) / NAME


if __name__ == "__main__":
    for each in sys.argv[1:]:
        print(build(each))
