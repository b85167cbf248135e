"""`python -m benchmarks.decisions --together N`: questions of several cases in one request, counted case by case."""

import pytest

from benchmarks.decisions import __main__ as decisions
from benchmarks.decisions.cases import load
from kforge.domain.model.vendors import VENDORS
from tests.llm.server import MODEL, serving

CASES = [
    case
    for case in load()
    if (case.kind, case.half, case.topics) == ("wish", "tuned", ("resources",)) and "requirements" in case.block
][:3]


@pytest.fixture
def model(monkeypatch, tmp_path):
    for name in ("PROVIDER", "MODEL", "API_KEY", "ALLOW_REMOTE", "CACHE_DIR"):
        monkeypatch.setenv(f"KFORGE_{name}", "")
    for vendor in VENDORS:
        for name in (*vendor.keys, *vendor.urls):
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with serving() as asked:
        monkeypatch.setenv("KFORGE_BASE_URL", asked.url)
        yield asked


def questions(model):
    """How many each request held, the canary left out."""
    schemas = [body["response_format"]["json_schema"]["schema"]["properties"] for body in model.bodies]
    return [len(one) if "question_1" in one else 1 for one in schemas if "word" not in one]


def test_cases_share_requests_and_each_has_its_share_of_tokens_and_seconds(model, capsys):
    options = decisions._options().parse_args(["--model", MODEL, "--together", "2"])
    journal, ended = decisions._asked(CASES, options)
    assert (ended, questions(model)) == ("", [2, 1])
    asked = [journal.results[case.name].asked for case in CASES]
    assert sorted((one.input, one.output) for [one] in asked) == [(50, 10)] * 2 + [(100, 20)]
    assert all(one.seconds is not None for [one] in asked)
    assert "2 questions in 1 request; others are asked alone" in capsys.readouterr().out
