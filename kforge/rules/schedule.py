"""Schedules of CronJobs, and the time zones that they are read in."""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes import cron, time_zones
from kforge.domain.kubernetes.cron import MACROS, FaultKind
from kforge.domain.kubernetes.objects import mapping, text

_SHOWN = 40  # characters of a value
_POLICIES = ("Allow", "Forbid", "Replace")
# What the one grammar of schedules finds, in the words of a finding.
_WORDS: dict[FaultKind, str] = {
    "empty": "the schedule is empty",
    "zone": "a time zone does not belong in the schedule",
    "macro": f"`{{text}}` is not one of {', '.join(MACROS)}, `@every DURATION`",
    "count": "expected 5 fields (minute, hour, day of month, month, day of week), got {text}",
    "blank": "{name} `{value}` is empty",
    "step": "{name} `{value}`: `{text}` has a step that is not a number",
    "zero": "{name} `{value}`: the step is 0",
    "star": "{name} `{value}`: `{text}` is not a range",
    "range": "{name} `{value}`: `{text}` is not a range",
    "name": "{name} `{value}`: `{text}` is not a number{names}",
    "number": "{name} `{value}`: `{text}` is not a number{names}",
    "bounds": "{name} `{value}`: `{text}` is not between {low} and {high}",
    "backwards": "{name} `{value}`: `{text}` runs backwards",
}


def fault(schedule: str) -> str:
    """What is wrong with a schedule, "" for a good one."""
    found = cron.fault(schedule)
    if found is None:
        return ""
    field = found.field or cron.FIELDS[0]
    names = " or a name of three letters" if field.names else ""
    return _WORDS[found.kind].format(**{**field._asdict(), **found._asdict(), "names": names})


@rule(
    "schedule",
    "error",
    "write `minute hour day month weekday`, for instance `0 3 * * *`",
    kinds=("CronJob",),
    sources=(
        "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax",
        "https://pkg.go.dev/github.com/robfig/cron/v3#ParseStandard",
    ),
    waivable=False,
)
def schedule(documents: Documents) -> Iterator[Hit]:
    """A CronJob's schedule is one that Kubernetes can read.

    Five fields (minute, hour, day of month, month, day of week), or `@hourly` and the like, or `@every 1h30m`. Unlike
    in crontab(5), Sunday is 0 and never 7, names have three letters, and there is no time zone: that is a field of its
    own, `timeZone`.

    Wrong:
        kind: CronJob
        spec: {schedule: "0 3 * * 7"}
    Right:
        kind: CronJob
        spec: {schedule: "0 3 * * 0"}
    """
    for document in documents.objects("CronJob"):
        spec = mapping(document.data, "spec")
        if said := fault(text(spec, "schedule")):
            yield Hit(document, "spec.schedule", said)
        policy = spec.get("concurrencyPolicy")
        if policy not in (None, "", *_POLICIES):
            yield Hit(
                document, "spec.concurrencyPolicy", f"`{str(policy)[:_SHOWN]}` is not one of {', '.join(_POLICIES)}"
            )


@rule(
    "time-zone",
    "error",
    "write a name of the zone database (`Europe/Berlin`, `Etc/UTC`), or leave `timeZone` out",
    kinds=("CronJob",),
    sources=("https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones",),
)
def time_zone(documents: Documents) -> Iterator[Hit]:
    """A CronJob's time zone is one that the zone database has.

    The API server looks it up in the database that it was built with, by its exact name: `europe/berlin`, `UTC+2`, `CEST`
    and `Local` are none. A zone younger than kforge is refused here first; waive it.

    Wrong:
        kind: CronJob
        spec: {timeZone: Europe/Berln}
    Right:
        kind: CronJob
        spec: {timeZone: Europe/Berlin}
    """
    for document in documents.objects("CronJob"):
        spec = mapping(document.data, "spec")
        zone = spec.get("timeZone")
        if isinstance(zone, str) and not time_zones.known(zone):
            meant = time_zones.meant(zone)
            said = f"`{zone[:_SHOWN]}` is not a time zone" if zone else "the time zone is empty"
            yield Hit(document, "spec.timeZone", said, f"did you mean `{meant}`?" if meant else "")


RULES = (schedule, time_zone)
