package conformance

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"keyward/pkg/integration"
)

// start is when the suites' samples happen: far enough from now that no
// adapter confuses the two.
var start = time.Date(2026, 3, 4, 5, 6, 7, 800_000_009, time.UTC)

// sample is a small integration that nobody else has.
func sample() integration.Integration {
	id := integration.NewID(rand.Reader)
	return integration.Integration{
		ID: id, Reference: "ref-" + string(id), Label: "Sample", Customer: "customer-" + string(id),
		CreatedAt: start, State: integration.AwaitingKey, Since: start,
	}
}

func sampleNotice(id integration.ID, dedupe string) integration.Notice {
	return integration.Notice{
		Integration: id, Dedupe: dedupe, Kind: integration.NoticeInvitation, Audience: integration.ToAdmin,
		CreatedAt: start, Status: integration.Pending,
	}
}

// mustCommit writes, as whatever must succeed without contention.
func mustCommit(t *testing.T, s Store, c integration.Change) {
	t.Helper()
	if err := s.Commit(t.Context(), c); err != nil {
		t.Fatalf("Commit: %v", err)
	}
}

// create writes a new integration and reads it back.
func create(t *testing.T, s Store, it integration.Integration) integration.Integration {
	t.Helper()
	mustCommit(t, s, integration.Change{Integration: integration.Create(it)})
	return must(s.Integration(t.Context(), it.ID))(t)
}

// update writes a changed integration and reads it back.
func update(t *testing.T, s Store, was integration.Integration, change func(*integration.Integration)) integration.Integration {
	t.Helper()
	is := was
	change(&is)
	mustCommit(t, s, integration.Change{Integration: integration.Put(was, is)})
	return must(s.Integration(t.Context(), is.ID))(t)
}

// must is for reads that have to succeed: must(s.Fleet(ctx))(t).
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wantError fails the test unless err is the sentinel.
func wantError(t *testing.T, what string, err, sentinel error) {
	t.Helper()
	if !errors.Is(err, sentinel) {
		t.Errorf("%s: got error %v, want %v", what, err, sentinel)
	}
}

// same compares what was read with what was written. Adapters need not tell
// empty from nil.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Errorf("%s differs (-want +got):\n%s", what, d)
	}
}

// patience is how long an index may lag in a suite.
const patience = 5 * time.Second

// eventually repeats a look at something that may lag behind writes.
func eventually(t *testing.T, what string, look func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if err = look(); err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %v", what, err)
		}
	}
}

// settles waits until what lags says what it must.
func settles[T any](t *testing.T, what string, read func(context.Context) (T, error), want T) {
	t.Helper()
	eventually(t, what, func() error {
		got, err := read(t.Context())
		if err != nil {
			return err
		}
		if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
			return fmt.Errorf("differs (-want +got):\n%s", d)
		}
		return nil
	})
}

// filler gives every field of a value content of its own, so that one that an
// adapter forgets is missed, even one that was added yesterday.
type filler struct{ n int }

// zone is one that no server runs in.
var zone = time.FixedZone("", 5*3600+45*60)

func (f *filler) fill(v reflect.Value) {
	f.n++
	if t, ok := v.Addr().Interface().(*time.Time); ok {
		*t = start.Add(time.Duration(f.n) * 1_000_000_007).In(zone)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("x%d", f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Float64:
		v.SetFloat(float64(f.n) + 0.25)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			f.fill(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i))
		}
	default:
		panic("conformance: the domain has a field of a kind that the suite does not know: " + v.Type().String())
	}
}

// filled is a T in which no field is zero.
func filled[T any]() T {
	var v T
	new(filler).fill(reflect.ValueOf(&v).Elem())
	return v
}

// allUTC fails the test when a time within the value is in another zone.
func allUTC(t *testing.T, v reflect.Value) {
	t.Helper()
	if at, ok := v.Interface().(time.Time); ok {
		if at.Location() != time.UTC {
			t.Errorf("a time came back in zone %v, want UTC", at.Location())
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			allUTC(t, v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			allUTC(t, v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			allUTC(t, v.Field(i))
		}
	}
}
