"""A variable that no service and no store of a draft explains → what the author's example says, a Secret's, or a question."""

from __future__ import annotations

from kforge.domain.secrets.credentials import names_one
from kforge.draft import example_values
from kforge.draft.key_files import key_file
from kforge.draft.logins import ADDRESS, logs_in, plain_name
from kforge.draft.wiring_context import Wires, WiringContext

# What a program calls itself to people.
_SHOWN_NAME = frozenset(("APP_NAME", "APPLICATION_NAME", "APP_TITLE", "PROJECT_NAME", "SITE_NAME", "SITE_TITLE"))


def asked(name: str, required: bool, around: WiringContext, wires: Wires, secret: bool = False) -> None:
    """A variable without a value: a credential's is a Secret's, and another is the user's to say."""
    if name in wires.secrets:
        return
    file = key_file(name, around.app, around.own, around.opened) if required and not secret else None
    if file:
        wires.files[name], wires.env[name] = file, file.place
    elif secret or names_one(name, "x1y2z3w4"):
        optional = {} if required else {"optional": True}
        wires.secrets[name] = {
            "secret": f"{around.app}-{around.own}",
            "key": name.lower().replace("_", "-"),
            **optional,
        }
    elif required and not as_example(name, around, wires):
        if plain_name(name).removeprefix(around.prefix) in _SHOWN_NAME:
            wires.env[name] = around.app
            wires.named.append(name)
            return
        if logs_in(name, around.read):
            asked(name, required, around, wires, secret=True)
            return
        left = _left_out(name, around)
        wires.lacks[name] = (
            f"is the address of `{left}`, which is left out: set it to the address of yours"
            if left
            else "is the path of a file: mount the file, for instance by `config`, and set the variable to its path"
            if name in around.opened
            else "needs"
        )


def as_example(name: str, around: WiringContext, wires: Wires) -> bool:
    """Whether a variable that only the user knows is settled by what an example of the author's gives it."""
    given = around.examples.get(name)
    if given is None:
        return False
    if example_values.secret(name, given.value):
        asked(name, True, around, wires, secret=True)
        return True
    if value := example_values.harmless(name, given.value):
        wires.env[name], wires.taken[name] = value, given
    return bool(value)


def _left_out(name: str, around: WiringContext) -> str:
    """The folder that is no service of the draft and whose address a variable is by its name; "" for none."""
    match = ADDRESS.match(plain_name(name))
    called = match[1].rstrip("_").lower().replace("_", "-") if match else ""
    return next((path for path in sorted(around.gone) if called and called in path.lower().split("/")), "")
