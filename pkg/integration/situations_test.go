package integration

import (
	"slices"
	"testing"
	"time"
)

type situation struct {
	name string
	run  func(*testing.T) (*life, []Notice)
	want string
}

// then is a life that works, and what is done to it; the mails are the last step's.
func then(steps ...func(*life) []Notice) func(*testing.T) (*life, []Notice) {
	return func(t *testing.T) (*life, []Notice) {
		l := working(t)
		var mails []Notice
		for _, step := range steps {
			mails = step(l)
		}
		return l, mails
	}
}

func answers(n int, o Outcome) func(*life) []Notice {
	return func(l *life) []Notice { return l.repeat(n, o) }
}

func event(ev Event) func(*life) []Notice {
	return func(l *life) []Notice { return l.do(ev) }
}

func tick(d time.Duration) func(*life) []Notice {
	return func(l *life) []Notice { return l.tickAfter(d) }
}

func newKey(o Outcome) func(*life) []Notice {
	return func(l *life) []Notice { m := l.accept(o); l.it.Certificates.DueAt = time.Time{}; return m }
}

func both(o, other Outcome) func(*life) []Notice {
	return func(l *life) []Notice { l.now = l.it.Check.DueAt; return l.checkBoth(o, &other) }
}

func enforced(every time.Duration, enforce bool) func(*life) []Notice {
	return func(l *life) []Notice {
		l.it.Access.Reauthorise = Reauthorise{Every: every, Enforce: enforce}
		return nil
	}
}

func invited(steps ...func(*life) []Notice) func(*testing.T) (*life, []Notice) {
	return func(t *testing.T) (*life, []Notice) {
		l := newLife(t, "publish")
		mails := l.notices
		for _, step := range steps {
			mails = step(l)
		}
		return l, mails
	}
}

func situations() []situation {
	return slices.Concat(keySituations(), answerSituations(), dateSituations())
}

func waves(on bool) func(*life) []Notice {
	return func(l *life) []Notice { l.fleet.Wave = on; return nil }
}

func holds(on bool) func(*life) []Notice {
	return func(l *life) []Notice { l.fleet.Hold, l.fleet.HoldSince = on, l.now; return nil }
}

func refused(u UploadID, late bool) func(*life) []Notice {
	r := Refusal{Upload: u, Diagnosis: "not_a_key", Entered: Entered{KeyID: "TYPEDKEY01"}}
	return event(WrongFile{Refusal: r, Contact: "con_b", Late: late})
}

func refusedTimes(n int) func(*life) []Notice {
	return func(l *life) (last []Notice) {
		for range n {
			last = refused("upl_5", false)(l)
		}
		return last
	}
}

// asks is a level that asks for the vendor's user.
func asks(l *life) []Notice {
	l.it.Access.User = VendorUser{Address: "builds@vendor.example"}
	return nil
}

func wait(d time.Duration) func(*life) []Notice {
	return func(l *life) []Notice { l.pass(d); return nil }
}

// cert is a distribution certificate that ends in the time from the reading on.
func cert(serial string, in time.Duration) Certificate {
	return Certificate{Serial: serial, Type: "DISTRIBUTION", NotAfter: start.Add(in)}
}

// lists reads certificates whose ends are counted from now.
func lists(certs ...Certificate) func(*life) []Notice {
	return func(l *life) []Notice {
		var shown []Certificate
		for _, c := range certs {
			c.NotAfter = l.now.Add(c.NotAfter.Sub(start))
			shown = append(shown, c)
		}
		mails := l.list(shown...)
		l.it.Certificates.DueAt = later(l.it.Certificates.DueAt, l.now)
		return mails
	}
}
