"""Specs that lead elsewhere, hide what they say, or are larger and deeper than a spec can be."""

from __future__ import annotations

from tests.hostile.attempt import Change, PullRequest, thinned
from tests.hostile.commands import PLAN, SINCE
from tests.hostile.making import SPEC, both, link, more, put, spec
from tests.hostile.worlds import World

PLACES = (
    "../../outside/victim", "../outside", "/tmp/x", "../.git/hooks", ".git/hooks", ".GIT/x", ".g\\u200cit/hooks", ".git\\u200b/hooks", "../.github/workflows",
    ".github/workflows", ".GITHUB/WORKFLOWS", "a/../../../b", ".kforge/x", "~/x", "a\\\\b", "a\\nb", "C:/x", "", ".", "..", "\\ufeff.git/x", ".git./x", ".git /x", "git~1/x",
    "//x", "a//b", "./a", "-x", "$HOME/x",
)  # fmt: skip
FILES = (
    "../../outside/victim/x.hcl", ".git/config", "../.git/hooks/post-checkout", "../.envrc", ".envrc", "../Makefile", "../.gitlab-ci.yml", "app.kforge.yaml",
    "kforge.sum", "kforge.lock", "KFORGE.LOCK", "web/app.py", "web/.npmrc", "../.github/workflows/ci.yml", "../.gitattributes", "../.gitmodules", "settings.json", "web/Dockerfile",
    ".kforge/lock", "extra/settings.yaml", "../.env", "web/.env", ".env", "pkg/__init__.py",
)  # fmt: skip
# other places than they seem; kforge may take or refuse them
LEGITIMATE = (
    "~/x",
    "-x",
    "$HOME/x",
    ".git./x",
    ".git /x",
    "git~1/x",
    "",
    ".",
    "./a",
    "a//b",
    ".envrc",
    "\\ufeff.git/x",
    "a\\\\b",
)
SOURCES = (
    "..",
    "../..",
    "../../..",
    "../../outside/victim/folder",
    "/etc",
    "./web/../../..",
    "link",
    "../.git",
    ".git",
    ".kforge",
    "./web\\u200b",
    "../.github",
    "~",
    "./extra",
    "./web/app.py",
    "./none",
    "-x",
    "a\\0b",
    "./" + "a/" * 5000,
)
TAG = "".join(f"\\U000E00{ord(letter):02X}" for letter in "rm -rf")
HIDDEN = {
    "zero-width characters": "ls\\u200b",
    "a zero-width joiner": "l\\u200ds",
    "tag characters": f"ls{TAG}",
    "bidirectional text": "ls \\u202egnp.exe",
    "isolates": "ls \\u2066x\\u2069",
    "a soft hyphen": "l\\u00ads",
    "a variation selector": "ls\\ufe0f\\U000e0101",
    "a word joiner": "l\\u2060s",
    "a line separator": "ls\\u2028rm",
    "an escape": "ls\\e[8m",
    "a NUL": "ls\\0",
    "a newline": "ls\\nUSER root",
    "half a character": "ls\\ud800",
    "an interlinear anchor": "ls\\ufff9x\\ufffb",
    "a Hangul filler": "ls\\u3164",
}
CONTENT_OF_SPEC = {
    "anchors": "labels: &a {x: y}",
    "merge keys": "labels: {<<: {x: y}}",
    "a key twice": "app: other\napp: again",
    "a tag": "labels: !!python/object/apply:os.system ['touch $RAN/tag']",
    "two documents": "---\napp: x",
    "an unknown key": "base_url: http://evil.example",
    "a model with an address": "model: {name: m, base_url: 'http://evil.example'}",
    "a model that is a path": "model: {name: ./x.gguf}",
    "a model that is a path up": "model: {name: ../../outside/victim/notes.txt}",
    "a model that is a file of the system": "model: {name: /etc/passwd}",
    "a model that is an address": "model: {name: 'https://evil.example/m'}",
    "a model that is an option": "model: {name: '-x'}",
    "a model and remote leave": "model: {name: m}\nallow_remote: true",
    "a deep nest": "kubernetes: " + "{a: " * 500 + "x" + "}" * 500,
    "a deeper nest": "kubernetes: " + "[" * 100_000,
    "100,000 keys": "labels: {" + ", ".join(f"k{number}: v" for number in range(100_000)) + "}",
    "20 MB": f"description: '{'x' * 20_000_000}'",
    "numbers without end": f"labels: {{a: {'9' * 100_000}}}",
    "an end that is none": "labels: {a: 'x",
    "tabs": "labels:\n\ta: b",
    "a directive": "%YAML 9.9\n---\napp: x",
}
KEY = "K" * 1100
FRAGMENT = "patches:\n  - target: Deployment/web\n    path: {path}\n    value: {value}\n    reason: because\n"
PATCHES = {
    "a backslash in its path": ("'spec.C:\\x'", "1"),
    "a path of 5,000 parts": ("a" + ".a" * 5000, "1"),
    "a path of brackets": ("'spec[[[['", "1"),
    "a path to a number far off": ("'spec.template.spec.containers[999999999999].image'", "x"),
    "a path through a text": ("metadata.name.x.y", "1"),
    "an empty path": ("''", "{a: b}"),
    "a path to the kind": ("kind", "Pod"),
    "a junk value": ("spec.template", "[1, {a: [null]}]"),
    "containers that are texts": ("spec.template.spec.containers", "[nginx]"),
    "a key with a newline": ("metadata.annotations", '{"--- \\nkind: Pod": v}'),
    "a key of 1,100 characters": ("spec.template.spec.nodeSelector", f"{{? {KEY} : x}}"),
    "a value of 2 MB": ("metadata.annotations", f"{{a: {'x' * 2_000_000}}}"),
    "a foreign image": ("spec.template.spec.containers[0].image", "evil.example/x:1"),
}


CONTEXTS = ("./-", "./git@evil.example:x", "./github.com/evil/x", "./target:web")
ADDRESSES = (
    "deploy/kubernetes/github.com/evil/x",
    "deploy/overlays/prod/github.com/evil/x",
    "'deploy/kubernetes/git@evil.example:x'",
)
UNREAD = {
    "requires ends with a line break": 'requires: ">=0\\n"',
    "requires names a part of a pre-release": 'requires: "!=1.0a1.*"',
    "a model's name ends with a line break": 'model: {name: "tiny\\n"}',
    "a model decides six times": "model: {name: tiny, decides: [build, build, build, build, build, build]}",
    "a model decides a mapping": "model: {name: tiny, decides: {build: x}}",
    "an environment has patches that are nothing": "environments: {prod: {patches: }}",
}
NINES = "9" * 5000
NUMBERS = {
    "requires": more(f'requires: ">=0.{NINES}"'),
    "a pre-release in requires": more(f'requires: ">=0a{NINES}"'),
    "apiVersion": spec("kforge.dev/v1", f"kforge.dev/v{NINES}"),
    "a schedule": spec("    source: ./web\n", f'    source: ./web\n    schedule: "0 0 {NINES} * *"\n'),
    "a step of a schedule": spec("    source: ./web\n", f'    source: ./web\n    schedule: "*/{NINES} * * * *"\n'),
    "an amount": spec("    source: ./web\n", f'    source: ./web\n    resources: {{memory: "{NINES}"}}\n'),
}


def hidden(text: str) -> Change:
    return spec("    source: ./web\n", f'    source: ./web\n    command: [python, app.py, "{text}"]\n')


def several(world: World) -> None:
    """A spec of a neighbouring folder claims this one's files: it writes to the same places."""
    text = (world.app / "app.kforge.yaml").read_text()
    other = (
        text.replace("./web", "../app/web")
        .replace("./api", "../app/api")
        .replace(
            'include: ["extra/*.yaml"]\n',
            "paths: {kubernetes: ../app/deploy/kubernetes, bake: ../app/docker-bake.hcl}\n",
        )
    )
    put("other/b.kforge.yaml", other)(world)


EVERY = (
    *(
        PullRequest(
            f"images go to {folder}, where the user keeps files of their own",
            more(f"paths: {{images: {folder}}}"),
            full=(1,),
            build=(1, 2),
            also=(PLAN, SINCE),
        )
        for folder in ("../private", "../app/../private")
    ),
    *thinned(
        PullRequest(
            f"manifests go to {text!a}",
            more(f'paths: {{kubernetes: "{text}/k"}}'),
            full=(1, 2),
            build=(0, 2) if text in LEGITIMATE else (2,),
        )
        for text in PLACES
    ),
    *(
        PullRequest(
            f"overlays go to {text!a}",
            more(f'paths: {{overlays: "{text}/k"}}'),
            full=(1, 2),
            build=(0, 2) if text in LEGITIMATE else (2,),
        )
        for text in PLACES[:9]
    ),
    *thinned(
        PullRequest(
            f"a source is {text}",
            both(put(f"app/{text[2:]}/app.py", "print()\n"), spec("source: ./web", f"source: '{text}'")),
            full=(2,),
            build=(2,),
            told=("to buildx", "app.kforge.yaml:"),
        )
        for text in CONTEXTS
    ),
    *thinned(
        PullRequest(
            f"images come from {text}",
            more(f"paths: {{images: {text}}}"),
            full=(1,),
            build=(0, 2),
            never=("- github", "- git@"),
        )
        for text in ADDRESSES
    ),
    *thinned(
        PullRequest(f"the bake file is {text!a}", more(f'paths: {{bake: "{text}"}}'), full=(1, 2)) for text in FILES
    ),
    *thinned(
        PullRequest(
            f"a source is {text!a}",
            both(link("app/link", "/etc"), spec("source: ./web", f'source: "{text}"')),
            full=(1, 2),
        )
        for text in SOURCES
    ),
    *thinned(
        PullRequest(f"a command hides {name}", hidden(text), full=(1, 2), build=(2,)) for name, text in HIDDEN.items()
    ),
    *thinned(PullRequest(name, more(text), full=(2,), build=(2,)) for name, text in UNREAD.items()),
    *thinned(
        PullRequest(f"5,000 digits in {name}", change, full=(2,), build=(2,), told=("app/app.kforge.yaml:",))
        for name, change in NUMBERS.items()
    ),
    *(PullRequest(f"a spec of {name}", more(text), full=(1, 2)) for name, text in CONTENT_OF_SPEC.items()),
    *(
        PullRequest(f"a patch with {name}", spec("patches:\n", FRAGMENT.format(path=path, value=value)), full=(1, 2))
        for name, (path, value) in PATCHES.items()
    ),
    PullRequest(
        "a fragment with a key of 1,100 characters",
        more(f"kubernetes:\n  Pod:\n    nodeSelector:\n      ? {KEY}\n      : x"),
        full=(1, 2),
    ),
    PullRequest(
        "a build step hides tag characters",
        spec("    source: ./web\n", f'    source: ./web\n    build: {{steps: ["ls{TAG}"]}}\n'),
        full=(1, 2),
        build=(2,),
    ),
    PullRequest(
        "a build step hides a zero-width character",
        spec("    source: ./web\n", '    source: ./web\n    build: {steps: ["ls\\u200b"]}\n'),
        full=(1, 2),
        build=(2,),
    ),
    PullRequest("an image without a name", spec("docker.io/library/redis:8.8.3", '"1:30"'), full=(1, 2)),
    PullRequest(
        "an image from elsewhere",
        spec("docker.io/library/redis:8.8.3", "evil.example/redis:8.8.3"),
        full=(1, 2),
        never=("evil.example",),
    ),
    PullRequest(
        "an address of a service without a known port",
        both(
            spec("docker.io/library/redis:8.8.3", "docker.io/library/other:1"),
            spec("redis://${services.cache.address}", "${services.cache.url}"),
        ),
        full=(1, 2),
    ),
    PullRequest("an address of itself", spec('"${services.api.url}"', '"${services.web.url}"')),
    PullRequest("an address of nobody", spec('"${services.api.url}"', '"${services.evil.url}${"'), full=(2,)),
    PullRequest("an environment named as a path", spec("  prod:\n", "  ../../x: {namespace: a}\n  prod:\n"), full=(2,)),
    PullRequest(
        "an environment named as git's folder", spec("  prod:\n", "  .git: {namespace: a}\n  prod:\n"), full=(2,)
    ),
    PullRequest(
        "a service named as a path",
        spec("  cache:\n", "  ../../x: {image: docker.io/library/redis:8.8.3}\n  cache:\n"),
        full=(2,),
    ),
    PullRequest("an app named as a path", more("app: ../../x"), full=(2,)),
    PullRequest("a registry with a newline", more('registry: "a\\nb"'), full=(2,)),
    PullRequest(
        "a host that a template would run",
        spec("    scale: {min: 2, max: 4, cpu: 70}\n", "    expose: {host: '{{ 7*7 }}.example'}\n"),
        full=(1, 2),
    ),
    PullRequest(
        "an env value that a shell would run",
        spec(
            '{API_URL: "${services.api.url}"', '{EVIL: "$(touch $RAN/x)`touch $RAN/y`", API_URL: "${services.api.url}"'
        ),
    ),
    PullRequest("a spec that is empty", put(SPEC, ""), full=(2,)),
    PullRequest(
        "a spec that is a folder",
        both(lambda world: (world.repository / SPEC).unlink(), put(f"{SPEC}/x", "x")),
        full=(0, 1, 2),
    ),
    PullRequest("a spec of UTF-16", put(SPEC, "app: x\n".encode("utf-16")), full=(2,)),
    PullRequest("a spec of bytes that are no text", put(SPEC, b"app: \xff\n"), full=(2,)),
    PullRequest("a spec of a conflict", put(SPEC, "<<<<<<< a\n=======\n>>>>>>> b\n"), full=(2,)),
    PullRequest(
        "a second spec in the folder",
        put(
            "app/b.kforge.yaml",
            "apiVersion: kforge.dev/v1\napp: b\nservices: {c: {image: docker.io/library/redis:8.8.3}}\n",
        ),
        full=(2,),
    ),
    PullRequest("a second spec claims the first one's files", several),
    PullRequest(
        "200 specs",
        lambda world: [put(f"many/{number}/x.kforge.yaml", "app: x\n")(world) for number in range(200)],
        full=(2,),
    ),
)
