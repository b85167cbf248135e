"""The store keeps what was paid for, unpickles nothing, and is never a reason to fail."""

import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import diskcache
import pytest

from kforge.system.store.completions import CompletionStore
from kforge.system.store.rows import place
from tests.asking import ANSWER, key, request

ROOT = Path(__file__).parents[3]


class Planted:
    """Unpickling this creates a file: what an attacker would put into a cache."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return (open, (self.path, "w"))


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "kforge" / "completions"


@pytest.fixture
def filled(folder):
    with CompletionStore(folder) as store:
        store.put(key(), ANSWER)
    return folder


def alter(folder, statement, *values):
    with closing(sqlite3.connect(folder / "cache.db")) as connection, connection:
        connection.execute(statement, values)


def start(code, *words):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_what_was_stored_is_found_by_the_next_process(filled):
    with CompletionStore(filled) as store:
        assert store.get(key()) == ANSWER


def test_what_was_not_stored_is_a_miss(filled):
    with CompletionStore(filled) as store:
        assert store.get(key(request("other"))) is None


def test_storing_again_replaces(filled):
    other = type(ANSWER)("other", "tiny")
    with CompletionStore(filled) as store:
        store.put(key(), other)
        assert store.get(key()) == other


def test_nothing_is_evicted_and_nothing_expires(folder):
    with CompletionStore(folder) as store:
        store.put(key(), ANSWER)
        settings = dict(store._cache._sql("SELECT key, value FROM Settings").fetchall())
    assert (settings["cull_limit"], settings["eviction_policy"]) == (0, "none")
    assert settings["size_limit"] > 2**60


def test_a_large_answer_lies_in_the_database_and_not_in_a_file(folder):
    large = type(ANSWER)("x" * 5_000_000, "tiny")
    with CompletionStore(folder) as store:
        store.put(key(), large)
        assert store.get(key()) == large
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["cache.db"]


def test_folder_and_files_are_for_their_owner_alone(folder):
    mask = os.umask(0)
    try:
        with CompletionStore(folder) as store:
            store.put(key(), ANSWER)
            files = [path for path in folder.rglob("*") if path.is_file()]
            assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    finally:
        os.umask(mask)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(files) >= 3  # the database and its log


def test_an_older_folder_that_others_could_read_is_closed_to_them(folder):
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    with CompletionStore(folder) as store:
        store.put(key(), ANSWER)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_diskcache_itself_would_run_the_planted_pickle(tmp_path, filled):
    """The danger is real: otherwise the next tests prove nothing."""
    alter(filled, "UPDATE Cache SET mode = 4, value = ?", pickle.dumps(Planted(tmp_path / "owned")))
    with pytest.warns(ResourceWarning) if sys.flags.dev_mode else closing(diskcache.Cache(filled)) as cache:
        cache.get(key().digest).close()
    assert (tmp_path / "owned").exists()


def test_a_planted_pickle_is_a_miss_and_never_runs(tmp_path, filled):
    alter(filled, "UPDATE Cache SET mode = 4, value = ?", pickle.dumps(Planted(tmp_path / "owned")))
    with CompletionStore(filled) as store:
        assert store.get(key()) is None
    assert not (tmp_path / "owned").exists()


def test_a_planted_pickle_in_a_file_is_a_miss_and_never_runs(tmp_path, filled):
    (filled / "planted.val").write_bytes(pickle.dumps(Planted(tmp_path / "owned")))
    alter(filled, "UPDATE Cache SET mode = 4, value = NULL, filename = 'planted.val'")
    with CompletionStore(filled) as store:
        assert store.get(key()) is None
    assert not (tmp_path / "owned").exists()


def test_a_pickled_key_is_never_read(tmp_path, filled):
    planted = pickle.dumps(Planted(tmp_path / "owned"))
    alter(filled, "INSERT INTO Cache (key, raw, store_time, mode, value) VALUES (?, 0, 0, 4, ?)", planted, planted)
    with CompletionStore(filled) as store:
        assert "differs in" in store.why(key(request("other")))
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize("mode", [2, 3])
def test_a_row_that_names_a_file_is_a_miss(tmp_path, filled, mode):
    (tmp_path / "secret").write_text("mine")
    alter(filled, "UPDATE Cache SET mode = ?, value = NULL, filename = ?", mode, str(tmp_path / "secret"))
    with CompletionStore(filled) as store:
        assert store.get(key()) is None


def test_replacing_a_row_that_names_a_file_leaves_the_file(tmp_path, filled):
    (tmp_path / "precious").write_text("mine")
    alter(filled, "UPDATE Cache SET mode = 3, value = NULL, filename = ?", str(tmp_path / "precious"))
    with CompletionStore(filled) as store:
        assert store.put(key(), ANSWER)
    assert (tmp_path / "precious").read_text() == "mine"


@pytest.mark.parametrize("value", [None, 7, 1.5, "text", b"", b"\xff\xfe", b"{}"])
def test_a_damaged_value_is_a_miss(filled, value):
    alter(filled, "UPDATE Cache SET value = ?", value)
    with CompletionStore(filled) as store:
        assert store.get(key()) is None


def test_a_damaged_entry_does_not_stop_the_others(filled):
    with CompletionStore(filled) as store:
        store.put(key(request("other")), ANSWER)
        alter(filled, "UPDATE Cache SET value = CAST(x'ff' AS TEXT) WHERE key = ?", key().digest)
        assert store.get(key()) is None
        assert store.get(key(request("other"))) == ANSWER


def test_an_answer_moved_to_another_key_is_a_miss(filled):
    alter(filled, "UPDATE Cache SET key = ?", key(request("other")).digest)
    with CompletionStore(filled) as store:
        assert store.get(key(request("other"))) is None


HAMMER = """
import sys
from pathlib import Path
from kforge.system.store.completions import CompletionStore
from tests.asking import ANSWER, key, request
warned = []
with CompletionStore(Path(sys.argv[1]), warned.append) as store:
    for number in range(200):
        asked = key(request(f"{number % 100 if number < 100 else sys.argv[2]} {number}"))
        assert store.put(asked, ANSWER), warned
        assert store.get(asked) == ANSWER, warned
assert not warned, warned
"""


def test_eight_processes_share_one_store(folder):
    running = [start(HAMMER, folder, number) for number in range(8)]
    ends = [(one.communicate()[0], one.returncode) for one in running]
    assert ends == [("", 0)] * 8
    with CompletionStore(folder) as store:
        found = [store.get(key(request(f"{number} {number}"))) for number in range(100)]
        found += [store.get(key(request(f"{worker} {number}"))) for worker in range(8) for number in range(100, 200)]
    assert found == [ANSWER] * 900


def test_sixteen_threads_share_one_store(folder):
    found, warned = [], []

    def work(worker):
        for number in range(25):
            asked = key(request(f"{worker} {number}"))
            store.put(asked, ANSWER)
            found.append(store.get(asked))

    with CompletionStore(folder, warned.append) as store:
        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (found, warned) == ([ANSWER] * 400, [])


def test_a_killed_process_leaves_a_store_that_works(folder):
    code = HAMMER.replace("range(200)", "range(100000)")
    running = start(code, folder, 1)
    while not (folder / "cache.db").exists() or (folder / "cache.db").stat().st_size < 30_000:
        assert running.poll() is None
    running.kill()
    running.communicate()
    warned = []
    with CompletionStore(folder, warned.append) as store:
        assert store.get(key(request("0 0"))) == ANSWER
        assert store.put(key(), ANSWER)
    assert warned == []


def degraded(folder, wait=0.2):
    """Use a store that cannot be used, many times, from two threads; what it said."""
    warned = []

    def use(store):
        for number in range(5):
            assert store.get(key()) is None
            assert not store.put(key(request(str(number))), ANSWER)

    with CompletionStore(folder, warned.append, wait) as store:
        other = threading.Thread(target=use, args=(store,))
        other.start()
        use(store)
        other.join()
    return warned


def test_a_locked_database_is_given_up_with_one_line(filled):
    with closing(sqlite3.connect(filled / "cache.db", isolation_level=None)) as holder:
        holder.execute("PRAGMA journal_mode = delete")
        holder.execute("BEGIN EXCLUSIVE")
        warned = degraded(filled)
    assert len(warned) == 1
    assert "locked" in warned[0]


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to be looked at" * 40, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_database_is_given_up_with_one_line(folder, content):
    folder.mkdir(parents=True)
    (folder / "cache.db").write_bytes(content)
    warned = degraded(folder)
    assert len(warned) == 1
    assert str(folder) in warned[0]
    assert (folder / "cache.db").read_bytes() == content


def test_a_database_cut_in_half_is_given_up_with_one_line(folder):
    with CompletionStore(folder) as store:
        for number in range(200):
            store.put(key(request(str(number))), ANSWER)
    database = folder / "cache.db"
    database.write_bytes(database.read_bytes()[: database.stat().st_size // 2])
    warned = []
    with CompletionStore(folder, warned.append) as store:
        for number in range(200):
            store.get(key(request(str(number))))
        store.put(key(), ANSWER)
    assert len(warned) <= 1


def test_a_foreign_schema_is_given_up_with_one_line(folder):
    folder.mkdir(parents=True)
    with closing(sqlite3.connect(folder / "cache.db")) as connection, connection:
        connection.execute("CREATE TABLE Cache (something)")
    assert len(degraded(folder)) == 1


def test_a_file_in_the_folders_place_is_given_up_with_one_line(folder):
    folder.parent.mkdir(parents=True)
    folder.write_text("")
    assert len(degraded(folder)) == 1


def test_a_link_in_the_databases_place_is_not_followed(tmp_path, folder):
    folder.mkdir(parents=True)
    (folder / "cache.db").symlink_to(tmp_path / "elsewhere")
    assert len(degraded(folder)) == 1
    assert not (tmp_path / "elsewhere").exists()


def test_no_folder_means_no_cache_and_no_word():
    assert degraded(None) == []


FULL = """
import resource, sys
from pathlib import Path
from kforge.system.store.completions import CompletionStore
from tests.asking import ANSWER, key, request
warned = []
with CompletionStore(Path(sys.argv[1]), warned.append) as store:
    assert store.get(key()) == ANSWER
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
    large = type(ANSWER)("x" * 400_000, "tiny")
    assert not store.put(key(request("large")), large)
    assert not store.put(key(request("more")), ANSWER)
    assert store.get(key()) == ANSWER
print(len(warned), warned)
"""


def test_a_full_disk_takes_no_more_and_still_gives_what_it_has(filled):
    running = start(FULL, filled)
    said = running.communicate()[0]
    assert (running.returncode, said[:2]) == (0, "1 "), said
    with CompletionStore(filled) as store:
        assert store.get(key()) == ANSWER


READ_ONLY = """
import os, sys
from pathlib import Path
from kforge.system.store.completions import CompletionStore
from tests.asking import ANSWER, key
if os.geteuid() == 0:  # whom no right can be taken from
    os.setgid(65534), os.setuid(65534)
warned = []
with CompletionStore(Path(sys.argv[1]), warned.append) as store:
    assert [store.get(key()), store.put(key(), ANSWER), store.get(key())] == [None, False, None]
print(len(warned))
"""


def test_a_folder_without_the_right_to_write_is_given_up_with_one_line(tmp_path, filled):
    for above in (*filled.parents,):
        if above.is_relative_to(tmp_path.parents[2]) and above != Path("/tmp"):
            above.chmod(above.stat().st_mode | 0o055)
    filled.chmod(0o555)
    (filled / "cache.db").chmod(0o444)
    running = start(READ_ONLY, filled)
    said = running.communicate()[0]
    assert said == "1\n"


def test_why_names_what_differs_from_the_nearest(filled):
    with CompletionStore(filled) as store:
        assert store.why(key(request(attempt=1))) == "the nearest entry for `web/build` differs in `attempt`"


def test_why_says_when_a_target_was_never_asked(filled):
    with CompletionStore(filled) as store:
        assert store.why(key(request(target="api/build"))) == "nothing is stored for `api/build`"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"HOME": "/home/me"}, "/home/me/.cache/kforge/completions"),
        ({"HOME": "/home/me", "XDG_CACHE_HOME": "/caches"}, "/caches/kforge/completions"),
        ({"HOME": "/home/me", "XDG_CACHE_HOME": "caches"}, "/home/me/.cache/kforge/completions"),
        ({"HOME": "/home/me", "XDG_CACHE_HOME": "/caches", "KFORGE_CACHE_DIR": "/mine"}, "/mine/completions"),
    ],
)
def test_the_store_lies_where_the_environment_says(environment, expected):
    assert place(environment) == Path(expected)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LOCALAPPDATA": "/local", "USERPROFILE": "/me", "HOME": "/c/me"}, "/local"),
        ({"USERPROFILE": "/me"}, "/me/AppData/Local"),
    ],
)
def test_on_windows_the_store_lies_among_what_stays_on_the_machine(environment, expected):
    assert place(environment, "Windows") == Path(expected) / "kforge" / "completions"


@pytest.mark.parametrize("system", ["Linux", "Windows"])
def test_without_a_home_there_is_no_store(system):
    assert place({}, system) is None
