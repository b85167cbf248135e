"""An image's name → the digest that its registry has for it: https://github.com/opencontainers/distribution-spec.

Asked without credentials: no configuration of Docker is read, and no key is sent. What a registry
says of a digest is not believed: it is the sha256 of the manifest that it sends.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from kforge.domain.images import qualified, repository, tag
from kforge.domain.model import address
from kforge.domain.model.request import Fault
from kforge.errors import InputError, OutageError, WorldError
from kforge.system.clock import Clock
from kforge.system.http.client import HttpClient
from kforge.system.http.reply import HttpReply

# An index of several platforms before the manifest of one: a digest must hold for all that are built.
MANIFESTS = ", ".join(
    (
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    )
)
DOCKER_HUB = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}
MOST = (
    4 << 20
)  # bytes of a manifest: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
SECONDS, CONNECT = 30.0, 10.0
_CHALLENGE = re.compile(r'(?<![a-z_])([a-z_]{1,40})="([^"]{1,1000})"')
_LONGEST_TOKEN = 16_384


class _Asked(NamedTuple):
    """A registry as one image names it."""

    base: str  # https://HOST
    path: str  # of the repository, without the host
    reference: str


def image_digest(image: str, environ: Mapping[str, str], clock: Clock) -> str:
    """The digest (`sha256:…`) of an image's tag today.

    Raises InputError where the registry has no such image or wants a login, OutageError where it may answer later, and
    WorldError for everything else that keeps it from answering.
    """
    asked = _asked(image)
    until = clock.tick() + SECONDS
    try:
        with HttpClient(asked.base, 1, CONNECT, MOST, environ, clock) as client:
            path = f"/v2/{quote(asked.path)}/manifests/{quote(asked.reference)}"
            reply = client.send("GET", path, {"accept": MANIFESTS}, b"", until)
            if reply.status == 401 and (token := _token(reply, asked, environ, clock, until)):
                bearer = {"accept": MANIFESTS, "authorization": f"Bearer {token}"}
                reply = client.send("GET", path, bearer, b"", until)
    except Fault as fault:
        kind = OutageError if fault.kind == "outage" else WorldError
        raise kind(f"the registry of `{image}` {fault}", hint=fault.hint or "try it again later") from None
    return _digest(reply, image)


def _asked(image: str) -> _Asked:
    name = repository(qualified(image))
    host, _, path = name.partition("/")
    host = DOCKER_HUB.get(host, host)
    scheme = "http" if address.is_loopback(f"http://{host}") else "https"
    return _Asked(f"{scheme}://{host}", path, tag(image) or "latest")


def _digest(reply: HttpReply, image: str) -> str:
    if reply.status in (401, 403):
        raise InputError(
            f"the registry of `{image}` needs a login, which kforge does not send",
            hint="under `bases`, name another image, or write the digest that `docker buildx imagetools inspect` shows",
        )
    if reply.status == 404:
        raise InputError(f"the registry has no `{image}`", hint="under `bases`, name an image that exists")
    if reply.status == 429 or reply.status >= 500:
        raise OutageError(f"the registry of `{image}` answered with {reply.status}", hint="try it again later")
    if reply.status != 200 or not _is_manifest(reply.body):
        raise WorldError(
            f"the registry of `{image}` answered with {reply.status} and no manifest", hint="check its address"
        )
    found = f"sha256:{hashlib.sha256(reply.body).hexdigest()}"
    said = reply.headers.get("docker-content-digest", found)
    if said.startswith("sha256:") and said != found:
        raise WorldError(
            f"the registry of `{image}` sent a manifest that does not match its digest",
            hint="a proxy or a mirror in between may be broken",
        )
    return found


def _is_manifest(body: bytes) -> bool:
    try:
        held = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(held, dict) and held.get("schemaVersion") == 2


def _token(reply: HttpReply, asked: _Asked, environ: Mapping[str, str], clock: Clock, until: float) -> str:
    """A token without a login, as the registry's challenge says where one is given: https://distribution.github.io/distribution/spec/auth/token/

    Only over TLS, or on this machine where the registry is: nothing else can make kforge ask an address.
    """
    challenge = reply.headers.get("www-authenticate", "")
    if not challenge.lower().startswith("bearer "):
        return ""
    said = dict(_CHALLENGE.findall(challenge))
    realm, service = said.get("realm", ""), said.get("service", "")
    parts = urlsplit(realm)
    local = address.is_loopback(realm)
    if address.odd(realm) or local != address.is_loopback(asked.base) or (parts.scheme != "https" and not local):
        return ""
    query = f"?service={quote(service, safe='')}&scope={quote(f'repository:{asked.path}:pull', safe='')}"
    with HttpClient(f"{parts.scheme}://{parts.netloc}", 1, CONNECT, MOST, environ, clock) as client:
        answer = client.send("GET", f"{parts.path or '/'}{query}", {}, b"", until)
    try:
        held = json.loads(answer.body) if answer.status == 200 else {}
    except (ValueError, RecursionError):
        return ""
    token = held.get("token") or held.get("access_token") if isinstance(held, dict) else ""
    fits = isinstance(token, str) and len(token) <= _LONGEST_TOKEN and re.fullmatch(r"[\x21-\x7e]+", token)
    return token if isinstance(token, str) and fits else ""
