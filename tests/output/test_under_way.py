"""What lasts longer than a second says so on a terminal, and takes the words away; a pipe and `-q` are told nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import on_a_terminal

# Runs kforge with a function that takes its time: `{}` is its module and its name.
SLOW = """
import importlib, sys, time
module, _, name = "{}".rpartition(".")
held = importlib.import_module(module)
quick = getattr(held, name)
def slow(*words, **more):
    time.sleep(1.8)
    return quick(*words, **more)
setattr(held, name, slow)
from kforge.cli import main
sys.exit(main())
"""
LASTING = (
    ("check", "kforge.fast_check.fast_check", "comparing with the lock"),
    ("check --full", "kforge.pipeline.scan_sources", "reading the sources"),
    ("plan", "kforge.pipeline.scan_sources", "reading the sources"),
    ("explain web/build", "kforge.pipeline.scan_sources", "reading the sources"),
    ("pin web/resources --dry-run", "kforge.pipeline.scan_sources", "reading the sources"),
    ("diff", "kforge.pipeline.scan_sources", "reading the sources"),
    ("build --offline", "kforge.pipeline.scan_sources", "reading the sources"),
    ("detect web", "kforge.commands.detect.detect", "reading the source"),
    ("doctor", "kforge.llm.model_resolution.model_setup", "looking for servers and GPUs"),
    ("upgrade --images --dry-run", "kforge.image_upgrades.upgraded", "asking the registries"),
    ("init --offline --dry-run --folder web", "kforge.draft.repository.survey", "looking through the folders"),
)
CASES = pytest.mark.parametrize(("line", "slow", "said"), LASTING, ids=[line for line, _, _ in LASTING])


@CASES
def test_a_terminal_is_told_what_is_under_way(line: str, slow: str, said: str, built_shop: Path) -> None:
    shown = on_a_terminal(built_shop, *line.split(), columns=120, program=("-c", SLOW.format(slow)))
    assert f"{said}, 1 s" in shown.text and f"{said}, 1 s" not in shown.left


@pytest.mark.parametrize("more", [[], ["-q"]])
def test_a_pipe_is_not(more: list[str], built_shop: Path) -> None:
    words = [sys.executable, "-c", SLOW.format(LASTING[0][1]), "check", *more]
    done = subprocess.run(words, cwd=built_shop, capture_output=True, text=True, check=True)
    assert done.stderr == ("" if more else "shop: up to date (61 files)\n")


def test_quiet_holds_on_a_terminal_too(built_shop: Path) -> None:
    assert on_a_terminal(built_shop, "check", "-q", program=("-c", SLOW.format(LASTING[0][1]))).text == ""
