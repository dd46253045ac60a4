package e2e

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"keyward/infra/e2e/gate"
	"keyward/infra/e2e/moto"
	"keyward/infra/e2e/runtimeapi"
	"keyward/infra/e2e/template"
	"keyward/infra/local"
)

// A function is one of the stack, with its process.
type function struct {
	*runtimeapi.Function
	id, arn, role string // role: its logical ID
	timeout       time.Duration
	retries       int // of asynchronous events
}

// makeFunctions starts nothing yet: the first event does.
func (h *Host) makeFunctions() error {
	var errs []error
	for _, r := range h.stack.OfType("AWS::Lambda::Function") {
		f, err := h.makeFunction(r)
		if err != nil {
			errs = append(errs, fmt.Errorf("function %s: %w", r.ID, err))
			continue
		}
		h.functions[r.ID] = f
	}
	return errors.Join(errs...)
}

func (h *Host) makeFunction(r template.Resource) (*function, error) {
	bootstrap, built := h.cfg.Build[r.ID]
	role, known := h.roleOf(str(r.Properties["Role"]))
	switch {
	case !built:
		return nil, errors.New("is not built")
	case r.Properties["Runtime"] != "provided.al2023" || r.Properties["Handler"] != "bootstrap":
		return nil, errors.New("is not a bootstrap on provided.al2023")
	case !known:
		return nil, errors.New("has no role of this stack")
	case !h.authority.Evaluate("lambda.amazonaws.com", "sts:AssumeRole", str(r.Properties["Role"]), nil).Allowed:
		return nil, errors.New("the role does not trust Lambda")
	}
	f := &function{id: r.ID, arn: r.ARN, role: role, timeout: seconds(r.Properties["Timeout"], 3), retries: 2}
	identity := runtimeapi.Identity{
		Region: moto.Region, AccessKeyID: "ASIA" + r.ID, SecretAccessKey: "secret-of-" + r.ID, SessionToken: "token-of-" + r.ID,
	}
	h.callers[identity.AccessKeyID] = gate.Caller{
		Name: fmt.Sprintf("arn:aws:sts::%s:assumed-role/%s/%s", moto.Account, name(str(r.Properties["Role"])), r.Ref),
		Role: role, Secret: identity.SecretAccessKey,
	}
	f.Function = runtimeapi.New(runtimeapi.Config{
		Name: r.Ref, ARN: r.ARN, Bootstrap: bootstrap, Timeout: f.timeout, MemoryMB: number(r.Properties["MemorySize"], 128),
		Env: h.environment(r), Identity: identity, Concurrency: h.concurrency(r),
		LogGroup: str(object(r.Properties["LoggingConfig"])["LogGroup"]),
		Log:      func(line string) { h.logged(r.ID, line) },
	})
	return f, nil
}

// environment is exactly what the template gives, and where AWS and the clock
// are.
func (h *Host) environment(r template.Resource) map[string]string {
	env := map[string]string{}
	for k, v := range object(object(r.Properties["Environment"])["Variables"]) {
		env[k] = fmt.Sprint(v)
	}
	maps.Copy(env, map[string]string{"AWS_ENDPOINT_URL": h.gateURL, "CLOCK_URL": h.clockURL})
	return env
}

// concurrency is what the function reserves, else what the account has.
func (h *Host) concurrency(r template.Resource) int {
	return number(r.Properties["ReservedConcurrentExecutions"], 10)
}

// roleOf finds the logical ID of a role.
func (h *Host) roleOf(arn string) (string, bool) {
	for _, r := range h.stack.OfType("AWS::IAM::Role") {
		if r.ARN == arn {
			return r.ID, true
		}
	}
	return "", false
}

// functionOf finds a function by its ARN or name.
func (h *Host) functionOf(arnOrName string) (*function, error) {
	for _, f := range h.functions {
		if f.arn == arnOrName || name(f.arn) == arnOrName {
			return f, nil
		}
	}
	return nil, fmt.Errorf("there is no function %q", arnOrName)
}

// invoke hands an event over; a failure is noted, beside being returned.
func (h *Host) invoke(ctx context.Context, f *function, event []byte) ([]byte, error) {
	answer, err := f.Invoke(ctx, event)
	if err != nil && ctx.Err() == nil {
		h.trouble("%s failed: %v", f.id, err)
	}
	return answer, err
}

func (h *Host) invoker(f *function) local.Invoke {
	return func(ctx context.Context, event []byte) ([]byte, error) { return h.invoke(ctx, f, event) }
}

// may asks whether the role of a function may do it.
func (h *Host) may(role, action, resource string) error {
	if d := h.authority.Evaluate(role, action, resource, nil); !d.Allowed {
		return fmt.Errorf("%s may not %s on %s: %s", role, action, resource, d.Because)
	}
	return nil
}
