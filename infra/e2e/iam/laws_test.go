package iam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"keyward/infra/e2e/iam"
	"keyward/infra/e2e/template/templatetest"
)

// broken are the statements that break what holds for all of them, whatever
// the tables say: two locks on one door do not show in answers.
func broken(a *iam.Authority) []string {
	var out []string
	for _, list := range a.Identity {
		for _, s := range list {
			out = append(out, lawless(s)...)
			if !s.Deny && slices.Contains(s.Resources, "*") && !all(s.Actions, "xray:") {
				out = append(out, fmt.Sprintf("%s is on every resource", s))
			}
			if !s.Deny && some(s.Actions, "kms:") && !bound(s) {
				out = append(out, fmt.Sprintf("%s uses a key without saying through which service, and for what", s))
			}
		}
	}
	for _, at := range a.Resource {
		for _, s := range at.Statements {
			out = append(out, lawless(s)...)
			if at.Key && !s.Deny && some(s.Actions, "kms:Decrypt") && !(conditioned(s, "kms:ViaService") && conditioned(s, "kms:CallerAccount")) {
				out = append(out, fmt.Sprintf("%s lends the key without saying through which service, and to which account", s))
			}
		}
	}
	return out
}

func lawless(s iam.Statement) []string {
	if !s.Deny && slices.ContainsFunc(s.Actions, func(a string) bool { return strings.Contains(a, "*") }) {
		return []string{fmt.Sprintf("%s allows actions by a wildcard", s)}
	}
	return nil
}

func bound(s iam.Statement) bool {
	return conditioned(s, "kms:ViaService") && slices.ContainsFunc(s.Conditions, func(c iam.Condition) bool {
		return strings.HasPrefix(c.Key, "kms:EncryptionContext:")
	})
}

func conditioned(s iam.Statement, key string) bool {
	return slices.ContainsFunc(s.Conditions, func(c iam.Condition) bool { return c.Key == key && c.Operator == "StringEquals" })
}

func all(list []string, prefix string) bool {
	return !slices.ContainsFunc(list, func(s string) bool { return !strings.HasPrefix(s, prefix) })
}

func some(list []string, prefix string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(s, prefix) })
}

func TestAllStatementsKeepTheLaws(t *testing.T) {
	tr := templatetest.MustTranslator(t)
	for name, p := range map[string]map[string]string{"dev": templatetest.Dev(), "prod": templatetest.Prod()} {
		for _, b := range broken(mustAuthority(t, templatetest.MustStack(t, tr, templatetest.MustRead(t, "template.yaml"), p))) {
			t.Errorf("%s: %s", name, b)
		}
	}
}
