"""Language: all that kforge knows of one, as a record; Recipe: one way to build it into an image.

`check` reads the records to see which detector a file is for, so a record is data, and its functions import what they
need when they are called. Small parts are named tuples, which Python makes in a fifth of a dataclass's time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.decision import Answer
    from kforge.domain.document import Dockerfile
    from kforge.domain.facts import Facts
    from kforge.domain.model.known_words import KnownWords
    from kforge.domain.view import View

Commands = list[list[str]]
# Forms that values of flags have, as patterns.
NUMBER = r"[0-9]{1,6}"
ADDRESS = r"(?:0\.0\.0\.0|\[::\]|127\.0\.0\.1)?:[0-9]{2,5}"
HOST = r"0\.0\.0\.0|::|127\.0\.0\.1"
LEVEL = r"(?i:debug|info|warning|error|critical)"


# Releases away from the usual version that a person may name: Python 3.8, Node.js 14, Go 1.18; what comes next year.
_OLDEST, _NEWEST = 10, 4


class LanguageImage(NamedTuple):
    """The public image that builds a language. Its tags name a version and a Debian release."""

    repository: str
    tag: str  # `{version}-slim-{release}`
    version: str  # where a source names none
    parts: int  # of a version that a tag names: 2 for 3.13, 1 for 24
    release: str
    older: Mapping[str, str]  # version → its release, where that is another

    def of(self, version: str) -> str:
        tag = self.tag.format(version=version, release=self.older.get(version, self.release))
        return f"{self.repository}:{tag}"

    def near(self, version: str) -> bool:
        """Whether a version can be one of this language today: of the same major where tags name two parts, and not many
        releases away from the usual one, or one that has an image. True where none is usual.
        """
        if not self.version:
            return True
        said, usual = version.split("."), self.version.split(".")
        if ".".join(said[: self.parts]) in self.older:
            return True
        if (
            not all(part.isdigit() for part in said)
            or len(said) < self.parts
            or said[: self.parts - 1] != usual[: self.parts - 1]
        ):
            return False
        return -_OLDEST <= int(said[self.parts - 1]) - int(usual[self.parts - 1]) <= _NEWEST

    @property
    def short(self) -> str:
        """`python` of `docker.io/library/python`."""
        return self.repository.rpartition("/")[2]


class RuntimeImages(NamedTuple):
    """Images without a language for a final stage, the best first. `name` is their key in the `bases` of a spec."""

    name: str
    images: tuple[str, ...]


class FinalStage(NamedTuple):
    """What runs a program whose final stage has another image than its language's."""

    choose: Callable[[View], tuple[RuntimeImages, str]]  # and why
    offered: tuple[str, ...]  # repositories that a model is shown, `scratch` among them
    takes: Callable[[str], bool]  # whether a repository of a well-known registry can be used
    otherwise: str  # what a model is told of another one, in words that follow its name
    distributions: Mapping[str, str] = {}  # images with a package manager, by the distribution that a wish may name
    no_packages: str = ""  # why no packages are installed there; "" where the source's are


class Account(NamedTuple):
    """The user that images of a final stage bring, and that a program then runs as."""

    images: str  # who brings it, in words: `the Node.js images`
    name: str
    number: int
    brought: Callable[[str], bool] = lambda image: True  # whether a final image is one of them

    @property
    def reason(self) -> str:
        return f"{self.images} bring the account `{self.name}` with this number"


class FileServer(NamedTuple):
    """A server in the final image that serves the files of a build, in place of a program of the source."""

    name: str  # of a known image
    port: int
    reason: str  # for the port
    templates: str  # the folder where it writes a configuration of the project's own, filled in


class Program(NamedTuple):
    """A program that a model's command may begin with, and the flags that may follow: what tunes it, nothing that loads,
    opens or prints.
    """

    flags: Mapping[str, str]  # flag → form of its value, "" for none
    library: str = ""  # the dependency that brings it; "" where the language does
    argument: Callable[[str, Collection[str]], bool] | None = None  # whether a word fits the files of a source
    port_flags: tuple[str, ...] = ("--port", "-p", "--bind", "-b", "--listen")


class Needs(NamedTuple):
    """What is usual for programs of a kind, at rest and under light load. `kind` fills a sentence: "Go programs"."""

    kind: str
    cpu: str
    memory: str
    startup: int  # seconds until one answers, on a slow node


class HeapFlag(NamedTuple):
    """The flag that sets how many MiB the heap may grow to, and the variable that may hold it as well."""

    flag: str
    variable: str


class MemoryVariable(NamedTuple):
    """The variable that tells a runtime its memory, where it cannot see the container's limit by itself."""

    name: str
    share: float  # of the container's limit
    text: Callable[[int], str]  # bytes, as the runtime reads them
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recipe:
    """One way to build a language into an image: the stages, and what the topics and the limits of models ask of it."""

    name: str
    stages: Callable[[View], Dockerfile]
    ignore: tuple[str, ...] = ()  # patterns of what tools leave behind, for .dockerignore
    tests: tuple[str, ...] = ()  # folders that the image does not need, where nothing is compiled
    about: str = ""  # beside its name in a list of recipes: `files served by nginx`
    # Whether it can build a source. The heuristics take a language's first, or a later one where nothing starts.
    fits: Callable[[View], bool] = lambda view: True
    steps: Callable[[View], tuple[Commands, str]] | None = None  # build steps and why, in place of the source's own
    output_flag: str = ""  # a word of a step that the name of a program follows, on which the image relies
    same_image: str = ""  # why the final stage has the language's image in the same version
    final: FinalStage | None = None  # … or what it has instead
    command: Callable[[View], tuple[list[str] | None, str]] | None = (
        None  # what starts and why, in place of the source's own
    )
    server: FileServer | None = None
    proposed: bool = False  # what a source shows of it is a proposal, which waits for a person's approval
    account: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Language:
    """A language. CONTRIBUTING.md says how to add one."""

    name: str  # as facts, `bases` and the shelf of detectors call it: `node`
    title: str  # in a sentence: `Node.js`
    # ---- its sources
    detect: Callable[[Tree], Facts | None]
    ends: tuple[str, ...]  # how names end of the files without one of which `detect` finds nothing
    signs: tuple[str, ...]  # names of files that make a folder a source, where a spec is drafted
    faint: tuple[str, ...] = ()  # those of them that a part of another program has as well
    shown_by: tuple[str, ...]  # what a message says was looked for: `go.mod`, `*.go`
    code: tuple[str, ...]  # how names of code files end
    front_ends: bool = False  # whether it builds front ends, which programs of other languages embed or serve
    compiled: bool = False  # a program is started by its own name, not by that of a code file
    managers: Mapping[str, str]  # package manager → how it installs what its lock file pins
    lock_files: tuple[str, ...] = ()  # patterns of names, `*.lock` apart: a prompt shows no lines of them
    # ---- its images
    image: LanguageImage
    recipes: tuple[Recipe, ...]
    # The whole build in place of the rules of every language, as a proposal. Raises InputError where there is none.
    propose: Callable[[View], Answer] | None = None
    version: Callable[[View], tuple[str, str]] | None = None  # of the image and why, in place of what the source names
    # ---- its programs
    programs: Mapping[str, Program] = field(default_factory=dict)
    takes_step: Callable[[Sequence[str], KnownWords], bool] = lambda step, known: (
        False
    )  # a step that nothing else shows
    needs: Needs
    frameworks: Mapping[str, Needs] = field(
        default_factory=dict
    )  # framework, as facts call it → what its programs need
    libraries: Mapping[str, str] = field(default_factory=dict)  # dependency → the memory that it alone asks for
    heap: HeapFlag | None = None
    memory: MemoryVariable | None = None
    # ---- its words, where a spec is drafted
    server_words: tuple[str, ...] = ()  # words of a sentence that asks for a server
    worker_words: tuple[str, ...] = ()  # … or for what works on without a port
    consumers: tuple[str, ...] = ()  # dependencies of what takes work from a queue

    @property
    def proposed(self) -> bool:
        """Whether it stands for the sources that no other language reads, whose builds are proposals."""
        return self.propose is not None

    @property
    def interpreted(self) -> bool:
        """Whether what is built runs only on the version that built it."""
        return any(recipe.final is None for recipe in self.recipes)


def listed(words: Sequence[str], last: str) -> str:
    """Words as a sentence lists them: `a, b and c`."""
    *first, end = words
    return f"{', '.join(first)} {last} {end}" if first else end


@dataclass(frozen=True, slots=True)
class Languages:
    """Every language that is built in, in the order in which their detectors are tried."""

    records: tuple[Language, ...] = ()

    def __iter__(self) -> Iterator[Language]:
        return iter(self.records)

    def named(self, name: object) -> Language | None:
        return next((language for language in self.records if language.name == name), None)

    def building(self, recipe: object) -> Language | None:
        """The language that a recipe builds."""
        return next((each for each in self.records if any(one.name == recipe for one in each.recipes)), None)

    def recipe(self, name: object) -> Recipe | None:
        return next((recipe for recipe in self.recipes if recipe.name == name), None)

    @property
    def recipes(self) -> tuple[Recipe, ...]:
        return tuple(dict.fromkeys(recipe for language in self.records for recipe in language.recipes))

    @property
    def accounts(self) -> dict[str, int]:
        """Users that final images bring, with their numbers."""
        return {recipe.account.name: recipe.account.number for recipe in self.recipes if recipe.account}

    @property
    def programs(self) -> dict[str, Program]:
        return {name: program for language in self.records for name, program in language.programs.items()}

    @property
    def code(self) -> tuple[str, ...]:
        return tuple(end for language in self.records for end in language.code)
