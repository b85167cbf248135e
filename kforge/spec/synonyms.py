"""Words that people bring from Compose, Kubernetes and Score, and what kforge calls them. Data only.

`SYNONYMS` answers "did you mean", by the type in which the unknown key stands; `NOTES` says what to do where no single
key takes its place.
"""

from __future__ import annotations

_POD = "write it as a fragment of the pod: `kubernetes: {Pod: {%s: …}}`"
_DECIDED = "the kind follows from `schedule`, `job` and `volumes`"

SYNONYMS: dict[str, dict[str, str]] = {
    "Spec": {
        "llm": "model", "ai": "model", "name": "app", "metadata": "app", "project": "app",
        "apps": "services", "components": "services", "containers": "services", "service": "services",
        "workloads": "services",
        "env": "environments", "environment": "environments", "overlays": "environments", "stages": "environments",
        "databases": "middleware", "resources": "middleware", "networks": "network", "networkPolicy": "network",
        "k8s": "kubernetes", "cloud": "platform", "provider": "platform", "cluster": "platform", "distribution": "platform", "kubernetesVersion": "kubernetes", "security": "hardening", "podSecurity": "hardening",
        "exceptions": "waivers", "ignore": "waivers", "ignores": "waivers",
        "default": "defaults", "common": "defaults", "shared": "defaults", "global": "defaults", "globals": "defaults",
        "commonAnnotations": "defaults.annotations", "template": "defaults", "base": "defaults", "suppressions": "waivers",
        "overrides": "patches", "output": "outputs", "tag": "version", "imageRegistry": "registry",
        "imagePullSecrets": "pullSecret", "imagePullSecret": "pullSecret", "pullSecrets": "pullSecret",
        "allowedRegistries": "registries", "baseImages": "bases", "commonLabels": "labels",
        "gateway": "routing", "ingress": "routing", "ingressClass": "routing", "ingressClassName": "routing",
        "manifests": "include", "resourcesFrom": "include", "directories": "paths", "out": "paths",
    },
    "Service": {
        "replicas": "scale.min", "instances": "scale.min", "autoscaling": "scale", "hpa": "scale", "deploy": "scale",
        "environment": "env", "envs": "env", "variables": "env", "vars": "env",
        "healthcheck": "probes", "health": "probes", "livenessProbe": "probes.liveness",
        "readinessProbe": "probes.readiness", "startupProbe": "probes.startup",
        "depends_on": "needs", "dependsOn": "needs", "dependencies": "needs", "links": "needs",
        "cron": "schedule", "cronSchedule": "schedule", "cronjob": "schedule",
        "ingress": "expose", "domain": "expose.host", "host": "expose.host", "hostname": "expose.host",
        "route": "expose", "context": "source", "src": "source", "folder": "source", "dir": "source",
        "entrypoint": "command", "cmd": "command", "args": "command", "start": "command",
        "volumeMounts": "volumes", "mounts": "volumes", "storage": "volumes", "persistence": "volumes",
        "limits": "resources", "requests": "resources", "cpu": "resources.cpu", "cpus": "resources.cpu",
        "memory": "resources.memory", "mem_limit": "resources.memory",
        "configmap": "config", "configMap": "config", "configs": "config", "files": "config.files",
        "secret": "secrets", "envFrom": "secrets", "containerPort": "port", "targetPort": "port", "listen": "port",
        "tag": "version", "runAsUser": "user", "uid": "user", "roleArn": "identity", "workloadIdentity": "identity", "iam": "identity", "securityContext": "hardening", "security": "hardening",
        "strategy": "rollout", "terminationGracePeriodSeconds": "rollout.gracePeriod",
        "stop_grace_period": "rollout.gracePeriod", "oneshot": "job", "once": "job", "runBefore": "before", "blocks": "before", "preDeploy": "before", "extends": "like", "inherits": "like", "sameAs": "like", "from": "like", "template": "like",
    },
    "Expose": {
        "hostname": "host", "domain": "host", "url": "host", "ingressClass": "class", "ingressClassName": "class",
        "className": "class", "tlsSecret": "tls", "secretName": "tls", "pathPrefix": "path", "prefix": "path",
        "targetPort": "port", "servicePort": "port", "backendTLS": "verify",
    },
    "Routing": {
        "class": "ingressClass", "ingressClassName": "ingressClass", "className": "ingressClass", "ingress": "ingressClass",
        "gatewayRef": "gateway", "parentRef": "gateway", "parent": "gateway", "name": "gateway",
        "sectionName": "section", "listener": "section", "listeners": "listenerSet",
    },
    "Verify": {"hostname": "host", "sni": "host", "caCertificate": "ca", "configMap": "ca"},
    "Scale": {
        "minReplicas": "min", "replicas": "min", "minimum": "min", "maxReplicas": "max", "maximum": "max",
        "cpuPercent": "cpu", "targetCPU": "cpu", "targetCPUUtilizationPercentage": "cpu", "mem": "memory",
    },
    "Volume": {
        "mountPath": "path", "target": "path", "mount": "path", "storage": "size", "capacity": "size",
        "storageClass": "class", "storageClassName": "class", "accessMode": "shared", "accessModes": "shared",
        "source": "name",
    },
    "PortPin": {
        "containerPort": "port", "number": "port", "targetPort": "port", "target": "port", "published": "port",
        "appProtocol": "protocol", "type": "protocol",
    },
    "ResourcesPins": {
        "mem": "memory", "limits": "memoryLimit", "requests": "memory", "memory_limit": "memoryLimit",
        "cpu_limit": "cpuLimit",
    },
    "ProbesPins": {"livenessProbe": "liveness", "readinessProbe": "readiness", "startupProbe": "startup", "ready": "readiness", "live": "liveness"},
    "ProbePins": {
        "periodSeconds": "period", "interval": "period", "timeoutSeconds": "timeout", "failureThreshold": "failures",
        "retries": "failures", "httpGet": "path", "endpoint": "path", "url": "path", "kind": "type", "protocol": "type",
    },
    "RolloutPins": {"terminationGracePeriodSeconds": "gracePeriod", "grace": "gracePeriod", "maxSurge": "surge", "maxUnavailable": "unavailable", "backoffLimit": "retries", "activeDeadlineSeconds": "deadline", "ttlSecondsAfterFinished": "keep", "type": "strategy"},
    "ProcessPins": {"cmd": "command", "args": "command", "entrypoint": "command", "port": "ports", "uid": "user", "runAsUser": "user", "writablePaths": "writable"},
    "BuildBlock": {"language": "recipe", "image": "base", "baseImage": "base", "apt": "packages", "commands": "steps", "run": "steps", "file": "dockerfile",
                  "arguments": "args", "buildArgs": "args", "stage": "target"},
    "SecretKey": {"name": "secret", "secretName": "secret", "secretKeyRef": "secret", "property": "key"},
    "Config": {"mountPath": "path", "mount": "path", "data": "files"},
    "Patch": {"kind": "target", "name": "target", "field": "path", "because": "reason", "why": "reason", "action": "op"},
    "Waiver": {"id": "rule", "expires": "until", "expiry": "until", "because": "reason", "why": "reason"},
    "AllowFrom": {"ns": "namespace", "ports": "port"},
    "Egress": {"ip": "cidr", "to": "cidr", "ports": "port", "host": "cidr"},
    "Environment": {"ns": "namespace", "tag": "version", "service": "services", "overrides": "patches"},
    "Namespace": {"namespace": "name"},
    "Deciding": {"model": "name", "id": "name", "topics": "decides", "questions": "decides", "only": "decides"},
    "Paths": {"manifests": "kubernetes", "k8s": "kubernetes", "kustomize": "kubernetes", "environments": "overlays"},
}  # fmt: skip

_MODEL_URL = "a spec says which model, never where: set KFORGE_BASE_URL, or `base_url` in your configuration"
_MODEL_KEY = "a spec holds no key: set KFORGE_API_KEY or the vendor's own variable, and revoke a key that was committed"

NOTES: dict[str, dict[str, str]] = {
    "Deciding": {
        "url": _MODEL_URL, "base_url": _MODEL_URL, "baseUrl": _MODEL_URL, "baseURL": _MODEL_URL, "endpoint": _MODEL_URL,
        "host": _MODEL_URL, "address": _MODEL_URL, "server": _MODEL_URL, "port": _MODEL_URL,
        "key": _MODEL_KEY, "apiKey": _MODEL_KEY, "api_key": _MODEL_KEY, "token": _MODEL_KEY, "secret": _MODEL_KEY,
        "provider": "which server has the model is found out, or said by the user: KFORGE_PROVIDER",
        "temperature": "it is always 0", "seed": "it is always the same",
    },
    "Spec": {
        "kind": "leave it out: a file `*.kforge.yaml` is always a spec",
        "spec": "leave it out: its keys stand at the top",
        "volumes": "a volume belongs to its service: `services.NAME.volumes`",
        "secrets": "a secret belongs to the service that reads it: `services.NAME.secrets`",
    },
    "Service": {
        "env_file": "write the variables under `env`, and secrets as references under `secrets`",
        "networks": "services of one app reach each other; `network` at the top says who else may",
        "restart": "a service is restarted always, a `job` as often as `rollout.retries` says",
        "container_name": "the key under `services` is the name",
        "name": "the key under `services` is the name",
        "type": _DECIDED, "kind": _DECIDED,
        "dockerfile": "a Dockerfile in the source is found and respected; for another, write `build: {dockerfile: …}`",
        "serviceAccount": "write it as a fragment: `kubernetes: {ServiceAccount: {metadata: {annotations: …}}}`",
        "containers": "a service is one container: `source` or `image` stand in its block",
        "serviceAccountName": _POD % "serviceAccountName", "tolerations": _POD % "tolerations",
        "nodeSelector": _POD % "nodeSelector", "affinity": _POD % "affinity",
        "imagePullSecrets": _POD % "imagePullSecrets", "initContainers": _POD % "initContainers",
        "sidecars": _POD % "initContainers", "hostAliases": _POD % "hostAliases",
        "priorityClassName": _POD % "priorityClassName", "working_dir": _POD % "containers", "workingDir": _POD % "containers",
    },
    "ProbePins": {"initialDelaySeconds": "a startup probe holds the others back until the process is up"},
    "Volume": {"readOnly": "write it as a fragment: `kubernetes: {Pod: {…}}`", "emptyDir": "name the path under `process.writable`"},
    "Environment": {"env": "variables belong to a service: `services.NAME.env`", "replicas": "replicas belong to a service: `services.NAME.scale`"},
}  # fmt: skip

# What to write where a value has the wrong type, by the last key of its path.
SHAPES: dict[str, str] = {
    "model": "write a mapping: `model: {name: qwen2.5-coder:14b, decides: [build, resources]}`",
    "decides": "write a list of topics: `decides: [build, resources]`",
    "env": "write a mapping: `env: {NAME: value}`",
    "environments": "write a mapping of names: `environments: {staging: {namespace: shop-staging}}`",
    "services": "write a mapping of names: `services: {web: {source: ./web}}`",
    "ports": "write a list of ports: `ports: [{name: http, port: 8080}]`",
    "port": "write the number that the process listens on: `port: 8080`",
    "volumes": "write a list of volumes: `volumes: [{name: data, path: /data, size: 1Gi}]`",
    "secrets": "write references: `secrets: {NAME: {secret: web-session, key: value}}`",
    "routing": "write a mapping: `routing: {gateway: infra/shared}` or `routing: {ingressClass: traefik}`",
    "verify": "write a mapping: `verify: {ca: web-ca, host: web.shop.svc}`",
    "expose": "write the host: `expose: {host: shop.example.com}`",
    "scale": "write the number of replicas: `scale: {min: 2}`",
    "needs": "write a list: `needs: [catalog]`",
    "command": "write the words as a list: `command: [node, server.js]`",
    "steps": "write a list of commands, each a list of words: `steps: [[npm, run, build]]`",
    "config": "write the folder and its files: `config: {path: /etc/web, files: {features.yaml: \"…\"}}`",
    "files": "write a mapping: `files: {features.yaml: \"…\"}`",
    "resources": "write a mapping: `resources: {memory: 512Mi}`",
    "probes": "write a mapping: `probes: {readiness: {path: /ready}}`",
    "readiness": "write a mapping: `readiness: {path: /ready}`",
    "liveness": "write a mapping: `liveness: {path: /live}`",
    "startup": "write a mapping: `startup: {path: /ready}`",
    "allowFrom": "write a list: `allowFrom: [{namespace: monitoring, port: metrics}]`",
    "egress": "write a list: `egress: [{cidr: 10.20.0.0/16, port: 5432}]`",
    "registries": "write a list: `registries: [ghcr.io/acme]`",
    "outputs": "write a list: `outputs: [dockerfile, kubernetes]`",
    "include": "write a list: `include: [deploy/extra/*.yaml]`",
    "labels": "write a mapping: `labels: {team: shop}`",
    "annotations": "write a mapping: `annotations: {example.com/owner: team-a}`",
    "defaults": "write a mapping: `defaults: {env: {LOG_FORMAT: json}}`",
    "before": "write a list: `before: [web, worker]`",
    "like": "write the name of a service: `like: api`",
    "patches": "write a list: `patches: [{target: Deployment/web, path: spec.minReadySeconds, value: 10, reason: …}]`",
    "waivers": "write a list: `waivers: [{rule: cpu-limits, target: \"Deployment/*\", reason: …}]`",
    "refine": "write a list of sentences",
    "kubernetes": "write fragments by kind: `kubernetes: {Pod: {tolerations: […]}}`",
    "job": "write `job: true`",
    "user": "write the number of the user: `user: 1000`",
}  # fmt: skip
