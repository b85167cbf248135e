"""Links in the place of everything that kforge opens or writes, and of the folders above it."""

from __future__ import annotations

from tests.hostile.attempt import PullRequest, thinned
from tests.hostile.commands import INIT
from tests.hostile.making import DEPLOYMENT, LOCK, SPEC, SUMS, both, link, moved, put, remove

SECRET, NEW, ENVIRONMENT = "outside/victim/notes.txt", "outside/home/new-file", "/proc/self/environ"
# What the spec's author names or kforge opens by its own rules.
READ = (
    SPEC, LOCK, SUMS, "app/extra/settings.yaml", "app/web/requirements.txt", "app/web/app.py", "app/web/gunicorn.conf.py",
    "app/api/package.json", "app/api/server.js", "app/api/.gitignore", ".gitignore", "app/.gitignore", "app/web/.gitignore",
    "app/api/vendor/modules.txt", "app/api/package-lock.json", "app/web/pyproject.toml",
)  # fmt: skip
WRITTEN = (
    DEPLOYMENT, "app/deploy/kubernetes/kustomization.yaml", "app/docker-bake.hcl", "app/web/Dockerfile", "app/web/.dockerignore",
    "app/deploy/images/prod/kustomization.yaml", "app/deploy/overlays/prod/web/kustomization.yaml", "app/extra/kustomization.yaml",
    "app/deploy/kubernetes/web/new.yaml",
)  # fmt: skip
FOLDERS = (
    "app", "app/web", "app/api", "app/deploy", "app/deploy/kubernetes", "app/deploy/kubernetes/web", "app/deploy/images/prod",
    "app/deploy/overlays/prod", "app/extra",
)  # fmt: skip
STOPS = (SPEC, LOCK, SUMS)
EVERY = (
    *thinned(
        PullRequest(
            f"{path} is a link to a file outside", link(path, SECRET), full=(2,) if path in STOPS else (0, 1, 2)
        )
        for path in (*READ, *WRITTEN)
    ),
    *thinned(
        PullRequest(f"{path} is a link to a file outside that is not there", link(path, NEW))
        for path in (SPEC, LOCK, SUMS, *WRITTEN)
    ),
    *(
        PullRequest(f"{path} is a link to the environment", link(path, ENVIRONMENT))
        for path in (SPEC, LOCK, SUMS, DEPLOYMENT, "app/web/app.py", "app/extra/settings.yaml")
    ),
    *(
        PullRequest(f"{path} is a link to an endless device", link(path, "/dev/zero"))
        for path in (SPEC, LOCK, SUMS, DEPLOYMENT, "app/extra/settings.yaml", "app/docker-bake.hcl")
    ),
    *(
        PullRequest(f"{path} is a link to a secret of the repository", link(path, "../.env"))
        for path in (SPEC, LOCK, SUMS, "app/docker-bake.hcl")
    ),
    *(
        PullRequest(f"{path} is a link to git's configuration", link(path, "../.git/config"))
        for path in (SPEC, LOCK, SUMS, "app/docker-bake.hcl")
    ),
    *(
        PullRequest(f"{path} is a link to itself", link(path, path.rpartition("/")[2]))
        for path in (SPEC, LOCK, SUMS, DEPLOYMENT, "app/extra/settings.yaml")
    ),
    *thinned(PullRequest(f"{path}, a folder, is a link to one outside", moved(path, outside=True)) for path in FOLDERS),
    *thinned(
        PullRequest(f"{path}, a folder, is a link to another of the repository", moved(path, outside=False))
        for path in FOLDERS
    ),
    PullRequest(
        "a source is a link to a folder outside", both(remove("app/web"), link("app/web", "outside/victim/folder"))
    ),
    PullRequest("a source holds a link to its own folder", link("app/web/loop", ".")),
    PullRequest("a source holds a link to the whole disk", link("app/web/disk", "/")),
    PullRequest("a source's .npmrc is a link to a file outside", link("app/web/.npmrc", SECRET)),
    PullRequest(
        "a source's .env.production is a link to the environment", link("app/web/.env.production", ENVIRONMENT)
    ),
    *(
        PullRequest(f"{path} is a link to a secret", link(path, target), also=(INIT,))
        for path, target in (("app/web/.env.example", "../../.env"), ("other/.env.example", ENVIRONMENT))
    ),
    PullRequest(
        "a folder of outputs is a link to git's hooks",
        both(remove("app/deploy/kubernetes/web"), link("app/deploy/kubernetes/web", "../../../.git/hooks")),
    ),
    PullRequest(
        "an included folder is a link to one outside", both(remove("app/extra"), link("app/extra", "outside/victim"))
    ),
    PullRequest(
        "an included file beside others is a link to one outside",
        link("app/extra/zz.yaml", "outside/victim/settings.yaml"),
    ),
    PullRequest("an included file beside others is a link to a secret", link("app/extra/zz.yaml", "../../.env")),
    PullRequest("a second spec is a link to one outside", link("other/b.kforge.yaml", SECRET)),
    PullRequest(
        "a second spec's lock is a link",
        both(
            put(
                "other/b.kforge.yaml",
                "apiVersion: kforge.dev/v1\napp: b\nservices: {c: {image: docker.io/library/redis:8.8.3}}\n",
            ),
            link("other/kforge.lock", NEW),
        ),
    ),
    PullRequest("the repository's top holds a link as a folder of specs", link("more", "outside/victim")),
)
