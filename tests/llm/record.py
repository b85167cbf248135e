"""Record the replay folder of the tests anew: `python -m tests.llm.record`.

Builds the smallest example with the tiny model of `tests/models/tiny.py`, on a real llama.cpp server, and keeps every
answer in `cache/hello-tiny`. Needed whenever a prompt, a schema or the example changes.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.conftest import run
from tests.llm.conftest import asking
from tests.models import tiny

FOLDER = Path(__file__).parents[2] / "cache" / "hello-tiny"


def record() -> str:
    """The report of the build."""
    for path in FOLDER.glob("*.json"):
        path.unlink()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        tiny.build(place / "tiny.gguf")
        os.environ |= {"KFORGE_CACHE_DIR": str(place / "caches"), "XDG_CONFIG_HOME": str(place / "config")}
        with tiny.serve(place / "tiny.gguf") as url:
            os.environ["KFORGE_BASE_URL"] = url
            folder = asking(place / "hello", model=tiny.NAME)
            ended = run("build", "--fallback", "heuristics", "--replay", str(FOLDER), "--record", cwd=folder, code=0)
            shutil.rmtree(folder)
    return ended.err


if __name__ == "__main__":
    sys.stdout.write(record())
