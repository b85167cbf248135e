"""`kforge cache` shows, forgets and verifies; it asks before it forgets and loses nothing unasked."""

import argparse
import json
import re
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from kforge.commands import cache
from kforge.domain.model.cache_key import CacheEntry, dumps, loads
from kforge.domain.model.request import ServedModel
from kforge.errors import Error, InputError, WorldError
from kforge.system.store import rows
from kforge.system.store.completions import CompletionStore
from tests.asking import ANSWER, key, request

OTHER = key(model=ServedModel("other"))


def run(*words):
    parser = argparse.ArgumentParser()
    cache.arguments(parser)
    return cache.run(parser.parse_args(words))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KFORGE_CACHE_DIR", str(tmp_path))
    return tmp_path / "completions"


@pytest.fixture
def filled(folder):
    with CompletionStore(folder) as store:
        for number in range(3):
            store.put(key(request(str(number))), ANSWER)
        store.put(OTHER, ANSWER)
    return folder


def alter(folder, statement, *values):
    with closing(sqlite3.connect(folder / "cache.db")) as connection, connection:
        connection.execute(statement, values)


def kept(folder):
    with closing(sqlite3.connect(folder / "cache.db")) as connection:
        return connection.execute("SELECT count(*) FROM Cache").fetchone()[0]


def test_info_shows_entries_models_and_folder(filled, capsys):
    assert run("info") == 0
    said = capsys.readouterr().out
    assert "ENTRIES  4\n" in said
    assert "tiny (openai): 3 entries" in said
    assert str(filled) in said


def test_info_for_machines(filled, capsys):
    run("info", "--format", "json")
    held = json.loads(capsys.readouterr().out)
    assert held.pop("bytes") > 0
    assert held == {
        "folder": str(filled),
        "entries": 4,
        "damaged": 0,
        "models": [
            {"provider": "openai", "model": "other", "entries": 1},
            {"provider": "openai", "model": "tiny", "entries": 3},
        ],
    }


@pytest.mark.parametrize("words", [("info",), ("verify",), ("clear", "--yes")])
def test_without_a_cache_there_is_nothing_to_do_and_none_is_made(folder, words):
    assert run(*words) == 0
    assert not folder.exists()


def test_clear_needs_a_yes_in_scripts(filled, monkeypatch):
    with open("/dev/null") as nobody, pytest.raises(InputError, match="4 completions would be forgotten"):  # noqa: PTH123
        monkeypatch.setattr("sys.stdin", nobody)
        run("clear")
    assert kept(filled) == 4


@pytest.mark.parametrize(("answer", "code", "left"), [("y\n", 0, 0), ("\n", 1, 4), ("no\n", 1, 4), ("", 1, 4)])
def test_clear_asks_on_a_terminal(filled, monkeypatch, answer, code, left):
    class Terminal:
        def isatty(self):
            return True

        def readline(self):
            return answer

    monkeypatch.setattr("sys.stdin", Terminal())
    assert (run("clear"), kept(filled)) == (code, left)


def test_clear_forgets_one_model(filled):
    assert (run("clear", "--model", "other", "--yes"), kept(filled)) == (0, 3)
    with CompletionStore(filled) as store:
        assert store.get(OTHER) is None


def test_clear_forgets_what_is_old(filled):
    old = dumps(CacheEntry(OTHER, ANSWER, int(time.time()) - 100 * 86400))
    alter(filled, "UPDATE Cache SET value = ? WHERE key = ?", old, OTHER.digest)
    assert (run("clear", "--older-than", "90", "--yes"), kept(filled)) == (0, 3)


def test_clear_of_everything_takes_what_is_damaged_as_well(filled):
    alter(filled, "UPDATE Cache SET value = 'x' WHERE key = ?", OTHER.digest)
    assert (run("clear", "--yes"), kept(filled)) == (0, 0)


def test_a_sound_cache_is_verified(filled):
    assert run("verify") == 0


@pytest.mark.parametrize("slow", [0.0, 0.7])
def test_a_cache_that_takes_its_time_says_how_far_it_is(filled, capsys, monkeypatch, slow):
    monkeypatch.setattr(rows, "loads", lambda *given: time.sleep(slow) or loads(*given))
    assert run("verify") == 0
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == "4 entries, 0 damaged"
    assert [re.fullmatch(r"[1-3] entr(y|ies) read, [12] s", line) is not None for line in said[:-1]] == [True] * bool(
        slow
    )


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE Cache SET value = 'x' WHERE key = ?",
        "UPDATE Cache SET value = CAST(x'ff' AS TEXT) WHERE key = ?",
        "UPDATE Cache SET mode = 4 WHERE key = ?",
        "UPDATE Cache SET filename = 'x' WHERE key = ?",
        "UPDATE Cache SET raw = 0 WHERE key = ?",
        "UPDATE Cache SET key = 'other' WHERE key = ?",
        "UPDATE Cache SET key = CAST(key AS BLOB) WHERE key = ?",
    ],
)
def test_a_damaged_entry_is_reported_and_repair_drops_it_alone(filled, capsys, damage):
    alter(filled, damage, OTHER.digest)
    assert run("verify") == 1
    assert "entry 4: it " in capsys.readouterr().out
    assert (run("verify", "--repair"), run("verify"), kept(filled)) == (0, 0, 3)


def test_a_damaged_database_is_put_aside_and_nothing_of_it_is_lost(folder):
    folder.mkdir(parents=True)
    (folder / "cache.db").write_bytes(b"no database" * 500)
    assert (run("verify"), run("verify", "--repair"), run("verify")) == (1, 0, 0)
    assert (folder / "cache.db.damaged-1").read_bytes() == b"no database" * 500
    with CompletionStore(folder) as store:
        assert store.put(key(), ANSWER)


@pytest.mark.parametrize("words", [("info",), ("clear", "--yes")])
def test_a_damaged_database_is_named_with_the_way_out(folder, words):
    folder.mkdir(parents=True)
    (folder / "cache.db").write_bytes(b"no database" * 500)
    with pytest.raises(WorldError) as caught:
        run(*words)
    assert "verify --repair" in caught.value.problems[0].hint


def test_nowhere_to_keep_a_cache_is_said(monkeypatch):
    for name in ("KFORGE_CACHE_DIR", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(Error, match="neither KFORGE_CACHE_DIR nor HOME"):
        run("info")


def test_a_file_in_the_folders_place_is_no_bug(tmp_path):
    Path(tmp_path / "completions").write_text("")
    assert run("info") == 0
