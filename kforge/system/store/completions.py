"""Keys → the completions that were paid for, in one diskcache directory a user. Unaware of what they answer.

What is stored is one line of JSON that proves itself (`domain/model/cache_key.py`); nothing else is ever read back.
diskcache would unpickle every row that claims to be a pickle (CVE-2025-69872, and its JSONDisk does as well), so `TextDisk`
refuses every row but raw bytes and text inside the database: neither a pickle nor a file that a row names is ever
opened.

Nothing expires and nothing is evicted: only `kforge cache clear` removes. The database keeps a write-ahead log, which
many processes of one machine share safely; hosts that share a network disk each want a KFORGE_CACHE_DIR of their own.

A cache is never a reason to fail. Where it cannot be used (locked for long, read-only, full, damaged, not ours), one
line says so and the run goes on without it.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import diskcache

from kforge.domain.model.cache_key import CacheEntry, CacheKey, dumps, loads, nearest
from kforge.domain.model.request import Completion
from kforge.system.store.rows import DATABASE, RAW, held, scan

SETTINGS = {
    "cull_limit": 0,  # never remove anything to make room,
    "eviction_policy": "none",
    "size_limit": 2**62,  # and never count it as too much
    "statistics": 0,  # reading writes nothing
    "sqlite_journal_mode": "wal",
    "sqlite_mmap_size": 0,  # a mapped file that shrinks kills the process, where a read fails
}


class TextDisk(diskcache.Disk):  # type: ignore[misc]  # diskcache has no types
    """Bytes inside the database, found by text. An OSError is what diskcache takes for a miss."""

    def put(self, key: Any) -> tuple[str, bool]:
        if type(key) is not str:
            raise TypeError(f"a key is text, not {type(key).__name__}")
        return key, True

    def get(self, key: Any, raw: Any) -> str:
        if not raw or type(key) is not str:
            raise OSError("a key that is not text")
        return key

    def store(self, value: Any, read: bool, key: Any = diskcache.UNKNOWN) -> tuple[int, int, None, memoryview]:
        if type(value) is not bytes or read:
            raise TypeError(f"a value is bytes, not {type(value).__name__}")
        return len(value), RAW, None, sqlite3.Binary(value)

    def fetch(self, mode: Any, filename: Any, value: Any, read: Any) -> bytes:
        return held(mode, filename, value)

    def remove(self, file_path: Any) -> None:
        """Removes nothing: no value is kept in a file here, so a row that names a file was forged."""


class CompletionStore:
    """Completions by key. Threads share one; processes share its folder. Opened by the first use, closed on exit.

    `warn` is told, once, why the store cannot be used; `wait` is how many seconds a lock may last.
    """

    def __init__(self, place: Path | None, warn: Callable[[str], None] = lambda line: None, wait: float = 10.0) -> None:
        self.place = place
        self._warn, self._wait = warn, wait
        self._lock = threading.RLock()
        self._keeper: ThreadPoolExecutor | None = None
        self._cache: Any = None
        self._reads = self._writes = place is not None
        self._warned = place is None

    def __enter__(self) -> CompletionStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the store: a thread that outlives an interrupted run neither reads nor writes, and warns of nothing."""
        with self._lock:
            keeper, self._keeper = self._keeper, None
            self._reads = self._writes = False
            self._warned = True
        if keeper is not None:
            with suppress(Exception):
                keeper.submit(self._closed).result()
            keeper.shutdown()

    def _closed(self) -> None:
        if self._cache is not None:
            self._cache.close()
            self._cache = None

    def get(self, key: CacheKey) -> Completion | None:
        """The completion stored under a key; None for none, and for one that is damaged."""
        content = self._reading(lambda cache: cache.get(key.digest)) if self._reads else None
        if not isinstance(content, bytes):
            return None
        try:
            return loads(content, key.digest).completion
        except ValueError:
            return None

    def put(self, key: CacheKey, completion: Completion) -> bool:
        """Store a completion; whether it is kept."""
        if not self._writes:
            return False
        try:
            content = dumps(CacheEntry(key, completion, int(time.time())))
            self._use(lambda cache: cache.set(key.digest, content))
        except Exception as error:
            # What was paid for earlier can still be read from a full disk.
            self._fail("written", error)
            return False
        return True

    def why(self, key: CacheKey) -> str:
        """Why there is no completion for a key: in what it differs from the nearest one for the same target."""
        try:
            rows = list(scan(self.place)) if self.place and self._reads else []
        except (OSError, sqlite3.Error):
            rows = []
        found = nearest(key, (row.entry.key for row in rows if row.entry))
        if found is None:
            return f"nothing is stored for `{key.target}`"
        return f"the nearest entry for `{key.target}` differs in {', '.join(f'`{name}`' for name in found[1])}"

    def _reading(self, act: Callable[[Any], Any]) -> Any:
        try:
            return self._use(act)
        except Exception as error:
            if "decode" in str(error):  # SQLite's word for text in one row that is none: the others are well
                return None
            self._reads = self._writes = False
            self._fail("used", error)
            return None

    def _use(self, act: Callable[[Any], Any]) -> Any:
        """Act in the one thread that holds the connection: opening one takes ten statements, and each thread would need
        its own.
        """
        with self._lock:
            if self._keeper is None:
                self._keeper = ThreadPoolExecutor(1, "kforge-cache")
            future = self._keeper.submit(self._kept, act)
        return future.result()

    def _kept(self, act: Callable[[Any], Any]) -> Any:
        if self._cache is None:
            self._cache = _opened(self.place or Path(), self._wait)
        return act(self._cache)

    def _fail(self, verb: str, error: Exception) -> None:
        with self._lock:
            self._writes = False
            if self._warned:
                return
            self._warned = True
        reason = str(error) or ("it is locked" if isinstance(error, diskcache.Timeout) else type(error).__name__)
        self._warn(f"the cache `{self.place}` cannot be {verb}, so kforge may ask again for answers it had: {reason}")


def _opened(place: Path, wait: float) -> Any:
    """The cache in a folder of the user's own. Raises OSError, sqlite3.Error and diskcache's own errors."""
    private(place)
    database = place / DATABASE
    os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0), 0o600))
    with suppress(PermissionError):
        database.chmod(0o600)
    # diskcache waits a minute for each of a dozen statements: try first whether the database can be written at all.
    with closing(sqlite3.connect(database, timeout=wait, isolation_level=None)) as probe:
        probe.execute("BEGIN IMMEDIATE")
        probe.execute("ROLLBACK")
    return diskcache.Cache(str(place), timeout=wait, disk=TextDisk, **SETTINGS)


def private(place: Path) -> None:
    """Make the folder, for its owner alone. Raises OSError where it cannot be made or others may write to it."""
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(PermissionError):  # another user's folder: it is judged by what it is
        place.chmod(0o700)
    if place.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise OSError("other users may write to it: set another with KFORGE_CACHE_DIR")
