"""Calls of a Go program → which of its servers speak TLS, and the certificates that they are given.

`ListenAndServeTLS` and its kind say it. A server that has a call without TLS as well, as one that asks its configuration,
serves without until a certificate is there; where only the call without stands under a condition, it serves with.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from kforge.detectors.encryption import certificate, grpc
from kforge.domain.source.sightings import Sightings
from kforge.syntax.expression import Call, Pairs
from kforge.syntax.program import SourceProgram

# Methods of servers that the code made before, with as many arguments; functions of that name have more.
_WITH, _WITHOUT = {"ListenAndServeTLS": 2, "ServeTLS": 3}, {"ListenAndServe": 0, "Serve": 1}
# Calls with an address: gin, echo and fiber beside the standard library.
ADDRESSED = ("ListenAndServeTLS", "RunTLS", "StartTLS", "ListenTLS", "ListenMutualTLS")
# Calls that listen on 443 by themselves → with certificates that they fetch for the hosts that they are given.
_FETCHING = re.compile(r"^(?:autotls\.Run|certmagic\.HTTPS|autocert\.NewListener)$")
_FETCHED = 443
# Where calls have the paths of certificate and key.
_FILES = {
    "ListenAndServeTLS": -2, "RunTLS": -2, "StartTLS": -2, "ListenTLS": -2, "ServeTLS": -2, "LoadX509KeyPair": 0,
    "NewServerTLSFromFile": 0,
}  # fmt: skip
_CREDENTIALS = ("grpc.Creds", "credentials.NewServerTLSFromFile")


class GoEncryption:
    """Which servers of a program speak TLS, by the names of what they are assigned to."""

    def __init__(self, names: SourceProgram) -> None:
        placed = [(call, file) for file in names.files for call in file.calls if call.owner is not None]
        calls = [call for call, _ in placed]
        always = [call for call, file in placed if not file.conditional(call.line)]
        self._always = {_called(call) for call in always if len(call.arguments) == _WITH.get(call.last)}
        self._always -= {_called(call) for call in always if len(call.arguments) == _WITHOUT.get(call.last)}
        self._with = {_called(call) for call in calls if len(call.arguments) == _WITH.get(call.last)}
        self._without = {_called(call) for call in calls if len(call.arguments) == _WITHOUT.get(call.last)}
        self._plain = any(call.last == "ListenAndServe" and not call.arguments for call in calls)

    def served(self, server: Pairs, named: Collection[str]) -> bool:
        """Whether a server that is assigned to these names speaks TLS; one without a name does where all others do."""
        owners = {name.rpartition(".")[2] for name in named}
        if not owners & (self._with | self._without):
            return bool(self._with) and not self._plain
        return bool(owners & self._with) and not owners & self._without - self._always


def _called(call: Call) -> str:
    """`s.server.ListenAndServe` → server."""
    return call.name.rpartition(".")[0].rpartition(".")[2]


def scan(names: SourceProgram, seen: Sightings) -> None:
    """Adds what is opened with certificates: files, gRPC servers, and the port of what fetches its own."""
    for file in names.files:
        for call in file.calls:
            if call.last in _FILES and call.arguments and not file.conditional(call.line):
                whole = call.last == "ListenAndServeTLS" and len(call.arguments) > 2  # address, files, handler
                at = 1 if whole else _FILES[call.last]
                for value in call.arguments[at:][:2]:
                    certificate(value, file, names, seen)
            if call.name in _CREDENTIALS and not file.conditional(call.line):
                grpc(True, file.path, call.line, seen)
            if _FETCHING.match(call.name):
                seen.see("ports", {"port": _FETCHED, "protocol": "https", "env": ""}, file.path, call.line)


def listens(call: Call, near: Collection[str]) -> bool:
    """Whether a listener speaks TLS: by what makes it, or by what serves on it, in `near`, the names of calls behind it."""
    if call.name.startswith("tls.") or any(name.endswith("tls.NewListener") for name in near):
        return True
    return any(name.endswith(".ServeTLS") for name in near) and not any(name.endswith(".Serve") for name in near)
