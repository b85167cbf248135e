"""What runs in an image that kforge does not build: one of the user's Dockerfile, or a ready-made one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kforge.domain.commands.own_image import as_exposed, exposed_ports, image_ports
from kforge.domain.commands.read_command import read
from kforge.domain.commands.started import of_dockerfile as started_by
from kforge.domain.commands.started import pinned, surroundings
from kforge.domain.decision import Answer
from kforge.domain.images import repository, tag
from kforge.domain.instructions import TMP
from kforge.domain.known_images import Runs, accounts, known
from kforge.domain.kubernetes.names import build_pins, is_job
from kforge.domain.port import Port
from kforge.domain.source.kept_data import left_folders
from kforge.domain.source.sightings import port_number
from kforge.topics.process_fields import (
    MOST,
    NO_PORTS,
    NONROOT,
    OPEN_ROOT,
    OWN,
    Reasoned,
    answer,
    restricted,
    with_data_loss,
    writable_folders,
)
from kforge.topics.process_ports import command_ports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kforge.domain.commands.command import Command
    from kforge.domain.view import View


# Accounts of distributions; those of images are in the rows of the known ones, and in the records of languages.
ACCOUNTS = {"nobody": 65534, "nonroot": NONROOT, "www-data": 33}
_DOTNET, _APP = "mcr.microsoft.com/dotnet/", {"app": 1654}  # of Microsoft's images alone: others make their own `app`
# https://github.com/GoogleContainerTools/distroless#tags, https://edu.chainguard.dev/chainguard/chainguard-images/about/
_ROOTLESS_TAG = re.compile(r"(?:^|-)nonroot(?:-|$)")
_ROOTLESS = ("cgr.dev/chainguard/",)
_NUMBER = re.compile(r"[0-9]{1,10}")
_SHOWN = 80  # characters of a name


def of_dockerfile(view: View, described: dict[str, Any]) -> Answer:
    base = known(str(described.get("base") or ""))
    said = pinned(view)
    command = as_exposed(described, read(said, surroundings(view)) if said else started_by(view))
    shown = view.fact("ports") or exposed_ports(described) or _told_ports(view)
    peeked = image_ports(described, command, shown, next(iter(view.again().fact("start")), ()))
    if not said and peeked != shown:  # only then is the source's own start an input
        shown = image_ports(described, command, shown, next(iter(view.fact("start")), ()))
    ports, why_ports = command_ports(view, command, shown, "its Dockerfile", own=True)
    why_ports += _against_expose(described, command, ports)
    if not ports and base is not None and base.ports and not is_job(view) and not command.portless:
        ports, why_ports = (
            base.open_ports(),
            f"its Dockerfile is based on {base.name}, and {base.name} images listen there",
        )
    left = left_folders(view)
    own = [*(each for each in view.fact("writable") if each not in left), *(described.get("volumes") or ())]
    writable, why_writable = writable_folders(
        [*own, *(base.writable if base else ())], own_image=True, occupied=view.fact("occupied")
    )
    if base is not None and base.writable and writable[0] != "/":
        why_writable = f"{base.name} images, on which its Dockerfile is based, write there" + (
            "; so does what its Dockerfile adds" if own else ""
        )
    if not restricted(view):
        writable, why_writable = ["/"], OPEN_ROOT
    why_writable = with_data_loss(view, base, why_writable)
    named = str(described.get("user") or "")[:_SHOWN]
    user = _of_rootless(described, named) or _dockerfile_user(view, named, described, base, _first_word(described))
    return answer((None, "its Dockerfile says what starts"), (ports, why_ports), user, (writable, why_writable))


def _against_expose(described: dict[str, Any], command: Command, ports: Sequence[Port]) -> str:
    """What the reason adds where a program's own default outweighs EXPOSE, which opens no port by itself."""
    exposed = [each["port"] for each in exposed_ports(described)]
    heard = command.listening
    if not exposed or heard.word or not ports or ports[0].number != heard.port or heard.port in exposed:
        return ""
    return f", whatever `EXPOSE {exposed[0]}` says: pin `port:` if it listens there"


def _told_ports(view: View) -> list[dict[str, Any]]:
    """Ports whose numbers the Dockerfile leaves to variables, as the spec sets them: `EXPOSE ${APP_PORT}`."""
    names = view.fact("exposed_by")
    if not names:
        return []
    given = {**view.spec("env"), **build_pins(view).get("args", {})}
    found = ((name, port_number(given.get(name))) for name in names)
    return [
        {"port": port, "protocol": "tcp", "env": name if name in view.spec("env") else ""}
        for name, port in found
        if port
    ]


def _first_word(described: dict[str, Any]) -> str:
    """The program that is started."""
    return next(iter(described.get("entrypoint") or described.get("cmd") or ()), "")


def _of_rootless(described: dict[str, Any], named: str) -> Reasoned | None:
    """The account of a base image whose name says that it is not root's, where the Dockerfile names no other."""
    image = str(described.get("base") or "")
    if named or not (_ROOTLESS_TAG.search(tag(image)) or repository(image).startswith(_ROOTLESS)):
        return None
    return (
        NONROOT,
        f"its Dockerfile is based on `{image[:_SHOWN]}`, which runs as {NONROOT} unless it is told otherwise",
    )


def _dockerfile_user(
    view: View, named: str, described: dict[str, Any], base: Runs | None, program: str
) -> tuple[int | None, str]:
    name = named.partition(":")[0]
    of_base = _APP if str(described.get("base") or "").startswith(_DOTNET) else {}
    numbers = {**ACCOUNTS, **of_base, **accounts(), **view.languages.accounts}
    made: int | None = described.get("uid")
    if _NUMBER.fullmatch(name) and 0 < int(name) <= MOST:
        return int(name), f"its Dockerfile ends with `USER {named}`"
    number = numbers.get(name) if made is None else made  # 0: the Dockerfile makes it, and the system numbers it
    if number is not None and 0 < number <= MOST:
        return number, f"its Dockerfile ends with `USER {named}`, whose number is {number}"
    if not restricted(view):
        return (
            None,
            "its Dockerfile says who runs it, root where it names nobody, and this service's `hardening` allows that",
        )
    if program.startswith("/root/"):
        return (
            OWN,
            f"its Dockerfile starts `{program}`, in a folder that only root enters, and pods here do not run as root: pin `hardening: baseline` for this service, or move that file",
        )
    if base is not None and not name:
        return (
            base.user,
            f"its Dockerfile names no user, and {base.name} images run as {base.user} where root is refused",
        )
    if name in ("", "root", "0"):
        said = f"ends with `USER {named}`" if name else "names no user, so root would run it"
        return (
            OWN,
            f"its Dockerfile {said}; pods here do not run as root, so it must work as another user: pin `user:` if this one cannot",
        )
    said = "no number that Kubernetes takes" if name.isdecimal() else "a name whose number cannot be seen here"
    return OWN, f"its Dockerfile ends with `USER {named}`, {said}: pin `user:` to it"


def of_image(view: View, image: str) -> Answer:
    row = known(image)
    nothing = "the image's own command runs"
    if row is None:
        writable, why_writable = (
            [TMP],
            "temporary files; what else the image writes to is not known here: pin `process.writable`",
        )
        user: Reasoned = (
            NONROOT,
            "the image's own user is not known here, so the usual number of non-root images: pin `user:` if it has another",
        )
        if not restricted(view):
            user = None, "the image says who runs it, and this service's `hardening` allows anybody"
            writable, why_writable = ["/"], OPEN_ROOT
        return answer(
            (None, nothing),
            _unknown_ports(view),
            user,
            (writable, why_writable),
        )
    ports: tuple[list[Port], str] = (
        ([], NO_PORTS) if is_job(view) else (row.open_ports(), f"{row.name} images listen there unless told otherwise")
    )
    why_user = (
        f"{row.name} images run as any user"
        if row.any_user
        else f"{row.name} images bring the account they run as with this number"
    )
    folders, why_writable = writable_folders(row.writable, own_image=True)
    if row.writable and folders != ["/"]:
        why_writable = f"{row.name} images write there"
    if not restricted(view):
        folders, why_writable = ["/"], OPEN_ROOT
    why_writable = with_data_loss(view, row, why_writable)
    return answer((None, nothing), ports, (row.user, why_user), (folders, why_writable))


def _unknown_ports(view: View) -> tuple[list[Port], str]:
    """Ports of an image that is not known: what the pinned command says of them."""
    said = pinned(view)
    ports, why = command_ports(view, read(said, surroundings(view)), (), own=True) if said else ([], "")
    told = bool(ports) or (bool(said) and why and not why.startswith("the source"))
    return (ports, why) if told else ([], "the image's ports are not known here: pin `port:` if it serves any")
