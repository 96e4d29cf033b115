"""What deploy/kubernetes asks of a cluster: rendered by kubectl, held to its schemas and our rules."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml  # type: ignore[import-untyped]  # comes with pre-commit, without types

from redirector.settings import Settings as RedirectorSettings
from viewer.settings import Settings as ViewerSettings

ROOT = Path(__file__).parents[2]
KUBERNETES = ROOT / "deploy/kubernetes"
HAPROXY_CFG = ROOT / "deploy/haproxy/haproxy.cfg"
KUBECTL = ROOT / ".venv/bin/kubectl"
VERSIONS = ("1.32", "1.37")
"""The oldest and the newest that it should run on."""
SECRETS = {
    "SECRET_KEYS": "k" * 40,
    "GOOGLE_CLIENT_SECRET": "s" * 40,
    "EDOCS_API_KEY": "e" * 40,
    "AUDIT_URL": "postgresql+psycopg://viewer:x@db.example.gov.uk/audit",
    "AWS_ACCESS_KEY_ID": "x",
    "AWS_SECRET_ACCESS_KEY": "x",
}
S3_LIBRARY_SETTINGS = {"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
"""Read by the S3 library, not by our settings."""
PODS = ("haproxy", "redirector", "unoserver", "viewer")

Resource = dict[str, Any]


def rendered(folder: Path) -> list[Resource]:
    done = subprocess.run(
        [KUBECTL, "kustomize", folder], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


@pytest.fixture(scope="module")
def resources() -> list[Resource]:
    """All that the example asks for."""
    return rendered(KUBERNETES / "example")


def of_kind(resources: list[Resource], kind: str) -> dict[str, Resource]:
    return {item["metadata"]["name"]: item for item in resources if item["kind"] == kind}


def pods(resources: list[Resource]) -> dict[str, Resource]:
    """The pods' specifications by the name of what makes them."""
    made = of_kind(resources, "Deployment").items()
    return {name: deployment["spec"]["template"]["spec"] for name, deployment in made}


def containers(resources: list[Resource]) -> Iterator[tuple[str, Resource]]:
    for name, pod in pods(resources).items():
        for container in (*pod["containers"], *pod.get("initContainers", ())):
            yield name, container


def test_the_four_parts_are_there_and_nothing_is_secret(resources: list[Resource]) -> None:
    assert tuple(sorted(pods(resources))) == PODS
    assert not of_kind(resources, "Secret")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("folder", ["base", "example"])
def test_kubernetes_would_take_every_resource(folder: str, version: str) -> None:
    for resource in rendered(KUBERNETES / folder):
        kubernetes_validate.validate(resource, version, strict=True)


def test_the_schema_checker_would_notice_a_mistake(resources: list[Resource]) -> None:
    viewer = of_kind(resources, "Deployment")["viewer"]
    wrong = {**viewer, "spec": {**viewer["spec"], "replica": 3}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_every_pod_is_nobody_with_no_rights(resources: list[Resource]) -> None:
    for name, pod in pods(resources).items():
        assert pod["automountServiceAccountToken"] is False, name
        context = pod["securityContext"]
        assert context["runAsNonRoot"] is True, name
        assert context["runAsUser"] > 0, name
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC"} & set(pod), name
    for name, container in containers(resources):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name


def test_kubernetes_refuses_other_pods_in_the_namespace(resources: list[Resource]) -> None:
    [namespace] = of_kind(resources, "Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_users_are_those_of_the_images(resources: list[Resource]) -> None:
    for name in ("redirector", "viewer", "unoserver"):
        folder = "deploy/unoserver" if name == "unoserver" else name
        found = re.search(r"^USER (\d+):(\d+)$", (ROOT / folder / "Dockerfile").read_text(), re.MULTILINE)
        context = pods(resources)[name]["securityContext"]
        assert found
        assert (int(found[1]), int(found[2])) == (context["runAsUser"], context["runAsGroup"])


def test_every_container_has_limits_and_probes(resources: list[Resource]) -> None:
    for name, container in containers(resources):
        for bound in ("requests", "limits"):
            assert set(container["resources"][bound]) == {"cpu", "memory"}, name
        assert "readinessProbe" in container, name
        ports = {port["name"] for port in container["ports"]}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            asked = container.get(probe, {})
            where = asked.get("httpGet") or asked.get("tcpSocket")
            assert where is None or where["port"] in ports, (name, probe)


def test_documents_rest_in_bounded_memory_only(resources: list[Resource]) -> None:
    for name, pod in pods(resources).items():
        for volume in pod["volumes"]:
            if "emptyDir" in volume:
                assert volume["emptyDir"]["medium"] == "Memory", name
                assert volume["emptyDir"]["sizeLimit"], name
            else:
                assert set(volume) - {"name"} <= {"configMap", "secret"}, name


def test_every_image_is_pinned_and_haproxy_is_the_one_of_compose(resources: list[Resource]) -> None:
    images = {name: container["image"] for name, container in containers(resources)}
    for image in images.values():
        assert re.fullmatch(r"[a-z0-9./-]+(:[0-9][0-9a-z.-]*|@sha256:[0-9a-f]{64})", image), image
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert images["haproxy"] == compose["services"]["haproxy"]["image"]


def test_nobody_speaks_to_anybody_unless_it_is_said(resources: list[Resource]) -> None:
    policies = of_kind(resources, "NetworkPolicy")
    nobody = policies["nobody"]["spec"]
    assert nobody == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert set(PODS) <= set(policies)


def reached_by(resources: list[Resource], pod: str) -> list[tuple[Any, list[int]]]:
    """Whom a pod may reach, and at which ports: of every policy that is about it."""
    policies = [policy["spec"] for policy in of_kind(resources, "NetworkPolicy").values()]
    about = [spec for spec in policies if spec["podSelector"] == {"matchLabels": {"app": pod}}]
    rules = [rule for spec in about for rule in spec.get("egress", ())]
    return [(rule["to"], [port["port"] for port in rule["ports"]]) for rule in rules]


def test_a_converter_reaches_nobody(resources: list[Resource]) -> None:
    assert reached_by(resources, "unoserver") == []
    pod = pods(resources)["unoserver"]
    assert (pod["dnsPolicy"], pod["dnsConfig"]) == ("None", {"nameservers": ["127.0.0.1"]})
    [container] = pod["containers"]
    assert "envFrom" not in container
    assert [variable["name"] for variable in container["env"]] == ["DOCUMENT_LOCALE"], "no secret"
    assert [volume["name"] for volume in pod["volumes"]] == ["tmp"]


def test_only_haproxy_reaches_a_converter(resources: list[Resource]) -> None:
    policy = of_kind(resources, "NetworkPolicy")["unoserver"]["spec"]
    assert policy["ingress"] == [
        {"from": [{"podSelector": {"matchLabels": {"app": "haproxy"}}}], "ports": [{"port": 2011}]}
    ]
    assert [ports for _, ports in reached_by(resources, "haproxy")] == [[2011], [53, 53]]


def test_the_redirector_reaches_nobody_and_the_viewer_only_what_it_needs(resources: list[Resource]) -> None:
    assert reached_by(resources, "redirector") == []
    assert sorted(port for _, ports in reached_by(resources, "viewer") for port in ports) == [
        *(53, 53, 443, 443, 2000, 5432)
    ]
    for where, ports in reached_by(resources, "viewer"):
        for block in (peer["ipBlock"] for peer in where if "ipBlock" in peer):
            assert block["cidr"].endswith("/32") or "10.0.0.0/8" in block["except"], ports


def test_the_operations_ports_are_for_monitoring_alone(resources: list[Resource]) -> None:
    for policy in of_kind(resources, "NetworkPolicy").values():
        for rule in policy["spec"].get("ingress", ()):
            if any(port["port"] in {9101, 9102, 9103} for port in rule["ports"]):
                name = rule["from"][0]["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
                assert (name, len(rule["from"])) == ("monitoring", 1)
    for service in of_kind(resources, "Service").values():
        assert [port["targetPort"] for port in service["spec"]["ports"]] in (["people"], ["documents"])


def told(resources: list[Resource], name: str) -> dict[str, str]:
    """What a service is told by ConfigMaps and Secrets."""
    [container] = pods(resources)[name]["containers"]
    settings: dict[str, str] = {}
    for source in container["envFrom"]:
        if "configMapRef" in source:
            settings |= of_kind(resources, "ConfigMap")[source["configMapRef"]["name"]]["data"]
        else:
            assert source == {"secretRef": {"name": "viewer-secrets"}}
            settings |= SECRETS
    return settings


@pytest.mark.parametrize(
    ("name", "model"),
    [("redirector", RedirectorSettings), ("viewer", ViewerSettings)],
    ids=["redirector", "viewer"],
)
def test_each_service_starts_with_what_it_is_told(
    resources: list[Resource],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    model: type[RedirectorSettings | ViewerSettings],
) -> None:
    settings = told(resources, name)
    strangers = {key.lower() for key in settings} - set(model.model_fields)
    assert {key.upper() for key in strangers} <= S3_LIBRARY_SETTINGS
    for key in model.model_fields:
        monkeypatch.delenv(key.upper(), raising=False)
    for key, value in settings.items():
        monkeypatch.setenv(key, value)
    assert model.load().production


def test_replicas_share_what_they_must(resources: list[Resource]) -> None:
    assert told(resources, "viewer")["STORE_URL"].startswith("s3://")
    assert of_kind(resources, "Deployment")["viewer"]["spec"]["replicas"] > 1


def test_no_setting_that_is_secret_is_in_a_configuration(resources: list[Resource]) -> None:
    for settings in of_kind(resources, "ConfigMap").values():
        assert not set(SECRETS) & set(settings["data"])


def test_haproxy_has_the_very_file_of_compose(resources: list[Resource]) -> None:
    found = [item["data"] for name, item in of_kind(resources, "ConfigMap").items() if "haproxy" in name]
    assert found == [{"haproxy.cfg": HAPROXY_CFG.read_text()}]
    volumes = {volume["name"]: volume for volume in pods(resources)["haproxy"]["volumes"]}
    assert volumes["configuration"]["configMap"]["name"] in of_kind(resources, "ConfigMap")


def test_haproxy_understands_the_file_with_a_name_to_look_up() -> None:
    name = "unoserver.document-viewer.svc.cluster.local:2011"
    done = subprocess.run(
        ["/usr/sbin/haproxy", "-c", "-f", HAPROXY_CFG],
        env={"HAPROXY_BIND": "127.0.0.1", "UNOSERVER_DNS": name},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_every_converter_that_is_scaled_to_has_a_place_in_haproxy(resources: list[Resource]) -> None:
    places = [int(number) for number in re.findall(r"server-template \S+ (\d+) ", HAPROXY_CFG.read_text())]
    scaler = of_kind(resources, "HorizontalPodAutoscaler")["unoserver"]["spec"]
    assert places
    assert scaler["maxReplicas"] <= min(places)
    assert "replicas" not in of_kind(resources, "Deployment")["unoserver"]["spec"]


def test_the_converters_are_scaled_on_metrics_that_haproxy_has(resources: list[Resource]) -> None:
    adapter = yaml.safe_load((KUBERNETES / "prometheus-adapter.yaml").read_text())
    [rule] = adapter["rules"]["external"]
    [metric] = of_kind(resources, "HorizontalPodAutoscaler")["unoserver"]["spec"]["metrics"]
    assert metric["external"]["metric"]["name"] == rule["name"]["as"]
    documented = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE))
    assert set(re.findall(r"haproxy_\w+", rule["metricsQuery"] + rule["seriesQuery"])) <= documented


def test_whatever_selects_pods_selects_some(resources: list[Resource]) -> None:
    labels = [
        item["spec"]["template"]["metadata"]["labels"] for item in resources if item["kind"] == "Deployment"
    ]
    selectors = [item["spec"]["selector"] for item in of_kind(resources, "Service").values()]
    for kind in ("PodDisruptionBudget", "Deployment"):
        selectors += [item["spec"]["selector"]["matchLabels"] for item in of_kind(resources, kind).values()]
    policies = of_kind(resources, "NetworkPolicy").values()
    selectors += [item["spec"]["podSelector"].get("matchLabels", {}) for item in policies]
    for selector in selectors:
        assert any(selector.items() <= pod.items() for pod in labels), selector


def test_no_part_loses_all_its_pods_at_once_to_a_drain(resources: list[Resource]) -> None:
    assert set(of_kind(resources, "PodDisruptionBudget")) == set(PODS)


def test_the_way_in_is_https_and_leads_to_the_two_services(resources: list[Resource]) -> None:
    [ingress] = of_kind(resources, "Ingress").values()
    hosts = [rule["host"] for rule in ingress["spec"]["rules"]]
    [tls] = ingress["spec"]["tls"]
    assert sorted(tls["hosts"]) == sorted(hosts)
    backends = [
        path["backend"]["service"] for rule in ingress["spec"]["rules"] for path in rule["http"]["paths"]
    ]
    services = of_kind(resources, "Service")
    for backend in backends:
        assert backend["port"]["name"] in {p["name"] for p in services[backend["name"]]["spec"]["ports"]}
    assert {backend["name"] for backend in backends} == {"viewer", "redirector"}
