"""Dockerfiles are read as BuildKit reads them: the image's configuration is what BuildKit itself makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.detectors.reading import facts, lay, values
from tests.linters import buildkit_configs

HEAD = "FROM docker.io/library/debian:13-slim\n"
TAIL = 'EXPOSE 7002\nUSER 1234\nCMD ["serve"]\n'
CASES = {
    "no heredoc: a shift in an arithmetic expansion": HEAD + "ARG BITS=4\nRUN echo $((1<<BITS)) > /tmp/size\n" + TAIL,
    "no heredoc: a shift in quotes": HEAD + 'RUN python -c "n=3; print(1<<n)"\n' + TAIL,
    "no heredoc: a here-string": HEAD + 'RUN cat <<< "text"\n' + TAIL,
    "heredoc": HEAD + "RUN <<EOF\nUSER 9\nCMD no\nEOF\n" + TAIL,
    "heredoc with a quoted name": HEAD + "RUN <<'EO F'\nUSER 9\nEO F\n" + TAIL,
    "heredoc with a half quoted name": HEAD + 'RUN <<E"O"F\nUSER 9\nEOF\n' + TAIL,
    "heredoc with tabs": HEAD + "RUN <<-EOF\n\tUSER 9\n\t\tEOF\n" + TAIL,
    "heredoc of another descriptor": HEAD + "RUN cat 3<<EOF /dev/fd/3\nUSER 9\nEOF\n" + TAIL,
    "two heredocs": HEAD + "RUN cat <<ONE - <<TWO\nUSER 8\nONE\nUSER 9\nTWO\n" + TAIL,
    "heredoc of a copy": HEAD + "COPY <<app.conf <<-b.conf /etc/\nUSER 8\napp.conf\n\tUSER 9\nb.conf\n" + TAIL,
    "heredoc whose name has a sign": HEAD + "RUN <<END-OF.IT\nUSER 9\nEND-OF.IT\n" + TAIL,
    "heredoc after a continued line": HEAD + "RUN echo a && \\\n  cat <<EOF\nUSER 9\nEOF\n" + TAIL,
    "heredoc of a trigger": HEAD.replace("\n", " AS a\n") + "ONBUILD RUN <<EOF\nUSER 9\nEOF\nFROM a\n" + TAIL,
    "no heredoc: ENV": HEAD + "ENV A=<<EOF\n" + TAIL,
    "heredoc in a Windows file": (HEAD + "RUN <<EOF\nUSER 9\nEOF\n" + TAIL).replace("\n", "\r\n"),
    "arguments before the first stage": "ARG TAG=13\nARG UNUSED=1\nFROM debian:${TAG}\nARG TAG\nARG UNUSED\nENV T=$TAG U=${UNUSED:-none}\n" + TAIL,
    "arguments of a parent stage": "FROM debian AS base\nARG APP_PORT=7003\nARG APP_UID=1234\nFROM base AS final\nEXPOSE ${APP_PORT}\nUSER ${APP_UID}\nCMD x\n",
    "arguments of a grandparent": "FROM debian AS a\nARG P=1\nENV E=$P\nFROM a AS b\nFROM b\nARG P=2\nENV F=$P$E\n" + TAIL,
    "arguments that another stage has": "FROM debian AS a\nARG P=1\nFROM debian\nENV F=x${P}y\n" + TAIL,
    "a variable wins over an argument": HEAD + "ENV V=env\nARG V=arg\nENV W=$V\n" + TAIL,
    "variables before the line": HEAD + "ENV A=1\nENV A=2 B=$A\n" + TAIL,
    "the old form of a variable": HEAD + "ENV A one two\nENV B  $A three\n" + TAIL,
    "variables of a parent": "FROM debian AS base\nENV PORT=80 A='x y'\nUSER 5\nWORKDIR /srv\nEXPOSE 80\nVOLUME /data\nFROM base\nWORKDIR app\nEXPOSE $PORT 81/udp\n",
    "defaults of references": HEAD + "ENV A=${NO:-8080} B=${NO-1} C=${NO:+x} D=${A:+y} E=${A+z}\n" + TAIL,
    "escaped references": HEAD + "ENV A=\\$HOME B='$HOME' C=\"\\$x\"\n" + TAIL,
    "patterns of references": HEAD + "ENV V=1.2.3\nENV A=${V%.*} B=${V%%.*} C=${V#*.} D=${V##*.} E=${V/./_} F=${V//./_}\n" + TAIL,
    "an entry point drops the parent's command": 'FROM debian AS a\nCMD ["old"]\nFROM a\nENTRYPOINT ["new"]\n',
    "an entry point keeps the stage's own command": HEAD + 'CMD ["old"]\nENTRYPOINT ["new"]\n',
    "a parent's entry point and a command": 'FROM debian AS a\nENTRYPOINT ["run"]\nCMD ["old"]\nFROM a\nCMD ["new"]\n',
    "a command of an inherited stage": 'FROM debian AS a\nENTRYPOINT ["run"]\nCMD ["old"]\nFROM a\nUSER 1\n',
    "shell forms": HEAD + "ENTRYPOINT exec run $X\nCMD a b\n",
    "another shell": HEAD + 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nCMD a b\n',
    "another shell of a parent": 'FROM debian AS a\nSHELL ["/bin/bash", "-c"]\nFROM a\nCMD a b\n',
    "JSON with blanks": HEAD + 'CMD   [ "a" ,  "b" ]  \n',
    "what is no JSON": HEAD + "CMD ['a', 'b']\n",
    "a health check": HEAD + "HEALTHCHECK --interval=5s CMD curl -f http://localhost:8080/ok || exit 1\n" + TAIL,
    "a health check that is switched off": "FROM debian AS a\nHEALTHCHECK CMD x\nFROM a\nHEALTHCHECK NONE\n" + TAIL,
    "triggers of a parent": "FROM debian AS a\nONBUILD USER 77\nONBUILD ENV A=1\nFROM a\nCMD x\n",
    "triggers of a grandparent": "FROM debian AS a\nONBUILD USER 77\nFROM a AS b\nUSER 78\nFROM b\nCMD x\n",
    "another escape character": "# escape=`\nFROM debian\nENV A=`$B C=D`\n  E=F\nWORKDIR /x`\n/y\n" + TAIL,
    "an escape directive too late": "# a comment\n# escape=`\nFROM debian\nENV A=1 \\\n B=2\n" + TAIL,
    "comments and blanks in a continued line": HEAD + "ENV A=1 \\\n# comment\n\n   # another\n  B=2\n" + TAIL,
    "blanks after the escape character": HEAD + "ENV A=1 \\  \n  B=2\n" + TAIL,
    "an escaped escape character": HEAD + "ENV A=x\\\\\nENV B=2\n" + TAIL,
    "names in small letters": "from debian as Base\nenv a=1\nFrom base\nuser 12\ncmd [\"x\"]\n",
    "tabs after names": "FROM\tdebian\nENV\tA=1\nUSER\t12\nEXPOSE\t80\t81\nCMD\t[\"x\"]\n",
    "a stage of the same name as an image": "FROM debian AS debian\nUSER 4\nFROM debian\nCMD x\n",
    "a platform": "FROM --platform=$BUILDPLATFORM debian AS a\nUSER 3\nFROM --platform=linux/amd64 a\nCMD x\n",
    "folders": HEAD + "WORKDIR srv\nWORKDIR /a/../b//c/\nWORKDIR ./d\n" + TAIL,
    "the root as folder": HEAD + "WORKDIR /srv\nWORKDIR /\nCMD x\n",
    "two slashes": HEAD + "WORKDIR //srv\nWORKDIR x/..\nCMD x\n",
    "a folder in quotes": HEAD + "ENV D=d\nWORKDIR \"/srv/a b/$D\"\nCMD x\n",
    "a user with a group": HEAD + 'USER "app:staff"\nCMD x\n',
    "ports": HEAD + "EXPOSE 80 443/tcp 53/UDP 9000-9002\nCMD x\n",
    "volumes": HEAD + 'VOLUME ["/a", "/b c"]\nVOLUME /d /e\nCMD x\n',
    "a byte order mark": "\ufeff" + HEAD + TAIL,
}  # fmt: skip


def ours(root: Path, text: str) -> dict[str, Any]:
    found = values(facts(root, {"Dockerfile": text}), "dockerfile")
    return {
        "User": found["user"],
        "Ports": sorted(f"{item['port']}/{item['protocol']}" for item in found["expose"]),
        "Env": {name: value for name, value in found["env"].items() if name != "PATH"},
        "Entrypoint": found["entrypoint"],
        "Cmd": found["cmd"],
        "WorkingDir": found["workdir"] or "/",
        "Volumes": sorted(found["volumes"]),
        "Healthcheck": found["healthcheck"],
    }


def theirs(config: dict[str, Any]) -> dict[str, Any]:
    asked = (config.get("Healthcheck") or {}).get("Test") or []
    kinds = {"CMD": asked[1:], "CMD-SHELL": ["/bin/sh", "-c", *asked[1:]], "NONE": None}
    return {
        "User": config.get("User", ""),
        "Ports": sorted(config.get("ExposedPorts") or ()),
        "Env": {name: value for name, _, value in (one.partition("=") for one in config["Env"]) if name != "PATH"},
        "Entrypoint": config.get("Entrypoint"),
        "Cmd": config.get("Cmd"),
        "WorkingDir": config.get("WorkingDir") or "/",
        "Volumes": sorted(config.get("Volumes") or ()),
        "Healthcheck": kinds[asked[0]] if asked else None,
    }


@pytest.fixture(scope="module")
def configs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    root = tmp_path_factory.mktemp("dockerfiles")
    lay(root, {f"{number}.Dockerfile": text for number, text in enumerate(CASES.values())})
    found = buildkit_configs(*(root / f"{number}.Dockerfile" for number in range(len(CASES))))
    return dict(zip(CASES, found, strict=True))


@pytest.mark.parametrize("name", CASES)
def test_the_configuration_is_what_buildkit_makes(
    name: str, tmp_path: Path, configs: dict[str, dict[str, Any]]
) -> None:
    assert configs[name], "BuildKit refuses it: no oracle"
    assert ours(tmp_path, CASES[name]) == theirs(configs[name])
