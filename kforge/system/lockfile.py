"""kforge.lock ↔ Lock. Knows the format and what may be wrong with it, not what the values mean.

One block per service and nothing that sums over services, so that two branches which touch different services merge.
The format is also `schemas/lock.schema.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kforge.domain.lock import Lock, LockedDecision, Revisions, ServiceLock
from kforge.errors import InputError, Place
from kforge.system.conflicts import NEWER, damaged, decoded, restore
from kforge.system.files import read

FORMAT = 1
# Text of 24 MiB, some 2,000 services, takes 400 MB to read, and blocks take more than texts do.
MAX_BYTES = 24 << 20
MAX_BLOCKS = 1_000_000
_TEXT = frozenset((str,))
_TOP, _APP = frozenset(("lock", "app", "services")), frozenset(("inputs",))
_SERVICE, _DETECTED = frozenset(("decisions", "inputs")), frozenset(("detector",))
_DETECTOR = frozenset(("name", "revision"))
_DECISION, _EXTRA = frozenset(("decider", "inputs", "reasons", "revision", "value")), frozenset(("approved", "pinned"))


def load(path: Path, root: Path, known: Revisions | None = None) -> Lock:
    """The lock beside a spec, through no link from `root` down; an empty one, marked as lost, where there is no file.

    Raises InputError for anything that `parse` refuses, WorldError where the file cannot be read.
    """
    data = read(path, MAX_BYTES, path.name, root)
    return Lock(lost=True) if data is None else parse(data, path.name, known)


def parse(data: bytes, file: str, known: Revisions | None = None) -> Lock:
    """The lock in a file's bytes. Raises InputError for damage, conflicts, and what a newer kforge wrote.

    Without `known`, revisions are not judged.
    """
    text = decoded(data, file)
    if data.count(b"{") + data.count(b"[") > MAX_BLOCKS:
        raise damaged(text, file, 0, f"it has more than {MAX_BLOCKS} blocks")
    try:
        raw = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        if "\\u" in text:  # lone surrogates only come in by an escape, and could never be written again
            json.dumps(raw, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise damaged(text, file, error.lineno, f"{error.msg.lower()}, at column {error.colno}") from None
    except (ValueError, RecursionError) as error:
        raise damaged(text, file, 0, _plain(error)) from None
    lock = _lock(_Reader(file), raw)
    if known is not None:
        _judge(lock, known, file)
    return lock


def render(lock: Lock) -> str:
    """The file's text: sorted keys, two spaces, LF, a final newline."""
    raw = {
        "lock": FORMAT,
        "app": {"inputs": dict(lock.inputs)},
        "services": {name: _raw_service(held) for name, held in lock.services.items()},
    }
    return json.dumps(raw, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def _raw_service(held: ServiceLock) -> dict[str, Any]:
    raw: dict[str, Any] = {
        "decisions": {topic: _raw_decision(decision) for topic, decision in held.decisions.items()},
        "inputs": dict(held.inputs),
    }
    if held.detector:
        raw["detector"] = {"name": held.detector, "revision": held.detector_revision}
    return raw


def _raw_decision(decision: LockedDecision) -> dict[str, Any]:
    raw: dict[str, Any] = {
        "decider": dict(decision.decider),
        "inputs": dict(decision.inputs),
        "reasons": dict(decision.reasons),
        "revision": decision.revision,
        "value": dict(decision.value),
    }
    if decision.pinned:
        raw["pinned"] = list(decision.pinned)
    if decision.approved:
        raw["approved"] = decision.approved
    return raw


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
    return Lock(services=services, inputs=reader.texts(app, "inputs", "app"))


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


def _judge(lock: Lock, known: Revisions, file: str) -> None:
    """Refuse what only a newer kforge, or a plugin that is not here, can have written."""
    for service, held in sorted(lock.services.items()):
        if held.detector:
            _known(
                f"detector `{held.detector}`", held.detector_revision, known.detectors.get(held.detector), service, file
            )
        for topic, decision in sorted(held.decisions.items()):
            _known(f"topic `{topic}`", decision.revision, known.topics.get(topic), service, file)


def _known(what: str, revision: int, newest: int | None, service: str, file: str) -> None:
    if newest is None:
        message = f"`{file}` holds {what} of service `{service}`, which this kforge does not have"
        raise InputError(message, Place(file), "install the kforge or the plugin that wrote it")
    if revision > newest:
        message = f"`{file}` was written by a newer kforge: {what} of service `{service}` has revision {revision}, ours is {newest}"
        raise InputError(message, Place(file), NEWER)


def _refuse(constant: str) -> Mapping[str, Any]:
    raise ValueError(f"{constant} is no JSON")


def _finite(text: str) -> float:
    value = float(text)
    if value - value != 0:  # infinity or NaN, without importing math
        raise ValueError(f"{text[:40]} is too large")
    return value


def _plain(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, UnicodeEncodeError):
        return "it escapes half a character"
    return str(error).partition(";")[0][:200].lower()
