"""The forms that texts of a spec have: a pattern each, and the same in words for error messages.

Where Kubernetes sets the rule, its own names are used:
https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
"""

from __future__ import annotations

from kforge.domain.kubernetes.cron import MACROS

# DNS-1035 label: a service's name is its Service's name (Kubernetes refuses a leading digit there).
NAME = r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"
# DNS-1123 label, for namespaces and volumes.
LABEL = r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"
# DNS-1123 subdomain, for Secrets and classes.
SUBDOMAIN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
# A Gateway: its namespace where it is another, and its name.
GATEWAY = r"^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
HOST = r"^(\*\.)?[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
# An OCI reference without white space; registries decide the rest.
# One way to match, since `_` both separates and is a letter: a repeated group of the two would try every split of
# `____`.
IMAGE = r"^[a-z0-9]+([._:/@-][A-Za-z0-9._:/@-]*[A-Za-z0-9_])?$"
REGISTRY = r"^[a-z0-9]+([._:/-]+[a-z0-9]+)*$"
TAG = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$"
MINOR = r"^1\.[0-9]{2}$"
# As BuildKit names them: https://docs.docker.com/build/building/multi-platform/
PLATFORM = r"^linux/[a-z0-9]{2,12}(/v[0-9]{1,2})?$"
# IANA_SVC_NAME; "at least one letter" and "no --" are checked beside it.
PORT_NAME = r"^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$"
# https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
# Bounded, since 2^63 is the largest that Kubernetes knows.
QUANTITY = r"^([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][0-9]{1,2})?$"
ENV_NAME = r"^[A-Za-z_][A-Za-z0-9_.-]*$"
# Of a build argument and of a build's secret: what a Dockerfile and a shell take for a name.
ARGUMENT = r"^[A-Za-z_][A-Za-z0-9_]*$"
STAGE = r"^[A-Za-z][A-Za-z0-9_.-]{0,127}$"
ABSOLUTE = r"^/[^\x00-\x1f:]*$"
RELATIVE = r"^[^/\x00-\x1f\\][^\x00-\x1f\\]*$"
_SEGMENT = r"\.?[A-Za-z0-9_@+~-][A-Za-z0-9_.@+~-]*"
BELOW = rf"^(?:\.|{_SEGMENT}(?:/{_SEGMENT})*)$"  # no `..`, no blank, nothing that a COPY takes for a pattern
WORD = r"^[^\x00-\x1f\x7f]*$"
FILE_NAME = r"^[-._a-zA-Z0-9]+$"
PACKAGE = r"^[a-z0-9][a-z0-9+.-]+$"
RECIPE = r"^[a-z]+$"
LABEL_KEY = r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$"
LABEL_VALUE = r"^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$"
CIDR = r"^[0-9a-fA-F.:]+/[0-9]{1,3}$"
CRON = rf"^(@({'|'.join(name[1:] for name in MACROS)})|[^\s@]+( +[^\s]+){{4}})$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# A model's name as servers have it. No scheme, no absolute path, no `..`: a spec says which model, never where.
MODEL = r"^[A-Za-z0-9][A-Za-z0-9_.-]*([:/@+][A-Za-z0-9_.-]+)*$"
_RELEASE = r"[0-9]{1,9}(\.[0-9]{1,9})*((a|b|rc)[0-9]{1,9}|\.\*)?"
_BOUND = rf"(>=|<=|==|!=|~=|>|<) *{_RELEASE}"
REQUIRES = rf"^ *{_BOUND}( *, *{_BOUND})* *$"
TARGET = r"^[A-Za-z]+/[a-z0-9*]([-a-z0-9.*]*[a-z0-9*])?$"
PERCENT = r"^[0-9]{1,3}%$"
# https://semver.org/#spec-item-2, without build metadata, which no label of a chart may hold.
SEMVER = r"^(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$"
# https://helm.sh/docs/topics/charts/#the-version-field: bounds and wildcards of versions.
VERSION_RANGE = r"^[~^<>=! ]*v?[0-9][0-9A-Za-z.*~^<>=!|,+ -]*$"
# `file://` is seen from the chart's folder; no name of a repository that only one machine knows.
CHART_REPOSITORY = r"^(https|oci)://[^\s\x00-\x20\x7f@]+$|^file://[^\s\x00-\x20\x7f/][^\s\x00-\x20\x7f]*$"
EMAIL = r"^[^\s@<>]+@[^\s@<>]+$"
# As git takes it: `https://host/path`, `ssh://git@host/path`, `git@host:path`.
REPOSITORY = r"^(https?://[^\s\x00-\x20\x7f/]+/[^\s\x00-\x20\x7f@]+|ssh://([A-Za-z0-9_.-]+@)?[^\s\x00-\x20\x7f@/]+/[^\s\x00-\x20\x7f@]+|[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+:[^\s\x00-\x20\x7f@]+)$"
# https://git-scm.com/docs/git-check-ref-format, less what a shell or YAML would read otherwise.
REVISION = r"^[A-Za-z0-9]([A-Za-z0-9_./-]*[A-Za-z0-9_])?$"
CLUSTER = r"^(https://[^\s\x00-\x20\x7f@]+|[a-z0-9]([-a-z0-9.]*[a-z0-9])?)$"
WEB_ADDRESS = r"^https?://[^\s\x00-\x20\x7f]+$"
KIND = r"^[A-Z][A-Za-z]+$"

_LETTERS = "lower-case letters, digits and `-`"
# pattern → what a text of that form is, and the form in words
IN_WORDS: dict[str, tuple[str, str]] = {
    NAME: (
        "valid name",
        f"a name has {_LETTERS}, begins with a letter, ends with a letter or digit, and has at most 63 characters",
    ),
    LABEL: (
        "valid name",
        f"a name has {_LETTERS}, begins and ends with a letter or digit, and has at most 63 characters",
    ),
    SUBDOMAIN: (
        "valid name",
        "a name here has lower-case letters, digits, `-` and `.`, and begins and ends with a letter or digit",
    ),
    GATEWAY: ("valid Gateway name", "write NAMESPACE/NAME, or NAME in the application's own namespace"),
    HOST: (
        "host name",
        f"a host name has {_LETTERS} between dots, without scheme, port or path; it may begin with `*.`",
    ),
    IMAGE: (
        "image reference",
        "an image is REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:DIGEST, in lower case, without scheme or spaces",
    ),
    REGISTRY: (
        "valid registry",
        "a registry is a host and a path in lower case, without scheme, tag or final `/`: `ghcr.io/acme`",
    ),
    TAG: (
        "valid tag",
        "a tag has letters, digits, `_`, `.` and `-`, does not begin with `.` or `-`, and has at most 128 characters",
    ),
    MINOR: ("minor version of Kubernetes", 'write major and minor version: `"1.36"`'),
    PLATFORM: ("platform", "a platform is an operating system and a processor: `linux/amd64`, `linux/arm/v7`"),
    PORT_NAME: (
        "valid port name",
        f"a port name has at most 15 {_LETTERS}, and begins and ends with a letter or digit",
    ),
    QUANTITY: ("valid quantity", "a quantity is a number with a unit of Kubernetes: `500m`, `2`, `512Mi`, `5Gi`"),
    ENV_NAME: (
        "valid variable name",
        "a variable name has letters, digits, `_`, `.` and `-`, and begins with a letter or `_`",
    ),
    ARGUMENT: (
        "valid variable name",
        "a variable name here has letters, digits and `_`, and does not begin with a digit",
    ),
    STAGE: ("valid stage name", "a stage name has letters, digits, `_`, `.` and `-`, and begins with a letter"),
    ABSOLUTE: ("absolute path", "a path here begins with `/` and has no `:`"),
    BELOW: ("path below the source", "a path here lies in the source: `bin/server`, or `.` for all of it"),
    RELATIVE: ("relative path", "a path here is relative to the spec's folder, with `/` between its parts: `./web`"),
    WORD: ("single line", "a text here has one line and no control characters"),
    FILE_NAME: ("valid file name", "a file name has letters, digits, `-`, `_` and `.`, and no folder"),
    PACKAGE: ("Debian package name", "a Debian package has lower-case letters, digits, `+`, `.` and `-`"),
    RECIPE: ("recipe", "a recipe is one word in lower case: `python`"),
    LABEL_KEY: (
        "valid label name",
        "a label name has letters, digits, `-`, `_` and `.`, and may begin with a domain and `/`",
    ),
    LABEL_VALUE: (
        "valid label value",
        "a label value has at most 63 letters, digits, `-`, `_` and `.`, and begins and ends with a letter or digit",
    ),
    CIDR: ("network", "a network is an address and a length: `10.20.0.0/16`"),
    CRON: (
        "valid schedule",
        "a schedule has five fields (minute, hour, day, month, weekday) or is `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`; the time zone is a field of its own: `kubernetes: {CronJob: {spec: {timeZone: Europe/Berlin}}}`",
    ),
    DATE: ("date", "write it as YYYY-MM-DD"),
    SEMVER: ("semantic version", "a chart version has three numbers, and may end in `-` and a word: `1.4.2`"),
    VERSION_RANGE: ("version of a chart", "write a version or a range of versions: `16.4.1`, `~16.4.0`"),
    CHART_REPOSITORY: (
        "chart repository",
        "a repository is `https://HOST/PATH`, `oci://HOST/PATH` or, seen from the chart's folder, `file://../PATH`",
    ),
    EMAIL: ("mail address", "write NAME@DOMAIN"),
    REPOSITORY: (
        "repository address",
        "write `https://host/path`, `ssh://git@host/path` or `git@host:path`",
    ),
    REVISION: ("valid revision", "write a branch, a tag as `refs/tags/v1.4.2`, or a commit in full"),
    CLUSTER: (
        "valid cluster name",
        "write a name of lower-case letters, digits, `-` and `.`, or an address with `https://`",
    ),
    WEB_ADDRESS: ("web address", "an address here begins with `https://` or `http://` and has no spaces"),
    MODEL: (
        "valid model name",
        "write the name that its server lists, such as `qwen2.5-coder:14b`, or `auto`; its address does not belong in the spec: set KFORGE_BASE_URL",
    ),
    REQUIRES: (
        "range of versions",
        "write bounds with `>=`, `<=`, `>`, `<`, `==`, `!=` or `~=`, separated by commas: `>=0.1,<2`",
    ),
    TARGET: ("valid target", "a target is Kind/name: `Deployment/web`, `Deployment/*`"),
    PERCENT: ("percentage", "write it with `%` and without a space: `25%`"),
    KIND: ("valid kind", "write it as Kubernetes does: `Deployment`"),
}
