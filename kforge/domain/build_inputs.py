"""`build.args` and `build.secrets` of a service, and files of its source that no context holds → instructions and mounts
of the stages that build. Unaware of recipes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from kforge.domain.document import Instruction
from kforge.domain.kubernetes.names import build_pins

if TYPE_CHECKING:
    from kforge.domain.source.build_context import ReadsFacts
    from kforge.domain.view import View

_PLAIN = re.compile(r"[\w./@+-]{1,500}", re.ASCII)


def arguments(view: View) -> list[Instruction]:
    """ARG with the spec's values: the same build without the bake file, which may change them. What a build writes into
    the files that it makes comes from the service's `env` where `build.args` does not say it; ARG without a value tells
    what is still to be said.
    """
    given = {name: (value, f"build.args.{name}") for name, value in build_pins(view).get("args", {}).items()}
    inlined = view.fact("build_env")
    plain = view.spec("env") if inlined else {}
    for one in inlined:
        name = one["name"]
        if name in plain and "${" not in str(plain[name]):
            given.setdefault(name, (plain[name], f"spec.env.{name}"))
        elif one["required"]:
            given.setdefault(name, (None, ""))
    return [
        Instruction("ARG", (name if value is None else f"{name}={value}",), origin=origin)
        for name, (value, origin) in sorted(given.items())
    ]


def mounts(view: ReadsFacts) -> dict[str, str]:
    """Files of the source that a build is handed by name: `web-npmrc` → `web/.npmrc`. None whose path would end a field of
    a mount: a pull request names folders as it likes.
    """
    paths = (view.fact("mounted") or ()) if _PLAIN.fullmatch(str(view.spec("source"))) else ()
    return {re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-"): path for path in paths if _PLAIN.fullmatch(path)}


def secret_mounts(view: View, at: Callable[[str], str] | None = None) -> list[str]:
    """Mounts by which a RUN reads the secrets; no layer keeps them. `at` gives the place of a file of the source, for a
    stage that reads those that no context holds.
    """
    given = build_pins(view).get("secrets", {})
    files = mounts(view) if at else {}
    own = [
        f"--mount=type=secret,id={name},target={at(path)}" for name, path in files.items() if at and name not in given
    ]
    return own + [
        f"--mount=type=secret,id={name},{'target=' + secret['target'] if secret.get('target') else 'env=' + name}"
        for name, secret in sorted(given.items())
    ]
