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
# What may hold a secret stays closed, examples of it too: people paste real ones into them.
DENIED = re.compile(
    r"\.env.*|.*\.env|.*\.(?:pem|key|p12|pfx|jks|keystore|kdbx|ppk|tfstate|kubeconfig)|.*\.tfstate\..*|id_.*"
    r"|\.npmrc|\.pypirc|[._]netrc|kubeconfig.*|\.git-credentials|\.dockercfg|\.htpasswd|\.pgpass|\.my\.cnf"
    r"|\.vault-token|credentials\.json|service[-_]account.*\.json",
    re.IGNORECASE | re.DOTALL,
)
_CALLED_ALIKE = re.compile(r"(?:id_|kubeconfig).*", re.IGNORECASE | re.DOTALL)


def denied(name: str, code: tuple[str, ...]) -> bool:
    """Whether a file of this name may hold a secret. Code that is about one is none: `id_service.py`, `kubeconfig.go`."""
    return bool(DENIED.fullmatch(name)) and not (name.endswith(code) and _CALLED_ALIKE.fullmatch(name))
