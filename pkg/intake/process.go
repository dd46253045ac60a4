package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/correlation"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// maxFile is the size that an upload form lets through, in bytes.
const maxFile = 64 << 10

// A look is one look at one attempt.
type look struct {
	ref         ObjectRef
	integration integration.ID
	upload      integration.UploadID
	arrived     time.Time // when the file did
}

// Process looks at one attempt and takes it as far as it goes. Nil means that
// the message is done with, whatever became of the upload; after an error the
// same message must come again. It may be called with the same object any
// number of times, and concurrently.
func (s *Service) Process(ctx context.Context, ref ObjectRef) error {
	id, upload, ok := integration.ParseObjectKey(ref.Key)
	if !ok {
		return s.remove(ctx, ref, "forged")
	}
	l := look{ref: ref, integration: id, upload: upload}
	it, u, err := s.load(ctx, l)
	ctx = correlation.With(ctx, u.Correlation)
	switch {
	case errors.Is(err, integration.ErrNotFound):
		return s.remove(ctx, ref, "unknown")
	case err != nil:
		return err
	case judged(u, ref.ETag):
		return s.remove(ctx, ref, "judged")
	case onItsWay(u, ref.ETag, s.Now()):
		return nil
	}
	obj, err := s.read(ctx, ref)
	if gone(err) {
		return s.missed(ctx, l, u, err)
	}
	if err != nil {
		return fmt.Errorf("reading upload: %w", err)
	}
	l.arrived = obj.At
	return s.finish(ctx, l, s.examine(ctx, it, u, obj))
}

// finish acts on a verdict.
func (s *Service) finish(ctx context.Context, l look, v verdict) error {
	var err error
	switch v.state {
	case integration.UploadWaiting:
		return s.wait(ctx, l, v)
	case integration.UploadAccepted:
		err = s.accept(ctx, l, v)
	default:
		err = s.refuse(ctx, l, v)
	}
	switch {
	case errors.Is(err, errTrashed):
		v.state, v.diagnosis, v.from, v.delay = integration.UploadWaiting, string(integration.VaultDown), s.Now(), newKeyDelay
		return s.wait(ctx, l, v)
	case errors.Is(err, errSuperseded):
		return nil // the other file has a message of its own
	case err != nil:
		return err
	}
	return s.remove(ctx, l.ref, string(v.state))
}

// load reads the integration and the upload.
func (s *Service) load(ctx context.Context, l look) (integration.Integration, integration.Upload, error) {
	u, err := s.Store.Upload(ctx, l.integration, l.upload)
	if err != nil {
		return integration.Integration{}, u, fmt.Errorf("loading upload: %w", err)
	}
	it, err := s.Store.Integration(ctx, l.integration)
	if err != nil {
		return it, u, fmt.Errorf("loading integration: %w", err)
	}
	return it, u, nil
}

// read gets the file, unless it is so large that no form of ours let it in.
func (s *Service) read(ctx context.Context, ref ObjectRef) (integration.Object, error) {
	if ref.Size > maxFile {
		return integration.Object{Key: ref.Key, ETag: ref.ETag, Size: ref.Size}, nil
	}
	return s.Objects.Read(ctx, ref.Key, ref.ETag)
}

// gone tells whether the object is not there any more, or another one is: then
// the attempt was ended by somebody else, or replaced.
func gone(err error) bool {
	return errors.Is(err, integration.ErrNotFound) || errors.Is(err, integration.ErrChanged)
}

// missed ends an attempt that waits although its file is not there any more:
// another one took its place and was refused before the first was noted as
// waiting. Whoever was told to wait gets that refusal, or is asked for the file
// again. While the other file is still there, its verdict is to come.
func (s *Service) missed(ctx context.Context, l look, u integration.Upload, why error) error {
	a, ok := waitsFor(u)
	switch {
	case !ok || a.ETag != l.ref.ETag:
		return nil
	case errors.Is(why, integration.ErrChanged):
		if err := s.Queue.Send(ctx, again(s.Bucket, l.ref, correlation.ID(ctx)), newKeyDelay); err != nil {
			return fmt.Errorf("queueing another look: %w", err)
		}
		return nil
	}
	v := verdict{state: integration.UploadExpired, diagnosis: a.Diagnosis}
	for _, other := range u.Attempts {
		if other.ETag != a.ETag && other.State == integration.UploadRefused {
			v = refused(other.Diagnosis, other.Missing...)
			v.team = other.Team
		}
	}
	return s.refuse(ctx, l, v)
}

// remove deletes the object that the message was about. Another one under the
// same key has its own message.
func (s *Service) remove(ctx context.Context, ref ObjectRef, why string) error {
	if err := s.Objects.Delete(ctx, ref.Key, ref.ETag); err != nil && !gone(err) {
		return fmt.Errorf("deleting upload: %w", err)
	}
	id, upload, _ := integration.ParseObjectKey(ref.Key) // both empty for a forged key, which is not to be logged
	s.Logger.InfoContext(ctx, "upload removed", "integration", id, "upload", upload, "because", why)
	return nil
}

// examine finds the verdict. It changes nothing.
func (s *Service) examine(ctx context.Context, it integration.Integration, u integration.Upload, obj integration.Object) verdict {
	if void(it, u) {
		return refused(integration.RefusedLinkVoid)
	}
	if obj.Size > maxFile {
		return refused(string(keyfile.TooLarge))
	}
	name, err := keyfile.FromFilename(obj.Filename)
	if err != nil {
		return refused(diagnosis(err))
	}
	key, err := keyfile.Parse(obj.Data)
	if err != nil {
		return refused(diagnosis(err))
	}
	if name.KeyID != "" && name.KeyID != u.KeyID {
		return s.askBoth(ctx, it, u, obj.ETag, key, name.KeyID)
	}
	return s.ask(ctx, it, u, obj.ETag, key)
}

// askBoth asks about a file whose name has another key ID than was typed: with
// the one that was typed, since people rename files, then with the one in the
// name, since people mistype. If Apple accepts neither, waiting is of no use
// before the two agree.
func (s *Service) askBoth(ctx context.Context, it integration.Integration, u integration.Upload, etag string, key keyfile.PrivateKey, named string) verdict {
	open := func(v verdict) bool {
		return v.state != integration.UploadAccepted && unsettled(integration.Reason(v.diagnosis))
	}
	v := s.ask(ctx, it, u, etag, key)
	if !open(v) {
		return v
	}
	u.KeyID = named
	if v = s.ask(ctx, it, u, etag, key); !open(v) {
		return v
	}
	return refused(integration.RefusedName)
}

// diagnosis is the code of an error of keyfile's.
func diagnosis(err error) string {
	var e *keyfile.Error
	if errors.As(err, &e) {
		return string(e.Diagnosis)
	}
	return string(keyfile.Unknown)
}

// ask asks Apple about the key as it was handed over; and when Apple does not
// accept it so, as what else it might be: at the first refusal, because a
// person waits, and before the last word.
func (s *Service) ask(ctx context.Context, it integration.Integration, u integration.Upload, etag string, key keyfile.PrivateKey) verdict {
	ctx, cancel := s.inTime(ctx)
	defer cancel()
	creds := appstoreconnect.Credentials{KeyID: u.KeyID, IssuerID: u.IssuerID, Kind: integration.TeamKey, Program: integration.Standard, Key: key}
	if u.IssuerID == "" {
		creds.Kind = integration.IndividualKey
	}
	v, o := s.check(ctx, it, u, creds)
	if v.state != integration.UploadWaiting {
		return v
	}
	v = patience(v, u, etag, o.RetryIn, s.Now())
	unknown := unsettled(integration.Reason(v.diagnosis)) || v.diagnosis == string(integration.ForbiddenAtAll)
	if !unknown || (v.tries > 0 && v.state == integration.UploadWaiting) {
		return v
	}
	return s.identify(ctx, it, u, creds, v)
}

// check asks Apple once, and twice where apps are missing: that is not
// believed of one answer.
func (s *Service) check(ctx context.Context, it integration.Integration, u integration.Upload, creds appstoreconnect.Credentials) (verdict, integration.Outcome) {
	plan := appstoreconnect.Plan{Level: it.Access, Depth: appstoreconnect.Full, FreshToken: true, Apps: it.WantedApps()}
	o := s.Apple.Check(ctx, creds, plan)
	v := judge(it, u, creds, o)
	if v.diagnosis == integration.RefusedOtherApps || v.diagnosis == integration.RefusedUnexpected {
		o = s.Apple.Check(ctx, creds, plan)
		v = judge(it, u, creds, o)
	}
	v.key, v.creds = creds.Key, creds
	return v, o
}

// identify finds out as what else Apple accepts the key. Where that says
// nothing for certain, the verdict stands as it is.
func (s *Service) identify(ctx context.Context, it integration.Integration, u integration.Upload, creds appstoreconnect.Credentials, v verdict) verdict {
	found, o := s.Apple.Identify(ctx, creds)
	switch {
	case o.Verdict != integration.Rejected || unsettled(o.Reason):
		return v
	case o.Reason == integration.WrongKeyKind && found.Kind == integration.IndividualKey && it.Access.AllowIndividual:
		found.IssuerID = ""
		if w, _ := s.check(ctx, it, u, found); w.state != integration.UploadWaiting {
			return w
		}
		return v
	}
	return refused(string(o.Reason))
}
