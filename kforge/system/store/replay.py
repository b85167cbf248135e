"""Keys ↔ recorded completions in a folder of text files, one a file, for a repository to hold. Sends no request.

A recording says which provider and model gave it and whether it was recorded from a server or written down from a
documentation. It is read as strictly as anything in a repository: a file that does not answer its name is an error.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from kforge.domain.model.cache_key import FORMAT, CacheKey, completion_of, digest_of, record_of
from kforge.domain.model.request import Completion
from kforge.errors import InputError, Place
from kforge.system.disk import DISK
from kforge.system.files import failed, read

Origin = Literal["recorded", "documentation"]
_LIMIT = 16 * 1024 * 1024


class Replay:
    """A folder of recordings. With `record`, what is answered meanwhile is written to it.

    Raises InputError where the folder is missing, unless it is to be recorded to.
    """

    def __init__(self, folder: Path, record: bool = False, origin: Origin = "recorded") -> None:
        self.folder, self.record, self._origin = folder, record, origin
        if not folder.is_dir() and not (record and not folder.exists()):
            raise InputError(
                f"`{folder}` is not a folder",
                Place(str(folder)),
                "name a folder of recordings, or `--record` to make one",
            )

    def get(self, key: CacheKey) -> Completion | None:
        """The completion recorded for a key. Raises InputError for a file that is damaged or answers something else."""
        held = self._held(f"{key.digest}.json")
        return None if held is None else completion_of(held["completion"])

    def put(self, key: CacheKey, completion: Completion) -> None:
        """Write a recording, if this is to record. The same answer gives the same bytes. Raises WorldError."""
        if not self.record:
            return
        held = {
            "format": FORMAT,
            "key": key.digest,
            "target": key.target,
            "origin": self._origin,
            "parts": key.parts,
            "completion": record_of(completion),
        }
        self._write(f"{key.digest}.json", (json.dumps(held, indent=2, sort_keys=True) + "\n").encode())

    def _write(self, name: str, content: bytes) -> None:
        """Whole or not at all, also where two threads or processes record the same."""
        temporary = self.folder / f".{name}.{os.getpid()}.{threading.get_ident()}.new"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):
                temporary.unlink()
            DISK.write(str(temporary), content)
            DISK.replace(str(temporary), str(self.folder / name))
        except OSError as error:
            with suppress(OSError):
                temporary.unlink()
            raise failed("write", self.folder / name, error) from None

    def _held(self, name: str) -> dict[str, Any] | None:
        path = self.folder / name
        content = read(path, _LIMIT)
        if content is None:
            return None
        try:
            held = json.loads(content)
            if (
                not isinstance(held, dict)
                or held.get("format") != FORMAT
                or held.get("origin") not in ("recorded", "documentation")
            ):
                raise ValueError(f"it is not a recording of format {FORMAT}")
            if held.get("key") != name.removesuffix(".json") or digest_of(held.get("parts")) != held["key"]:
                raise ValueError("it answers another question")
            completion_of(held.get("completion"))
        except (ValueError, RecursionError) as error:
            reason = (
                "it is not JSON"
                if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError, RecursionError))
                else str(error)
            )
            raise InputError(
                f"`{path}` cannot be replayed: {reason}", Place(str(path)), "delete it, or record it again"
            ) from None
        return held
