"""What documents name and do not bring: Secrets with their keys, namespaces, hosts, classes, Gateways."""

from __future__ import annotations

from typing import Any

from kforge.domain.document import Document, Documents
from kforge.stages.cluster_needs import ClusterNeeds, cluster_needs
from kforge.stages.secret_needs import SecretNeed


def document(kind: str, name: str, namespace: str = "shop", service: str = "", **body: Any) -> Document:
    metadata = {"name": name, "namespace": namespace, **body.pop("metadata", {})}
    return Document(
        path=f"{name}.yaml", artifact="x", service=service or name, data={"kind": kind, "metadata": metadata, **body}
    )


def workload(name: str, pod: dict[str, Any], namespace: str = "shop", **container: Any) -> Document:
    spec = {"containers": [{"name": name, **container}], **pod}
    return document("Deployment", name, namespace, spec={"template": {"spec": spec}})


def reads(secret: str, key: str, **more: Any) -> dict[str, Any]:
    return {"name": "X", "valueFrom": {"secretKeyRef": {"name": secret, "key": key, **more}}}


def needs(*items: Document, **environments: tuple[Document, ...]) -> ClusterNeeds:
    held = {"": Documents(items)}
    held |= {name: Documents(each, environment=name) for name, each in environments.items()}
    return cluster_needs(held)


def secret(*items: Document) -> SecretNeed:
    (found,) = needs(*items).secrets
    return found


def test_services_that_read_one_secret_need_it_once_with_all_keys() -> None:
    found = secret(workload("a", {}, env=[reads("db", "user")]), workload("b", {}, env=[reads("db", "password")]))
    assert (found.name, found.namespace, found.keys, found.services) == (
        "db",
        "shop",
        ("password", "user"),
        ("a", "b"),
    )


def test_a_key_that_all_do_without_is_spare() -> None:
    found = secret(workload("a", {}, env=[reads("db", "user"), reads("db", "flag", optional=True)]))
    assert (found.keys, found.spare, found.optional) == (("user",), ("flag",), False)


def test_a_key_that_one_needs_is_needed() -> None:
    found = secret(workload("a", {}, env=[reads("db", "k", optional=True)]), workload("b", {}, env=[reads("db", "k")]))
    assert (found.keys, found.spare, found.optional) == (("k",), (), False)


def test_a_secret_that_all_do_without_is_optional() -> None:
    found = secret(workload("a", {}, env=[reads("db", "k", optional=True)]))
    assert found.optional and found.keys == ()


def test_a_mounted_key_is_a_file() -> None:
    volumes = [{"name": "v", "secret": {"secretName": "tls", "items": [{"key": "a.pem", "path": "a.pem"}]}}]
    found = secret(workload("a", {"volumes": volumes}))
    assert (found.literals, found.files) == ((), ("a.pem",))


def test_a_projected_secret_counts() -> None:
    volumes = [{"name": "v", "projected": {"sources": [{"secret": {"name": "p"}}]}}]
    assert secret(workload("a", {"volumes": volumes})).whole == ("files",)


def test_variables_that_are_all_of_a_secret_name_no_key() -> None:
    found = secret(workload("a", {}, envFrom=[{"secretRef": {"name": "all"}}]))
    assert (found.keys, found.whole) == ((), ("env",))


def test_init_containers_count() -> None:
    assert secret(workload("a", {"initContainers": [{"name": "i", "env": [reads("s", "k")]}]})).keys == ("k",)


def test_a_login_is_for_the_registries_that_its_pods_pull_from() -> None:
    found = secret(workload("a", {"imagePullSecrets": [{"name": "pull"}]}, image="ghcr.io/acme/a:1"))
    assert (found.type, found.about, found.keys) == ("docker-registry", ("ghcr.io",), (".dockerconfigjson",))


def test_a_login_of_an_account_counts() -> None:
    account = document("ServiceAccount", "a", imagePullSecrets=[{"name": "pull"}])
    found = secret(account, workload("a", {"imagePullSecrets": [{"name": "pull"}]}, image="ghcr.io/acme/a:1"))
    assert (found.type, found.about) == ("docker-registry", ("ghcr.io",))


INGRESS = {
    "ingressClassName": "traefik",
    "rules": [{"host": "a.example.com"}],
    "tls": [{"hosts": ["a.example.com"], "secretName": "a-tls"}],
}


def test_an_ingress_needs_its_certificate_its_class_and_its_host() -> None:
    found = needs(document("Ingress", "a", spec=INGRESS))
    assert [(one.name, one.type, one.keys, one.about) for one in found.secrets] == [
        ("a-tls", "tls", ("tls.crt", "tls.key"), ("a.example.com",))
    ]
    assert [str(one) for one in found.objects] == ["IngressClass traefik"]
    assert [(one.host, one.through) for one in found.hosts] == [("a.example.com", "IngressClass traefik")]


def test_a_certificate_that_an_issuer_makes_needs_the_issuer() -> None:
    noted = {"annotations": {"cert-manager.io/cluster-issuer": "letsencrypt"}}
    found = needs(document("Ingress", "a", spec=INGRESS, metadata=noted))
    assert found.secrets == () and "ClusterIssuer letsencrypt" in map(str, found.objects)


def test_what_documents_bring_is_not_needed() -> None:
    brought = [
        document("Secret", "one"),
        document("ExternalSecret", "x", spec={"target": {"name": "two"}}),
        document("SealedSecret", "three"),
    ]
    pod = workload("a", {}, env=[reads("one", "k"), reads("two", "k"), reads("three", "k")])
    assert needs(*brought, pod).secrets == ()


def test_each_namespace_has_its_own() -> None:
    held = {name: (workload("a", {}, f"shop-{name}", env=[reads("db", "k")]),) for name in ("prod", "test")}
    found = needs(workload("a", {}, env=[reads("db", "k")]), **held)
    assert [(one.namespace, one.environments) for one in found.secrets] == [
        ("shop-prod", ("prod",)),
        ("shop-test", ("test",)),
    ]


def test_environments_in_one_namespace_need_a_secret_once() -> None:
    pod = workload("a", {}, env=[reads("db", "k")])
    assert [one.environments for one in needs(pod, prod=(pod,), test=(pod,)).secrets] == [("prod", "test")]


def test_a_namespace_that_is_written_is_brought() -> None:
    made = Document(path="ns.yaml", artifact="x", data={"kind": "Namespace", "metadata": {"name": "shop"}})
    assert [one.brought for one in needs(made, workload("a", {})).namespaces] == [True]
    assert [one.brought for one in needs(workload("a", {})).namespaces] == [False]


def test_the_default_namespace_is_there() -> None:
    assert needs(workload("a", {}, "default")).namespaces == ()


def test_a_follower_of_the_repository_has_its_namespace() -> None:
    app = document("Application", "a", "argocd", apiVersion="argoproj.io/v1alpha1")
    assert needs(app).namespaces == ()


def test_a_route_needs_its_gateway_and_the_listener() -> None:
    spec = {
        "parentRefs": [{"name": "shared", "namespace": "infra", "sectionName": "https"}],
        "hostnames": ["a.example.com"],
    }
    found = needs(document("HTTPRoute", "a", spec=spec))
    assert [(str(one), one.detail) for one in found.objects] == [("Gateway infra/shared", "listener https")]
    assert [(one.host, one.through) for one in found.hosts] == [("a.example.com", "Gateway infra/shared")]


def test_a_route_of_a_listener_set_needs_the_gateway_of_that() -> None:
    listeners = document(
        "ListenerSet",
        "app",
        spec={
            "parentRef": {"name": "shared"},
            "listeners": [{"hostname": "a.example.com", "tls": {"certificateRefs": [{"name": "a-tls"}]}}],
        },
    )
    route = document("HTTPRoute", "a", spec={"parentRefs": [{"kind": "ListenerSet", "name": "app"}]})
    found = needs(listeners, route)
    assert [str(one) for one in found.objects] == ["Gateway shop/shared"]
    assert [one.name for one in found.secrets] == ["a-tls"]


def test_claims_and_pods_need_their_classes() -> None:
    claims = [{"metadata": {"name": "data"}, "spec": {"storageClassName": "fast"}}]
    store = document("StatefulSet", "db", spec={"volumeClaimTemplates": claims, "template": {"spec": {}}})
    pod = workload("a", {"priorityClassName": "high", "runtimeClassName": "gvisor"})
    assert [str(one) for one in needs(store, pod).objects] == [
        "PriorityClass high",
        "RuntimeClass gvisor",
        "StorageClass fast",
    ]


def test_a_class_that_documents_bring_is_not_needed() -> None:
    pod = workload("a", {"priorityClassName": "high"})
    assert needs(document("PriorityClass", "high"), pod).objects == ()


def test_an_ingress_without_a_class_needs_a_default() -> None:
    (found,) = needs(document("Ingress", "web", spec={})).objects
    assert (str(found), found.detail) == (
        "a default IngressClass",
        "or name one: `routing: {ingressClass: …}`",
    )


def test_an_ingress_with_a_class_of_old_or_a_default_among_the_documents_needs_none() -> None:
    old = document("Ingress", "web", metadata={"annotations": {"kubernetes.io/ingress.class": "x"}}, spec={})
    noted = {"annotations": {"ingressclass.kubernetes.io/is-default-class": "true"}}
    default = document("IngressClass", "x", metadata=noted)
    assert needs(old).objects == needs(default, document("Ingress", "web", spec={})).objects == ()


def test_names_are_in_natural_order() -> None:
    held = [reads(f"sec-{number}", "k") for number in (10, 2, 1)]
    assert [each.name for each in needs(workload("a", {}, env=held)).secrets] == ["sec-1", "sec-2", "sec-10"]
