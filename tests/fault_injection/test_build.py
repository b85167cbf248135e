"""A whole build against every fault: no file is changed, the exit code is right, and the next build goes on from there.

Each fault strikes once, at a position and with a cache that take turns; `test_faults.py` has them all at all of them.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from datetime import datetime
from itertools import cycle, product

import pytest

from kforge.cli import ANSWER_IS_NO, BAD_INPUT, LATER, WORLD_FAILED
from kforge.system.http.transport import Transport
from tests import wishes
from tests.conftest import copied, run, tree
from tests.fault_injection.harness import KEY, QUICK
from tests.fault_injection.server import MODEL, running
from tests.fault_injection.troubles import ATTEMPTS, TROUBLES, error
from tests.llm.conftest import alone  # noqa: F401
from tests.llm.server import target, usual
from tests.trials import sample

CODES = {"": 0, "InputError": BAD_INPUT, "WorldError": WORLD_FAILED, "OutageError": LATER}
CANARY, LOOK = -1, -2
POSITIONS = {"first": 0, "middle": 1, "last": -1}  # of the questions that are still open
SECONDS = 90.0
TURNS = [(trouble, *turn) for trouble, turn in zip(TROUBLES, cycle(product(POSITIONS, ("cold", "half"))), strict=False)]


@pytest.fixture
def quick(alone, monkeypatch, tmp_path):  # noqa: F811
    """Waits of milliseconds: a build itself has no flag for them."""
    monkeypatch.setitem(Transport.__init__.__kwdefaults__, "patience", QUICK)
    monkeypatch.setenv("KFORGE_API_KEY", KEY)
    monkeypatch.setenv("KFORGE_PROVIDER", "llama-server")


def hello(folder):
    copied("hello", folder)
    wishes.wish(folder / "app.kforge.yaml")
    with (folder / "app.kforge.yaml").open("a") as spec:
        spec.write(f"model: {{name: {MODEL}}}\n")
    return folder


class Order:
    """Questions by the order in which they come for the first time; the canary and lists of models apart."""

    def __init__(self):
        self.known = {}

    def __call__(self, body):
        if not body:
            return LOOK
        asked = json.loads(body)
        if not target(asked):
            return CANARY
        return self.known.setdefault(hashlib.sha256(target(asked).encode()).digest(), len(self.known))


def content(body):
    return usual(json.loads(body)) if body else ""


@pytest.mark.parametrize(("trouble", "position", "cache"), sample(TURNS, 5), ids=lambda one: getattr(one, "name", one))
def test_a_fault_changes_no_file(trouble, position, cache, quick, tmp_path, monkeypatch):
    folder = hello(tmp_path / "hello")
    with running(trouble.act, number=Order(), content=content) as server:
        monkeypatch.setenv("KFORGE_BASE_URL", server.url)
        left = 5
        if cache == "half":
            run("build", "--max-requests", "3", cwd=folder, code=LATER)  # the canary is one
            left = 3
        before = tree(folder)
        at = POSITIONS[position] % left
        server.number, server.struck = Order(), {at}
        server.asked.clear()
        begin = time.monotonic()
        ended = run("build", cwd=folder)
        seconds, said = time.monotonic() - begin, ended.out + ended.err
        bound = trouble.most * (ATTEMPTS if trouble.kind in ("garbled", "cut", "refused") else 1)

        assert ended.code == CODES[trouble.sort], said
        assert server.asked[at] <= bound
        assert seconds < SECONDS
        assert KEY[:12] not in said
        assert "Traceback" not in said
        if trouble.sort:
            assert tree(folder) == before
            assert "`web/" in said, said
            assert "--fallback heuristics" in said or "help:" in said, said
        server.struck = set()
        if trouble.sort != "WorldError" or trouble.kind == "key":  # a bad answer is cached, and bad again
            run("build", cwd=folder, code=0)
            assert run("check", cwd=folder).code != ANSWER_IS_NO
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and KEY[:12].encode() in path.read_bytes()]


@pytest.mark.parametrize("trouble", TROUBLES[::7], ids=lambda one: one.name)
def test_a_fault_of_the_canary_is_a_fault_of_the_build_or_a_warning(trouble, quick, tmp_path, monkeypatch):
    folder = hello(tmp_path / "hello")
    with running(trouble.act, number=Order(), content=content) as server:
        monkeypatch.setenv("KFORGE_BASE_URL", server.url)
        server.struck, before = {CANARY}, tree(folder)
        ended = run("build", cwd=folder)
    assert ended.code in CODES.values()
    assert ended.code == 0 or tree(folder) == before
    assert KEY[:12] not in ended.out + ended.err


@pytest.mark.parametrize(
    "act",
    [error(429, "slow down", "retry-after: 7200"), error(429, "nothing is left", "retry-after: 7200", code="insufficient_quota"),
     error(503, "down for repairs", "retry-after: 7200"), error(502, "no upstream", "retry-after: 7200")],
    ids=["busy", "quota", "503", "502"],
)  # fmt: skip
def test_the_time_when_it_may_work_is_told_and_what_was_answered_is_kept(act, quick, tmp_path, monkeypatch):
    folder = hello(tmp_path / "hello")
    with running(act, number=Order(), content=content) as server:
        monkeypatch.setenv("KFORGE_BASE_URL", server.url)
        server.struck = {2}
        soonest = time.time() + 7200
        ended = run("build", cwd=folder, code=LATER)
        told = re.search(r"after (\d{4}-\d\d-\d\d \d\d:\d\d) UTC; .*answers so far are kept", ended.err)
        assert told and abs(datetime.strptime(f"{told[1]} +0000", "%Y-%m-%d %H:%M %z").timestamp() - soonest) < 90, (
            ended.err
        )
        server.struck, server.number = set(), Order()
        server.asked.clear()
        run("build", cwd=folder, code=0)
        assert len([number for number in server.asked if number >= 0]) < 5
