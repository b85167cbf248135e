"""The fields of the process topic, each with its reason: what sources, Dockerfiles and known images share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from kforge.domain.decision import Answer
from kforge.domain.instructions import PROGRAM, TMP
from kforge.domain.known_images import Runs
from kforge.domain.kubernetes.names import is_job
from kforge.domain.port import Port
from kforge.topics.ports import PRIVILEGED, settled

if TYPE_CHECKING:
    from kforge.domain.view import View


Reasoned = tuple[Any, str]  # a field's value and why it has it
OWN = 10001  # above every account that a distribution or a base image creates
NONROOT = 65532  # distroless images', and by now a convention
MOST = 2**31 - 1  # Kubernetes' largest user
# an empty folder mounted over one of these hides what the image is made of
CODE = ("/opt/venv", "/usr", "/etc", "/bin", "/lib", "/sbin", "/var", "/home", "/opt", "/")
OPEN_ROOT = (
    "this service's `hardening` leaves its root file system writable, so nothing is mounted over what the image holds"
)
NO_PORTS = "a job serves nobody"


def restricted(view: View) -> bool:
    """Whether Pod Security wants a numeric user; elsewhere a guess would only replace what the image knows better."""
    return str(view.spec("hardening") or view.app("hardening")) == "restricted"


def with_data_loss(view: View, row: Runs | None, why: str) -> str:
    """The reason, with what becomes of a store's data where no volume holds it."""
    if row is None or not row.keeps or is_job(view) or view.spec("volumes"):
        return why
    return f"{row.name} keeps its data in folders that go with the pod: add `volumes:` for what must stay"


def ports_of(view: View, found: Sequence[dict[str, Any]], shown_by: str = "the source") -> tuple[list[Port], str]:
    if is_job(view):
        return [], NO_PORTS
    ports = settled(found)
    if not ports:
        return [], f"{shown_by} shows no port that it listens on"
    numbers = " and ".join(str(port.number) for port in ports)
    variables = [port.env for port in ports if port.env]
    if moved := [
        each["port"]
        for each in found
        if each["port"] < PRIVILEGED and each["port"] not in {port.number for port in ports}
    ]:
        return (
            ports,
            f"{shown_by} listens on {moved[0]} unless `{variables[0]}` says {ports[0].number}: below {PRIVILEGED} only root may listen everywhere",
        )
    return ports, f"{shown_by} listens on {numbers}" + (f", told by `{variables[0]}`" if variables else "")


def writable_folders(
    found: Iterable[str], own_image: bool = False, occupied: Iterable[str] = ()
) -> tuple[list[str], str]:
    """Writable folders, sorted, none inside another; the rest of the root file system is read-only. "/" stands before
    the others where nothing is, since an empty volume would hide the files that a folder of `occupied` holds.
    """
    wanted = {path.rstrip("/") or "/" for path in found}
    hiding = set() if own_image else wanted.intersection(CODE)
    full = sorted(wanted.intersection(occupied if own_image else (*occupied, PROGRAM)) - hiding)
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
    if full:
        held = " and ".join(f"`{path}`" for path in full)
        verb = "holds" if len(full) == 1 else "hold"
        why = (
            f"{why}; {held} {verb} files of the source that a volume would hide, so the root file system stays writable"
        )
        outer = ["/", *kept]
    return outer, why + "".join(f"; `{path}` holds the program, so it stays read-only" for path in sorted(hiding))


def answer(command: Reasoned, ports: tuple[list[Port], str], user: Reasoned, writable: Reasoned) -> Answer:
    """The four fields as JSON, with their reasons."""
    opened = [port.record() for port in ports[0]]
    pairs = {"command": command, "ports": (opened, ports[1]), "user": user, "writable": writable}
    return Answer({name: pair[0] for name, pair in pairs.items()}, {name: pair[1] for name, pair in pairs.items()})
