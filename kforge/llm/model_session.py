"""A spec's model block and the user's options → the function that answers the open questions of a run.

A model is looked for only once a question is open that the spec leaves to one: a build whose decisions are locked
probes no server, imports no HTTP client and opens no cache.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from kforge import catalog
from kforge.deciders import heuristics
from kforge.domain.model.machine import Setting
from kforge.domain.model.pending_decision import Ask, PendingDecision, Reply, Unanswered
from kforge.domain.model.pending_decision import named as listed
from kforge.domain.model.progress import NoProgress, Progress, Tell
from kforge.domain.model.request import Completion, Endpoint, Fault, Request, ServedModel
from kforge.errors import Error, InputError, Place, Problem
from kforge.llm.lazy_client import RECORD, LazyClient
from kforge.llm.session_report import UNHELD
from kforge.system.rate_limits import Budget, RateLimits

if TYPE_CHECKING:
    from kforge.deciders.model import ModelDecider
    from kforge.domain.spec.model_types import Deciding
    from kforge.domain.spec.project import Project
    from kforge.domain.world import World
    from kforge.llm.joint_answers import JointAnswers
    from kforge.llm.model_client import ModelClient
    from kforge.system.settings import Flags
    from kforge.system.store.answers import Answers, AnswerSource


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """Options of the command line. `flags` name server and model; limits are for the whole run, 0 for none, `timeout` is
    in seconds.
    """

    flags: Flags
    offline: bool = False
    allowing: str = ""  # what to do so that a model is asked, where `--offline` is not the caller's to leave out
    fallback: bool = False
    replay: Path | None = None
    record: bool = False
    max_requests: int = 0
    max_tokens: int = 0
    max_cost: float = 0.0  # US dollars
    timeout: float = 0.0


class ModelSession:
    """The model's part of one run. A context manager: on exit, connections, weights and the cache are closed."""

    def __init__(self, wish: SessionOptions, tell: Tell = lambda line: None, progress: Progress | None = None) -> None:
        self._wish, self._tell, self._progress = wish, tell, progress or NoProgress()
        self._turn = threading.Lock()
        self._held = ExitStack()
        self._project = ""
        self._clients: dict[str, LazyClient] = {}
        self._deciders: dict[tuple[str, ...], ModelDecider] = {}
        self._answers: Answers | None = None
        # the run's time begins
        self._limits = RateLimits(Budget(wish.max_requests, wish.max_tokens, wish.timeout, dollars=wish.max_cost))
        # who named the model first, and why it cannot be asked
        self._unreachable: dict[str, tuple[Place | None, Error]] = {}
        self._sources: Counter[str] = Counter()
        self._told: set[str] = set()  # lines about wishes
        self.open = False  # whether a question was the model's to answer

    def __enter__(self) -> ModelSession:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind:
            self._stop()
        self._held.__exit__(kind, error, trace)

    def _stop(self) -> None:
        """End all waiting, from any thread: requests under way fail."""
        if self._answers:
            self._answers.cancel()
        for client in self._clients.values():
            client.stop()

    def begin(self, project: Project) -> None:
        """Another spec's questions follow: what was answered to one is no history of the other's."""
        self._project = str(project.spec)

    def who(self, world: World) -> Ask:
        """The function that settles this spec's open questions: the model's where it names one, else the heuristics."""
        named = world.spec.model
        wish = Setting(named.name, "the spec", world.place(("model", "name"))) if named else None
        return partial(self._ask, named, wish) if named and wish else heuristics.ask

    def model(self, name: str) -> Callable[[Request], Completion]:
        """A function that completes requests other than a spec's questions. Raises Error where the model cannot be asked."""
        return partial(self._complete, self._client(name, Setting(name, "the command line")))

    def _ask(self, named: Deciding, wish: Setting, questions: Sequence[PendingDecision]) -> Sequence[Reply]:
        from kforge.llm.small_question import for_model
        from kforge.llm.unheard_wishes import unasked

        mine = partial(for_model, named.decides)
        for line in unasked(
            (one for one in questions if one.topic.name in named.decides and not mine(one)), self._told
        ):
            self._tell(line)
        if not any(map(mine, questions)):
            return heuristics.ask(questions)
        self.open = True
        try:
            decider = self._decider(named, wish)
        except Error as error:
            return self._unreached(questions, [one.target for one in questions if mine(one)], named, error)
        later = [*catalog.TOPICS][[*catalog.TOPICS].index(questions[0].topic.name) + 1 :]
        self._progress.ahead(sum(map(mine, questions)) * len({*named.decides}.intersection(later)))
        return decider(questions)

    def _unreached(
        self, questions: Sequence[PendingDecision], mine: Sequence[str], named: Deciding, error: Error
    ) -> Sequence[Reply]:
        """The heuristics' answers where the user allowed it, on record; else one failure that names what is open."""
        replies: dict[str, Reply] = dict(zip((one.target for one in questions), heuristics.ask(questions), strict=True))
        names = listed(mine)
        if self._wish.fallback:
            self._tell(
                f"{names}: still heuristics: the model `{named.name}` did not answer: {error.problems[0].message}"
            )
        hint = "`kforge build --keep-stale` keeps what is locked, `--fallback heuristics` decides without the model, or pin what is open"
        failure = type(error)((*error.problems, Problem(f"not decided: {names}", hint=hint)))
        for target in mine:
            reply = replies[target]
            if not self._wish.fallback:
                replies[target] = Unanswered(failure)
            elif isinstance(reply, tuple):
                replies[target] = (reply[0], replace(reply[1], instead_of=named.name))
        return [replies[one.target] for one in questions]

    def _decider(self, named: Deciding, wish: Setting) -> ModelDecider:
        """The decider of this spec's model block; its model is reached for the first question of a run."""
        wanted = (self._project, named.name, *named.decides)
        if wanted not in self._deciders:
            # Prompts bring jinja2, reaching brings HTTP: neither for a run that asks nothing.
            from kforge.deciders.model import ModelDecider, Skills
            from kforge.llm.answer import read_answer
            from kforge.llm.prompt import prompt
            from kforge.llm.small_question import for_model

            client = self._client(named.name, wish)
            skills = Skills(
                prompt,
                partial(self._complete, client),
                read_answer,
                self._stop,
                self._progress,
                named.minimum is not None,
            )
            if client.endpoint.together > 1:
                joint = self._joint(client)
                skills = replace(skills, groups=joint.groups, joint=joint.first)
            by, fallback = client.endpoint.decider(), self._wish.fallback
            self._deciders[wanted] = ModelDecider(
                skills, by, partial(for_model, named.decides), client.parallel, fallback, self._tell
            )
        return self._deciders[wanted]

    def _joint(self, client: LazyClient) -> JointAnswers:
        """Several questions in one request to a client, as many as the user says."""
        from kforge.llm.joint_answers import JointAnswers

        end, provider = client.endpoint, catalog.providers()[client.endpoint.provider]
        known, keep = partial(self._opened().known, end, provider), partial(self._opened().keep_part, end, provider)
        return JointAnswers(end.together, known, partial(self._complete, client), keep)

    def _client(self, name: str, wish: Setting) -> LazyClient:
        """The client of a model, resolved once a run: what is not there is not there for the next question either."""
        if name in self._unreachable:
            first, error = self._unreachable[name]
            raise type(error)(tuple(each.at(wish.where) if each.where == first else each for each in error.problems))
        try:
            if name not in self._clients:
                self._clients[name] = self._lazy_client(name, wish)
        except Error as error:
            self._unreachable[name] = (wish.where, error)
            raise
        return self._clients[name]

    def _lazy_client(self, name: str, wish: Setting) -> LazyClient:
        from kforge.domain.model.retry import PATIENCE
        from kforge.llm.canary import constrained
        from kforge.llm.model_resolution import resolve, resolve_offline, wanted_name, wanted_together
        from kforge.system.store.recorded import note, noted

        self._opened()
        endpoint, folder, known = None, self._wish.replay, wanted_name(wish, self._wish.flags)
        if folder and not self._wish.record:  # a replay needs no server
            endpoint = noted(folder, known)
            if endpoint and endpoint.provider not in catalog.providers():
                raise InputError(
                    f"`{folder}` was recorded from `{endpoint.provider}`, a provider that this kforge does not know",
                    hint=RECORD,
                )
            endpoint = replace(endpoint, together=wanted_together(self._wish.flags)) if endpoint else None
        if self._wish.offline and endpoint is None:  # no model is asked, but stored answers may still fit
            endpoint = resolve_offline(wish, self._wish.flags, otherwise=Endpoint("openai", ServedModel(name), ""))
        if endpoint is None:
            endpoint = resolve(wish, self._wish.flags, tell=self._tell, patience=self._limits.left(PATIENCE.loading))
        client = LazyClient(endpoint, lambda: resolve(wish, self._wish.flags), self._entered, endpoint.parallel)
        if folder and self._wish.record:
            note(folder, known, endpoint)
        structured = catalog.providers()[endpoint.provider].capabilities.structured
        if structured and not self._holds(client, constrained):
            self._tell(f"`{endpoint.model.name}` {UNHELD}: more answers will be refused")
            client.endpoint = replace(endpoint, constrained=False)
        return client

    def _holds(self, client: LazyClient, constrained: Callable[[str, Callable[[Request], Completion]], bool]) -> bool:
        """Whether the server holds to schemas. A no is asked for anew where it was only stored: servers are repaired."""
        sources: list[AnswerSource] = []

        def ask(request: Request, afresh: bool = False) -> Completion:
            completion, source = self._answered(client, request, afresh)
            sources.append(source)
            return completion

        name = client.endpoint.model.name
        held = constrained(name, ask)
        return held or ("store" in sources and not self._wish.offline and constrained(name, partial(ask, afresh=True)))

    def _entered(self, endpoint: Endpoint) -> ModelClient:
        """An open endpoint, closed at the end of the run. All of them share the limits."""
        from kforge.llm.model_client import open_endpoint

        return self._held.enter_context(open_endpoint(endpoint, self._limits, self._tell))

    def _opened(self) -> Answers:
        """The caches: recordings where a folder is named, and this user's store."""
        if self._answers is None:
            import os

            from kforge.system.store.answers import Answers
            from kforge.system.store.completions import CompletionStore
            from kforge.system.store.replay import Replay
            from kforge.system.store.rows import place

            store = self._held.enter_context(CompletionStore(place(os.environ), warn=self._tell))
            replay = Replay(self._wish.replay, self._wish.record) if self._wish.replay else None
            self._answers = Answers(store, replay, offline=self._wish.offline)
        return self._answers

    def _complete(self, client: LazyClient, request: Request) -> Completion:
        completion, source = self._answered(client, request)
        with self._turn:
            self._sources[source] += 1
        return replace(completion, known=source in ("replay", "store"))

    def _answered(self, client: LazyClient, request: Request, afresh: bool = False) -> tuple[Completion, AnswerSource]:
        from kforge.system.store.answers import Unknown

        provider = catalog.providers()[client.endpoint.provider]
        try:
            with self._progress.about(request.target, request.attempt):
                return self._opened().complete(
                    client.endpoint, provider, request, lambda: client.complete(request), afresh
                )
        except Unknown as unknown:
            why = f", since `--offline` forbids it: {unknown.why}"
            raise Fault(
                "request", f"was not asked{f': {self._wish.allowing}' if self._wish.allowing else why}"
            ) from None

    def unheard(self) -> list[str]:
        """A line for each sentence to a whole service of which no decision that was asked about it heard anything."""
        from kforge.llm.unheard_wishes import unheard_by_all

        return [line for one in self._deciders.values() for line in unheard_by_all(one.tally.heard)]

    @property
    def paid(self) -> str:
        """What was used, where it cost something."""
        spent = self._limits.spent
        return spent.words() if spent.dollars else ""

    def report(self) -> str:
        """One line about the run, "" where no model had a question."""
        from kforge.llm.session_report import words

        tallies = [one.tally for one in self._deciders.values()]
        return words(tallies, self._sources, [one.endpoint for one in self._clients.values()], self._limits.spent)
