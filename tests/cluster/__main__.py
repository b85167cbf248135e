"""Build what is missing, start a control plane, accept every example on it, stop it: `python -m tests.cluster
[FOLDER…]`.

FOLDER names other specs than the examples; options of pytest come after `--`.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from tests.cluster import programs
from tests.cluster.examples import OVERRIDE, targets


def main(words: list[str]) -> int:
    split = words.index("--") if "--" in words else len(words)
    folders, options = words[:split], words[split + 1 :]
    if programs.missing() and shutil.which("go") is None:
        print("left out: acceptance on a control plane, since go is not here: see https://go.dev/dl/", file=sys.stderr)
        return 3
    started = time.monotonic()
    programs.build()
    print(f"Kubernetes {programs.version()} in {programs.folder()} ({time.monotonic() - started:.0f} s)", flush=True)
    if folders:
        os.environ[OVERRIDE] = os.pathsep.join(str(Path(folder).resolve()) for folder in folders)
    print("accepting:", ", ".join(map(str, targets())), flush=True)
    here = str(Path(__file__).parent)
    return int(
        pytest.main(
            [here, "-m", "cluster", "-p", "no:cacheprovider", "-v", "--durations=5", "--durations-min=3", *options]
        )
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
