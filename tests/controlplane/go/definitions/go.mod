module modelyard.dev/tests/controlplane/definitions

go 1.25.0

require (
	github.com/cert-manager/cert-manager v1.21.2
	github.com/envoyproxy/gateway v1.9.1
	github.com/external-secrets/external-secrets v1.3.2
	github.com/kedacore/keda/v2 v2.21.0
	github.com/prometheus-operator/prometheus-operator v0.85.0
	knative.dev/serving v0.51.0
	sigs.k8s.io/gateway-api v1.5.1
	sigs.k8s.io/karpenter v1.14.0
)
