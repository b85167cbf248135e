"""The lock: what is written reads back, and whatever stands in the file gives a Lock or a clear error."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kforge.domain.lock import Lock, LockedDecision, Revisions, ServiceLock
from kforge.errors import InputError, WorldError
from kforge.system import lockfile
from kforge.system.lockschema import lock_schema, schema_text
from tests.system.builds import unprivileged

KNOWN = Revisions(topics={"probes": 2}, detectors={"python": 1})
DECISION = LockedDecision(
    value={"readiness": {"path": "/ready", "port": 80}, "ratio": 0.5},
    reasons={"readiness": "»/ready« is what the source serves"},
    decider={"by": "heuristics"},
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
TEXT = lockfile.render(LOCK)


def parsed(raw: Any, known: Revisions | None = None) -> Lock:
    return lockfile.parse(json.dumps(raw).encode(), "kforge.lock", known)


def changed(*path: str, to: Any) -> Any:
    """The lock as JSON with one field replaced; `...` deletes it."""
    raw = json.loads(TEXT)
    here = raw
    for key in path[:-1]:
        here = here[key]
    if to is ...:
        del here[path[-1]]
    else:
        here[path[-1]] = to
    return raw


def problem(caught: pytest.ExceptionInfo[InputError]) -> tuple[str, str, str]:
    (only,) = caught.value.problems
    return only.message, str(only.where), only.hint


def test_what_is_written_reads_back() -> None:
    assert lockfile.parse(TEXT.encode(), "kforge.lock", KNOWN) == LOCK


def test_the_text_is_sorted_indented_unescaped_and_ends_its_last_line() -> None:
    assert json.dumps(json.loads(TEXT), indent=2, sort_keys=True, ensure_ascii=False) + "\n" == TEXT
    assert TEXT.startswith('{\n  "app": {\n    "inputs": {\n')
    assert "»/ready«" in TEXT


def test_the_order_in_which_a_lock_was_made_does_not_show() -> None:
    other = Lock(services=dict(reversed(LOCK.services.items())), inputs=LOCK.inputs)
    assert lockfile.render(other) == TEXT


def test_a_lost_lock_is_empty_and_says_so(tmp_path: Path) -> None:
    lock = lockfile.load(tmp_path / "kforge.lock", tmp_path)
    assert (lock, lock.lost) == (Lock(), True)


def test_a_lock_on_disk_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "kforge.lock").write_text(TEXT, encoding="utf-8")
    lock = lockfile.load(tmp_path / "kforge.lock", tmp_path, KNOWN)
    assert (lock, lock.lost) == (LOCK, False)


def test_a_folder_in_the_place_of_the_lock_is_named(tmp_path: Path) -> None:
    (tmp_path / "kforge.lock").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        lockfile.load(tmp_path / "kforge.lock", tmp_path)


def test_a_lock_that_cannot_be_read_is_the_worlds_fault() -> None:
    with unprivileged() as folder:
        (folder / "kforge.lock").touch(mode=0o000)
        with pytest.raises(WorldError, match=r"cannot read `kforge.lock`: permission denied"):
            lockfile.load(folder / "kforge.lock", folder)


def test_a_link_in_the_place_of_a_lock_is_the_inputs_fault(tmp_path: Path) -> None:
    (tmp_path / "kforge.lock").symlink_to("kforge.lock")
    with pytest.raises(InputError, match=r"`.*kforge.lock` is a symbolic link"):
        lockfile.load(tmp_path / "kforge.lock", tmp_path)


@pytest.mark.parametrize("style", ["merge", "diff3"])
def test_conflict_markers_are_named_with_the_way_out(style: str) -> None:
    lines = TEXT.splitlines(keepends=True)
    middle = ["||||||| 1234567\n", lines[3]] if style == "diff3" else []
    text = "".join(
        [*lines[:3], "<<<<<<< HEAD\n", lines[3], *middle, "=======\n", lines[3], ">>>>>>> side\n", *lines[4:]]
    )
    with pytest.raises(InputError) as caught:
        lockfile.parse(text.encode(), "kforge.lock")
    message, where, hint = problem(caught)
    assert (message, where) == ("`kforge.lock` holds conflict markers of a merge", "kforge.lock:4")
    assert "take either side" in hint and "kforge build" in hint


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "expecting value"),
        (b"not json", "expecting value"),
        (TEXT.encode()[:-20], "expecting"),
        (b"\xff\xfe", "no UTF-8"),
        (b'\xef\xbb\xbf{"lock": 1}', "damaged"),
        (b"[" * 200_000, "nested too deeply"),
        (b'{"lock": NaN}', "nan is no json"),
        (b'{"lock": 1e999}', "too large"),
        (b'{"lock": ' + b"9" * 5000 + b"}", "exceeds the limit"),
        (b'{"lock": "\\ud800"}', "half a character"),
        (b"[]", "`kforge.lock` is no mapping"),
        (b"{}", "`lock` of `kforge.lock` is not the number of a format"),
        (b'{"lock": true}', "`lock` of `kforge.lock` is not the number of a format"),
        (b'{"lock": 1}', "lacks `app`"),
    ],
)  # fmt: skip
def test_damage_is_named_with_the_way_out(data: bytes, said: str) -> None:
    with pytest.raises(InputError) as caught:
        lockfile.parse(data, "kforge.lock")
    message, where, hint = problem(caught)
    assert said in message and where.startswith("kforge.lock") and "git checkout" in hint


@pytest.mark.parametrize(
    ("path", "to", "said"),
    [
        (("services",), [], "`services` of"),
        (("app",), {}, "`app` of `kforge.lock` lacks `inputs`"),
        (("more",), 1, "unknown key `more`"),
        (("app", "inputs", "app.labels"), 3, "`app.inputs` of"),
        (("services", "web"), None, "`services.web` of"),
        (("services", "web", "decisions"), "x", "`services.web.decisions` of"),
        (("services", "web", "inputs"), ["x"], "`services.web.inputs` of"),
        (("services", "web", "detector"), "python", "`services.web.detector` of"),
        (("services", "web", "detector", "name"), "", "`services.web.detector.name` of"),
        (("services", "web", "detector", "revision"), "1", "`services.web.detector.revision` of"),
        (("services", "web", "decisions", "probes"), [], "`services.web.decisions.probes` of"),
        (("services", "web", "decisions", "probes", "value"), ..., "lacks `value`"),
        (("services", "web", "decisions", "probes", "value"), 7, "`services.web.decisions.probes.value` of"),
        (("services", "web", "decisions", "probes", "reasons"), {"a": 1}, "`services.web.decisions.probes.reasons` of"),
        (("services", "web", "decisions", "probes", "revision"), 0, "`services.web.decisions.probes.revision` of"),
        (("services", "web", "decisions", "probes", "decider"), {}, "`services.web.decisions.probes.decider.by` of"),
        (("services", "web", "decisions", "probes", "pinned"), [1], "`services.web.decisions.probes.pinned` of"),
    ],
)  # fmt: skip
def test_a_wrong_shape_is_named_by_its_place(path: tuple[str, ...], to: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parsed(changed(*path, to=to))
    assert said in problem(caught)[0]


@pytest.mark.parametrize(
    ("path", "to", "said"),
    [
        (("lock",), 2, "written by a newer kforge (format 2)"),
        (
            ("services", "web", "decisions", "probes", "revision"),
            3,
            "topic `probes` of service `web` has revision 3, ours is 2",
        ),
        (
            ("services", "web", "detector", "revision"),
            2,
            "detector `python` of service `web` has revision 2, ours is 1",
        ),
        (("services", "web", "detector", "name"), "cobol", "which this kforge does not have"),
    ],
)
def test_what_a_newer_kforge_wrote_is_refused(path: tuple[str, ...], to: Any, said: str) -> None:
    with pytest.raises(InputError) as caught:
        parsed(changed(*path, to=to), KNOWN)
    assert said in problem(caught)[0] and "install the" in problem(caught)[2]


def test_a_topic_that_this_kforge_lacks_is_refused() -> None:
    with pytest.raises(InputError, match="topic `probes` of service `web`, which this kforge does not have"):
        parsed(json.loads(TEXT), Revisions(topics={}, detectors={"python": 1}))


def test_windows_line_ends_are_read() -> None:
    assert lockfile.parse(TEXT.replace("\n", "\r\n").encode(), "kforge.lock") == LOCK


@settings(deadline=None)
@given(st.binary(max_size=200))
@example(b"\x00")
def test_any_bytes_give_a_lock_or_an_error(data: bytes) -> None:
    with suppress(InputError):
        lockfile.parse(data, "kforge.lock", KNOWN)


def _places(raw: Any, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    below = (
        [place for key, inner in raw.items() for place in _places(inner, (*path, key))] if isinstance(raw, dict) else []
    )
    return [*([path] if path else []), *below]


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(_places(json.loads(TEXT))), ANY)
def test_any_value_anywhere_gives_a_lock_that_can_be_written_or_an_error(path: tuple[str, ...], to: Any) -> None:
    try:
        lock = parsed(changed(*path, to=to), KNOWN)
    except InputError:
        return
    assert lockfile.parse(lockfile.render(lock).encode(), "kforge.lock") == lock


VALID = jsonschema_rs.validator_for(lock_schema()).is_valid


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(_places(json.loads(TEXT))), ANY)
def test_what_the_schema_accepts_is_read(path: tuple[str, ...], to: Any) -> None:
    raw = changed(*path, to=to)
    try:
        valid = VALID(raw)
    except ValueError:  # NaN, a lone surrogate: no JSON to begin with
        return
    if valid and not any(isinstance(held, float) for held in _leaves(raw)):
        parsed(raw)


def _leaves(raw: Any) -> list[Any]:
    inner = raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else None
    return [raw] if inner is None else [leaf for one in inner for leaf in _leaves(one)]


def test_the_schema_accepts_what_is_written() -> None:
    assert VALID(json.loads(TEXT))


def test_the_committed_schema_is_the_generated_one() -> None:
    """On drift: `python -c "from kforge.system.lockschema import schema_text; print(schema_text(), end='')"`."""
    assert (Path(__file__).parents[2] / "schemas" / "lock.schema.json").read_text(encoding="utf-8") == schema_text()
