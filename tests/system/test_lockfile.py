"""kforge.lock: what is written reads back, in kforge and in every parser of YAML, and whatever stands in the file gives a
Lock or an error with the line.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from kforge import catalog
from kforge.domain.decider import HEURISTICS, Decider
from kforge.domain.invisible_chars import INVISIBLE
from kforge.domain.lock import Lock, LockedDecision, Revisions, ServiceLock, Sums
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.errors import InputError
from kforge.spec import json_schema
from kforge.system import lockfile, sums
from kforge.system.lock_syntax import KEY, MAX_BLOCKS, OWN, YAML_WORDS
from kforge.system.lockschema import lock_schema, schema_text
from tests import locks

KNOWN = Revisions(topics={"probes": 2}, detectors={"python": 1})
DECISION = LockedDecision(
    value={"readiness": {"path": "/ready", "port": 80}, "ratio": 0.5},
    reasons={"readiness": "»/ready« is what the source serves"},
    decider=HEURISTICS,
    revision=2,
    inputs={"facts.health": "0123456789abcdef", "spec.port": "-"},
    pinned=("readiness.path",),
)
LOCK = Lock(
    services={
        "web": ServiceLock(
            decisions={"probes": DECISION}, inputs={"spec.port": "-"}, detector="python", detector_revision=1
        ),
        "job": ServiceLock(),
    },
    inputs={"app.labels": "fedcba9876543210"},
)
MODEL = Decider("model", "openai", "tiny")
TEXT = f"""\
{lockfile.HEADER}
lock: 2
services:
  job: {{}}

  web:
    probes:
      by: heuristics
      pinned: ["readiness.path"]
      ratio: 0.5
      readiness: {{"path": "/ready", "port": 80}}  # »/ready« is what the source serves

{lockfile.FOOTER}
"""
HEAD = TEXT[: TEXT.index("  job")]


def parsed(text: str | bytes, lock: Lock = LOCK, known: Revisions | None = KNOWN) -> Lock:
    """A text, joined with what kforge.sum would record of a lock."""
    record = sums.parse(sums.render(Sums(), lock).encode(), SUMS_FILE).record
    return lockfile.parse(text if isinstance(text, bytes) else text.encode(), LOCK_FILE, known, record)


def answering(**changes: Any) -> Lock:
    """A lock of one answer."""
    return Lock(services={"web": ServiceLock(decisions={"probes": replace(DECISION, **changes)})})


def problem(text: str | bytes) -> tuple[str, str, str]:
    """Message, place and way out of the error that a text is."""
    with pytest.raises(InputError) as caught:
        parsed(text)
    (only,) = caught.value.problems
    return only.message, str(only.where), only.hint


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


# --- what is written ---


def test_a_lock_is_written_as_the_format_is_described() -> None:
    assert lockfile.render(LOCK) == TEXT


def test_what_is_written_reads_back() -> None:
    lock = parsed(TEXT)
    assert (lock, lock.lost, lock.older, lock.odd) == (LOCK, False, False, False)


def test_a_lock_without_services_reads_back() -> None:
    lock = parsed(lockfile.render(Lock()), Lock())
    assert (lock, lock.odd) == (Lock(), False)


def test_the_order_in_which_a_lock_was_made_does_not_show() -> None:
    value = dict(reversed(DECISION.value.items()))
    web = replace(LOCK.services["web"], decisions={"probes": replace(DECISION, value=value)})
    assert lockfile.render(Lock(services={"web": web, "job": ServiceLock()}, inputs=LOCK.inputs)) == TEXT


def test_what_only_the_machine_compares_is_not_in_the_text() -> None:
    web = replace(LOCK.services["web"], inputs={}, detector="go", detector_revision=7)
    web = replace(web, decisions={"probes": replace(DECISION, revision=9, inputs={})})
    assert lockfile.render(Lock(services={**LOCK.services, "web": web})) == TEXT


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"decider": MODEL}, '      by: {"by": "model", "model": "tiny", "provider": "openai"}'),
        ({"decider": Decider("heuristics", instead_of="tiny")}, '      by: {"by": "heuristics", "instead of": "tiny"}'),
        ({"decider": Decider("no")}, '      by: {"by": "no"}'),
        ({"decider": Decider("two words")}, '      by: {"by": "two words"}'),
        ({"approved": "0123456789abcdef"}, '      approved: "0123456789abcdef"'),
        ({"reasons": {}}, "      ratio: 0.5"),
        ({"reasons": {"ratio": "a # b: c"}}, "      ratio: 0.5  # a # b: c"),
        ({"reasons": {"ratio": ""}}, '      ratio: 0.5  # ""'),
        ({"reasons": {"ratio": '"so"'}}, '      ratio: 0.5  # "\\"so\\""'),
        ({"reasons": {"ratio": " so"}}, '      ratio: 0.5  # " so"'),
        ({"reasons": {"ratio": "one\ntwo"}}, '      ratio: 0.5  # "one\\ntwo"'),
        ({"reasons": {"ratio": "one\u202etwo"}}, '      ratio: 0.5  # "one\\u202etwo"'),
        ({"reasons": {}, "value": {"a": "one\ntwo\u200b\u2028 # »so«"}}, '      a: "one\\ntwo\\u200b\\u2028 # »so«"'),
    ],
)  # fmt: skip
def test_an_answer_is_one_line_a_field_in_which_everything_is_seen(changes: dict[str, Any], line: str) -> None:
    lock = answering(**changes)
    text = lockfile.render(lock)
    assert line in text.split("\n") and not INVISIBLE.search(text) and parsed(text, lock) == lock


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from((0.5, -1.25, 1e9)) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.from_regex(KEY, fullmatch=True).filter(lambda name: name not in OWN)
VALUES = st.dictionaries(NAMES, JSON, max_size=4)
REASONS = st.text(max_size=12) | st.sampled_from(('"', "\\", "#", " # ", "\t", "a\rb", "\x85", "\ufeff", "", "  "))
DECIDERS = NAMES.map(lambda name: {"by": name}) | st.dictionaries(
    st.text(max_size=5), st.text(max_size=5), max_size=2
).map(lambda more: {"by": "model", **more})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES, st.lists(REASONS, min_size=4, max_size=4), DECIDERS, st.lists(st.text(max_size=5), max_size=2))
def test_every_answer_reads_back(value: Any, said: list[str], decider: Any, pinned: list[str]) -> None:
    reasons = dict(zip(sorted(value), said, strict=False))
    lock = answering(
        value=value, reasons=reasons, decider=Decider.of(decider), pinned=tuple(pinned), approved="".join(pinned)
    )
    assert parsed(lockfile.render(lock), lock) == lock


# --- what parsers of YAML make of it ---


PARSERS = {
    "PyYAML": yaml.safe_load,
    "libyaml": lambda text: yaml.load(text, yaml.CSafeLoader),
    "ruamel": YAML(typ="safe", pure=True).load,
    "ruamel round trip": YAML(typ="rt").load,
}


def sayable(value: Any) -> bool:
    """Without what JSON and YAML have no common escape for: characters beyond U+FFFF that are not shown."""
    return not any(character > "\uffff" for character in INVISIBLE.findall(json.dumps(value, ensure_ascii=False)))


@pytest.mark.parametrize("parser", PARSERS)
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES.filter(sayable), st.lists(REASONS, min_size=4, max_size=4), DECIDERS.filter(sayable))
@example(
    {"a": ["yes", "no", "1e3", "0x1F", "1_000", "12:30", "2001-01-01", "~", "null", "<<", "=", "- a", "!x"]},
    [""] * 4,
    {"by": "a"},
)
@example(
    {"a": {"<<": {"b": 1}, "yes": 1, "? ": 2, "1": 3}, "b": -0.5}, ["# }", "' ] \"", "&a *a !b", "%TAG"], {"by": "a"}
)
def test_every_parser_of_yaml_reads_the_same_values(parser: str, value: Any, said: list[str], decider: Any) -> None:
    reasons = dict(zip(sorted(value), said, strict=False))
    lock = answering(value=value, reasons=reasons, decider=Decider.of(decider))
    assert PARSERS[parser](lockfile.render(lock)) == locks.data(lock)


@pytest.mark.parametrize("parser", PARSERS)
@pytest.mark.parametrize("name", YAML_WORDS)
def test_a_service_may_be_called_what_yaml_takes_for_a_truth(name: str, parser: str) -> None:
    lock = Lock(services={name: LOCK.services["web"]})
    text = lockfile.render(lock)
    assert (parsed(text, lock), PARSERS[parser](text)) == (lock, locks.data(lock))


def test_no_topic_has_a_field_that_the_format_has_no_line_for() -> None:
    names = {name for topic in catalog.topics() for name in (topic.name, *topic.fields)}
    assert [name for name in names if not KEY.fullmatch(name) or name in OWN] == []


def test_no_field_of_a_topic_is_a_fraction() -> None:
    """`1e+16` is a number in JSON and a text in YAML 1.1."""
    assert '"number"' not in json_schema.text(catalog.LANGUAGES, catalog.TARGETS)


# --- what is refused ---


@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_conflict_markers_are_named_with_the_way_out(style: str) -> None:
    lines = TEXT.splitlines(keepends=True)
    middle = ["||||||| 1234567\n", lines[9]] if style == "diff3" else []
    text = "".join(
        [*lines[:9], "<<<<<<< HEAD\n", lines[9], *middle, "=======\n", lines[9], ">>>>>>> side\n", *lines[10:]]
    )
    message, where, hint = problem(text)
    assert (message, where) == ("`kforge.lock` has conflict markers of a merge", "kforge.lock:10")
    assert hint == "run `kforge build`: it takes what both branches settled"


@pytest.mark.parametrize(
    ("data", "place", "said"),
    [
        (b"", "kforge.lock:1", "its first lines are not those"),
        (b"nothing of the sort", "kforge.lock:1", "its first lines are not those"),
        (b"\xff\xfe", "kforge.lock:1", "not UTF-8"),
        (TEXT.encode() + b"# \xff\n", "kforge.lock:14", "not UTF-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "kforge.lock:1", "its first lines are not those"),
        (TEXT[1:], "kforge.lock:1", "its first lines are not those"),
        (changed("lock: 2", "lock: 0"), "kforge.lock:1", "its first lines are not those"),
        (changed("lock: 2", "lock: true"), "kforge.lock:1", "its first lines are not those"),
        (changed("lock: 2\n", ""), "kforge.lock:1", "its first lines are not those"),
        (changed("lock: 2", "lock: 2\nmore: 1"), "kforge.lock:1", "its first lines are not those"),
        (HEAD.rstrip(), "kforge.lock:1", "its first lines are not those"),
        (TEXT.replace("services:\n", "services: []\n"), "kforge.lock:4", "a service is missing"),
        (HEAD, "kforge.lock:4", "its last lines are not those"),
        (TEXT[: TEXT.index("      ratio")], "kforge.lock:10", "its last lines are not those"),
        (TEXT[:-1], "kforge.lock:13", "its last lines are not those"),
        (f"{TEXT}more: 1\n", "kforge.lock:15", "its last lines are not those"),
        (changed("  job: {}", "job: {}"), "kforge.lock:4", "a service is missing"),
        (changed("  job: {}", "  Job: {}"), "kforge.lock:4", "a service is missing"),
        (changed("  job: {}", "  on: {}"), "kforge.lock:4", "a service is missing"),
        (changed("  job: {}", "  a/b: {}"), "kforge.lock:4", "a service is missing"),
        (changed("  job: {}", "  web: {}"), "kforge.lock:6", "service `web` is in it twice"),
        (changed("  web:", "  Web:"), "kforge.lock:6", "neither a topic nor a field"),
        (changed("  web:", '  "web":'), "kforge.lock:6", "neither a topic nor a field"),
        (changed("    probes:", "    probes: {}"), "kforge.lock:7", "neither a topic nor a field"),
        (changed("    probes:", "    two words:"), "kforge.lock:7", "neither a topic nor a field"),
        (changed("    probes:", "    yes:"), "kforge.lock:7", "neither a topic nor a field"),
        (changed("    probes:\n", ""), "kforge.lock:7", "neither a topic nor a field"),
        (changed("    probes:", "   probes:"), "kforge.lock:7", "neither a topic nor a field"),
        (changed("      by: heuristics\n", ""), "kforge.lock:7", "does not say who decided it"),
        (changed("\n\n# What", "\n    probes:\n      by: heuristics\n\n# What"), "kforge.lock:12", "neither a topic"),
        (changed("\n\n# What", "\n    build:\n\n# What"), "kforge.lock:12", "does not say who decided it"),
        (changed("by: heuristics", "by: a\n      by: a"), "kforge.lock:9", "`by` is in it twice"),
        (changed("by: heuristics", "by: [1]"), "kforge.lock:8", "`by` has an unexpected value"),
        (changed("by: heuristics", 'by: {"who": "me"}'), "kforge.lock:8", "`by` has an unexpected value"),
        (changed("by: heuristics", "by: true"), "kforge.lock:8", "`by` has an unexpected value"),
        (changed("by: heuristics", "by: two words"), "kforge.lock:8", "expecting value"),
        (changed("by: heuristics", "by: heuristics  # says who"), "kforge.lock:8", "expecting value"),
        (changed('["readiness.path"]', "[1]"), "kforge.lock:9", "`pinned` has an unexpected value"),
        (changed('["readiness.path"]', '"x"'), "kforge.lock:9", "`pinned` has an unexpected value"),
        (changed('["readiness.path"]', '["x"]  # why'), "kforge.lock:9", "there is more than the value on this line"),
        (changed("      ratio", "      approved: 7\n      ratio"), "kforge.lock:10", "`approved` has an unexpected value"),
        (changed("ratio: 0.5", "ratio:"), "kforge.lock:10", "neither a topic nor a field"),
        (changed("ratio: 0.5", "ratio:  0.5"), "kforge.lock:10", "expecting value"),
        (changed("ratio: 0.5", "ratio: .5"), "kforge.lock:10", "expecting value"),
        (changed("ratio: 0.5", "ratio: half"), "kforge.lock:10", "expecting value"),
        (changed("ratio: 0.5", "ratio: NaN"), "kforge.lock:10", "nan is not json"),
        (changed("ratio: 0.5", "ratio: -Infinity"), "kforge.lock:10", "-infinity is not json"),
        (changed("ratio: 0.5", "ratio: 1e999"), "kforge.lock:10", "too large"),
        (changed("0.5", "9" * 5000), "kforge.lock:10", "exceeds the limit"),
        (changed("0.5", "[" * 200_000), "kforge.lock:10", "nested too deeply"),
        (changed("0.5", '"\\ud800"'), "kforge.lock:10", "half of an escaped character"),
        (changed("0.5", '{"\\udc00": 1}'), "kforge.lock:10", "half of an escaped character"),
        (changed("0.5", '0.5  # "\\ud800"'), "kforge.lock:10", "half of an escaped character"),
        (changed("serves", "serv\u200bes"), "kforge.lock:11", "an invisible character"),
        (changed("0.5", "\t0.5"), "kforge.lock:10", "has a tab"),
        (changed("/ready\"", "/re\x7fady\""), "kforge.lock:11", "an invisible character"),
        (changed("0.5", '0.5  # "a" b'), "kforge.lock:10", "extra data"),
        (changed("0.5", "0.5 # why"), "kforge.lock:10", "there is more than the value on this line"),
        (changed("0.5", "0.5,"), "kforge.lock:10", "there is more than the value on this line"),
        (changed("0.5", '0.5 "x"'), "kforge.lock:10", "there is more than the value on this line"),
        (changed("ratio", "ra.tio"), "kforge.lock:10", "neither a topic nor a field"),
        (changed("ratio", '"ratio"'), "kforge.lock:10", "neither a topic nor a field"),
        (changed("ratio", "On"), "kforge.lock:10", "neither a topic nor a field"),
        (changed("ratio", "r" * 101), "kforge.lock:10", "neither a topic nor a field"),
        (changed("ratio", "readiness"), "kforge.lock:11", "`readiness` is in it twice"),
        (changed("      ratio", "\tratio"), "kforge.lock:10", "neither a topic nor a field"),
        (changed('"port": 80}', '"port": 80'), "kforge.lock:11", "expecting ',' delimiter"),
        (changed("      ratio", "# mine\n      ratio"), "kforge.lock:10", "neither a topic nor a field"),
    ],
)  # fmt: skip
def test_damage_is_named_with_its_line_and_the_way_out(data: str | bytes, place: str, said: str) -> None:
    message, where, hint = problem(data)
    assert (said in message, where, "git checkout" in hint) == (True, place, True), message


def test_the_line_of_a_damage_is_that_of_its_service() -> None:
    text = changed("  job: {}", "  job:\n    probes:\n      by: heuristics\n      ratio: 0.5").replace(
        '"/ready"', "/ready"
    )
    assert problem(text)[1] == "kforge.lock:14"


def test_too_many_blocks_are_refused_before_they_take_memory() -> None:
    assert f"more than {MAX_BLOCKS} blocks" in problem(changed("0.5", "[],[" * (MAX_BLOCKS // 2)))[0]


def test_a_newer_format_is_refused_whatever_it_holds() -> None:
    for text in (changed("lock: 2", "lock: 3"), "# A lock.\nlock: 3\nanything: else\n"):
        message, _, hint = problem(text)
        assert (message, "install the newer kforge" in hint) == (
            "`kforge.lock` was written by a newer kforge (format 3)",
            True,
        )


def test_a_topic_that_this_kforge_lacks_is_refused() -> None:
    with pytest.raises(InputError, match="topic `probes` of service `web`, which this kforge does not have"):
        parsed(TEXT, known=Revisions(topics={}, detectors={"python": 1}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"detector": "cobol"}, "detector `cobol` of service `web`, which this kforge does not have"),
        (
            {"detector_revision": 2},
            "newer kforge: detector `python` of service `web` has revision 2, and this kforge has 1",
        ),
        (
            {"decisions": {"probes": replace(DECISION, revision=3)}},
            "newer kforge: topic `probes` of service `web` has revision 3, and this kforge has 2",
        ),
    ],
)
def test_what_a_newer_kforge_settled_is_refused(changes: dict[str, Any], said: str) -> None:
    lock = Lock(services={**LOCK.services, "web": replace(LOCK.services["web"], **changes)})
    with pytest.raises(InputError) as caught:
        parsed(TEXT, lock)
    assert said in caught.value.problems[0].message and "install the" in caught.value.problems[0].hint


# --- what is read, and is not as a build writes it ---


def test_windows_line_ends_are_read() -> None:
    lock = parsed(TEXT.replace("\n", "\r\n"))
    assert (lock, lock.odd) == (LOCK, False)


@pytest.mark.parametrize(
    "text",
    [
        changed("ratio: 0.5", "ratio: 0.50"),
        changed('{"path": "/ready", "port": 80}', '{"port":80,"path":"/ready"}'),
        changed("by: heuristics", 'by: {"by": "heuristics"}'),
        changed("# »/ready« is", '# "»/ready« is').replace("serves\n", 'serves"\n'),
        changed("      by: heuristics\n", "").replace("      ratio", "      by: heuristics\n      ratio"),
        changed("  job: {}\n\n", "").replace("\n# What these", "\n  job: {}\n\n# What these"),
        changed("  job: {}\n\n", "  job: {}\n"),
        changed("  job: {}\n", "  job:\n"),
        changed("0.5\n", "0.5\n\n"),
    ],
)
def test_another_layout_says_the_same_and_is_not_as_a_build_writes_it(text: str) -> None:
    lock = parsed(text)
    assert (lock, lock.odd) == (LOCK, True)


def test_a_block_that_the_sums_do_not_know_is_read_and_is_not_as_a_build_left_it() -> None:
    text = changed("0.5", "0.75")
    lock = parsed(text)
    assert lock.odd and lock.services["web"].decisions["probes"].value["ratio"] == 0.75


def test_answers_that_the_sums_do_not_know_are_made_of_nothing_that_there_is() -> None:
    decision = parsed(TEXT, Lock()).services["web"].decisions["probes"]
    assert (decision.inputs, decision.revision) == (lockfile.UNRECORDED, 1)


# --- whatever is in the file ---


@settings(deadline=None)
@given(
    st.binary(max_size=200)
    | st.text(max_size=80).map(lambda text: (HEAD + text + lockfile.FOOTER + "\n").encode(errors="replace"))
)
@example(b"\x00")
def test_any_bytes_give_a_lock_or_an_error(data: bytes) -> None:
    with suppress(InputError):
        parsed(data)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, len(TEXT)),
    st.integers(0, 12),
    st.text(max_size=4) | st.sampled_from(("\n", ": ", '"', "  ", "\r", "{}")),
)
def test_any_damage_gives_an_error_or_a_lock_that_reads_back(at: int, length: int, text: str) -> None:
    try:
        lock = parsed((TEXT[:at] + text + TEXT[at + length :]).encode(errors="replace"))
    except InputError:
        return
    again = parsed(lockfile.render(lock), lock)
    assert (again, again.odd) == (lock, False)


TOKENS = ("\n", ": ", '"', "  ", "\r", "{}", "  # ", "\t", "\x85", "\u2028", "\ufeff", "'", "- ", "&a ", "!", "%", "\\")


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(len(HEAD), len(TEXT)), st.integers(0, 12), st.text(max_size=4) | st.sampled_from(TOKENS))
@example(TEXT.index("serves"), 0, "\u2028")
@example(TEXT.index("serves"), 0, "\r")
@example(TEXT.index("ready"), 0, "\x7f")
def test_what_is_accepted_is_yaml_that_says_the_same(at: int, length: int, text: str) -> None:
    whole = (TEXT[:at] + text + TEXT[at + length :]).encode(errors="replace").decode()
    try:
        lock = parsed(whole, known=None)
    except InputError:
        return
    assert yaml.safe_load(whole) == locks.data(lock)


def _places(raw: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    below = (
        [place for key, inner in raw.items() for place in _places(inner, (*path, key))] if isinstance(raw, dict) else []
    )
    return [*([path] if path else []), *below]


def with_value(path: tuple[str, ...], to: Any) -> Any:
    """The lock as data with one value replaced."""
    raw = yaml.safe_load(TEXT)
    here = raw
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = to
    return raw


def text_of(raw: Any) -> str:
    """Data as a text of the lock's form, whatever it is."""

    def each(held: Any) -> Any:
        return held.items() if isinstance(held, dict) else [("x", held)]

    services = raw["services"]
    lines = [lockfile.HEADER, f"lock: {json.dumps(raw['lock'])}", "services: {}" if services == {} else "services:"]
    for name, service in each(services):
        lines.append(f"  {name}:")
        for topic, fields in each(service):
            lines += [f"    {topic}:", *(f"      {key}: {json.dumps(value)}" for key, value in each(fields))]
            lines = [line.replace('by: "heuristics"', "by: heuristics") for line in lines]
        lines.append("")
    return "\n".join([*lines, lockfile.FOOTER]) + "\n"


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
PLACES = _places(yaml.safe_load(TEXT))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), ANY)
def test_any_value_anywhere_gives_a_lock_that_can_be_written_or_an_error(path: tuple[str, ...], to: Any) -> None:
    try:
        lock = parsed(text_of(with_value(path, to)), known=None)
    except InputError:
        return
    assert parsed(lockfile.render(lock), lock, None) == lock


# --- the schema ---


VALID = jsonschema_rs.validator_for(lock_schema()).is_valid


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), ANY | VALUES.map(lambda value: {"by": "model", **value}))
def test_what_the_schema_accepts_is_read(path: tuple[str, ...], to: Any) -> None:
    raw = with_value(path, to)
    try:
        valid = VALID(raw)
    except ValueError:  # NaN, a lone surrogate: no JSON to begin with
        return
    if valid and not any(isinstance(held, float) for held in _leaves(raw)):
        by = json.dumps(raw).replace('"by": "model"', '"by": {"by": "model"}')  # a bare name is of another spelling
        assert parsed(text_of(json.loads(by)), known=None).services.keys() == raw["services"].keys()


def _leaves(raw: Any) -> list[Any]:
    inner = raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else None
    return [raw] if inner is None else [leaf for one in inner for leaf in _leaves(one)]


@pytest.mark.parametrize(
    "lock", [LOCK, Lock(), answering(decider=MODEL), answering(approved="0" * 16), Lock(services={"on": ServiceLock()})]
)
def test_the_schema_accepts_what_is_written(lock: Lock) -> None:
    assert VALID(yaml.load(lockfile.render(lock), yaml.CSafeLoader))


@pytest.mark.parametrize(
    ("path", "to"),
    [
        (("lock",), 1),
        (("lock",), "2"),
        (("services",), []),
        (("more",), 1),
        (("services", "Web"), {}),
        (("services", "web"), None),
        (("services", "web", "probes"), {}),
        (("services", "web", "probes"), {"by": "a", "two words": 1}),
        (("services", "web", "probes"), {"by": "a", "On": 1}),
        (("services", "web", "probes", "by"), 7),
        (("services", "web", "probes", "by"), {"who": "me"}),
        (("services", "web", "probes", "pinned"), "x"),
        (("services", "web", "probes", "approved"), "yes"),
    ],
)
def test_the_schema_refuses_what_is_no_lock(path: tuple[str, ...], to: Any) -> None:
    assert not VALID(with_value(path, to))


def test_the_committed_schema_is_the_generated_one() -> None:
    """On drift: `python -c "from kforge.system.lockschema import schema_text; print(schema_text(), end='')"`."""
    assert (Path(__file__).parents[2] / "schemas" / "lock.schema.json").read_text(encoding="utf-8") == schema_text()
