"""Text → the credentials in it, by their known forms and by the names beside them. Never repeats what it finds.

The forms are those that their makers publish for secret scanners; a name alone counts only where its last word means a
credential and the value can be one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FORMS = (
    ("an AWS access key", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_[A-Za-z0-9_]{50,}\b"),
    ("a GitLab token", r"\bgl(?:pat|dt|rt|cbt|ptt|soat)-[A-Za-z0-9_.-]{20,}"),
    ("an Anthropic key", r"\bsk-ant-[A-Za-z0-9_-]{20,}"),
    ("an OpenAI key", r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_]{20,}[A-Za-z0-9_-]*"),
    ("a Google API key", r"\bAIza[A-Za-z0-9_-]{35}"),
    ("a Google OAuth token", r"\bya29\.[A-Za-z0-9_-]{20,}"),
    ("a Slack token", r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Za-z0-9-]{10,}"),
    ("a Slack webhook", r"hooks\.slack\.com/services/T[A-Za-z0-9]+/B[A-Za-z0-9]+/[A-Za-z0-9]{16,}"),
    ("a Stripe key", r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    ("a SendGrid key", r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    ("a Twilio key", r"\bSK[0-9a-f]{32}\b"),
    ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a PyPI token", r"\bpypi-[A-Za-z0-9_-]{50,}"),
    ("a Hugging Face token", r"\bhf_[A-Za-z0-9]{30,}\b"),
    ("a DigitalOcean token", r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    ("a Docker Hub token", r"\bdckr_pat_[A-Za-z0-9_-]{20,}"),
    ("a HashiCorp Vault token", r"\bhv[sbr]\.[A-Za-z0-9_-]{24,}"),
    ("an Azure storage key", r"\bAccountKey=[A-Za-z0-9+/]{60,}={0,2}"),
    ("a private key", r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"),
    ("a JSON Web Token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
)
_KNOWN = re.compile("|".join(f"(?P<f{index}>{form})" for index, (_, form) in enumerate(_FORMS)))
_HINTS = re.compile(r"AKIA|ASIA|gh[pousr]_|github_pat|gl\w+-|sk-|AIza|ya29|xox|xapp|slack|k_live|k_test|SG\.|SK|npm_|pypi|hf_|do\w_|dckr|hv\w\.|AccountKey|PRIVATE|eyJ")
# The password of `scheme://user:password@host`, less what is a placeholder or expanded by Kubernetes: `$(PASSWORD)`.
_USERINFO = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@]*:(?!\$\(|\$\{|<|\*+@|x+@)[^\s/@]+@")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LAST = {
    "PASSWORD", "PASSWD", "PASSPHRASE", "PASS", "PASSCODE", "SECRET", "SECRETS", "TOKEN", "APIKEY", "CREDENTIAL",
    "CREDENTIALS", "CREDS",
}  # fmt: skip
_KEYS = {
    "API", "SECRET", "PRIVATE", "ACCESS", "ENCRYPTION", "SIGNING", "SESSION", "AUTH", "MASTER", "ACCOUNT", "HMAC",
    "JWT", "LICENSE", "ROOT", "STORAGE", "SERVICE",
}  # fmt: skip
# What a credential never is: a number, a truth, a duration, a path, a reference, a URL.
_HARMLESS = re.compile(
    r"-?[\d.]+ ?(?:ns|us|ms|s|m|h|d|[KMG]i?B?)?|true|false|yes|no|on|off|none|null|enabled|disabled|required|optional|(?:\.{0,2}|~)/.*|.*\$[({].*|[A-Za-z][A-Za-z0-9+.-]*://.*",
    re.IGNORECASE | re.DOTALL,
)


def known(text: str) -> Iterator[tuple[int, str]]:
    """Position and kind (`a GitHub token`) of every credential that its form gives away."""
    if not _HINTS.search(text):
        return
    for match in _KNOWN.finditer(text):
        yield match.start(), _FORMS[int((match.lastgroup or "f0")[1:])][0]


def userinfo(text: str) -> bool:
    """Whether a URL in the text carries a password."""
    return "@" in text and _USERINFO.search(text) is not None


def names_one(name: str, value: str) -> bool:
    """Whether a variable's name says that its value is a credential, and the value can be one."""
    if not value or _HARMLESS.fullmatch(value):
        return False
    words = [word.upper() for word in _WORDS.findall(name)]
    while words and (words[-1].isdigit() or words[-1] in ("BASE", "VALUE")):
        words.pop()
    if not words:
        return False
    return words[-1] in _LAST or (words[-1] == "KEY" and len(words) > 1 and words[-2] in _KEYS) or words[-2:] == ["API", "KEY"]
