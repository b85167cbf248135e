"""Record the README's picture: `python docs/record.py` runs the commands in a copy of specs/hello and writes
docs/run.svg.

The picture is what kforge prints, nothing else; a test records again and compares.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).parent
HELLO = HERE.parent / "specs" / "hello"
COMMANDS = (
    "kforge detect ./web",
    "kforge build",
    "kforge check",
    "kforge explain Deployment/web spec.template.spec.containers[0].readinessProbe.httpGet.path",
)


def record() -> str:
    """The picture as SVG text: the same bytes for the same output."""
    console = Console(
        record=True, width=112, file=io.StringIO(), force_terminal=True, color_system="truecolor", legacy_windows=False
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "hello"
        (folder / "web").mkdir(parents=True)
        shutil.copy(HELLO / "app.kforge.yaml", folder)
        for path in sorted((HELLO / "web").iterdir()):
            if path.name not in ("Dockerfile", ".dockerignore", "Dockerfile.dockerignore"):
                shutil.copy(path, folder / "web")
        for command in COMMANDS:
            console.print(Text.assemble(("$ ", "green"), (command, "bold")))
            console.print(Text.from_ansi(_run(command, folder)))
    return console.export_svg(title="kforge", theme=MONOKAI, unique_id="kforge")


def _run(command: str, folder: Path) -> str:
    environment = {**os.environ, "FORCE_COLOR": "1", "TERM": "xterm"}
    environment.pop("NO_COLOR", None)
    words = [sys.executable, "-m", "kforge", *command.split()[1:]]
    done = subprocess.run(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    )
    return done.stdout


if __name__ == "__main__":
    (HERE / "run.svg").write_text(record(), encoding="utf-8")
