package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/correlation"
	"keyward/pkg/integration"
)

// errSuperseded says that another file took the place of the one at hand.
var errSuperseded = errors.New("another file took its place")

// errTrashed says that another file's secret has yet to leave the vault, under
// the name that the one at hand needs.
var errTrashed = errors.New("the upload's earlier secret is still in the vault")

// wait queues the next look, then notes that the upload waits: in this order,
// so that no crash leaves an upload waiting for nothing.
func (s *Service) wait(ctx context.Context, l look, v verdict) error {
	if err := s.Queue.Send(ctx, again(s.Bucket, l.ref, correlation.ID(ctx)), v.delay); err != nil {
		return fmt.Errorf("queueing another look: %w", err)
	}
	tries := v.tries + 1
	err := integration.Retry(ctx, func() error {
		it, u, err := s.load(ctx, l)
		if err != nil || judged(u, l.ref.ETag) {
			return err
		}
		waits := integration.UploadWaits{
			Upload: u.ID, Contact: u.Contact, Reason: integration.Reason(v.diagnosis), Epoch: u.Epoch, Stuck: stuck(v, u, s.Now()),
		}
		ch, err := integration.Decide(it, waits, s.Now())
		if err != nil {
			return err
		}
		next := trimmed(u.Judged(s.attempt(l, v)))
		next.WaitFrom, next.Tries = v.from, tries
		ch.Uploads = append(ch.Uploads, integration.Put(u, next))
		return s.Store.Commit(ctx, ch)
	})
	if err != nil {
		return fmt.Errorf("noting that an upload waits: %w", err)
	}
	s.Logger.InfoContext(ctx, "upload waits", "integration", l.integration, "upload", l.upload, "because", v.diagnosis, "tries", tries)
	return nil
}

// refuse writes a verdict that ends the attempt without a key.
func (s *Service) refuse(ctx context.Context, l look, v verdict) error {
	err := integration.Retry(ctx, func() error {
		it, u, err := s.load(ctx, l)
		if err != nil || judged(u, l.ref.ETag) {
			return err
		}
		return s.commitRefusal(ctx, l, it, u, v)
	})
	if err != nil {
		return fmt.Errorf("refusing an upload: %w", err)
	}
	return nil
}

// commitRefusal is one try of refuse.
func (s *Service) commitRefusal(ctx context.Context, l look, it integration.Integration, u integration.Upload, v verdict) error {
	if void(it, u) {
		v = refused(integration.RefusedLinkVoid)
	}
	ch, err := s.refusal(l, it, u, v)
	if err != nil {
		return err
	}
	left, err := s.leftBehind(ctx, it, u)
	if err != nil {
		return err
	}
	if !left.IsZero() {
		discard(&ch, it, u, left, s.Now())
	}
	ch.Uploads = append(ch.Uploads, integration.Put(u, ended(u, s.attempt(l, v))))
	if err := s.Store.Commit(ctx, ch); err != nil {
		return err
	}
	s.Logger.InfoContext(ctx, "upload "+string(v.state), "integration", it.ID, "upload", u.ID, "because", v.diagnosis)
	return nil
}

// refusal is what a verdict without a key means to the integration.
func (s *Service) refusal(l look, it integration.Integration, u integration.Upload, v verdict) (integration.Change, error) {
	now, late := s.Now(), s.late(l, u)
	r := integration.Refusal{
		Upload: u.ID, ETag: l.ref.ETag, Diagnosis: v.diagnosis, Missing: slices.Clone(v.missing), Entered: u.Entered(),
		Team: it.TeamID, Found: v.team, BundleIDs: it.BundleIDs,
	}
	switch {
	case v.diagnosis == integration.RefusedLinkVoid && (!late || it.State == integration.Disconnected):
		return integration.Change{History: []integration.Entry{{
			Integration: it.ID, At: now, Seq: string(u.ID), What: "upload_refused",
			Actor: "contact " + string(u.Contact), Upload: u.ID, KeyID: u.KeyID, Detail: v.diagnosis,
		}}}, nil
	case v.diagnosis == integration.RefusedHeld, v.diagnosis == integration.RefusedShared:
		return integration.Decide(it, integration.KeyHeldElsewhere{Refusal: r, Contact: u.Contact, Late: late}, now)
	case integration.AboutTeam(v.diagnosis):
		return integration.Decide(it, integration.KeyOfOtherTeam{Refusal: r, Contact: u.Contact, Late: late}, now)
	case v.state == integration.UploadExpired:
		return integration.Decide(it, integration.UploadGivenUp{Upload: u.ID, Contact: u.Contact}, now)
	}
	return integration.Decide(it, integration.WrongFile{Refusal: r, Contact: u.Contact, Late: late}, now)
}

// late reports whether nobody may be looking at the page any more: it has
// said, of this file or of the one before it, that it may be closed, or the
// file has been here for long.
func (s *Service) late(l look, u integration.Upload) bool {
	a, ok := u.Attempt(l.ref.ETag)
	waited := ok && a.State == integration.UploadWaiting || u.State == integration.UploadWaiting
	return waited || (!l.arrived.IsZero() && s.Now().Sub(l.arrived) > integration.PageWatched)
}

// accept puts the key into the vault and the integration in its care, or
// refuses after all: when another integration holds the key, or the link was
// used meanwhile.
func (s *Service) accept(ctx context.Context, l look, v verdict) error {
	kept := false
	err := integration.Retry(ctx, func() error {
		it, u, err := s.load(ctx, l)
		switch {
		case err != nil:
			return err
		case judged(u, l.ref.ETag) && kept:
			return s.dropSecret(ctx, it, u, v.key)
		case judged(u, l.ref.ETag):
			return nil
		}
		owner, err := s.Store.Owner(ctx, v.key.Fingerprint())
		if err != nil {
			return fmt.Errorf("reading ownership: %w", err)
		}
		if err := it.RefusesTeam(u.TeamID, keyOf(u, v.creds), v.outcome); err != nil {
			return s.commitRefusal(ctx, l, it, u, refusedTeam(err))
		}
		admitted, held := owner.Admit(it)
		if held != "" || void(it, u) {
			return s.commitRefusal(ctx, l, it, u, refused(held))
		}
		if trashed(it, u.ID) {
			return errTrashed
		}
		if err := s.keep(ctx, l, u, v); err != nil {
			return err
		}
		kept = true
		return s.commitAcceptance(ctx, l, it, u, v, ownership(owner, admitted))
	})
	if err != nil {
		return fmt.Errorf("accepting an upload: %w", err)
	}
	return nil
}

// ownership is the edit of an owner. It is written even if nothing changed:
// whoever releases the same key at this moment must notice.
func ownership(before, after integration.Owner) integration.Edit[integration.Owner] {
	if before.Version == 0 {
		return integration.Create(after)
	}
	return integration.Put(before, after)
}

// commitAcceptance is the transaction of accept.
func (s *Service) commitAcceptance(ctx context.Context, l look, it integration.Integration, u integration.Upload, v verdict, o integration.Edit[integration.Owner]) error {
	now := s.Now()
	ch, err := integration.Decide(it, accepted(u, v, now), now)
	if errors.Is(err, integration.ErrLinkVoid) {
		return s.commitRefusal(ctx, l, it, u, refused(integration.RefusedLinkVoid))
	}
	if err != nil {
		return err
	}
	ch.Owners = append(ch.Owners, o)
	ch.Uploads = append(ch.Uploads, integration.Put(u, ended(u, s.attempt(l, v))))
	if err := s.Store.Commit(ctx, ch); err != nil {
		return err
	}
	s.Logger.InfoContext(ctx, "upload accepted", "integration", it.ID, "upload", u.ID, "verdict", v.outcome.Verdict, "reason", v.outcome.Reason)
	return nil
}

// accepted is the event of a good key.
func accepted(u integration.Upload, v verdict, now time.Time) integration.KeyAccepted {
	key := keyOf(u, v.creds)
	key.Fingerprint, key.AcceptedAt = v.key.Fingerprint(), now
	return integration.KeyAccepted{
		Key: key, TeamID: u.TeamID, TeamName: u.TeamName, Outcome: v.outcome, Contact: u.Contact, Epoch: u.Epoch,
	}
}

// keyOf is the key as Apple was asked about it.
func keyOf(u integration.Upload, creds appstoreconnect.Credentials) integration.Key {
	return integration.Key{Upload: u.ID, KeyID: creds.KeyID, IssuerID: creds.IssuerID, Kind: creds.Kind, Program: creds.Program}
}

// attempt is the verdict as it is kept with the upload.
func (s *Service) attempt(l look, v verdict) integration.Attempt {
	return integration.Attempt{
		ETag: l.ref.ETag, At: s.Now(), State: v.state, Diagnosis: v.diagnosis, Missing: slices.Clone(v.missing),
		Team: v.team,
	}
}

// ended is the upload with the verdict, waiting for nothing.
func ended(u integration.Upload, a integration.Attempt) integration.Upload {
	u = trimmed(u.Judged(a))
	u.WaitFrom, u.Tries = time.Time{}, 0
	return u
}

// maxKept bounds the attempts that an upload remembers: a form can be posted
// any number of times while it lives. An older attempt's object is gone, so
// that a late message about it finds nothing to do.
const maxKept = 20

func trimmed(u integration.Upload) integration.Upload {
	u.Attempts = u.Attempts[max(0, len(u.Attempts)-maxKept):]
	return u
}
