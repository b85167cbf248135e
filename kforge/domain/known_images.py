"""The public images that kforge knows, one row of data each: what it runs, needs, and is configured by. Asks no registry.

A row names the pages it rests on (`sources`): users, ports and paths are those of the image's own Dockerfile, variables
those of its documentation, health routes those of the program's. What such a program needs is a table, no measurement.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from kforge.domain.images import qualified, repository, tag
from kforge.domain.port import Port

Role = Literal["database", "cache", "queue"]


@dataclass(frozen=True, slots=True)
class Runs:
    """What an image does unless it is told otherwise.

    A writable "/" is an image that writes beside its own program and configuration: its root file system stays writable.
    `tags` holds what differs for tags that a pattern finds: a variant's further port, an old version's habits.
    """

    ports: tuple[str, ...]  # "NAME NUMBER PROTOCOL", the main one first
    user: int
    writable: tuple[str, ...]
    alpine_user: int | None = None  # of the tags with `alpine`
    any_user: bool = False  # it runs as any user that the pod names
    account: str = ""  # the user's name, by which the `USER` of a Dockerfile on top may call it
    keeps: bool = False  # data that people miss when it is gone; a cache's is made again
    tags: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    name: str = ""  # the last part of the reference that was asked for: `redis`

    def open_ports(self) -> list[Port]:
        """The ports as a decision has them."""
        split = [port.split() for port in self.ports]
        return [Port(name, int(number), protocol) for name, number, protocol in split]

    def of(self, image: str) -> Runs:
        """What holds for the tag of a reference."""
        version, held = tag(image), self
        for pattern, changes in self.tags:
            if re.search(pattern, version):
                held = replace(held, **_tuples(changes))
        user = self.alpine_user if self.alpine_user is not None and "alpine" in version else self.user
        return replace(held, user=user, name=repository(image).rpartition("/")[2])


@dataclass(frozen=True, slots=True)
class ImageNeeds:
    """What its program takes at rest and under light load, rounded up, and how it is asked whether it is well."""

    cpu: str
    memory: str
    startup: int  # seconds until it answers, on a slow node
    grace: int = 30  # seconds from SIGTERM until it has put everything away
    stateful: bool = False  # it keeps data of its own, so a second copy beside it is another set of data
    health: tuple[str, ...] = ()  # routes, the one for readiness first


@dataclass(frozen=True, slots=True)
class Store:
    """How `init` drafts it, and by which signs. `{app}` and `{name}` stand for the app's and the service's name."""

    tag: str
    roles: tuple[Role, ...]
    service: str  # its name, unless the source calls it otherwise
    words: tuple[str, ...]  # in a sentence, lower case
    variables: tuple[str, ...]  # first words of variables that hold its address: REDIS_URL
    libraries: tuple[str, ...]  # direct dependencies; one that ends in `/` begins the name of a Go module
    url: str = ""  # of the address that another service uses; "" where a password stands in it
    plain: str = ""  # the address for a client that is given user and password apart from it
    path: str = ""  # of the volume, "" for none
    size: str = "10Gi"
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)  # variable → key in the Secret
    client: Mapping[str, str] = field(default_factory=dict)  # variables that a client reads besides → key
    whole: str = ""  # an address with all that is in it, as a Secret has to hold it
    forms: tuple[Mapping[str, Any], ...] = ()  # how libraries want the address otherwise; see `spoken_to_by`
    query: str = ""  # what a source's dependencies need behind the address
    alone: bool = False  # whether they read the password from nowhere else
    unset: Mapping[str, str] = field(default_factory=dict)  # what the image takes where its variable is not set
    tags: tuple[tuple[str, Mapping[str, Any]], ...] = ()  # what differs for tags that a pattern finds
    speaks: str = ""  # the row whose clients it takes as well
    # stores for clients that cannot log in, see `that_lets_in`; `sure`: whatever else is installed
    instead: tuple[Mapping[str, Any], ...] = ()
    key: str = ""  # of the row
    image: str = ""  # with the tag

    def of(self, image: str) -> Store:
        """What holds for another image of the store: its reference, and the habits of its version."""
        held = replace(self, image=image)
        for pattern, changes in self.tags:
            if re.search(pattern, tag(image)):
                held = replace(held, **_tuples(changes))
        return held

    def spoken_to_by(self, dependencies: Collection[str]) -> Store:
        """The store as a source with these direct dependencies has to address it.

        The first row of `forms` holds of which one of `by` is there, one of `with` where it names some, and none of
        `without`: its `scheme`, its `query` (options where the server has no certificate), a `whole` of another form, and
        whether the password has to stand in the address (`alone`).
        """
        names = {name.lower() for name in dependencies}
        other = table()[self.speaks].store if self.speaks else None
        forms = (*self.forms, *(other.forms if other and names.isdisjoint(self.libraries) else ()))
        form = next((form for form in forms if _holds(form, names)), None)
        if form is None:
            if other is None or names.isdisjoint(other.libraries) or not names.isdisjoint(self.libraries):
                return self
            form = {"scheme": other.whole.partition("://")[0]}
        scheme, query = str(form.get("scheme", "")), str(form.get("query", ""))
        url, plain, whole = (with_scheme(text, scheme) for text in (self.url, self.plain, self.whole))
        whole = str(form.get("whole", whole + query))
        return replace(self, url=url, plain=plain, whole=whole, query=query, alone=bool(form.get("alone")))

    def that_lets_in(self, sources: Iterable[Collection[str]]) -> tuple[Store, str]:
        """The store to draft for sources with these direct dependencies, with the reason where it is another one.

        It keeps variables and words: an image of `instead` takes these as well.
        """
        for names in ({name.lower() for name in source} for source in sources):
            for other in self.instead:
                if _holds(other, names) and (held := table()[other["store"]].store):
                    library = next(name for name in other["by"] if name in names)
                    program = table()[other["store"]].program
                    return replace(self, image=held.image), f"{program}, since `{library}` {other['why']}"
        return self, ""

    def made_with(self, env: Mapping[str, str]) -> tuple[str, str]:
        """(user, database) of a server that is given these variables, "" for none."""
        given = {**self.unset, **env}
        other = table()[self.speaks].store if self.speaks else None
        keys = [key for key in (*self.env, *(other.env if other else ())) if key in given]
        user = next((given[key] for key in keys if "USER" in key), "")
        database = next((given[key] for key in keys if key.endswith(("_DB", "_DATABASE"))), "")
        return user, database.replace("{user}", user)

    @property
    def user(self) -> str:
        """The user that the password belongs to; "" for a store that has no users."""
        return next((value for key, value in self.env.items() if "USER" in key), "")

    @property
    def database(self) -> str:
        return next((value for key, value in self.env.items() if key.endswith(("_DB", "_DATABASE"))), "")


def _holds(form: Mapping[str, Any], names: Collection[str]) -> bool:
    needed = [form["by"], *([form["with"]] if "with" in form else [])]
    return all(any(name in names for name in some) for some in needed) and not any(
        name in names for name in form.get("without", ())
    )


def with_scheme(url: str, scheme: str) -> str:
    """An address with another scheme, where it has one."""
    before, mark, rest = url.partition("://")
    return f"{scheme or before}{mark}{rest}" if mark else url


@dataclass(frozen=True, slots=True)
class KnownImage:
    """One row. What is not known of an image is left out, and then answered as for an unknown one."""

    key: str
    repositories: tuple[str, ...]  # every place that publishes it, the one that is drafted first
    sources: tuple[str, ...]  # URLs
    program: str = ""  # in a sentence: "Redis", "the registry"
    serves: Literal["", "http"] = ""  # what its own server speaks on a port that a Dockerfile on top of it exposes
    bare: bool = False  # nothing in it runs by itself, so a program on top of it says what is needed
    runs: Runs | None = None
    needs: ImageNeeds | None = None
    store: Store | None = None

    @property
    def names(self) -> set[str]:
        """The last parts of its repositories: `{redis}`."""
        return {name.rpartition("/")[2] for name in self.repositories}


def rows(text: str) -> dict[str, KnownImage]:
    """Rows of JSON text, by their keys. Raises TypeError for a field that no row has."""
    kinds = {"runs": Runs, "needs": ImageNeeds, "store": Store}
    made = {}
    for key, row in json.loads(text).items():
        parts = {name: kinds[name](**_tuples(value)) for name, value in row.items() if name in kinds}
        one = KnownImage(key, **{**_tuples(row), **parts})
        image = f"{one.repositories[0]}:{one.store.tag}" if one.store else ""
        made[key] = replace(one, store=replace(one.store, key=key, image=image)) if one.store else one
    return made


def _tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


@cache
def table() -> Mapping[str, KnownImage]:
    """Every row, stores first, in the order in which a draft offers them."""
    return rows(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


def known(image: str) -> Runs | None:
    """What a public image runs, or the one that this image mirrors: `registry.acme.internal/library/redis`."""
    row = row_of(image)
    return row.runs.of(image) if row and row.runs else None


def row_of(image: str) -> KnownImage | None:
    """The row of a public image, or of the one that this image mirrors."""
    name = repository(qualified(image))
    listed = {each: row for row in table().values() for each in row.repositories}
    return listed.get(name) or next((listed[each] for each in sorted(listed) if _mirrors(name, each)), None)


def _mirrors(name: str, original: str) -> bool:
    return name.endswith(f"/{original.partition('/')[2]}") and not name.startswith("docker.io/")


def called(image: str) -> KnownImage | None:
    """The row of an image's last name, from any registry: a team's own build of Redis is Redis."""
    name = repository(image).rpartition("/")[2]
    return next((row for row in table().values() if name in row.names), None)


def accounts() -> dict[str, int]:
    """Names of users that known images create → their numbers."""
    return {row.runs.account: row.runs.user for row in table().values() if row.runs and row.runs.account}


def stores() -> dict[str, Store]:
    """Databases, caches and queues that a draft may name, by the keys of their rows."""
    return {key: row.store for key, row in table().items() if row.store}
