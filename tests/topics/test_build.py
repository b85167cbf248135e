"""How a source is built, by heuristics: value, reason, and what is said where nothing can be known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kforge.domain.facts import NOTHING, Fact
from kforge.domain.secrets.source_secrets import HIDDEN
from kforge.errors import InputError
from tests.worlds import FRONT, GO, NODE, PYTHON, one, world


def settled(made: Any) -> dict[str, Any]:
    return dict(made.values["web", "build"])


def reasons(made: Any) -> dict[str, str]:
    return dict(made.answers["web", "build"].reasons)


def test_a_step_with_a_credential_is_an_error_that_does_not_repeat_it_unless_others_are_pinned() -> None:
    known = replace(NODE, build=(Fact(["npm", "run", "build", "--token", HIDDEN]),))
    with pytest.raises(InputError, match="a command that builds it holds a credential") as caught:
        one(known)
    assert "services.web.build.steps" in caught.value.problems[0].hint
    assert settled(one(known, {"build": {"steps": [["npm", "run", "build"]]}}))["steps"] == [["npm", "run", "build"]]


@pytest.mark.parametrize(
    ("known", "base", "runtime"),
    [
        (PYTHON, "docker.io/library/python:3.12-slim-trixie", "docker.io/library/python:3.12-slim-trixie"),
        (
            replace(PYTHON, version=Fact("3.12.4")),
            "docker.io/library/python:3.12-slim-trixie",
            "docker.io/library/python:3.12-slim-trixie",
        ),
        (
            replace(PYTHON, version=Fact("3.8")),
            "docker.io/library/python:3.8-slim-bookworm",
            "docker.io/library/python:3.8-slim-bookworm",
        ),
        (
            replace(PYTHON, version=None),
            "docker.io/library/python:3.13-slim-trixie",
            "docker.io/library/python:3.13-slim-trixie",
        ),
        (NODE, "docker.io/library/node:22-trixie-slim", "docker.io/library/node:22-trixie-slim"),
        (
            replace(NODE, version=Fact("14")),
            "docker.io/library/node:14-bullseye-slim",
            "docker.io/library/node:14-bullseye-slim",
        ),
        (replace(NODE, version=None), "docker.io/library/node:24-trixie-slim", "docker.io/library/node:24-trixie-slim"),
        (FRONT, "docker.io/library/node:22-trixie-slim", "docker.io/library/nginx:1.30-alpine-slim"),
        (GO, "docker.io/library/golang:1.26-trixie", "gcr.io/distroless/static-debian13:nonroot"),
        (
            replace(GO, version=Fact("1.27.1")),
            "docker.io/library/golang:1.27-trixie",
            "gcr.io/distroless/static-debian13:nonroot",
        ),
        (
            replace(GO, build_packages=(Fact("gcc"),)),
            "docker.io/library/golang:1.26-trixie",
            "docker.io/library/debian:trixie-slim",
        ),
    ],
)
def test_bases_follow_language_and_version(known: Any, base: str, runtime: str) -> None:
    value = settled(one(known))
    assert (value["base"], value["runtime"]) == (base, runtime)


def test_the_specs_bases_come_first() -> None:
    pinned = "docker.io/library/python:3.12-slim@sha256:" + "0" * 64
    value = settled(one(PYTHON, bases={"python-3.12": pinned}))
    assert (value["base"], value["runtime"]) == (pinned, pinned)


def test_go_needs_no_other_registry_than_the_one_that_is_allowed() -> None:
    made = one(GO, registries=["docker.io/library"])
    assert settled(made)["runtime"] == "scratch"
    assert "`registries` does not allow gcr.io/distroless" in reasons(made)["runtime"]


def test_a_registry_that_has_no_known_image_is_an_error_with_the_way_out() -> None:
    with pytest.raises(InputError, match=r"allows no image that kforge knows for python-3\.12") as caught:
        one(PYTHON, registries=["registry.acme.internal"])
    assert "bases: {python-3.12: …}" in caught.value.problems[0].hint


def test_a_pinned_base_needs_no_known_image() -> None:
    mine = "registry.acme.internal/python:3.12"
    made = one(PYTHON, {"build": {"base": mine, "runtime": mine}}, registries=["registry.acme.internal"])
    assert settled(made)["base"] == mine


def test_a_source_of_nothing_says_what_was_looked_for() -> None:
    with pytest.raises(InputError, match=r"service `web`: nothing in `\./web` shows how it is built") as caught:
        one(NOTHING)
    assert "write a Dockerfile" in caught.value.problems[0].hint


def test_a_source_of_nothing_is_enough_where_the_spec_says_it_all() -> None:
    image = "docker.io/library/python:3.13-slim-trixie"
    made = one(NOTHING, {"command": ["python", "a.py"], "build": {"recipe": "python", "base": image, "runtime": image}})
    assert settled(made)["recipe"] == "python"


def test_a_users_dockerfile_leaves_no_question() -> None:
    made = one(replace(NOTHING, dockerfile=Fact({"path": "Dockerfile", "user": "", "expose": [], "base": "debian:12"})))
    assert ("web", "build") not in made.values


def test_an_image_leaves_no_question() -> None:
    made = world({"web": {"image": "docker.io/library/redis:8"}}, {})
    assert ("web", "build") not in made.values


def test_go_without_a_module_makes_one_and_says_so() -> None:
    made = one(replace(GO, manifests=(), lockfile=None, project_name=None))
    assert [step[:3] for step in settled(made)["steps"]] == [
        ["go", "mod", "init"],
        ["go", "mod", "tidy"],
        ["go", "build", "-trimpath"],
    ]
    # Below a domain: a folder called `context` or `log` would hide Go's own package.
    assert settled(made)["steps"][0][3] == "source.invalid/web"
    assert settled(made)["steps"][2][-2:] == ["/out/web", "."]
    assert "commit one" in reasons(made)["steps"]


@pytest.mark.parametrize(
    ("module", "name"),
    [("example.com/shop/orders", "orders"), ("example.com/orders/v2", "orders"), ("orders", "orders")],
)
def test_a_program_is_called_as_go_would_call_it(module: str, name: str) -> None:
    made = one(replace(GO, project_name=Fact(module)))
    assert (settled(made)["steps"][0][-2], made.values["web", "process"]["command"]) == (
        f"/out/{name}",
        [f"/app/{name}"],
    )


def test_reasons_name_files_and_no_lines() -> None:
    for known in (PYTHON, NODE, GO, FRONT):
        made = one(known)
        for topic in ("build", "process"):
            answer = made.answers["web", topic]
            assert set(answer.reasons) == set(answer.value)
            assert not any("main.py:12" in reason for reason in answer.reasons.values())


def test_one_missing_lock_file_is_said() -> None:
    made = one(replace(NODE, manifests=(Fact("package.json"),), lockfile=None))
    assert (
        reasons(made)["recipe"]
        == "`package.json` names the dependencies; no lock file pins them, so two builds may differ"
    )
