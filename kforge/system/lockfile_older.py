"""kforge.lock as kforge 0.1 wrote it → Lock: JSON, with the inputs and revisions that kforge.sum has today.

It is read and never written: `kforge build --upgrade` writes the same answers in today's form.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kforge.domain.lock import Lock, LockedDecision, ServiceLock
from kforge.errors import InputError, Place
from kforge.system.conflicts import NEWER, damaged, restore

FORMAT = 1
# Blocks take more memory than texts do: 400 MB for some 2,000 services.
MAX_BLOCKS = 1_000_000
_TEXT = frozenset((str,))
_TOP, _APP = frozenset(("lock", "app", "services")), frozenset(("inputs",))
_SERVICE, _DETECTED = frozenset(("decisions", "inputs")), frozenset(("detector",))
_DETECTOR = frozenset(("name", "revision"))
_DECISION, _EXTRA = frozenset(("decider", "inputs", "reasons", "revision", "value")), frozenset(("approved", "pinned"))


def parse(text: str, file: str) -> Lock:
    """The lock in a text of format 1. Raises InputError for damage, conflicts, and what a newer kforge wrote."""
    if text.count("{") + text.count("[") > MAX_BLOCKS:
        raise damaged(text, file, 0, f"it has more than {MAX_BLOCKS} blocks")
    try:
        raw = DECODER.decode(text)
        if "\\u" in text:  # lone surrogates only come in by an escape, and could never be written again
            json.dumps(raw, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise damaged(text, file, error.lineno, f"{error.msg.lower()}, at column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise damaged(text, file, 0, plain(error)) from None
    return _lock(_Reader(file), raw)


class _Reader:
    """Checks shapes, and names the place of what does not fit. `raw[key]` is looked at, `where` is the path to `raw`."""

    def __init__(self, file: str) -> None:
        self.file = file

    def fail(self, where: str, what: str) -> InputError:
        place = f"`{where[:200].lstrip('.')}` of `{self.file}`" if where else f"`{self.file}`"
        return InputError(f"{place} {what}", Place(self.file), restore(self.file))

    def block(self, raw: Any, key: str, where: str) -> dict[str, Any]:
        """A mapping with any keys."""
        held = raw[key]
        if type(held) is not dict:
            raise self.fail(f"{where}.{key}", "is no mapping")
        return held

    def keys(
        self, raw: dict[str, Any], where: str, required: frozenset[str], optional: frozenset[str] = frozenset()
    ) -> None:
        """A mapping with exactly these keys."""
        if raw.keys() == required:
            return
        if missing := sorted(required - raw.keys()):
            raise self.fail(where, f"lacks `{missing[0]}`")
        if odd := sorted(raw.keys() - required - optional):
            raise self.fail(where, f"has the unknown key `{odd[0][:80]}`")

    def texts(self, raw: Any, key: str, where: str) -> dict[str, str]:
        """A mapping of text to text. A digest of an odd form passes: it equals no other, so what it stands for is
        stale.
        """
        held = self.block(raw, key, where)
        if not _TEXT.issuperset(map(type, held.values())):
            raise self.fail(f"{where}.{key}", "holds something that is no text")
        return held

    def revision(self, raw: Any, where: str) -> int:
        revision = raw["revision"]
        if type(revision) is not int or revision < 1:
            raise self.fail(f"{where}.revision", "is no revision: they count from 1")
        return revision


def _lock(reader: _Reader, raw: Any) -> Lock:
    if type(raw) is not dict:
        raise reader.fail("", "is no mapping")
    number = raw.get("lock")
    if type(number) is not int or number < 1:
        raise reader.fail("lock", "is not the number of a format")
    if number > FORMAT:
        raise InputError(f"`{reader.file}` was written by a newer kforge (format {number})", Place(reader.file), NEWER)
    reader.keys(raw, "", _TOP)
    app = reader.block(raw, "app", "")
    reader.keys(app, "app", _APP)
    blocks = reader.block(raw, "services", "")
    services = {name: _service(reader, reader.block(blocks, name, "services"), f"services.{name}") for name in blocks}
    return Lock(services=services, inputs=reader.texts(app, "inputs", "app"), older=True)


def _service(reader: _Reader, raw: dict[str, Any], where: str) -> ServiceLock:
    reader.keys(raw, where, _SERVICE, _DETECTED)
    blocks = reader.block(raw, "decisions", where)
    inside = f"{where}.decisions"
    decisions = {topic: _decision(reader, reader.block(blocks, topic, inside), f"{inside}.{topic}") for topic in blocks}
    inputs = reader.texts(raw, "inputs", where)
    if "detector" not in raw:
        return ServiceLock(decisions=decisions, inputs=inputs)
    detector = reader.block(raw, "detector", where)
    reader.keys(detector, f"{where}.detector", _DETECTOR)
    name, revision = detector["name"], reader.revision(detector, f"{where}.detector")
    if type(name) is not str or not name:
        raise reader.fail(f"{where}.detector.name", "is no name")
    return ServiceLock(decisions=decisions, inputs=inputs, detector=name, detector_revision=revision)


def _decision(reader: _Reader, raw: dict[str, Any], where: str) -> LockedDecision:
    reader.keys(raw, where, _DECISION, _EXTRA)
    decider = reader.block(raw, "decider", where)
    if type(decider.get("by")) is not str:
        raise reader.fail(f"{where}.decider.by", "does not name a decider")
    pinned = raw.get("pinned", [])
    if type(pinned) is not list or not _TEXT.issuperset(map(type, pinned)):
        raise reader.fail(f"{where}.pinned", "is no list of fields")
    approved = raw.get("approved", "")
    if type(approved) is not str:
        raise reader.fail(f"{where}.approved", "is no digest")
    return LockedDecision(
        value=reader.block(raw, "value", where),
        reasons=reader.texts(raw, "reasons", where),
        decider=decider,
        revision=reader.revision(raw, where),
        inputs=reader.texts(raw, "inputs", where),
        pinned=tuple(pinned),
        approved=approved,
    )


def _refuse(constant: str) -> Mapping[str, Any]:
    raise ValueError(f"{constant} is no JSON")


def _finite(text: str) -> float:
    value = float(text)
    if value - value != 0:  # infinity or NaN, without importing math
        raise ValueError(f"{text[:40]} is too large")
    return value


def plain(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeEncodeError):
        return "it escapes half a character"
    return str(error).partition(";")[0][:200].lower()


DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
