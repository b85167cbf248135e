"""A repository → the folders that are services, and those that are not with the reason of each.

A folder is looked at without the folders in it that have a manifest of their own, so that a root that holds only tools,
or only a workspace, shows nothing. What surely runs comes first; what only could be started counts where nothing else
does, since a library and a script can be started as well.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from kforge import catalog
from kforge.domain.commands.own_image import listening
from kforge.domain.draft import FoundSource, LeftOut, name_of
from kforge.domain.facts import Facts
from kforge.domain.known_images import known
from kforge.domain.near_words import listed
from kforge.domain.source.build_context import ContextPins, joined, upwards
from kforge.draft import source_roles as roles
from kforge.draft.found_sources import LibrarySource, Sources
from kforge.draft.pruned_tree import PrunedTree
from kforge.errors import InputError
from kforge.stages.detect import detect
from kforge.system.ignore import SHORTER, TOO_MANY_LINES, MatchBudget
from kforge.system.surroundings import from_top
from kforge.system.tree import SourceTree
from kforge.topics.ports import settled

DOCKERFILES = ("Dockerfile",)  # by which a folder is a source in any language
_DEPTH, _MOST, _LOOKED = 4, 40, 400  # folders below the spec's, sources in all, and folders that are looked into


def look(
    folder: Path,
    root: Path,
    named: Collection[str] = (),
    lasting: Callable[[str], bool] = lambda name: False,
    tell: Callable[[str], None] = lambda line: None,
    unwanted: Mapping[str, str] = MappingProxyType({}),
) -> Sources:
    """Sources in and below a folder. `named` are paths that a file of the author's says are services; `lasting` says
    whether a name is that of a worker, a job or a schedule; `tell` hears which folders no spec can name; `unwanted` are
    folders that the author's file leaves out of a deployment.

    Raises InputError where .gitignore files left no time to look at all of them.
    """
    search = _Search(folder, root, frozenset(named), lasting, unwanted)
    for place in search.unnameable:
        tell(f"`{place}` is left out: its name is not UTF-8")
    search.run()
    if search.matching.left < 0:
        raise InputError(f"{TOO_MANY_LINES}: not all sources were read", hint=SHORTER)
    return Sources(search.found(), search.left(), search.libraries.values(), search.built_by)


class _Search:
    """One walk over the folders that may be sources, from the outermost inwards."""

    def __init__(
        self,
        folder: Path,
        root: Path,
        named: frozenset[str],
        lasting: Callable[[str], bool],
        unwanted: Mapping[str, str],
    ) -> None:
        self._unwanted = unwanted
        self.folder, self.root, self.named, self._lasting = folder, root, named, lasting
        self.matching = MatchBudget()
        self._whole: dict[str, SourceTree] = {}
        self._names: dict[str, set[str]] = {}
        for path in self.tree("").files:
            place, name = posixpath.split(path)
            self._names.setdefault(place, set()).add(name)
        self.unnameable = tuple(sorted(place for place in self._names if not is_utf8(place) and self._signs(place)))
        places = {place for place in self._names if is_utf8(place) and self._signs(place)} | (
            named & self._names.keys()
        )
        self._places = sorted(places, key=lambda each: (each.count("/") if each else -1, each))[:_LOOKED]
        self._strong = {place for place in self._places if self._is_strong(place)}
        self._sure: dict[str, FoundSource] = {}
        self._faint: dict[str, FoundSource] = {}
        self._left: dict[str, str] = {}
        self._detected: dict[str, Facts] = {}
        self.libraries: dict[str, LibrarySource] = {}
        self._covering: set[str] = set()  # left out, with all that has no manifest of its own in it

    def tree(self, place: str) -> SourceTree:
        if place not in self._whole:
            code = catalog.languages().code
            self._whole[place] = SourceTree(self.folder / place, self.root, code=code, matching=self.matching)
        return self._whole[place]

    def _facts_of_all(self, place: str) -> Facts:
        """The facts of a folder with all that lies in it, sources of their own too: what a build takes them for."""
        if place not in self._detected:
            self._detected[place] = detect(self.tree(place), catalog.detectors())
        return self._detected[place]

    def _signs(self, place: str) -> set[str]:
        signs = {*DOCKERFILES, *(sign for language in catalog.languages() for sign in language.signs)}
        return self._names[place] & signs

    def _is_strong(self, place: str) -> bool:
        """Whether a folder has a manifest or a Dockerfile: a file of code may lie in any folder of a program."""
        faint = {name for language in catalog.languages() for name in language.faint}
        return place in self.named or any(
            name not in faint and not name.endswith(catalog.languages().code) for name in self._signs(place)
        )

    def run(self) -> None:
        for place in self._places:
            if place.count("/") >= _DEPTH or len(self._sure) >= _MOST:
                continue
            above = self._above(place, self._sure)
            if place not in self._strong and (above is not None or self._in_another(place)):
                continue
            self._judge(place, above)
        self._leave_what_others_build()
        self._leave_libraries()

    def _in_another(self, place: str) -> bool:
        """Whether a folder without a manifest lies in a program that is none of the services, or holds parts of one."""
        return (
            self._above(place, self._covering) is not None
            or roles.is_part(place)
            or any(roles.unread(self._names.get(above, ()))[0] for above in upwards(place))
        )

    def _leave_what_others_build(self) -> None:
        """Leaves out front ends beside a source whose image holds what they leave, and which serves it."""
        fronts = {place for place, seen in self._sure.items() if seen.facts.output and not seen.facts.start}
        for place in sorted(self._sure.keys() - fronts) if fronts - self.named else ():
            for front in self._facts_of_all(place).value("front_ends"):
                folder = joined(place, front["folder"])
                if folder in self._sure and folder in fronts - self.named:
                    del self._sure[folder]
                    self._left[folder] = f"is built into `{place or '.'}`, which serves it"

    def _leave_libraries(self) -> None:
        """Leaves out what others take as a package, and what nothing but its own manifest's entry starts."""
        among = self._sure or self._faint
        taken = {place: self._taken(place, seen) for place, seen in among.items()}
        for folder in sorted(set().union(*taken.values()) & among.keys() - self.named):
            other = among[folder]
            listens = other.facts.ports and other.facts.start
            used = any(folder in taken[place] for place in among)  # by one that stays, where two take each other
            if used and not (listens or other.facts.dockerfile) and roles.only_entered(other.facts, self.tree(folder)):
                del among[folder]
                self.libraries[folder] = LibrarySource(other)
        for folder, library in [*self.libraries.items()]:
            users = [place for place in sorted(among) if folder in taken[place]]
            self.libraries[folder] = library._replace(users=tuple(among[place].path for place in users))
            self._left[folder] = f"is a library, built into {listed(users)}"

    def _taken(self, place: str, seen: FoundSource) -> set[str]:
        """Folders of the packages that a source is built with."""
        space = seen.facts.value("workspace") or {"members": ()}
        return {found for each in space["members"] if (found := joined(place, each)) is not None} - {place}

    def _above(self, place: str, among: Collection[str]) -> str | None:
        """The innermost of some folders that a place lies in."""
        while place:
            place = posixpath.dirname(place)
            if place in among:
                return place
        return None

    def _inner(self, place: str) -> frozenset[str]:
        """Folders in one that have a manifest of their own, by their paths in it."""
        inner = (each for each in self._strong if each != place and _in(each, place))
        return frozenset(each[len(place) + 1 :] if place else each for each in inner)

    def built_by(self, seen: FoundSource, dockerfile: str, target: str) -> FoundSource:
        place = seen.path.removeprefix("./").removeprefix(".")
        top = from_top(str(self.folder), str(self.root))
        pins = ContextPins(dockerfile=joined(top, dockerfile or posixpath.join(place, DOCKERFILES[0])), target=target)
        tree = SourceTree(self.folder / place, self.root, matching=self.matching, pins=pins)
        facts = detect(PrunedTree(tree, self._inner(place)), catalog.detectors())
        made = self._source(place, facts)
        return replace(made, pins=seen.pins, name=seen.name, told=seen.told) if facts.dockerfile else seen

    def _judge(self, place: str, above: str | None) -> None:
        inner = self._inner(place)
        own = PrunedTree(self.tree(place), inner)
        facts = detect(own, catalog.detectors())
        seen = self._source(place, facts)
        language = catalog.languages().named(facts.value("language"))
        by_name = self._lasting(name_of(posixpath.basename(place), ""))
        sure = roles.runs(facts, own.files) or (bool(facts.start) and (by_name or bool(language and language.compiled)))
        # What a language compiles has no program where the facts show none; elsewhere, a server may only be missing.
        sure = sure and not (language and language.compiled and facts.unserved and not facts.start)
        if place in self.named:
            self._sure[place] = seen
        elif why := self._not_one(place, facts, above):
            self._leave(place, why)
        elif not (facts.dockerfile or facts.webserver or roles.has_code(own, facts)):
            if inner:
                self._left[place] = "is only a workspace, or holds only tools: its manifest has no program of its own"
            elif facts.language:
                self._leave(place, "has a manifest and no program")
        elif facts.dockerfile and not sure:
            self._leave(place, "has a Dockerfile that starts nothing")
        elif sure:
            outer = self._above(place, self._faint) if place not in self._strong else None
            made = roles.started_from(self._faint[outer], seen) if outer is not None else None
            self._sure[place if outer is None or made is None else outer] = made or seen
            self._faint.pop(outer if outer is not None and made else place, None)
        elif facts.start:
            self._faint[place] = seen
        elif facts.language:
            self._leave(place, "is a library: it has no program to start")

    def _not_one(self, place: str, facts: Facts, above: str | None) -> str:
        """Why a folder is no service, also where it could be started."""
        if why := self._unwanted.get(place) or roles.other_kind(facts):
            return why
        if place and (why := roles.aside(place)):
            return why
        if str(facts.value("output") or "").startswith("../"):
            built = posixpath.normpath(posixpath.join(place, str(facts.value("output"))))
            return f"builds `{built}`, a part of another folder"
        if facts.value("output") == "." and any(_in(each, place) and each != place for each in self._strong):
            return "holds pages next to sources of other services, which would be served too"
        left = self._above(place, self._covering)
        if left and not (facts.ports or facts.dockerfile):
            return f"lies in `{left}`, which {self._left[left]}"
        if above is not None:
            outer, whole = self._sure[above], self.tree(above)
            return roles.part_of(outer, whole, place[len(above) + 1 :] if above else place, facts)
        return ""

    def _leave(self, place: str, why: str) -> None:
        self._left[place] = why
        self._covering.add(place)

    def _source(self, place: str, facts: Facts) -> FoundSource:
        """A source, and what its build will take it to listen on: what it shows, what its Dockerfile exposes, what the
        base image does.
        """
        described = facts.value("dockerfile") or {}
        base = known(str(described.get("base") or ""))
        start = next(iter(facts.value("start")), ())
        shown = settled(listening(described, facts.value("ports"), start) if described else facts.value("ports"))
        ports = shown or (base.open_ports() if base else ())
        path = f"./{place}" if place else "."
        return FoundSource(path, facts, tuple(int(port.number) for port in ports), base.name if base else "")

    # ---- the result ---------------------------------------------------------------------------------------------
    def found(self) -> list[FoundSource]:
        """What surely runs; else what could be started, and is in nothing else that could."""
        if self._sure:
            return [self._with_pins(place, seen) for place, seen in sorted(self._sure.items())]
        return [seen for place, seen in sorted(self._faint.items()) if self._above(place, self._faint) is None]

    def _with_pins(self, place: str, seen: FoundSource) -> FoundSource:
        """What a build that looks at the whole folder would take from a folder in it is pinned to the service's own."""
        if not any(_in(each, place) and each != place for each in self._strong) or seen.facts.dockerfile:
            return seen
        whole = self._facts_of_all(place)
        pins: dict[str, object] = {}
        if seen.ports and self._source(place, whole).ports[:1] != seen.ports[:1]:
            pins["port"] = seen.ports[0]
        if seen.facts.start and whole.value("start")[:1] != seen.facts.value("start")[:1]:
            pins["command"] = seen.facts.value("start")[0]
        return FoundSource(seen.path, seen.facts, seen.ports, seen.base, pins)

    def left(self) -> list[LeftOut]:
        """Every folder that is no service, by path: those that were judged, and those that no detector reads."""
        told = dict(self._left)
        if self._sure:
            for place in self._faint:
                told[place] = "has no port and no queue, as tools and scripts have none: add a service if it is to run"
        held = {*self._sure, *(told.keys() - {""})}
        other = {place: roles.unread(names) for place, names in self._names.items() if is_utf8(place)}
        unread = {place: found for place, found in other.items() if found[0] and place not in self._sure}
        for place, (language, file) in unread.items():
            nested = any(_in(each, place) and each != place for each in unread)
            if not nested and place not in held and self._above(place, held) is None and place.count("/") <= _DEPTH:
                way = roles.ways_out(self._facts_of_all(place))
                told[place] = f"is written in {language} (`{file}`), which kforge does not read: {way}"
        return [LeftOut(place or ".", why) for place, why in sorted(told.items())]


def _in(place: str, outer: str) -> bool:
    return not outer or place == outer or place.startswith(f"{outer}/")


def is_utf8(path: str) -> bool:
    """Whether a path has no bytes that Python could not decode, which it holds as halves of surrogate pairs."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
