"""`kforge mcp`, driven by the library's own client: an assistant proposes, kforge proves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from kforge.domain.distribution import installing
from tests.agent import ROOT, ask, ask_process, data, problems, tools
from tests.conftest import copied, edit, run, tree

READING = {"detect", "plan", "check", "explain"}


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    return Path(copied("hello", tmp_path / "hello"))


def test_every_tool_says_what_it_takes_gives_and_may_change(hello: Path) -> None:
    offered = tools(hello)
    hints = {name: tool.annotations.read_only_hint for name, tool in offered.items() if tool.annotations}
    assert hints == dict.fromkeys(READING, True) | {"build": False, "pin": False}
    assert [name for name, tool in offered.items() if not (tool.description and tool.output_schema)] == []
    assert {
        key
        for tool in offered.values()
        for key in tool.input_schema["properties"]
        if "description" not in tool.input_schema["properties"][key]
    } == set()


def test_with_read_only_no_tool_writes(hello: Path) -> None:
    assert tools(hello, "--read-only").keys() == READING


def test_only_a_server_that_may_ask_models_says_that_a_build_reaches_further(hello: Path) -> None:
    open_ones = [
        {name for name, tool in tools(hello, *words).items() if tool.annotations and tool.annotations.open_world_hint}
        for words in ([], ["--ask-models"])
    ]
    assert open_ones == [set(), {"build"}]


def test_facts_come_with_the_lines_that_show_them(hello: Path) -> None:
    (found,) = ask(hello, ("detect", {"folder": "web"}))
    facts = data(found)["facts"]
    assert facts["language"] == {"value": "python", "evidence": facts["language"]["evidence"]}
    assert facts["ports"][0]["evidence"]


def test_a_pin_is_proposed_written_built_and_proved(hello: Path) -> None:
    pin = {"target": "web", "field": "resources.memory", "value": "320Mi"}
    shown, planned, pinned, dry, built, checked, explained = ask_process(
        hello,
        ("pin", pin),
        ("plan", {}),
        ("pin", {**pin, "dry_run": False}),
        ("build", {}),
        ("build", {"dry_run": False}),
        ("check", {"full": True}),
        ("explain", {"target": "web/resources", "field": "memory"}),
    )
    assert ("memory: 320Mi" in data(shown)["diff"], data(shown)["written"]) == (True, False)
    assert {each["target"] for each in data(planned)["decisions"]} >= {"web/build", "web/resources"}
    assert data(pinned)["written"]
    assert {each["status"] for each in data(dry)["specs"][0]["files"]} == {"created"}
    assert [each["written"] for each in data(built)["specs"]] == [True]
    assert data(checked)["current"] is True
    (field,) = data(explained)["fields"]
    assert (field["value"], field["decided"]) == ("320Mi", "pinned")


def test_a_dry_run_is_what_a_call_is_without_a_word(hello: Path) -> None:
    before = tree(hello)
    ask(hello, ("build", {}), ("pin", {"target": "web/resources"}))
    assert tree(hello) == before


def test_what_is_wrong_says_where_and_what_to_do(hello: Path) -> None:
    edit(hello / "app.kforge.yaml", "{source: ./web}", "{source: ./web, prot: 80}")
    for call in (("plan", {}), ("build", {"dry_run": False}), ("check", {})):
        (refused,) = ask(hello, call)
        (problem,) = data(refused)["problems"]
        assert refused.is_error and problem["where"].startswith("app.kforge.yaml:6") and problem["hint"], problem


def test_a_stale_file_is_an_answer_and_no_error(hello: Path) -> None:
    run("build", cwd=hello, code=0)
    edit(hello / "app.kforge.yaml", "{source: ./web}", "{source: ./web, env: {GREETING: hi}}")
    (checked,) = ask(hello, ("check", {}))
    assert (checked.is_error, data(checked)["current"]) == (False, False)
    assert any(each["status"] == "changed" for each in data(checked)["specs"][0]["files"])


def test_an_edit_by_hand_is_dropped_only_where_the_server_was_started_so(hello: Path) -> None:
    run("build", cwd=hello, code=0)
    edit(hello / "web/Dockerfile", "EXPOSE", "# mine\nEXPOSE")
    (refused,) = ask(hello, ("build", {"dry_run": False}))
    assert "Dockerfile" in problems(refused)[0]
    (taken,) = ask(hello, ("build", {"dry_run": False}), words=["--force"])
    assert not taken.is_error and "# mine" not in (hello / "web/Dockerfile").read_text()


def test_an_unknown_tool_and_unknown_arguments_are_told(hello: Path) -> None:
    tool, argument, missing = ask(hello, ("deploy", {}), ("plan", {"force": True}), ("detect", {}))
    assert problems(tool) == ["there is no such tool"]
    assert problems(argument) == ["argument `force`: extra inputs are not permitted"]
    assert problems(missing) == ["argument `folder`: field required"]


HELLO = {"id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}}  # fmt: skip


def spoken(root: Path, *lines: str, answers: int) -> tuple[list[str], str, int]:
    """What a server answers to lines as they stand, what else it prints, and how it ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "kforge", "mcp"],
        cwd=root, env={"PYTHONPATH": str(ROOT), "FORCE_COLOR": "1"}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin and process.stdout
    for line in lines:
        process.stdin.write(f"{line}\n")
    process.stdin.flush()
    said = [process.stdout.readline() for _ in range(answers)]
    rest, _ = process.communicate(timeout=60)
    return said, rest, process.returncode


def message(**parts: object) -> str:
    return json.dumps({"jsonrpc": "2.0", **parts})


def test_standard_output_carries_nothing_but_the_protocol(hello: Path) -> None:
    asked = {"name": "pin", "arguments": {"target": "web/resources"}}
    lines, rest, code = spoken(
        hello,
        message(**HELLO),
        message(method="notifications/initialized"),
        message(id=2, method="tools/call", params=asked),
        answers=2,
    )
    assert [json.loads(line)["id"] for line in lines] == [1, 2]
    assert (rest, code, "\\u001b" in lines[1]) == ("", 0, False)


def test_a_message_beyond_the_limit_is_refused_and_the_next_one_answered(hello: Path) -> None:
    long = message(id=7, method="tools/call", params={"name": "plan", "arguments": {"path": "x" * (5 << 20)}})
    lines, rest, code = spoken(hello, long, message(**HELLO), answers=2)
    refused, answered = map(json.loads, lines)
    assert (refused["id"], refused["error"]["message"]) == (None, "a message is at most 4 MiB")
    assert (answered["id"], rest, code) == (1, "", 0)


def test_a_message_comes_whole_in_whatever_pieces(tmp_path: Path) -> None:
    """Also one of exactly the limit, and a last one without an end."""
    from kforge.commands.mcp_server import LINE, _Lines

    lines = ["é" * 100_000 + "\n", "\n", "x" * (LINE - 1) + "\n", "y" * LINE + "\n", "last"]
    (tmp_path / "said").write_text("".join(lines), encoding="utf-8")
    refused: list[int] = []

    async def read() -> list[str]:
        async def refuse() -> None:
            refused.append(1)

        with (tmp_path / "said").open("rb") as source:
            return [line async for line in _Lines(source.fileno(), refuse)]

    assert (anyio.run(read), refused) == ([*lines[:3], "last"], [1])


def test_a_long_argument_is_refused_and_repeated_by_no_message(hello: Path) -> None:
    long, name, path, value = ask(
        hello,
        ("plan", {"path": "a" * 5000}),
        ("explain", {"target": "b" * 3000}),
        ("plan", {"c" * 9000: 1}),
        ("pin", {"target": "web", "field": "resources.memory", "value": "d" * 70_000}),
    )
    assert problems(long) == ["argument `path`: string should have at most 4096 characters"]
    assert problems(name) == [f"there is no `{'b' * 200}…`"]
    assert problems(path) == [f"argument `{'c' * 200}…`: extra inputs are not permitted"]
    assert problems(value) == ["argument `value`: string should have at most 65536 characters"]


def test_every_text_that_a_tool_takes_has_a_limit(hello: Path) -> None:
    texts = [
        kind
        for tool in tools(hello).values()
        for argument in tool.input_schema["properties"].values()
        for kind in argument.get("anyOf", [argument])
        if kind["type"] == "string"
    ]
    assert texts and all("maxLength" in kind for kind in texts)


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("path", ["missing", "x" * 5000])
def test_a_refused_build_says_whether_it_would_have_written(hello: Path, path: str, dry_run: bool) -> None:
    (refused,) = ask(hello, ("build", {"path": path, "dry_run": dry_run}))
    assert (refused.is_error, data(refused)["dry_run"]) == (True, dry_run)


def test_without_the_library_the_command_that_installs_it_is_said(hello: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("kforge.commands.mcp_server")]:
        monkeypatch.delitem(sys.modules, name)
    for name in ("mcp", "mcp.server", "mcp_types"):
        monkeypatch.setitem(sys.modules, name, None)
    ended = run("mcp", cwd=hello)
    assert (ended.code, installing("mcp") in ended.err) == (3, True)


def test_options_that_ask_nobody_by_themselves_are_refused(hello: Path) -> None:
    assert "add `--ask-models`" in run("mcp", "--model", "auto", cwd=hello, code=2).err


def test_a_part_of_a_repository_is_no_root(hello: Path) -> None:
    (hello / ".git").mkdir()
    assert f"kforge mcp {hello.resolve()}" in run("mcp", "web", cwd=hello, code=2).err
