package simulation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"time"

	"keyward/pkg/keyfile"
)

// A minted key is a key file that needs no time to be made.
type minted struct {
	pem         []byte
	fingerprint string
}

// mint makes n keys, always the same ones.
func mint(n int) ([]minted, error) {
	keys := make([]minted, n)
	for i := range keys {
		seed := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("keyward simulation"), uint64(i)))
		k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), seed[:])
		if err != nil {
			return nil, fmt.Errorf("making a key: %w", err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(k)
		if err != nil {
			return nil, fmt.Errorf("encoding a key: %w", err)
		}
		file := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
		parsed, err := keyfile.Parse(file)
		if err != nil {
			return nil, fmt.Errorf("reading a key: %w", err)
		}
		keys[i] = minted{pem: file, fingerprint: parsed.Fingerprint()}
	}
	return keys, nil
}

// newKey makes a key at Apple.
func (a *Apple) newKey(w *World, t *team) *appleKey {
	n := len(a.keys)
	m := w.rig.minted[n%len(w.rig.minted)]
	k := &appleKey{id: fmt.Sprintf("KEY%07d", n), team: t, fingerprint: m.fingerprint, pem: m.pem, works: w.now()}
	if w.chance(.2) {
		k.works = w.now().Add(w.between(0, 100*time.Second))
	}
	k.weak = w.chance(.05)
	a.keys[k.id] = k
	a.order = append(a.order, k)
	return k
}

// of are the team's keys, the oldest first.
func (a *Apple) of(t *team) []*appleKey {
	var all []*appleKey
	for _, k := range a.order {
		if k.team == t {
			all = append(all, k)
		}
	}
	return all
}

func (a *Apple) newest(t *team) *appleKey {
	all := a.of(t)
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// revoke is final.
func (a *Apple) revoke(w *World, k *appleKey) {
	k.revoked = w.now()
	w.tally.Injected["true event: key revoked"]++
	w.note("Apple", "key revoked", k.id)
	w.truth.keyRevoked(k)
}

func (a *Apple) mend(t *team, now time.Time) { t.agreement, t.member, t.changed = true, true, now }
