"""A fault, and how often it happened → how long to wait before asking again; when that is of no use, the way out."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from kforge.domain.model.request import Fault, FaultKind, Provider

AGAIN = ("busy", "outage")
_KEPT = "answers so far are kept, and the next build continues from here"
_WAYS: Mapping[FaultKind, str] = {
    "key": "check the key in {keys}",
    "quota": f"add credit or raise the limit at the provider, or choose another model; {_KEPT}",
    "busy": f"try again {{when}}; {_KEPT}",
    "outage": f"`kforge doctor` shows which servers answer; {_KEPT}",
    "model": "`kforge doctor` lists the models that can be used",
    "overflow": "choose a model or a server with a longer context, or shorten `requirements` and `refine`",
    "request": "`kforge doctor` shows what would be asked, and where; another model or server may take it",
}


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, but for the numbers of tries. A test makes them short."""

    connect: float = 2.0
    answer: float = 900.0  # one exchange: local servers load the model inside the request
    listing: float = 5.0  # a list of models
    first: float = 0.5  # the first wait; each further one is twice as long
    longest: float = 30.0
    obeyed: float = 120.0  # a server that asks for more is told to the user instead
    loading: float = 600.0  # how long a local server may load its model
    tries: int = 6
    lost: int = 2  # tries of a request that was sent and not answered: each may be billed
    strikes: int = 3  # questions given up in a row, after which the server is not asked again in this run


PATIENCE = Patience()


def asked(headers: Mapping[str, str], now: float) -> tuple[bool | None, float | None]:
    """What a server's headers say: whether to ask again, and after how many seconds. `now` is in seconds since 1970."""
    again = {"true": True, "false": False}.get(headers.get("x-should-retry", "").strip().lower())
    after = _number(headers.get("retry-after-ms", ""), 1000)
    if after is None:
        after = _number(headers.get("retry-after", ""), 1)
    if after is None:
        after = _date(headers.get("retry-after", ""), headers.get("date", ""), now)
    return again, after


@dataclass(frozen=True, slots=True)
class Tries:
    """What a question has been through. `weary`: others were given up just now, so that one try will do."""

    name: str  # spreads threads: a question waits alike in each run, and unlike its neighbours
    local: bool
    tried: int = 0
    lost: int = 0
    waited: float = 0.0
    weary: bool = False


def pause(fault: Fault, so_far: Tries, patience: Patience) -> float | None:
    """Seconds to wait before the next try, None to give up."""
    tried, waited = so_far.tried, so_far.waited
    if fault.kind not in AGAIN or fault.retry is False or so_far.lost >= patience.lost or so_far.weary:
        return None
    if fault.retry_after is not None and fault.retry_after > patience.obeyed:
        return None
    loads = so_far.local and fault.kind == "busy" and not fault.limited
    if (waited >= patience.loading) if loads else (tried >= patience.tries):
        return None
    doubled = min(patience.longest, patience.first * 2.0 ** min(tried - 1, 30))
    spread = hashlib.sha256(f"{so_far.name} {tried}".encode()).digest()[0] / 255
    wait = (
        max(fault.retry_after or 0.0, patience.first / 2)
        if fault.retry_after is not None
        else doubled * (0.75 + spread / 4)
    )
    return max(wait, doubled / 2) if loads else wait


def way_out(fault: Fault, provider: Provider, now: float) -> str:
    """What a person can do once kforge has given up. `now` is in seconds since 1970."""
    keys = " or ".join(f"`{name}`" for name in ("KFORGE_API_KEY", *provider.keys))
    when = _when(fault.retry_after, now)
    way = _WAYS.get(fault.kind, "another model may answer better").format(keys=keys, when=when)
    return f"try again {when}; {way}" if fault.kind in ("quota", "outage") and fault.retry_after else way


def _when(after: float | None, now: float) -> str:
    """`in a while`, or `after 2026-11-21 14:05 UTC`."""
    if not after:
        return "in a while"
    try:
        return f"after {datetime.fromtimestamp(now + after, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return f"in {after:.0f} seconds"


def _number(text: str, unit: int) -> float | None:
    try:
        value = float(text) / unit
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _date(text: str, date: str, now: float) -> float | None:
    """Seconds until an HTTP date, counted from the server's own clock where it shows it."""
    moments: list[float | None] = []
    for one in (text, date):
        try:
            moments.append(parsedate_to_datetime(one).timestamp())
        except (ValueError, TypeError, OverflowError, IndexError):
            moments.append(None)
    until, since = moments
    return None if until is None else max(0.0, until - (now if since is None else since))
