"""Manifests that the spec includes: bombs, odd keys, objects of wrong shapes, patterns without end or that leave."""

from __future__ import annotations

from tests.hostile.attempt import Change, PullRequest, thinned
from tests.hostile.commands import CHECK
from tests.hostile.making import both, link, more, put, remembered, remove
from tests.hostile.worlds import World

EXTRA = "app/extra/x.yaml"
HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec:\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec: "

CRON = (
    "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: x}\nspec: {schedule: '* * * * *', jobTemplate: {spec: {template: {spec: "
    "{restartPolicy: Never, containers: [{name: x, image: 'a.b/c:1'}]}}}}}\n"
)


def bomb(levels: int, merge: bool) -> str:
    """Small as text, exponential as a tree."""
    lines = [f"{HEAD}x-a0: &a0 {'{y: y}' if merge else '[y,y,y,y,y,y,y,y,y,y]'}"]
    for level in range(1, levels):
        before = ",".join([f"*a{level - 1}"] * 10)
        lines.append(f"x-a{level}: &a{level} {{<<: [{before}]}}" if merge else f"x-a{level}: &a{level} [{before}]")
    return "\n".join(lines) + "\n"


def deep(world: World) -> None:
    (world.app / "deploy" / "/".join("a" * 24)).mkdir(parents=True)


TEXTS = {
    "a bomb of aliases": bomb(7, merge=False),
    "a larger bomb of aliases": bomb(30, merge=False),
    "a bomb of merge keys": bomb(12, merge=True),
    "one alias": f"{HEAD}data: {{a: &a b, c: *a}}\n",
    "an alias to itself": f"{HEAD}data: &a {{a: *a}}\n",
    "an unknown alias": f"{HEAD}data: *a\n",
    "a key twice": f"{HEAD}data: {{a: b, a: c}}\n",
    "a kind twice": f"{HEAD}kind: Secret\n",
    "a key that is null": f"{HEAD}data: {{null: b}}\n",
    "a key that is a number": f"{HEAD}data: {{1: b}}\n1: x\n",
    "a key that is a list": f"{HEAD}data: {{? [a] : b}}\n",
    "a key that is a mapping": f"{HEAD}data: {{? {{a: b}} : b}}\n",
    "a key of 5,000 characters": f"{HEAD}data:\n  ? {'k' * 5000}\n  : b\n",
    "a tag of Python": f"{HEAD}data: !!python/object/apply:os.system ['touch $RAN/tag']\n",
    "a tag of its own": f"{HEAD}data: !evil x\n",
    "a binary": f"{HEAD}data: !!binary aGVsbG8=\n",
    "dates and odd numbers": f"{HEAD}data: {{a: 2001-01-01, b: 1_000, c: 0x1F, d: .inf, e: .nan, f: 1e999, g: 12:30:45}}\n",
    "containers that are texts": f"{DEPLOYMENT}{{containers: [nginx]}}\n",
    "containers that are a text": f"{DEPLOYMENT}{{containers: nginx}}\n",
    "containers that are null": f"{DEPLOYMENT}{{containers: [null]}}\n",
    "containers that are a number": f"{DEPLOYMENT}{{containers: 7}}\n",
    "a template that is a text": DEPLOYMENT.replace(
        "template:\n    metadata: {labels: {a: b}}\n    spec: ", "template: x\n"
    ),
    "a spec that is a list": f"{HEAD.replace('ConfigMap', 'Service')}spec: [a]\n",
    "ports that are texts": f"{HEAD.replace('ConfigMap', 'Service')}spec: {{ports: [http], selector: [a]}}\n",
    "metadata that is a text": "apiVersion: v1\nkind: ConfigMap\nmetadata: x\n",
    "metadata with a name that is a list": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [x], namespace: {a: b}, labels: [c]}\n",
    "a kind of 1,100 characters": f"apiVersion: v1\nkind: {'K' * 1100}\nmetadata: {{name: x}}\n",
    "a version of 1,100 characters": f"apiVersion: {'k' * 1100}/v1\nkind: Pod\nmetadata: {{name: x}}\n",
    "a kind that is a path": "apiVersion: v1\nkind: ../../../../../../../../etc/passwd\nmetadata: {name: x}\n",
    "a version that is a path": "apiVersion: ../../../../../../../../proc/self/environ\nkind: x\nmetadata: {name: x}\n",
    "a kind with a NUL": 'apiVersion: v1\nkind: "a\\0b"\nmetadata: {name: x}\n',
    "a kind that is a list": "apiVersion: [v1]\nkind: [ConfigMap]\nmetadata: {name: x}\n",
    "no kind": "metadata: {name: x}\n",
    "a list": "- a\n",
    "a List": "apiVersion: v1\nkind: List\nitems: [{kind: Pod}, x, null]\nmetadata: {}\n",
    "nothing": "",
    "no YAML": "{[}\n",
    "10,000 documents": "---\n".join([HEAD] * 10_000),
    "1,000 levels": f"{HEAD}data: {'[' * 1000}{']' * 1000}\n",
    "100,000 levels": f"{HEAD}data: {'[' * 100_000}\n",
    "6 MB": f"{HEAD}data: {{a: '{'x' * 6_000_000}'}}\n",
    "control characters": f'{HEAD}data: {{"a\\0b": "\\e[31m\\u202e::error::x"}}\n',
    "half a character": f'{HEAD}data: {{a: "\\ud800"}}\n',
    "a directive": f"%YAML 1.1\n---\n{HEAD}",
    "a tag of a directive": f"%TAG ! tag:example.com,2000:\n---\n{HEAD}",
    **{
        f"an annotation that {does}": HEAD.replace("{name: x}", f"{{name: x, annotations: {{{key}: '{value}'}}}}")
        for does, key, value in (
            ("makes kustomize drop it", "config.kubernetes.io/local-config", "true"),
            ("makes kustomize panic", "internal.config.kubernetes.io/previousNames", "a,b"),
            ("makes kustomize rename it", "internal.config.kubernetes.io/needsHashSuffix", "enabled"),
        )
    },
    "a schedule of 5,000 digits": CRON.replace("*", "9" * 5000, 1),
    "a schedule of a digit that is no number": CRON.replace("*", "\u00b2", 1),
    "a step of 5,000 digits": CRON.replace("*", "*/" + "9" * 5000, 1),
    "a name that a workflow would read": 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "x\\n::error::y \\e[31m"}\n',
    "two encodings": HEAD.encode("utf-16").decode("latin-1"),
}
BYTES = {
    "bytes that are no text": b"\xff\xfe\xfd" * 100,
    "UTF-16": HEAD.encode("utf-16"),
    "NUL bytes": HEAD.encode() + bytes(5000),
}
FINE = ("a List", "nothing", "dates and odd numbers", "a binary", "10,000 documents", "a key of 5,000 characters")
REFUSED = (
    "a bomb of aliases", "a larger bomb of aliases", "a bomb of merge keys", "an alias to itself", "an unknown alias", "a key twice",
    "a kind twice", "a tag of Python", "a list", "no kind", "no YAML", "100,000 levels", "6 MB", "half a character",
)  # fmt: skip
LEAVE = (
    "../../outside/victim/*.yaml",
    "/etc/*.yaml",
    "extra/../../other/*",
    "..",
    "extra/..",
    "../**/*.yaml",
    "~/*.yaml",
    "{up}/etc/*",
)
LONG = {
    **{f"{number} times any depth": "**/" * number + "nothing.yaml" for number in (4, 10, 40)},
    "any depth between names": "**/a/" * 12 + "nothing.yaml",
    "stars without end": "*" * 3000,
    "stars and letters": "*a" * 200 + "*b",
    "brackets": "[a-" * 500,
    "5,000 characters": "A" * 5000,
    "5,000 parts": "a/" * 5000 + "b",
}
ODD = (
    "",
    ".",
    "**x",
    "~",
    "[",
    "**",
    "..x",
    "x//y",
    "./x",
    "a\\0b",
    "-x",
    "$HOME",
    "{a,b}",
    ".git/*",
    ".git/config",
    "../.git/config",
    ".env",
    "web/.env",
    "web/.npmrc",
    "kforge.lock",
    "app.kforge.yaml",
    "extra",
    "\\ud800",
)


def pattern(text: str) -> Change:
    return more(f'include: ["{text}"]')


EVIL = "apiVersion: v1\nkind: Pod\nmetadata: {name: evil}\nspec: {hostPID: true, containers: [{name: x, image: evil.example/x}]}\n"
PASSED: dict[str, Change] = {
    "a link": link("app/m2/x.yaml", "../settings.json"),
    "a folder": put("app/m2/x.yaml/keep", ""),
    "nothing": put("app/m2/keep", ""),
}
EVERY = (
    *thinned(
        PullRequest(
            f"an included file holds {name}",
            put(EXTRA, text),
            full=(2,) if name in REFUSED else (0, 1, 2) if name in FINE else (1, 2),
        )
        for name, text in TEXTS.items()
    ),
    *thinned(
        PullRequest(f"an included file holds {name}", put(EXTRA, content), full=(0, 1, 2))
        for name, content in BYTES.items()
    ),
    *thinned(PullRequest(f"an include leaves: {text}", pattern(text), full=(2,)) for text in LEAVE),
    *thinned(
        PullRequest(f"an include of {name}", both(deep, put("app/deploy/x.yaml", HEAD), pattern(text)), full=(2,))
        for name, text in LONG.items()
    ),
    *thinned(PullRequest(f"an include is {text!a}", pattern(text), full=(1, 2)) for text in ODD),
    *thinned(
        PullRequest(
            f"an included file is called {name}",
            both(put(f"app/extra/{name}", HEAD), pattern("extra/*")),
            full=(1,),
            build=(0,),
            never=(f"- {name}", f'- "{name}'),
        )
        for name in ("http:x.yaml", "HTTPS:evil.example", "git::x.yaml", "git@evil.example:x.yaml")
    ),
    PullRequest(
        "1,000 patterns are included",
        more("include: [" + ", ".join(f'"**/{number}*/**"' for number in range(1000)) + "]"),
        full=(2,),
    ),
    *(
        PullRequest(
            f"a manifest takes the place of {name} that a pattern passed over",
            both(
                more('include: ["extra/*.yaml", "m*/x.yaml"]'),
                put("app/m1/x.yaml", HEAD),
                change,
                remembered,
                remove("app/m2/x.yaml"),
                put("app/m2/x.yaml", EVIL),
            ),
            full=(1,),
            check=(1,),
            committed=False,
            also=(CHECK,),
        )
        for name, change in PASSED.items()
    ),
    PullRequest("includes are no list", more("include: {a: b}"), full=(2,)),
    PullRequest("includes are numbers", more("include: [1, null]"), full=(2,)),
)
