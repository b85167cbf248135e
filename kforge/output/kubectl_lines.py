"""Needs → commands for a shell that make what is needed, with placeholders where a value stands.

A command that is longer than a narrow terminal goes on below, so that it can be copied whole.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from kforge.stages.cluster_needs import NamespaceNeed
from kforge.stages.secret_needs import PULL, TLS, SecretNeed

VALUE, FILE = "VALUE", "FILE"  # placeholders: of a text, of a path
_WIDTH = 76  # characters of a line, behind its indentation


def namespace_command(need: NamespaceNeed) -> list[str]:
    """Parts of the command; a part is not broken."""
    return [f"kubectl create namespace {shlex.quote(need.name)}"]


def secret_command(need: SecretNeed) -> list[str]:
    """Parts of the command that makes a Secret."""
    start = [f"kubectl create secret {need.type} {shlex.quote(need.name)}"]
    if need.namespace:
        start.append(f"-n {shlex.quote(need.namespace)}")
    if need.type == TLS:
        file = shlex.quote(need.about[0].removeprefix("*.")) if need.about and need.about[0] else "tls"
        return [*start, f"--cert={file}.crt", f"--key={file}.key"]
    if need.type == PULL:
        server = shlex.quote(need.about[0]) if len(need.about) == 1 else "REGISTRY"
        return [*start, f"--docker-server={server}", "--docker-username=USER", f"--docker-password={VALUE}"]
    literals = [f"--from-literal={shlex.quote(key)}={VALUE}" for key in need.literals]
    files = [f"--from-file={shlex.quote(key)}={FILE}" for key in need.files]
    if not literals and not files and need.whole:  # its keys are not known: those of a file of variables, or a folder's
        return [*start, f"--from-env-file={FILE}" if "env" in need.whole else f"--from-file={FILE}"]
    return [*start, *literals, *files]


def command_lines(parts: Sequence[str], width: int = _WIDTH) -> list[str]:
    """One line, or several that end in `\\`, which a shell takes for one."""
    lines, here = [], ""
    for number, part in enumerate(parts, 1):
        ends = 0 if number == len(parts) else 2  # ` \` below which it goes on
        if here.strip() and len(here) + 1 + len(part) + ends > width:
            lines.append(f"{here} \\")
            here = f"    {part}"
        else:
            here = f"{here} {part}" if here else part
    return [*lines, here]
