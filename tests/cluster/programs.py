"""Pinned Go modules → the programs of a control plane, built once and kept in the user's cache.

Unaware of what the programs do. The folder's name holds a digest of the pins, so that a new pin is a new folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MODULES = Path(__file__).parent / "modules"
KUBERNETES = {
    "etcd": "go.etcd.io/etcd/server/v3",
    "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
    "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
    "kube-scheduler": "k8s.io/kubernetes/cmd/kube-scheduler",
    "kubectl": "k8s.io/kubernetes/cmd/kubectl",
}
KWOK = {"kwok": "sigs.k8s.io/kwok/cmd/kwok"}


def version() -> str:
    """The pinned version of Kubernetes: `v1.34.4`."""
    found = re.search(r"k8s\.io/kubernetes (v\S+)", (MODULES / "kubernetes/go.mod").read_text())
    assert found, "modules/kubernetes/go.mod pins no k8s.io/kubernetes"
    return found[1]


def folder() -> Path:
    """Where the programs are, or will be."""
    pins = b"".join(path.read_bytes() for path in sorted(MODULES.glob("*/go.*")))
    return cache() / f"bin-{hashlib.sha256(pins).hexdigest()[:12]}"


def cache() -> Path:
    """Where everything that is built is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kforge-cluster"


def stamp(release: str) -> str:
    """Linker flags by which a program knows its version: `v1.34.4`."""
    flags = f"-X k8s.io/component-base/version.gitVersion={release} -X k8s.io/component-base/version.gitMajor=1"
    return f"{flags} -X k8s.io/component-base/version.gitMinor={release.split('.')[1]}"


def missing() -> tuple[str, ...]:
    """Programs that are not built yet."""
    return tuple(name for name in (*KUBERNETES, *KWOK) if not (folder() / name).exists())


def build() -> Path:
    """Build what is missing: about five minutes on two cores the first time; needs Go 1.24 and the module proxy."""
    wanted = missing()
    if not wanted:
        return folder()
    if shutil.which("go") is None:
        raise FileNotFoundError("go is not here: the control plane cannot be built; see https://go.dev/dl/")
    folder().mkdir(parents=True, exist_ok=True)
    kubernetes = f"-s -w {stamp(version())}"
    for module, programs, flags in (("kubernetes", KUBERNETES, kubernetes), ("kwok", KWOK, "-s -w")):
        for name, package in programs.items():
            if name in wanted:
                compile_program(MODULES / module, package, folder() / name, flags)
    return folder()


def compile_program(module: Path, package: str, target: Path, flags: str) -> None:
    """One program, renamed into place, so that a half-written one is never found."""
    print(f"building {target.name} …", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        program = Path(scratch) / target.name
        subprocess.run(
            ["go", "build", "-buildvcs=false", "-mod=readonly", "-ldflags", flags, "-o", str(program), package],
            cwd=module,
            check=True,
            env={**os.environ, "GOWORK": "off", "GOFLAGS": "", "CGO_ENABLED": "0"},
        )
        program.replace(target)


if __name__ == "__main__":
    print(build())
