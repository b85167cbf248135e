"""Words → Dockerfile instructions: the vocabulary that recipes share. Unaware of any language and of rendering."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from kforge.domain.document import Instruction, Stage
from kforge.domain.port import Port
from kforge.errors import InputError

AND = "&&"  # the one shell operator of a RUN; every other word is quoted
PINNED_BY_RELEASE = (
    "Debian's release pins these: point versions leave its mirrors, so naming them would break the build.\n"
    "hadolint ignore=DL3008"
)
TMP = "/tmp"  # noqa: S108  a folder of the container, its own
PROGRAM = "/app"  # where recipes put a source
APT_LISTS = "/var/lib/apt/lists"


def cache(target: str, locked: bool = False) -> str:
    """A cache mount: it outlives a build and is no part of the image."""
    return f"--mount=type=cache,target={target}{',sharing=locked' if locked else ''}"


def run(*commands: Sequence[str], caches: Iterable[str] = (), comment: str = "", origin: str = "") -> Instruction:
    """One RUN of argument lists, each started only when the one before succeeded."""
    words: list[str] = []
    for command in commands:
        if AND in command:
            raise InputError(f"a build step holds the word `{AND}`", hint="write two steps instead of one")
        words += [AND, *command] if words else command
    return Instruction("RUN", tuple(words), tuple(caches), comment=comment, origin=origin)


def copy(
    paths: Sequence[str], target: str, source: str = "", comment: str = "", owner: int | None = None
) -> Instruction:
    """COPY from the build context, or from an earlier stage. What is copied belongs to root unless an owner is named."""
    flags: tuple[str, ...] = (f"--from={source}",) if source else ()
    if owner is not None:
        flags += (f"--chown={owner}:{owner}",)
    return Instruction("COPY", (*paths, target), flags, comment=comment)


def copies(paths: Iterable[str]) -> list[Instruction]:
    """COPY of single files, each to where it lies in the context: one instruction a folder."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    return [copy(found, f"./{folder}/" if folder else "./") for folder, found in folders.items()]


def env(values: Mapping[str, str], comment: str = "", origin: str = "") -> Instruction:
    return Instruction(
        "ENV", tuple(f"{name}={value}" for name, value in values.items()), comment=comment, origin=origin
    )


def started_with(values: Mapping[str, str]) -> list[Instruction]:
    """ENV of the variables that the start of the source's own sets for itself."""
    return [env(values, comment="The source's own start sets these.", origin="facts.variables")] if values else []


def for_production(chosen: Iterable[Mapping[str, str]]) -> list[Instruction]:
    """ENV of the variables that choose what production takes, where the source would start for development."""
    values = {one["name"]: one["value"] for one in chosen}
    why = "Without these the source starts for development; `env` in the spec says otherwise."
    return [env(values, comment=why, origin="facts.production")] if values else []


def workdir(path: str) -> Instruction:
    return Instruction("WORKDIR", (path,))


def expose(ports: Iterable[Port]) -> list[Instruction]:
    """EXPOSE in the settled order, each number once; nothing where there is no port."""
    numbers = tuple(dict.fromkeys(str(port.number) for port in ports))
    return [Instruction("EXPOSE", numbers, origin="process.ports")] if numbers else []


def start(command: Sequence[str] | None) -> list[Instruction]:
    """CMD in exec form, so that the process is PID 1 and sees SIGTERM; none where the base image has its own."""
    return [Instruction("CMD", tuple(command), json=True, origin="process.command")] if command else []


def system_packages(image: str, names: Sequence[str], origin: str) -> list[Instruction]:
    """Packages of the distribution. The lists stay in a cache; the base images themselves drop the archives."""
    if not names:
        return []
    if is_alpine(image):
        why = "hadolint ignore=DL3018"  # as on Debian: Alpine's mirrors keep only the newest build of a package
        return [run(["apk", "add", "--no-cache", *names], comment=why, origin=origin)]
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *names]
    return [
        run(
            ["apt-get", "update"],
            install,
            caches=[cache(APT_LISTS, locked=True)],
            comment=PINNED_BY_RELEASE,
            origin=origin,
        )
    ]


def account(image: str, user: int, brought: Collection[int]) -> list[Instruction]:
    """An entry in /etc/passwd for a user of ours: libpq, ssh and Python's getpass fail for a number without one.

    `brought` are the numbers that final images have an entry for.
    """
    if user in brought or user == _NOBODY or user < 1000:
        return []
    if is_alpine(image):
        return [run(["adduser", "-D", "-H", "-h", TMP, "-s", "/sbin/nologin", "-u", str(user), "app"])]
    words = ["useradd", "--no-log-init", "--uid", str(user), "--user-group", "--home-dir", TMP, "--no-create-home"]
    return [run([*words, "--shell", "/usr/sbin/nologin", "app"], origin="process.user")]


_NOBODY = 65534  # of every distribution


def folders(paths: Iterable[str], user: int, full: Iterable[str] = ()) -> list[Instruction]:
    """Make the writable folders and give them to the process's user; /tmp is writable for every user already. The files
    that are in the `full` ones become the user's, too, but for the program's own folder.
    """
    wanted = [path for path in paths if path != "/" and not within(path, TMP)]
    if not wanted:
        return []
    owner = str(user)
    own = [path for path in full if path in wanted and path != PROGRAM]
    commands = [["install", "-d", "-o", owner, "-g", owner, *wanted]]
    commands += [["chown", "-R", f"{owner}:{owner}", *own]] if own else []
    return [run(*commands, origin="process.writable")]


FOLDERS = "folders"  # the stage that makes folders for a final image without a shell
MADE = "/made"  # where, in that stage


def made_folders(image: str, paths: Iterable[str]) -> tuple[Stage, ...]:
    """A stage that makes the writable folders of a final image that cannot; none where /tmp alone is written to."""
    wanted = [path for path in paths if path != "/" and not within(path, TMP)]
    if not wanted:
        return ()
    body = (run(["mkdir", "-p", *(f"{MADE}{path}" for path in wanted)], origin="process.writable"),)
    return (Stage(FOLDERS, image, body, origin="build.base", comment="Makes folders, which takes a shell."),)


def taken_folders(stages: Iterable[Stage], owner: int) -> list[Instruction]:
    """COPY of what `made_folders` left, to the process's user."""
    return [copy([f"{MADE}/"], "/", FOLDERS, owner=owner) for stage in stages if stage.name == FOLDERS]


def no_entrypoint() -> Instruction:
    """Hardened images start their interpreter with the words of CMD as its arguments: here CMD says all of it."""
    return Instruction("ENTRYPOINT", (), json=True)


def user(number: int) -> Instruction:
    """A number, because the kubelet cannot see that a name is not root's."""
    return Instruction("USER", (f"{number}:{number}",), origin="process.user")


def within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def is_alpine(image: str) -> bool:
    return "alpine" in image


def ending(ports: Iterable[Port], number: int, command: Sequence[str] | None) -> tuple[Instruction, ...]:
    """The last lines of every image: who runs, where it listens, what starts."""
    return (user(number), *expose(ports), *start(command))
