"""A dollar in a spec reaches the container as docs/dollars.md says, once the kubelet has expanded what is written."""

from __future__ import annotations

import pytest

from tests.artifacts.making import HTTP, container, make

WEB = {"source": "./web"}


def expanded(text: str, known: dict[str, str]) -> str:
    """As the kubelet does it: k8s.io/kubernetes/third_party/forked/golang/expansion/expand.go."""
    made, at = "", 0
    while at < len(text):
        char, after = text[at], text[at + 1 : at + 2]
        end = text.find(")", at)
        if char == "$" and after == "$":
            made, at = made + "$", at + 2
        elif char == "$" and after == "(" and end > 0:
            name = text[at + 2 : end]
            made, at = made + known.get(name, f"$({name})"), end + 1
        else:
            made, at = made + char, at + 1
    return made


def seen(env: dict[str, str], command: list[str] | None = None) -> tuple[dict[str, str], list[str]]:
    """What the container of a service sees."""
    block = {**WEB, "env": env, **({"command": command} if command else {})}
    decided = {("web", "process"): {"command": command, "ports": [HTTP]}}
    made = container(make({"web": block, "api": WEB}, decided=decided)["Deployment/web"])
    known: dict[str, str] = {}
    for one in made["env"]:
        known[one["name"]] = expanded(one["value"], known)
    return known, [expanded(word, known) for word in made.get("command", ())]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$(NAME)", "joe"),
        ("$$(NAME)", "$(NAME)"),
        ("$$$(NAME)", "$joe"),
        ("$(OTHER)", "$(OTHER)"),
        ("$$(OTHER)", "$$(OTHER)"),
        ("pa$$word", "pa$$word"),
        ("$2y$10$abc", "$2y$10$abc"),
        ("$$$", "$$$"),
        ("$", "$"),
        ("$HOME", "$HOME"),
        ("$(hostname)-$(NAME)", "$(hostname)-joe"),
        ("$(NAME", "$(NAME"),
        ("$()", "$()"),
    ],
)
def test_a_dollar_means_the_same_in_a_value_and_in_a_command(written: str, meant: str) -> None:
    env, words = seen({"NAME": "joe", "VALUE": written}, ["sh", "-c", written])
    assert env["VALUE"] == meant
    # a command without a reference stands in the image, whose words nothing expands
    assert not words or words[-1] == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("${services.api.url}", "http://api:8080"),
        ("$${services.api.url}", "${services.api.url}"),
        ("$${HOME}/${services.api.port}", "${HOME}/8080"),
    ],
)
def test_a_reference_that_is_escaped_is_its_text(written: str, meant: str) -> None:
    assert seen({"VALUE": written})[0]["VALUE"] == meant


@pytest.mark.parametrize("count", [2, 9])
def test_variables_may_use_each_other_in_any_order(count: int) -> None:
    chain = {f"V{at}": f"$(V{at + 1})" for at in range(count)} | {f"V{count}": "end"}
    backwards = {f"W{at}": f"$(W{at - 1})" for at in range(1, count)} | {"W0": "end"}
    found, _ = seen({**chain, **backwards})
    assert {found[name] for name in (*chain, *backwards)} == {"end"}


def test_a_circle_of_variables_is_written_all_the_same() -> None:
    assert seen({"A": "$(B)", "B": "$(C)", "C": "$(A)", "D": "$(A)x", "S": "$(S)"})[0]["S"] == "$(S)"
