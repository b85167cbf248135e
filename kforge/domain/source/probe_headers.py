"""What a source says of the hosts that it answers for → the headers with which a probe asks it.

The kubelet asks by the pod's address, and a program that checks the `Host` header refuses that with status 400. What the
spec's variables allow counts first, since they are what the program reads.
https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kforge.domain.view import View

_HOST = "Host"
_FIRST = ("localhost", ".localhost")  # names that say what asks: nobody from outside


def probe_headers(view: View) -> tuple[tuple[str, str], ...] | None:
    """(name, value) of the headers, none where any host will do; None where no host is known to be allowed."""
    allowed = view.fact("allowed_hosts")
    forwarded = tuple((one["name"], one["value"]) for one in view.fact("probe_headers"))
    if allowed is None:
        return forwarded
    hosts = _hosts(view, allowed)
    if hosts is None or not hosts:
        return None
    if "*" in hosts:
        return forwarded
    return ((_HOST, _chosen(hosts)), *forwarded)


def _hosts(view: View, allowed: dict[str, Any]) -> list[str] | None:
    """The hosts that are allowed; None where only the cluster knows."""
    name = allowed["env"]
    if name and name in view.spec("secrets"):
        return None
    said = view.spec("env").get(name) if name else None
    if said is None:
        return list(allowed["hosts"])
    between = allowed["split"]
    words = str(said).split(between) if between else [str(said)]
    return [word.strip() for word in words if word.strip() and "$" not in word]


def _chosen(hosts: Iterable[str]) -> str:
    """The host that a probe names; a name that begins with a dot allows what it names as well."""
    ranked = sorted(hosts, key=lambda one: (one not in _FIRST, one.startswith(".")))
    return ranked[0].removeprefix(".")
