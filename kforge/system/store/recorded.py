"""Who gave the recordings of a folder ↔ `endpoints.json`, by the name that was asked for. No address and no key is in
it.

A replay needs no server, but the keys of answers depend on how one would be asked. The file is as untrusted as anything
in a repository.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from kforge.domain.model.request import Endpoint, ServedModel
from kforge.errors import InputError, Place
from kforge.system.files import read, replace

FILE = "endpoints.json"
_LIMIT = 1 << 20
_TEXTS = ("provider", "server", "dialect", "identity")
_AGAIN = "record again with `--record`, or delete the folder"


def noted(folder: Path, name: str) -> Endpoint | None:
    """The endpoint that answered as `name`, without an address; None where none is noted.

    Raises InputError for damage, and where only others are noted: their answers shall not pass for this one's.
    """
    held = _held(folder)
    if not held:
        return None
    if name not in held:
        have = ", ".join(f"`{one}`" for one in sorted(held))
        raise InputError(
            f"`{folder}` holds no recordings of `{name}`",
            Place(str(folder / FILE)),
            f"it has recordings of {have}: name that model, or record this one (`--record`)",
        )
    told = held[name]
    model = ServedModel(
        told["model"], told["identity"], told["strong"], told["context"], features=tuple(told["features"])
    )
    return Endpoint(told["provider"], model, "", parallel=16, server=told["server"], dialect=told["dialect"])


def note(folder: Path, name: str, endpoint: Endpoint) -> None:
    """Write down who answers as `name`: all that the keys of the answers depend on. Others stay as they are."""
    told = {
        "provider": endpoint.provider,
        "server": endpoint.server,
        "dialect": endpoint.dialect,
        "model": endpoint.model.name,
        "identity": endpoint.model.identity,
        "strong": endpoint.model.strong,
        "context": endpoint.model.context,
        "features": sorted(endpoint.model.features),
    }
    folder.mkdir(parents=True, exist_ok=True)
    replace(folder / FILE, (json.dumps({**_held(folder), name: told}, indent=2, sort_keys=True) + "\n").encode())


def _held(folder: Path) -> dict[str, Any]:
    """What the file says, by name. Raises InputError."""
    content = read(folder / FILE, _LIMIT)
    if content is None:
        return {}
    try:
        held = json.loads(content)
        if type(held) is not dict or not all(_sound(name, told) for name, told in held.items()):
            raise ValueError
    except (ValueError, RecursionError):
        raise InputError(f"`{FILE}` of the recordings is damaged", Place(str(folder / FILE)), _AGAIN) from None
    return held


def _sound(name: str, told: Any) -> bool:
    return (
        type(told) is dict
        and told.keys() == {*_TEXTS, "model", "strong", "context", "features"}
        and all(map(_plain, (told[key] for key in _TEXTS)))
        and _plain(name)
        and _plain(told["model"])
        and type(told["strong"]) is bool
        and type(told["context"]) is int
        and 0 <= told["context"] < 1 << 31
        and type(told["features"]) is list
        and all(map(_plain, told["features"]))
    )


def _plain(value: Any) -> bool:
    """Text that may stand on a terminal and in a lock."""
    return type(value) is str and len(value) <= 300 and value.isprintable()
