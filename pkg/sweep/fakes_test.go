package sweep

import (
	"context"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/integration"
)

// letters is a dead-letter queue made of one function.
type letters func(limit, rounds int) (int, int, error)

func (l letters) Redrive(_ context.Context, limit, rounds int) (int, int, error) {
	return l(limit, rounds)
}

// A bucket notes what is deleted.
type bucket struct{ deleted []string }

func (b *bucket) Read(context.Context, string, string) (integration.Object, error) {
	return integration.Object{}, integration.ErrNotFound
}

func (b *bucket) Delete(_ context.Context, key, etag string) error {
	b.deleted = append(b.deleted, key+" "+etag)
	return nil
}

// noApple is not to be asked.
type noApple struct{}

func (noApple) Check(context.Context, appstoreconnect.Credentials, appstoreconnect.Plan) integration.Outcome {
	panic("nobody should ask")
}

func (noApple) Identify(context.Context, appstoreconnect.Credentials) (appstoreconnect.Credentials, integration.Outcome) {
	panic("nobody should ask")
}
