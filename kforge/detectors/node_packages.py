"""Debian packages that Node dependencies need on `node:20-slim`. Data: modules with prebuilt binaries are not here.

Each row was read off the project's own installation page.
"""

from __future__ import annotations

from typing import NamedTuple

GYP = ("g++", "make", "python3")  # https://github.com/nodejs/node-gyp#on-unix


class NodeNeeds(NamedTuple):
    """Packages at run time, packages to build, and the page that says so."""

    run: tuple[str, ...]
    build: tuple[str, ...]
    source: str


PACKAGES = {
    "@prisma/client": NodeNeeds(("openssl",), ("openssl",), "https://www.prisma.io/docs/orm/reference/system-requirements"),
    "deasync": NodeNeeds((), GYP, "https://github.com/abbr/deasync"),
    "fluent-ffmpeg": NodeNeeds(("ffmpeg",), (), "https://github.com/fluent-ffmpeg/node-fluent-ffmpeg#prerequisites"),
    "gm": NodeNeeds(("graphicsmagick",), (), "https://github.com/aheckmann/gm#getting-started"),
    "imagemagick": NodeNeeds(("imagemagick",), (), "https://github.com/yourdeveloper/node-imagemagick"),
    "libpq": NodeNeeds(("libpq5",), (*GYP, "libpq-dev"), "https://github.com/brianc/node-libpq#install"),
    "node-pty": NodeNeeds((), GYP, "https://github.com/microsoft/node-pty#dependencies"),
    "node-rdkafka": NodeNeeds(("libssl3",), (*GYP, "libssl-dev"), "https://github.com/Blizzard/node-rdkafka#requirements"),
    "pg-native": NodeNeeds(("libpq5",), (*GYP, "libpq-dev"), "https://github.com/brianc/node-pg-native#install"),
    "simple-git": NodeNeeds(("ca-certificates", "git"), (), "https://github.com/steveukx/git-js#requirements"),
}  # fmt: skip
