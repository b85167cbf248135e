"""kforge.lock as kforge 0.1 wrote it: it is read, what is wrong with it is named, and it can be written in today's form."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kforge.domain.decider import HEURISTICS
from kforge.domain.lock import Lock, LockedDecision, Revisions, ServiceLock, Sums
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.errors import InputError
from kforge.system import locked

KNOWN = Revisions(topics={"probes": 2}, detectors={"python": 1})
TEXT = """\
{
  "app": {
    "inputs": {
      "app.labels": "fedcba9876543210"
    }
  },
  "lock": 1,
  "services": {
    "job": {
      "decisions": {},
      "inputs": {}
    },
    "web": {
      "decisions": {
        "probes": {
          "approved": "0123456789abcdef",
          "decider": {
            "by": "heuristics"
          },
          "inputs": {
            "facts.health": "0123456789abcdef",
            "spec.port": "-"
          },
          "pinned": [
            "readiness.path"
          ],
          "reasons": {
            "readiness": "»/ready« is what the source serves"
          },
          "revision": 2,
          "value": {
            "ratio": 0.5,
            "readiness": {
              "path": "/ready",
              "port": 80
            }
          }
        }
      },
      "detector": {
        "name": "python",
        "revision": 1
      },
      "inputs": {
        "spec.port": "-"
      }
    }
  }
}
"""
LOCK = Lock(
    services={
        "job": ServiceLock(),
        "web": ServiceLock(
            decisions={
                "probes": LockedDecision(
                    value={"readiness": {"path": "/ready", "port": 80}, "ratio": 0.5},
                    reasons={"readiness": "»/ready« is what the source serves"},
                    decider=HEURISTICS,
                    revision=2,
                    inputs={"facts.health": "0123456789abcdef", "spec.port": "-"},
                    pinned=("readiness.path",),
                    approved="0123456789abcdef",
                )
            },
            inputs={"spec.port": "-"},
            detector="python",
            detector_revision=1,
        ),
    },
    inputs={"app.labels": "fedcba9876543210"},
)
PROBES = ("services", "web", "decisions", "probes")


def parsed(data: bytes | str, known: Revisions | None = KNOWN) -> Lock:
    return locked.parse({LOCK_FILE: data if isinstance(data, bytes) else data.encode()}, known)[0]


def renewed(lock: Lock) -> Lock:
    """A lock as it reads once it was written in today's form."""
    texts = zip((LOCK_FILE, SUMS_FILE), locked.render(lock, Sums()), strict=True)
    return locked.parse({name: text.encode() for name, text in texts}, KNOWN)[0]


def changed(*path: str, to: Any) -> str:
    """The lock with one field replaced; `...` deletes it."""
    raw = json.loads(TEXT)
    here = raw
    for key in path[:-1]:
        here = here[key]
    if to is ...:
        del here[path[-1]]
    else:
        here[path[-1]] = to
    return json.dumps(raw)


def message(data: bytes | str) -> str:
    """Place, message and way out of the error that a text is."""
    with pytest.raises(InputError) as caught:
        parsed(data)
    (only,) = caught.value.problems
    return f"{only.where}: {only.message}; {only.hint}"


def test_what_kforge_0_1_wrote_is_read_and_called_older() -> None:
    lock = parsed(TEXT)
    assert (lock, lock.older, lock.odd, lock.lost) == (LOCK, True, False, False)


def test_windows_line_ends_are_read() -> None:
    assert parsed(TEXT.replace("\n", "\r\n")) == LOCK


def test_it_is_the_same_once_it_was_written_in_the_form_of_today() -> None:
    again = renewed(parsed(TEXT))
    assert (again, again.older, again.odd) == (LOCK, False, False)


def test_sums_have_no_say_in_what_an_older_lock_holds() -> None:
    other = Lock(services={"web": ServiceLock(detector="python", detector_revision=1)})
    files = {LOCK_FILE: TEXT.encode(), SUMS_FILE: locked.render(other, Sums())[1].encode()}
    assert locked.parse(files, KNOWN)[0] == LOCK


def test_conflict_markers_are_named_with_the_way_out() -> None:
    text = TEXT.replace('  "lock": 1,\n', '<<<<<<< HEAD\n  "lock": 1,\n=======\n  "lock": 1,\n>>>>>>> side\n')
    assert message(text).startswith("kforge.lock:7: `kforge.lock` has conflict markers of a merge; run `kforge build`")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("{", "kforge.lock:1: `kforge.lock` is damaged: expecting property name"),
        (TEXT[:-20], "kforge.lock:46: `kforge.lock` is damaged: expecting"),
        (b"{\n\xff", "kforge.lock:2: `kforge.lock` is not UTF-8"),
        ('{"lock": ' + "[" * 200_000, "nested too deeply"),
        ('{"lock": ' + "[],[" * 600_000, "more than 1000000 blocks"),
        ('{"lock": NaN}', "nan is not json"),
        ('{"lock": 1e999}', "too large"),
        ('{"lock": ' + "9" * 5000 + "}", "exceeds the limit"),
        ('{"lock": "\\ud800"}', "half of an escaped character"),
        ("{}", "`lock` of `kforge.lock` is not the number of a format"),
        ('{"lock": true}', "`lock` of `kforge.lock` is not the number of a format"),
        ('{"lock": 1}', "lacks `app`"),
        (changed("services", to=[]), "`services` of"),
        (changed("app", to={}), "`app` of `kforge.lock` lacks `inputs`"),
        (changed("more", to=1), "unknown key `more`"),
        (changed("app", "inputs", "app.labels", to=3), "`app.inputs` of"),
        (changed("services", "web", to=None), "`services.web` of"),
        (changed("services", "Web x", to={}), "`services` of `kforge.lock` has `Web x`, which is not a name"),
        (changed("services", "web", "decisions", to="x"), "`services.web.decisions` of"),
        (changed("services", "web", "decisions", "two words", to={}), "has `two words`, which is not a name"),
        (changed("services", "web", "inputs", to=["x"]), "`services.web.inputs` of"),
        (changed("services", "web", "detector", to="python"), "`services.web.detector` of"),
        (changed("services", "web", "detector", "name", to=""), "`services.web.detector.name` of"),
        (changed("services", "web", "detector", "revision", to="1"), "`services.web.detector.revision` of"),
        (changed(*PROBES, to=[]), "`services.web.decisions.probes` of"),
        (changed(*PROBES, "value", to=...), "lacks `value`"),
        (changed(*PROBES, "value", to=7), "`services.web.decisions.probes.value` of"),
        (changed(*PROBES, "value", "a b", to=7), "has `a b`, which is not a name"),
        (changed(*PROBES, "value", "on", to=7), "has `on`, which is not a name"),
        (changed(*PROBES, "value", "by", to=7), "has `by`, which is not a name"),
        (changed(*PROBES, "reasons", to={"a": 1}), "`services.web.decisions.probes.reasons` of"),
        (changed(*PROBES, "revision", to=0), "`services.web.decisions.probes.revision` of"),
        (changed(*PROBES, "decider", to={}), "`services.web.decisions.probes.decider.by` of"),
        (changed(*PROBES, "pinned", to=[1]), "`services.web.decisions.probes.pinned` of"),
        (changed(*PROBES, "approved", to=7), "`services.web.decisions.probes.approved` of `kforge.lock` is not a digest"),
    ],
)  # fmt: skip
def test_damage_is_named_by_its_place_with_the_way_out(data: bytes | str, said: str) -> None:
    told = message(data)
    assert said in told and "git checkout HEAD -- kforge.lock" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (changed("lock", to=2), "written by a newer kforge (format 2)"),
        (changed(*PROBES, "revision", to=3), "topic `probes` of service `web` has revision 3, and this kforge has 2"),
        (
            changed("services", "web", "detector", "revision", to=2),
            "service `web` has revision 2, and this kforge has 1",
        ),
        (changed("services", "web", "detector", "name", to="cobol"), "which this kforge does not have"),
    ],
)
def test_what_a_newer_kforge_wrote_is_refused(text: str, said: str) -> None:
    told = message(text)
    assert said in told and "install the" in told


def test_a_digest_of_an_odd_form_equals_no_other() -> None:
    lock = parsed(changed(*PROBES, "inputs", "spec.port", to="-\n# app"))
    assert lock.services["web"].decisions["probes"].inputs["spec.port"] == "?"


def test_a_reason_for_no_field_is_read_and_has_no_place_in_the_form_of_today() -> None:
    lock = parsed(changed(*PROBES, "reasons", "nothing", to="why"))
    reasons = [one.services["web"].decisions["probes"].reasons for one in (lock, renewed(lock))]
    assert [reason.get("nothing") for reason in reasons] == ["why", None]


@settings(deadline=None)
@given(st.binary(max_size=200))
@example(b"\x00")
def test_any_bytes_give_a_lock_or_an_error(data: bytes) -> None:
    with suppress(InputError):
        parsed(b"{" + data)


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


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from([place for place in _places(json.loads(TEXT)) if "reasons" not in place]), ANY)
@example((*PROBES, "inputs"), {"": "-"})
@example((*PROBES, "inputs"), {"a b\n": "\n", "%41=": "", "services.x": "0" * 16})
@example((*PROBES, "decider"), {"by": "a\nb", "model": "\u202e"})
def test_any_value_anywhere_gives_an_error_or_a_lock_that_reads_back_in_the_form_of_today(
    path: tuple[str, ...], to: Any
) -> None:
    try:
        lock = parsed(changed(*path, to=to))
    except InputError:
        return
    kept = Lock(
        services={
            name: ServiceLock(
                decisions={topic: _said(one) for topic, one in held.decisions.items()},
                inputs=held.inputs,
                detector=held.detector,
                detector_revision=held.detector_revision,
            )
            for name, held in lock.services.items()
        },
        inputs=lock.inputs,
    )
    assert renewed(lock) == kept


def _said(held: LockedDecision) -> LockedDecision:
    """An answer without reasons for fields that it does not have."""
    return LockedDecision(
        value=held.value,
        reasons={name: why for name, why in held.reasons.items() if name in held.value},
        decider=held.decider,
        revision=held.revision,
        inputs=held.inputs,
        pinned=held.pinned,
        approved=held.approved,
    )
