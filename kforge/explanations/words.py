"""Words that a user typed → what they name: a decision, a key of the spec, an object, a file, an environment.

web   web/probes   web/probes readiness.path   web.port   web/probes.readiness.path   port   registry
Deployment/web   deploy/web limits.memory   deploy/kubernetes/web/deployment.yaml:42   prod   prod web
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from kforge.domain.document import Document, pod_spec
from kforge.domain.fieldpath import PathError
from kforge.domain.kubernetes.kind_names import kind_named
from kforge.domain.near_words import listed, near_words
from kforge.domain.spec.pins import leaves
from kforge.domain.spec.raw import Path
from kforge.domain.topic_names import PROCESS
from kforge.errors import InputError
from kforge.explanations.environment_keys import object_of, said_in
from kforge.explanations.explainer import Explainer
from kforge.explanations.files import known_files
from kforge.stages.object_fields import resolved

Locate = Callable[[str], str]  # a path as it is typed → relative to the spec's folder
_FILE = re.compile(r"(?P<path>.+?)(?::(?P<line>-?[0-9]{1,9}))?(?::[0-9]{1,9})?:?")
_SHORT = {"port": "ports", "ports": "ports", "command": "command", "user": "user"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What words name: a service or one of its decisions, a key of the spec, an object or a file, in an environment or
    in the base. Nothing is set where everything is asked for; the environment alone where it is what is asked for.
    """

    service: str = ""
    topic: str = ""
    field: str = ""  # of the decision or of the object
    keys: Path = ()  # of the spec
    document: Document | None = None
    file: str = ""
    line: int = 0
    environment: str = ""


def asked(known: Explainer, target: str, field: str, environment: str, locate: Locate) -> Asked:
    """What a target and perhaps a field name. Raises InputError for what names nothing, with the nearest names."""
    if environment and environment not in known.environments:
        raise InputError(f"there is no environment `{environment}`", hint=_those("there are", known.environments))
    found = _FILE.fullmatch(target)
    path = locate(found["path"]) if found else ""
    if found and path in known_files(known):
        if found["line"] and int(found["line"]) < 1:
            raise InputError(f"`{path}` has no line {int(found['line'])}", hint="lines count from 1")
        line = int(found["line"] or 0)
        document = object_of(known, path, environment) if field and not line else None
        return Asked(document=document, file="" if document else path, line=line, field=field, environment=environment)
    if found and found["line"]:
        raise _unknown_file(known, target)
    head, _, rest = target.partition("/")
    if head in known.environments and head not in known.services and not environment:
        word = rest or field
        inner = asked(known, word, field if rest else "", head, locate) if word else Asked()
        return replace(inner, environment=head)
    own = Asked(keys=tuple(".".join(filter(None, (target, field))).split(".")))
    if own.keys[0] not in known.services and said_in(known, own.keys, environment):
        return replace(own, environment=environment)
    made = _named(known, target, field, environment)
    if made is not None:
        return replace(made, environment=environment)
    raise _unknown(known, target, path)


def _named(known: Explainer, target: str, field: str, environment: str) -> Asked | None:
    separators = [at for at in (target.find("/"), target.find(".")) if at >= 0]
    end = min(separators, default=len(target))
    head, rest = target[:end], target[end + 1 :]
    if head in known.services:
        below = ".".join(filter(None, (rest.replace("/", "."), field)))
        return _of_service(known, head, below, environment)
    held = [[*known.outcome.documents[name].objects()] for name in dict.fromkeys((environment, ""))]
    documents = [item for group in held for item in group]
    kinds = dict.fromkeys(item.kind for item in documents)
    kind, _, name = target.partition("/")
    if found := kind_named(kind, kinds):
        groups = [[item for item in group if item.kind == found] for group in held]
        if not name and field and not _only(groups, field):
            name, field = field, ""
        others = [item.target for item in documents if item.name == name and pod_spec(item)]
        return _of_kind(groups, name, field, target, others)
    below = ".".join(filter(None, (target.replace("/", "."), field)))
    return _anywhere(known, below)


def _of_service(known: Explainer, service: str, below: str, environment: str) -> Asked:
    """What is named below a service: a decision, a field of one by its end, a key of the spec, an object."""
    if not below:
        return Asked(service=service)
    topic, _, field = below.partition(".")
    if (service, topic) in known.decisions:
        return Asked(service=service, topic=topic, field=_field_of(known, service, topic, field))
    ends = dict(_ending(known, service, below))
    if len(ends) > 1:
        names = listed([f"kforge explain {service}/{topic} {name}" for topic, name in ends.items()])
        raise InputError(f"`{service}` has several fields `{below}`", hint=f"say which: {names}")
    if ends:
        found, name = next(iter(ends.items()))
        return Asked(service=service, topic=found, field=name)
    parts = tuple(below.split("."))
    keys: Path = ("services", service, *parts)
    if known.said(keys) or said_in(known, keys, environment):
        return Asked(service=service, keys=keys)
    objects = [item for item in known.outcome.documents[environment].objects() if item.service == service]
    if kind := kind_named(topic, [item.kind for item in objects]):
        return Asked(document=next(item for item in objects if item.kind == kind), field=field)
    if of_object := _in_objects(objects, below):
        return of_object
    for keys in (*(("services", service, held, below) for held in ("env", "secrets")), _scale(service, below)):
        if known.said(keys) or said_in(known, keys, environment):
            return Asked(service=service, keys=keys)
    raise InputError(f"`{service}` has no `{below}`", hint=_perhaps(known, service, below))


def _scale(service: str, below: str) -> Path:
    """What says how many replicas there are where an autoscaler does."""
    return ("services", service, "scale" if below == "replicas" else below)


def _in_objects(objects: list[Document], field: str) -> Asked | None:
    """A field of a service's workload, else of the first of its other objects that has one of that name."""
    for item in sorted(objects, key=lambda each: pod_spec(each) is None):
        with suppress(PathError):
            resolved(item, field)
            return Asked(document=item, field=field)
    return None


def _perhaps(known: Explainer, service: str, below: str) -> str:
    """The nearest that there is below a service, as it can be typed."""
    topics = [topic for owner, topic in known.decisions if owner == service]
    keys = known.raw.dig(("services", service))
    fields = [name for topic in topics for name in _names(known, service, topic)]
    typed = {name: f"{service}.{name}" for name in (*(keys if isinstance(keys, dict) else ()), *fields)}
    typed |= {topic: f"{service}/{topic}" for topic in topics}
    typed |= {path.removeprefix(f"{service}/"): path for path in known_files(known) if path.startswith(f"{service}/")}
    near = near_words(below, typed, 3)
    if near:
        return f"did you mean {', '.join(f'`{typed[name]}`' for name in near)}?"
    return _those("its decisions are", topics)


def _field_of(known: Explainer, service: str, topic: str, field: str) -> str:
    """The whole name of a decision's field. Raises InputError where the decision has none of that name or end."""
    names = _names(known, service, topic)
    if not field or field in names:
        return field
    short = _SHORT.get(field) if topic == PROCESS else None
    ends = [short] if short in names else [name for name in names if name.endswith(f".{field}")]
    if len(ends) == 1 and ends[0]:
        return ends[0]
    said = f"`{service}/{topic}` has {'several fields' if ends else 'no field'} `{field}`"
    hint = (
        f"say which: {listed([str(each) for each in ends])}" if ends else _near(field, names, _those("it has", names))
    )
    raise InputError(said, hint=hint)


def _names(known: Explainer, service: str, topic: str) -> list[str]:
    """Names of a decision's fields, and of what holds them."""
    found = dict[str, None]()
    for leaf in leaves(known.decisions[service, topic].value):
        parts = leaf.split(".")
        found.update(dict.fromkeys(".".join(parts[:end]) for end in range(1, len(parts) + 1)))
    return [*found]


def _ending(known: Explainer, service: str, below: str) -> Iterator[tuple[str, str]]:
    """Topic and name of the fields that a word may mean: of that name, else those that end in it."""
    if below in _SHORT and (service, PROCESS) in known.decisions:
        yield PROCESS, _SHORT[below]
        return
    every = [
        (topic, name) for owner, topic in known.decisions if owner == service for name in _names(known, owner, topic)
    ]
    exact = [(topic, name) for topic, name in every if name == below]
    ends = exact or [(topic, name) for topic, name in every if name.endswith(f".{below}")]
    if len(ends) > 1 and len({topic for topic, _ in ends}) == 1:
        names = ", ".join(f"`{name}`" for _, name in ends)
        raise InputError(f"`{service}/{ends[0][0]}` has several fields `{below}`", hint=f"say which: {names}")
    yield from ends


def _only(groups: list[list[Document]], field: str) -> bool:
    """Whether a word behind a kind is a field, since there is one object of that kind and it is called otherwise."""
    first = next(filter(None, groups), [])
    return len(first) == 1 and not near_words(field, {first[0].name, first[0].service})


def _of_kind(groups: list[list[Document]], name: str, field: str, target: str, others: list[str]) -> Asked:
    """An object by its name; a one-off Job's without the digest at its end, and any by its service where it has but one.
    Those of the environment come before those of the base.
    """
    ways: tuple[Callable[[Document], bool], ...] = (
        lambda item: item.name == name,
        lambda item: bool(name) and item.name.rpartition("-")[0] == name,
        lambda item: item.service == name or not name,
    )
    for way in ways:
        for group in groups:
            found = {item.name: item for item in reversed(group) if way(item)}
            if len(found) == 1:
                return Asked(document=next(iter(found.values())), field=field)
    items = [item for group in groups for item in group]
    names = sorted({item.target for item in items})
    said = f"there is no `{target}`" if name else f"which `{target}`?"
    if others:
        raise InputError(said, hint=f"did you mean `{others[0]}`?")
    raise InputError(said, hint=_near(f"{items[0].kind}/{name}", names, _those("there are", names)))


def _anywhere(known: Explainer, below: str) -> Asked | None:
    """A decision or field that one service alone has, or a key at the top of the spec."""
    found = dict[str, Asked]()
    for service in known.services:
        try:
            made = _of_service(known, service, below, "")
        except InputError:
            continue
        if made.topic:
            found[service] = made
    if len(found) == 1:
        return next(iter(found.values()))
    keys = tuple(below.removeprefix("app.").split("."))
    if not found and known.said(keys):
        return Asked(keys=keys)
    if found:
        first = next(iter(found))
        raise InputError(
            f"`{below}` is settled for {listed([*found])}", hint=f"say whose: `kforge explain {first}.{below}`"
        )
    return None


def _unknown(known: Explainer, target: str, path: str) -> InputError:
    if path.count("/") > 1:
        return _unknown_file(known, target)
    objects = [item.target for documents in known.outcome.documents.values() for item in documents.objects()]
    decisions = [f"{service}/{topic}" for service, topic in known.decisions]
    names = {*known.services, *known.environments, *decisions, *objects, *known_files(known)}
    return InputError(
        f"there is no `{target}`", hint=_near(target, names, "`kforge explain` alone lists what there is")
    )


def _unknown_file(known: Explainer, target: str) -> InputError:
    path, _, line = target.partition(":")
    files = known_files(known)
    ends = [each for each in files if each.rpartition("/")[2] == path.rpartition("/")[2]]
    near = near_words(path, files, 3) or ends[:3]
    behind = f":{line}" if line else ""
    hint = f"did you mean {', '.join(f'`{each}{behind}`' for each in near)}?" if near else "`kforge plan` lists them"
    return InputError(f"`{path}` is no file that kforge writes", hint=hint)


def _near(word: str, names: Iterable[str], otherwise: str) -> str:
    near = near_words(word, {*names}, 3, cutoff=0.6)
    return f"did you mean {', '.join(f'`{name}`' for name in near)}?" if near else otherwise


def _those(what: str, names: Iterable[str]) -> str:
    found = [*names]
    return f"{what} {listed(found)}" if found else ""
