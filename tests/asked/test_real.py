"""All examples, decided by a real llama.cpp server and by the embedded provider, on a model of random weights.

Its answers mean nothing and are mostly refused, which is the point: every one keeps to its schema, what becomes of each is
counted, and the files are the same twice over.
"""

import json
import time
from collections import Counter

import pytest

from kforge.asking import Asking
from kforge.trials import sound
from tests.asked.conftest import asking
from tests.conftest import contents, run
from tests.models.tiny import CONTEXT, NAME, serve, tiny_model

__all__ = ["tiny_model"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("llama")]


@pytest.fixture
def heard(monkeypatch):
    """Every request of a run with its completion."""
    found, real = [], Asking._complete

    def complete(self, way, request):
        completion = real(self, way, request)
        found.append((request, completion))
        return completion

    monkeypatch.setattr(Asking, "_complete", complete)
    return found


@pytest.fixture(params=["http", pytest.param("embedded", marks=pytest.mark.soak)])
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
        yield "embedded"


def decided(folder):
    services = json.loads((folder / "kforge.lock").read_text())["services"]
    return [decision["decider"] for service in services.values() for decision in service["decisions"].values()]


# A question takes a second or three: what does not fit into a test's time is a run of its own, `pytest -m soak`.
@pytest.mark.parametrize("example, decides", [
    ("hello", "rollout"),
    pytest.param("hello", "", marks=pytest.mark.soak),
    pytest.param("batch", "probes, rollout", marks=pytest.mark.soak),
    pytest.param("shop", "rollout", marks=pytest.mark.soak),
])
def test_an_example_is_built_and_the_second_time_nobody_is_asked(provider, example, decides, tmp_path, heard, monkeypatch, record_property):
    folder = asking(tmp_path / example, example, NAME, decides)
    begin = time.monotonic()
    ended = run("build", "--fallback", "heuristics", cwd=folder, code=0)
    record_property("seconds", round(time.monotonic() - begin, 1))
    outcomes = next(line for line in ended.err.splitlines() if line.startswith("answers: "))
    record_property("outcomes", outcomes)
    assert heard
    assert all(sound(completion.text, request.schema) for request, completion in heard)
    by = Counter(one["by"] for one in decided(folder))
    assert set(by) <= {"model", "heuristics"}
    assert all(one["provider"] == provider and one["identity"].startswith("sha256:") for one in decided(folder) if one["by"] == "model")
    assert {one.get("instead of", NAME) for one in decided(folder)} == {NAME}
    print(f"{example} through {provider}: {outcomes}")
    before, asked = contents(folder), len(heard)
    monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / "fresh"))
    monkeypatch.setenv("KFORGE_BASE_URL", "http://127.0.0.1:9/v1")  # nobody is there
    run("build", cwd=folder, code=0)
    assert (contents(folder), len(heard)) == (before, asked)


@pytest.mark.soak
def test_two_cold_builds_give_the_same_bytes(provider, tmp_path, heard, monkeypatch):
    made = []
    for turn in ("first", "second"):
        monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path / f"caches-{turn}"))
        folder = asking(tmp_path / turn / "hello", "hello", NAME, "build, rollout")
        run("build", "--fallback", "heuristics", cwd=folder, code=0)
        made.append((contents(folder), [(request, completion.text) for request, completion in heard]))
        heard.clear()
    assert made[0] == made[1]
