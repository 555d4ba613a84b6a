"""Hosts the rules as a Pulumi policy pack: ``pulumi preview --policy-pack policies``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("modelyard") is None:
    sys.path.append(str(Path(__file__).resolve().parent.parent / "components"))

from modelyard_policies.pack import policies
from pulumi_policy import PolicyPack

PolicyPack("modelyard", policies=policies())
