"""Target and field → who decided it, which value, why, from what. Pure: places are looked up by the caller's function."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any

from kforge.domain import fieldpath
from kforge.domain.decision import Decision
from kforge.domain.document import CONFIDENTIAL, Document, pod_spec
from kforge.domain.near_words import near_words
from kforge.domain.origin import paths_of
from kforge.domain.reliability import Reliability
from kforge.domain.spec.pins import leaves, pin_path
from kforge.domain.spec.raw import Path, dotted
from kforge.domain.topic_names import PROCESS, TOPIC_NAMES
from kforge.errors import InputError, Place
from kforge.stages.object_fields import endings, origin_of, resolved
from kforge.stages.partly_pinned import implied_by, reason_beside

_PATCH = re.compile(r"(?:environments\.([^.]+)\.)?patches\[([0-9]{1,9})\]: ")
_INDEX = re.compile(r"[0-9]{1,9}")
DEFAULT = "kforge's default"  # how a reason begins where the spec could say it and does not


@dataclass(frozen=True, slots=True)
class Explanation:
    """One field's story. `inputs` are names with plain values; `where` is the spec line behind the value."""

    target: str
    field: str
    value: Any
    decided: str  # "pinned", "heuristics", "model …", "spec", "kforge"
    decision: str = ""  # `web/resources: memory`
    why: str = ""
    where: Place | None = None
    file: str = ""
    inputs: tuple[tuple[str, Any], ...] = ()
    taken: str = ""  # where a service takes it from: `services.api (like)`
    reliability: Reliability | None = None  # of a model's decision
    note: str = ""  # what a reader has to know beside it: that the image says it, and no manifest
    line: int = 0  # of the file
    follows: str = ""  # the pinned field that says this one besides itself
    decider: Mapping[str, Any] = dataclass_field(default_factory=dict)  # who decided, as the lock names it

    @property
    def settled(self) -> tuple[str, str]:
        """The decision and its field behind the value: ("web/resources", "memory"), ("", "") where none is."""
        target, _, field = self.decision.partition(": ")
        return target, field


@dataclass(frozen=True, slots=True)
class Explainable:
    """What an explanation is drawn from."""

    documents: tuple[Document, ...]
    decisions: Mapping[tuple[str, str], Decision]
    place: Callable[[Path], Place]
    value: Callable[[str, str], Any]  # (service, input name) → value
    said: Callable[[Path], bool] = lambda path: False  # whether the spec has a value there
    written: Callable[[Path], Path] = lambda path: path  # where what is meant there stands
    missing: Callable[[Path], bool] = lambda path: False  # whether the spec leaves it to its default


def explain(known: Explainable, target: str, field: str) -> tuple[Explanation, ...]:
    """Explain one field of an object (`Deployment/web`), or one field or all of a decision (`web/resources`).

    Raises InputError when there is no such target or field, with the nearest names.
    """
    service, _, topic = target.partition("/")
    if topic in TOPIC_NAMES and (service, topic) in known.decisions:
        decision = known.decisions[service, topic]
        # In one order, whether the value is fresh or from a lock.
        names = sorted(name for name in leaves(decision.value) if not field or f"{name}.".startswith(f"{field}."))
        if not names:
            raise _unknown(f"`{target}` has no field `{field}`", field, list(leaves(decision.value)))
        return tuple(_decided(known, decision, name, target, name) for name in names)
    return explain_field(known, _document(known, target), field)


def explain_field(known: Explainable, document: Document, field: str) -> tuple[Explanation, ...]:
    """Explain a field of an object, named by its path or by the end of it; of what holds fields, each that it holds.

    Raises InputError when there is no such field, with the nearest names.
    """
    try:
        concrete = resolved(document, field)
    except fieldpath.PathError:
        absent = _started_by_image(known, document, field)
        if absent is None:
            raise _unknown(f"`{document.target}` has no field `{field}`", field, endings(document)) from None
        return (absent,)
    below = paths_of(fieldpath.get(document.data, concrete), concrete)
    own = origin_of(document, concrete)
    if own and {origin_of(document, path) for path in below} == {own}:
        return (_field(known, document, concrete),)
    return tuple(_field(known, document, path) for path in below)


_COMMAND = re.compile(r"(?:.*\.)?(?:containers\[[^\]]*\]\.)?(?:command|args)")


def _started_by_image(known: Explainable, document: Document, field: str) -> Explanation | None:
    """The decision behind a command that is not in the manifest since the image's own CMD has it."""
    decision = known.decisions.get((document.service, PROCESS))
    if decision is None or pod_spec(document) is None or not _COMMAND.fullmatch(field):
        return None
    found = _decided(known, decision, "command", f"{document.service}/{PROCESS}", "command")
    return replace(found, note=f"the image's CMD says it, so `{document.target}` has no `{field.rpartition('.')[2]}`")


def _document(known: Explainable, target: str) -> Document:
    found = [document for document in known.documents if document.target == target]
    if found:
        return found[0]
    # A one-off Job's name ends in a digest, which is not typed.
    found = [document for document in known.documents if document.target.rpartition("-")[0] == target]
    if found:
        return found[0]
    names = [document.target for document in known.documents] + [f"{s}/{t}" for s, t in known.decisions]
    raise _unknown(f"there is no `{target}`", target, names)


def _field(known: Explainable, document: Document, field: str) -> Explanation:
    hidden = document.kind in CONFIDENTIAL and field.startswith(("data", "stringData"))
    value = "not shown: it is a Secret's" if hidden else fieldpath.get(document.data, field)
    origin = origin_of(document, field)
    topic, _, name = origin.partition(".")
    decision = known.decisions.get((document.service, topic))
    if decision is not None:
        found = _decided(known, decision, name, document.target, field)
        own = _environments(known, document, ("services", document.service, *pin_path_of(known, decision, name)))
        if own:
            return Explanation(
                document.target,
                field,
                value,
                "pinned",
                found.decision,
                dotted(own),
                known.place(own),
                document.path,
                taken=_taken(known, own),
            )
        return replace(found, target=document.target, field=field, value=value, file=document.path)
    keys = spec_path(origin, document.service)
    keys = _environments(known, document, keys) or _registry(known, document, field, keys) or keys
    if keys and known.missing(keys):
        why = f"{DEFAULT}; `{dotted(keys)}` changes it"
        return Explanation(document.target, field, value, "kforge", why=why, file=document.path)
    if keys:
        return Explanation(
            document.target,
            field,
            value,
            "spec",
            why=origin if ": " in origin else dotted(keys),
            where=known.place(keys),
            file=document.path,
            taken=_taken(known, keys),
        )
    why = origin.removeprefix("kforge: ") if origin else f"part of every {document.kind} that kforge writes"
    return Explanation(document.target, field, value, "kforge", why=why, file=document.path)


def _environments(known: Explainable, document: Document, keys: Path) -> Path:
    """Where the document's environment says it, () where it does not. A patch names its own place."""
    if not document.environment or not keys or keys[0] in ("patches", "environments"):
        return ()
    own = ("environments", document.environment, *keys)
    return own if known.said(own) else ()


def _registry(known: Explainable, document: Document, field: str, keys: Path) -> Path:
    """The registry of the document's environment, where it is what makes an image of a source another one there."""
    own = ("environments", document.environment, "registry")
    built = keys[-1:] in (("source",), ("version",)) and field.endswith("image")
    return own if document.environment and built and known.said(own) else ()


def _decided(known: Explainable, decision: Decision, name: str, target: str, field: str) -> Explanation:
    """The story of a decision's field."""
    path = pin_path_of(known, decision, name)
    keys = ("services", decision.service, *path)
    # `port` moves the main one of the ports that are decided, so it is no field of the decision's own.
    pinned = path == ("port",) or any(
        name == leaf or name.startswith(f"{leaf}.") or leaf.startswith(f"{name}.") for leaf in decision.pinned
    )
    value: Any = decision.value
    for key in name.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    why = decision.reasons.get(name) or decision.reasons.get(name.partition(".")[0], "")
    inputs = tuple(
        (read, known.value(decision.service, read)) for read in sorted(decision.inputs) if decision.inputs[read] != "-"
    )
    label = f"{decision.service}/{decision.topic}: {name}"
    follows = "" if pinned else implied_by(decision, name)
    if follows:
        keys = (*keys[:-1], follows)
    if pinned or follows:
        return Explanation(
            target,
            field,
            value,
            "pinned",
            label,
            f"follows from the pinned `{follows}`" if follows else "the spec says it",
            known.place(keys),
            inputs=inputs,
            taken=_taken(known, keys),
            follows=follows,
        )
    return Explanation(
        target,
        field,
        value,
        str(decision.decider),
        label,
        reason_beside(decision, name, why),
        inputs=inputs,
        reliability=decision.reliability,
        decider=decision.decider.record(),
    )


def _taken(known: Explainable, keys: Path) -> str:
    """Where in the spec a service takes from what stands at a path, "" where it says so itself."""
    stands = known.written(keys)
    if stands == keys:
        return ""
    service = keys[1] if keys[0] == "services" else keys[3]
    owner = next((index for index, part in enumerate(stands) if part in ("services", "defaults")), 0)
    if stands[owner] == "defaults":
        return dotted(stands[: owner + 1])
    way = "like" if known.said(("services", service, "like")) else "the same source"
    return f"{dotted(stands[: owner + 2])} ({way})"


def pin_path_of(known: Explainable, decision: Decision, name: str) -> tuple[str, ...]:
    """Where the spec pins a field of this decision."""
    short = {
        key: True
        for key in ("command", "user", "port", "ports")
        if known.value(decision.service, f"spec.{key}") is not None
    }
    return pin_path(short, decision.topic, name)


def spec_path(origin: str, service: str) -> Path:
    """Path in the spec that an origin names: `spec.env.URL` of web → ("services", "web", "env", "URL").

    Patches have theirs before a reason: `patches[0]: pools warm up`, `environments.prod.patches[0]: load`.
    """
    patch = _PATCH.match(origin)
    if patch:
        own = ("environments", patch[1]) if patch[1] else ()
        return (*own, "patches", int(patch[2]))
    head, _, rest = origin.partition(".")
    if head == "services" and ": " not in origin:
        return ("services", *rest.split("."))
    if head == "spec" and rest:
        return ("services", service, *rest.split("."))
    if head == "app" and rest:
        return tuple(int(part) if _INDEX.fullmatch(part) else part for part in rest.split("."))
    return ()


def _unknown(message: str, word: str, names: list[str]) -> InputError:
    near = near_words(word, names, 3, cutoff=0.5)
    return InputError(
        message, hint=f"did you mean {', '.join(f'`{name}`' for name in near)}?" if near else "see `kforge plan`"
    )
