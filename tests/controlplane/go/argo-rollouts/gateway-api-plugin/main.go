// A traffic router for Argo Rollouts that stands in for argoproj-labs' plugin for Gateway API, which is published as a
// binary and not as a Go module. It does what these tests ask of that one: it gives the two Services of a Rollout their
// weights in every rule of an HTTPRoute, and marks the route while a release is under way.
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/argoproj/argo-rollouts/pkg/apis/rollouts/v1alpha1"
	"github.com/argoproj/argo-rollouts/rollout/trafficrouting/plugin/rpc"
	"github.com/argoproj/argo-rollouts/utils/plugin/types"
	"github.com/hashicorp/go-plugin"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/retry"
)

const (
	name       = "argoproj-labs/gatewayAPI"
	inProgress = "rollouts.argoproj.io/gatewayapi-canary"
)

var httpRoutes = schema.GroupVersionResource{Group: "gateway.networking.k8s.io", Version: "v1", Resource: "httproutes"}

func main() {
	plugin.Serve(&plugin.ServeConfig{
		// What Argo Rollouts' own documentation of traffic router plugins tells them to say.
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  1,
			MagicCookieKey:   "ARGO_ROLLOUTS_RPC_PLUGIN",
			MagicCookieValue: "trafficrouter",
		},
		Plugins: map[string]plugin.Plugin{"RpcTrafficRouterPlugin": &rpc.RpcTrafficRouterPlugin{Impl: &router{}}},
	})
}

type router struct{ client dynamic.Interface }

type target struct {
	HTTPRoute string `json:"httpRoute"`
	Namespace string `json:"namespace"`
}

func (r *router) InitPlugin() types.RpcError {
	// The controller's own, by KUBECONFIG.
	loaded := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(clientcmd.NewDefaultClientConfigLoadingRules(), nil)
	config, err := loaded.ClientConfig()
	if err != nil {
		return failed(err)
	}
	r.client, err = dynamic.NewForConfig(config)
	return failed(err)
}

func (r *router) SetWeight(rollout *v1alpha1.Rollout, weight int32, _ []v1alpha1.WeightDestination) types.RpcError {
	var wanted target
	if err := json.Unmarshal(rollout.Spec.Strategy.Canary.TrafficRouting.Plugins[name], &wanted); err != nil {
		return failed(err)
	}
	routes := r.client.Resource(httpRoutes).Namespace(wanted.Namespace)
	return failed(retry.RetryOnConflict(retry.DefaultRetry, func() error {
		route, err := routes.Get(context.TODO(), wanted.HTTPRoute, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if err := share(route, rollout.Spec.Strategy.Canary, weight); err != nil {
			return err
		}
		mark(route, weight)
		_, err = routes.Update(context.TODO(), route, metav1.UpdateOptions{})
		return err
	}))
}

func share(route *unstructured.Unstructured, canary *v1alpha1.CanaryStrategy, weight int32) error {
	weights := map[string]int64{canary.StableService: int64(100 - weight), canary.CanaryService: int64(weight)}
	rules, _, err := unstructured.NestedSlice(route.Object, "spec", "rules")
	if err != nil {
		return err
	}
	found := map[string]bool{}
	for _, rule := range rules {
		backends, _ := rule.(map[string]any)["backendRefs"].([]any)
		for _, each := range backends {
			backend := each.(map[string]any)
			service, _ := backend["name"].(string)
			if share, ours := weights[service]; ours {
				backend["weight"] = share
				found[service] = true
			}
		}
	}
	if len(found) != 2 {
		return fmt.Errorf("no rule of %s names %s and %s", route.GetName(), canary.StableService, canary.CanaryService)
	}
	return unstructured.SetNestedSlice(route.Object, rules, "spec", "rules")
}

func mark(route *unstructured.Unstructured, weight int32) {
	labels := route.GetLabels()
	if labels == nil {
		labels = map[string]string{}
	}
	delete(labels, inProgress)
	if weight > 0 {
		labels[inProgress] = "in-progress"
	}
	route.SetLabels(labels)
}

func (r *router) VerifyWeight(*v1alpha1.Rollout, int32, []v1alpha1.WeightDestination) (types.RpcVerified, types.RpcError) {
	return types.Verified, types.RpcError{}
}

func (r *router) UpdateHash(*v1alpha1.Rollout, string, string, []v1alpha1.WeightDestination) types.RpcError {
	return types.RpcError{}
}

func (r *router) SetHeaderRoute(*v1alpha1.Rollout, *v1alpha1.SetHeaderRoute) types.RpcError {
	return types.RpcError{}
}

func (r *router) SetMirrorRoute(*v1alpha1.Rollout, *v1alpha1.SetMirrorRoute) types.RpcError {
	return types.RpcError{}
}

func (r *router) RemoveManagedRoutes(*v1alpha1.Rollout) types.RpcError { return types.RpcError{} }

func (r *router) Type() string { return "GatewayAPI" }

func failed(err error) types.RpcError {
	if err == nil {
		return types.RpcError{}
	}
	return types.RpcError{ErrorString: err.Error()}
}
