package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"keyward/pkg/integration"
)

// TestMain lets the test binary be the simulator too.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == appleCommand {
		os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

func mustRig(t *testing.T, integrations int) *rig {
	t.Helper()
	r, err := newRig(t.Context(), t.TempDir(), integrations)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func TestRoundChecksEachIntegrationWithOneCall(t *testing.T) {
	const n = 50
	r := mustRig(t, n)
	for _, flight := range []int{1, inFlight} {
		one, err := r.play(t.Context(), r.keyward.side(), n, flight)
		if err != nil {
			t.Fatal(err)
		}
		if one.checks != n || one.appleCalls != n {
			t.Errorf("%d in flight: %d checks made %d calls, want %d", flight, one.checks, one.appleCalls, n)
		}
		page, err := r.db.Store().List(t.Context(), integration.Filter{State: integration.Active, Limit: 200})
		if err != nil || len(page.Integrations) != n {
			t.Errorf("%d in flight: %d integrations are active, want %d; %v", flight, len(page.Integrations), n, err)
		}
		for _, it := range page.Integrations {
			if it.Check.LastID == "" || it.Check.Lease.ID != "" {
				t.Errorf("%s was not checked", it.ID)
			}
		}
	}
}

func TestFloorAsksAndKeeps(t *testing.T) {
	const n = 20
	r := mustRig(t, n)
	one, err := r.play(t.Context(), r.floor.side(), n, inFlight)
	if err != nil {
		t.Fatal(err)
	}
	if one.appleCalls != n {
		t.Errorf("%d calls, want %d", one.appleCalls, n)
	}
	kept, err := r.db.Kept(t.Context(), string(nameOf(n-1)))
	if err != nil || len(kept) != len(r.floor.value) || len(kept) < 500 {
		t.Errorf("kept %d bytes of %d: %v", len(kept), len(r.floor.value), err)
	}
}

func TestChecksThatWereNotDoneFailTheRun(t *testing.T) {
	r := mustRig(t, 2)
	s := r.keyward.side()
	check := s.check
	s.check = func(ctx context.Context, i int) error {
		if i == 1 {
			return nil
		}
		return check(ctx, i)
	}
	if _, err := r.play(t.Context(), s, 2, 1); err == nil {
		t.Error("a check that was left out went unnoticed")
	}
}

func TestReportHasBothSides(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{"-rounds", "1", "-checks", "30", "-dir", t.TempDir()}, nil, &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	for _, want := range []string{"1 in flight", "64 in flight", "checks/s", "ratio", "1.000 Apple calls", "Machine: "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}

func TestUsageIsRefused(t *testing.T) {
	for _, args := range [][]string{{"-rounds", "0"}, {"-checks", "2"}, {"more"}, {"-none"}} {
		var errs bytes.Buffer
		if code := run(args, nil, &bytes.Buffer{}, &errs); code == 0 || errs.Len() == 0 {
			t.Errorf("%v: exit %d, %q", args, code, errs.String())
		}
	}
}
