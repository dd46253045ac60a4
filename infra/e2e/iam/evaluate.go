package iam

import (
	"maps"
	"slices"
	"strings"
)

// Callers that are no role of the stack.
const (
	Anyone = "anyone" // without credentials
	Admin  = "admin"  // of the same account, whose own policies allow everything
)

// A Decision is a verdict, and the statement that it rests on.
type Decision struct {
	Allowed bool
	Because string // such as "IntakeRole/Files"; "nothing allows it" where no statement does
}

// Evaluate judges one request. The caller is the logical ID of a role of the
// stack, the ARN of a role or user of the account, a service such as
// events.amazonaws.com, Anyone or Admin. What of the context every request has
// is filled in: TLS, the caller's ARN and account.
func (a *Authority) Evaluate(caller, action, resource string, given Context) Decision {
	ctx := a.context(caller, given)
	var own, ofResource []Statement
	key := false
	for _, s := range a.own(caller) {
		if s.covers(action, resource, ctx) {
			own = append(own, s)
		}
	}
	for _, at := range a.Resource {
		key = key || at.Key && at.ARN == resource
		for _, s := range at.Statements {
			if about(at.ARN, resource) && s.covers(action, resource, ctx) && a.means(s, caller) {
				ofResource = append(ofResource, s)
			}
		}
	}
	return a.decide(caller, key, own, ofResource)
}

func (a *Authority) decide(caller string, key bool, own, ofResource []Statement) Decision {
	for _, s := range slices.Concat(own, ofResource) {
		if s.Deny {
			return Decision{Because: "denied by " + s.String()}
		}
	}
	direct := slices.IndexFunc(ofResource, func(s Statement) bool { return !a.byAccount(s) })
	switch {
	case direct >= 0:
		return Decision{true, ofResource[direct].String()}
	case len(own) == 0:
		return Decision{Because: "nothing allows it"}
	case key && len(ofResource) == 0:
		return Decision{Because: "the key's policy does not allow it"}
	}
	return Decision{true, own[0].String()}
}

// about tells whether a policy attached to one ARN speaks of the resource: a
// bucket's does of its objects.
func about(attached, resource string) bool {
	return resource == attached || strings.HasPrefix(attached, "arn:aws:s3:::") && strings.HasPrefix(resource, attached+"/")
}

// byAccount tells whether the statement leaves the choice to the account's own
// policies.
func (a *Authority) byAccount(s Statement) bool {
	return slices.Contains(s.Principals, Principal{"AWS", a.root()})
}

func (a *Authority) root() string { return "arn:aws:iam::" + a.Account + ":root" }

// means tells whether the statement of a resource's policy is about the caller.
func (a *Authority) means(s Statement, caller string) bool {
	return slices.ContainsFunc(s.Principals, func(p Principal) bool {
		switch p.Kind {
		case "Service":
			return p.Value == caller
		case "AWS":
			return p.Value == "*" || p.Value == a.arnOf(caller) || p.Value == a.root() && a.arnOf(caller) != ""
		}
		return false
	})
}

// arnOf is the caller's, or "" for services and strangers.
func (a *Authority) arnOf(caller string) string {
	switch {
	case a.roleARN[caller] != "":
		return a.roleARN[caller]
	case strings.HasPrefix(caller, "arn:"):
		return caller
	case caller == Admin:
		return "arn:aws:iam::" + a.Account + ":role/admin"
	}
	return ""
}

func (a *Authority) own(caller string) []Statement {
	if caller == Admin {
		return []Statement{{In: "admin", Sid: "everything", Actions: []string{"*"}, Resources: []string{"*"}}}
	}
	return a.Identity[caller]
}

func (a *Authority) context(caller string, given Context) Context {
	ctx := Context{"aws:SecureTransport": "true", "kms:CallerAccount": a.Account, "aws:RequestedRegion": a.Region}
	if arn := a.arnOf(caller); arn != "" {
		ctx["aws:PrincipalArn"], ctx["aws:PrincipalAccount"] = arn, a.Account
	}
	maps.Copy(ctx, given)
	return ctx
}
