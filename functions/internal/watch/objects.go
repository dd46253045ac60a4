package watch

import (
	"context"
	"errors"
	"slices"
	"time"

	"keyward/pkg/app"
	"keyward/pkg/integration"
)

const (
	afterVerdict   = 15 * time.Minute // no file may stay longer than this
	withoutVerdict = time.Hour        // a file that nobody has looked at
)

type objects struct {
	app.Objects
	w *Watch
}

// List notes the files that should not be there any more.
func (o objects) List(ctx context.Context, before time.Time, limit int) ([]integration.Object, error) {
	all, err := o.Objects.List(ctx, before, limit)
	now, left := o.w.cfg.Now(), 0
	for _, one := range all {
		if o.w.overdue(ctx, one, now) {
			left++
		}
	}
	o.w.mu.Lock()
	defer o.w.mu.Unlock()
	o.w.old, o.w.left = len(all), left
	return all, err
}

// overdue tells whether the file's verdict is a quarter of an hour old. Those
// that wait for Apple are not overdue; those of which nobody knows are.
func (w *Watch) overdue(ctx context.Context, o integration.Object, now time.Time) bool {
	id, upload, ok := integration.ParseObjectKey(o.Key)
	if !ok {
		return true
	}
	u, err := w.cfg.Store.Upload(ctx, id, upload)
	if errors.Is(err, integration.ErrNotFound) {
		return true
	}
	if err != nil {
		return false // it is looked at again in a minute
	}
	i := slices.IndexFunc(u.Attempts, func(a integration.Attempt) bool { return a.ETag == o.ETag })
	switch {
	case i < 0:
		return now.Sub(o.At) > withoutVerdict
	case u.Attempts[i].State == integration.UploadWaiting:
		return false
	}
	return now.Sub(u.Attempts[i].At) > afterVerdict
}
