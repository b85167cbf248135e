"""Every fault at the first, a middle and the last call, with a cold and a half-filled cache; a line a trial."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, product
from pathlib import Path

import pytest

from kforge.system.store.answers import Answers
from kforge.system.store.completions import CompletionStore
from tests.fault_injection import worlds
from tests.fault_injection.harness import CACHES, KEY, POSITIONS, World, trial
from tests.fault_injection.server import running
from tests.fault_injection.troubles import TROUBLES
from tests.trials import sample

pytestmark = pytest.mark.xdist_group("faults")  # one worker makes the trials that the tests share


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Lines of all trials; KFORGE_FAULT_REPORT names a file that is to have them."""
    lines = []
    yield lines
    path = Path(os.environ.get("KFORGE_FAULT_REPORT") or tmp_path_factory.mktemp("faults") / "report.tsv")
    path.write_text("\n".join(sorted(lines)) + "\n")


# Every fault in a usual run, with positions and caches in turn.
TURNS = [(trouble, *turn) for trouble, turn in zip(TROUBLES, cycle(product(POSITIONS, CACHES)), strict=False)]
WIDTHS = [
    pytest.param(TURNS, id="turns"),
    pytest.param([*product(TROUBLES, POSITIONS, CACHES)], id="all", marks=pytest.mark.full),
]


@pytest.fixture(scope="module", params=WIDTHS)
def results(request, tmp_path_factory, report):
    """Trials side by side: most of them wait."""
    place = tmp_path_factory.mktemp("cache")

    def one(what):
        trouble, position, cache = what
        with running(trouble.act) as server, CompletionStore(place / "completions") as store:
            return trial(trouble, position, cache, Answers(store), World(server))

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(one, request.param))
    report.extend(result.line() for result in found)
    return found, place


def test_every_fault_is_tried_at_every_place_with_every_cache():
    assert len({(trouble.name, *turn) for trouble, *turn in WIDTHS[1].values[0]}) == len(TROUBLES) * 6


@pytest.mark.parametrize("name", [trouble.name for trouble in TROUBLES])
def test_a_fault_costs_nothing_but_its_question(results, name):
    wrong = {(one.position, one.cache): (one.wrong(), one.line()) for one in results[0] if one.trouble.name == name}
    assert not {where: found for where, found in wrong.items() if found[0]}


def test_no_key_lies_in_the_cache(results):
    found = [path for path in results[1].rglob("*") if path.is_file() and KEY[:12].encode() in path.read_bytes()]
    assert not found


WAYS = pytest.mark.parametrize(("position", "cache"), sample(product(POSITIONS, CACHES), 5))
needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not here: no certificates for the test"
)


def _tried(trouble, position, cache, world, tmp_path, report):
    with CompletionStore(tmp_path / "completions") as store:
        result = trial(trouble, position, cache, Answers(store), world)
    report.append(result.line())
    assert not result.wrong(), result.line()


@WAYS
def test_a_server_that_is_gone(position, cache, tmp_path, report):
    with worlds.refused() as world:
        _tried(worlds.REFUSED, position, cache, world, tmp_path, report)


@WAYS
def test_a_name_that_does_not_resolve(position, cache, tmp_path, report, monkeypatch):
    with worlds.unresolved(monkeypatch) as world:
        _tried(worlds.UNRESOLVED, position, cache, world, tmp_path, report)


@needs_openssl
@WAYS
def test_a_certificate_that_nobody_vouches_for(position, cache, tmp_path, report):
    with worlds.untrusted(tmp_path) as world:
        _tried(worlds.UNTRUSTED, position, cache, world, tmp_path, report)


@needs_openssl
@WAYS
def test_a_server_without_tls_where_there_was_one(position, cache, tmp_path, report):
    with worlds.without_tls(tmp_path) as world:
        _tried(worlds.NO_TLS, position, cache, world, tmp_path, report)


@needs_openssl
@WAYS
def test_a_proxy_that_wants_to_know_who_asks(position, cache, tmp_path, report):
    with worlds.proxied(tmp_path) as world:
        _tried(worlds.PROXIED, position, cache, world, tmp_path, report)
