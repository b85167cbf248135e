"""What runs in the container: command, ports, user, writable folders. Unaware of how the image is built, and of any
language but by its record.

Facts show it for a source, the user's Dockerfile for what that builds, the table of known images for one of those.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from kforge.domain.commands.started import pinned
from kforge.domain.decision import Answer, Topic
from kforge.domain.images import bare
from kforge.domain.kubernetes.names import is_job
from kforge.domain.port import Port
from kforge.domain.secrets.source_secrets import HIDDEN
from kforge.domain.source.kept_data import left_folders
from kforge.domain.topic_names import BUILD, PROCESS
from kforge.errors import InputError
from kforge.topics.ports import settled
from kforge.topics.process_fields import (
    NONROOT,
    OWN,
    answer,
    writable_folders,
)
from kforge.topics.process_images import of_dockerfile, of_image
from kforge.topics.process_ports import pinned_ports

if TYPE_CHECKING:
    from kforge.domain.language import Recipe
    from kforge.domain.view import View


def _heuristics(view: View) -> Answer:
    if view.spec("image") is not None:
        return of_image(view, str(view.spec("image")))
    if view.fact("dockerfile") is not None:
        return of_dockerfile(view, view.fact("dockerfile"))
    return _source(view)


def _source(view: View) -> Answer:
    recipe = view.languages.recipe(view.decided(BUILD, "recipe"))
    user, why_user = _image_user(view) or _user(recipe, str(view.decided(BUILD, "runtime")))
    command, why_command = _command(view, recipe)
    said = pinned(view)
    ports, why_ports = pinned_ports(view, said or command or (), view.fact("ports"))
    command, why_command = _told(view, command, why_command, ports)
    command = _spoken(view, command)
    command = _without_a_switch(view, command, user)
    left = left_folders(view)
    writes = [folder for folder in view.fact("writable") if folder not in left]
    writable, why_writable = writable_folders(writes, occupied=view.fact("occupied"))
    if server := recipe.server if recipe else None:
        ports = ports or ([] if is_job(view) else settled([{"port": server.port, "protocol": "http", "env": ""}]))
        why_ports = why_ports if view.fact("ports") else server.reason
        if view.fact("webserver"):
            writable = sorted({*writable, server.templates})
            why_writable = f"{server.name} writes `{view.fact('webserver')}` there once its variables are filled in"
    made = answer((command, why_command), (ports, why_ports), (user, why_user), (writable, why_writable))
    return replace(made, proposed=bool(recipe and recipe.proposed))


def _command(view: View, recipe: Recipe | None) -> tuple[list[str] | None, str]:
    if recipe and recipe.server:
        return None, f"the image's own command starts {recipe.server.name}"
    candidates = view.fact("start")
    if recipe and recipe.command and (candidates or pinned(view) or not view.fact("unserved")):
        return recipe.command(view)
    if candidates:
        others = len(candidates) - 1
        also = f"; {others} other candidate{'s' if others > 1 else ''} came after it" if others else ""
        return list(candidates[0]), f"`{' '.join(candidates[0])}` is how the source starts{also}"
    if pinned(view):
        return None, "the spec pins the command"
    service = view.service
    if unserved := view.fact("unserved"):
        hint = f"{unserved['hint']}, or pin `services.{service}.command`"
        raise InputError(f"service `{service}`: its source {unserved['said']}", hint=hint)
    raise InputError(
        f"service `{service}`: nothing in `{view.spec('source')}` shows how it starts: looked for a start script, a main file and a server object",
        hint=f"pin it: `services.{service}.command: [python, main.py]`",
    )


def _spoken(view: View, command: list[str] | None) -> list[str] | None:
    """The command; None where one with a credential is replaced by a pin. Raises InputError where it is not: an image
    shows its command to all who pull it.
    """
    hidden = next((before for before, word in pairwise(["", *(command or ())]) if HIDDEN in word), None)
    if hidden is None:
        return command
    if pinned(view):
        return None
    service = view.service
    raise InputError(
        f"service `{service}`: the command that starts it holds a credential{f', after `{hidden}`' if hidden.startswith('-') else ''}, which everybody could read in its image",
        hint=f"let the program read it from a variable that `services.{service}.secrets` names, and pin `services.{service}.command` without it",
    )


def _told(view: View, command: list[str] | None, why: str, ports: list[Port]) -> tuple[list[str] | None, str]:
    """The command with the port that the spec pins, where it is the command that names the port."""
    pinned = view.spec("port") or next((port.port for port in view.spec("ports") or ()), None)
    if not pinned or not command or not ports or ports[0].env:
        return command, why
    detected = str(ports[0].number)
    told = [f"{word.removesuffix(detected)}{pinned}" if _names_port(word, detected) else word for word in command]
    return told, why if told == command else f"{why}, told to listen on the pinned {pinned}"


def _names_port(word: str, port: str) -> bool:
    """`8000`, `0.0.0.0:8000`, `--port=8000`."""
    return word == port or word.endswith((f":{port}", f"={port}"))


def _without_a_switch(view: View, command: list[str] | None, user: int) -> list[str] | None:
    """uWSGI ends at once when its file names another user than the one it runs as: so it is told to stay that one."""
    if not command or command[:2] != ["uwsgi", "--ini"]:
        return command
    said = (view.spec("user"), view.pin(PROCESS, "user"), user)
    stays = str(next(number for number in said if number is not None))
    return [*command, "--uid", stays, "--gid", stays]


def _image_user(view: View) -> tuple[int, str] | None:
    """The user of the image, with the reason, where another service of the same folder builds it."""
    builder = view.builder()
    user = builder.decided(PROCESS, "user") if builder else None
    return (
        None
        if builder is None or user is None
        else (user, f"the image that `{builder.service}` builds runs as this user")
    )


def _user(recipe: Recipe | None, runtime: str) -> tuple[int, str]:
    account = recipe.account if recipe else None
    if account and account.brought(runtime):
        return account.number, account.reason
    if bare(runtime):
        return NONROOT, "images without a shell have this account by convention, and none can be made there"
    return OWN, "an account of its own, with a number that no base image uses"


FIELDS = {
    "command": "Start command as an argument list; null for the image's own.",
    "ports": "Ports that the process listens on, the main one first.",
    "user": "Numeric user id that the process runs as.",
    "writable": "Folders that the process writes to; each becomes an emptyDir.",
}
TOPIC = Topic(name=PROCESS, revision=1, fields=FIELDS, heuristics=_heuristics, after=(BUILD,), follows=True)
