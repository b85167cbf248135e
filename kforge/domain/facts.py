"""Facts: what a detector read off a source, each with the lines that show it.

Values are plain JSON, so that they digest, print and travel as they are. Evidence never enters a digest:
a commit that moves a line changes no fact.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Evidence:
    """A line that shows a fact: a file below the source's root, POSIX, and its one-based line (0: the whole file)."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Fact:
    """One value and where it was seen. Values compare and digest; evidence only explains."""

    value: Any
    evidence: tuple[Evidence, ...] = ()

    @property
    def where(self) -> str:
        """` (web/app.py:3)`, to stand in a sentence behind what it shows; "" without evidence."""
        return f" ({self.evidence[0]})" if self.evidence else ""


Many = tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one source. A single fact is absent when nothing shows it; a list is then empty."""

    detector: str = ""  # the detector that claimed the source, "" when none did
    revision: int = 0  # that detector's revision
    language: Fact | None = None  # the name of a record in kforge/languages: "python"
    version: Fact | None = None  # language version to build with: "3.12", "20", "1.23"
    toolchain: Fact | None = None  # another version that the team's tools pin: of `mise.toml`, `.tool-versions`
    version_range: Fact | None = None  # what the source asks for in its own words, where no version fits: ">=99"
    package_manager: Fact | None = None  # as its language's record names it: "uv", "npm"
    framework: Fact | None = None  # fastapi | flask | django | express | nest | next | net/http | gin | grpc | …
    start: Many = ()  # argument lists, best candidate first: ["node", "server.js"]
    variables: Many = ()  # what the first of them sets for itself: {"name": "NODE_PATH", "value": "src"}
    production: Many = ()  # variables that choose settings for production: {"name": "DEBUG", "value": "False"}
    # what makes an application that nothing here serves: {"said": str, "hint": the way out}
    unserved: Fact | None = None
    # processes beside the first, each a service or job of its own, as kforge.domain.commands.beside describes them
    beside: Many = ()
    # programs behind the first that listen: {"command": "/app/mail", "ports": as in `ports`}
    programs: Many = ()
    # programs that commands of the spec, or the first start, name and that nothing installs: {"program", "by": it or a
    # script that starts it, "packages", "manifest", "listed": a line of a list that is not installed and has it, or ""}
    absent: Many = ()
    # configuration files of servers, as kforge.domain.commands.server_file describes them
    server_files: Many = ()
    ports: Many = ()  # {"port": int, "protocol": "http|https|grpc|tcp", "env": variable that overrides it or ""}
    exposed_by: Many = ()  # variables of an own Dockerfile's EXPOSE to which it gives no value: "APP_PORT"
    forms: Many = ()  # {"env": variable of a port that holds more than its number, "form": ":{}"}
    health: Many = ()  # HTTP paths (or "grpc" for the gRPC health service), best candidate first
    health_ports: Many = ()  # HTTP paths that another port than the main one answers: {"path": str, "port": int}
    # health routes that nothing can ask: {"path": as far as it is known, "file": str, "why": str}
    unprobed: Many = ()
    # hosts that it answers for, where others are refused: {"hosts": [str], "env": the variable that names others or "",
    # "split": what stands between its names, "" where it holds one}
    allowed_hosts: Fact | None = None
    probe_headers: Many = ()  # headers without which it answers no probe: {"name": "X-Forwarded-Proto", "value": "https"}
    env: Many = ()  # {"name": str, "default": str | None, "required": bool}
    # values of variables that choose a store: {"env": "DB", "value": "postgres", "store": key of a known image}
    switches: Many = ()
    named_folders: Many = ()  # variables that name a folder which the program writes: "NOTES_PATH"
    named_files: Many = ()  # variables that name a file which the program reads: "PUB_KEY_PATH"
    # how code tells addresses apart: {"env": "DATABASE_URL", "scheme": "postgres"}
    schemes: Many = ()
    hosts: Many = ()  # host names in the position of a host: {"host": str, "port": int (0: unknown)}
    writable: Many = ()  # absolute folders that the running program writes to
    occupied: Many = ()  # those of them that hold files of the source, which nothing may hide
    # what must outlive the pod: {"folder": absolute, "what": str, "env": variables that move it, sorted}; where they are
    # seen, "moved": variable → its value for another folder, `{}`; "mixed": whether other files are written there
    kept: Many = ()
    project_version: Fact | None = None  # the version that the project's own manifest declares
    scm_version: Fact | None = None  # the variable that tells a build its version, where else only git's history would
    project_name: Fact | None = None
    manifests: Many = ()  # files that the dependency layer needs, in copy order: "package.json", "package-lock.json"
    lockfile: Fact | None = None  # the one of them that pins: "package-lock.json"
    groups: Many = ()  # extras and groups that are installed with them: {"kind": "extra|group", "name": "server"}
    dependencies: Many = ()  # names of direct dependencies, lower case, sorted by name
    manager_version: Fact | None = (
        None  # of the package manager, where its lock file tells it, or it installs otherwise
    )
    install_variables: Many = ()  # what an installation must be told: {"name": "CYPRESS_INSTALL_BINARY", "value": "0"}
    install_scripts: Many = ()  # scripts of the project's own that its installation must not run: "prepare"
    build_first: Many = ()  # argument lists that run before any build, once the source is there
    build: Many = ()  # build commands as argument lists, best candidate first: ["npm", "run", "build"]
    # variables that a build writes into what it makes: {"name", "required", "later": whether the program reads it as well}
    build_env: Many = ()
    collected: Many = ()  # absolute folders outside of the program's own that a build fills
    output: Fact | None = None  # where a build leaves what runs: "dist", ".next", "build"
    scattered: Fact | None = None  # true where a build may fill other folders than `output` as well
    packages: Many = ()  # Debian packages needed at run time: "libpq5"
    build_packages: Many = ()  # Debian packages needed to build: "gcc", "libpq-dev"
    # nginx configuration (`server` blocks) of the project's own for its static output: "nginx.conf"
    webserver: Fact | None = None
    # the page that says that another is missing, of a site whose paths are files; without it a router in the browser
    # gets every path
    error_page: Fact | None = None
    dockerfile: Fact | None = None  # the user's own Dockerfile, as detectors.dockerfile describes it
    # patterns of the user's own .dockerignore, in order; never of one that kforge wrote
    dockerignore: Fact | None = None
    # what builds a part of the source with another toolchain, as detectors.front_ends describes it
    front_ends: Many = ()
    # files and folders that the program imports or opens or that a build reads, where their names are those of what an
    # image does without: "tests", "README.md"
    needed: Many = ()
    # development dependencies without which the first start fails: none of them is pruned then
    unpruned: Many = ()
    # files and folders of the source that a compiled program opens while it runs: "templates"
    opened: Many = ()
    # files by the names of secrets, which no context holds and no layer keeps, that an installation or a build reads:
    # ".npmrc", ".env.production"
    mounted: Many = ()
    # files without which the program ends: {"path": absolute, "env": variables that name another, sorted, "example": a file
    # of the source that shows the form, or ""}
    configured: Many = ()
    # files of TLS that the source's own server is given and that it does not hold: {"path": absolute, "env": the variable
    # that names another, or ""}
    certificates: Many = ()
    # what cannot work as the source stands, and what may not: {"said": str, "hint": the way out}
    faults: Many = ()
    doubts: Many = ()
    # where the image is built from, if not from the source alone: {"folder": relative to the source, "source" and
    # "dockerfile": relative to the context}; see domain/source/build_context.py
    context: Fact | None = None
    # what a workspace adds, as its language's record reads it; paths relative to the context, as are `manifests` then
    workspace: Fact | None = None
    # files of the repository that the image gets at a place of the source: {"from": path from the source, "to": the place}
    brought: Many = ()
    # plans of a source that no detector of a language reads, as detectors.generic makes them of a table, and in a sentence
    # each why a manifest of the table shows none
    proposals: Many = ()
    unproposed: Many = ()
    # commands in lines of its README, CI and build files: {"words": [str], "toolchain": a row's name, or "" for a program of
    # the source}; and numbers of its code that may be its port, as in `ports`
    commands: Many = ()
    port_lines: Many = ()
    missing: Many = ()  # what a build needs and no context can hold: an error with the place that needs it
    notes: Many = ()  # what a person should know: a file too large to read, a second candidate language

    def value(self, name: str) -> Any:
        """Plain value of a fact: None or its value for a single one, a list of values for a list."""
        held = getattr(self, name)
        if isinstance(held, tuple):
            return [fact.value for fact in held]
        return held.value if isinstance(held, Fact) else held


NAMES = tuple(field.name for field in fields(Facts) if field.name not in ("detector", "revision", "doubts", "notes"))
_FIRST = (
    "language", "version", "package_manager", "framework", "start", "ports", "health", "env", "hosts", "writable",
    "project_version", "project_name", "manifests", "lockfile", "dependencies", "build", "output", "packages",
    "build_packages", "webserver", "dockerfile", "dockerignore",
)  # fmt: skip
# Facts that came after the locks of kforge 0.1. Such a lock stays current while a source shows none of them: they are
# recorded where a source does, and else taken for absent.
LATER = frozenset(NAMES) - frozenset(_FIRST)
NOTHING = Facts()
