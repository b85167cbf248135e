"""Text → the passwords in it that their place gives away: in a URL, in a data source, behind a program's option.

Unaware of forms, of the names beside a value, and of what only stands for a password.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

# The password runs to the last `@` before a blank or a quote, since it may hold one; but not into the next URL of a
# list.
_URL = re.compile(
    r"\b[A-Za-z][A-Za-z0-9+.-]{0,30}://(?P<user>[^\s/:\"'`]{0,100}):(?P<secret>(?:[^\s:\"'`]|:(?!//)){1,500})(?=@)"
)
_DSN = re.compile(
    r"(?<![\w.-])(?P<user>[\w.-]{1,64}):(?!//)(?P<secret>[^\s\"'`]{1,200})(?=@(?:tcp|udp|unix|cloudsql)[a-z0-9]{0,8}\()"
)
# begins `$(PW)`, `${PW}`, `{pw}`, `%s`, `<password>`; `%40` is an `@`
_EXPANDED = re.compile(r"\$|\{|<|%(?![0-9A-Fa-f]{2})")
_PORT = re.compile(r"(?:\d{1,5}|port)[/?#]", re.IGNORECASE)
# a name with a dot or a port
_HOST = re.compile(r"(?:[\w-]{1,63}\.){1,10}[\w-]{1,63}(?::\d{1,5})?|[\w-]{1,63}:\d{1,5}")

_GAP = r"[ \t\"',\0]"  # between the words of a command: in a shell, in a list of texts, in `redact.named`
# to an option, over the end of a line where a backslash stands before it
_REACH = rf"(?:[^\\\n;|&]|\\[\s\S]){{0,200}}?{_GAP}"
_CURL = re.compile(
    rf"\bcurl\b(?:[^\\\n]|\\[\s\S]){{0,300}}?{_GAP}(?:-u|--user)(?:=|{_GAP}){{0,4}}"
    r"(?P<login>[^\s:\"'\0]{1,100}:[^\s\"'\0]{3,200})"
)
_LOGIN = rf"(?:docker|podman|buildah|skopeo|helm(?:{_GAP}{{1,4}}registry)?){_GAP}{{1,4}}login"
_OPTION = re.compile(
    rf"(?<![\w.-])(?:(?:mysql|mysqldump|mysqladmin|mariadb)(?={_GAP}){_REACH}-p[\"']?"
    rf"|(?:sshpass|mongo(?:sh|dump|restore)?|{_LOGIN})(?={_GAP}){_REACH}-p{_GAP}{{0,4}}"
    rf"|redis-cli(?={_GAP}){_REACH}-a{_GAP}{{1,4}})"
    r"(?<!,)(?<!, )(?!\d{1,5}:\d|ort\b)(?P<secret>[^\s\"'`,\0-][^\s\"'`,\0]{2,200})"  # in a list, what has no quotes is a name
)
_NETRC = re.compile(
    r"\b(?P<machine>machine\s{1,20}\S{1,100}\s{1,20})?login\s{1,20}\S{1,100}\s{1,20}password\s{1,20}(?P<secret>\S{3,200})"
)
_PAIR = re.compile(
    r"(?:\bauth\s{0,5}=\s{0,5}|[Bb]asic_?[Aa]uth|\.login)[(\[]\s{0,20}[\"'`][^\"'`\n]{0,100}[\"'`]\s{0,5},\s{0,20}"
    r"(?P<quoted>\"[^\"\n]{3,200}\"|'[^'\n]{3,200}'|`[^`\n]{3,200}`)"
)


class Userinfo(NamedTuple):
    """`user:password` before an `@`: where it begins, where the password begins, where it ends."""

    begin: int
    start: int
    end: int


def userinfos(text: str) -> Iterator[Userinfo]:
    """Users with a password before a host, in order; also those whose password is expanded later."""
    if "@" in text:
        found = [_url(match) for match in _URL.finditer(text)]
        found += [Userinfo(match.start("user"), *match.span("secret")) for match in _DSN.finditer(text)]
        last = 0
        for one in sorted(one for one in found if one):
            if one.begin >= last:
                yield one
                last = one.end


def expanded(password: str) -> bool:
    """Whether what stands for a password is a variable or a gap."""
    return _EXPANDED.match(password) is not None


def mixed(text: str) -> bool:
    """Whether a text has a letter and a digit, as few words and most passwords do."""
    return any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def options(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start and end of what a login names after its user, in order of the places; and whether only a mixed one is a
    password.
    """
    for match in _CURL.finditer(text):
        yield match.start("login") + match["login"].index(":") + 1, match.end("login"), True
    for match in _OPTION.finditer(text):
        yield *match.span("secret"), False
    for match in _NETRC.finditer(text):
        yield *match.span("secret"), not match["machine"]
    for match in _PAIR.finditer(text):
        yield match.start("quoted") + 1, match.end("quoted") - 1, False


def _url(match: re.Match[str]) -> Userinfo | None:
    """The password of a URL. One with a slash looks like a port and a path with an `@`:
    `http://localhost:8080/users/@me`.
    """
    begin, (start, end) = match.start("user"), match.span("secret")
    secret = match["secret"]
    authority, slash, _ = secret.partition("/")
    password, at, host = authority.rpartition("@")
    if slash and at and (_HOST.fullmatch(host) or not mixed(secret)):
        return Userinfo(begin, start, start + len(password))  # `user:secret@host.example/@scope/package`
    if at or not (slash or _PORT.match(secret)):
        return Userinfo(begin, start, end)
    return None if "@" in match["user"] or _PORT.match(secret) or not mixed(secret) else Userinfo(begin, start, end)
