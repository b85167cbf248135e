"""Text → the same text with every credential replaced by `(hidden)`: for prompts, reasons, logs and error bodies.

Four signs give one away: its known form, its place in a URL, a header or a login, the name beside it, and sheer
randomness. Lines stay lines, so that their numbers hold. Unaware of what is encoded: a key in base64 or split in two is
text like any other.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from kforge.domain.secrets.credential_places import expanded, mixed, options, userinfos
from kforge.domain.secrets.credentials import names_one, spans
from kforge.domain.secrets.source_secrets import HIDDEN

_BLOCK = re.compile(
    r"(-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)(.*?)(-----END [A-Z0-9 ]*-----|\Z)", re.DOTALL
)
_URL_TOKEN = re.compile(r"(?P<head>https?://)(?P<secret>[A-Za-z0-9_-]{16,200})(?=@)")
_HEADER = re.compile(
    r"\b(?P<head>(?:Bearer|Basic|Token|bot)[ \t]+)(?P<secret>[A-Za-z0-9._~+/-]{16,2000}={0,2})", re.IGNORECASE
)
_AUTHORIZATION = re.compile(
    r"\b(?P<head>Authorization[\"'\\]{0,4}\s{0,5}[:=,]\s{0,5}[\"'`\\]{0,4}(?:Bearer|Basic|Token)[ \t]+)"
    r"(?P<secret>[A-Za-z0-9._~+/=-]{6,15})(?![\w./+-])",
    re.IGNORECASE,
)
_VALUE = (  # with quotes, with quotes inside a text that has them itself, and without
    r"""(?P<value>"(?:[^"\\\n]|\\.){1,500}"|'(?:[^'\\\n]|\\.){1,500}'|`[^`\n]{1,500}`"""
    r"""|\\{1,7}"[^"\\\n]{1,500}\\{1,7}"|[^\s"'`,;(){}\[\]<>]{3,500})"""
)
_WORD = r"(?<![A-Za-z0-9_])(?P<name>[A-Za-z_][A-Za-z0-9_.-]{1,80}+)"
_BEGUN = r"""(?:(?:\[\]byte|SecretStr)?\(\s{0,20}(?=[rbf\\]{0,8}["'`]))?"""  # `= (`, `:= []byte(`
_TYPE = r"""(?:[?!]?\s{0,5}:\s{0,5}[A-Za-z&*][\w.&*|\[\]<>?' ]{0,60}|[ \t]{1,5}(?:string|\[\]byte)[ \t]{0,5}|\[\d{0,5}\][ \t]{0,5})"""
_NAMED = re.compile(
    rf"""{_WORD}(?P<sep>\\{{0,7}}["'`]?\]?(?:"""
    # `apiKey: string = "…"`, `var password string = "…"`, `char password[] = "…"`: code, so what has no quotes is a
    # name
    rf"""{_TYPE}=\s{{0,20}}{_BEGUN}(?=[rbf\\]{{0,8}}["'`])"""
    rf"""|\s{{0,20}}(?P<set>:?=(?![=>]))\s{{0,20}}{_BEGUN}"""
    r"""|\s{0,20}(?P<sign>===?|=>|:-|:|,|\|\||\?\?|\bor\b)\s{0,20}(?:(?P<block>[>|][+-]?\d?\s{1,20})|(?:\[\]byte|SecretStr)\()?"""
    rf"""|[ \t]{{1,20}})(?:[rbf](?=["'`\\]))?){_VALUE}"""
)
# `name: DB_PASSWORD`, then `value: …`; `add_argument("--password", default="…")`.
_PAIR = re.compile(
    rf"""{_WORD}(?P<sep>["'\\]{{0,8}}[\s,:={{(]{{1,60}}["'\\]{{0,8}}(?:value|default)["'\\]{{0,8}}\s{{0,20}}[:=]\s{{0,20}})"""
    + _VALUE
)
_COLON = re.compile(r"\s{0,20}:")
_QUOTE = re.compile(r"\\*[\"'`]")
_TAG = re.compile(r"(?P<head><(?P<name>[A-Za-z][\w.-]{1,40})>)(?P<secret>[^<>\s]{3,200})(?=</)")
_SETTINGS = re.compile(
    r"(?:^|/)(?:Dockerfile|Procfile|Makefile)[^/]*$|(?:^|/)[._](?:env[^/]*|npmrc|netrc)$"
    r"|\.(?:ya?ml|ini|cfg|cnf|conf|toml|properties|txt|sh|hcl|tf|xml|service|env)$"
)
_EXTRA = re.compile(
    r"(?:^|[._-])(?:pwd|pw|psk|salt|passwort|pass_?key|secret_?key|access_?token|auth_?key|authToken)\d*$"
    r"|(?:accesskey|secretkey|password|passphrase|requirepass|masterauth|(?:access|api|auth|bearer|client|refresh)token)$",
    re.IGNORECASE,
)
_MEANT = re.compile(  # what stands for a credential without being one
    r"\$.*|%.*|<.*>|\{.*\}?|\*+|x{3,}|\.{3}|(?:your|change|my|replace|insert|todo|example|dummy|fake|test|redacted|hidden|secret|password|token)"
    r"(?:[-_ ]?(?:me|this|here|your|secret|password|token|key|api|value))*|[\w.-]+\.(?:py|js|ts|go|ya?ml|json|txt|pem|key)|\(hidden\)",
    re.IGNORECASE,
)
_CODE = re.compile(r"[A-Za-z_][\w]*(?:(?:\.|->|::|\?\.)[A-Za-z_]\w*)*[?!:]*")  # a name, an attribute, a type
_TOKEN = re.compile(r"(?<![A-Za-z0-9+/_=.:@-])(?:[A-Za-z0-9_-]{28,}|[A-Za-z0-9+/]{32,}={0,2})(?![A-Za-z0-9+/_.:-])")
_BLANKS = re.compile(r"(\s+)")
# `name:password`
_LOGINS = {"user", "proxyuser", "basicauth", "auth", "httpauth", "userpass", "userpwd", "creds", "credentials"}
_SCHEMES = ("basic", "digest")  # a way to log in before its realm, no user before a password
_NAME = re.compile(r"-{0,2}[A-Za-z_][\w.-]*")
_QUOTES = "\"'`;"
_JOINED = 3  # as many `=` of one word may follow a name: `--build-arg=env=TOKEN=x`
_RANDOM = 4.2  # bits a character: words joined by `_` stay below, what a generator made lies above


def redact(text: str, file: str = "") -> str:
    """The text without credentials. A `file` whose form is settings lets values without quotes count, too."""
    text = _BLOCK.sub(_block, text)
    text = _cut(text, [(start, end) for start, end, _ in spans(text)])
    text = _cut(text, [(one.start, one.end) for one in userinfos(text) if not expanded(text[one.start : one.end])])
    text = _options(text)
    text = _URL_TOKEN.sub(_hidden, text)
    text = _HEADER.sub(_header, text)
    text = _AUTHORIZATION.sub(_header, text)
    text = _TAG.sub(lambda match: _hidden(match) if sensitive(match["name"], match["secret"]) else match[0], text)
    settings = bool(_SETTINGS.search(file))
    text = _named(_PAIR, text, settings)
    text = _named(_NAMED, text, settings)
    return _TOKEN.sub(lambda match: HIDDEN if _random(match[0]) else match[0], text)


def redacted(value: Any, name: str = "") -> Any:
    """Plain data without credentials: texts are redacted, and what stands under a credential's name is hidden."""
    if isinstance(value, str):
        return HIDDEN if name and sensitive(name, value) else redact(value)
    if isinstance(value, Mapping):
        own = str(value.get("name") or "") if "default" in value or "value" in value else ""
        return {key: redacted(item, own if key in ("default", "value") else str(key)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        shown = [redacted(item, name) for item in value]
        return arguments(shown) if all(isinstance(item, str) for item in shown) else shown
    return value


def arguments(words: Sequence[str]) -> list[str]:
    """A command's words without credentials: those that a name gives away, and those that show themselves."""
    return list(map(redact, named(words)))


def named(words: Sequence[str]) -> list[str]:
    """A command's words less what the name before it says is a credential: `--password x`, `--token=x`, `-e TOKEN=x`.

    The words of a script (`sh -c "…"`) are read as those of a command.
    """
    shown: list[str] = []
    flag = ""
    told = _options("\0".join(words)).split("\0")
    for word in told if len(told) == len(words) else words:  # a word may have a zero of its own
        if flag and not word.startswith("-") and sensitive(flag, word.strip(_QUOTES)):
            shown.append(HIDDEN)
        elif len(parts := _BLANKS.split(word)) > 1:
            parts[::2] = named(parts[::2])
            shown.append("".join(parts))
        else:
            shown.append(_assigned(word))
        flag = word.lstrip("-") if word.startswith("-") and "=" not in word else ""
    return shown


def _assigned(word: str) -> str:
    """`--token=x`, `PASSWORD=x`, `--env=PASSWORD=x`."""
    parts = word.strip(_QUOTES).split("=", _JOINED)
    for number, name in enumerate(parts[:-1]):
        if _NAME.fullmatch(name) and sensitive(name.lstrip("-"), "=".join(parts[number + 1 :]).strip(_QUOTES)):
            return "=".join((*parts[: number + 1], HIDDEN))
    return word


def sensitive(name: str, value: str) -> bool:
    """Whether a name says that its value is a credential, and the value can be one."""
    if len(value) < 3 or _MEANT.fullmatch(value):
        return False
    if name == "_auth":  # npm's: user and password in base64
        return len(value) >= 8 and mixed(value)
    if _login(name, value) or names_one(name, value) or (_EXTRA.search(name) and names_one("PASSWORD", value)):
        return True
    # `names_one` takes every number for harmless; a long one under such a name is a PIN or an account's password.
    return value.isdigit() and len(value) >= 7 and names_one(name, "a")


def _login(name: str, value: str) -> bool:
    """`--basic-auth admin:x`, and `--user admin:x` where that is no user and group; not `auth: "basic:realm1"`."""
    flag = re.sub(r"[._-]++", "", name.lower())
    user, _, secret = value.partition(":")
    if flag not in _LOGINS or not user or len(secret) < 3 or _MEANT.fullmatch(secret):
        return False
    if flag == "user":
        # a group is often called as its user: `node:node18`
        group = secret.removeprefix(user) if secret.startswith(user) else "-"
        return mixed(secret) and not (len(group) < 3 and (group.isdigit() or not group))
    return any(map(str.isalpha, secret)) and not (flag == "auth" and user.lower() in _SCHEMES)


def _cut(text: str, found: Sequence[tuple[int, int]]) -> str:
    """The text with what lies between the places hidden, from the first on; what overlaps counts once."""
    pieces, last = [], 0
    for start, end in found:
        if start >= last:
            pieces += [text[last:start], HIDDEN]
            last = end
    return "".join([*pieces, text[last:]])


def _options(text: str) -> str:
    """`curl -u admin:x1`, `mysql -px`, `auth=("admin", "x")`: what a login names after its user."""
    found = ((start, end, weak, text[start:end]) for start, end, weak in options(text))
    return _cut(
        text,
        sorted(
            (start, end)
            for start, end, weak, secret in found
            if sensitive("password", secret) and (mixed(secret) or not weak)
        ),
    )


def _block(match: re.Match[str]) -> str:
    return HIDDEN + "\n".join("" for _ in match[0].split("\n"))


def _hidden(match: re.Match[str]) -> str:
    return f"{match['head']}{HIDDEN}"


def _header(match: re.Match[str]) -> str:
    """`Bearer authentication` is a sentence: a token has a digit, or both cases inside."""
    secret = match["secret"]
    plain = not any(char.isdigit() for char in secret) and (len(secret) < 16 or secret.islower() or secret.istitle())
    return match[0] if plain else _hidden(match)


def _named(pattern: re.Pattern[str], text: str, settings: bool) -> str:
    """Values beside a name that means a credential. Matches may follow one another: the value of one names the next."""
    leaks = _leaks if pattern is _NAMED else _paired
    parts: list[str] = []
    at = 0
    while match := pattern.search(text, at):
        value = match["value"]
        quote = found[0] if (found := _QUOTE.match(value)) else ""
        if leaks(match, value[len(quote) : len(value) - len(quote)], bool(quote), settings):
            parts += [text[at : match.start("value")], f"{quote}{HIDDEN}{quote}"]
            at = match.end()
        else:
            parts.append(text[at : match.end("name")])
            at = match.end("name")
    return "".join(parts) + text[at:]


def _leaks(match: re.Match[str], inner: str, quoted: bool, settings: bool) -> bool:
    name, sep = match["name"], match["sep"]
    if not sensitive(name.lstrip("-"), inner):
        return False
    # `-password hunter2` is no sentence
    settings = settings or match.string[max(match.start() - 2, 0) : match.start()] in ("--", " -", '"-', "'-", "`-")
    plain = match["set"] or match["sign"] or sep.strip(" \t\"'`])rbf\\")
    if quoted:  # in `{"name": "PASSWORD", "value": …}` a key follows
        return (bool(plain) or settings) and not (plain == "," and _COLON.match(match.string, match.end()))
    if not plain:  # `--password hunter2`, `ENV DB_PASSWORD hunter2`, `machine a login b password hunter2`
        return (
            mixed(inner)
            and not inner.startswith(("-", "="))
            and (settings or name.isupper() or not _CODE.fullmatch(inner))
        )
    if plain in (",", "||", "??", "or", "===", "==", "=>"):
        return False  # code compares and passes names, never bare texts
    if "\n" in sep and not match["block"] and (plain != ":" or inner.endswith(":")):
        return False  # the next setting, or a key below this one
    if settings or match["block"] or (name.isupper() and plain in ("=", ":-")):
        return not (_CODE.fullmatch(inner) and "." in inner)
    return mixed(inner) and (not _CODE.fullmatch(inner) or (len(inner) >= 12 and _entropy(inner) > 3.3))


def _paired(match: re.Match[str], inner: str, quoted: bool, settings: bool) -> bool:
    """`name: DB_PASSWORD`, `value: hunter2`. A lower name may be that of a field in a form, whose value is its label."""
    name, sep = match["name"], match["sep"]
    if not sensitive(name, inner):
        return False
    if quoted:
        return name.isupper() or (mixed(inner) and not _BLANKS.search(inner))
    if settings or (name.isupper() and (mixed(inner) or (sep[0] not in "\"'" and sep.rstrip().endswith(":")))):
        return not (_CODE.fullmatch(inner) and "." in inner)
    return mixed(inner) and not _CODE.fullmatch(inner)


def _random(token: str) -> bool:
    """Whether a long word was made by a generator: three kinds of characters, digits in several places, no digest's
    label.
    """
    if token.startswith(("sha1-", "sha256-", "sha384-", "sha512-")):
        return False
    kinds = sum(any(map(test, token)) for test in (str.isupper, str.islower, str.isdigit))
    return kinds == 3 and len(re.findall(r"\d+", token)) >= 3 and _entropy(token) >= _RANDOM


def _entropy(text: str) -> float:
    """Bits a character."""
    return -sum(n / len(text) * math.log2(n / len(text)) for n in Counter(text).values())
