"""What a model says of the lines of a source without a sure way → the build, or how it starts, made by code of the table of
toolchains and of those lines; and the limits that such an answer keeps to, fresh or from a lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kforge.domain.decision import Answer
from kforge.domain.invisible_chars import line as one_line
from kforge.domain.language import RuntimeImages
from kforge.domain.model.answer_fields import FIELDS, record
from kforge.domain.model.question import Rejected
from kforge.domain.toolchains import Toolchain, toolchains
from kforge.domain.topic_names import BUILD
from kforge.llm.conformance import faults, quoted
from kforge.llm.generic_form import BUILDS, INSTALLS, PORT, STARTS, GenericForm, GenericLine
from kforge.llm.reasons import NO_CHOICE, reason
from kforge.topics.bases import runtime_base
from kforge.topics.ports import settled
from kforge.topics.process_fields import OWN, answer, ports_of, writable_folders

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

_MOST = 6  # steps that an answer may have
_USUAL = "nothing of the source speaks of another"


@dataclass(frozen=True, slots=True)
class AskedGeneric(GenericForm):
    """The form as it is asked, with what becomes of its answer."""

    def answer(self, said: Mapping[str, Any], question: Question) -> Answer:
        """The decision that the answer leads to. Raises Rejected where nothing is said to build or to start the program."""
        made = assembled(question, self, {key: str(said[key]) for key in self.lines})
        if broken := [*generic_faults(question, made.value)]:
            raise Rejected("\n".join(broken[:12]))
        return made


def assembled(question: Question, form: GenericForm, said: Mapping[str, str]) -> Answer:
    """The decision out of what is said of each line. Raises Rejected."""
    by_phrase: dict[str, list[GenericLine]] = {}
    for key, one in form.lines.items():
        by_phrase.setdefault(said[key], []).append(one)
    made = _build(question, by_phrase) if question.topic.name == BUILD else _process(question, by_phrase)
    reasons = {name: reason(why) or NO_CHOICE for name, why in made.reasons.items()}
    return Answer(made.value, reasons, proposed=True)


# ---- build ----------------------------------------------------------------------------------------------------
def _build(question: Question, said: Mapping[str, Sequence[GenericLine]]) -> Answer:
    steps = [*said.get(INSTALLS, ()), *said.get(BUILDS, ())][:_MOST]
    starts = list(said.get(STARTS, ()))
    row = next((toolchains()[name] for one in (*steps, *starts) if (name := one.fact.value["toolchain"])), None)
    if row is None:
        raise Rejected("no line is said to build or to start the program; say which does")
    words = [list(one.fact.value["words"]) for one in steps]
    made = _left(row, words, starts)
    shown = _lines(question, steps or starts)
    base, final = _image(question, row, "base"), _image(question, row, "runtime")
    value = {
        "recipe": next(one.name for one in question.view.languages.recipes if one.proposed),
        "base": base,
        "runtime": final if made != ["."] else base,  # what is started from its source needs its toolchain
        "packages": sorted(row.packages),
        "buildPackages": sorted(row.build_packages),
        "steps": words,
        "copied": made,
    }
    why = f"it is {row.title}, as {shown}"
    reasons = dict.fromkeys(("recipe", "base", "runtime"), why)
    reasons |= dict.fromkeys(("packages", "buildPackages"), f"usual for {row.title}")
    reasons |= {"steps": shown, "copied": _lines(question, starts) if starts and made != ["."] else _USUAL}
    return Answer(value, reasons)


def _left(row: Toolchain, steps: list[list[str]], starts: Sequence[GenericLine]) -> list[str]:
    """What the final image gets: the program that a line starts by its path, else all of the source."""
    own = [one.fact.value["words"][0].removeprefix("./") for one in starts if not one.fact.value["toolchain"]]
    return own[:1] if own and steps else ["."]


def _image(question: Question, row: Toolchain, field: str) -> str:
    named = (row.base if field == "base" else row.runtime).of(row.version.usual)
    return runtime_base(question.view, RuntimeImages(named.key, (named.image,)), row.title, field).image


# ---- process --------------------------------------------------------------------------------------------------
def _process(question: Question, said: Mapping[str, Sequence[GenericLine]]) -> Answer:
    ports = [dict(one.fact.value) for one in said.get(PORT, ())]
    listened = ports_of(question.view, ports) if ports else ([], "no line says where it listens")
    if ports:
        listened = (listened[0], _lines(question, said[PORT]))
    if question.baseline.value:
        value = {**question.baseline.value, "ports": [port.record() for port in listened[0]]}
        return Answer(value, {**question.baseline.reasons, "ports": listened[1]})
    starts = list(said.get(STARTS, ()))
    if not starts:
        raise Rejected("no line is said to start the program; say which does")
    command = (list(starts[0].fact.value["words"]), _lines(question, starts[:1]))
    user = (OWN, "an account of its own, with a number that no base image uses")
    return answer(command, listened, user, writable_folders((), occupied=()))


def _lines(question: Question, lines: Sequence[GenericLine]) -> str:
    """The lines, in their own words."""
    shown = []
    for one in lines[:3]:
        shown.append(f"{one.place} says: {one_line(one.said(question), 80).strip()}")
    return "; ".join(shown)


# ---- limits ---------------------------------------------------------------------------------------------------
def generic_faults(question: Question, value: Mapping[str, Any]) -> Iterator[str]:
    """What in such an answer no line and no row of the table brings. What the spec pins is not in it.

    A lock comes with a pull request, so a value may have any form: what has another than its field's is all that is told.
    """
    misfits = [*form_faults(question, value)]
    yield from misfits
    if misfits:
        return
    yield from _build_faults(question, value) if question.topic.name == BUILD else _process_faults(question, value)


def form_faults(question: Question, value: Mapping[str, Any]) -> Iterator[str]:
    """Where a field is no text, number or list as it must be."""
    forms = {name: schema for name, schema in FIELDS[question.topic.name].items() if name in value}
    if "steps" in forms:
        forms["steps"] = {**forms["steps"], "maxItems": _MOST}
    return faults({name: value[name] for name in forms}, record(forms))


def _build_faults(question: Question, value: Mapping[str, Any]) -> Iterator[str]:
    commands = question.view.fact("commands")
    rows = [toolchains()[name] for name in dict.fromkeys(one["toolchain"] for one in commands) if name]
    recipes = {one.name for one in question.view.languages.recipes if one.proposed}
    if value.get("recipe") not in {*recipes, None}:
        yield f"`recipe`: {quoted(str(value['recipe']))} is none that is proposed"
    allowed = {_image(question, row, field) for row in rows for field in ("base", "runtime")}
    for field in ("base", "runtime"):
        if field in value and value[field] not in allowed:
            yield f"`{field}`: {quoted(str(value[field]))} is no image of a toolchain that a line names; those are {', '.join(sorted(allowed))}"
    for field, own in (("packages", "packages"), ("buildPackages", "build_packages")):
        if field in value and value[field] not in [sorted(getattr(row, own)) for row in rows]:
            yield f"`{field}`: they are not those of a toolchain that a line names"
    known = [one["words"] for one in commands]
    for step in value.get("steps") or ():
        if step not in known:
            yield f"`steps`: {quoted(' '.join(map(str, step)))} stands in no line of the source"
    made = {one["words"][0].removeprefix("./") for one in commands if not one["toolchain"]}
    for path in value.get("copied") or ():
        if path != "." and path not in made:
            yield f"`copied`: {quoted(str(path))} is no program that a line of the source starts"
    if "copied" in value and not value["copied"]:
        yield "`copied`: the image would be empty"
    if not value.get("steps", ["pinned"]) and value.get("copied", ["."]) != ["."]:
        yield "`steps`: no step makes what is copied"


def _process_faults(question: Question, value: Mapping[str, Any]) -> Iterator[str]:
    usual = question.baseline.value
    commands = [one["words"] for one in question.view.fact("commands")]
    command = value.get("command")
    if "command" in value and command not in (commands if not usual else [usual["command"]]):
        yield f"`command`: {quoted(' '.join(map(str, command or ())))} stands in no line of the source"
    known = [port.record() for one in question.view.fact("port_lines") for port in settled([one])]
    plain = [{**port, "name": ""} for port in known]
    for port in value.get("ports") or ():
        if {**port, "name": ""} not in plain:
            yield f"`ports`: {port['port']} stands in no line of the code that speaks of a port"
    ports = [*value.get("ports", ())]
    if ports != [port.record() for port in settled(ports)]:
        yield "`ports`: one has another name than it gets, or stands twice"
    if "user" in value and value["user"] != usual.get("user", OWN):
        yield f"`user`: {value['user']} is another than {usual.get('user', OWN)}"
    folders = usual.get("writable", [*writable_folders((), occupied=())[0]])
    if "writable" in value and list(value["writable"]) != list(folders):
        yield "`writable`: no line speaks of a folder"


def stand_in(question: Question, form: GenericForm) -> Answer | None:
    """What shows the rest of a project while such a question is open: every line taken for the first that may be said of
    it. None where that makes no decision.
    """
    said = {key: _guess(one) for key, one in form.lines.items()}
    try:
        return assembled(question, form, said)
    except Rejected:
        return None


def _guess(one: GenericLine) -> str:
    if one.is_port:
        return PORT
    starts = not one.fact.value["toolchain"] or len(one.choices) == len((STARTS, ""))
    return STARTS if starts else BUILDS
