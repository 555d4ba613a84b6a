"""What the service accounts of servers may do, asked of the real API server.

A model's code runs with them: they prove to a cloud who asks, and have no business with Kubernetes.
"""

from __future__ import annotations

from typing import Any

import pytest

from .api import Api, Object, Refused, until
from .environments import Environment
from .every_runtime import ENVIRONMENTS

RIGHTS = ("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")
ASKED = [
    ("get", "", "secrets", ""),
    ("list", "", "secrets", ""),
    ("get", "", "configmaps", ""),
    ("list", "", "pods", ""),
    ("create", "", "pods", ""),
    ("create", "", "pods", "exec"),
    ("create", "", "pods", "portforward"),
    ("get", "", "pods", "log"),
    ("list", "", "nodes", ""),
    ("list", "", "namespaces", ""),
    ("create", "", "serviceaccounts", "token"),
    ("patch", "apps", "deployments", ""),
    ("update", "networking.k8s.io", "networkpolicies", ""),
    ("update", "gateway.networking.k8s.io", "httproutes", ""),
    ("create", "rbac.authorization.k8s.io", "rolebindings", ""),
    ("impersonate", "", "users", ""),
    ("*", "*", "*", ""),
]
"""Verb, API group, resource, subresource."""


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_a_servers_account_may_do_nothing(api: Api, environment_named: dict[str, Environment], name: str) -> None:
    environment = environment_named[name]
    for cluster in environment.document.clusters:
        for thing in environment.objects(cluster, "Namespace", "ServiceAccount", *RIGHTS):
            api.apply(thing)
        accounts = environment.objects(cluster, "ServiceAccount")
        assert accounts
        for account in accounts:
            own = account["metadata"]["namespace"]
            for namespace in (own, "kube-system", ""):
                allowed = [asked for asked in ASKED if _may(api, account, asked, namespace)]
                assert allowed == [], f"{account['metadata']['name']} in {namespace or 'every namespace'}"
            assert _rules(api, account, own) == _rules(api, _account("anybody", own), own)


def test_a_right_that_is_given_is_seen(api: Api) -> None:
    api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "rights"}})
    account = _account("reader", "rights")
    role = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": "reader", "namespace": "rights"},
        "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}],
    }
    api.apply(role)
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "reader", "namespace": "rights"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
        "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": "rights"}],
    }
    pods, secrets = ("list", "", "pods", ""), ("get", "", "secrets", "")
    assert not _may(api, account, pods, "rights")
    assert _rules(api, account, "rights") == _rules(api, _account("anybody", "rights"), "rights")
    api.apply(binding)
    try:
        _until_allowed(api, account, pods, "rights")
        assert not _may(api, account, secrets, "rights")
        assert not _may(api, account, pods, "kube-system")
        assert _rules(api, account, "rights") != _rules(api, _account("anybody", "rights"), "rights")
    finally:
        api.delete(binding)


def test_an_account_is_refused_by_the_api_itself(api: Api) -> None:
    with pytest.raises(Refused, match='cannot list resource "secrets"'):
        api.request("GET", "/api/v1/namespaces/default/secrets", as_user="system:serviceaccount:default:default")


def _until_allowed(api: Api, account: Object, asked: tuple[str, str, str, str], namespace: str) -> None:
    """The authorizer learns of a binding a moment later."""
    until(lambda: _may(api, account, asked, namespace), 60, "the binding does not count")


def _account(name: str, namespace: str) -> Object:
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}}


def _user(account: Object) -> str:
    return f"system:serviceaccount:{account['metadata']['namespace']}:{account['metadata']['name']}"


def _may(api: Api, account: Object, asked: tuple[str, str, str, str], namespace: str) -> bool:
    """By SubjectAccessReview; an empty namespace asks for all of them."""
    verb, group, resource, subresource = asked
    own = account["metadata"]["namespace"]
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "metadata": {},
        "spec": {
            "user": _user(account),
            "groups": ["system:serviceaccounts", f"system:serviceaccounts:{own}", "system:authenticated"],
            "resourceAttributes": {
                "namespace": namespace,
                "verb": verb,
                "group": group,
                "resource": resource,
                "subresource": subresource,
            },
        },
    }
    return api.create(review)["status"]["allowed"]


def _rules(api: Api, account: Object, namespace: str) -> Any:
    """Everything that the account may do there, as the API server itself lists it."""
    review = {
        "kind": "SelfSubjectRulesReview",
        "apiVersion": "authorization.k8s.io/v1",
        "spec": {"namespace": namespace},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    status = api.request("POST", path, None, review, as_user=_user(account))["status"]
    return sorted(map(str, status["resourceRules"])), sorted(map(str, status["nonResourceRules"]))
