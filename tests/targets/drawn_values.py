"""Values drawn from a chart's own schema, and values that lie outside of it. The same number draws the same values."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from kforge.render.helm import schema as forms

Schema = Mapping[str, Any]
# What a pattern of the schema takes; a pattern that is not here fails the draw, and a text that it does not take does.
TEXTS = {
    forms._QUANTITY: ("1", "500m", "0.5", "64Mi", "20Gi", "3G"),
    forms._NAME: ("a", "regcred", "shop-db", "a.b-c.d"),
    forms._OPTIONAL_NAME: ("", "traefik", "fast-ssd"),
    forms._KEY: ("a", "tls.key", "KEY_1", "features.json"),
    forms._VARIABLE: ("A", "_x", "LOG_LEVEL", "spring.profile", "a-b"),
    forms._QUALIFIED: ("tier", "example.com/a", "kubernetes.io/arch", "A_b.c"),
    forms._LABEL_VALUE: ("", "true", "1", "null", "amd64", "a.b_c-d"),
    forms._REPOSITORY: ("web", "acme/shop-web", "a_b/c.d"),
    forms._REGISTRY: ("", "ghcr.io", "localhost:5000", "registry.acme.internal/team/x"),
    forms._TAG: ("", "1.4.2", "0123", "1e3", "latest"),
    forms._HOST: ("shop.example.com", "a", "*.example.com"),
    forms._PRECISE: ("web.shop.svc", "a", "vault.example.com"),
    forms._NAMESPACE: ("", "infra", "a-b"),
    forms._SECTION: ("", "https", "shop.example.com"),
    forms._ROUTED: ("/", "/api", "/a/b/", "/a%20b", "/~a/$b,c"),
    r"^(sha256:[0-9a-f]{64})?$": ("", "sha256:" + "0a" * 32),
    r"^(metadata|spec|status)\.": ("metadata.name", "status.podIP"),
    r"^(limits|requests)\.": ("limits.memory", "requests.cpu"),
    r"^/": ("/", "/api", "/a b", "/{{ x }}"),
    r"^(100|[0-9]{1,2})%$": ("0%", "50%", "100%"),
    r"^[-._a-zA-Z0-9/]+$": ("cpu", "memory", "ephemeral-storage", "nvidia.com/gpu"),
    "": ("", "on", "1.0", "null", "{{ .Values }}", "a: b # c", "two\nlines\n", 'q"uo\\te', "$(HOME)/x", "é 😀"),
}


def drawn(schema: Schema, number: int) -> dict[str, Any]:
    """Values of every key, about half of them as a user might write them."""
    found: dict[str, Any] = _drawn(schema, schema, Random(number))
    found.pop("global", None)
    for service in found["services"].values():  # what no schema can say
        scaled = service.get("autoscaling", {})
        if {"minReplicas", "maxReplicas"} <= scaled.keys():
            scaled["maxReplicas"] = scaled["minReplicas"] + scaled["maxReplicas"]
        if "extraEnv" in service:
            service["extraEnv"] = [*{each["name"]: each for each in service["extraEnv"]}.values()]
        for way in ("ingress", "route"):
            if "host" in service.get(way, {}):
                service[way]["host"] = Random(number).choice(TEXTS[forms._HOST])
    return found


def _drawn(node: Schema, root: Schema, random: Random) -> Any:
    if "$ref" in node:
        return _drawn(root["definitions"][node["$ref"].rpartition("/")[2]], root, random)
    if "enum" in node or "const" in node:
        return random.choice(node.get("enum", [node.get("const")]))
    if "anyOf" in node:
        return _drawn(random.choice(node["anyOf"]), root, random)
    if node["type"] == "boolean":
        return random.random() < 0.7
    if node["type"] == "integer":
        return random.randint(node.get("minimum", 0), min(node.get("maximum", 12), 12))
    if node["type"] == "string":
        return _text(node.get("pattern", ""), random)
    if node["type"] == "array":
        return [_drawn(node["items"], root, random) for _ in range(random.choice((0, 0, 1, 2)))]
    return _mapping(node, root, random)


def _mapping(node: Schema, root: Schema, random: Random) -> dict[str, Any]:
    needed, properties = node.get("required", ()), node.get("properties", {})
    kept = [key for key in properties if key in needed or random.random() < 0.3]
    if "maxProperties" in node:
        kept = [random.choice([*properties])]
    found = {key: _drawn(properties[key], root, random) for key in kept}
    for pattern, value in node.get("patternProperties", {}).items():
        for _ in range(random.choice((0, 1, 2)) if value is not False else 0):
            found[_text(pattern, random)] = _drawn(value, root, random)
    return found


def _text(pattern: str, random: Random) -> str:
    text = random.choice(TEXTS[pattern])
    assert re.search(pattern, text), (pattern, text)
    return text


def outside(values: Mapping[str, Any], schema: Schema, number: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Values with one thing wrong, and where: another type at a drawn place, a key that is none, a key that is missing."""
    random = Random(number)
    places = [path for path in _places(values, ()) if _is_typed(path)]
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


def _is_typed(path: tuple[Any, ...]) -> bool:
    """Whether the chart's schema knows the type there: below affinity and sources of variables Kubernetes' own does."""
    return not {"affinity", "valueFrom"} & {*path[:-1]}
