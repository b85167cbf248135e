"""Options that say which model is asked and where, and what a spec wishes. Keys come from the environment only."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kforge.domain.model.machine import Setting
    from kforge.domain.spec.raw import Raw
    from kforge.system.settings import Flags


NAME = "its name, a GGUF file of yours, or `auto`"


def arguments(parser: argparse.ArgumentParser, model: str = NAME) -> None:
    """`model` is what the help says of `--model`."""
    group = parser.add_argument_group(
        "the model", "each goes before its variable (KFORGE_MODEL), your configuration and the spec"
    )
    group.add_argument("--model", metavar="NAME", default="", help=model)
    group.add_argument(
        "--provider", metavar="NAME", default="", help="ollama, openai, anthropic, gemini, embedded, vllm, …"
    )
    group.add_argument("--base-url", metavar="URL", default="", help="the address of its server")
    group.add_argument("--allow-remote", action="store_true", help="let parts of the sources leave this machine")


def named(parser: argparse.ArgumentParser) -> None:
    """Add `--model` alone, for a command that says which one would be asked and asks none."""
    parser.add_argument("--model", metavar="NAME", default="", help=f"the one that a build would ask: {NAME}")


def wanted(model: str, spec: str) -> str:
    """The model that a build would ask for, what the command line names before the user's settings and the spec."""
    import os
    from pathlib import Path

    from kforge.system.settings import Flags, settle  # reads TOML: not for `--help`

    settled = settle(Flags(model=model.strip()), os.environ, Path.home()).model
    return settled.value if settled else spec


def together(number: int) -> int:
    """How many questions a build puts into one request: what the command line says, else the user's settings."""
    import os
    from pathlib import Path

    from kforge.system.settings import Flags, settle  # reads TOML: not for `--help`

    return settle(Flags(together=number), os.environ, Path.home()).together


def flags(options: argparse.Namespace) -> Flags:
    from kforge.system.settings import Flags  # reads TOML: not for `--help`

    return Flags(
        provider=options.provider.strip(),
        model=options.model.strip(),
        base_url=options.base_url.strip(),
        allow_remote=options.allow_remote,
        parallel=getattr(options, "parallel", 0) or 0,
        together=getattr(options, "together", 0) or 0,
    )


def wish(raw: Raw) -> Setting | None:
    """The model that a spec names, with its place; None where heuristics decide."""
    from kforge.domain.model.machine import Setting  # `check` shares this module's neighbours and must not pay for it
    from kforge.spec.tolerant import mapping, text

    name = text(mapping(raw.data, "model"), "name")
    return Setting(name, raw.file, raw.place(("model", "name"))) if name else None
