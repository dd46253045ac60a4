package sweep

import (
	"context"
	"errors"
	"fmt"

	"keyward/pkg/integration"
)

// An arrival tells intake of an object: an "Object Created" event in the shape
// in which EventBridge delivers S3's [AWS], with a source of our own.
type arrival struct {
	DetailType string `json:"detail-type"`
	Source     string `json:"source"`
	Detail     struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key  string `json:"key"`
			Size int64  `json:"size"`
			ETag string `json:"etag"`
		} `json:"object"`
	} `json:"detail"`
}

func (s *Service) arrivalOf(o integration.Object) arrival {
	a := arrival{DetailType: "Object Created", Source: "keyward.sweep"}
	a.Detail.Bucket.Name = s.Bucket
	a.Detail.Object.Key, a.Detail.Object.Size, a.Detail.Object.ETag = o.Key, o.Size, o.ETag
	return a
}

// objects queues what has stayed in the bucket: its event was lost, or intake
// crashed. Uploads that wait for Apple are among them; intake knows.
func (s *Service) objects(ctx context.Context, t *tally) error {
	list, err := s.Objects.List(ctx, s.Now().Add(-leftBehind), maxObjects)
	if err != nil {
		return fmt.Errorf("listing objects: %w", err)
	}
	var errs []error
	for _, o := range list {
		if err := s.Intake.Send(ctx, s.arrivalOf(o), 0); err != nil {
			errs = append(errs, fmt.Errorf("queueing an object: %w", err))
			continue
		}
		t.add(func(r *Result) { r.Objects++ })
	}
	return errors.Join(errs...)
}

// letters gives dead letters another chance, a few times each: an outage of
// ours is over some day, poison stays poison.
func (s *Service) letters(ctx context.Context, t *tally) error {
	if s.DeadLetters == nil {
		return nil
	}
	moved, stuck, err := s.DeadLetters.Redrive(ctx, maxLetters, maxRedrives)
	t.add(func(r *Result) { r.Redriven, r.Stuck = moved, stuck })
	if err != nil {
		return fmt.Errorf("redriving dead letters: %w", err)
	}
	return nil
}
