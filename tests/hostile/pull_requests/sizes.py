"""A few megabytes that ask for much more than their share of time or memory: products, repeats, and names without end."""

from __future__ import annotations

from tests.hostile.attempt import PullRequest
from tests.hostile.making import SUMS, append, both, more, put
from tests.hostile.worlds import World

HEAD = "apiVersion: kforge.dev/v1\napp: evil\nregistry: ghcr.io/acme\nservices:\n"
GLOBS = "".join(f"*{number}a*b*c\n" for number in range(2000))


def nested(world: World) -> None:
    """Six .gitignore files, one below the other, over 1,500 folders."""
    for depth in range(6):
        put(f"other{'/d' * depth}/.gitignore", GLOBS)(world)
    for number in range(1500):
        put(f"other{'/d' * 6}/n{number}/k", "")(world)


def sources(world: World) -> None:
    """Three sources, each with a .gitignore of its own over 2,000 names."""
    put("many/x.kforge.yaml", HEAD + "".join(f"  s{number}: {{source: ./s{number}}}\n" for number in range(3)))(world)
    for number in range(3):
        put(f"many/s{number}/.gitignore", GLOBS)(world)
        put(f"many/s{number}/app.py", "import flask\napp = flask.Flask('a')\napp.run()\n")(world)
        for name in range(2000):
            put(f"many/s{number}/f{name}.txt", "")(world)


LISTED = "".join(f"{'0' * 64}  f{number}/x.yaml\n" for number in range(50_000))
EVERY = (
    PullRequest("six nested .gitignore files of 2,000 globs over 1,500 folders", nested, full=(2,)),
    PullRequest("three sources of 2,000 names and a .gitignore of 2,000 globs each", sources, full=(0, 1, 2)),
    PullRequest(
        "manifests in the spec's own folder and 50,000 folders in the sums",
        both(more("paths: {kubernetes: .}"), append(SUMS, LISTED)),
        full=(1, 2),
    ),
    PullRequest("the sums list 50,000 files and one of them twice", append(SUMS, LISTED + LISTED[-80:]), full=(2,)),
)
