"""The Kubernetes resources by which pods ask for accelerators."""

from __future__ import annotations

from typing import Literal

Device = Literal["nvidia.com/gpu", "aws.amazon.com/neuron", "aws.amazon.com/neuroncore", "google.com/tpu"]
"""NVIDIA's GPUs, MIG instances and shares; whole Neuron devices (chips); single NeuronCores; TPU chips."""

NVIDIA: Device = "nvidia.com/gpu"
NEURON: Device = "aws.amazon.com/neuron"
NEURON_CORE: Device = "aws.amazon.com/neuroncore"
TPU: Device = "google.com/tpu"

TAINT_OF: dict[Device, str] = {NVIDIA: NVIDIA, NEURON: NEURON, NEURON_CORE: NEURON, TPU: TPU}
"""Key of the taint that keeps other pods from nodes which offer the device: ``<key>=present:NoSchedule``."""
CORES = "neuron-cores"
"""Value of the node label modelyard.dev/gpu-sharing where pods ask for cores and not for devices."""
NAMED: dict[Device, tuple[str, str]] = {
    NVIDIA: ("GPU", "GPUs"),
    NEURON: ("Neuron device", "Neuron devices"),
    NEURON_CORE: ("NeuronCore", "NeuronCores"),
    TPU: ("TPU chip", "TPU chips"),
}
"""In sentences: one, and several."""
