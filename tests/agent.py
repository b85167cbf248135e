"""A coding assistant's side of `kforge mcp`: the protocol's own client, asking the server in this process or one of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp.server import Server
from mcp_types import CallToolResult, Tool

from kforge.cli import main
from kforge.commands import mcp_server

ROOT = Path(__file__).parents[1]
Call = tuple[str, dict[str, Any]]


def server(root: Path, *words: str, env: Mapping[str, str] | None = None) -> StdioServerParameters:
    """How a client starts `kforge mcp` in a folder. The environment is next to empty, as clients have it."""
    more = {"PYTHONPATH": str(ROOT), "HOME": str(root.parent), **(env or {})}
    return StdioServerParameters(command=sys.executable, args=["-m", "kforge", "mcp", *words], cwd=str(root), env=more)


@contextmanager
def served(root: Path, *words: str, env: Mapping[str, str] | None = None) -> Iterator[Server]:
    """The server that `kforge mcp` starts in a folder with these options, in this process."""
    made = list[Server]()
    with chdir(root), pytest.MonkeyPatch.context() as patch:
        for name, value in {"NO_COLOR": "1", "HOME": str(root.parent), **(env or {})}.items():
            patch.setenv(name, value)
        patch.setattr(mcp_server, "serve", lambda *given, **more: made.append(mcp_server.server(*given, **more)))
        assert main(["mcp", *words]) == 0
        yield made[0]


def ask(
    root: Path, *calls: Call, words: Sequence[str] = (), env: Mapping[str, str] | None = None
) -> list[CallToolResult]:
    """The results of calls, one after the other, from one server in this process."""
    with served(root, *words, env=env) as here:
        return _asked(here, calls)


def ask_process(root: Path, *calls: Call) -> list[CallToolResult]:
    """As `ask`, from a process as a client starts it."""
    with Path(os.devnull).open("w") as nowhere:
        return _asked(stdio_client(server(root), errlog=nowhere), calls)


def _asked(whom: Any, calls: Sequence[Call]) -> list[CallToolResult]:
    async def session() -> list[CallToolResult]:
        async with Client(whom) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return anyio.run(session)


def tools(root: Path, *words: str) -> dict[str, Tool]:
    """The tools that a server offers, by name."""

    async def session(whom: Server) -> dict[str, Tool]:
        async with Client(whom) as client:
            return {tool.name: tool for tool in (await client.list_tools()).tools}

    with served(root, *words) as here:
        return anyio.run(session, here)


def data(result: CallToolResult) -> dict[str, Any]:
    """A result as the program that asked gets it."""
    held = result.structured_content
    assert isinstance(held, dict), result
    return held


def problems(result: CallToolResult) -> list[str]:
    """What a failed call says is wrong."""
    assert result.is_error, result
    return [each["message"] for each in data(result)["problems"]]
