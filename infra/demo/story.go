package demo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A chapter is a part of the story with a title.
type chapter struct {
	title string
	steps []step
}

// A step is one thing that happens, and all that must be so after it.
type step struct {
	who, what string
	do        func(context.Context) error
	see       []sight
	mails     []Letter // exactly those that go out meanwhile, of all integrations
}

// A sight is something to look at, and what must be seen.
type sight struct {
	about, want string
	look        func(context.Context) (string, error)
}

// story is what the steps share.
type story struct {
	world  World
	desk   desk
	mac    keychain
	main   *customer
	others []*customer
	read   int    // mails that earlier steps have looked at
	new    []Mail // mails of this step
}

// Run tells the story in the world, and each step to tell, which may be nil,
// as soon as it is over. The error is a *Difference when a step came out
// otherwise than expected, and another when the story could not go on.
func Run(ctx context.Context, w World, tell func(Step)) (Report, error) {
	began, wall := w.Now(), time.Now()
	if tell == nil {
		tell = func(Step) {}
	}
	var report Report
	s, err := newStory(w)
	if err == nil {
		err = s.play(ctx, func(st Step) {
			report.Steps = append(report.Steps, st)
			tell(st)
		})
	}
	errors.As(err, &report.Failed)
	if s != nil {
		var tableErr error
		if report.Integrations, tableErr = s.table(ctx); err == nil {
			err = tableErr
		}
	}
	report.Figures = Figures{Virtual: Seconds(w.Now().Sub(began)), Wall: Seconds(time.Since(wall)), AppleCalls: w.Apple().Calls()}
	for _, row := range report.Integrations {
		report.Figures.Checks += row.Checks
	}
	if mails, mailErr := w.Mails(ctx); mailErr == nil {
		report.Figures.Mails = len(mails)
	}
	return report, err
}

func newStory(w World) (*story, error) {
	d, err := newDesk(w)
	if err != nil {
		return nil, fmt.Errorf("preparing the story: %w", err)
	}
	k, err := newKeychain()
	if err != nil {
		return nil, fmt.Errorf("preparing the story: %w", err)
	}
	return &story{world: w, desk: d, mac: k}, nil
}

// chapters are made one after the other: what comes first decides some of
// what follows.
func (s *story) chapters() []func() (chapter, error) {
	return []func() (chapter, error){
		s.neighbours, s.handover, s.agreement, s.mistake, s.revoked, s.replaced, s.certificate, s.silence, s.goodbye,
	}
}

func (s *story) play(ctx context.Context, tell func(Step)) error {
	for _, next := range s.chapters() {
		c, err := next()
		if err != nil {
			return fmt.Errorf("preparing a chapter: %w", err)
		}
		for _, st := range c.steps {
			done, err := s.step(ctx, st)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			done.Chapter, done.At, done.OK = c.title, s.world.Now(), err == nil
			tell(done)
			if err != nil {
				return located(err, done)
			}
		}
	}
	return nil
}

// located turns whatever ended a step into a Difference.
func located(err error, st Step) *Difference {
	d := &Difference{Chapter: st.Chapter, Step: st.What, At: st.At, About: "the step", Want: "no failure", Seen: err.Error()}
	var u *unexpected
	if errors.As(err, &u) {
		d.About, d.Want, d.Seen = u.about, u.want, u.seen
	}
	return d
}

// step does one step, and looks whether all is as it must be.
func (s *story) step(ctx context.Context, st step) (Step, error) {
	out := Step{Who: st.who, What: st.what}
	if err := st.do(ctx); err != nil {
		return out, err
	}
	var err error
	if out.Mails, err = s.readMails(ctx); err != nil {
		return out, err
	}
	for _, look := range st.see {
		seen, err := look.look(ctx)
		if err != nil {
			return out, fmt.Errorf("looking at %s: %w", look.about, err)
		}
		out.Facts = append(out.Facts, Fact{look.about, seen})
		if seen != look.want {
			return out, &unexpected{look.about, look.want, seen}
		}
	}
	if want, seen := spell(st.mails), spell(out.Mails); want != seen {
		return out, &unexpected{"mails", want, seen}
	}
	return out, nil
}

// readMails takes the mails that are new since the step before.
func (s *story) readMails(ctx context.Context) ([]Letter, error) {
	all, err := s.world.Mails(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading mails: %w", err)
	}
	s.new = all[min(s.read, len(all)):]
	s.read = len(all)
	var out []Letter
	for _, m := range s.new {
		out = append(out, s.letter(m))
	}
	return out, nil
}

// spell writes letters down in an order of their own: mails of one moment may
// overtake each other.
func spell(letters []Letter) string {
	if len(letters) == 0 {
		return "none"
	}
	var out []string
	for _, l := range letters {
		out = append(out, l.String())
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

// pass lets time pass.
func (s *story) pass(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error { return s.world.Advance(ctx, d) }
}

// then does one after the other.
func then(acts ...func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, act := range acts {
			if err := act(ctx); err != nil {
				return err
			}
		}
		return nil
	}
}

// repeat does the same so many times.
func repeat(times int, act func(context.Context) error) func(context.Context) error {
	return then(slices.Repeat([]func(context.Context) error{act}, times)...)
}
