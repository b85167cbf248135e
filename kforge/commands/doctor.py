"""Show what a model could run on and who would be asked: GPUs, servers and their
models, keys, tools, and the choice.

The server that would be asked is asked for its list of models: so a refused
key or a wrong name shows here. Keys are shown by the names of their variables,
never by their values. Nothing is sent beyond this machine, except to an
address that you name and allow. Exit 1: the model that you or the spec names
cannot be asked or does not answer.

examples:
  kforge doctor
  kforge doctor --model qwen2.5-coder:14b
  kforge doctor --format json | jq '.choice'
"""

from __future__ import annotations

import argparse
import os
import shutil

from kforge.commands import model_options
from kforge.commands import options as shared
from kforge.domain.model.machine import Setting
from kforge.domain.model.request import Fault
from kforge.domain.model.vendors import KEYS
from kforge.errors import InputError
from kforge.output.layout import show
from kforge.output.text import emit

TOOLS = ("git", "docker", "hadolint", "kubectl", "kustomize", "helm", "ollama", "llama-server")


def arguments(parser: argparse.ArgumentParser) -> None:
    model_options.arguments(parser)
    shared.one_spec(parser)
    shared.formats(parser, "text", "json")


def run(options: argparse.Namespace) -> int:
    """0 where a model can be asked or none is wanted, 1 where the spec or the user names one that cannot or does not
    answer.
    """
    from kforge.llm.model_resolution import model_setup  # looks around: not for `--help`
    from kforge.output import doctor_text
    from kforge.output.progress import under_way

    wish = _wish(options)
    with under_way("looking for servers and GPUs"):
        setup = model_setup(wish, model_options.flags(options))
    tools = {name: shutil.which(name) for name in TOOLS}
    if options.format == "json":
        emit(doctor_text.as_json(setup, tools, _present()))
    else:
        show(doctor_text.report(setup, tools, _present()))
    wanted = wish or setup.settings.model or setup.settings.provider or setup.settings.base_url
    return 1 if wanted and (setup.choice.endpoint is None or isinstance(setup.health, Fault)) else 0


def _present() -> list[str]:
    """Variables that hold a key."""
    known = ["KFORGE_API_KEY", *(name for names in KEYS.values() for name in names)]
    return sorted(name for name in known if os.environ.get(name, "").strip())


def _wish(options: argparse.Namespace) -> Setting | None:
    """What the spec here names, where there is one; a doctor helps where a spec is broken, too."""
    from kforge.spec.read import read
    from kforge.system.files import read as read_file

    try:
        project = shared.project(options)
        shown = os.path.relpath(project.spec)
        content = read_file(project.spec, shown=shown, root=project.root)
        return model_options.wish(read(content, shown)) if content is not None else None
    except InputError:
        if options.spec:
            raise
        return None
