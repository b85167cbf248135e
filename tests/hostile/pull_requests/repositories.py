"""What git and Python would obey: embedded repositories with hostile configuration, attributes, modules at the top."""

from __future__ import annotations

from tests.hostile.attempt import Change, PullRequest, thinned
from tests.hostile.making import append, both, put
from tests.hostile.worlds import World, git

SPEC = "apiVersion: kforge.dev/v1\napp: evil\nservices: {c: {image: docker.io/library/redis:8.8.3}}\n"
# Ways of git's configuration to run a command; `{}` is the command.
WAYS = {
    "a promisor by ext::": '[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\tpromisor = true\n\turl = "ext::sh -c {quoted}"\n\tpartialclonefilter = blob:none\n[protocol "ext"]\n\tallow = always\n[protocol]\n\tallow = always\n',
    "a promisor by ssh": '[core]\n\tsshCommand = {}\n[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\tpromisor = true\n\turl = git@evil.invalid:x\n',
    "a promisor by an upload-pack": '[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\tpromisor = true\n\turl = ../../x\n\tuploadpack = {}\n',
    "a monitor of files": "[core]\n\tfsmonitor = {}\n\tuntrackedCache = true\n",
    "hooks": "[core]\n\thooksPath = ../hooks\n",
    "aliases": "[alias]\n\tcat-file = !{}\n\trev-parse = !{}\n\tls-tree = !{}\n\tls-files = !{}\n",
    "a pager and an editor": "[core]\n\tpager = {}\n\teditor = {}\n[pager]\n\tls-tree = true\n\tcat-file = true\n",
    "a diff of its own": '[diff]\n\texternal = {}\n[diff "evil"]\n\ttextconv = {}\n\tcommand = {}\n[filter "evil"]\n\tsmudge = {}\n\tclean = {}\n\tprocess = {}\n\trequired = true\n',
    "an included configuration": "[include]\n\tpath = ../evil.config\n[includeIf \"gitdir:**\"]\n\tpath = ../evil.config\n",
    "a helper of credentials": '[credential]\n\thelper = "!{}"\n[extensions]\n\tpartialClone = origin\n[remote "origin"]\n\tpromisor = true\n\turl = https://127.0.0.1:9/x\n',
    "a proxy": "[core]\n\tgitProxy = {}\n[extensions]\n\tpartialClone = origin\n[remote \"origin\"]\n\tpromisor = true\n\turl = git://127.0.0.1:9/x\n",
    "a signer": "[gpg]\n\tprogram = {}\n[log]\n\tshowSignature = true\n",
    "a worktree elsewhere": "[core]\n\tworktree = ../../outside\n",
}  # fmt: skip
BARE = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n"


def bare(folder: str, way: str, with_objects: bool = False) -> Change:
    """A folder that git takes for a repository, as files that a pull request can hold."""

    def apply(world: World) -> None:
        command = world.script("git")
        text = BARE + WAYS[way].replace("{quoted}", command.replace(" ", "% ")).replace(
            "{}", f"{command};false" if "!{}" in WAYS[way] else world.script("git")
        )
        files = {
            "HEAD": "ref: refs/heads/main\n",
            "config": text,
            "objects/keep": "x",
            "refs/keep": "x",
            "refs/heads/keep": "x",
        }
        if with_objects:
            files["refs/heads/main"] = world.git("rev-parse", "main") + "\n"
        both(*(put(f"{folder}/{name}".removeprefix("./"), content) for name, content in files.items()))(world)
        put("evil.config", text)(world)

    return apply


def beside(way: str) -> Change:
    return both(bare("evil", way), put("evil/app.kforge.yaml", SPEC))


def history(world: World) -> None:
    """An embedded repository with everything in it that this one has, and a configuration of its own."""
    git(world.repository, "clone", "-q", "--bare", "--no-hardlinks", ".", "evil")
    for hook in (world.repository / "evil/hooks").glob("*"):
        hook.unlink()
    with (world.repository / "evil/config").open("a") as config:
        config.write(f"[core]\n\tfsmonitor = {world.script('clone')}\n\tpager = {world.script('clone')}\n")
    put("evil/app.kforge.yaml", SPEC)(world)


def modules(*folders: str) -> Change:
    """Every name that Python or pip may look for, with content that shows that it was run."""
    names = (
        "venv",
        "pip",
        "yaml",
        "kforge",
        "sitecustomize",
        "usercustomize",
        "json",
        "argparse",
        "os",
        "site",
        "typing",
        "re",
        "enum",
        "pathlib",
        "_yaml",
        "pydantic",
        "jinja2",
        "ruamel",
        "setuptools",
        "ensurepip",
        "tests",
        "conftest",
        "io",
        "codecs",
        "zipfile",
        "subprocess",
        "tomllib",
        "antigravity",
        "runpy",
    )

    def apply(world: World) -> None:
        text = f"import posix\nposix.close(posix.open({str(world.ran)!r} + '/' + __name__, posix.O_CREAT | posix.O_WRONLY))\nraise SystemExit(0)\n"
        for folder in folders:
            for name in names:
                put(f"{folder}/{name}.py".removeprefix("./"), text)(world)
            for name in ("encodings", "pip", "kforge", "email", "importlib", "collections"):
                put(f"{folder}/{name}/__init__.py".removeprefix("./"), text)(world)
                put(f"{folder}/{name}/__main__.py".removeprefix("./"), text)(world)
            put(f"{folder}/evil.pth".removeprefix("./"), text.replace("\n", ";"))(world)

    return apply


def program(name: str) -> Change:
    def apply(world: World) -> None:
        for folder in ("", "app/", "app/web/"):
            put(f"{folder}{name}", f"#!/bin/sh\n{world.script(name)}\n")(world)
            (world.repository / f"{folder}{name}").chmod(0o755)

    return apply


PYTHON = (
    PullRequest("modules at the top", modules(".")),
    PullRequest("modules beside the spec and in its source", modules("app", "app/web", "app/api")),
    PullRequest("an environment of Python at the top", both(put("pyvenv.cfg", "home = .\n"), put("bin/activate", "touch $RAN/activate\n"), put(".python-version", "evil\n"), modules("lib/python3.11/site-packages"))),
    PullRequest("a project whose build has a hook", both(put("pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = 'evil'\nbackend-path = ['.']\n[tool.kforge]\nplugins = ['evil']\n"), put("evil.py", "import os\nos.system('touch $RAN/backend')\n"), put("setup.py", "import os\nos.system('touch $RAN/setup')\n"), put("setup.cfg", "[metadata]\nname = x\n"), put("pip.conf", "[global]\nindex-url = http://127.0.0.1:9/\n"))),
)  # fmt: skip
EVERY = (
    *thinned(PullRequest(f"a repository beside a spec, with {way}", beside(way)) for way in WAYS),
    *(
        PullRequest(f"the spec's folder is a repository, with {way}", bare("app", way))
        for way in ("a promisor by ext::", "a monitor of files", "an included configuration", "aliases")
    ),
    *(
        PullRequest(f"the top is a repository, with {way}", bare(".", way))
        for way in ("a promisor by ext::", "a monitor of files", "hooks", "a worktree elsewhere")
    ),
    *(
        PullRequest(f"a source is a repository, with {way}", bare("app/web", way, with_objects=True))
        for way in ("a promisor by ext::", "a monitor of files", "a diff of its own")
    ),
    PullRequest(
        "a folder above a spec is a repository",
        both(bare("evil", "a promisor by ext::"), put("evil/a/b/app.kforge.yaml", SPEC)),
    ),
    PullRequest(
        "a folder named as a repository is one",
        both(bare("evil/x.git", "a promisor by ext::"), put("evil/x.git/app.kforge.yaml", SPEC)),
    ),
    PullRequest("a repository with the whole history beside a spec", history),
    PullRequest("a folder of outputs is a repository", bare("app/deploy/kubernetes/web", "a promisor by ext::")),
    PullRequest(
        "attributes with filters and drivers",
        both(
            put(
                ".gitattributes",
                "* filter=evil diff=evil merge=evil text=auto eol=crlf\n*.bin working-tree-encoding=UTF-16\n*.yaml export-subst ident -diff\n",
            ),
            put("app/.gitattributes", "* diff=evil\n"),
            put("app/web/.gitattributes", "[attr]x diff=evil\n* x\n"),
        ),
    ),
    PullRequest(
        "submodules with commands for addresses",
        put(
            ".gitmodules",
            '[submodule "x"]\n\tpath = app/web\n\turl = ext::sh -c touch% $RAN/module\n\tupdate = !touch $RAN/module\n',
        ),
    ),
    PullRequest(
        "a .gitconfig and hooks at the top",
        both(
            put(".gitconfig", "[core]\n\tfsmonitor = touch $RAN/config\n"),
            put("hooks/post-checkout", "#!/bin/sh\ntouch $RAN/hook\n"),
            put(".mailmap", "x\n"),
            put(".gitignore", ".kforge/\n"),
        ),
    ),
    PullRequest(
        "a folder .gitignore", both(lambda world: (world.repository / ".gitignore").unlink(), put(".gitignore/x", "x"))
    ),
    PullRequest(
        "configuration of kforge's in the repository",
        both(
            *(
                put(f"{folder}config.toml", 'base_url = "http://127.0.0.1:9/"\nallow_remote = true\nmodel = "m"\n')
                for folder in (".config/kforge/", "app/.config/kforge/", "kforge/", "")
            ),
            append(".gitignore", "x\n"),
        ),
    ),
    *thinned(
        PullRequest(f"a program named {name}", program(name))
        for name in ("git", "python", "python3", "kforge", "sh", "pip", "nvidia-smi", "hadolint")
    ),
    *PYTHON,
)
