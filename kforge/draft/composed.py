"""Services of a Compose file → what they say of folders, and what stands beside these: stores and public images.

A service that is built is the service of a folder; what serves development is named and left out.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from kforge import catalog
from kforge.detectors.declared_folders import fleeting
from kforge.domain.draft import UNKNOWN, LeftOut, Told, WantedService, name_of
from kforge.domain.images import digest, qualified, tag
from kforge.domain.known_images import called, known, stores
from kforge.domain.source.kept_data import within
from kforge.draft.compose_commands import script_of
from kforge.draft.compose_files import ComposeFiles
from kforge.draft.compose_roles import beside, last_name, store_of, table
from kforge.draft.compose_services import ComposeService
from kforge.draft.source_roles import unread
from kforge.draft.start_commands import production

_ASKED = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\$HOSTNAME)(?::\d+)?(/[\w./-]*)")
_INLINE = "the Compose file (`dockerfile_inline`): put it into a file beside the source to have it used"
_FILE = "Dockerfile"
_NAMELESS = ("src", "source", "code")


@dataclass(slots=True)
class Composed:
    """What a Compose file comes to: `told` by the folders that it builds, `""` for the top."""

    told: dict[str, list[Told]] = field(default_factory=dict)
    unwanted: dict[str, str] = field(default_factory=dict)  # folders that only services build which are left out
    beside: list[WantedService] = field(default_factory=list)
    left: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def composed(files: ComposeFiles, places: Mapping[str, Collection[str]], own: Collection[str]) -> Composed:
    """`places` are the folders with the names of their files; `own` are names of what the repository is itself, so that
    a public image of the same name is it.
    """
    found = Composed()
    ended: dict[str, list[str]] = {}
    for one in files.services:
        for name in one.done:
            ended.setdefault(name, []).append(name_of(one.name))
    built = {last_name(one.image) for one in files.services if one.build and one.image and UNKNOWN not in one.image}
    for one in files.services:
        if one.rights and not beside(one):
            found.notes.append(
                f"`{one.name}` ({one.place}) asks for {', '.join(one.rights)}, which pods here do not get: if it does not work without them, add them under `kubernetes`, with a `hardening` that allows them"
            )
        if why := beside(one):
            found.left.append(LeftOut(one.name, f"({one.place}) {why}"))
            if one.build and (place := _place(one, places)):
                found.unwanted[place] = why
        elif one.build or _is_own(one, places, {*built, *own}):
            _built(one, places, tuple(ended.get(one.name, ())), found)
        else:
            _ready(one, tuple(ended.get(one.name, ())), found)
    found.unwanted = {place: why for place, why in found.unwanted.items() if place not in found.told}
    for path in files.left:
        found.left.append(LeftOut(path, f"is not read: `{files.read[0]}` is the one for deployment"))
    return found


def _is_own(one: ComposeService, places: Mapping[str, Collection[str]], own: Collection[str]) -> bool:
    """Whether a public image is what the repository itself builds: by the image's name, or by that of a folder."""
    if not one.image or store_of(one.image) or UNKNOWN in one.image:
        return False
    return last_name(one.image) in own or (called(one.image) is None and bool(_named(one, places)))


def _built(
    one: ComposeService, places: Mapping[str, Collection[str]], waiting: tuple[str, ...], found: Composed
) -> None:
    place = _place(one, places)
    inline = one.build is not None and one.build.inline
    if place is None:
        why = f"has its Dockerfile inside {_INLINE}" if inline else "is built from a folder that does not exist"
        found.left.append(LeftOut(one.name, f"({one.place}) {why}"))
        return
    if inline:
        found.notes.append(f"`{one.name}` ({one.place}) has its Dockerfile inside {_INLINE}, else kforge writes one")
    command, why = production((*one.entrypoint, *one.command))
    if why:
        found.notes.append(
            f"`{one.name}` ({one.place}): its command {why}, so `kforge build` looks in the source for the one of production"
        )
    if one.build and one.build.target.lower() in table()["stages"]:
        found.notes.append(
            f"`{one.name}` ({one.place}) is built up to the stage `{one.build.target}`, which is for development: the draft builds the last stage"
        )
    if one.env_files:
        listed = ", ".join(f"`{path}`" for path in one.env_files if UNKNOWN not in path)
        found.notes.append(
            f"`{one.name}` reads variables from {listed or 'a file'}, which kforge does not open: set what it needs under `env` or `secrets`"
        )
    build = _build(one, place, places)
    if any(word.startswith("/") and not word.startswith("/app/") for word in command) and not (
        "dockerfile" in build or _FILE in places.get(place, ())
    ):
        found.notes.append(
            f"`{one.name}` ({one.place}): its command `{' '.join(command)}` names files that an image by kforge does not have, so it is left out: write it as `command` with the paths below `/app`"
        )
        command = ()
    said = _told(one, waiting, command, build)
    script = () if why else tuple(one.command if script_of(one.command) and not one.entrypoint else ())
    said = replace(said, script=script, mounted=_over_source(one, place), env=_without_made(one, found.notes))
    own = tuple(_data(one, places))
    found.told.setdefault(place, []).append(replace(said, volumes=(*said.volumes, *own)))


def _without_made(one: ComposeService, notes: list[str]) -> dict[str, str]:
    """The variables without those that name a volume of what is made again, such as collected static files: an image
    has that where its build leaves it.
    """
    made = [each.target.rstrip("/") for each in one.volumes if each.kind == "named" and fleeting(each.target)]
    gone = {name: text for name, text in one.env.items() if any(within(text, [each]) for each in made if text)}
    for name, text in gone.items():
        notes.append(
            f"`{name}` of `{one.name}` ({one.place}) and its volume at `{text}` are left out: what lies there is made while the image is built"
        )
    return {name: text for name, text in one.env.items() if name not in gone}


def _over_source(one: ComposeService, place: str) -> bool:
    """Whether the folder that is built is mounted into the container, as development does."""
    context = _below(one.folder, one.build.context) if one.build else place
    return any(each.kind == "bind" and _below(one.folder, each.source) in (place, context) for each in one.volumes)


def _data(one: ComposeService, places: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str]]:
    """Volumes for folders of the author's machine that the repository does not have: what the program leaves there."""
    for each in one.volumes:
        path = _below(one.folder, each.source) if each.kind == "bind" and each.source.startswith("./") else None
        name, target = posixpath.basename(path or ""), each.target.rstrip("/")
        there = not path or path in places or name in places.get(posixpath.dirname(path), ())
        there = there or any(other.startswith(f"{path}/") for other in places)
        if not there and "." not in name and target.startswith("/") and not fleeting(target):
            yield name_of(name, "data"), target


def _told(one: ComposeService, waiting: tuple[str, ...], command: tuple[str, ...], build: Mapping[str, object]) -> Told:
    ports = [port for port in one.ports if port not in table()["debuggers"]]
    asked = _ASKED.search(" ".join(one.healthcheck))
    return Told(
        name=name_of(one.name),
        place=one.place,
        names=tuple(dict.fromkeys((one.name, *one.aliases))),
        command=command,
        port=ports[0] if ports else 0,
        env=one.env,
        volumes=tuple(
            (name_of(each.source, "data"), each.target.rstrip("/"))
            for each in one.volumes
            if each.kind == "named" and not fleeting(each.target)
        ),
        health=asked[1] if asked else "",
        replicas=one.replicas,
        memory=one.memory,
        build=build,
        needs=one.after,
        once=bool(waiting),
        before=waiting,
    )


def _place(one: ComposeService, places: Mapping[str, Collection[str]]) -> str | None:
    """The folder that is the service's source: that of its Dockerfile where this lies in a folder of its own in the
    context, else the context; where only the author's environment says it, the folder of the service's name.
    """
    build = one.build
    if build is None:
        named = _named(one, places)
        return named if named is not None else "" if "" in places else None
    context = _below(one.folder, build.context)
    dockerfile = None if context is None or UNKNOWN in build.dockerfile else _below(context, build.dockerfile or _FILE)
    if dockerfile:
        folder = posixpath.dirname(dockerfile)
        if folder != context and folder in places and _is_source(places[folder]):
            return folder
        named = _named(one, places) if folder != context and folder not in places else None
        if named or context in places or any(each.startswith(f"{context}/") for each in places if context):
            return named if named is not None else context
    return _named(one, places)


def _below(folder: str, path: str) -> str | None:
    """A path of a file in a folder, from the top; None where it is unknown, or outside of it."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    if UNKNOWN in path or joined.startswith(("..", "/")) or "://" in path:
        return None
    return "" if joined == "." else joined


def _named(one: ComposeService, places: Mapping[str, Collection[str]]) -> str | None:
    found = [
        each
        for each in places
        if name_of(_title(each), "") == name_of(one.name, "") and (_FILE in places[each] or _is_source(places[each]))
    ]
    return min(found, key=lambda each: (each.count("/"), each), default=None)


def _title(place: str) -> str:
    """What a folder is called after: `cart` of `src/cart/src`."""
    above, name = posixpath.split(place)
    return posixpath.basename(above) if above and name in _NAMELESS else name


def _is_source(names: Collection[str]) -> bool:
    """Whether a folder holds a program, and not only the files of an image."""
    signs = {sign for language in catalog.languages() for sign in language.signs}
    return not signs.isdisjoint(names) or bool(unread(names)[0])


def _build(one: ComposeService, place: str, places: Mapping[str, Collection[str]]) -> dict[str, object]:
    """What a build of the folder would not find by itself: another Dockerfile, a stage, arguments."""
    if one.build is None:
        return {}
    context = _below(one.folder, one.build.context)
    path = None if context is None else _below(context, one.build.dockerfile or _FILE)
    if path is None or posixpath.basename(path) not in places.get(posixpath.dirname(path), ()):
        return {}
    target = one.build.target
    return {
        **({"dockerfile": path} if path != posixpath.join(place, _FILE) else {}),
        **({"target": target} if target and UNKNOWN not in target and target.lower() not in table()["stages"] else {}),
        **(
            {"args": args}
            if (args := {name: text for name, text in one.build.args.items() if text and UNKNOWN not in text})
            else {}
        ),
    }


# ---- what is not built here ---------------------------------------------------------------------------------------
def _ready(one: ComposeService, waiting: tuple[str, ...], found: Composed) -> None:
    """A store, or a public image that runs as it is."""
    name = name_of(one.name)
    store = store_of(one.image)
    mounted = sorted({each.source for each in one.volumes if each.kind == "bind" and UNKNOWN not in each.source})
    said = _told(one, waiting, (), {})
    if store:
        path = stores()[store].path  # a folder of the machine for the store's own data is a claim of the draft
        data = {each.source for each in one.volumes if path and within(each.target.rstrip("/"), [path])}
        mounted = [each for each in mounted if each not in data]
        told = replace(said, image=qualified(one.image) if _pinned(one.image) else "")
        found.beside.append(WantedService(name, "store", store=store, why=f"{one.place} runs it", told=told))
        for path in mounted:
            found.notes.append(
                f"{one.place} mounts `{path}` into `{name}`, and the draft does not: put what the store needs of it into an image, or load it by a job"
            )
        if one.command:
            found.notes.append(
                f"{one.place} starts `{name}` with `{' '.join(one.command).replace(UNKNOWN, '…')}`, the draft with the image's own command: check whether that is enough"
            )
        return
    if why := _unfit(one, mounted):
        found.left.append(LeftOut(one.name, f"({one.place}) {why}"))
        return
    told = replace(said, image=qualified(one.image), command=one.command)
    row = known(one.image)
    kind = "job" if waiting else "web" if told.port or (row and row.ports) else "worker"
    found.beside.append(WantedService(name, kind, why=f"{one.place} runs `{one.image}`", told=told))  # type: ignore[arg-type]  # one of the kinds


def _pinned(image: str) -> bool:
    """Whether an image names a version: `alpine` and `latest` are none."""
    return UNKNOWN not in image and bool(digest(image) or any(char.isdigit() for char in tag(image)))


def _unfit(one: ComposeService, mounted: Collection[str]) -> str:
    """Why a public image cannot be drafted, in words that follow its name."""
    if not one.image:
        return "names neither an image nor what builds it"
    if UNKNOWN in one.image:
        return "takes the name of its image from variables that are not in the repository: write it as `image` with its tag"
    if not _pinned(one.image):
        return f"runs `{one.image}`, which has no version: write it as `image` with a tag"
    if mounted:
        return f"runs `{one.image}` with files of the machine (`{next(iter(mounted))}`): write them under `config`, or build an image with them"
    if any(UNKNOWN in word for word in (*one.entrypoint, *one.command)):
        return (
            f"starts `{one.image}` with variables that are not in the repository: write the service with its `command`"
        )
    if one.entrypoint:
        return f"starts `{one.image}` by another entry point, which a draft does not take: write the service with its `command`"
    return ""
