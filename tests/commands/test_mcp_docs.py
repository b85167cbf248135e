"""What docs/mcp.md shows is what happens."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kforge.cli import main
from kforge.commands.mcp_tools import TOOLS
from tests.agent import ROOT, ask, data, problems
from tests.conftest import copied

PAGE = (ROOT / "docs/mcp.md").read_text(encoding="utf-8")
CALLS = re.findall(r"^→ (\w+) (\{.*\})\n([←✗]) (\{.*\})$", PAGE, re.MULTILINE)


def shown(part: Any, whole: Any) -> bool:
    """Whether what the page shows of a result is in it: of an object some keys, of a list some items."""
    if isinstance(part, Mapping):
        return isinstance(whole, Mapping) and all(shown(value, whole.get(key)) for key, value in part.items())
    if isinstance(part, list):
        return isinstance(whole, list) and all(any(shown(each, one) for one in whole) for each in part)
    return bool(part == whole)


def test_the_transcript_is_one(tmp_path: Path) -> None:
    results = ask(
        Path(copied("hello", tmp_path / "hello")), *[(name, json.loads(words)) for name, words, _, _ in CALLS]
    )
    said = [
        (name, "✗" if result.is_error else "←", shown(json.loads(part), data(result)))
        for (name, _, _, part), result in zip(CALLS, results, strict=True)
    ]
    assert said == [(name, mark, True) for name, _, mark, _ in CALLS] and len(said) == 6
    assert problems(results[0]) == [each["message"] for each in json.loads(CALLS[0][3])["problems"]]


def test_every_tool_and_argument_has_its_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ((?:`\w+`(?:, )?)+) \|", PAGE, re.MULTILINE)
    assert {name: re.findall(r"`(\w+)`", words) for name, words in rows} == {
        tool.name: [*_ordered(tool.asks.model_json_schema()["properties"], words)]
        for tool, (_, words) in zip(TOOLS, rows, strict=True)
    }


def _ordered(properties: Mapping[str, Any], words: str) -> list[str]:
    """The arguments in the page's order, which is a reader's, and those that it lacks behind them."""
    named = [name for name in re.findall(r"`(\w+)`", words) if name in properties]
    return [*named, *(name for name in properties if name not in named)]


@pytest.mark.parametrize("block", re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))
def test_the_configurations_start_the_server(block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (servers,) = json.loads(block).values()
    started: list[list[str]] = []
    monkeypatch.setattr("kforge.commands.mcp.run", lambda options: started.append([options.path]) or 0)
    (held,) = servers.values()
    words = [word.replace("${workspaceFolder}", str(ROOT)) for word in held["args"]]
    assert (held["command"], main(words), started) == ("kforge", 0, [[str(ROOT) if len(words) > 1 else ""]])


def test_every_option_that_the_page_names_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    main(["mcp", "--help"])
    told = capsys.readouterr().out
    assert [option for option in re.findall(r"`(?:kforge mcp )?(--[\w-]+)`", PAGE) if option not in told] == []
