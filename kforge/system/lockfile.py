"""kforge.lock ↔ Lock. Knows the format and what may be wrong with it, not what the values mean.

    services:
      web:
        build:
          by: heuristics
          base: "docker.io/library/python:3.13-slim-trixie"  # the source names no version, so 3.13

One block a service, one line a field: the value as JSON, behind it the reason as a comment. Every text that is accepted
is YAML. What only the machine compares (inputs, revisions) is in kforge.sum, and joined here. An empty line ends a
block, and a comment the file: git merges two branches only where an unchanged line separates their changes. The form is
also `schemas/lock.schema.json`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from kforge.domain.decider import Decider
from kforge.domain.invisible_chars import INVISIBLE
from kforge.domain.lock import Lock, LockedDecision, Record, Revisions, ServiceLock, ServiceRecord
from kforge.domain.reliability import Reliability
from kforge.errors import InputError, Place
from kforge.system import lockfile_older
from kforge.system.conflicts import NEWER, damaged, decoded
from kforge.system.lock_syntax import DECODER, KEY, MAX_BLOCKS, OWN, SERVICE, YAML_WORD, check_value, plain
from kforge.system.record import inputs as inputs_of

FORMAT = 2
MAX_BYTES = 24 << 20
HEADER = (
    "# What `kforge build` settled, who decided it, and why. Not edited by hand: what the spec says goes before it."
)
FOOTER = "# What these answers and the files were made of is in kforge.sum."
UNRECORDED = {"kforge.sum": "?"}  # inputs of an answer that kforge.sum does not know: none has that digest, it is stale
_TOP = re.compile(r"lock: ([1-9][0-9]{0,8})\n")
# Begins with a text that is searched for, which takes a quarter of the time that `^` does.
_BLOCK = re.compile(rf'\n  ((?!{YAML_WORD}:){SERVICE}|"{YAML_WORD}"):(?: \{{\}})?(?=\n|\Z)')
_ODD_LINE = "this line is neither a topic nor a field"
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False).encode
_NAME = re.compile(r"[A-Za-z][\w-]*")


def parse(data: bytes, file: str, known: Revisions | None, record: Record) -> Lock:
    """The lock in a file's bytes, and what kforge.sum records of it.

    Raises InputError for damage, conflicts, and what a newer kforge wrote. Without `known`, revisions are not judged.
    """
    text = text_of(data, file)
    if is_older(text):
        lock = lockfile_older.parse(text, file)
    else:
        held = blocks(text, file)
        noted = {name: record.services.get(name, ServiceRecord()) for name in held}
        services = {name: _service(answers(name, block, file, text), noted[name]) for name, block in held.items()}
        lock = Lock(services=services, inputs=record.inputs)
        other = any(noted[name].text != digest_of(block) for name, block in held.items())
        lock = replace(lock, odd=other or render(lock) != text)
    if known is not None:
        _judge(lock, known, file)
    return lock


def is_older(text: str) -> bool:
    """Whether a lock has the form that kforge 0.1 wrote."""
    return text.startswith("{")


def text_of(data: bytes, file: str) -> str:
    """The file's text with LF. Raises InputError where it is no UTF-8, or would take too much memory."""
    text = decoded(data, file).replace("\r\n", "\n")
    if text.count("{") + text.count("[") > MAX_BLOCKS:
        raise damaged(text, file, 0, f"it has more than {MAX_BLOCKS} blocks")
    return text


def blocks(text: str, file: str) -> dict[str, str]:
    """A lock's text of this format → the block of every service, its first line left out. Raises InputError."""
    head, services, body = text.partition("\nservices:")
    number = _TOP.search(f"{head}\n")
    if number and int(number[1]) > FORMAT:
        raise InputError(f"`{file}` was written by a newer kforge (format {number[1]})", Place(file), NEWER)
    if head != f"{HEADER}\nlock: {FORMAT}" or not services or body[:1] not in ("\n", " "):
        raise damaged(text, file, 1, "its first lines are not those of a lock")
    body, end, rest = body.rpartition(f"{FOOTER}\n")
    if not end or rest:
        raise damaged(text, file, text.count("\n") + 1, "its last lines are not those of a lock")
    if body == " {}\n":
        return {}
    lead, *parts = _BLOCK.split(body[:-1])
    if lead or not parts or body[-1] != "\n":
        raise damaged(text, file, 4, "a service is missing here")
    names = [name.strip('"') for name in parts[::2]]
    found = dict(zip(names, [f"{block}\n"[1:] for block in parts[1::2]], strict=True))
    if len(found) != len(names):
        twice = next(name for number, name in enumerate(names) if name in names[:number])
        raise damaged(text, file, _line(text, twice, -1), f"service `{twice}` is in it twice")
    return found


def _line(text: str, service: str, which: int = 0) -> int:
    """Number of the line on which the first, or last, block of a service begins."""
    return (
        text.count("\n", 0, [match.start() for match in re.finditer(f"\n  {_service_key(service)}:", text)][which]) + 2
    )


def _service_key(name: str) -> str:
    """A service's name as a key that YAML 1.1 reads as text: `on` is a truth there."""
    return f'"{name}"' if re.fullmatch(YAML_WORD, name) else name


def heads(block: str) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Topic, decider as it is written, and pinned fields of every answer in a service's block.

    Reads nothing else. Raises ValueError for a block that no build writes.
    """
    lines = f"\n{block}".rstrip("\n").split("\n    ")  # fields are two blanks further in
    for number, line in enumerate(lines[1:], 1):
        if line[:1] == " ":
            continue
        decider, pinned = [*lines[number + 1 : number + 3], "", ""][:2]
        if line[-1:] != ":" or not _NAME.fullmatch(line[:-1]) or decider[:6] != "  by: " or "\n" in decider + pinned:
            raise ValueError("an answer must begin with who decided it")
        yield line[:-1], decider[6:], tuple(json.loads(pinned[10:])) if pinned[:10] == "  pinned: " else ()


def digest_of(block: str) -> str:
    """The digest of a service's block that kforge.sum has: it tells changes apart, it proves nothing."""
    return hashlib.sha256(block.encode()).hexdigest()[:16]


def texts_of(lock: Lock) -> dict[str, str]:
    """What stands behind the name of every service, sorted: lock and sums are both written of it."""
    return {name: block_of(held) for name, held in sorted(lock.services.items())}


def text_digests(texts: Mapping[str, str]) -> dict[str, str]:
    """The digests that the blocks of all services will have."""
    return {name: digest_of(text.partition("\n")[2]) for name, text in texts.items()}


def render(lock: Lock, texts: Mapping[str, str] | None = None) -> str:
    """The file's text: services, topics and fields sorted, LF, a final newline. `texts` are those of the lock, if known."""
    made = texts_of(lock) if texts is None else texts
    found = "".join(f"  {_service_key(name)}:{text}" for name, text in made.items())
    return f"{HEADER}\nlock: {FORMAT}\nservices:" + (f"\n{found}" if found else " {}\n") + f"{FOOTER}\n"


def block_of(held: ServiceLock) -> str:
    """What stands behind `web:`: the answers of one service, and the empty line that ends them."""
    lines = [""] if held.decisions else [" {}"]
    for topic, decision in sorted(held.decisions.items()):
        who = decision.decider.record()
        by = who["by"] if who.keys() == {"by"} and KEY.fullmatch(who["by"]) else _json(who)
        lines += [f"    {topic}:", f"      by: {by}"]
        if decision.pinned:
            lines.append(f"      pinned: {_json(list(decision.pinned))}")
        if decision.approved:
            lines.append(f"      approved: {_json(decision.approved)}")
        if decision.reliability:
            lines.append(f"      reliability: {_json(decision.reliability.record())}")
        if decision.images:
            lines.append(f"      images: {_json(dict(decision.images))}")
        for name, value in sorted(decision.value.items()):
            lines.append(f"      {name}: {_json(value)}{_comment(decision.reasons.get(name))}")
    return "\n".join(lines) + "\n\n"


def _json(value: Any) -> str:
    """JSON on one line in which everything can be seen."""
    text = _encode(value)
    return INVISIBLE.sub(lambda match: json.dumps(match[0])[1:-1], text)


def _comment(reason: str | None) -> str:
    if reason is None:
        return ""
    plain_line = reason == reason.strip() and reason[:1] not in ('"', "") and not INVISIBLE.search(reason)
    return f"  # {reason}" if plain_line and not re.search(r"[\n\t]", reason) else f"  # {_json(reason)}"


def _service(answers: Iterable[tuple[str, Mapping[str, Any]]], known: ServiceRecord) -> ServiceLock:
    decisions = {}
    read = inputs_of(known.read, {})
    for topic, answer in answers:
        revision, words = known.answers.get(topic, (1, None))
        inputs = UNRECORDED if words is None else inputs_of(words, read)
        decisions[topic] = LockedDecision(**answer, revision=revision, inputs=inputs)
    return ServiceLock(
        decisions=decisions,
        inputs=inputs_of(known.files, read),
        detector=known.detector,
        detector_revision=known.detector_revision,
    )


def answers(name: str, block: str, file: str, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Topic and answer, as fields of a LockedDecision, in a service's block. Raises InputError with the line."""
    found: dict[str, dict[str, Any]] = {}
    begins: dict[str, int] = {}
    topic, number = "", 0
    try:
        for number, line in enumerate(block.split("\n")[:-1]):
            if line.startswith("      "):
                _field(found.get(topic), line[6:])
            elif line:
                topic = line[4:-1]
                if line != f"    {topic}:" or not KEY.fullmatch(topic) or topic in found:
                    raise ValueError(_ODD_LINE)
                found[topic], begins[topic] = {"value": {}, "reasons": {}}, number
        for topic, answer in found.items():
            number = begins[topic]
            if "decider" not in answer:
                raise ValueError("this answer does not say who decided it")
            yield topic, answer
    except (ValueError, RecursionError) as error:
        raise damaged(text, file, _line(text, name) + 1 + number, plain(error)) from None


def _field(answer: dict[str, Any] | None, line: str) -> None:
    """Put what a line says into an answer. Raises ValueError."""
    name, colon, rest = line.partition(": ")
    if answer is None or not colon or not KEY.fullmatch(name):
        raise ValueError(_ODD_LINE)
    if "\t" in rest or INVISIBLE.search(rest):
        raise ValueError("this line has a tab or an invisible character that is not escaped")
    if name == "by" and KEY.fullmatch(rest):
        value, comment = {"by": rest}, ""
    else:
        value, end = DECODER.raw_decode(rest)
        comment = rest[end:]
        check_value(rest, value)
    if comment and (name in OWN or not comment.startswith("  # ")):
        raise ValueError("there is more than the value on this line")
    if name in OWN:
        _own(answer, name, value)
    elif name in answer["value"]:
        raise ValueError(f"`{name}` is in it twice")
    else:
        answer["value"][name] = value
        if comment:
            answer["reasons"][name] = _reason(comment[4:])


def _own(answer: dict[str, Any], name: str, value: Any) -> None:
    if ("decider" if name == "by" else name) in answer:
        raise ValueError(f"`{name}` is in it twice")
    if name == "by" and type(value) is dict and type(value.get("by")) is str:
        answer["decider"] = Decider.of(value)
    elif name == "pinned" and type(value) is list and all(type(each) is str for each in value):
        answer["pinned"] = tuple(value)
    elif name == "approved" and type(value) is str:
        answer["approved"] = value
    elif name == "reliability" and type(value) is dict and value:
        answer["reliability"] = Reliability.of(value)
    elif name == "images" and type(value) is dict and value and all(type(each) is str for each in value.values()):
        answer["images"] = value
    else:
        raise ValueError(f"`{name}` has an unexpected value")


def _reason(text: str) -> str:
    if not text.startswith('"'):
        return text
    value = DECODER.decode(text)
    check_value(text, value)
    return str(value)


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
        message = f"`{file}` was written by a newer kforge: {what} of service `{service}` has revision {revision}, and this kforge has {newest}"
        raise InputError(message, Place(file), NEWER)
