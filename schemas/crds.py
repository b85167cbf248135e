"""CRDs of others → `kforge/system/crds/*.json`, the schemas that kforge holds their objects against.

    python schemas/crds.py            writes the files
    python schemas/crds.py --check    says by its exit code whether the files are what the CRDs give

The CRDs are those of Go modules (all Apache-2.0), which the Go command brings by the module proxy and checks against the
sums that stand here. Prose and `status` are left out; defaults stay, since rules (CEL) look at objects that have them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

TARGET = Path(__file__).resolve().parent.parent / "kforge/system/crds"


@dataclass(frozen=True)
class Source:
    """A module with CRDs, all of which are Apache-2.0: the file that is made of it, and the folder in which they lie."""

    target: str
    module: str
    version: str
    sum: str
    folder: str


SOURCES = (
    Source(
        "gateway_api",
        "sigs.k8s.io/gateway-api",
        "v1.7.0",
        "h1:duVnm7nO6oXfMMUWfcDoBph47CYR/ME3NGxccOVglaY=",
        "config/crd/standard",
    ),
    Source(
        "argo_cd",
        "github.com/argoproj/argo-cd/v3",
        "v3.6.1",
        "h1:OmhqeKiR3C//awbFrhQqFdtRI+Qiv17j8vqm3UkMj/g=",
        "manifests/crds",
    ),
    Source(
        "flux_kustomize",
        "github.com/fluxcd/kustomize-controller",
        "v1.10.1",
        "h1:IjTnrkIy0ULJoTNC2ZKuMb32vkqj7dJ6zt6UqbTFxKA=",
        "config/crd/bases",
    ),
    Source(
        "flux_helm",
        "github.com/fluxcd/helm-controller",
        "v1.4.3",
        "h1:449LcGJXLCylvrNCq8ycevwa5mxE1Mn9vxTwlsj/no8=",
        "config/crd/bases",
    ),
    Source(
        "flux_source",
        "github.com/fluxcd/source-controller",
        "v1.10.1",
        "h1:vkYpgpLZu20LQ2UN4lPBdWH7sqTNdQ8FjcZD/HogN2E=",
        "config/crd/bases",
    ),
)
_KEPT = ("type", "default", "enum", "required", "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "minItems",
         "maxItems", "maxProperties", "uniqueItems")  # fmt: skip
_SHARED = 120  # characters of a schema from which on it stands once, among the definitions
_FORMATS = ("int32", "int64")  # others are not looked at by the API server, or are by a pattern


def crds(source: Source) -> dict[str, str]:
    """Text of every CRD of a module by file name. Raises FileNotFoundError without Go or the module."""
    name = f"{source.module}@{source.version}"
    try:
        # The module's own Go may be newer than the one that is here; the archive is brought and summed all the same.
        words = ["go", "mod", "download", "-json", name]
        done = subprocess.run(words, capture_output=True, text=True, check=False, cwd="/")
    except OSError as error:
        raise FileNotFoundError(f"go is not here: {error}") from None
    told = json.loads(done.stdout or "{}")
    if "Zip" not in told:
        raise FileNotFoundError(f"{name} is not here: {told.get('Error') or done.stderr}")
    if told.get("Sum") != source.sum:
        raise ValueError(f"{name} has the sum {told.get('Sum')}, and {source.sum} is expected")
    start = f"{name}/{source.folder}/"
    with zipfile.ZipFile(told["Zip"]) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith(start) and name.endswith(".yaml"))
        return {name.removeprefix(start): archive.read(name).decode() for name in names}


def definitions(source: Source) -> Iterator[tuple[str, dict[str, Any]]]:
    """API version and kind, `gateway.networking.k8s.io/v1 HTTPRoute`, and the schema of each version that is served."""
    for text in crds(source).values():
        for data in yaml.load_all(text, Loader=yaml.CSafeLoader):
            if data["kind"] == "CustomResourceDefinition":
                spec = data["spec"]
                for version in spec["versions"]:
                    if version["served"]:
                        schema = _pruned(version["schema"]["openAPIV3Schema"])
                        schema["properties"] |= {"metadata": {}, "status": {}}
                        yield f"{spec['group']}/{version['name']} {spec['names']['kind']}", schema


def _pruned(node: dict[str, Any]) -> dict[str, Any]:
    out = {key: node[key] for key in _KEPT if key in node}
    if out.get("format") not in _FORMATS:
        out.pop("format", None)
    for key in ("items", "additionalProperties", "not"):
        if isinstance(node.get(key), dict):
            out[key] = _pruned(node[key])
    for key in ("oneOf", "anyOf", "allOf"):
        if key in node:
            out[key] = [_pruned(each) for each in node[key]]
    if "properties" in node:
        out["properties"] = {name: _pruned(each) for name, each in node["properties"].items()}
        if node.get("x-kubernetes-preserve-unknown-fields"):
            out["additionalProperties"] = True
    if node.get("nullable") and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
    if rules := [[each["rule"], each.get("message", "")] for each in node.get("x-kubernetes-validations", ())]:
        out["cel"] = rules
    return out


def text(source: Source) -> str:
    """The file: schemas whose parts that occur more than once stand once."""
    whole = dict(sorted(definitions(source)))
    counted: Counter[str] = Counter()
    for schema in whole.values():
        _count(schema, counted)
    often = sorted(each for each, number in counted.items() if number > 1 and len(each) >= _SHARED)
    names = {each: str(number) for number, each in enumerate(often)}
    kinds = {name: _shared(schema, names, top=True) for name, schema in whole.items()}
    shared = {names[each]: _shared(json.loads(each), names, top=True) for each in often}
    data = {
        "module": source.module,
        "version": source.version,
        "licence": "Apache-2.0",
        "kinds": kinds,
        "definitions": shared,
    }
    return json.dumps(data, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n"


def _spelled(node: Any) -> str:
    return json.dumps(node, sort_keys=True)


def _count(node: Any, counted: Counter[str]) -> None:
    counted[_spelled(node)] += 1
    if counted[_spelled(node)] == 1:
        for each in _inner(node):
            _count(each, counted)


def _inner(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key, value in node.items():
        if key == "properties":
            yield from value.values()
        elif key in ("items", "additionalProperties", "not") and isinstance(value, dict):
            yield value
        elif key in ("oneOf", "anyOf", "allOf"):
            yield from value


def _shared(node: dict[str, Any], names: dict[str, str], top: bool = False) -> dict[str, Any]:
    if not top and (spelled := _spelled(node)) in names:
        return {"$ref": names[spelled]}
    out = dict(node)
    for key, value in node.items():
        if key == "properties":
            out[key] = {name: _shared(each, names) for name, each in value.items()}
        elif key in ("items", "additionalProperties", "not") and isinstance(value, dict):
            out[key] = _shared(value, names)
        elif key in ("oneOf", "anyOf", "allOf"):
            out[key] = [_shared(each, names) for each in value]
    return out


if __name__ == "__main__":
    for each in SOURCES:
        file = TARGET / f"{each.target}.json"
        if "--check" not in sys.argv:
            file.write_text(text(each), encoding="utf-8")
        elif text(each) != file.read_text(encoding="utf-8"):
            sys.exit(f"{file.name} is not what the CRDs give: run `python schemas/crds.py`")
