"""A command that writes, killed before each of its changes to the disk → files that are not whole, runs that do not
heal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.hostile import invariants
from tests.hostile.attempt import Change, PullRequest, opened
from tests.hostile.forkserver import TORN, Forkserver, Ran, Watch
from tests.hostile.making import DEPLOYMENT, LOCK, SPEC, append, both, decision, more, put, spec
from tests.hostile.worlds import World
from tests.models.talking import MODEL

BUILD, CHECK = ("build",), ("check",)

TEMPORARY = ".kforge-tmp-"


@dataclass(frozen=True)
class Case:
    """A command, what makes it have something to write, and what a killed one is followed by to be as if it never was.

    `said` is the file that holds what the command says: once it is there, the command is not to be given again.
    """

    name: str
    words: tuple[str, ...]
    prepare: Change
    follow: tuple[tuple[str, ...], ...] = (BUILD,)
    said: str = ""
    model: bool = False


def _named(world: World) -> None:
    """A model that decides one topic of `web`, and its answer in the lock."""
    more(f"model: {{name: {MODEL}, decides: [resources]}}")(world)


def _answered(held: dict) -> None:
    held["decider"] = {"by": "model", "provider": "openai", "model": MODEL}


CASES = (
    Case("build", BUILD, spec("version: 1.0.0", "version: 1.0.1")),
    Case(
        "build of a service less",
        BUILD,
        both(spec("  api:\n    source: ./api\n", ""), spec('API_URL: "${services.api.url}", ', "")),
    ),
    Case(
        "build --force",
        ("build", "--force"),
        both(append(DEPLOYMENT, "# mine\n"), put("app/docker-bake.hcl", "mine\n")),
        (("build", "--force"),),
    ),
    Case("pin", ("pin", "-s", "app", "web/resources", "memory"), lambda world: None, said=SPEC),
    Case("approve", ("approve", "-s", "app", "--all"), both(_named, decision("resources", _answered)), (), said=LOCK),
    Case(
        "init",
        ("init", "--offline", "--folder", "other", "a web shop"),
        put("other/app.py", "import os\n"),
        (),
        said="other/app.kforge.yaml",
    ),
    Case("refine", ("refine", "-s", "app", "web/resources", "it needs 700Mi", "--yes"), _named, said=SPEC, model=True),
)
Kept = dict[str, bytes]


def kept(world: World) -> Kept:
    """Every file that counts: not git's, not the state's, no temporary one."""
    return {
        path: content
        for path, content in invariants.files(world).items()
        if not {".git", ".kforge"} & {*Path(path).parts} and TEMPORARY not in path
    }


class Killed:
    """One case: what its files are before, after the command, and in the end, and how the check of each ends."""

    def __init__(
        self, server: Forkserver, original: World, place: Callable[[], Path], case: Case, environment: Mapping[str, str]
    ) -> None:
        self.server, self.original, self.place, self.case, self.environment = server, original, place, case, environment
        with self._opened() as world:
            self._settled(world)
            self.codes = {self._run(world, CHECK).code}
        with self._opened() as world:
            self._settled(world)
            self.before = kept(world)
            self.steps, self.code = self._whole(world)
            self.after = kept(world)
            self.codes.add(self._run(world, CHECK).code)
            self._follow(world)
            self.final = kept(world)
        assert self.before != self.after, f"{case.name} has nothing to write"

    def _settled(self, world: World) -> None:
        """A model's first answers are there before."""
        if self.case.model:
            assert self._run(world, ("build", "--upgrade")).code == 0

    def _whole(self, world: World) -> tuple[int, int]:
        ran = self._run(world, self.case.words, Watch("killer", {"at": 0}))
        assert ran.code == 0, ran.said
        return int(ran.noted), ran.code

    def broken(self, at: Iterable[int]) -> Iterator[str]:
        """What is wrong after a kill at each of these changes."""
        for step in at:
            with self._opened() as world:
                self._settled(world)
                ran = self._run(world, self.case.words, Watch("killer", {"at": step}))
                yield from (
                    f"{self.case.name}, killed at {step} of {self.steps}: {each}"
                    for each in self._wrong(world, ran, step)
                )

    def _wrong(self, world: World, ran: Ran, step: int) -> Iterator[str]:
        # A cache of completions writes now more, now less: a late step may be one too many.
        if ran.code != TORN and not (self.case.model and ran.code == self.code and step > self.steps - 10):
            yield f"was not killed, but ended with {ran.code}"
        held = kept(world)
        yield from (
            f"{path!a} is neither as before nor as after"
            for path in sorted(held)
            if held[path] not in (self.before.get(path), self.after.get(path))
        )
        yield from (f"{path!a} is gone" for path in sorted(self.before.keys() & self.after.keys() - held.keys()))
        checked = self._run(world, CHECK)
        if checked.code not in {*self.codes, 1}:
            yield f"a check ends with {checked.code}: {checked.err.decode(errors='replace')[-200:]!a}"
        if self._unsaid(held):
            again = self._run(world, self.case.words)
            if again.code != self.code:
                yield f"run again, it ends with {again.code}: {again.err.decode(errors='replace')[-200:]!a}"
        self._follow(world)
        healed = kept(world)
        yield from (
            f"{path!a} is not healed"
            for path in sorted(healed.keys() | self.final.keys())
            if healed.get(path) != self.final.get(path)
        )
        if (code := self._run(world, ("check", "--full")).code) not in {*self.codes, 0}:
            yield f"after healing, a full check ends with {code}"

    def _unsaid(self, held: Kept) -> bool:
        """Whether the command is still to be given: builds always, others until what they say is there."""
        return not self.case.said or held.get(self.case.said) != self.after[self.case.said]

    def _opened(self):
        return opened(self.original, self.place(), PullRequest(self.case.name, self.case.prepare, committed=False))

    def _run(self, world: World, words: tuple[str, ...], watch: Watch | None = None) -> Ran:
        return self.server.run(words, world.repository, {**world.environment, **self.environment}, watch)

    def _follow(self, world: World) -> None:
        for words in self.case.follow:
            self._run(world, words)
