"""Values that no schema can refuse and that the API server would → actions of templates that end a release before it begins.

Two values are compared in each: bounds of an autoscaler, a request with its limit, names of variables. Helm prints what
`fail` says.
"""

from __future__ import annotations

import json

# Named templates, for `_helpers.tpl`; `APP` is the chart.
GUARDS = """
{{- /* An image with a tag or a digest. */ -}}
{{- define "APP.pinnedImage" -}}
{{- if not (or .digest .tag) }}
{{- fail (printf "image %s needs a tag or a digest: without, `latest` is taken, which is another one tomorrow" .repository) }}
{{- end }}
{{- include "APP.image" . }}
{{- end }}

{{- /* Refuses a variable that stands twice. Takes extraEnv, and the names of the variables above it. */ -}}
{{- define "APP.refuseTwice" -}}
{{- $seen := dict }}
{{- range index . 1 }}
{{- if hasKey $seen . }}
{{- fail (printf "variable %s is in `env` and in `secrets`: set it to null in one of them" .) }}
{{- end }}
{{- $_ := set $seen . true }}
{{- end }}
{{- range index . 0 }}
{{- if hasKey $seen .name }}
{{- fail (printf "variable %s of `extraEnv` is there already: set the other one to null, or leave this one out" .name) }}
{{- end }}
{{- $_ := set $seen .name true }}
{{- end }}
{{- end }}

{{- /* Refuses to ask for more than may be used, and for another number of devices. Takes resources. */ -}}
{{- define "APP.refuseAmounts" -}}
{{- $limits := .limits | default dict }}
{{- range $name, $amount := .requests }}
{{- $limit := get $limits $name }}
{{- $asked := include "APP.number" $amount | float64 }}
{{- $most := ternary (include "APP.number" $limit | float64) -1.0 (hasKey $limits $name) }}
{{- if and (or (contains "/" $name) (hasPrefix "hugepages-" $name)) (ne $asked $most) }}
{{- fail (printf "resources.requests.%s is %v, and resources.limits.%s has to be the same" $name $amount $name) }}
{{- end }}
{{- if and (hasKey $limits $name) (gt $asked $most) }}
{{- fail (printf "resources.requests.%s, %v, is more than resources.limits.%s, %v" $name $amount $name $limit) }}
{{- end }}
{{- end }}
{{- end }}

{{- /* A quantity as a number. */ -}}
{{- define "APP.number" -}}
{{- $text := toString . }}
{{- $number := regexFind "^[0-9.]+([eE][-+]?[0-9]+)?" $text }}
{{- $units := dict "" 1.0 "n" 1e-9 "u" 1e-6 "m" 1e-3 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18 }}
{{- $units = merge $units (dict "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0) }}
{{- $units = merge $units (dict "Pi" 1125899906842624.0 "Ei" 1152921504606846976.0) }}
{{- mulf ($number | float64) (get $units (trimPrefix $number $text)) }}
{{- end }}
"""


def range_guard(service: str) -> str:
    """Refuses an autoscaler that keeps more replicas than it may have."""
    said = f"services.{service}.autoscaling: minReplicas is more than maxReplicas"
    return (
        "{{- if gt (int $service.autoscaling.minReplicas) (int $service.autoscaling.maxReplicas) }}\n"
        f"{{{{- fail {json.dumps(said)} }}}}\n{{{{- end }}}}\n"
    )
