"""One trial: a run of questions through decider, cache and transport against a server that fails at one of them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from kforge.deciders.model import ModelDecider, Skills
from kforge.domain.decision import Answer, Topic
from kforge.domain.facts import NOTHING
from kforge.domain.model.pending_decision import PendingDecision, Unanswered
from kforge.domain.model.question import Rejected
from kforge.domain.model.request import Endpoint, Fault, Message, Request, ServedModel
from kforge.domain.model.retry import Patience
from kforge.errors import Error
from kforge.llm.json_recovery import recover
from kforge.providers.openai import PROVIDER
from kforge.system.http.transport import Transport
from kforge.system.rate_limits import Budget, RateLimits
from kforge.system.store.answers import Answers
from tests.fault_injection.server import MODEL, Server
from tests.fault_injection.troubles import ATTEMPTS, Trouble

N = 6
POSITIONS = {"first": 0, "middle": N // 2, "last": N - 1}
CACHES = {"cold": (), "half": (1, 2, 4)}  # questions that were answered before; none of them is struck
HOSTS = ("127.0.0.1", "model.localhost", "model.test")
DEADLINE = 60.0  # seconds for a run, whatever happens
SLACK = 30.0  # for a busy machine
KEY = "sk-" + "proj-Q7/f0" + "Zp3XwVb81LmNcRt65"
QUICK = Patience(
    connect=5.0, answer=2.0, listing=1.5, first=0.01, longest=0.03, obeyed=2.0, loading=0.25, tries=6, lost=2, strikes=3
)
SCHEMA = {
    "type": "object",
    "properties": {
        "size": {"type": "integer", "minimum": 0, "maximum": 99},
        "kind": {"type": "string", "enum": ["small", "big"]},
    },
    "required": ["size", "kind"],
    "additionalProperties": False,
}
TOPIC = Topic(name="size", revision=1, fields={}, heuristics=lambda view: Answer({}, {}))


@dataclass
class World:
    """Where a trial asks, and how trouble begins and ends."""

    server: Server
    url: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    strike: Callable[[int], None] = lambda number: None
    heal: Callable[[], None] = lambda: None


@dataclass
class Result:
    trouble: Trouble
    position: str
    cache: str
    seconds: float
    requests: list[int]  # a question
    kinds: list[str]  # of the faults of the struck question
    sorts: list[str]  # of each question's end; "" is an answer
    said: str  # everything that anybody may read
    struck: str  # what was said of the struck question
    hints: list[str]
    again: list[int]  # requests a question of a second run, with all well

    def line(self) -> str:
        ends = ",".join(sort or "ok" for sort in self.sorts)
        return "\t".join(
            (
                self.trouble.name,
                self.position,
                self.cache,
                f"{self.seconds:.2f} s",
                str(sum(self.requests)),
                ",".join(self.kinds) or "-",
                ends,
                self.struck or "-",
            )
        )

    def wrong(self) -> list[str]:
        """What is not as it must be."""
        at, trouble = POSITIONS[self.position], self.trouble
        held = CACHES[self.cache]
        bound = trouble.most * (ATTEMPTS if trouble.kind in ("garbled", "cut", "refused") else 1)
        checks = {
            "deadline": self.seconds <= DEADLINE + SLACK,
            "requests": self.requests[at] <= bound,
            "others asked once": all(count <= 1 for number, count in enumerate(self.requests) if number != at),
            "cached are not asked": not any(self.requests[number] for number in held),
            "sort": self.sorts[at] == trouble.sort,
            "kind": set(self.kinds) == ({trouble.kind} if trouble.kind else set()),
            "before": not any(self.sorts[:at]),
            "after": self._after(at, held),
            "names the target": not trouble.sort or f"`s{at}/size`" in self.struck,
            "names the server": not trouble.kind or any(f"`{host}`" in self.struck for host in HOSTS),
            "way out": not trouble.sort or "kforge pin" in self.struck,
            "hint": all(self.hints),
            "key": KEY not in self.said and KEY[:12] not in self.said and "s3cret" not in self.said,
            "no control characters": all(char.isprintable() or char == "\n" for char in self.said),
            "goes on": all(count == (1 if self.sorts[number] else 0) for number, count in enumerate(self.again))
            or trouble.sort == "WorldError",  # an answer that was rejected is cached, and rejected again
        }
        return [name for name, right in checks.items() if not right]

    def _after(self, at: int, held: tuple[int, ...]) -> bool:
        later = [sort for number, sort in enumerate(self.sorts) if number > at and number not in held]
        return all(sort == self.trouble.sort for sort in later) if self.trouble.ends else not any(later)


class Run:
    """Questions asked in order; what was said is kept."""

    def __init__(
        self, world: World, answers: Answers, salt: str, parallel: int = 1, patience: Patience = QUICK
    ) -> None:
        self.world, self.answers, self.salt = world, answers, salt
        self.said: list[str] = []
        self.kinds: dict[int, list[str]] = {}
        self.hints: list[str] = []
        self.limits = RateLimits(Budget(seconds=DEADLINE))
        # llama-server's accent tells a wrong model apart; `local` is what keeps on asking while it loads.
        endpoint = Endpoint(
            "openai", ServedModel(MODEL), world.url or world.server.url, KEY, True, parallel, dialect="llama-server"
        )
        self.transport = Transport(
            endpoint,
            PROVIDER,
            self.limits,
            tell=self.said.append,
            patience=patience,
            environ=world.environ,
            largest=1 << 20,
        )

    def ask(self, numbers: range | list[int]) -> list[Any]:
        record = self.transport.endpoint.decider()
        skills = Skills(self._prompt, self._complete, _read)
        decider = ModelDecider(
            skills, record, lambda one: True, self.transport.endpoint.parallel, tell=self.said.append
        )
        opens = [_open(number) for number in numbers]
        with self.transport:
            return decider(opens)

    def _prompt(self, question: Any) -> Request:
        number = int(question.view.service[1:])
        earlier = [Message("user", f"attempt {question.attempt}")] if question.attempt else []
        asked = Message("user", f"question {number} of {self.salt}")
        return Request(
            question.target, (Message("system", "Decide."), asked, *earlier), SCHEMA, attempt=question.attempt
        )

    def _complete(self, request: Request) -> Any:
        number = int(request.target[1:].partition("/")[0])
        try:
            provider, endpoint = self.transport.provider, self.transport.endpoint
            return self.answers.complete(endpoint, provider, request, lambda: self._struck(number, request))[0]
        except Fault as fault:
            self.kinds.setdefault(number, []).append(fault.kind)
            self.hints.append(fault.hint)
            self.said += [fault.message, fault.hint, repr(fault)]
            raise

    def _struck(self, number: int, request: Request) -> Any:
        self.world.strike(number)
        try:
            return self.transport.complete(request)
        finally:
            self.world.heal()


def _open(number: int) -> PendingDecision:
    return PendingDecision(TOPIC, SimpleNamespace(service=f"s{number}"), {}, None, "open", facts=NOTHING)  # type: ignore[arg-type]


def _read(text: str, question: Any) -> Answer:
    found = recover(text, ("size", "kind"))
    if set(found) != {"size", "kind"} or found["kind"] not in ("small", "big") or found["size"] not in range(100):
        raise Rejected(f"the answer does not fit: {json.dumps(found)[:80]}")
    return Answer(found, {"size": "it fits", "kind": "it fits"})


def sort_of(reply: Any) -> str:
    error = reply.error if isinstance(reply, Unanswered) else reply
    return type(error).__name__ if isinstance(error, Error) else ""


def words_of(reply: Any) -> str:
    error = reply.error if isinstance(reply, Unanswered) else reply
    return " ".join(f"{one.message} | {one.hint}" for one in error.problems) if isinstance(error, Error) else ""


def trial(trouble: Trouble, position: str, cache: str, answers: Answers, world: World) -> Result:
    """Run with the trouble, then again with all well and the same cache."""
    at = POSITIONS[position]
    salt = f"{trouble.name} {position} {cache}"
    Run(World(world.server, world.url, world.environ), answers, salt).ask(list(CACHES[cache]))
    world.server.asked.clear()
    world.server.struck = {at}
    run = Run(world, answers, salt)
    begin = time.monotonic()
    replies = run.ask(range(N))
    seconds = time.monotonic() - begin
    requests = [world.server.asked[number] for number in range(N)]
    world.server.struck = set()
    world.server.asked.clear()
    Run(World(world.server, world.url, world.environ), answers, salt).ask(range(N))
    again = [world.server.asked[number] for number in range(N)]
    said = "\n".join([*run.said, *(words_of(reply) for reply in replies)])
    return Result(
        trouble,
        position,
        cache,
        seconds,
        requests,
        run.kinds.get(at, []),
        [sort_of(reply) for reply in replies],
        said,
        words_of(replies[at]),
        run.hints,
        again,
    )


def threads() -> int:
    """Threads of ours that are alive: none may be left behind."""
    return sum(thread.name.startswith(("kforge", "ThreadPool")) for thread in threading.enumerate())
