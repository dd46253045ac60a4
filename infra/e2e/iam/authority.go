package iam

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"keyward/infra/e2e/template"
)

// An Authority holds all policies of a stack.
type Authority struct {
	Identity map[string][]Statement // by the logical ID of the role
	Resource []Attached
	Region   string
	Account  string
	roleARN  map[string]string // by logical ID
}

// Attached are the statements of one resource's policy.
type Attached struct {
	ARN        string // of the resource
	Key        bool   // a key: without its policy's consent nobody may
	Statements []Statement
}

// Read takes the policies out of a stack.
func Read(s *template.Stack) (*Authority, error) {
	a := &Authority{Identity: map[string][]Statement{}, Region: s.Region, Account: s.Account, roleARN: map[string]string{}}
	var errs []error
	for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
		r := s.Resources[id]
		switch r.Type {
		case "AWS::IAM::Role":
			errs = append(errs, a.role(r))
		case "AWS::S3::BucketPolicy":
			errs = append(errs, a.attach(r, r.Properties["PolicyDocument"], "arn:aws:s3:::"+fmt.Sprint(r.Properties["Bucket"]), false))
		case "AWS::SQS::QueuePolicy":
			errs = append(errs, a.queues(s, r))
		case "AWS::SNS::TopicPolicy":
			for _, t := range texts(r.Properties["Topics"]) {
				errs = append(errs, a.attach(r, r.Properties["PolicyDocument"], t, false))
			}
		case "AWS::KMS::Key":
			errs = append(errs, a.attach(r, r.Properties["KeyPolicy"], r.ARN, true))
		case "AWS::Lambda::Permission":
			a.permission(s, r)
		case "AWS::IAM::Policy":
			errs = append(errs, a.policy(s, r))
		case "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy", "AWS::SecretsManager::ResourcePolicy":
			errs = append(errs, fmt.Errorf("%s: policies of type %s are not understood", id, r.Type))
		}
	}
	return a, errors.Join(errs...)
}

func (a *Authority) role(r template.Resource) error {
	a.roleARN[r.ID] = r.ARN
	if len(texts(r.Properties["ManagedPolicyArns"])) > 0 || r.Properties["PermissionsBoundary"] != nil {
		return fmt.Errorf("%s: managed policies and boundaries are not understood", r.ID)
	}
	policies, _ := r.Properties["Policies"].([]any)
	for _, p := range policies {
		m, _ := p.(map[string]any)
		if err := a.grant(r.ID, r.ID, m["PolicyDocument"]); err != nil {
			return err
		}
	}
	return a.attach(r, r.Properties["AssumeRolePolicyDocument"], r.ARN, false)
}

// policy is one that is attached to roles from outside.
func (a *Authority) policy(s *template.Stack, r template.Resource) error {
	roles := texts(r.Properties["Roles"])
	var errs []error
	for _, role := range s.OfType("AWS::IAM::Role") {
		if slices.Contains(roles, role.Ref) {
			errs = append(errs, a.grant(role.ID, r.ID, r.Properties["PolicyDocument"]))
		}
	}
	if len(roles) == 0 || len(errs) != len(roles) {
		errs = append(errs, fmt.Errorf("%s: a policy must be attached to roles of the stack", r.ID))
	}
	return errors.Join(errs...)
}

// grant adds a document's statements to what the role may do.
func (a *Authority) grant(role, in string, document any) error {
	all, err := statements(in, document)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(all, func(s Statement) bool { return len(s.Resources) == 0 }); i >= 0 {
		return fmt.Errorf("%s: a statement has no resource", all[i])
	}
	a.Identity[role] = append(a.Identity[role], all...)
	return nil
}

func (a *Authority) queues(s *template.Stack, r template.Resource) error {
	var errs []error
	for _, url := range texts(r.Properties["Queues"]) {
		for _, q := range s.OfType("AWS::SQS::Queue") {
			if q.Ref == url {
				errs = append(errs, a.attach(r, r.Properties["PolicyDocument"], q.ARN, false))
			}
		}
	}
	return errors.Join(errs...)
}

func (a *Authority) attach(r template.Resource, document any, arn string, key bool) error {
	all, err := statements(r.ID, document)
	if err != nil {
		return err
	}
	for i, s := range all {
		if len(s.Resources) == 0 || key {
			all[i].Resources = []string{arn} // a key's policy says "*" and means the key
		}
	}
	a.Resource = append(a.Resource, Attached{ARN: arn, Key: key, Statements: all})
	return nil
}

// permission is a statement of a function's policy, as Lambda writes it.
func (a *Authority) permission(s *template.Stack, r template.Resource) {
	p := r.Properties
	name := fmt.Sprint(p["FunctionName"])
	arn := name
	if !strings.HasPrefix(name, "arn:") {
		arn = fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", s.Region, s.Account, name)
	}
	st := Statement{In: r.ID, Sid: "permission", Actions: texts(p["Action"]), Resources: []string{arn}}
	who := fmt.Sprint(p["Principal"])
	kind := "AWS"
	if strings.HasSuffix(who, ".amazonaws.com") {
		kind = "Service"
	}
	st.Principals = []Principal{{kind, who}}
	for property, key := range map[string]string{"FunctionUrlAuthType": "lambda:FunctionUrlAuthType", "SourceAccount": "aws:SourceAccount"} {
		if v := texts(p[property]); v != nil {
			st.Conditions = append(st.Conditions, Condition{"StringEquals", key, v})
		}
	}
	if v := texts(p["SourceArn"]); v != nil {
		st.Conditions = append(st.Conditions, Condition{"ArnLike", "aws:SourceArn", v})
	}
	if v := texts(p["InvokedViaFunctionUrl"]); v != nil {
		st.Conditions = append(st.Conditions, Condition{"Bool", "lambda:InvokedViaFunctionUrl", v})
	}
	a.Resource = append(a.Resource, Attached{ARN: arn, Statements: []Statement{st}})
}
