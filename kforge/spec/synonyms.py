"""Words that people bring from Compose, Kubernetes, Helm, Score and Draft, and what kforge calls them. Data only.

`SYNONYMS` answers "did you mean", by the type in which the unknown key stands; `NOTES` says what to do where no single
key takes its place.
"""

from __future__ import annotations

_POD = "a fragment of the pod has it: `kubernetes: {Pod: {%s}}`"
_DECIDED = "leave it out: the kind follows from `schedule`, `job` and `volumes`"
_KEY_IS_NAME = "leave it out: the key under `services` is the name"
_NETWORKS = (
    "leave it out: services of one app reach each other; `network: strict` at the top limits what else they reach"
)
_EXPOSE = "write the host: `expose: {host: shop.example.com}`"
_SCALE = "write the replicas: `scale: {min: 2, max: 10, cpu: 70}`"
_AMOUNTS = "write the amounts: `resources: {memory: 512Mi, cpu: 100m}`"
_PROBES = "write the route: `probes: {readiness: {path: /healthz}}`; without it a build looks for one"
_SERVICE_PORT = "write the port that the container listens on: `port: 8080`"
_LIMITS = 'write each limit: `resources: {memoryLimit: 1Gi, cpuLimit: "1"}`'
_REQUESTS = "write each request: `resources: {memory: 512Mi, cpu: 100m}`"

SYNONYMS: dict[str, dict[str, str]] = {
    "Spec": {
        "llm": "model", "ai": "model", "name": "app", "metadata": "app", "project": "app",
        "apps": "services", "components": "services", "containers": "services", "service": "services",
        "workloads": "services",
        "env": "environments", "environment": "environments", "overlays": "environments", "stages": "environments",
        "databases": "middleware", "resources": "middleware", "networkPolicy": "network", "networkPolicies": "network",
        "k8s": "kubernetes", "cloud": "platform", "provider": "platform", "cluster": "platform", "distribution": "platform", "kubernetesVersion": "kubernetes", "security": "hardening", "podSecurity": "hardening",
        "exceptions": "waivers", "ignore": "waivers", "ignores": "waivers",
        "default": "defaults", "common": "defaults", "shared": "defaults", "global": "defaults", "globals": "defaults",
        "commonAnnotations": "defaults.annotations", "template": "defaults", "base": "defaults", "suppressions": "waivers",
        "overrides": "patches", "output": "outputs", "tag": "version", "imageRegistry": "registry",
        "imagePullSecrets": "pullSecret", "imagePullSecret": "pullSecret", "pullSecrets": "pullSecret",
        "allowedRegistries": "registries", "baseImages": "bases", "commonLabels": "labels",
        "gateway": "routing", "ingress": "routing", "imageTag": "version", "appVersion": "version", "annotations": "defaults.annotations", "ingressClass": "routing", "ingressClassName": "routing",
        "manifests": "include", "resourcesFrom": "include", "directories": "paths", "out": "paths",
    },
    "Service": {
        "replicas": "scale.min", "replicaCount": "scale.min", "instances": "scale.min", "count": "scale.min", "minReplicas": "scale.min", "maxReplicas": "scale.max",
        "environment": "env", "envs": "env", "variables": "env", "vars": "env",
        "depends_on": "needs", "dependsOn": "needs", "dependencies": "needs", "links": "needs",
        "cron": "schedule", "cronSchedule": "schedule", "cronjob": "schedule",
        "domain": "expose.host", "host": "expose.host", "hostname": "expose.host", "domainname": "expose.host", "url": "expose.host",
        "context": "source", "src": "source", "folder": "source", "dir": "source",
        "entrypoint": "command", "cmd": "command", "args": "command", "start": "command",
        "volumeMounts": "volumes", "mounts": "volumes", "storage": "volumes", "persistence": "volumes", "volume": "volumes", "volumeClaimTemplates": "volumes",
        "cpu": "resources.cpu", "cpu_limit": "resources.cpuLimit", "memory_limit": "resources.memoryLimit", "mem_reservation": "resources.memory", "cpus": "resources.cpu",
        "memory": "resources.memory", "mem_limit": "resources.memory",
        "configmap": "config", "configMap": "config", "configs": "config", "files": "config",
        "secret": "secrets", "containerPort": "port", "targetPort": "port", "listen": "port", "internalPort": "port", "listenPort": "port",
        "tag": "version", "runAsUser": "user", "uid": "user", "roleArn": "identity", "workloadIdentity": "identity", "iam": "identity", "security": "hardening", "podAnnotations": "annotations", "podLabels": "labels", "command_line": "command", "run": "command",
        "restartPolicy": "rollout.retries", "backoffLimit": "rollout.retries", "terminationGracePeriodSeconds": "rollout.gracePeriod",
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
        "mem": "memory", "memory_limit": "memoryLimit", "cpu_limit": "cpuLimit", "cpus": "cpu", "ephemeral-storage": "storage", "ephemeralStorage": "storage",
    },
    "ProbesPins": {"livenessProbe": "liveness", "readinessProbe": "readiness", "startupProbe": "startup", "ready": "readiness", "live": "liveness"},
    "ProbePins": {
        "periodSeconds": "period", "interval": "period", "timeoutSeconds": "timeout", "failureThreshold": "failures",
        "retries": "failures", "httpGet": "path", "endpoint": "path", "url": "path", "kind": "type", "protocol": "type",
        "exec": "command", "cmd": "command",
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

_MODEL_URL = (
    "the address of a model does not belong in a spec: set KFORGE_BASE_URL, or `base_url` in your configuration"
)
_MODEL_KEY = "a key does not belong in a spec: set KFORGE_API_KEY or the vendor's own variable, and revoke a key that was committed"

NOTES: dict[str, dict[str, str]] = {
    "Deciding": {
        "url": _MODEL_URL, "base_url": _MODEL_URL, "baseUrl": _MODEL_URL, "baseURL": _MODEL_URL, "endpoint": _MODEL_URL,
        "host": _MODEL_URL, "address": _MODEL_URL, "server": _MODEL_URL, "port": _MODEL_URL,
        "key": _MODEL_KEY, "apiKey": _MODEL_KEY, "api_key": _MODEL_KEY, "token": _MODEL_KEY, "secret": _MODEL_KEY,
        "provider": "leave it out: kforge finds the server that has the model; to choose one, set KFORGE_PROVIDER",
        "temperature": "leave it out: it is always 0", "seed": "leave it out: it is always the same",
    },
    "Spec": {
        "kind": "leave it out: a file `*.kforge.yaml` is always a spec",
        "spec": "leave it out, and move its keys to the top level",
        "networks": _NETWORKS, "configs": "files belong to the service that reads them: `services.NAME.config`",
        "hpa": "replicas belong to a service: `services.NAME.scale`", "autoscaling": "replicas belong to a service: `services.NAME.scale`",
        "volumes": "a volume belongs to its service: `services.NAME.volumes`",
        "secrets": "a secret belongs to the service that reads it: `services.NAME.secrets`",
    },
    "Service": {
        "env_file": "write the variables out: `env: {LOG_LEVEL: info}`, and secrets as references under `secrets`",
        "networks": _NETWORKS, "expose_port": _SERVICE_PORT, "service": _SERVICE_PORT,
        "restart": "leave it out: services are restarted whenever they end; for a job write `rollout: {retries: 3}`",
        "container_name": _KEY_IS_NAME, "name": _KEY_IS_NAME, "fullnameOverride": _KEY_IS_NAME, "nameOverride": _KEY_IS_NAME,
        "healthcheck": _PROBES, "health": _PROBES, "readinessProbe": _PROBES,
        "livenessProbe": "write the route: `probes: {liveness: {path: /healthz}}`",
        "startupProbe": "write the route: `probes: {startup: {path: /healthz}}`",
        "autoscaling": _SCALE, "hpa": _SCALE, "horizontalPodAutoscaler": _SCALE,
        "deploy": "write replicas and memory: `scale: {min: 2}`, `resources: {memory: 512Mi}`",
        "ingress": _EXPOSE, "route": _EXPOSE, "httpRoute": _EXPOSE, "ingresses": _EXPOSE,
        "limits": _AMOUNTS, "requests": _AMOUNTS,
        "envFrom": "name each variable: `secrets: {SESSION_KEY: {secret: web-session, key: value}}`",
        "strategy": "write how pods are replaced: `rollout: {strategy: recreate}`",
        "podDisruptionBudget": "leave it out: kforge writes one where there are several replicas",
        "securityContext": "write the user or the level: `user: 1000`, `hardening: baseline`",
        "podSecurityContext": "write the user or the level: `user: 1000`, `hardening: baseline`",
        "network_mode": _NETWORKS, "labels_file": "write them out: `labels: {tier: front}`",
        "platform": "it is the same for all services: `images: {platforms: [linux/amd64]}` at the top",
        "type": _DECIDED, "kind": _DECIDED,
        "dockerfile": "a Dockerfile in the source is found by itself; for another write `build: {dockerfile: docker/web.Dockerfile}`",
        "containers": "a service is one container: write its `source` or `image` here, and others as services of their own",
        "serviceAccount": "annotate it by a fragment: `kubernetes: {ServiceAccount: {metadata: {annotations: {example.com/role: web}}}}`",
        "serviceAccountName": _POD % "serviceAccountName: web", "tolerations": _POD % "tolerations: [{key: gpu, operator: Exists}]",
        "nodeSelector": _POD % "nodeSelector: {disktype: ssd}", "affinity": _POD % "affinity: {nodeAffinity: {}}",
        "imagePullSecrets": _POD % "imagePullSecrets: [{name: registry-login}]",
        "pullSecrets": _POD % "imagePullSecrets: [{name: registry-login}]",
        "initContainers": _POD % "initContainers: [{name: wait, image: docker.io/library/busybox:1.37}]",
        "sidecars": _POD % "initContainers: [{name: proxy, image: docker.io/library/nginx:1.29, restartPolicy: Always}]",
        "hostAliases": _POD % "hostAliases: [{ip: 10.0.0.1, hostnames: [db]}]", "extra_hosts": _POD % "hostAliases: [{ip: 10.0.0.1, hostnames: [db]}]",
        "priorityClassName": _POD % "priorityClassName: high", "working_dir": "let the command change into it: `command: [sh, -c, \"cd /app && exec node server.js\"]`",
        "workingDir": "let the command change into it: `command: [sh, -c, \"cd /app && exec node server.js\"]`",
        "topologySpreadConstraints": "write what replicas are spread over: `rollout: {spread: zone}`",
        "lifecycle": "write how long a pod drains and may take to stop: `rollout: {drain: 5, gracePeriod: 30}`",
    },
    "ProbePins": {
        "initialDelaySeconds": "leave it out: a startup probe holds the others back until the process is up",
        "test": "write what is asked: `path: /healthz`, or what is run: `command: [pg_isready, -q]`", "start_period": "leave it out: a startup probe holds the others back until the process is up",
    },
    "ProbesPins": {
        "test": "write what is asked: `readiness: {path: /healthz}`, or what is run: `readiness: {command: [pg_isready, -q]}`", "path": "say of which probe: `readiness: {path: /healthz}`",
        "httpGet": "say of which probe: `readiness: {path: /healthz}`", "interval": "say of which probe: `readiness: {period: 10}`",
        "timeout": "say of which probe: `readiness: {timeout: 2}`", "retries": "say of which probe: `readiness: {failures: 3}`",
    },
    "ResourcesPins": {"limits": _LIMITS, "requests": _REQUESTS, "reservations": _REQUESTS},
    "Expose": {"hosts": "write one host: `host: shop.example.com`; another host takes a service with `like`", "enabled": "leave it out: `expose` alone makes the service reachable"},
    "Scale": {"enabled": "leave it out: a `max` above `min` turns the autoscaler on"},
    "BuildBlock": {"tags": "leave it out: images are named by `registry`, `app` and `version`", "cache_from": "leave it out: the bake file has variables for caches"},
    "Volume": {"readOnly": "leave it out, or set it by a fragment below `kubernetes: {Pod: …}`", "emptyDir": "name the folder at the service: `process: {writable: [/var/cache/app]}`"},
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
    "secrets": "write a reference: `secrets: {NAME: {secret: web-session, key: value}}`",
    "routing": "write a mapping: `routing: {gateway: infra/shared}` or `routing: {ingressClass: traefik}`",
    "verify": "write a mapping: `verify: {ca: web-ca, host: web.shop.svc}`",
    "expose": "write the host: `expose: {host: shop.example.com}`",
    "scale": "write the number of replicas: `scale: {min: 2}`",
    "needs": "write a list: `needs: [catalog]`",
    "command": "write program and arguments as a list: `command: [node, server.js]`",
    "steps": "write a list of commands, each a list of words: `steps: [[npm, run, build]]`",
    "config": "write the folder and its files: `config: {path: /etc/web, files: {features.yaml: \"checkout: new\"}}`",
    "files": "write a mapping: `files: {features.yaml: \"checkout: new\"}`",
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
    "patches": "write a list: `patches: [{target: Deployment/web, path: spec.minReadySeconds, value: 10, reason: pools fill slowly}]`",
    "waivers": "write a list: `waivers: [{rule: cpu-limits, target: \"Deployment/*\", reason: bursts are welcome}]`",
    "refine": "write a list of sentences: `refine: [\"keep the memory small\"]`",
    "image": "write one string: `image: docker.io/library/redis:8.8`",
    "build": "write a mapping: `build: {dockerfile: docker/web.Dockerfile}`",
    "platforms": "write a list: `platforms: [linux/amd64, linux/arm64]`",
    "like": "write the name of a service: `like: api`",
    "version": "write one string: `version: \"1.4.2\"`",
    "rollout": "write a mapping: `rollout: {strategy: recreate}`",
    "process": "write a mapping: `process: {writable: [/var/cache/app]}`",
    "kubernetes": "write fragments by kind: `kubernetes: {Pod: {priorityClassName: high}}`",
    "job": "write `job: true`",
    "user": "write the number of the user: `user: 1000`",
}  # fmt: skip
