"""Flags, environment and the user's `config.toml` → Settings. The spec has no part in this, and no key stands in a
file.

Flags go before the environment, the environment before the file.
"""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kforge.domain.model import address
from kforge.domain.model.machine import Setting, Settings, Weights
from kforge.domain.model.vendors import KEYS as VARIABLES
from kforge.domain.model.vendors import NAMES, VENDORS
from kforge.domain.near_words import near_words
from kforge.errors import InputError, Place
from kforge.system.config_file import ConfigFile, expanded
from kforge.system.gpu.detect import OFF
from kforge.system.gpu.detect import VENDORS as VENDOR_NAMES

FILE = "config.toml"
_DEVICE = re.compile(r"[0-9]+|(?:GPU|MIG)-.+|(?=.*[0-9])[0-9a-f-]{4,}", re.IGNORECASE)  # an index, or how a UUID begins
_HOST = re.compile(r"\*|(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?|[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*")
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")


@dataclass(frozen=True, slots=True)
class Flags:
    """What a command line says of the model."""

    provider: str = ""
    model: str = ""
    base_url: str = ""
    allow_remote: bool = False
    parallel: int = 0
    together: int = 0


def folder(environment: Mapping[str, str], home: Path, system: str = "") -> Path:
    """Where this platform keeps a user's configuration."""
    system = system or platform.system()
    told = environment.get("XDG_CONFIG_HOME", "")
    # The XDG specification: a relative one is to be ignored. It would be found in the repository that is built.
    if os.path.isabs(told):  # noqa: PTH117
        return Path(told) / "kforge"
    if system == "Darwin":
        return home / "Library" / "Application Support" / "kforge"
    if system == "Windows":
        return Path(environment.get("APPDATA") or home / "AppData" / "Roaming") / "kforge"
    return home / ".config" / "kforge"


def settle(flags: Flags, environment: Mapping[str, str], home: Path, system: str = "") -> Settings:
    """All of the user's word. Raises InputError for a file or a variable that is wrong, each with its place."""
    file = folder(environment, home, system) / FILE
    held = ConfigFile(file, _shown(file, home))
    provider = _first(
        ("--provider", flags.provider),
        ("KFORGE_PROVIDER", environment.get("KFORGE_PROVIDER")),
        held.setting("provider"),
    )
    base_url = _first(
        ("--base-url", flags.base_url),
        ("KFORGE_BASE_URL", environment.get("KFORGE_BASE_URL")),
        held.setting("base_url"),
    )
    model = _first(("--model", flags.model), ("KFORGE_MODEL", environment.get("KFORGE_MODEL")), held.setting("model"))
    consent, by = _consent(flags, environment, held)
    gpu = _first(("KFORGE_GPU", environment.get("KFORGE_GPU")), held.setting("gpu"))
    files = held.files(home, file.parent)
    if model and model.value.lower().endswith(".gguf"):  # a file is named where a name would stand
        path = expanded(model.value, home, file.parent if model.where else Path())
        files = (Weights(path.stem, str(path), where=model.where), *files)
        model = Setting(path.stem, model.by, model.where)
        provider = provider or Setting("embedded", model.by, model.where)
    _sound(provider, base_url)
    _known(gpu)
    key = environment.get("KFORGE_API_KEY", "").strip()
    return Settings(
        provider,
        model,
        base_url,
        Setting(key, "KFORGE_API_KEY") if key else None,
        gpu,
        flags.parallel or held.number("parallel"),
        held.number("context"),
        held.number("requests_per_minute"),
        held.number("tokens_per_minute"),
        consent,
        by,
        files,
        _keys(environment),
        _urls(environment),
        _accounts(environment),
        flags.together or held.number("together") or 1,
    )


def _first(*told: tuple[str, str | None] | Setting | None) -> Setting | None:
    for each in told:
        if isinstance(each, Setting):
            return each
        if each and each[1] and each[1].strip():
            return Setting(each[1].strip(), each[0])
    return None


def _sound(provider: Setting | None, base_url: Setting | None) -> None:
    if provider and provider.value not in NAMES:
        near = near_words(provider.value.lower(), NAMES)
        hint = f"did you mean `{near[0]}`?" if near else f"providers are {', '.join(f'`{name}`' for name in NAMES)}"
        raise InputError(f"{provider.by} names an unknown provider: `{provider.value[:40]}`", provider.where, hint)
    if base_url and (why := address.odd(base_url.value)):
        hint = "put the key into KFORGE_API_KEY" if "password" in why else "write it as `http://127.0.0.1:8080/v1`"
        raise InputError(f"the address that {base_url.by} names {why}", base_url.where, hint)


def _known(gpu: Setting | None) -> None:
    """Raises InputError where a word of the setting cannot name a GPU. Whether that GPU is here, `system/gpu` tells."""
    words = gpu.value.split(",") if gpu and gpu.value.lower() not in (*OFF, "auto") else ()
    for word in (each.strip() for each in words):
        if gpu and word.lower() not in ("", *VENDOR_NAMES) and not _DEVICE.fullmatch(word):
            hint = (
                f"write `auto`, `off`, {', '.join(f'`{name}`' for name in VENDOR_NAMES)}, or indices and UUIDs: `0,1`"
            )
            raise InputError(f"{gpu.by} names an unknown GPU: `{word[:40]}`", gpu.where, hint)


def _consent(flags: Flags, environment: Mapping[str, str], held: ConfigFile) -> tuple[tuple[str, ...], str]:
    if flags.allow_remote:
        return ("*",), "--allow-remote"
    told = environment.get("KFORGE_ALLOW_REMOTE")
    if told is not None:
        word = told.strip().lower()
        hosts = (
            ("*",)
            if word in _TRUE
            else ()
            if word in _FALSE
            else tuple(each.strip() for each in word.split(",") if each.strip())
        )
        _hosts(hosts, "KFORGE_ALLOW_REMOTE", None)
        return hosts, "KFORGE_ALLOW_REMOTE"
    listed = held.data.get("allow_remote", False)
    hosts = ("*",) if listed is True else tuple(each.lower() for each in listed) if isinstance(listed, list) else ()
    _hosts(hosts, "`allow_remote`", held.place("allow_remote"))
    return hosts, held.shown if hosts else ""


def _hosts(hosts: tuple[str, ...], by: str, where: Place | None) -> None:
    for host in hosts:
        if not _HOST.fullmatch(host):
            hint = "write `true`, or hosts such as `api.openai.com`, `gpu.example.com:8443`"
            raise InputError(f"{by} has something that is not a host", where, hint)


def _keys(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """The vendors' own keys: each belongs to its vendor and goes nowhere else."""
    found = {}
    for name, variables in VARIABLES.items():
        for variable in variables:
            value = environment.get(variable, "").strip()
            if value:
                found[name] = (variable, value)
                break
    return found


def _urls(environment: Mapping[str, str]) -> dict[str, Setting]:
    """The vendors' own variables for their address, and Ollama's."""
    found = {}
    for vendor in VENDORS:
        for variable in vendor.urls:
            value = environment.get(variable, "").strip().rstrip("/")
            if value:
                ended = value if not vendor.suffix or value.endswith(vendor.suffix) else value + vendor.suffix
                found[vendor.name] = Setting(ended, variable)
                break
    host = environment.get("OLLAMA_HOST", "").strip()
    if host:
        found["ollama"] = Setting(address.ollama(host), "OLLAMA_HOST")
    for setting in found.values():
        if why := address.odd(setting.value):
            raise InputError(f"the address that {setting.by} names {why}", hint=f"correct or unset {setting.by}")
    return found


def _accounts(environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Organizations and projects, by vendor, as the headers that name them."""
    told = {
        vendor.name: {header: environment.get(name, "").strip() for name, header in vendor.accounts.items()}
        for vendor in VENDORS
    }
    return {
        name: kept
        for name, held in told.items()
        if (
            kept := {
                header: value for header, value in held.items() if value.isascii() and value.isprintable() and value
            }
        )
    }


def _shown(file: Path, home: Path) -> str:
    return f"~/{file.relative_to(home).as_posix()}" if file.is_relative_to(home) else str(file)
