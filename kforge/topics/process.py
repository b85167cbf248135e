"""What runs in the container: command, ports, user, writable folders. Unaware of how the image is built, and of any
language but by its record.

Facts show it for a source, the user's Dockerfile for what that builds, the table of known images for one of those.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kforge.domain.decision import Answer, Topic
from kforge.domain.instructions import TMP
from kforge.domain.known_images import Runs, accounts, known
from kforge.domain.kubernetes.names import is_job
from kforge.domain.secrets.source_secrets import HIDDEN
from kforge.errors import InputError
from kforge.topics.ports import settled

if TYPE_CHECKING:
    from kforge.domain.language import Recipe
    from kforge.domain.view import View

OWN = 10001  # above every account that a distribution or a base image creates
NONROOT = 65532  # distroless images', and by now a convention
MOST = 2**31 - 1  # Kubernetes' largest user
# Accounts of distributions; those of images are in the rows of the known ones, and in the records of languages.
ACCOUNTS = {"nobody": 65534, "nonroot": NONROOT, "www-data": 33, "app": 1654}
# hiding one behind an empty folder hides the program
CODE = ("/app", "/opt/venv", "/usr", "/etc", "/bin", "/lib", "/sbin", "/")
OPEN_ROOT = (
    "this service's `hardening` leaves its root file system writable, so nothing is mounted over what the image holds"
)
NO_PORTS = "a job serves nobody"
_NUMBER = re.compile(r"[0-9]{1,10}")
_SHOWN = 80  # characters of a name


def _heuristics(view: View) -> Answer:
    if view.spec("image") is not None:
        return _image(view, str(view.spec("image")))
    if view.fact("dockerfile") is not None:
        return _dockerfile(view, view.fact("dockerfile"))
    return _source(view)


# ---- built by kforge ------------------------------------------------------------------------------------------
def _source(view: View) -> Answer:
    recipe = view.languages.recipe(view.decided("build", "recipe"))
    ports, why_ports = _ports(view, view.fact("ports"))
    user, why_user = _image_user(view) or _user(recipe, str(view.decided("build", "runtime")))
    command, why_command = _told(view, *_command(view, recipe), ports)
    command = _spoken(view, command)
    command = _without_a_switch(view, command, user)
    writable, why_writable = _writable(view.fact("writable"))
    if server := recipe.server if recipe else None:
        ports = ports or ([] if is_job(view) else settled([{"port": server.port, "protocol": "http", "env": ""}]))
        why_ports = why_ports if view.fact("ports") else server.reason
        if view.fact("webserver"):
            writable = sorted({*writable, server.templates})
            why_writable = f"{server.name} writes `{view.fact('webserver')}` there once its variables are filled in"
    return _answer((command, why_command), (ports, why_ports), (user, why_user), (writable, why_writable))


def _command(view: View, recipe: Recipe | None) -> tuple[list[str] | None, str]:
    if recipe and recipe.server:
        return None, f"the image's own command starts {recipe.server.name}"
    if recipe and recipe.command:
        return recipe.command(view)
    candidates = view.fact("start")
    if candidates:
        others = len(candidates) - 1
        also = f"; {others} other candidate{'s' if others > 1 else ''} came after it" if others else ""
        return list(candidates[0]), f"`{' '.join(candidates[0])}` is how the source starts{also}"
    if view.spec("command") or view.pin("process", "command"):
        return None, "the spec pins the command"
    service = view.service
    raise InputError(
        f"service `{service}`: nothing in `{view.spec('source')}` shows how it starts: looked for a start script, a main file and a server object",
        hint=f"pin it: `services.{service}.command: [python, main.py]`",
    )


def _spoken(view: View, command: list[str] | None) -> list[str] | None:
    """The command, where no word of it was hidden: an image shows its command to whoever pulls it."""
    hidden = next((before for before, word in pairwise(["", *(command or ())]) if HIDDEN in word), None)
    if hidden is None:
        return command
    if view.spec("command") or view.pin("process", "command"):
        return None
    service = view.service
    raise InputError(
        f"service `{service}`: the command that starts it holds a credential{f', after `{hidden}`' if hidden.startswith('-') else ''}, which everybody could read in its image",
        hint=f"let the program read it from a variable that `services.{service}.secrets` names, and pin `services.{service}.command` without it",
    )


def _told(view: View, command: list[str] | None, why: str, ports: list[dict[str, Any]]) -> tuple[list[str] | None, str]:
    """The command with the port that the spec pins, where it is the command that names the port."""
    pinned = view.spec("port") or next((port.port for port in view.spec("ports") or ()), None)
    if not pinned or not command or not ports or ports[0]["env"]:
        return command, why
    detected = str(ports[0]["port"])
    told = [f"{word.removesuffix(detected)}{pinned}" if _names_port(word, detected) else word for word in command]
    return told, why if told == command else f"{why}, told to listen on the pinned {pinned}"


def _names_port(word: str, port: str) -> bool:
    """`8000`, `0.0.0.0:8000`, `--port=8000`."""
    return word == port or word.endswith((f":{port}", f"={port}"))


def _without_a_switch(view: View, command: list[str] | None, user: int) -> list[str] | None:
    """uWSGI ends at once when its file names another user than the one it runs as: so it is told to stay that one."""
    if not command or command[:2] != ["uwsgi", "--ini"]:
        return command
    said = (view.spec("user"), view.pin("process", "user"), user)
    stays = str(next(number for number in said if number is not None))
    return [*command, "--uid", stays, "--gid", stays]


def _image_user(view: View) -> tuple[int, str] | None:
    """Whom the image is built for, where another service of the same folder builds it."""
    builder = view.builder()
    user = builder.decided("process", "user") if builder else None
    return (
        None
        if builder is None or user is None
        else (user, f"the image that `{builder.service}` builds runs as this user")
    )


def _user(recipe: Recipe | None, runtime: str) -> tuple[int, str]:
    account = recipe.account if recipe else None
    if account and account.brought(runtime):
        return account.number, account.reason
    return OWN, "an account of its own, with a number that no base image uses"


# ---- built from the user's Dockerfile -------------------------------------------------------------------------
def _dockerfile(view: View, described: dict[str, Any]) -> Answer:
    base = known(str(described.get("base") or ""))
    exposed = [
        {"port": item["port"], "protocol": "tcp", "env": ""}
        for item in described.get("expose") or ()
        if item.get("protocol", "tcp") == "tcp"
    ]
    ports, why_ports = _ports(view, view.fact("ports") or exposed, "its Dockerfile")
    if not ports and base is not None and base.ports and not is_job(view):
        ports, why_ports = (
            base.open_ports(),
            f"its Dockerfile is based on {base.name}, and {base.name} images listen there",
        )
    own = [*view.fact("writable"), *(described.get("volumes") or ())]
    writable, why_writable = _writable([*own, *(base.writable if base else ())], own_image=True)
    if base is not None and base.writable and writable != ["/"]:
        why_writable = f"{base.name} images, on which its Dockerfile is based, write there" + (
            "; so does what its Dockerfile adds" if own else ""
        )
    if not _restricted(view):
        writable, why_writable = ["/"], OPEN_ROOT
    why_writable = _lost(view, base, why_writable)
    user = _dockerfile_user(view, str(described.get("user") or "")[:_SHOWN], base, _first_word(described))
    return _answer((None, "its Dockerfile says what starts"), (ports, why_ports), user, (writable, why_writable))


def _first_word(described: dict[str, Any]) -> str:
    """The program that is started."""
    return next(iter(described.get("entrypoint") or described.get("cmd") or ()), "")


def _dockerfile_user(view: View, named: str, base: Runs | None, program: str) -> tuple[int | None, str]:
    name = named.partition(":")[0]
    numbers = {**ACCOUNTS, **accounts(), **view.languages.accounts}
    if _NUMBER.fullmatch(name) and 0 < int(name) <= MOST:
        return int(name), f"its Dockerfile ends with `USER {named}`"
    if (number := numbers.get(name)) is not None:
        return number, f"its Dockerfile ends with `USER {named}`, whose number is {number}"
    if not _restricted(view):
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


def _restricted(view: View) -> bool:
    """Whether Pod Security wants a numeric user; elsewhere a guess would only replace what the image knows better."""
    return str(view.spec("hardening") or view.app("hardening")) == "restricted"


# ---- built elsewhere ------------------------------------------------------------------------------------------
def _image(view: View, image: str) -> Answer:
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
        if not _restricted(view):
            user = None, "the image says who runs it, and this service's `hardening` allows anybody"
            writable, why_writable = ["/"], OPEN_ROOT
        return _answer(
            (None, nothing),
            ([], "the image's ports are not known here: pin `port:` if it serves any"),
            user,
            (writable, why_writable),
        )
    ports = (
        ([], NO_PORTS) if is_job(view) else (row.open_ports(), f"{row.name} images listen there unless told otherwise")
    )
    why_user = (
        f"{row.name} images run as any user"
        if row.any_user
        else f"{row.name} images bring the account they run as with this number"
    )
    folders, why_writable = _writable(row.writable, own_image=True)
    if row.writable and folders != ["/"]:
        why_writable = f"{row.name} images write there"
    if not _restricted(view):
        folders, why_writable = ["/"], OPEN_ROOT
    why_writable = _lost(view, row, why_writable)
    return _answer((None, nothing), ports, (row.user, why_user), (folders, why_writable))


def _lost(view: View, row: Runs | None, why: str) -> str:
    """The reason, with what becomes of a store's data where no volume holds it."""
    if row is None or not row.keeps or is_job(view) or view.spec("volumes"):
        return why
    return f"{row.name} keeps its data in folders that go with the pod: add `volumes:` for what must stay"


# ---- what the answers share -----------------------------------------------------------------------------------
def _ports(
    view: View, found: Sequence[dict[str, Any]], shown_by: str = "the source"
) -> tuple[list[dict[str, Any]], str]:
    if is_job(view):
        return [], NO_PORTS
    ports = settled(found)
    if not ports:
        return [], f"{shown_by} shows no port that it listens on"
    numbers = " and ".join(str(port["port"]) for port in ports)
    variables = [port["env"] for port in ports if port["env"]]
    return ports, f"{shown_by} listens on {numbers}" + (f", told by `{variables[0]}`" if variables else "")


def _writable(found: Iterable[str], own_image: bool = False) -> tuple[list[str], str]:
    """Writable folders, sorted, none inside another; the rest of the root file system is read-only. "/": nothing is."""
    wanted = {path.rstrip("/") or "/" for path in found}
    hiding = set() if own_image else wanted.intersection(CODE)
    kept = sorted({TMP, *(wanted - hiding)})
    if "/" in kept:
        return ["/"], "it writes beside its own program, so its root file system stays writable"
    outer = [path for path in kept if not any(path != other and path.startswith(f"{other}/") for other in kept)]
    shown = [path for path in outer if path != TMP]
    why = (
        f"the source writes to {' and '.join(f'`{path}`' for path in shown)}, and to temporary files"
        if shown
        else "temporary files"
    )
    return outer, why + "".join(f"; `{path}` holds the program, so it stays read-only" for path in sorted(hiding))


Reasoned = tuple[Any, str]


def _answer(command: Reasoned, ports: Reasoned, user: Reasoned, writable: Reasoned) -> Answer:
    pairs = {"command": command, "ports": ports, "user": user, "writable": writable}
    return Answer({name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()})


FIELDS = {
    "command": "Start command as an argument list; null for the image's own.",
    "ports": "Ports that the process listens on, the main one first.",
    "user": "Numeric user id that the process runs as.",
    "writable": "Folders that the process writes to; each becomes an emptyDir.",
}
TOPIC = Topic(name="process", revision=1, fields=FIELDS, heuristics=_heuristics, after=("build",), follows=True)
