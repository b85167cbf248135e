"""Names of files and folders that no source tree shows: what tools leave behind, vendored code, and what may hold a secret."""

from __future__ import annotations

import re

SKIPPED = frozenset((
    ".git", ".hg", ".svn", ".kforge", "node_modules", "bower_components", ".venv", "venv", "virtualenv", "site-packages",
    "__pycache__", ".tox", ".nox", ".eggs", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".cache", ".idea", ".vscode",
    ".next", ".nuxt", ".output", ".svelte-kit", ".turbo", ".parcel-cache", ".terraform", ".gradle", "Pods",
    ".aws", ".kube", ".docker", ".ssh", ".gnupg",  # secrets: no fact is taken from them
))  # fmt: skip
UNPACKED = {".yarn": frozenset(("cache", "unplugged"))}  # the rest of .yarn is the package manager itself
VENDOR = frozenset(("vendor", "third_party"))
# What may hold a secret stays closed.
DENIED = re.compile(
    r"\.env.*|.*\.env|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|tfstate|kubeconfig)|.*\.tfstate\..*|id_.*"
    r"|\.npmrc|\.pypirc|[._]netrc|kubeconfig.*|\.git-credentials|\.dockercfg|\.htpasswd|\.pgpass|\.my\.cnf"
    r"|\.vault-token|credentials\.json|service[-_]account.*\.json",
    re.IGNORECASE | re.DOTALL,
)
# Committed examples of such files say which variables a program wants: `.env.example`, `.env.local.dist`, `sample.env`,
# `app.env.template`. People paste real secrets into them all the same, so that no source tree lists them either; `init`
# alone opens them, and takes single values by their form (`draft/example_values.py`).
_EXAMPLE = r"(?:examples?|samples?|templates?|tmpl|dist|defaults?)"
EXAMPLES = re.compile(
    rf"\.?(?:[a-z0-9_-]{{1,40}}\.)?(?:dot)?env(?:[._-][a-z0-9]{{1,20}})?[._-]{_EXAMPLE}|\.?{_EXAMPLE}[._-](?:dot)?env",
    re.IGNORECASE,
)
_CALLED_ALIKE = re.compile(r"(?:id_|kubeconfig).*", re.IGNORECASE | re.DOTALL)


def denied(name: str, code: tuple[str, ...]) -> bool:
    """Whether a file of this name may hold a secret. Code that is about one is none: `id_service.py`, `kubeconfig.go`."""
    return bool(DENIED.fullmatch(name)) and not (name.endswith(code) and _CALLED_ALIKE.fullmatch(name))
