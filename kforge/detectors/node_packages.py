"""Debian packages that Node dependencies need on `node:20-slim`. Data: modules with prebuilt binaries are not here.

Each row was read off the project's own installation page.
"""

from __future__ import annotations

from typing import NamedTuple

GYP = ("g++", "make", "python3")  # https://github.com/nodejs/node-gyp#on-unix


class Needs(NamedTuple):
    """Packages at run time, packages to build, and the page that says so."""

    run: tuple[str, ...]
    build: tuple[str, ...]
    source: str


PACKAGES = {
    "@prisma/client": Needs(("openssl",), ("openssl",), "https://www.prisma.io/docs/orm/reference/system-requirements"),
    "deasync": Needs((), GYP, "https://github.com/abbr/deasync"),
    "fluent-ffmpeg": Needs(("ffmpeg",), (), "https://github.com/fluent-ffmpeg/node-fluent-ffmpeg#prerequisites"),
    "gm": Needs(("graphicsmagick",), (), "https://github.com/aheckmann/gm#getting-started"),
    "imagemagick": Needs(("imagemagick",), (), "https://github.com/yourdeveloper/node-imagemagick"),
    "libpq": Needs(("libpq5",), (*GYP, "libpq-dev"), "https://github.com/brianc/node-libpq#install"),
    "node-pty": Needs((), GYP, "https://github.com/microsoft/node-pty#dependencies"),
    "node-rdkafka": Needs(("libssl3",), (*GYP, "libssl-dev"), "https://github.com/Blizzard/node-rdkafka#requirements"),
    "node-sass": Needs((), GYP, "https://github.com/sass/node-sass#install"),
    "pg-native": Needs(("libpq5",), (*GYP, "libpq-dev"), "https://github.com/brianc/node-pg-native#install"),
    "simple-git": Needs(("git",), (), "https://github.com/steveukx/git-js#requirements"),
}  # fmt: skip
