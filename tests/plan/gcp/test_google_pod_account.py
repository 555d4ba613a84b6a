"""What a GooglePodAccount makes."""

from __future__ import annotations

from typing import Any

import pulumi
from component_arguments import usable_elsewhere
from modelyard.governance.google_pod_account import GooglePodAccount
from modelyard.offline import Run, run
from recorded_graph import one, refused

from .gke_program import PLATFORM

GRANT = "gcp:serviceaccount/iAMMember:IAMMember"
BUCKET_GRANT = "gcp:storage/bucketIAMMember:BucketIAMMember"


def planned(**args: Any) -> Run:
    arguments: Any = {
        "workload_pool": "shop-prod.svc.id.goog",
        "project": "shop-prod",
        "cluster": "central",
        "namespace": "shop",
        "service_account": "fraud",
        "ownership": PLATFORM.args(),
        **args,
    }

    def program() -> None:
        pulumi.export("email", GooglePodAccount("prod-fraud-central", arguments).email)

    return run(program, project="modelyard", stack="prod", mode="up")


def test_pods_of_one_service_account_act_as_it_and_no_key_is_made() -> None:
    made = planned()
    grant = one(made.graph, GRANT).inputs
    assert grant["role"] == "roles/iam.workloadIdentityUser"
    assert grant["member"] == "serviceAccount:shop-prod.svc.id.goog[shop/fraud]"
    assert made.outputs["email"] == "prod-central-shop-fraud@shop-prod.iam.gserviceaccount.com"
    assert [each.type for each in made.graph if "Key" in each.type] == []
    assert made.graph.of_type(BUCKET_GRANT) == []


def test_it_reads_its_own_part_of_a_bucket() -> None:
    grant = one(planned(bucket="retail-prod-models", prefix="shop/fraud").graph, BUCKET_GRANT).inputs
    assert (grant["bucket"], grant["role"]) == ("retail-prod-models", "roles/storage.objectViewer")
    assert grant["member"] == "serviceAccount:prod-central-shop-fraud@shop-prod.iam.gserviceaccount.com"
    assert grant["condition"]["expression"] == (
        'resource.type != "storage.googleapis.com/Object" || '
        'resource.name.startsWith("projects/_/buckets/retail-prod-models/objects/shop/fraud/")'
    )


def test_without_a_prefix_it_reads_the_whole_bucket() -> None:
    assert "condition" not in one(planned(bucket="retail-prod-models").graph, BUCKET_GRANT).inputs


def test_a_long_name_fits_and_two_of_them_are_two_accounts() -> None:
    emails = [
        planned(namespace="recommendations", service_account=f"personalised-ranking-{end}").outputs["email"]
        for end in ("a", "b")
    ]
    assert all(len(email.partition("@")[0]) <= 30 for email in emails)
    assert len(set(emails)) == 2


def test_an_unknown_argument_is_named_with_the_nearest() -> None:
    assert "prefx" in (said := refused(lambda: planned(prefx="shop")))
    assert "did you mean 'prefix'" in said


def test_it_can_be_used_from_other_languages() -> None:
    usable_elsewhere([GooglePodAccount])
