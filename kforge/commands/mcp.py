"""Serve detect, plan, build, check, explain and pin to a coding assistant, by the
Model Context Protocol on standard input and output. Paths stay below the root,
no model is asked and nothing leaves the machine unless an option here says so.

examples:
  kforge mcp                  for the repository that this folder lies in
  kforge mcp --read-only      no tool that writes
  kforge mcp --ask-models     `build` may ask the model that a spec names
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from kforge.commands import options as shared
from kforge.domain.distribution import DISTRIBUTION, installing
from kforge.errors import InputError, Place, WorldError
from kforge.output.text import say
from kforge.system.project import root, top

# Options of `build` that only the person who starts the server gives.
GRANTED = (
    "force", "allow_data_loss", "offline", "allowing", "model", "provider", "base_url", "allow_remote", "parallel", "fallback",
    "replay", "record", "max_requests", "max_tokens", "max_cost", "timeout",
)  # fmt: skip
WHOM = ("model", "provider", "base_url", "allow_remote", "replay", "record")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path",
        nargs="?",
        default="",
        metavar="PATH",
        help="the root: the top of a repository, or a folder outside of any (default: the repository here)",
    )
    parser.add_argument("--read-only", action="store_true", help="offer no tool that writes")
    parser.add_argument(
        "--ask-models", action="store_true", help="let `build` ask models, as `kforge build` on the command line does"
    )
    parser.add_argument("--force", action="store_true", help="as for build: take over files, drop edits by hand")
    parser.add_argument("--allow-data-loss", action="store_true", help="as for build: remove claims, change kinds")
    shared.model(parser)


def run(options: argparse.Namespace) -> int:
    granted = _granted(options)
    folder = _root(options.path)
    try:
        from kforge.commands.mcp_server import serve  # the library takes its time
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types", "anyio"):
            raise
        raise WorldError(
            "the library `mcp`, version 2, is not installed",
            hint=f"install it: {installing('mcp')}; where pipx installed kforge: `pipx inject {DISTRIBUTION} mcp`",
        ) from None
    from kforge.commands.in_process import answer
    from kforge.commands.mcp_tools import TOOLS, Grounds

    if sys.stdin is None:  # closed by the caller
        raise InputError("standard input is closed", hint="a client starts this and speaks to it there: docs/mcp.md")
    if sys.stdin.isatty():
        say("waiting for a client on standard input; Ctrl-C ends it")
    os.chdir(folder)
    os.environ["NO_COLOR"] = "1"  # nothing here is a terminal, whatever FORCE_COLOR says
    tools = [tool for tool in TOOLS if not (tool.writes and options.read_only)]
    serve(tools, Grounds(folder, lambda *words: answer(words, granted)), open_world=options.ask_models)
    return 0


def _granted(options: argparse.Namespace) -> dict[str, Any]:
    """The options that every command of this server gets. Raises InputError for one that says nothing by itself."""
    named = [f"`--{name.replace('_', '-')}`" for name in WHOM if getattr(options, name)]
    if named and not options.ask_models:
        raise InputError(f"{named[0]} asks nothing by itself", hint="add `--ask-models`")
    if options.replay:
        options.replay = os.path.abspath(options.replay)  # noqa: PTH100 - resolves no link; the tools work in the root
    options.offline = not options.ask_models
    options.allowing = "" if options.ask_models else "start the server with `--ask-models`"
    return {name: getattr(options, name) for name in GRANTED}


def _root(path: str) -> Path:
    """The folder that the tools stay in. Raises InputError for a part of a repository: a build writes in all of it."""
    here = Path(path or ".").resolve()
    if not here.is_dir():
        raise InputError(f"`{path}` is not a folder", Place(path), "name the top of a repository")
    above = top(here)
    if path and above not in (None, here):
        raise InputError(
            f"`{path}` is a part of the repository `{above}`, and sources may lie anywhere in it",
            Place(path),
            f"start it for all of it: `kforge mcp {above}`",
        )
    return root(here)
