"""A raw spec → accounts of a platform that the platform does not have, or would not take for one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kforge.domain.kubernetes.platforms import PLATFORMS, identity
from kforge.domain.spec.raw import Path
from kforge.spec.tolerant import Wrong, blocks, mapping, text


def problems(data: dict[str, Any]) -> Iterator[Wrong]:
    """What is wrong with `identity`, in the base and in environments. One of the base holds for every environment that
    names no other and has the service.
    """
    own = text(data, "platform") or PLATFORMS[0]
    base = {name: text(block, "identity") for name, block in blocks(data, "services")}
    for name, account in base.items():
        yield from _account(("services", name), own, account, "", name)
    for environment, changes in blocks(data, "environments"):
        here = text(changes, "platform") or own
        for name, inherited in base.items():
            block = mapping(changes, "services", name)
            path: Path = ("environments", environment, "services", name)
            if said := text(block, "identity"):
                yield from _account(path, here, said, environment, name)
            elif here != own and block.get("omit") is not True:
                yield from _account(("services", name), here, inherited, environment, name)


def _account(path: Path, platform: str, account: str, environment: str, service: str) -> Iterator[Wrong]:
    if not account or platform not in PLATFORMS:  # its type says so
        return
    held, where = identity(platform), (*path, "identity")
    shown = f"platform `{platform}`" + (f" of environment `{environment}`" if environment else "")
    if held is None:
        them = ", ".join(f"`{name}`" for name in PLATFORMS if identity(name))
        hint = f"write it for an environment whose platform has them ({them}): `environments.NAME.services.{service}.identity`"
        yield Wrong(where, f"{shown} has no cloud accounts that a service could use", hint, at_key=True)
    elif not re.fullmatch(held.pattern, account):
        yield Wrong(where, f"`{account}` is not an account of {shown}", f"write it as `{held.example}`")
