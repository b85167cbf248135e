"""Texts of templates: written in one pass, shared by services that differ in their names alone, and by no others."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.yaml_text import to_yaml
from kforge.render.helm import shared_texts
from kforge.render.helm.expressions import called, optional
from kforge.render.helm.shared_texts import SharedTexts
from kforge.render.helm.slots import ConditionSlot, LineSlot, ValueSlot, text

# Names that are words of YAML, parts of others, of keys, of quantities and of actions.
NAMES = (
    "web", "web-hook", "db", "true", "n", "no", "o", "m", "k", "i", "y", "null", "nan", "e", "one", "rows", "name",
    "labels", "service", "list", "include", "app", "cpu", "tmp", "data", "a", "t", "rue", "the-service-of-the-template",
)  # fmt: skip


def objects(name: str) -> dict[str, Any]:
    """Objects with the name wherever one may stand."""
    return {
        "alone": {"name": name, "list": [name, f"{name}-tls", {"name": name}]},
        "within": {"url": f"http://{name}:80/{name}", "quoted": f"a: {name} # {name}", "said": f"it's '{name}' \"{name}\""},
        "several lines": {"text": f"one {name}\ntwo \\n{name}\n", "control": f"\x1b{name}\n{name}\x00"},
        "words": {"flag": f"t{name}", "amount": f"5{name}", "bytes": f"1K{name}", "no": f"{name}o", "true": True},
        "keys": {name: 1, "b": {f"x-{name}": name, "z": 0, "a": 0}},
        "actions": {
            "labels": LineSlot(("labels:", f"  {{{{- {called('app', 'labels', name)} | nindent @2 }}}}")),
            "image": ValueSlot(f'include "app.image" (list $ "{name}")'),
            "affinity": optional("affinity", "$service.affinity"),
            "spread": ConditionSlot(f'eq $x "{name}"', [{"name": name, "text": "{{ fixed }}"}]),
            "none": ConditionSlot("$x", None),
        },
        "lists": {"a": [ValueSlot("$x"), ConditionSlot("$y", name), "{{"], "b": [], "c": {}},
    }  # fmt: skip


@pytest.mark.parametrize("form", objects(""))
def test_a_shared_text_is_the_objects_own_whoever_came_first(form: str) -> None:
    for first in NAMES:
        shared = SharedTexts()
        for name in (first, *NAMES):
            assert shared.text(objects(name)[form], name) == text(objects(name)[form]), (first, name)


def test_services_that_differ_in_their_names_alone_share_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []
    monkeypatch.setattr(shared_texts, "text", lambda data: written.append(data) or text(data))
    shared = SharedTexts()
    for name in ("catalog", "orders", "payments"):
        for form in ("alone", "within", "actions"):
            shared.text(objects(name)[form], name)
    assert len(written) == 3


@pytest.mark.parametrize("other", [2, True, "2", None, 1.0])
def test_another_value_or_type_is_another_text(other: Any) -> None:
    shared = SharedTexts()
    texts = [shared.text({"name": name, "number": number}, name) for name, number in (("web", 1), ("api", other))]
    assert texts == ["name: web\nnumber: 1\n", f"name: api\n{to_yaml({'number': other})}"]


def test_text_without_slots_is_that_of_every_other_file() -> None:
    for form in ("alone", "within", "several lines", "words", "keys"):
        assert text(objects("web")[form]) == to_yaml(objects("web")[form])


def test_slots_stand_where_their_keys_and_items_would() -> None:
    assert text({"spec": {**objects("web")["actions"], "z": [objects("web")["lists"]]}}) == (
        "spec:\n"
        "  labels:\n"
        '    {{- include "app.labels" (list $ $service "web") | nindent 4 }}\n'
        '  image: {{ include "app.image" (list $ "web") }}\n'
        "  {{- with $service.affinity }}\n"
        "  affinity:\n"
        "    {{- toYaml . | nindent 4 }}\n"
        "  {{- end }}\n"
        '  {{- if eq $x "web" }}\n'
        "  spread:\n"
        "  - name: web\n"
        '    text: "{{ "{{" }} fixed }}"\n'
        "  {{- end }}\n"
        "  z:\n"
        "  - a:\n"
        "    - {{ $x }}\n"
        "    {{- if $y }}\n"
        "    - web\n"
        "    {{- end }}\n"
        '    - "{{ "{{" }}"\n'
        "    b: []\n"
        "    c: {}\n"
    )
