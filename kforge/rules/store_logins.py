"""Clients of a store against the version of it that the app runs. Connects to nothing: rows of the known images say which
library no longer logs in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kforge.domain.document import POD_PATHS, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.images import tag
from kforge.domain.known_images import Store, row_of
from kforge.domain.kubernetes.objects import programs, text, workloads

_OLD = re.compile(r"[1-7]\.|5\b")  # before MySQL 8.0, whose users log in otherwise
_TOLD = "native"  # `--mysql-native-password=ON`, `--default-authentication-plugin=mysql_native_password`


@rule(
    "store-login",
    "warning",
    "run `docker.io/library/mariadb` instead, or use a client library that can log in",
    kinds=tuple(POD_PATHS),
    sources=("https://dev.mysql.com/doc/refman/8.4/en/native-pluggable-authentication.html",),
)
def store_login(documents: Documents) -> Iterator[Hit]:
    """A client can log in to the store that the app runs.

    MySQL 8.0 gives its users another way to log in, and 8.4 has the old one switched off. The package `mysql` of npm knows
    the old one alone: its first query ends with `ER_NOT_SUPPORTED_AUTH_MODE`, however right the password is.

    Use `mysql2`, which takes its place, or run MariaDB, which lets both in. Where the store is told to let it in, that
    is seen; where the program speaks to another server than the app's, waive this.
    """
    stores = [*_strict(documents)]
    if len(stores) != 1:
        return
    for workload in workloads(documents):
        facts = documents.facts.get(workload.service)
        names = {str(fact.value).lower() for fact in facts.dependencies} if facts else set()
        path = next((path for path, _ in programs(workload)), "")
        for other in stores[0].instead:
            library = next((name for name in other["by"] if name in names), "")
            if path and library and other.get("sure") and names.isdisjoint(other.get("without", ())):
                yield Hit(workload, path, f"`{library}` of its source {other['why']}, but the app runs `{stores[0].image}`")  # fmt: skip


def _strict(documents: Documents) -> Iterator[Store]:
    """Stores of the app, as it runs them, to which some clients do not log in."""
    for workload in workloads(documents):
        for _, container in programs(workload):
            image = text(container, "image")
            row = row_of(image) if image else None
            store = row.store if row else None
            told = _TOLD in f"{container.get('command')}{container.get('args')}"
            if store is not None and store.instead and not told and not _OLD.match(tag(image)):
                yield store.of(image)


RULES = (store_login,)
