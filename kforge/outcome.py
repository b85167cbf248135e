"""Options: what a run may be told; Outcome: everything it worked out, before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from kforge.deciders import heuristics
from kforge.domain.approval import below
from kforge.domain.change import Changes, WantedFile
from kforge.domain.document import Documents
from kforge.domain.finding import Finding
from kforge.domain.kubernetes.releases import RULE as SUPPORT
from kforge.domain.lock import Lock, LockedDecision, Sums
from kforge.domain.model.pending_decision import Ask, PendingDecision, Reply
from kforge.domain.own_files import LOCK_FILE
from kforge.domain.spec.project import Project
from kforge.domain.spec.raw import Raw
from kforge.domain.untracked_file import RULE as STRAY
from kforge.domain.world import World
from kforge.errors import InputError
from kforge.source_scan import ScannedSource
from kforge.spec.read import LIMITS
from kforge.spec.tree_builder import ReadLimits
from kforge.stages.assemble import Assembled
from kforge.stages.decide import DecideOptions, Settled
from kforge.stages.renamed import carried, renames
from kforge.written_images import NOTHING_WRITTEN, WrittenImages


def _offline(world: World) -> Ask:
    """The heuristics in a model's place; where they have no answer to what it would be asked, what stands in for it."""
    decides = world.spec.model.decides if world.spec.model else ()

    def ask(questions: Sequence[PendingDecision]) -> Sequence[Reply]:
        replies: list[Reply] = [*heuristics.ask(questions)]
        lacking = [number for number, reply in enumerate(replies) if isinstance(reply, InputError)]
        for number in [each for each in lacking if questions[each].topic.name in decides]:
            from kforge.llm.generic_preview import previewed  # few questions need it, and `check` asks many

            replies[number] = previewed([questions[number]])[0]
        return replies

    return ask


@dataclass(frozen=True, slots=True)
class Options:
    """Options of a run. `upgrade` says which outdated decisions and files are made anew: `web/build`, a path.

    `ask` gives the function that answers open questions, `again` says which settled ones are asked again, and `repairs`
    how often an answer that the rules refuse is asked for again; after that it counts as no answer. `step` is called
    with each of `build_steps.STEPS` as it begins. `text` replaces the text of the spec's file, to see what a change of
    it would do. `looks`: whether the rules are run. `written` are base images to put into the lock; None takes over what
    the Dockerfiles on disk have. `restored` are contents of files as if they stood on the disk. `merges`: whether conflict
    markers in lock and sums are resolved, as a build does, or are an error.
    """

    today: date
    upgrade: Callable[[str], bool] = lambda target: False
    again: Callable[[str], bool] = lambda target: False
    keep_stale: bool = False
    repairs: int = 0
    force: bool = False
    merges: bool = False
    jobs: int = 1
    limits: ReadLimits = LIMITS
    text: str | None = None
    looks: bool = True
    written: WrittenImages | None = None
    restored: Mapping[str, bytes] = field(default_factory=dict)
    ask: Callable[[World], Ask] = _offline
    step: Callable[[str], None] = lambda name: None

    @property
    def taken(self) -> WrittenImages:
        """Base images that go into the lock."""
        return self.written or NOTHING_WRITTEN

    def deciding(
        self,
        world: World,
        complaints: Mapping[str, str],
        spare: frozenset[str],
        moved: frozenset[str],
        doubted: frozenset[str],
    ) -> DecideOptions:
        """What of this the stage `decide` is told, with what is known of the answers that stand."""
        named = world.spec.model
        return DecideOptions(
            upgrade=self.upgrade,
            again=self.again,
            keep_stale=self.keep_stale,
            complaints=complaints,
            spared=spare,
            moved=moved,
            doubted=doubted,
            images=self.taken.images,
            decides=frozenset(named.decides) if named else frozenset(),
            least=(named.minimum or 0) if named and named.below == "heuristics" else 0,
        )


@dataclass(frozen=True)
class Loaded:
    """What was found: the spec, the facts, and what an earlier run left behind."""

    project: Project
    raw: Raw
    world: World
    sources: Mapping[str, ScannedSource]  # by service
    lock: Lock
    sums: Sums

    @cached_property
    def renames(self) -> Mapping[str, str]:
        """Services by their new names → the names that the lock has."""
        return renames(self.world.raw, self.world.facts, self.lock)

    @cached_property
    def carried(self) -> Lock:
        """The lock as if they had always had the new ones."""
        return carried(self.world.raw, self.world.facts, self.lock, self.renames)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything a run worked out, before anything is written."""

    loaded: Loaded
    settled: Settled
    assembled: Assembled
    documents: Mapping[str, Documents]  # by environment, "" is the base
    findings: tuple[Finding, ...]
    files: Mapping[str, WantedFile]
    changes: Changes
    lock: Lock
    spared: tuple[str, ...] = ()  # services whose facts an older detector read
    upgrades_lock: bool = False  # whether a lock of an older form is to be written in today's
    records: tuple[str, ...] = ()  # services, "" for the app, whose inputs stay as an older kforge recorded them
    renewed: Lock = field(default_factory=Lock)  # as it would be if nothing stayed as an older kforge recorded it
    written: WrittenImages = NOTHING_WRITTEN  # base images that were updated in Dockerfiles, and go into the lock
    rebased: Mapping[str, str] = field(default_factory=dict)  # images of `bases` → those that the lock still has

    @property
    def project(self) -> Project:
        return self.loaded.project

    @property
    def untracked(self) -> tuple[Finding, ...]:
        """Files that tools read together with kforge's and that no build lists, but for those with a waiver."""
        return tuple(finding for finding in self.findings if finding.rule == STRAY)

    @property
    def unsupported(self) -> tuple[Finding, ...]:
        """Kubernetes versions that the spec names and that get no fixes any more."""
        return tuple(finding for finding in self.findings if finding.rule == SUPPORT)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.level == "error")

    def complaints(self) -> dict[str, str]:
        """What the rules refuse of a model's answers, by target: it goes back to the model."""
        found: dict[str, list[str]] = {}
        for finding in self.errors:
            target, _, field_path = finding.origin.partition(".")
            service, _, topic = target.partition("/")
            decision = self.settled.decisions.get((service, topic))
            if decision is not None and decision.decider.by == "model":
                found.setdefault(target, []).append(f"{field_path}: {finding.message}. {finding.hint}".strip())
        return {target: "\n".join(messages) for target, messages in sorted(found.items())}

    @property
    def unreliable(self) -> tuple[tuple[str, LockedDecision], ...]:
        """Decisions by target that wait for a person since they are less reliable than the spec asks."""
        named = self.loaded.world.spec.model
        if named is None or named.minimum is None:
            return ()
        found = (
            (f"{service}/{topic}", one.record()) for (service, topic), one in sorted(self.settled.decisions.items())
        )
        return tuple((target, decision) for target, decision in found if below(decision, named.minimum))

    @property
    def lock_changes(self) -> bool:
        """Whether answers, or what they were made of, are not as lock and sums have them."""
        held = self.loaded.lock
        return held.lost or held.odd or self.lock != held or (held.older and self.upgrades_lock)

    @property
    def sums_change(self) -> bool:
        return self.loaded.sums.lost or self.changes.sums != self.loaded.sums

    @property
    def outdated(self) -> tuple[str, ...]:
        """What is by an older kforge and stays until an upgrade: decisions, services, files, the lock itself."""
        answers = (f"{one.service}/{one.topic}" for one in self.settled.decisions.values() if one.state == "outdated")
        files = (change.path for change in self.changes.of("kept"))
        lock = (LOCK_FILE,) if self.loaded.lock.older and not (self.lock_changes or self.sums_change) else ()
        return tuple(sorted({*answers, *files, *self.spared, *lock}))

    @property
    def unproven(self) -> tuple[str, ...]:
        """What an older kforge left by its own account and nothing here can work out again: decisions, services, files."""
        answers = (f"{one.service}/{one.topic}" for one in self.settled.decisions.values() if not one.proven)
        return tuple(sorted({*answers, *self.records, *(change.path for change in self.changes.of("kept"))}))

    @property
    def current(self) -> bool:
        """Whether a build would write nothing."""
        return self.changes.current and not self.lock_changes and not self.sums_change
