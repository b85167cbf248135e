"""Question → the fields that an answer may change, each with the schema of what can be chosen here.

A field that the spec pins is none of them, nor one that leaves no choice: the source shows one way to build it, nothing
listens, no command is known. Those keep the heuristics' value. What can be chosen is read through the view.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from kforge.domain.kubernetes import names
from kforge.domain.model import answer_fields
from kforge.domain.port import Port
from kforge.domain.secrets.source_secrets import HIDDEN
from kforge.domain.topic_names import BUILD, PROBES, PROCESS
from kforge.domain.wishes.readings import readings
from kforge.llm.image_choices import pattern
from kforge.llm.prompt_context import wishes
from kforge.topics.ports import PRIVILEGED

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

_PLAIN_WORD = re.compile("[A-Za-z0-9_./:=,@%+-]{1,100}")  # what nearly every command is made of: no blank, no quote
# PORT, ADMIN_HTTP_PORT: no room for a sentence
_VARIABLE = re.compile("(?:[A-Z][A-Z0-9]{0,15}_){0,2}[A-Z][A-Z0-9]{0,15}")
FieldSchemas = dict[str, Mapping[str, Any]]  # field → schema


def asked_fields(question: Question) -> FieldSchemas:
    """The open fields in the topic's order, with their schemas; empty where there is nothing to ask."""
    known, value = answer_fields.FIELDS.get(question.topic.name, {}), question.baseline.value
    if question.topic.name == BUILD and question.view.builder() is not None:
        return {}  # who builds from another's folder runs its image
    found: FieldSchemas = {}
    for name in question.topic.fields:
        if name not in known or (value and name not in value):
            continue
        if name in question.pinned and not isinstance(question.pinned[name], Mapping):
            continue
        schema = _NARROWED.get((question.topic.name, name), _as_it_is)(question, known[name])
        if schema is not None:
            found[name] = schema
    return found


def spelled(value: Any, schema: Mapping[str, Any]) -> Any:
    """A value in the words of its schema; where it has none, the first that the schema allows."""
    if isinstance(value, Mapping) and schema.get("type") == "object":
        return {name: spelled(value.get(name), inner) for name, inner in schema["properties"].items()}
    if value is None and "anyOf" not in schema:
        return schema["enum"][0] if "enum" in schema else schema.get("minimum", "")
    return str(value) if schema.get("type") == "string" and type(value) is int else value


def wide(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Schemas as wide as the limits: those say more of what a list lacks than its length, know a port by its number,
    and say why a type of probe is none here.
    """
    wide = {name: {**schema, "minItems": 0} if name == "steps" else schema for name, schema in asked.items()}
    for name in asked.keys() & answer_fields.FIELDS[PROBES].keys():
        wide[name] = {
            **wide[name],
            "properties": {
                **wide[name]["properties"],
                "type": answer_fields.FIELDS[PROBES][name]["properties"]["type"],
            },
        }
    return wide | ({"ports": answer_fields.FIELDS[PROCESS]["ports"]} if "ports" in asked else {})


# ---- what there is to choose from -----------------------------------------------------------------------------
def recipes(question: Question) -> tuple[str, ...]:
    """Recipes of the source's language that can build it."""
    language = question.view.language()
    return tuple(recipe.name for recipe in language.recipes if recipe.fits(question.view)) if language else ()


def ports(question: Question) -> dict[int, Port]:
    """Ports that may be named, by number: the heuristics', the spec's with its wishes', and those that the source shows or
    may have.
    """
    found: dict[int, Port] = {}
    if names.is_job(question.view):
        return found
    for port in (
        *(question.baseline.value.get("ports") or ()),
        *(question.pinned.get("ports") or ()),
        *question.view.fact("ports"),
        *(question.view.fact("port_lines") if question.facts.port_lines else ()),
    ):
        found.setdefault(int(port["port"]), Port.of(port))
    for main in list(found.values())[:1]:
        for number in _wished(question):
            found.setdefault(number, replace(main, number=number))
    return found


def _wished(question: Question) -> Iterator[int]:
    """Numbers that the owner surely names as the main port; below 1024 only root may listen."""
    for wish in wishes(question):
        for one in readings(wish):
            if one.field == "process.port" and PRIVILEGED <= int(one.value) < 65536:
                yield int(one.value)


def starts(question: Question) -> list[list[str]]:
    """Commands that are known to start the program, best first."""
    own = question.baseline.value.get("command")
    return _spoken((*([own] if own else []), *question.view.fact("start")))


def builds(question: Question) -> list[list[str]]:
    """Commands that are known to build it."""
    return _spoken((*(question.baseline.value.get("steps") or ()), *question.view.fact("build")))


def _spoken(commands: Iterable[Sequence[str]]) -> list[list[str]]:
    """Commands of which no word was hidden as a credential."""
    return [list(command) for command in commands if not any(HIDDEN in word for word in command)]


def port_names(question: Question) -> tuple[str, ...]:
    return tuple(port.name for port in names.ports(question.view))


# ---- schemas, narrowed ----------------------------------------------------------------------------------------
def _as_it_is(question: Question, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return schema


def _recipe(question: Question, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    found = recipes(question)
    if len(found) < 2 and "recipe" in question.baseline.value:
        return None
    return answer_fields.choice(*(found or (recipe.name for recipe in question.view.languages.recipes)))


def _image(question: Question, schema: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    return {**schema, "pattern": pattern(question, field, recipes(question))}


def _steps(question: Question, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    known, usual = builds(question), question.baseline.value.get("steps") or ()
    if question.baseline.value and all(step in map(list, usual) for step in known):
        return None  # what is known is what is usual
    return {**schema, "minItems": min(1, len(usual))}


def _command(question: Question, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if not starts(question) and question.baseline.value:
        return None  # the image's own command, of which nothing is known here
    words = schema["anyOf"][0]
    if all(_PLAIN_WORD.fullmatch(word) for command in starts(question) for word in command):
        words = {**words, "items": {**words["items"], "pattern": f"^{_PLAIN_WORD.pattern}$"}}
    return words if question.baseline.value.get("command") is not None else answer_fields.or_null(words)


def _ports(question: Question, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    known = ports(question)
    if not known:
        return None
    usual = question.baseline.value.get("ports") or ()
    # Of what a source calls its variables, only what can be nothing else.
    variables = dict.fromkeys(["", *(name for port in known.values() if _VARIABLE.fullmatch(name := port.env))])
    properties = {
        **schema["items"]["properties"],
        "env": answer_fields.choice(*variables),
        "port": answer_fields.number(min(known), max(known)),
    }
    if {port["port"] for port in usual} == set(known):
        properties["name"] = answer_fields.choice(*(str(port["name"]) for port in usual))
    return {**schema, "items": answer_fields.record(properties), "minItems": min(1, len(usual)), "maxItems": len(known)}


def _user(question: Question, schema: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if question.view.spec("source") is not None and question.view.builder() is not None:
        return None  # the image is built for one user
    return {**schema, "minimum": 1}


def _probe(question: Question, schema: Mapping[str, Any], field: str) -> Mapping[str, Any] | None:
    listed = port_names(question)
    if not listed:
        return None
    spoken = {port.probe for port in names.ports(question.view)}
    kinds = [kind for kind in schema["properties"]["type"]["enum"] if kind in ("tcp", "none", *spoken)]
    usual = str((question.baseline.value.get("readiness") or {}).get("type"))
    if field == "readiness" and usual in kinds and usual != "none":
        kinds.remove("none")  # a service that serves says when
        if usual != "tcp" and not wishes(question):
            kinds.remove("tcp")  # an open port says less than the route that is known
    return {
        **schema,
        "properties": {
            **schema["properties"],
            "type": answer_fields.choice(*kinds),
            "port": answer_fields.choice(*listed),
        },
    }


_NARROWED: Mapping[tuple[str, str], Any] = {
    (BUILD, "recipe"): _recipe,
    **{(BUILD, field): partial(_image, field=field) for field in ("base", "runtime")},
    (BUILD, "steps"): _steps,
    (BUILD, "copied"): lambda question, schema: None,  # a proposal has it, and a model never says it freely
    (PROCESS, "command"): _command,
    (PROCESS, "ports"): _ports,
    (PROCESS, "user"): _user,
    **{(PROBES, name): partial(_probe, field=name) for name in ("startup", "readiness", "liveness")},
}
