"""Tracked `.kforge/` folders: an index, clocks, lists of a killed build, links that wait for kforge to write."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

from tests.hostile.attempt import Change, PullRequest, thinned
from tests.hostile.making import DEPLOYMENT, SUMS, both, link, put, remove
from tests.hostile.worlds import World

STATE, TOP = "app/.kforge", ".kforge"
INDEX = "index-app.kforge.yaml"
MINE = "app/deploy/kubernetes/web/service.yaml"
FOREIGN = "apiVersion: v1\nkind: Service\nmetadata: {name: mine}\n"
SECRET, NEW = "outside/home/.bashrc", "outside/home/new-file"


def guessed(folder: str, name: str) -> Change:
    """A link for each of the next processes, where an index would be written first."""

    def apply(world: World) -> None:
        place = world.repository / folder
        place.mkdir(parents=True, exist_ok=True)
        first = int(
            subprocess.run(
                [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True
            ).stdout
        )
        target = os.path.relpath(world.outside / "home/.bashrc", place)
        for pid in range(first, first + 1500):
            (place / f"{name}.{pid}.new").symlink_to(target)

    return apply


def claimed(digest: str) -> Change:
    """A manifest of the user's in an output's place, and a list that says that a killed build wrote it."""

    def apply(world: World) -> None:
        put(MINE, FOREIGN)(world)
        text = (world.repository / SUMS).read_text().splitlines(keepends=True)
        (world.repository / SUMS).write_text("".join(line for line in text if "web/service.yaml" not in line))
        given = digest or hashlib.sha256(FOREIGN.encode()).hexdigest()
        put(f"{STATE}/pending", f"{given}  deploy/kubernetes/web/service.yaml\n")(world)

    return apply


EVERY = (
    PullRequest("links wait for an index of the spec", guessed(STATE, INDEX)),
    PullRequest("links wait for an index of the repository", guessed(TOP, "index-specs")),
    *thinned(
        PullRequest(f"{folder}/{name} is a link to a file outside", link(f"{folder}/{name}", SECRET))
        for folder, name in (
            (STATE, INDEX),
            (TOP, "index-specs"),
            (STATE, f"{INDEX}.clock"),
            (STATE, "pending"),
            (STATE, "lock"),
            (STATE, ".gitignore"),
        )
    ),
    *thinned(
        PullRequest(f"{folder}/{name} is a link to a new file outside", link(f"{folder}/{name}", NEW))
        for folder, name in (
            (STATE, INDEX),
            (TOP, "index-specs"),
            (STATE, f"{INDEX}.clock"),
            (TOP, "index-specs.clock"),
            (STATE, "pending"),
            (STATE, "lock"),
            (STATE, ".gitignore"),
        )
    ),
    *thinned(
        PullRequest(f"{folder}/{name} is a link to an endless device", link(f"{folder}/{name}", "/dev/zero"))
        for folder, name in (
            (STATE, INDEX),
            (TOP, "index-specs"),
            (STATE, f"{INDEX}.clock"),
            (STATE, "pending"),
            (STATE, "lock"),
        )
    ),
    PullRequest("the state's folder is a link to one outside", link(STATE, "outside/victim")),
    PullRequest("the state's folder is a link to /etc", link(STATE, "/etc")),
    PullRequest("the state's folder is a link that leads nowhere", link(STATE, "outside/home/nowhere")),
    PullRequest("the state's folder is a file", put(STATE, "x")),
    PullRequest("the top has a state's folder that is a link", link(TOP, "outside/victim")),
    PullRequest(
        "an index of nothing is tracked",
        put(f"{STATE}/{INDEX}", "kforge index 1\nx\n" + "0" * 64 + "\n\nend"),
        told=(".kforge",),
    ),
    PullRequest(
        "an index of specs that names one outside is tracked",
        put(f"{TOP}/index-specs", "kforge index 1\n0.2.0\n" + "0" * 64 + "\n../outside/victim/notes.txt\nend"),
    ),
    PullRequest("an index that is no text is tracked", put(f"{STATE}/{INDEX}", bytes(range(256)) * 100)),
    PullRequest("a clock is tracked", put(f"{STATE}/{INDEX}.clock", "\n"), told=(".kforge",)),
    PullRequest("a lock is tracked", put(f"{STATE}/lock", ""), told=(".kforge",)),
    PullRequest("a list of a killed build claims the user's manifest", claimed(""), mine=(MINE,)),
    PullRequest(
        "a list of a killed build claims the user's manifest by another digest", claimed("0" * 64), mine=(MINE,)
    ),
    PullRequest(
        "a list of a killed build claims files elsewhere",
        put(
            f"{STATE}/pending",
            "".join(
                f"{'0' * 64}  {path}\n"
                for path in (
                    "../Makefile",
                    "../../outside/victim/empty",
                    "../.git/config",
                    "settings.json",
                    "pkg/__init__.py",
                )
            ),
        ),
    ),
    PullRequest(
        "a list of a killed build claims empty files",
        put(
            f"{STATE}/pending",
            "".join(
                f"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  {path}\n"
                for path in ("pkg/__init__.py", "../other/.gitkeep", "../../outside/victim/empty")
            ),
        ),
    ),
    PullRequest("a list of a killed build is endless", put(f"{STATE}/pending", f"{'0' * 64}  x\n" * 200_000)),
    PullRequest("a temporary file is tracked", put("app/.kforge-tmp-app.kforge.yaml", "app: evil\n")),
    PullRequest(
        "temporary files lie among the outputs as links",
        both(link("app/.kforge-tmp-app.kforge.yaml", SECRET), link("app/deploy/kubernetes/web/.kforge-tmp-a", SECRET)),
    ),
    PullRequest("the temporary file of the spec is a link to a new file", link("app/.kforge-tmp-app.kforge.yaml", NEW)),
    PullRequest(
        "the state's folder holds specs and outputs",
        both(put(f"{STATE}/b.kforge.yaml", "app: b\n"), remove(DEPLOYMENT)),
    ),
)
