"""All examples, decided by a real llama.cpp server and by the embedded provider, on a model of random weights.

Its answers mean nothing, which is the point: every one keeps to its form, what becomes of each is counted, and the files
are the same twice over.
"""

import os
import time
from collections import Counter
from contextlib import contextmanager

import pytest

from kforge.llm.model_session import ModelSession
from kforge.model_eval import sound
from tests import locks
from tests.conftest import contents, run
from tests.llm.conftest import asking
from tests.models.tiny import CONTEXT, NAME, serve, tiny_model

__all__ = ["tiny_model"]


@pytest.fixture
def heard(monkeypatch):
    """Every request of a run with its completion."""
    found, real = [], ModelSession._complete

    def complete(self, way, request):
        completion = real(self, way, request)
        found.append((request, completion))
        return completion

    monkeypatch.setattr(ModelSession, "_complete", complete)
    return found


@pytest.fixture(params=["http", "embedded"])
def provider(request, tiny_model, tmp_path, monkeypatch):
    """The same weights both ways, with a context that holds every prompt."""
    if request.param == "http":
        with serve(tiny_model) as url:
            monkeypatch.setenv("KFORGE_BASE_URL", url)
            yield "openai"
    else:
        config = tmp_path / "config" / "kforge" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(f'context = {CONTEXT}\nprovider = "embedded"\nfiles = {{"{NAME}" = "{tiny_model}"}}\n')
        with one_core():
            yield "embedded"


@contextmanager
def one_core():
    """Threads of llama.cpp spin while they wait for each other, and a machine full of tests is where they wait longest."""
    every = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else []
    if every:
        worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        os.sched_setaffinity(0, {every[worker % len(every)]})
    try:
        yield
    finally:
        if every:
            os.sched_setaffinity(0, every)


def decided(folder):
    services = locks.read(folder)["services"]
    return [decision["decider"] for service in services.values() for decision in service["decisions"].values()]


def built(folder, example, decides, heard):
    """A cold build: its files, every request with its answer, and what became of the questions."""
    asking(folder, example, NAME, decides)
    heard.clear()
    ended = run("build", "--fallback", "heuristics", cwd=folder, code=0)
    outcomes = next(line for line in ended.err.splitlines() if line.startswith("answers: "))
    return contents(folder), [(request, completion.text) for request, completion in heard], outcomes


# The shop's 80 requests take minutes: twice is for whoever has the time.
BUILDS = [
    pytest.param("hello", 2, marks=pytest.mark.model),
    *(pytest.param(name, 1, marks=pytest.mark.soak) for name in ("batch", "shop")),  # minutes each
]
TWICE = [pytest.param(name, 2, marks=pytest.mark.soak) for name in ("batch", "shop")]


@pytest.mark.parametrize("example, times", BUILDS + TWICE)
def test_an_example_is_built_to_the_same_bytes_and_then_nobody_is_asked(
    provider, example, times, tmp_path, heard, monkeypatch, record_property
):
    begin = time.monotonic()
    made = []
    for turn in range(times):
        monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / f"caches-{turn}"))
        folder = tmp_path / str(turn) / example
        made.append(built(folder, example, "", heard))
    files, asked, outcomes = made[0]
    print(f"{example} through {provider}: {outcomes}; {(time.monotonic() - begin) / times:.0f} s")
    record_property("outcomes", outcomes)
    assert asked
    assert made == made[:1] * times
    assert all(sound(text, request.schema) for request, text in asked)
    by = Counter(one["by"] for one in decided(folder))
    assert set(by) <= {"model", "heuristics"}
    assert all(
        one["provider"] == provider and one["identity"].startswith("sha256:")
        for one in decided(folder)
        if one["by"] == "model"
    )
    assert {one.get("instead of", NAME) for one in decided(folder)} == {NAME}
    monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / "fresh"))
    monkeypatch.setenv("KFORGE_BASE_URL", "http://127.0.0.1:9/v1")  # nobody is there
    heard.clear()
    run("build", cwd=folder, code=0)
    assert (contents(folder), heard) == (files, [])
