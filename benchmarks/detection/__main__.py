"""Draft and build railpack's examples, and compare with what railpack's own tests expect of them.

`git clone https://github.com/railwayapp/railpack` in FOLDER/railwayapp+railpack at the commit of expected.yaml, then
`python -m benchmarks.detection --checkouts FOLDER`. Prints a table of hits and names every miss; `--write` writes
results.md. Nothing is installed or started: `benchmarks.repositories` does that.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from kforge import cli

HERE = Path(__file__).parent
EXPECTED = HERE / "expected.yaml"
PAGE = HERE / "results.md"
FIELDS = ("start", "port", "version", "manager", "framework")
FACTS = {"manager": "package_manager", "framework": "framework"}
IMAGE = re.compile(r"^FROM (?:docker\.io/library/)?(?:python|node|golang|oven/bun):(\d+(?:\.\d+)?)", re.MULTILINE)
COMMAND = re.compile(r"^CMD (\[.*\])$", re.MULTILINE)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkouts", type=Path, default=Path("checkouts"), metavar="FOLDER")
    parser.add_argument("-k", default="", metavar="NAME", help="only examples whose name holds it")
    parser.add_argument("--write", action="store_true", help="write results.md")
    options = parser.parse_args()
    wanted = yaml.safe_load(EXPECTED.read_text(encoding="utf-8"))
    examples = options.checkouts.resolve() / "railwayapp+railpack" / "examples"
    rows = {}
    for name, right in wanted["examples"].items():
        if options.k in name:
            rows[name] = compared(right, read(examples / name, right.get("folder", ".")))
            print(f"{name}: {_line(rows[name])}", flush=True)
    text = page(rows, wanted["commit"])
    print(text)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    return 0


def read(example: Path, folder: str) -> dict[str, Any]:
    """What kforge drafts and builds for an example: the fields, or why there are none."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch, example.name)
        shutil.copytree(
            example, copy, symlinks=True, ignore=shutil.ignore_patterns("Dockerfile", "docker-compose*.y*ml")
        )
        # As users have it: the top of a repository is where a workspace above a source is looked for.
        subprocess.run(["git", "init", "--quiet", str(copy)], check=True)
        for words in (["init"], ["build"]):
            code, said = _kforge(words, copy)
            if code:
                return {"failed": f"{words[0]}: {said.strip().splitlines()[0] if said.strip() else code}"}
        spec = yaml.safe_load(next(copy.glob("*.kforge.yaml")).read_text(encoding="utf-8"))
        service = _service(spec["services"], folder)
        if service is None:
            return {"failed": f"no service for `{folder}`: {', '.join(spec['services']) or 'none'}"}
        facts = _facts(copy / spec["services"][service].get("source", "."))
        return {**facts, **_built(copy, service)}


def _kforge(words: list[str], folder: Path) -> tuple[int, str]:
    said, before = io.StringIO(), os.getcwd()
    os.chdir(folder)
    try:
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            return cli.main(words), said.getvalue()
    finally:
        os.chdir(before)


def _service(services: Mapping[str, Any], folder: str) -> str | None:
    """The service of a folder; where the example is its root, the one there or the only one."""
    for name, block in services.items():
        if os.path.normpath(block.get("source", "")) == folder:
            return name
    own = [name for name, block in services.items() if "source" in block]
    return own[0] if folder == "." and len(own) == 1 else None


def _facts(source: Path) -> dict[str, Any]:
    code, said = _kforge(["detect", "--format", "json", "."], source)
    if code:
        return {}
    facts = json.loads(said[said.index("{") :])
    return {"facts": facts}


def _built(copy: Path, service: str) -> dict[str, Any]:
    found: dict[str, Any] = {"ports": [], "start": []}
    for path in copy.glob(f"deploy/kubernetes/{service}/*.yaml"):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            template = document.get("spec", {}).get("template") if document else None
            for container in template["spec"]["containers"] if template else ():
                found["ports"] = [port["containerPort"] for port in container.get("ports", ())]
                found["start"] = [*container.get("command", ()), *container.get("args", ())]
    bake = (copy / "docker-bake.hcl").read_text(encoding="utf-8")
    block = re.search(rf'^target "{service}" {{\n(.*?)^}}', bake, re.MULTILINE | re.DOTALL)
    settings = dict(re.findall(r'^  (context|dockerfile)\s*= "([^"]*)"', block[1] if block else "", re.MULTILINE))
    text = (copy / settings.get("context", ".") / settings.get("dockerfile", "Dockerfile")).read_text(encoding="utf-8")
    found["text"] = text
    if not found["start"] and (command := COMMAND.findall(text)):
        found["start"] = json.loads(command[-1])
    return found


def compared(right: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, tuple[bool, str]]:
    """Field → (hit, what was seen); a field of which nothing is expected is left out."""
    if "failed" in seen:
        return {field: (False, seen["failed"]) for field in FIELDS if field in right}
    came: dict[str, tuple[bool, str]] = {}
    start, static = seen["start"], "nginx" in seen["text"]
    if right["start"] == "static":
        came["start"] = static, " ".join(start) or "nginx"
    else:
        line = " ".join(start)
        came["start"] = not static and all(word.removeprefix("./") in line for word in right["start"]), line
    if "port" in right:
        port = None if right["port"] == "none" else right["port"]
        came["port"] = (seen["ports"][:1] == [port] if port else not seen["ports"]), str(seen["ports"])
    if "version" in right:
        version = IMAGE.search(seen["text"])
        came["version"] = (
            bool(version and f"{version[1]}.".startswith(f"{right['version']}.")),
            version[1] if version else "?",
        )
    for field in ("manager", "framework"):
        if field in right:
            value = _value(seen.get("facts", {}), FACTS[field])
            came[field] = value == right[field], str(value)
    return came


def _value(facts: Mapping[str, Any], name: str) -> Any:
    found = facts.get("facts", facts).get(name)
    if isinstance(found, list):
        found = found[0] if found else None
    return found.get("value") if isinstance(found, dict) else found


def _line(came: Mapping[str, tuple[bool, str]]) -> str:
    return ", ".join(f"{field} {'ok' if hit else f'MISSED ({seen})'}" for field, (hit, seen) in came.items())


def page(rows: Mapping[str, Mapping[str, tuple[bool, str]]], commit: str) -> str:
    lines = [
        "# Detection: results",
        "",
        f"Examples of railwayapp/railpack at {commit[:12]} for Python, Node.js, Go and static files, {len(rows)} of them,"
        " drafted and built by kforge and held against railpack's own snapshots and tests (`python -m benchmarks.detection`).",
        "",
        "| field | expected | hit | share |",
        "|---|---|---|---|",
    ]
    misses = []
    for field in FIELDS:
        all_ = {name: came[field] for name, came in rows.items() if field in came}
        hits = sum(hit for hit, _ in all_.values())
        lines.append(f"| {field} | {len(all_)} | {hits} | {100 * hits / max(1, len(all_)):.0f} % |")
        misses += [f"- {name}: {field}: {seen[:160]}" for name, (hit, seen) in all_.items() if not hit]
    return "\n".join([*lines, "", "## Missed", "", *(misses or ["None."])]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
