"""A coding assistant's side of `kforge mcp`: the protocol's own client, on a real process's standard input and output."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
from mcp import Client, StdioServerParameters, stdio_client
from mcp_types import CallToolResult, Tool

ROOT = Path(__file__).parents[1]
Call = tuple[str, dict[str, Any]]


def server(root: Path, *words: str, env: Mapping[str, str] | None = None) -> StdioServerParameters:
    """How a client starts `kforge mcp` in a folder. The environment is next to empty, as clients have it."""
    more = {"PYTHONPATH": str(ROOT), "HOME": str(root.parent), **(env or {})}
    return StdioServerParameters(command=sys.executable, args=["-m", "kforge", "mcp", *words], cwd=str(root), env=more)


def ask(
    root: Path, *calls: Call, words: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> list[CallToolResult]:
    """The results of calls, one after the other, from one server."""
    found = []

    async def session() -> None:
        with Path(os.devnull).open("w") as nowhere:
            async with Client(stdio_client(server(root, *words, env=env), errlog=nowhere)) as client:
                found.extend([await client.call_tool(name, arguments) for name, arguments in calls])

    anyio.run(session)
    return found


def tools(root: Path, *words: str) -> dict[str, Tool]:
    """The tools that a server offers, by name."""
    found = {}

    async def session() -> None:
        async with Client(server(root, *words)) as client:
            found.update({tool.name: tool for tool in (await client.list_tools()).tools})

    anyio.run(session)
    return found


def data(result: CallToolResult) -> dict[str, Any]:
    """A result as the program that asked gets it."""
    held = result.structured_content
    assert isinstance(held, dict), result
    return held


def problems(result: CallToolResult) -> list[str]:
    """What a failed call says is wrong."""
    assert result.is_error, result
    return [each["message"] for each in data(result)["problems"]]
