"""Words of a command → whether it is one that is never offered: it fetches by a name, carries inline code, reaches out
of the source, or holds a credential.

Names that a toolchain gives its own parts, and files of the source, are no reason: `mix deps.get`, `ruby add.rb`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kforge.domain.secrets.credential_hint import hints_at_one, is_login
from kforge.domain.toolchains import toolchains

# ---- outside of the source
_OUTER = re.compile(r"[=:,+]/|^-(?:[A-Za-z]|i[a-z]{4,8})/")  # `--file=/etc/x`, `-I/etc`, `-isystem/usr/include`
_REMOTE = re.compile(r"(?:npm|jsr|https?|ftp|ssh|git|github|file):|data:[^,/]{0,60}[,/]")

# ---- inline code
_INLINE = frozenset(("-e", "-E", "-c", "-r", "--eval", "-eval", "--execute", "--run", "-Command"))
_RUNS_WORDS = frozenset(("eval", "cmd", "sh", "bash", "dash", "zsh", "ksh", "sudo", "ssh", "scp", "curl", "wget"))
_RUNS_PACKAGES = frozenset(("npx", "bunx", "uvx", "pipx"))
_INTERPRETERS = frozenset(("ruby", "rake", "rackup", "perl", "plackup", "php", "elixir", "lua5.4"))
_CODE_LETTERS, _VALUE_LETTERS = "eErRB", "IMm"  # of their options: code follows, or another value does

# ---- fetched by a name
_TAKES_NAMES = frozenset(
    ("activate", "add", "binstall", "clone", "create-project", "download", "fetch", "get", "global", "install")
) | {"require", "unpack"}
_SENDS = frozenset(("deploy", "global", "login", "publish", "push", "upload"))
_ALWAYS = frozenset(("create-project", "archetype"))
_GETS_OWN = ("deps.get",)  # what the manifest names, and nothing else
_FETCHERS = ("cpanm",)  # programs that do nothing else
_COORDINATES = re.compile(r"[\w-]{1,40}\.[\w.-]{1,60}:[\w.-]{1,60}:.{1,80}|[\w.-]{1,60}(?::[\w.-]{1,60}){3,5}")
_TOLD_COORDINATES = re.compile(r"-.{1,60}=[\w.-]{1,60}(?::[\w.-]{1,60}){2,5}")  # `-Dartifact=g:a:1`
_SETTINGS = "Makefile"  # values without quotes count in it
_HOST = re.compile(r"[A-Za-z0-9-]{1,60}(?:\.[A-Za-z0-9-]{1,60}){1,6}")


def is_refused(words: Sequence[str]) -> bool:
    """Whether a command is never offered, however plain it looks."""
    return (
        any(map(_leads_out, words)) or _has_code(words) or _fetches(words) or _configures(words) or _holds_secret(words)
    )


def _leads_out(word: str) -> bool:
    """An address, a path out of the source, a package of a registry; in an option, too."""
    if "//" in word or ".." in word or word.startswith("/") or _OUTER.search(word):
        return True
    return any(_REMOTE.match(part) for part in re.split("[=,]", word))


def _has_code(words: Sequence[str]) -> bool:
    """Inline code in an option, also where it is one word with it, or a program that runs its words."""
    interpreted = False
    for at, word in enumerate(words):
        if at and (word in _RUNS_WORDS or word in _RUNS_PACKAGES):
            return True
        if at and word == "runner" and words[at - 1].rpartition("/")[2] == "rails":
            return True
        if word.startswith("-") and at:
            if re.split("[=:]", word, maxsplit=1)[0] in _INLINE or (word.startswith("-E")):
                return True
            if interpreted and not word.startswith("--") and _letters_code(word):
                return True
        interpreted = interpreted or word.rpartition("/")[2] in _INTERPRETERS
    return False


def _letters_code(option: str) -> bool:
    """`-eexit`, `-ne`, `-rphpinfo`; not `-Ilib`, `-dopcache.enable=1`."""
    for letter in option[1:]:
        if letter in _CODE_LETTERS:
            return True
        if not letter.isalnum() or letter in _VALUE_LETTERS or (letter == "d" and "=" in option):
            return False
    return False


def _fetches(words: Sequence[str]) -> bool:
    """Whether it takes a package by its name from elsewhere, or sends something away."""
    if any([*words] == [*step] for each in toolchains().values() for step in (*each.install, *each.steps)):
        return False
    if any(_COORDINATES.fullmatch(word) or _TOLD_COORDINATES.fullmatch(word) for word in words):
        return True
    if words[0] in _FETCHERS and any(map(_is_name, words[1:])):
        return True
    for at, word in enumerate(words[1:], 1):
        said = {*_parts(word)}
        if said & _ALWAYS or word in _SENDS or (said & _SENDS and ":" in word):
            return True
        if said & {*_TAKES_NAMES, *_FETCHERS} and (":" in word or any(map(_is_name, words[at + 1 :]))):
            return True
    return False


def _parts(word: str) -> Iterator[str]:
    """What a word may tell a program to do: itself, each part with a colon, and what stands behind a last dot."""
    plain = word.strip(",")
    if plain.startswith("-") or plain in _GETS_OWN or "/" in plain:
        return
    yield plain
    yield from plain.split(":")
    yield from (part.rpartition(".")[2] for part in plain.split(":"))


def _is_name(word: str) -> bool:
    return not word.startswith("-") and word != "."


def _configures(words: Sequence[str]) -> bool:
    """`bundle config HOST user:password`: a host and what is told to it."""
    told = words[words.index("config") + 1 :] if "config" in words[1:4] else ()
    return any(":" in word or _HOST.fullmatch(word) for word in told)


def _holds_secret(words: Sequence[str]) -> bool:
    """Whether a word would be hidden where facts are shown, or is a user with a password."""
    if any(map(is_login, words)):
        return True
    if not hints_at_one(words):
        return False
    from kforge.domain.secrets.redact import arguments, redact  # here, since most commands have no hint

    line = " ".join(words)
    return arguments(words) != [*words] or redact(line, _SETTINGS) != line
