"""What the user grants a server: so much a minute, so much at once, on both ways to a model."""

import time

import pytest

from tests import wishes
from tests.conftest import run
from tests.llm.server import usual


def configured(tmp_path, text):
    path = tmp_path / "config" / "kforge" / "config.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)


@pytest.fixture
def moments(model):
    """When each request came."""
    found = []
    model.answer = lambda body: found.append(time.monotonic()) or usual(body)
    return found


def test_requests_a_minute_are_kept(moments, hello, tmp_path):
    configured(tmp_path, "requests_per_minute = 48\n")  # four at once, then one in 1.4 seconds
    run("build", cwd=hello, code=0)
    assert len(moments) == 6
    assert moments[-1] - moments[0] > 2


def test_tokens_a_minute_are_kept(moments, hello, tmp_path):
    configured(tmp_path, "tokens_per_minute = 12\n")
    ended = run("build", "--timeout", "30", cwd=hello, code=75)
    assert len(moments) == 1  # the first is let through, and pays later
    assert "would have to wait too long (`requests_per_minute, tokens_per_minute`)" in ended.err


def test_the_configuration_says_how_many_are_asked_at_once(model, hello, tmp_path):
    configured(tmp_path, "parallel = 3\n")
    path = hello / "app.kforge.yaml"
    listed = "".join(f"  s{number}: {{source: ./web, port: {8000 + number}}}\n" for number in range(6))
    path.write_text(
        path.read_text().partition("  web:")[0] + listed + "model: {name: obedient-1, decides: [rollout]}\n"
    )
    wishes.wish(path)
    model.latency = 0.5  # a busy machine starts its threads late
    run("build", cwd=hello, code=0)
    assert (len(model.targets), model.most) == (6, 3)
