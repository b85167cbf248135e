"""What is known while one service is wired, and what is settled of it. Decides nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from kforge.domain.draft import ExampleValue, WantedService
from kforge.domain.known_images import Store
from kforge.draft.key_files import KeyFile
from kforge.draft.logins import Logins


@dataclass(slots=True)
class Wires:
    """What is settled of one service. `lacks` are variables that only the user knows, each with a note's kind."""

    env: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, Any] = field(default_factory=dict)
    needs: set[str] = field(default_factory=set)
    lacks: dict[str, str] = field(default_factory=dict)
    # stores whose whole address is to be in their Secret → an example of it, "" where none is known
    urls: dict[str, str] = field(default_factory=dict)
    named: list[str] = field(default_factory=list)  # variables of `env` that are given the application's name
    taken: dict[str, ExampleValue] = field(default_factory=dict)  # the author's examples that gave values of `env`
    files: dict[str, KeyFile] = field(default_factory=dict)  # of Secrets, by the variable that names each


@dataclass(frozen=True, slots=True)
class WiringContext:
    """What stands around one service: the others by name, what they are called, where they listen, and the stores."""

    app: str
    own: str
    others: Mapping[str, WantedService]
    called: Mapping[str, str]  # host → name of the draft, also for the others' further names
    ports: Mapping[str, int]  # of those that are known to listen
    stores: Mapping[str, Store]
    used: Collection[str]  # stores that its libraries speak to
    logins: Logins
    gone: Collection[str]  # names of the author's services that are left out
    prefix: str = ""  # with which the source's settings begin: `SHOP_`
    addressed: Collection[str] = ()  # stores whose password this service's library takes from the address alone
    known: Collection[str] = ()  # public images that are stores, by which a source here may be one
    opened: Collection[str] = ()  # variables that name a file which it reads
    listening: Mapping[str, set[int]] = field(default_factory=dict)  # all ports of those that are built here
    read: Collection[str] = ()  # names of the variables that it reads or is given
    examples: Mapping[str, ExampleValue] = field(default_factory=dict)  # what the author's examples give to variables
