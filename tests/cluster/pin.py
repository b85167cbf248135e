"""A release of Kubernetes → a Go module that builds its API server with the libraries of that release.

    python -m tests.cluster.pin 1.37.2

writes `minors/1.37/go.mod` and `go.sum`; needs Go and the module proxy. The releases that the proxy has are listed by
`go list -m -versions k8s.io/kubernetes`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

MINORS = Path(__file__).parent / "minors"
HEAD = "// The API server of this minor, with the libraries of its release; made by tests/cluster/pin.py."


def _go(*words: str, folder: Path | None = None) -> str:
    environment = {**os.environ, "GOWORK": "off", "GOFLAGS": ""}
    return subprocess.run(
        ["go", *words], capture_output=True, text=True, check=True, cwd=folder or "/", env=environment
    ).stdout


def module(version: str) -> str:
    """The text of go.mod. Kubernetes replaces its libraries by folders of its own; the proxy has them as `v0.…`."""
    held = json.loads(_go("mod", "download", "-json", f"k8s.io/kubernetes@v{version}"))
    own: dict[str, Any] = json.loads(_go("mod", "edit", "-json", held["GoMod"]))
    minor, libraries = version.rpartition(".")[0], f"v0.{version.partition('.')[2]}"
    staged = sorted(each["Old"]["Path"] for each in own["Replace"] if each["New"]["Path"].startswith("./staging"))
    required = {each["Path"]: libraries if each["Path"] in staged else each["Version"] for each in own["Require"]}
    lines = [HEAD, f"module kforge.dev/tests/cluster/minors/{minor}", "", f"go {own['Go']}", ""]
    lines += [*(f"godebug {each['Key']}={each['Value']}" for each in own.get("Godebug") or ()), ""]
    lines += ["tool k8s.io/kubernetes/cmd/kube-apiserver", "", "require ("]
    lines += [f"\t{path} {held} // indirect" for path, held in required.items()]
    lines += [f"\tk8s.io/kubernetes v{version} // indirect", ")", "", "replace ("]
    lines += [*(f"\t{path} => {path} {libraries}" for path in staged), ")", ""]
    return "\n".join(lines)


def main(version: str) -> None:
    folder = MINORS / version.rpartition(".")[0]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "go.mod").write_text(module(version))
    _go("mod", "tidy", folder=folder)


if __name__ == "__main__":
    main(sys.argv[1])
