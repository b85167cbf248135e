"""A few megabytes that ask for much more than their share of time or memory: products, repeats, and names without end."""

from __future__ import annotations

from tests.hostile.attempt import Change, PullRequest
from tests.hostile.making import SPEC, SUMS, append, both, more, put
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
IMAGE = "image: docker.io/library/redis:8.8.3"
BAD = "---\n".join(
    f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: x{number}}}\nspec: {{selektor: 1, replikas: 2, templates: 3}}\n"
    for number in range(8000)
)
SAME = "---\n".join(
    f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: x{number}}}\nspec:\n  selector: {{matchLabels: {{a: b}}}}\n"
    f"  template:\n    metadata: {{labels: {{a: b}}}}\n    spec: {{containers: [{{name: a, image: 'docker.io/library/a:1'}}]}}\n"
    for number in range(3000)
)
NAMES = ", ".join(f"s{number}" for number in range(300))
PATCH = "  - {{target: Deployment/s0, path: {}, value: x, reason: because}}\n"
COMMENTS = "".join(f"# {number * number % 149}\n" for number in range(300_000))


def many(services: int, block: str = "", rest: str = "") -> Change:
    """A spec of so many services; `#` in their block is the number of one."""
    lines = "".join(f"  s{number}: {{{IMAGE}{block.replace('#', str(number))}}}\n" for number in range(services))
    return put("many/x.kforge.yaml", HEAD + lines + rest)


def environments(number: int) -> str:
    return "environments:\n" + "".join(f"  e{each}: {{namespace: n{each}}}\n" for each in range(number))


def sharing(world: World) -> None:
    """1,000 services that build from one folder: each decision is made for all of them."""
    put("many/s/app.py", "import flask\napp = flask.Flask('a')\napp.run()\n")(world)
    lines = "".join(f"  s{number}: {{source: ./s, command: [python, app.py, '{number}']}}\n" for number in range(1000))
    put("many/x.kforge.yaml", HEAD + lines)(world)


def commented(world: World) -> None:
    text = (world.repository / SPEC).read_text()
    put(SPEC, COMMENTS + text + COMMENTS)(world)


def dense(world: World) -> None:
    """Python files in which every other character is a syntax node."""
    for number in range(30):
        put(f"many/s/f{number}.py", "x = [" + "a," * 120_000 + "]\n")(world)
    put("many/s/requirements.txt", "flask\n")(world)
    put("many/x.kforge.yaml", HEAD + "  s: {source: ./s, command: [python, f0.py]}\n")(world)


EVERY = (
    PullRequest("six nested .gitignore files of 2,000 globs over 1,500 folders", nested, full=(2,)),
    PullRequest("three sources of 2,000 names and a .gitignore of 2,000 globs each", sources, full=(0, 1, 2)),
    PullRequest(
        "manifests in the spec's own folder and 50,000 folders in the sums",
        both(more("paths: {kubernetes: .}"), append(SUMS, LISTED)),
        full=(1, 2),
    ),
    PullRequest("the sums list 50,000 files and one of them twice", append(SUMS, LISTED + LISTED[-80:]), full=(2,)),
    PullRequest("150 services in 150 environments", many(150, rest=environments(150)), full=(2,)),
    PullRequest("one service in 20,000 environments", many(1, rest=environments(20_000)), full=(2,)),
    PullRequest("1,000 services that share a source", sharing, full=(2,)),
    PullRequest("300 services that all need each other", many(300, f", needs: [{NAMES}]"), full=(2,)),
    PullRequest(
        "10,000 patches of one object",
        many(1, rest="patches:\n" + "".join(PATCH.format(f"metadata.annotations.a{each}") for each in range(10_000))),
        full=(2,),
    ),
    PullRequest("1,500 misspelt references", many(1500, ", env: {A: '${services.servise-#.url}'}"), full=(2,)),
    PullRequest("1,500 misspelt needs", many(1500, ", needs: [servise-#]"), full=(2,)),
    PullRequest("20,000 misspelt keys", more("".join(f"regisry{each}: a\n" for each in range(20_000))), full=(2,)),
    PullRequest("an included file of 24,000 misspelt fields", put("app/extra/x.yaml", BAD), full=(2,)),
    PullRequest("3,000 included objects that select each other's pods", put("app/extra/x.yaml", SAME), full=(1,)),
    PullRequest("600,000 comments of 149 texts", commented, full=(0,)),
    PullRequest("30 Python files in which every other character is a syntax node", dense, full=(0, 1, 2)),
)
