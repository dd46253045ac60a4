package iam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"keyward/infra/template/iam"
	"keyward/infra/template/templatetest"
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
	var via, what bool
	for _, c := range s.Conditions {
		via = via || c.Key == "kms:ViaService" && c.Operator == "StringEquals"
		what = what || strings.HasPrefix(c.Key, "kms:EncryptionContext:")
	}
	return via && what
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
