"""kforge.lock as kforge 0.1 wrote it → Lock: JSON, with the inputs and revisions that kforge.sum has today.

It is read and never written: `kforge build --upgrade` writes the same answers in today's form.
"""

from __future__ import annotations

import json
import re
from typing import Any

from kforge.domain.decider import Decider
from kforge.domain.lock import Lock, LockedDecision, ServiceLock
from kforge.errors import InputError, Place
from kforge.system.conflicts import NEWER, damaged, restore
from kforge.system.lock_syntax import DECODER, KEY, MAX_BLOCKS, OWN, SERVICE, check_value, plain, shallow

FORMAT = 1
_TEXT = frozenset((str,))
_SERVICE_NAME = re.compile(SERVICE)
_DIGEST = re.compile("-|[0-9a-f]{16}")
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
        check_value(text, raw)
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
            raise self.fail(f"{where}.{key}", "is not a mapping")
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

    def named(self, raw: Any, key: str, where: str, form: re.Pattern[str]) -> dict[str, Any]:
        """A mapping whose keys can be written again."""
        held = self.block(raw, key, where)
        for name in held:
            if not form.fullmatch(name) or name in OWN:
                raise self.fail(f"{where}.{key}", f"has `{name[:80]}`, which is not a name")
        return held

    def texts(self, raw: Any, key: str, where: str) -> dict[str, str]:
        """A mapping of text to text."""
        held = self.block(raw, key, where)
        if not _TEXT.issuperset(map(type, held.values())):
            raise self.fail(f"{where}.{key}", "holds something that is not a string")
        return held

    def inputs(self, raw: Any, where: str) -> dict[str, str]:
        """Names with digests. One of an odd form passes as `?`, which equals no other: what it stands for is stale."""
        held = self.texts(raw, "inputs", where)
        return {name: digest if _DIGEST.fullmatch(digest) else "?" for name, digest in held.items()}

    def revision(self, raw: Any, where: str) -> int:
        revision = raw["revision"]
        if type(revision) is not int or revision < 1:
            raise self.fail(f"{where}.revision", "is not a revision: they count from 1")
        return revision


def _lock(reader: _Reader, raw: Any) -> Lock:
    if type(raw) is not dict:
        raise reader.fail("", "is not a mapping")
    number = raw.get("lock")
    if type(number) is not int or number < 1:
        raise reader.fail("lock", "is not the number of a format")
    if number > FORMAT:
        raise InputError(f"`{reader.file}` was written by a newer kforge (format {number})", Place(reader.file), NEWER)
    reader.keys(raw, "", _TOP)
    app = reader.block(raw, "app", "")
    reader.keys(app, "app", _APP)
    blocks = reader.named(raw, "services", "", _SERVICE_NAME)
    services = {name: _service(reader, reader.block(blocks, name, "services"), f"services.{name}") for name in blocks}
    return Lock(services=services, inputs=reader.inputs(app, "app"), older=True)


def _service(reader: _Reader, raw: dict[str, Any], where: str) -> ServiceLock:
    reader.keys(raw, where, _SERVICE, _DETECTED)
    blocks = reader.named(raw, "decisions", where, KEY)
    inside = f"{where}.decisions"
    decisions = {topic: _decision(reader, reader.block(blocks, topic, inside), f"{inside}.{topic}") for topic in blocks}
    inputs = reader.inputs(raw, where)
    if "detector" not in raw:
        return ServiceLock(decisions=decisions, inputs=inputs)
    detector = reader.block(raw, "detector", where)
    reader.keys(detector, f"{where}.detector", _DETECTOR)
    name, revision = detector["name"], reader.revision(detector, f"{where}.detector")
    if type(name) is not str or not name:
        raise reader.fail(f"{where}.detector.name", "is not a name")
    return ServiceLock(decisions=decisions, inputs=inputs, detector=name, detector_revision=revision)


def _decision(reader: _Reader, raw: dict[str, Any], where: str) -> LockedDecision:
    reader.keys(raw, where, _DECISION, _EXTRA)
    decider = reader.block(raw, "decider", where)
    value = reader.named(raw, "value", where, KEY)
    if not (shallow(value) and shallow(decider)):
        raise reader.fail(where, "is nested too deeply")
    if type(decider.get("by")) is not str:
        raise reader.fail(f"{where}.decider.by", "does not name a decider")
    pinned = raw.get("pinned", [])
    if type(pinned) is not list or not _TEXT.issuperset(map(type, pinned)):
        raise reader.fail(f"{where}.pinned", "is not a list of fields")
    approved = raw.get("approved", "")
    if type(approved) is not str:
        raise reader.fail(f"{where}.approved", "is not a digest")
    return LockedDecision(
        value=value,
        reasons=reader.texts(raw, "reasons", where),
        decider=Decider.of(decider),
        revision=reader.revision(raw, where),
        inputs=reader.inputs(raw, where),
        pinned=tuple(pinned),
        approved=approved,
    )
