package integration

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// said is one notice as its reader would put it: what, to whom, why, with or
// without a link, when, and the facts. Times are relative to now.
func said(n Notice, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s to %s", n.Kind, n.Audience)
	part := func(format string, shown bool, v any) {
		if shown {
			fmt.Fprintf(&b, format, v)
		}
	}
	f := n.Facts
	part(" because %s", n.Reason != "", n.Reason)
	part(", %s", n.Link, "link")
	part(", not before %v", !n.NotBefore.IsZero(), n.NotBefore.Sub(now).Round(time.Second))
	part(", key %s", f.KeyID != "", f.KeyID)
	part(", old %s", f.OldKeyID != "", f.OldKeyID)
	part(", missing %v", len(f.Missing) > 0, f.Missing)
	part(", serial %s", f.Serial != "", f.Serial)
	part(" of %s", f.CertType != "", f.CertType)
	part(", expires in %v", !f.Expires.IsZero(), f.Expires.Sub(now))
	part(", %d days", f.Days != 0, f.Days)
	part(", %d times", f.Count != 0, f.Count)
	part(", since %v ago", !f.Since.IsZero(), now.Sub(f.Since))
	part(", %s", f.Unneeded, "not needed")
	part(", about %s", f.Contact != "", f.Contact)
	return b.String()
}

// picture is everything that a person, a build machine or the vault sees after
// the last step of a life.
func (l *life) picture(mails []Notice) string {
	var lines []string
	for _, n := range mails {
		lines = append(lines, "mail "+said(n, l.now))
	}
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	add("%s", strings.TrimSpace(string(l.it.State)+" "+string(l.it.Cause)))
	if why, ok := l.it.TokensAllowed(); ok {
		add("tokens %v", why)
	} else {
		add("no tokens %v", why)
	}
	for _, k := range []struct {
		name string
		key  *Key
	}{{"key", l.it.Key}, {"beside it", l.it.Other}} {
		if k.key != nil {
			add("%s %s", k.name, k.key.Upload)
		}
	}
	if w := l.it.Certificates; w.Serial != "" {
		add("watches %s", w.Serial)
	}
	for _, d := range l.it.Trash {
		add("delete %s %s in %v", d.Upload, d.Fingerprint, d.Since.Sub(l.now))
	}
	for _, due := range []struct {
		name string
		at   time.Time
	}{{"check", l.it.Check.DueAt}, {"certificates", l.it.Certificates.DueAt}, {"deadline", l.it.nextDeadline()}} {
		if !due.at.Before(l.now) { // else never, or the test has let it pass
			add("%s in %v", due.name, due.at.Sub(l.now))
		}
	}
	return strings.Join(lines, "\n")
}

// nextDeadline is TickAt without what only support's list of integrations shows.
func (it Integration) nextDeadline() time.Time {
	it.Attention.NextAt = time.Time{}
	return it.TickAt()
}

// working is a life whose first key has had its first good check.
func working(t *testing.T) *life {
	l := newLife(t, "publish")
	l.accept(fine)
	l.pass(15 * time.Minute)
	l.check(fine)
	l.it.Certificates.DueAt = time.Time{}
	return l
}

// repeat answers n checks, each when it is due, and returns the last mails.
func (l *life) repeat(n int, o Outcome) (last []Notice) {
	for range n {
		l.now = l.it.Check.DueAt
		last = l.check(o)
	}
	return last
}

// tickAfter lets time pass, and then act.
func (l *life) tickAfter(d time.Duration) []Notice {
	l.pass(d)
	return l.do(Tick{Fleet: l.fleet})
}

var (
	noRole = Outcome{Verdict: Blocked, Reason: Role, Missing: []Capability{Certificates, Profiles}}
	noApp  = Outcome{Verdict: Blocked, Reason: NoApps}
)

// TestWhatFollowsEachSituation says, situation by situation, who is told what
// and with a link or not, whether tokens are given, which secrets leave the
// vault, and what is due when. The values are what people get, written out: none
// is computed from the package's own constants.
func TestWhatFollowsEachSituation(t *testing.T) {
	for _, tc := range situations() {
		t.Run(tc.name, func(t *testing.T) {
			l, mails := tc.run(t)
			got := strings.Split(l.picture(mails), "\n")
			want := strings.Split(strings.TrimSpace(strings.ReplaceAll(tc.want, "\t", "")), "\n")
			for _, line := range want {
				if !slices.Contains(got, line) {
					t.Errorf("missing:    %s", line)
				}
			}
			for _, line := range got {
				if !slices.Contains(want, line) {
					t.Errorf("unexpected: %s", line)
				}
			}
			if len(got) != len(want) && !t.Failed() {
				t.Errorf("%d lines, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
			}
		})
	}
}
