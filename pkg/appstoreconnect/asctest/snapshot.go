package asctest

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// snapshotVersion changes when an older snapshot can no longer be read.
const snapshotVersion = 1

// snapshot is all that outlives a restart. What is counted (requests, rate
// limits) does not; faults begin their dice anew.
type snapshot struct {
	Version   int
	Offset    time.Duration
	Teams     []teamRecord
	Keys      []keyRecord
	Authority *authorityRecord `json:",omitempty"`
	Faults    []Fault          `json:",omitempty"`
	Samples   []SampleFile     `json:",omitempty"`
}

type teamRecord struct {
	Team      Team
	Resources []resourceRecord
}

type resourceRecord struct {
	Type, ID   string
	Attributes map[string]any
	Relations  map[string][][2]string `json:",omitempty"`
}

type keyRecord struct {
	Key    Key    // with the private half, so that it stays downloadable
	Public []byte // DER
}

type authorityRecord struct{ Key, Certificate []byte } // PKCS#8 and DER

// Snapshot gives the state as JSON, private keys included: whoever stores it
// keeps it from others.
func (s *Server) Snapshot() ([]byte, error) {
	snap := snapshot{Version: snapshotVersion, Faults: s.Faults()}
	s.mu.RLock()
	snap.Offset, snap.Samples = s.offset, s.samples
	for _, id := range s.order {
		snap.Teams = append(snap.Teams, s.teams[id].record())
	}
	keys := make([]*key, 0, len(s.keys))
	for _, id := range sortedKeys(s.keys) {
		k := s.keys[id]
		snap.Keys = append(snap.Keys, keyRecord{Key: k.info.clone()})
		keys = append(keys, k)
	}
	s.mu.RUnlock()
	for i, k := range keys {
		der, err := x509.MarshalPKIXPublicKey(k.public)
		if err != nil {
			return nil, fmt.Errorf("asctest: storing a key: %w", err)
		}
		snap.Keys[i].Public = der
	}
	var err error
	if snap.Authority, err = s.ca.record(); err != nil {
		return nil, err
	}
	b, err := json.Marshal(snap)
	if err != nil {
		return nil, fmt.Errorf("asctest: storing the state: %w", err)
	}
	return b, nil
}

func (t *team) record() teamRecord {
	rec := teamRecord{Team: t.info}
	for _, kind := range sortedKeys(t.sets) {
		for _, r := range t.sets[kind].list {
			out := resourceRecord{Type: r.kind, ID: r.id, Attributes: r.attrs}
			for name, to := range r.rels {
				if out.Relations == nil {
					out.Relations = map[string][][2]string{}
				}
				for _, x := range to {
					out.Relations[name] = append(out.Relations[name], [2]string{x.kind, x.id})
				}
			}
			rec.Resources = append(rec.Resources, out)
		}
	}
	return rec
}

func (a *authority) record() (*authorityRecord, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.key == nil {
		return nil, nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(a.key)
	if err != nil {
		return nil, fmt.Errorf("asctest: storing the authority: %w", err)
	}
	return &authorityRecord{der, a.cert.Raw}, nil
}

// Restore puts a snapshot in the place of the present state. When it fails,
// nothing has changed.
func (s *Server) Restore(b []byte) error {
	var snap snapshot
	if err := json.Unmarshal(b, &snap); err != nil {
		return fmt.Errorf("asctest: reading a snapshot: %w", err)
	}
	if snap.Version != snapshotVersion {
		return fmt.Errorf("asctest: a snapshot of version %d, want %d", snap.Version, snapshotVersion)
	}
	keys, err := restoreKeys(snap.Keys)
	if err != nil {
		return err
	}
	if err := s.ca.restore(snap.Authority); err != nil {
		return err
	}
	s.faults.replace(snap.Faults)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset, s.samples, s.keys = snap.Offset, snap.Samples, keys
	s.teams, s.order = map[string]*team{}, nil
	for _, rec := range snap.Teams {
		s.teams[rec.Team.TeamID] = rec.restore()
		s.order = append(s.order, rec.Team.TeamID)
	}
	return nil
}

func restoreKeys(records []keyRecord) (map[string]*key, error) {
	keys := map[string]*key{}
	for _, rec := range records {
		pub, err := x509.ParsePKIXPublicKey(rec.Public)
		if err != nil {
			return nil, fmt.Errorf("asctest: reading a key of a snapshot: %w", err)
		}
		ec, ok := pub.(*ecdsa.PublicKey)
		if !ok {
			return nil, errNotP256
		}
		keys[rec.Key.KeyID] = &key{info: rec.Key, public: ec}
	}
	return keys, nil
}

func (rec teamRecord) restore() *team {
	t := &team{info: rec.Team, sets: map[string]*set{}}
	for _, r := range rec.Resources {
		rels := map[string][]ref{}
		for name, to := range r.Relations {
			for _, x := range to {
				rels[name] = append(rels[name], ref{x[0], x[1]})
			}
		}
		t.put(newResource(r.Type, r.ID, r.Attributes, rels))
	}
	return t
}

func (a *authority) restore(rec *authorityRecord) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if rec == nil {
		a.key, a.cert = nil, nil
		return nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(rec.Key)
	if err != nil {
		return fmt.Errorf("asctest: reading the authority of a snapshot: %w", err)
	}
	private, ok := parsed.(*rsa.PrivateKey)
	cert, certErr := x509.ParseCertificate(rec.Certificate)
	if !ok || certErr != nil {
		return errors.New("asctest: the authority of a snapshot is damaged")
	}
	a.key, a.cert = private, cert
	return nil
}

func (set *faultSet) replace(faults []Fault) {
	set.mu.Lock()
	defer set.mu.Unlock()
	set.items = nil
	for _, f := range faults {
		set.items = append(set.items, &activeFault{f, rand.New(rand.NewPCG(f.Seed, 0))})
	}
}
