"""Where the store lies; its rows → entries, or what is wrong with each; rows dropped. Asks no diskcache.

Plain SQL, so that a row that diskcache could not or must not read is seen and removed like any other.
"""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kforge.domain.model.cache_key import CacheEntry, loads

DATABASE = "cache.db"
RAW = 1  # diskcache's MODE_RAW: the value lies in the row; 2 and 3 are files, 4 is a pickle
_LOG = ("-wal", "-shm", "-journal")
_SCAN = "SELECT rowid, typeof(key), key, raw, mode, filename, value FROM Cache ORDER BY rowid"


def place(environment: Mapping[str, str] = os.environ, system: str = "") -> Path | None:
    """Where this user's completions lie: below KFORGE_CACHE_DIR, or $XDG_CACHE_HOME/kforge; None without a home."""
    if environment.get("KFORGE_CACHE_DIR"):
        return Path(environment["KFORGE_CACHE_DIR"]).absolute() / "completions"
    caches = environment.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(caches):  # the XDG specification: a relative one is to be ignored  # noqa: PTH117
        caches = _caches(environment, system or platform.system())
    return Path(caches) / "kforge" / "completions" if caches else None


def _caches(environment: Mapping[str, str], system: str) -> str:
    """Where this platform keeps what can be had again, "" where it does not say."""
    known = (("LOCALAPPDATA", ""), ("USERPROFILE", "AppData/Local")) if system == "Windows" else (("HOME", ".cache"),)
    return next((str(Path(environment[name], *below.split("/"))) for name, below in known if environment.get(name)), "")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: an entry, or the reason why it cannot be read as one."""

    number: int
    entry: CacheEntry | None
    problem: str = ""


def held(mode: Any, filename: Any, value: Any) -> bytes:
    """What a row holds. Raises OSError for a pickle, a file, a number: kforge writes none."""
    if mode != RAW or filename is not None or type(value) not in (bytes, str):
        raise OSError("it is a row that kforge did not write")
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else bytes(value)


def scan(folder: Path) -> Iterator[Row]:
    """Every row, in the order they were written; none where nothing was stored. Raises sqlite3.Error."""
    if not (folder / DATABASE).is_file():
        return
    with closing(_connection(folder)) as connection:
        connection.text_factory = bytes  # damaged text must not end the scan
        for number, kind, key, raw, *rest in connection.execute(_SCAN):
            try:
                if (kind, raw) != (b"text", 1):
                    raise ValueError("it is a row that kforge did not write")
                yield Row(number, loads(held(*rest), key.decode("ascii", "replace")))
            except (OSError, ValueError) as error:
                yield Row(number, None, str(error))


def faults(folder: Path) -> tuple[str, ...]:
    """What SQLite finds wrong with the database itself."""
    if not (folder / DATABASE).is_file():
        return ()
    try:
        with closing(_connection(folder)) as connection:
            found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
            connection.execute("SELECT count(*) FROM Cache")
    except sqlite3.OperationalError as error:
        return () if "locked" in str(error) else (str(error),)
    except sqlite3.DatabaseError as error:
        return (str(error),)
    return tuple(one for one in found if one != "ok")


def drop(folder: Path, numbers: Iterable[int]) -> None:
    """Remove rows. Raises sqlite3.Error."""
    with closing(_connection(folder)) as connection, connection:
        connection.executemany("DELETE FROM Cache WHERE rowid = ?", [(number,) for number in numbers])


def set_aside(folder: Path) -> Path:
    """Give a damaged database another name, so that the next run begins a new one and nothing is lost. Raises OSError."""
    database = folder / DATABASE
    number = 1
    while (aside := folder / f"{DATABASE}.damaged-{number}").exists():
        number += 1
    for ending in _LOG:  # first, since a new database must not meet an old log
        with suppress(FileNotFoundError):
            database.with_name(f"{DATABASE}{ending}").rename(aside.with_name(f"{aside.name}{ending}"))
    database.rename(aside)
    return aside


def size(folder: Path) -> int:
    """Bytes on the disk."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0


def _connection(folder: Path) -> sqlite3.Connection:
    """Never makes a database: a missing one is an error."""
    return sqlite3.connect(f"{(folder / DATABASE).absolute().as_uri()}?mode=rw", uri=True, timeout=10.0)
