"""Everything that may happen to a built shop: what is done, the exit code that `check` must give, what it must name."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from tests import locks
from tests.conftest import edit, write

SPEC = "app.kforge.yaml"
DEPLOYMENT = "deploy/kubernetes/web/deployment.yaml"
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
Change = Callable[[Path], object]


@dataclass(frozen=True)
class Mutation:
    """`names` are texts that the report must hold; `code` is 0 where a build would write nothing."""

    name: str
    change: Change
    code: int
    names: tuple[str, ...] = ()


def spec(old: str, new: str) -> Change:
    return lambda folder: edit(folder / SPEC, old, new)


def text(path: str, old: str, new: str) -> Change:
    return lambda folder: edit(folder / path, old, new)


def add(path: str, text: str) -> Change:
    return lambda folder: write(folder, {path: text})


def append(path: str, text: str) -> Change:
    return lambda folder: write(folder, {path: (folder / path).read_bytes() + text.encode()})


def _component(image: str) -> Change:
    """An image component of CI's that sets one image."""
    return add(
        "deploy/images/prod/kustomization.yaml",
        f"{COMPONENT}images:\n- {{name: registry.acme.internal/shop-web, {image}}}\n",
    )


def remove(path: str) -> Change:
    return lambda folder: (folder / path).unlink()


def lock(change: Callable[[dict], object]) -> Change:
    """Edit the lock as data, and what kforge.sum records of it where the text has none of that."""

    def apply(folder: Path) -> None:
        texts = {name: (folder / name).read_bytes() for name in (LOCK_FILE, SUMS_FILE)}
        with locks.edited(folder) as held:
            change(held)
        if (folder / LOCK_FILE).read_bytes() != texts[LOCK_FILE]:
            (folder / SUMS_FILE).write_bytes(texts[SUMS_FILE])

    return apply


def without_lines(path: str, word: str) -> Change:
    """Remove the lines that hold a word."""

    def apply(folder: Path) -> None:
        lines = (folder / path).read_text().splitlines(keepends=True)
        kept = [line for line in lines if word not in line]
        assert len(kept) < len(lines)
        (folder / path).write_text("".join(kept))

    return apply


def crlf(path: str) -> Change:
    return lambda folder: (folder / path).write_bytes((folder / path).read_bytes().replace(b"\n", b"\r\n"))


def both(*changes: Change) -> Change:
    return lambda folder: [change(folder) for change in changes]


def touch_all(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (1_000_000_000, 1_000_000_000))


def linked(path: str) -> Change:
    """What lay there lies elsewhere now, the same in every byte and time, and a link leads to it."""

    def change(folder: Path) -> None:
        (folder / path).rename(folder / "elsewhere")
        (folder / path).symlink_to(folder / "elsewhere")

    return change


def rename(old: str, new: str) -> Change:
    return lambda folder: (folder / old).rename(folder / new)


def copy(old: str, new: str) -> Change:
    return lambda folder: shutil.copy(folder / old, folder / new)


def _orphan(folder: Path) -> None:
    """A file of kforge's that the sums list and the spec does not want."""
    old = folder / "deploy/kubernetes/web/old.yaml"
    shutil.copy(folder / DEPLOYMENT, old)
    line = next(
        line for line in (folder / "kforge.sum").read_text().splitlines() if line.endswith("web/deployment.yaml")
    )
    edit(folder / "kforge.sum", line, f"{line}\n{line.replace('deployment.yaml', 'old.yaml')}")


def _other_digest(folder: Path) -> None:
    line = next(
        line for line in (folder / "kforge.sum").read_text().splitlines() if line.endswith("web/deployment.yaml")
    )
    edit(folder / "kforge.sum", line, f"{'0' * 64}{line[64:]}")


def _other_block(folder: Path) -> None:
    line = next(line for line in (folder / SUMS_FILE).read_text().splitlines() if line.startswith("# service web "))
    edit(folder / SUMS_FILE, line, f"{line[:-16]}{'0' * 16}")


def _older(folder: Path) -> None:
    """Lock and sums of this very state in the form of kforge 0.1."""
    held = locks.read(folder)
    (folder / LOCK_FILE).write_text(json.dumps(held, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    sums = locks.but_for_records({SUMS_FILE: (folder / SUMS_FILE).read_bytes()})[SUMS_FILE]
    (folder / SUMS_FILE).write_bytes(sums)


PATCH = """
  - target: Deployment/orders
    path: spec.progressDeadlineSeconds
    value: 300
    reason: it starts fast
"""
EXTRA = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra, namespace: shop}\ndata: {a: b}\n"
SERVICE = "\n  mail:\n    image: docker.io/library/nginx:1.29.1\n    port: 80\n    user: 101\n\nenvironments:                           # kust"
SPEC_MUTATIONS = [
    Mutation("a comment in the spec", spec("# one claim a replica", "# a claim for every replica"), 0),
    Mutation("blank lines in the spec", spec("\nservices:\n", "\n\n\nservices:\n\n"), 0),
    Mutation("another spelling of the same value", spec("{team: shop}", "\n  team: 'shop'"), 0),
    Mutation("another description", spec("50 requests", "60 requests"), 0),
    Mutation("requirements", spec("    schedule:", "    requirements: |\n      Nightly sums.\n    schedule:"), 0),
    Mutation(
        "a port",
        spec("[python, main.py]", "[python, main.py]\n    port: 8001"),
        1,
        ("spec.port", "catalog/service.yaml"),
    ),
    Mutation(
        "an env value",
        spec("FEATURES: /etc/web/features.json", "FEATURES: /etc/web/f.json"),
        1,
        ("spec.env", DEPLOYMENT),
    ),
    Mutation(
        "a config file's content",
        spec('"checkout": true', '"checkout": false'),
        1,
        ("spec.config", "web/configmap.yaml"),
    ),
    Mutation("scale", spec("max: 10, cpu: 70", "max: 12, cpu: 70"), 1, ("spec.scale", "horizontalpodautoscaler.yaml")),
    Mutation(
        "a new service",
        spec("\nenvironments:                           # kust", SERVICE),
        1,
        ("mail", "mail/deployment.yaml"),
    ),
    Mutation(
        "another name for a service that is called",
        spec("  cache:                                # well-known", "  dropped: # well-known"),
        2,
        ("cache",),
    ),
    Mutation("a service renamed", both(spec("  nightly:   ", "  daily:   ")), 1, ("daily", "nightly/cronjob.yaml")),
    Mutation(
        "an environment added", spec("  prod:\n", "  qa: {namespace: shop-qa}\n  prod:\n"), 1, ("deploy/overlays/qa",)
    ),
    Mutation("an environment's namespace", spec("shop-staging", "shop-stage"), 1, ("deploy/overlays/staging",)),
    Mutation(
        "an environment's scale",
        spec("scale: {min: 3, max: 20}", "scale: {min: 4, max: 20}"),
        1,
        ("environments.prod",),
    ),
    Mutation(
        "an environment's registry",
        spec("    registry: registry.acme.internal", "    registry: registry.acme.internal/x"),
        1,
        ("environments.prod.registry",),
    ),
    Mutation(
        "an environment's Kubernetes",
        spec("    registry: registry.acme", "    kubernetes: '1.33'\n    registry: registry.acme"),
        1,
        ("environments.prod.kubernetes",),
    ),
    Mutation(
        "a service omitted in an environment",
        spec("      catalog: {scale: {min: 1}}", "      nightly: {omit: true}\n      catalog: {scale: {min: 1}}"),
        1,
        ("overlays/staging/nightly",),
    ),
    Mutation(
        "an environment's patch",
        spec(
            "    namespace: shop-staging\n",
            "    namespace: shop-staging\n    patches: [{target: Deployment/orders, path: spec.minReadySeconds, value: 2, reason: because}]\n",
        ),
        1,
        ("patches", "overlays/staging/orders"),
    ),
    Mutation("a patch's value", spec("    value: 10", "    value: 11"), 1, ("patches", DEPLOYMENT)),
    Mutation("a patch's reason", spec("fill the connection pools", "fill pools"), 1, ("patches",)),
    Mutation("a patch added", append(SPEC, PATCH), 1, ("patches", "orders/deployment.yaml")),
    Mutation(
        "a patch that meets nothing",
        append(SPEC, PATCH.replace("Deployment/orders", "Deployment/order")),
        2,
        ("order",),
    ),
    Mutation(
        "an environment's patch that meets nothing",
        spec(
            "    namespace: shop-staging\n",
            "    namespace: shop-staging\n    patches: [{target: Deployment/other, path: spec.minReadySeconds, value: 2, reason: because}]\n",
        ),
        2,
        ("other",),
    ),
    Mutation(
        "a fragment", spec("effect: NoSchedule", "effect: NoExecute"), 1, ("spec.kubernetes", "nightly/cronjob.yaml")
    ),
    Mutation(
        "a fragment of an environment",
        spec(
            "web: {scale: {min: 1, max: 2}",
            "web: {kubernetes: {Pod: {priorityClassName: low}}, scale: {min: 1, max: 2}",
        ),
        1,
        ("overlays/staging/web",),
    ),
    Mutation("a label", spec("{team: shop}", "{team: store}"), 1, ("app.labels",)),
    Mutation(
        "the namespace",
        spec("{name: shop, create: true}", "{name: store, create: true}"),
        1,
        ("app.namespace", "namespace.yaml"),
    ),
    Mutation("the version", spec("version: 1.4.2", "version: 1.4.3"), 1, ("app.version", "docker-bake.hcl")),
    Mutation(
        "a service's version",
        spec("    source: ./orders", "    source: ./orders\n    version: 1.5.0"),
        1,
        ("spec.version",),
    ),
    Mutation(
        "the Kubernetes version", spec("labels: {team", "kubernetes: '1.33'\nlabels: {team"), 1, ("app.kubernetes",)
    ),
    Mutation("the registry", spec("registry: ghcr.io/acme  ", "registry: ghcr.io/acme/x  "), 1, ("app.registry",)),
    Mutation(
        "the list of registries", spec(", gcr.io/distroless]", ", gcr.io/distroless, quay.io]"), 1, ("app.registries",)
    ),
    Mutation(
        "a registry that may not be named",
        spec("docker.io/library, gcr.io/distroless]", "gcr.io/distroless]"),
        2,
        ("registries",),
    ),
    Mutation(
        "the network policy",
        spec("labels: {team", "network: strict\nlabels: {team"),
        1,
        ("app.network", "networkpolicy.yaml"),
    ),
    Mutation(
        "hardening", spec("    source: ./orders", "    hardening: baseline\n    source: ./orders"), 1, ("orders",)
    ),
    Mutation(
        "another path", spec("labels: {team", "paths: {kubernetes: k8s}\nlabels: {team"), 1, ("k8s/kustomization.yaml",)
    ),
    Mutation(
        "the bake file's path", spec("labels: {team", "paths: {bake: build.hcl}\nlabels: {team"), 1, ("build.hcl",)
    ),
    Mutation("outputs narrowed", spec("labels: {team", "outputs: [kubernetes]\nlabels: {team"), 1, ("app.outputs",)),
    Mutation(
        "a service's outputs narrowed",
        spec("    source: ./orders", "    outputs: [dockerfile]\n    source: ./orders"),
        1,
        ("orders/deployment.yaml",),
    ),
    Mutation(
        "a pin",
        spec("    source: ./orders", "    resources: {cpu: 200m}\n    source: ./orders"),
        1,
        ("spec.resources",),
    ),
    Mutation(
        "a pin removed",
        spec("    resources: {memory: 256Mi}          # pins one", "    # pins one"),
        1,
        ("spec.resources",),
    ),
    Mutation("needs", spec("    source: ./orders", "    needs: [cache]\n    source: ./orders"), 1, ("spec.needs",)),
    Mutation(
        "a secret", spec("{secret: web-session, key: value}", "{secret: web-session, key: other}"), 1, ("spec.secrets",)
    ),
    Mutation("allowFrom", spec("namespace: monitoring", "namespace: metrics"), 1, ("spec.allowFrom",)),
    Mutation("a host", spec("host: shop.example.com", "host: www.example.com"), 1, ("web/ingress.yaml",)),
    Mutation(
        "a waiver that covers nothing",
        append(SPEC, "\nwaivers: [{rule: image-tag, target: Deployment/web, reason: later, until: 2099-01-01}]\n"),
        1,
        ("app.waivers",),
    ),
    Mutation("a requirement that this kforge meets", spec("app: shop\n", "app: shop\nrequires: '>=0.1'\n"), 0),
    Mutation(
        "a requirement that it does not meet", spec("app: shop\n", "app: shop\nrequires: '>=9'\n"), 2, ("requires",)
    ),
    Mutation("a requirement of no form", spec("app: shop\n", "app: shop\nrequires: latest\n"), 2, ("requires",)),
    Mutation("another format", spec("kforge.dev/v1", "kforge.dev/v1beta"), 2, ("apiVersion",)),
    Mutation("no format", spec("apiVersion: kforge.dev/v1\n", ""), 2, ("apiVersion",)),
    Mutation(
        "a description that is a list",
        spec(
            "description: Storefront of a small shop; 50 requests a second, ten times that during sales.",
            "description: [a]",
        ),
        2,
        ("description",),
    ),
    Mutation(
        "requirements that are a list",
        spec("    source: ./orders", "    requirements: [a]\n    source: ./orders"),
        2,
        ("requirements",),
    ),
    Mutation(
        "refine that is a text",
        spec("    source: ./orders", "    refine: smaller\n    source: ./orders"),
        2,
        ("refine",),
    ),
    Mutation("a key without a value", spec("labels: {team", "include:\nlabels: {team"), 2, ("include",)),
    Mutation(
        "a service's key without a value",
        spec("    source: ./orders", "    needs:\n    source: ./orders"),
        2,
        ("needs",),
    ),
    Mutation(
        "an environment's key without a value",
        spec("    namespace: shop-staging\n", "    namespace: shop-staging\n    version:\n"),
        2,
        ("version",),
    ),
    Mutation("an environment without a value", spec("  prod:\n", "  qa:\n  prod:\n"), 2, ("qa",)),
    Mutation(
        "an environment of a service that is not there",
        spec("      catalog: {scale: {min: 1}}", "      katalog: {scale: {min: 1}}\n      catalog: {scale: {min: 1}}"),
        2,
        ("katalog",),
    ),
    Mutation("an unknown key", spec("labels: {team", "lables: {a: b}\nlabels: {team"), 2, ("lables",)),
    Mutation(
        "an unknown key of a service", spec("    source: ./orders", "    sacle: 2\n    source: ./orders"), 2, ("sacle",)
    ),
    Mutation(
        "an unknown key of an environment",
        spec("    namespace: shop-staging\n", "    namespace: shop-staging\n    labels: {a: b}\n"),
        2,
        ("labels",),
    ),
    Mutation(
        "a credential in a comment", spec("# no image from elsewhere", "# ghp_" + "a1B2" * 9), 2, ("GitHub token",)
    ),
    Mutation("a credential in the description", spec("50 requests", "ghp_" + "a1B2" * 9), 2, ("GitHub token",)),
    Mutation("a duplicate key", append(SPEC, "\napp: other\n"), 2, ("app",)),
    Mutation("a port as text", spec("[python, main.py]", "[python, main.py]\n    port: '8000'"), 2, ("port",)),
    Mutation(
        "an include",
        both(
            add("deploy/extra/extra.yaml", EXTRA),
            spec("labels: {team", "include: [deploy/extra/*.yaml]\nlabels: {team"),
        ),
        1,
        ("app.include",),
    ),
    Mutation(
        "an include that names nothing",
        spec("labels: {team", "include: [deploy/extra/*.yaml]\nlabels: {team"),
        2,
        ("deploy/extra",),
    ),
]
SOURCE_MUTATIONS = [
    Mutation("a comment in Python", append("catalog/main.py", "\n# nothing to see\n"), 0),
    Mutation("blank lines in Python", text("catalog/main.py", "\nlog = logging", "\n\n\nlog = logging"), 0),
    Mutation("a comment in JavaScript", text("web/app.js", "import express", "// nothing\nimport express"), 0),
    Mutation("a comment in Go", append("orders/main.go", "\n// nothing to see\n"), 0),
    Mutation("a README in a source", add("orders/README.md", "# orders\n"), 0),
    Mutation("a test in a source", add("catalog/test_store.py", "def test_nothing():\n    assert True\n"), 0),
    Mutation(
        "the default port",
        text("web/server.js", "process.env.PORT ?? 3000", "process.env.PORT ?? 3001"),
        1,
        ("facts.ports", DEPLOYMENT),
    ),
    Mutation("a new variable is read", append("web/log.js", "\nexport const level = process.env.LOG_LEVEL;\n"), 0),
    Mutation(
        "the health route",
        text("orders/api.go", "GET /readyz", "GET /ready"),
        1,
        ("facts.health", "orders/deployment.yaml"),
    ),
    Mutation("the language's version", text("web/.nvmrc", "24", "22"), 1, ("facts.version", "web/Dockerfile")),
    Mutation("a lock file is gone", remove("web/package-lock.json"), 1, ("facts.", "web/Dockerfile")),
    Mutation("a source is gone", lambda folder: shutil.rmtree(folder / "orders"), 2, ("orders",)),
    Mutation(
        "a source is empty", lambda folder: [path.unlink() for path in (folder / "orders").iterdir()], 2, ("orders",)
    ),
    Mutation(
        "a source is a file", both(lambda folder: shutil.rmtree(folder / "orders"), add("orders", "x")), 2, ("orders",)
    ),
    Mutation("a Go file is ignored", add("orders/.gitignore", "api.go\n"), 1, ("facts.", "orders/")),
    Mutation("the user's own .dockerignore elsewhere", add("deploy/.dockerignore", "x\n"), 0),
    Mutation(
        "a user's Dockerfile in place of kforge's",
        add("orders/Dockerfile", "FROM scratch\n"),
        1,
        ("orders/Dockerfile",),
    ),
    Mutation("a source with another language too", add("orders/app.py", "print('x')\n"), 0),
]
FILE_MUTATIONS = [
    Mutation("nothing", lambda folder: None, 0),
    Mutation("only times", touch_all, 0),
    Mutation("only modes", lambda folder: (folder / DEPLOYMENT).chmod(0o600), 0),
    Mutation("the index is gone", lambda folder: shutil.rmtree(folder / ".kforge", ignore_errors=True), 0),
    Mutation("an edit by hand", append(DEPLOYMENT, "# mine\n"), 1, (f"`{DEPLOYMENT}` was edited by hand",)),
    Mutation(
        "an edit of a Dockerfile", append("web/Dockerfile", "USER root\n"), 1, ("`web/Dockerfile` was edited by hand",)
    ),
    Mutation(
        "an edit of an aggregate",
        append("deploy/kubernetes/kustomization.yaml", "# mine\n"),
        1,
        ("deploy/kubernetes/kustomization.yaml",),
    ),
    Mutation("an edit of the bake file", append("docker-bake.hcl", "# mine\n"), 1, ("docker-bake.hcl",)),
    Mutation(
        "an edit of an overlay",
        append("deploy/overlays/prod/db/statefulset.yaml", "# mine\n"),
        1,
        ("overlays/prod/db/statefulset.yaml",),
    ),
    Mutation("an edit of a seed", append("deploy/images/base/kustomization.yaml", "# mine\n"), 0),
    Mutation("a file deleted", remove(DEPLOYMENT), 1, (f"{DEPLOYMENT} is missing",)),
    Mutation("a file emptied", add(DEPLOYMENT, ""), 1, (DEPLOYMENT,)),
    Mutation("an aggregate deleted", remove("docker-bake.hcl"), 1, ("docker-bake.hcl is missing",)),
    Mutation(
        "a seed deleted",
        remove("deploy/images/base/kustomization.yaml"),
        1,
        ("deploy/images/base/kustomization.yaml is missing",),
    ),
    Mutation(
        "a folder deleted",
        lambda folder: shutil.rmtree(folder / "deploy/kubernetes/web"),
        1,
        (f"{DEPLOYMENT} is missing",),
    ),
    Mutation("everything deleted", lambda folder: shutil.rmtree(folder / "deploy"), 1, (f"{DEPLOYMENT} is missing",)),
    Mutation(
        "a file renamed", rename(DEPLOYMENT, "deploy/kubernetes/web/deploy.yaml"), 1, (f"{DEPLOYMENT} is missing",)
    ),
    Mutation(
        "a folder in a file's place",
        both(remove(DEPLOYMENT), lambda folder: (folder / DEPLOYMENT).mkdir()),
        2,
        (DEPLOYMENT,),
    ),
    Mutation("a link in a file's place", linked(DEPLOYMENT), 2, (DEPLOYMENT, "is a symbolic link")),
    Mutation("a link in an aggregate's place", linked("docker-bake.hcl"), 2, ("docker-bake.hcl", "is a symbolic link")),
    Mutation("a link in the spec's place", linked(SPEC), 2, (SPEC, "is a symbolic link")),
    Mutation("a link in the lock's place", linked("kforge.lock"), 2, ("kforge.lock", "is a symbolic link")),
    Mutation("a link in the sums' place", linked("kforge.sum"), 2, ("kforge.sum", "is a symbolic link")),
    Mutation(
        "a link in a folder's place", linked("deploy/kubernetes/web"), 2, ("passes through `deploy/kubernetes/web`",)
    ),
    Mutation(
        "a link in the place of a folder of folders",
        linked("deploy/kubernetes"),
        2,
        ("passes through `deploy/kubernetes`",),
    ),
    Mutation("a link in the place of the outermost folder", linked("deploy"), 2, ("passes through `deploy`",)),
    Mutation(
        "a user's file beside kforge's",
        add("deploy/kubernetes/web/mine.yaml", EXTRA),
        0,
        ("deploy/kubernetes/web/mine.yaml",),
    ),
    Mutation("a file that buildx merges in", add("docker-bake.override.hcl", ""), 0, ("docker-bake.override.hcl",)),
    Mutation("another image in a component", _component("newTag: '2'"), 0),
    Mutation(
        "an image from elsewhere in a component",
        _component("newName: evil.example/x"),
        1,
        ("deploy/images/prod/kustomization.yaml:4",),
    ),
    Mutation(
        "a patch in a component",
        add("deploy/images/prod/kustomization.yaml", f"{COMPONENT}images: []\npatches: []\n"),
        1,
        ("deploy/images/prod/kustomization.yaml:4",),
    ),
    Mutation(
        "a stray file with the mark",
        copy(DEPLOYMENT, "deploy/kubernetes/web/old.yaml"),
        0,
        ("deploy/kubernetes/web/old.yaml",),
    ),
    Mutation(
        "an orphan in the sums",
        _orphan,
        1,
        ("deploy/kubernetes/web/old.yaml is no longer generated; a build removes it",),
    ),
    Mutation("line ends of a file", crlf(DEPLOYMENT), 1, (DEPLOYMENT,)),
    Mutation("line ends of the spec", crlf(SPEC), 0),
    Mutation("line ends of a source", crlf("web/server.js"), 0),
    Mutation("line ends of the sums", crlf("kforge.sum"), 0),
    Mutation("line ends of the lock", crlf("kforge.lock"), 0),
    Mutation("the lock is gone", remove("kforge.lock"), 1, ("kforge.lock",)),
    Mutation("the sums are gone", remove("kforge.sum"), 1, ("kforge.sum",)),
    Mutation("lock and sums are gone", both(remove("kforge.lock"), remove("kforge.sum")), 1, ("kforge.lock",)),
    Mutation("lines of the sums removed", without_lines("kforge.sum", "web/deployment.yaml"), 1, ("kforge.sum",)),
    Mutation(
        "an aggregate's line of the sums removed",
        without_lines("kforge.sum", "aggregate docker-bake"),
        1,
        ("kforge.sum",),
    ),
    Mutation(
        "a seed's line of the sums removed",
        without_lines("kforge.sum", "seeded deploy/images/base"),
        1,
        ("kforge.sum",),
    ),
    Mutation("another digest in the sums", _other_digest, 1, ("kforge.sum",)),
    Mutation(
        "a value in the lock",
        lock(lambda held: held["services"]["web"]["decisions"]["resources"]["value"].update(memory="1Gi")),
        1,
        ("web/resources", "heuristics gave this answer"),
    ),
    Mutation(
        "an input's digest in the sums",
        lock(lambda held: held["services"]["web"]["inputs"].update({"spec.env": "0" * 16})),
        1,
        ("spec.env",),
    ),
    Mutation(
        "a decision's digest in the sums",
        lock(lambda held: held["services"]["web"]["decisions"]["process"]["inputs"].update({"facts.ports": "0" * 16})),
        1,
        ("web/process", "facts.ports"),
    ),
    Mutation(
        "an input taken from the sums",
        lock(lambda held: held["services"]["web"]["inputs"].pop("spec.env")),
        1,
        ("spec.env",),
    ),
    Mutation(
        "an input of the app taken from the sums",
        lock(lambda held: held["app"]["inputs"].pop("app.waivers")),
        1,
        ("app.waivers",),
    ),
    Mutation(
        "an absent input taken from the sums",
        lock(lambda held: held["services"]["web"]["decisions"]["build"]["inputs"].pop("app.bases")),
        0,
    ),
    Mutation(
        "an input added to the sums",
        lock(lambda held: held["services"]["web"]["inputs"].update({"spec.nothing": "0" * 16})),
        1,
        ("spec.nothing",),
    ),
    Mutation(
        "a decision taken from the lock",
        lock(lambda held: held["services"]["web"]["decisions"].pop("probes")),
        1,
        ("web: liveness none → ",),
    ),
    Mutation(
        "a service taken from the lock", lock(lambda held: held["services"].pop("web")), 1, ("web: a new service",)
    ),
    Mutation(
        "the pins in the lock",
        lock(lambda held: held["services"]["cache"]["decisions"]["resources"].pop("pinned")),
        1,
        ("kforge.lock",),
    ),
    Mutation(
        "the detector in the sums",
        lock(lambda held: held["services"]["web"]["detector"].update(name="python")),
        1,
        ("kforge.sum",),
    ),
    Mutation(
        "a newer revision in the sums",
        lock(lambda held: held["services"]["web"]["decisions"]["probes"].update(revision=99)),
        2,
        ("newer kforge",),
    ),
    Mutation(
        "a reason in the lock",
        lock(lambda held: held["services"]["web"]["decisions"]["resources"]["reasons"].update(memory="it is so")),
        1,
        ("web/resources", "heuristics gave these reasons"),
    ),
    Mutation(
        "a decider in the lock",
        lock(lambda held: held["services"]["web"]["decisions"]["resources"].update(decider={"by": "model"})),
        1,
        ("web/resources", "`model.decides` does not list `resources`"),
    ),
    Mutation(
        "an approval in the lock",
        lock(lambda held: held["services"]["web"]["decisions"]["resources"].update(approved="0" * 16)),
        1,
        ("kforge.lock",),
    ),
    Mutation(
        "another layout of the lock",
        text("kforge.lock", "  web:\n    build:\n", "  web:\n\n    build:\n"),
        1,
        ("kforge.lock",),
    ),
    Mutation(
        "an end taken from the lock", without_lines("kforge.lock", "made of is in"), 2, ("`kforge.lock` is damaged",)
    ),
    Mutation("a comment in the lock", text("kforge.lock", "  web:\n", "  # mine\n  web:\n"), 2, ("kforge.lock",)),
    Mutation("a decision taken from the sums", without_lines("kforge.sum", "# answer web/probes "), 1, ("web",)),
    Mutation("a service taken from the sums", without_lines("kforge.sum", " web"), 1, ("web",)),
    Mutation("the digest of a block in the sums", _other_block, 1, ("kforge.",)),
    Mutation("the lock and the sums as kforge 0.1 wrote them", _older, 0, ("`kforge.lock` is by an older kforge",)),
    Mutation(
        "the lock as kforge 0.1 wrote it, with another value",
        both(_older, text("kforge.lock", '"memory": "64Mi"', '"memory": "7Gi"')),
        1,
        ("heuristics gave this answer",),
    ),
    Mutation(
        "a conflict in the lock", append("kforge.lock", "<<<<<<< ours\n=======\n>>>>>>> theirs\n"), 2, ("conflict",)
    ),
    Mutation(
        "a conflict in the sums", append("kforge.sum", "<<<<<<< ours\n=======\n>>>>>>> theirs\n"), 2, ("conflict",)
    ),
    Mutation("a conflict in the spec", append(SPEC, "<<<<<<< ours\n=======\n>>>>>>> theirs\n"), 2, ("conflict",)),
]
MUTATIONS = [*SPEC_MUTATIONS, *SOURCE_MUTATIONS, *FILE_MUTATIONS]
