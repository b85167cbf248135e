"""Ingress classes → how their controllers are told what a Service speaks: they speak plain HTTP/1 to it otherwise.

Data: a row of `ingress_classes.json` holds for the classes with its word in their names, by protocol, annotations of the
Ingress and of the Service behind it, `{service}` and `{port}` in their values, and the pages that they rest on. `reads`
are protocols that the controller reads off `appProtocol` of the Service. The class `nginx` is F5's controller here:
ingress-nginx, which has the same one, was retired.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from kforge.domain.port import Port


def told(class_: str | None, kind: str, service: str, port: Port) -> dict[str, str]:
    """Annotations of an object of a `kind`, `ingress` or `service`, for a port that the Ingress leads to."""
    row = _row(class_)
    held: dict[str, str] = row.get(kind, {}).get(port.protocol, {}) if row else {}
    return {key: value.format(service=service, port=port.name) for key, value in held.items()}


def tells(class_: str | None, protocol: str) -> frozenset[str]:
    """Annotations, of the Ingress or its Service, any of which tells a class of a protocol; none for one that is not known."""
    row = _row(class_)
    kinds = (row.get(kind, {}).get(protocol, {}) for kind in ("ingress", "service")) if row else ()
    return frozenset(key for kind in kinds for key in kind)


def reads(class_: str | None, protocol: str) -> bool:
    """Whether a class' controller goes by `appProtocol` of the Service for a protocol."""
    return protocol in (_row(class_) or {}).get("reads", ())


def _row(class_: str | None) -> dict[str, Any] | None:
    return next((row for row in _rows() if row["class"] in (class_ or "")), None)


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8")))
