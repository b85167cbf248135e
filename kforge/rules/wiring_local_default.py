"""Defaults of variables that lead a program to its own pod, where no store and no other service is.

They are read off the source, so this rule warns and does not refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kforge.domain import known_images
from kforge.domain.document import POD_PATHS, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import containers, items, mapping, text, workloads
from kforge.domain.source.hosts import names_host
from kforge.rules.wiring import sources_of

_LOCAL = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\])(?=[:/,?]|$)")
_AUTHORITY = re.compile(r"(?:^|://|@|,|\()(?:localhost|127\.0\.0\.1|\[::1\])(?::(\d{2,5}))?(?=[/,?)]|$)")
# Variables that say where the program itself listens, or under which address browsers reach it.
_OWN = re.compile(
    r"(?:^|_)(?:LISTEN|BIND)|^(?:(?:SERVER|APP|WEB|HTTP|HTTPS|GRPC|UVICORN|FLASK|FASTAPI|NUXT|NITRO|GRADIO_SERVER)_)?"
    r"(?:HOST|HOSTNAME|ADDR|ADDRESS|NAME)$|_HOSTS$"
)
_PUBLIC = re.compile(
    r"(?:^|_)(?:ORIGINS?|FRONTEND|PUBLIC|SITE|WEB_URL|BASE_URL|APP_URL|CALLBACK|REDIRECT|DOMAIN|ALLOWED|CORS)",
    re.IGNORECASE,
)
_SCHEMES = {"postgres": 5432, "mysql": 3306, "mariadb": 3306, "mongodb": 27017, "redis": 6379, "rediss": 6379, "valkey": 6379,
            "amqp": 5672, "amqps": 5672, "nats": 4222}  # fmt: skip


@rule(
    "local-default",
    "warning",
    "set it",
    kinds=tuple(POD_PATHS),
    sources=("https://kubernetes.io/docs/concepts/services-networking/connect-applications-service/",),
)
def local_default(documents: Documents) -> Iterator[Hit]:
    """A variable whose default is this machine is set.

    `redis://localhost:6379` is right where everything runs on one machine. In a pod it leads to the pod itself, where no
    store and no other service listens, and the program fails at its first call. The finding names the variable with
    the line that shows its default, and what to set where a service of the spec fits.

    Where something does listen in the same pod, as an agent beside the program, waive this.
    """
    listening = {
        port["port"]: service.service  # a headless Service beside it is no service of the spec
        for service in documents.objects("Service")
        for _, port in items(mapping(service.data, "spec"), "ports")
        if isinstance(port.get("port"), int)
    }
    stores = _stores(documents)
    for workload, path, given, facts in sources_of(documents):
        own = {
            *given,
            *((facts.value("dockerfile") or {}).get("env") or {}),
            *(port.value["env"] for port in facts.ports),
        }
        for fact in facts.env:
            name, default = str(fact.value["name"]), str(fact.value["default"] or "")
            if name in own or not _local(name, default):
                continue
            said = f"`{name}` is not set, and its default `{default}`{fact.where} is the pod itself"
            yield Hit(workload, path, said, _hint(workload.service, name, default, listening, stores))


def _local(name: str, default: str) -> bool:
    """Whether a default leads to this machine, and not to where the program itself listens."""
    if _OWN.search(name.upper()):
        return False
    return bool(_AUTHORITY.search(default)) and ("://" in default or ":" in default or names_host(name))


def _stores(documents: Documents) -> dict[int, str]:
    """Ports of stores → the service that runs one."""
    found: dict[int, str] = {}
    for workload in workloads(documents):
        for _, container in containers(workload, "containers"):
            row = known_images.called(text(container, "image"))
            for port in row.runs.open_ports()[:1] if row and row.store and row.runs else ():
                found.setdefault(port.number, workload.service)
    return found


def _hint(service: str, name: str, default: str, listening: dict[int, str], stores: dict[int, str]) -> str:
    where = f"set `{name}` under `services.{service}.env`"
    if _PUBLIC.search(name) and (default.startswith("http") or "://" not in default):
        return f"{where} to the address that browsers use"
    found = _AUTHORITY.search(default)
    scheme = default.partition("://")[0].partition("+")[0].removesuffix("ql") if "://" in default else ""
    port = int(found[1]) if found and found[1] else _SCHEMES.get(scheme, 0)
    target = stores.get(port) or listening.get(port, "")
    if not target or target == service:
        return f"{where} or `.secrets` to where that runs"
    bare = default in ("localhost", "127.0.0.1", "[::1]")
    aspect = "host" if bare else "address"
    value = _LOCAL.sub(f"${{services.{target}.{aspect}}}", default.replace(f":{port}", "", 1), count=1)
    return f"{where}, for instance to `{value}`"


RULES = (local_default,)
