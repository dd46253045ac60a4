package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"keyward/pkg/appstoreconnect"
	"keyward/pkg/appstoreconnect/asctest"
	"keyward/pkg/embedded"
	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
	"keyward/pkg/table"
)

// nameOf is the ID of the i-th integration.
func nameOf(i int) integration.ID { return integration.ID(fmt.Sprintf("int_%026d", i)) }

// seed makes an active integration of each of the simulator's keys, as the
// operator and intake do.
func seed(ctx context.Context, path string, apple *appleProcess) error {
	db, err := embedded.Open(embedded.Config{Path: path})
	if err != nil {
		return err
	}
	level, err := integration.LevelNamed(integration.Levels(), "publish")
	if err != nil {
		return errors.Join(err, db.Close())
	}
	good, err := firstLook(ctx, apple, level)
	if err != nil {
		return errors.Join(err, db.Close())
	}
	_, err = together(ctx, len(apple.Keys), inFlight, func(ctx context.Context, i int) error {
		return settleIn(ctx, db, nameOf(i), level, apple.Keys[i], good)
	})
	return errors.Join(err, db.Close())
}

// firstLook is what a full check finds. The keys are of one team and alike, so
// that one look does for all.
func firstLook(ctx context.Context, apple *appleProcess, level integration.AccessLevel) (integration.Outcome, error) {
	k := apple.Keys[0]
	secret, err := keyfile.Parse(k.PEM)
	if err != nil {
		return integration.Outcome{}, err
	}
	client := appstoreconnect.New(appstoreconnect.Config{BaseURL: apple.URL, HTTPClient: &http.Client{Transport: apple.transport()}})
	o := client.Check(ctx, appstoreconnect.Credentials{KeyID: k.KeyID, IssuerID: k.IssuerID, Key: secret},
		appstoreconnect.Plan{Level: level, Depth: appstoreconnect.Full})
	if o.Verdict != integration.OK {
		return o, fmt.Errorf("the simulator's key is %s: %s", o.Verdict, o.Reason)
	}
	return o, nil
}

func settleIn(ctx context.Context, db *embedded.DB, id integration.ID, level integration.AccessLevel, k asctest.Key, good integration.Outcome) error {
	now := time.Now()
	ch, err := integration.New(id, integration.Draft{
		Reference: "app-" + string(id), Label: "Juniper Field Guides, iOS app", Customer: "juniper", Access: level, By: "support",
	}, now)
	if err != nil {
		return err
	}
	secret, err := keyfile.Parse(k.PEM)
	if err != nil {
		return err
	}
	upload := integration.UploadID(strings.Replace(string(id), "int_", "upl_000000", 1))
	if err := errors.Join(db.Store().Commit(ctx, ch), db.Vault().Put(ctx, id, upload, secret)); err != nil {
		return err
	}
	return decide(ctx, db.Store(), id, integration.KeyAccepted{
		Key: integration.Key{
			Upload: upload, KeyID: k.KeyID, IssuerID: k.IssuerID,
			Kind: integration.TeamKey, Program: integration.Standard, Fingerprint: secret.Fingerprint(),
		},
		TeamID: k.TeamID, TeamName: "Juniper Field Guides LLC", Epoch: ch.Integration.After.LinkEpoch,
		Contact: "con_00000000000000000000000001", Outcome: good,
	})
}

// decide applies an event, as the services do.
func decide(ctx context.Context, s *table.Store, id integration.ID, ev integration.Event) error {
	return integration.Retry(ctx, func() error {
		it, err := s.Integration(ctx, id)
		if err != nil {
			return err
		}
		ch, err := integration.Decide(it, ev, time.Now())
		if err != nil || ch.Empty() {
			return err
		}
		return s.Commit(ctx, ch)
	})
}

// rowSize is the mean size of an integration in the file, which nobody must
// have open: what the floor has to commit.
func rowSize(path string) (int, error) {
	bolt, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return 0, err
	}
	defer bolt.Close()
	rows, size := 0, 0
	err = bolt.View(func(tx *bbolt.Tx) error {
		items := tx.Bucket([]byte("table"))
		if items == nil {
			return errors.New("the state file has no items")
		}
		return items.ForEach(func(k, v []byte) error {
			if name := string(k); strings.HasPrefix(name, "INT#") && strings.HasSuffix(name, "\x00META") {
				rows, size = rows+1, size+len(v)
			}
			return nil
		})
	})
	if err == nil && rows == 0 {
		err = errors.New("the state file has no integrations")
	}
	return size / max(rows, 1), err
}
