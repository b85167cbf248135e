"""Values drawn from a chart's own schema, and values that lie outside of it. The same number draws the same values."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import jsonschema_rs

from kforge.render.helm import schema_forms as forms

Schema = Mapping[str, Any]
# Annotations that a chart writes itself, on some objects: a user's own of the same name is left out there.
WRITTEN = ("kforge.dev/config", "helm.sh/hook-weight", "helm.sh/resource-policy", "argocd.argoproj.io/sync-wave")
# What a pattern of the schema takes; a pattern that is not here fails the draw, and a text that it does not take does.
TEXTS = {
    forms.QUANTITY: ("1", "500m", "0.5", "64Mi", "20Gi", "3G", "2e3"),
    forms.POSITIVE: ("1", "0.5Gi", "20Gi", "3G"),
    forms.WHOLE: ("0", "2"),
    forms.NAME: ("a", "regcred", "shop-db", "a.b-c.d", f"{'a' * 63}.b"),
    forms.OPTIONAL_NAME: ("", "traefik", "fast-ssd"),  # SECTION is the same
    forms.KEY: ("a", "tls.key", "KEY_1", "features.json", ".x"),
    forms.VARIABLE: ("A", "_x", "LOG_LEVEL", "spring.profile", "a-b"),
    forms.QUALIFIED: ("tier", "example.com/a", "kubernetes.io/arch", "A_b.c", *WRITTEN),
    forms.LABEL_VALUE: ("", "true", "1", "null", "amd64", "a.b_c-d"),
    forms.REPOSITORY: ("web", "acme/shop-web", "a_b/c.d"),
    forms.REGISTRY: ("", "ghcr.io", "localhost:5000", "registry.acme.internal/team/x"),
    forms.TAG: ("", "1.4.2", "0123", "1e3", "v2-rc.1"),
    forms.DIGEST: ("", "sha256:" + "0a" * 32),
    forms.HOST: ("shop.example.com", "a", "*.example.com"),
    forms.NAMESPACE: ("", "infra", "a-b"),
    forms.NAMED_NAMESPACE: ("infra", "a-b"),
    forms.ROUTED: ("/", "/api", "/a/b/", "/a%20b", "/~a/$b,c"),
    forms.POD_FIELD: ("metadata.name", "metadata.labels['example.com/a']", "spec.nodeName", "status.podIP"),
    forms.CPU_FIELD: ("limits.cpu", "requests.cpu"),
    forms.MEMORY_FIELD: ("limits.memory", "requests.ephemeral-storage"),
    forms.PATH: ("/", "/api", "/a b", "/{{ x }}", "/a.b/..c"),
    forms.PERCENT: ("0%", "50%", "100%"),
    forms.BUILT_IN_AMOUNT: ("cpu", "memory", "ephemeral-storage"),
    forms.EXTENDED_AMOUNT: ("nvidia.com/gpu", "example.com/a_b"),
    "": ("", "on", "1.0", "null", "{{ .Values }}", "a: b # c", "two\nlines\n", 'q"uo\te', "$(HOME)/x", "é 😀"),
}
_REDRAWN = {"not", "dependencies", "allOf"}  # what is easier to ask than to draw


def drawn(schema: Schema, number: int) -> dict[str, Any]:
    """Values of every key, about half of them as a user might write them."""
    found: dict[str, Any] = _drawn(schema, schema, Random(number))
    found.pop("global", None)
    for service in found["services"].values():  # what no schema can say, and templates refuse
        _amounts(service.get("resources", {}))
        if "image" in service and not (service["image"]["tag"] or service["image"]["digest"]):
            service["image"]["tag"] = "1.4.2"
        _apart(service)
        scaled = service.get("autoscaling", {})
        if {"minReplicas", "maxReplicas"} <= scaled.keys():
            scaled["maxReplicas"] = scaled["minReplicas"] + scaled["maxReplicas"]
        for way in ("ingress", "route"):
            if "host" in service.get(way, {}):
                service[way]["host"] = Random(number).choice(TEXTS[forms.HOST])
    return found


def _amounts(resources: dict[str, Any]) -> None:
    """As much is asked for as may be used, since the chart's own values fill what is not said."""
    both = {**resources.get("limits", {}), **resources.get("requests", {})}
    resources.update({key: dict(both) for key in ("limits", "requests") if both})


def _apart(service: dict[str, Any]) -> None:
    """Each variable under a name of its own."""
    if "secrets" in service:
        service["secrets"] = {f"S_{name}": held for name, held in service["secrets"].items()}
    for number, each in enumerate(service.get("extraEnv", ())):
        each["name"] = f"X{number}_{each['name']}"


def _drawn(node: Schema, root: Schema, random: Random) -> Any:
    if _REDRAWN & node.keys():
        asked = jsonschema_rs.validator_for({**node, "definitions": root["definitions"]})
        plain = {key: value for key, value in node.items() if key not in _REDRAWN}
        return next(found for _ in range(1000) if asked.is_valid(found := _drawn(plain, root, random)))
    if "$ref" in node:
        return _drawn(root["definitions"][node["$ref"].rpartition("/")[2]], root, random)
    if "enum" in node or "const" in node:
        return random.choice(node.get("enum", [node.get("const")]))
    if "anyOf" in node:
        return _drawn(random.choice(node["anyOf"]), root, random)
    if node["type"] == "boolean":
        return random.random() < 0.7
    if node["type"] == "number":
        return random.choice((0.5, 1, 2))
    if node["type"] == "integer":
        return random.randint(node.get("minimum", 0), min(node.get("maximum", 12), 12))
    if node["type"] == "string":
        return _text(node.get("pattern", ""), random)
    if node["type"] == "array":
        number = max(node.get("minItems", 0), min(random.choice((0, 0, 1, 2)), node.get("maxItems", 2)))
        listed = [_drawn(node["items"], root, random) for _ in range(number)]
        alone = node.get("uniqueItems", False)
        return [each for number, each in enumerate(listed) if not alone or each not in listed[:number]]
    return _mapping(node, root, random)


def _mapping(node: Schema, root: Schema, random: Random) -> dict[str, Any]:
    needed, properties = node.get("required", ()), node.get("properties", {})
    kept = [key for key in properties if key in needed or random.random() < 0.3]
    if "maxProperties" in node:
        kept = [random.choice([*properties])]
    found = {key: _drawn(properties[key], root, random) for key in kept}
    patterns = node.get("patternProperties", {})
    refused = [pattern for pattern, value in patterns.items() if value is False]
    for pattern in sorted(patterns.keys() - {*refused}):
        for key in (_text(pattern, random) for _ in range(random.choice((0, 1, 2)))):
            if not any(re.search(each, key) for each in refused):
                found[key] = _drawn(patterns[pattern], root, random)
    return found


def _text(pattern: str, random: Random) -> str:
    text = random.choice(TEXTS[pattern])
    assert re.search(pattern, text), (pattern, text)
    return text


def outside(values: Mapping[str, Any], schema: Schema, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Values with one thing wrong, and where: another type at a drawn place, a key that is none, a key that is missing."""
    random = Random(number)
    places = [*_places(values, ())]
    for path in random.sample(places, min(6, len(places))):
        changed = copy.deepcopy(dict(values))
        here: Any = changed
        for key in path[:-1]:
            here = here[key]
        here[path[-1]] = [[]] if not isinstance(here[path[-1]], list) else "text"
        yield ".".join(map(str, path)), changed
    service = random.choice([*values["services"]])
    for kind, change in (("unknown", lambda held: held.update(unknwon=1)), ("missing", lambda held: held.pop("image"))):
        changed = copy.deepcopy(dict(values))
        change(changed["services"][service])
        yield f"{kind} key of {service}", changed


def _places(data: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from _places(value, (*path, key))
