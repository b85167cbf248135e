"""`build.args` and `build.secrets` of a service → instructions and mounts of the stages that build. Unaware of recipes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.domain.document import Instruction
from kforge.domain.kubernetes.names import build_pins

if TYPE_CHECKING:
    from kforge.domain.view import View


def arguments(view: View) -> list[Instruction]:
    """ARG with the spec's values: the same build without the bake file, which may change them."""
    given = build_pins(view).get("args", {})
    return [
        Instruction("ARG", (f"{name}={value}",), origin=f"build.args.{name}") for name, value in sorted(given.items())
    ]


def secret_mounts(view: View) -> list[str]:
    """Mounts by which a RUN reads the secrets; no layer keeps them."""
    given = build_pins(view).get("secrets", {})
    return [
        f"--mount=type=secret,id={name},{'target=' + secret['target'] if secret.get('target') else 'env=' + name}"
        for name, secret in sorted(given.items())
    ]
