"""An application that runs on every platform: what the tests of platforms look at, and what API servers are asked about."""

APPLICATION = """\
apiVersion: kforge.dev/v1
app: shop
namespace: shop
services:
  web:
    image: ghcr.io/acme/web:1.0.0
    process: {writable: [/tmp]}
    ports: [{name: http, port: 8080}]
    probes: {readiness: {type: http, path: /ready}, liveness: {type: http, path: /live}}
    scale: {min: 3, max: 6}
    volumes: [{name: media, path: /media, size: 5Gi, shared: true}]
  store:
    image: ghcr.io/acme/store:1.0.0
    process: {writable: [/tmp]}
    ports: [{name: tcp, port: 7000, protocol: tcp}]
    volumes: [{name: data, path: /data, size: 5Gi, class: fast}]
  old: {image: "ghcr.io/acme/old:1.0.0", ports: [{name: http, port: 8080}], hardening: baseline}
  nightly: {image: "ghcr.io/acme/nightly:1.0.0", command: [report], schedule: "0 3 * * *"}
  migrate: {image: "ghcr.io/acme/web:1.0.0", command: [migrate], job: true, before: [web]}
environments:
  openshift: {platform: openshift}
  aks:
    platform: aks-automatic
    services: {web: {identity: 11111111-2222-3333-4444-555555555555}}
  gke:
    platform: gke-autopilot
    services: {web: {identity: web@acme.iam.gserviceaccount.com}}
  eks:
    platform: eks
    services: {web: {identity: "arn:aws:iam::111122223333:role/web"}}
waivers:
  - {rule: platform-class, target: "PersistentVolumeClaim/*", reason: the cluster has a default class}
"""
