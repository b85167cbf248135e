"""A spec's model block and the user's wishes → whoever answers the open questions of a run.

Nobody is looked for until a question is open that the spec leaves to a model: a build whose decisions are locked
probes no server, imports no HTTP and opens no cache.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from kforge import catalog
from kforge.deciders import heuristics
from kforge.domain.machine import Setting
from kforge.domain.model import Completion, Endpoint, Fault, Message, Model, Request
from kforge.domain.open import Ask, Open, Reply, Unanswered
from kforge.errors import Error, InputError, Place, Problem

if TYPE_CHECKING:
    from kforge.deciders.model import ModelDecider
    from kforge.domain.spec import Deciding
    from kforge.reach import Asker
    from kforge.stages.decide import World
    from kforge.system.answers import Answers
    from kforge.system.settings import Flags

ENDPOINT = "endpoint.json"  # in a folder of recordings: who answered them
SHOWN = 12  # open questions that a failure names one by one


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line says of asking. `flags` name server and model; limits are of the whole run, 0 for none."""

    flags: Flags
    offline: bool = False
    fallback: bool = False
    replay: Path | None = None
    record: bool = False
    max_requests: int = 0
    max_tokens: int = 0
    timeout: float = 0.0


@dataclass(slots=True)
class Heard:
    """Where the answers of a run came from, for its report."""

    sources: dict[str, int] = field(default_factory=dict)

    def add(self, source: str) -> None:
        self.sources[source] = self.sources.get(source, 0) + 1


@dataclass(slots=True)
class _Way:
    """The way to a model: whom the keys of answers name, and whoever is asked, opened for the first miss."""

    endpoint: Endpoint | None
    reach: Callable[[], Endpoint]
    enter: Callable[[Endpoint], Asker]
    _asker: Asker | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def complete(self, request: Request) -> Completion:
        with self._turn:
            if self._asker is None:
                known = self.endpoint
                self._asker = self.enter(known if known and known.base_url else self.reach())
        return self._asker.complete(request)


class Asking:
    """Enter it for a run; `who` gives the pipeline whoever answers a spec's questions."""

    def __init__(self, wish: Wish, tell: Callable[[str], None] = lambda line: None) -> None:
        self._wish, self._tell = wish, tell
        self._held = ExitStack()
        self._deciders: dict[tuple[str, ...], ModelDecider] = {}
        self._answers: Answers | None = None
        self.heard = Heard()

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._answers and kind:
            self._answers.cancel()
        self._held.__exit__(kind, error, trace)

    def who(self, world: World) -> Ask:
        """Whoever answers the open questions of this spec."""
        named = world.spec.model
        wish = Setting(named.name, "the spec", world.place(("model", "name"))) if named else None
        return partial(self._ask, named, wish) if named and wish else heuristics.ask

    def _ask(self, named: Deciding, wish: Setting, questions: Sequence[Open]) -> Sequence[Reply]:
        mine = [one for one in questions if one.topic.name in named.decides]
        if not mine:
            return heuristics.ask(questions)
        try:
            decider = self._decider(named, wish)
        except Error as error:
            return self._unreached(questions, mine, named, error)
        return decider(questions)

    def _unreached(self, questions: Sequence[Open], mine: Sequence[Open], named: Deciding, error: Error) -> Sequence[Reply]:
        """The heuristics' answers where the user allowed it, on record; else one failure that names what is open."""
        replies: dict[str, Reply] = dict(zip((one.target for one in questions), heuristics.ask(questions), strict=True))
        names = ", ".join(f"`{one.target}`" for one in mine[:SHOWN]) + (f" and {len(mine) - SHOWN} more" if mine[SHOWN:] else "")
        if self._wish.fallback:
            self._tell(f"answered by heuristics instead of `{named.name}`: {names}: {error.problems[0].message}")
        hint = "`--keep-stale` keeps what is locked, `--fallback heuristics` decides without the model, or pin what is open"
        failure = type(error)((*error.problems, Problem(f"open without an answer: {names}", hint=hint)))
        for one in mine:
            reply = replies[one.target]
            if not self._wish.fallback:
                replies[one.target] = Unanswered(failure)
            elif isinstance(reply, tuple):
                replies[one.target] = (reply[0], {"by": "heuristics", "instead of": named.name})
        return [replies[one.target] for one in questions]

    def _decider(self, named: Deciding, wish: Setting) -> ModelDecider:
        """The decider for a model block: reached and opened at its first question."""
        wanted = (named.name, *named.decides)
        if wanted not in self._deciders:
            self._deciders[wanted] = self._reached(named, wish)
        return self._deciders[wanted]

    def _reached(self, named: Deciding, wish: Setting) -> ModelDecider:
        # Prompts bring jinja2, reaching brings HTTP: neither for a run that asks nothing.
        from kforge.deciders.model import ModelDecider, Skills
        from kforge.reach import elsewhere, reach
        from kforge.stages.answer import read_answer
        from kforge.stages.prompt import prompt

        answers = self._opened()
        way = _Way(self._recorded(), lambda: reach(wish, self._wish.flags), self._entered)
        if self._wish.offline and way.endpoint is None:
            way.endpoint = Endpoint("openai", Model(named.name), "")  # nobody to ask: what is stored may still fit
        endpoint = way.endpoint = way.endpoint or way.reach()
        complete = partial(self._complete, way, answers)
        if self._wish.replay and self._wish.record:
            _note(self._wish.replay, endpoint)
        self._canary(endpoint, complete)
        skills = Skills(prompt=prompt, complete=complete, read=read_answer)
        return ModelDecider(skills, endpoint.record(), named.decides, endpoint.parallel, self._wish.fallback, self._tell)

    def _entered(self, endpoint: Endpoint) -> Asker:
        """An open endpoint, closed at the end of the run."""
        from kforge.reach import open_endpoint
        from kforge.system.limits import Budget, Limits

        limits = Limits(Budget(self._wish.max_requests, self._wish.max_tokens, self._wish.timeout))
        return self._held.enter_context(open_endpoint(endpoint, limits, self._tell))

    def _recorded(self) -> Endpoint | None:
        """Who answered what is recorded, so that a replay needs no server."""
        if self._wish.replay is None or self._wish.record:
            return None
        try:
            told = json.loads((self._wish.replay / ENDPOINT).read_text(encoding="utf-8"))
            model = Model(str(told["model"]), str(told["identity"]), bool(told["strong"]), int(told["context"]))
            return Endpoint(str(told["provider"]), model, "", parallel=16, server=str(told["server"]), dialect=str(told["dialect"]))
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, OSError) as error:
            place = Place(str(self._wish.replay / ENDPOINT))
            raise InputError(f"`{ENDPOINT}` of the recordings is damaged: {error}", place, "record again with `--record`") from None

    def _opened(self) -> Answers:
        """The caches: recordings where a folder is named, and this user's store."""
        if self._answers is None:
            import os

            from kforge.system.answers import Answers
            from kforge.system.cache_rows import place
            from kforge.system.completions import Store
            from kforge.system.replay import Replay

            store = self._held.enter_context(Store(place(os.environ), warn=self._tell))
            replay = Replay(self._wish.replay, self._wish.record) if self._wish.replay else None
            self._answers = Answers(store, replay, offline=self._wish.offline)
        return self._answers

    def _complete(self, way: _Way, answers: Answers, request: Request) -> Completion:
        from kforge.system.answers import Unknown

        endpoint = way.endpoint
        if endpoint is None:
            raise AssertionError("asked before anybody was reached")
        try:
            provider = catalog.providers()[endpoint.provider]
            completion, source = answers.complete(endpoint, provider, request, lambda: way.complete(request))
        except Unknown as unknown:
            raise Fault("request", f"was not asked, since `--offline` forbids it: {unknown.why}") from None
        self.heard.add(source)
        return completion

    def _canary(self, endpoint: Endpoint, complete: Callable[[Request], Completion]) -> None:
        """Ask for a word that only the schema names: constraints can fail open with status 200, and then every answer
        rests on the prompt alone. What the model says is cached like any answer, so this costs one call a model.
        """
        if not catalog.providers()[endpoint.provider].capabilities.structured:
            return
        word = "kf-" + hashlib.sha256(endpoint.model.name.encode()).hexdigest()[:12]
        schema = {
            "type": "object", "properties": {"word": {"type": "string", "enum": [word]}}, "required": ["word"], "additionalProperties": False,
        }  # fmt: skip
        ask = "Answer with a JSON object that has one key, `word`, and any word as its value."
        try:
            text = complete(Request("the canary", (Message("user", ask),), schema, max_tokens=64)).text
            held = json.loads(text) == {"word": word}
        except (Fault, ValueError) as error:
            held = isinstance(error, Fault)  # a fault says nothing of constraints: the first question meets it, too
        if not held:
            self._tell(f"`{endpoint.model.name}` does not hold to schemas on this server: more answers will be refused")

    def report(self) -> str:
        """One line about the run, "" where no model was asked."""
        if not self._deciders:
            return ""
        tallies = [decider.tally for decider in self._deciders.values()]
        sources = ", ".join(f"{number} from {source}" for source, number in sorted(self.heard.sources.items()))
        tokens = f"{sum(one.tokens_in for one in tallies)} tokens in, {sum(one.tokens_out for one in tallies)} out"
        fell = [target for one in tallies for target in one.fell_back]
        parts = [f"answers: {sources}", tokens, f"{sum(one.repaired for one in tallies)} repairs"]
        return "; ".join([*parts, *([f"heuristics instead for {', '.join(sorted(fell))}"] if fell else [])])


def _note(folder: Path, endpoint: Endpoint) -> None:
    """Write down who answers what is recorded: all that the keys of the answers depend on, and no address."""
    from kforge.system.files import replace

    told = {
        "provider": endpoint.provider, "server": endpoint.server, "dialect": endpoint.dialect, "model": endpoint.model.name,
        "identity": endpoint.model.identity, "strong": endpoint.model.strong, "context": endpoint.model.context,
    }  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    replace(folder / ENDPOINT, (json.dumps(told, indent=2, sort_keys=True) + "\n").encode())
