// Command pod-security reads pods as JSON lines (name, metadata, spec) and prints for each what the evaluator of
// Kubernetes' admission plugin PodSecurity says of it at the level restricted.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

type pod struct {
	Name     string            `json:"name"`
	Metadata metav1.ObjectMeta `json:"metadata"`
	Spec     corev1.PodSpec    `json:"spec"`
}

func main() {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks())
	if err != nil {
		fatal(err)
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var read pod
		if err := json.Unmarshal(lines.Bytes(), &read); err != nil {
			fatal(err)
		}
		said := policy.AggregateCheckResults(evaluator.EvaluatePod(restricted, &read.Metadata, &read.Spec))
		out, err := json.Marshal(map[string]any{
			"name": read.Name, "allowed": said.Allowed, "reason": said.ForbiddenDetail(),
		})
		if err != nil {
			fatal(err)
		}
		fmt.Println(string(out))
	}
	if err := lines.Err(); err != nil {
		fatal(err)
	}
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
