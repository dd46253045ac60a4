package intake

import (
	"encoding/json"
	"strings"
)

// An ObjectRef names one object of the upload bucket, as an event did.
type ObjectRef struct {
	Key  string
	ETag string // without quotes
	Size int64  // bytes; 0 when the event did not say
}

// A message is an "Object Created" event as EventBridge delivers S3's, as far
// as it is read [AWS]. Delayed messages, and those of the sweep for objects
// left behind, have the same shape and another source.
type message struct {
	DetailType string        `json:"detail-type"`
	Source     string        `json:"source"`
	Detail     messageDetail `json:"detail"`

	Correlation string `json:"correlation_id,omitempty"` // S3's events have none: then it is the upload's
}

type messageDetail struct {
	Bucket struct {
		Name string `json:"name"`
	} `json:"bucket"`
	Object struct {
		Key  string `json:"key"`
		Size int64  `json:"size"`
		ETag string `json:"etag"`
	} `json:"object"`
}

const (
	objectCreated = "Object Created"
	ownSource     = "keyward.intake"
)

// again is the message that brings the attempt back.
func again(bucket string, ref ObjectRef, correlationID string) message {
	m := message{DetailType: objectCreated, Source: ownSource, Correlation: correlationID}
	m.Detail.Bucket.Name = bucket
	m.Detail.Object.Key, m.Detail.Object.Size, m.Detail.Object.ETag = ref.Key, ref.Size, ref.ETag
	return m
}

// parseMessage reads a message's body; ok is false for what is no event about
// a new object, and the correlation ID empty where there is none. EventBridge gives keys as they are, not URL-encoded [AWS].
func parseMessage(body string) (ref ObjectRef, correlationID string, ok bool) {
	var m message
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		return ObjectRef{}, "", false
	}
	o := m.Detail.Object
	if m.DetailType != objectCreated || o.Key == "" || o.ETag == "" {
		return ObjectRef{}, "", false
	}
	return ObjectRef{Key: o.Key, ETag: strings.Trim(o.ETag, `"`), Size: o.Size}, m.Correlation, true
}
