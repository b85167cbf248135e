"""A variable that names a file of keys or of a credential → the variable set to a place, and a Secret mounted there.

`PUB_KEY_PATH`, which the code opens, is the public half of a pair: all services of the application find both halves in one
Secret, each with the half that it reads. Unaware of what is in them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

_ENDING = re.compile(r"_?(?:FILE_?PATH|FILE_?NAME|PATH|FILE|LOCATION)$")
_KEY = frozenset(("KEY", "KEYFILE", "PUBKEY", "PRIVKEY", "PUBLICKEY", "PRIVATEKEY"))
_CERTIFICATE = frozenset(("CERT", "CERTS", "CERTFILE", "CERTIFICATE", "CRT", "CA", "CAFILE", "CHAIN", "BUNDLE", "PEM", "KEYSTORE", "TRUSTSTORE", "PKCS12", "P12", "PFX", "JWK", "JWKS"))  # fmt: skip
_CREDENTIAL = frozenset(("PASSWORD", "PASSWD", "PASSPHRASE", "SECRET", "SECRETS", "TOKEN", "CREDENTIAL", "CREDENTIALS", "CREDS", "ACCOUNT", "KUBECONFIG"))  # fmt: skip
_HALVES = frozenset(("PUB", "PUBLIC", "PRIV", "PRIVATE"))
_FOLDER = "/run/secrets"  # where Docker mounts secrets: https://docs.docker.com/engine/swarm/secrets/


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file of a Secret that is mounted: the volume's name, the Secret's and its key."""

    volume: str
    secret: str
    key: str

    @property
    def place(self) -> str:
        return f"{_FOLDER}/{self.volume}/{self.key}"


def key_file(name: str, app: str, service: str, opened: Collection[str]) -> KeyFile | None:
    """The file that a variable names, None where it names no file of a Secret. `opened`: variables whose file is read."""
    upper = re.sub("_+", "_", name).upper()
    stem = _ENDING.sub("", upper)
    words = stem.split("_")
    if not (_surely(upper, stem, words) or (name in opened and words[-1] in _KEY | _CERTIFICATE | _CREDENTIAL)):
        return None
    key = stem.lower().replace("_", "-")
    halves = [word for word in words if word in _HALVES]
    if halves and words[-1] in _KEY:
        pair = "-".join(word.lower() for word in words if word not in _HALVES)
        return KeyFile(pair, f"{app}-{pair}", key)
    return KeyFile("secret-files", f"{app}-{service}", key)


def _surely(name: str, stem: str, words: list[str]) -> bool:
    """Whether the name alone says it: a `PATH` may be a folder's or a URL's, but that of one half of a pair is a file's."""
    if words[-1] in _KEY and not _HALVES.isdisjoint(words) and stem != name:
        return True
    return name.endswith("FILE") and stem != name and words[-1] in _CERTIFICATE | _KEY


def fragment(container: str, files: Mapping[str, KeyFile], waited: bool) -> dict[str, Any]:
    """What mounts them in a container, as the spec's `kubernetes`, with the keys of each Secret that are read and no other.
    `waited`: others wait for it, so that another container tells them last.
    """
    held: dict[tuple[str, str], set[str]] = {}
    for one in files.values():
        held.setdefault((one.volume, one.secret), set()).add(one.key)
    volumes = [
        {"name": volume, "secret": {"secretName": secret, "items": [{"key": key, "path": key} for key in sorted(keys)]}}
        for (volume, secret), keys in sorted(held.items())
    ]
    mounts = [{"name": volume, "mountPath": f"{_FOLDER}/{volume}", "readOnly": True} for volume, _ in sorted(held)]
    where = "initContainers" if waited else "containers"
    pod = {"volumes": volumes, where: [{"name": container, "volumeMounts": mounts}]}
    return {"kubernetes": {"Pod": pod}} if files else {}
