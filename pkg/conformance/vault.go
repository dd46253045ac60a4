package conformance

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"testing"

	"keyward/pkg/integration"
	"keyward/pkg/keyfile"
)

// NewKey makes a private key as Apple issues them.
func NewKey(t testing.TB) keyfile.PrivateKey {
	t.Helper()
	raw, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	k, err := keyfile.Parse(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// RunVault holds a vault to its contract. Open gives an empty one with each
// call.
func RunVault(t *testing.T, open func(t *testing.T) Vault) {
	for _, tests := range []map[string]func(*testing.T, Vault){vaultTests(), vaultEndTests()} {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	}
}

// vaultName is where a suite's key goes.
func vaultName() (integration.ID, integration.UploadID) {
	return integration.NewID(rand.Reader), integration.NewUploadID(rand.Reader)
}

func vaultTests() map[string]func(*testing.T, Vault) {
	return map[string]func(*testing.T, Vault){
		"a key comes back": func(t *testing.T, v Vault) {
			id, u := vaultName()
			k := NewKey(t)
			mustDo(t, v.Put(t.Context(), id, u, k))
			if !must(v.Get(t.Context(), id, u))(t).Equal(k) {
				t.Error("another key came back")
			}
		},
		"what was never put is not found": func(t *testing.T, v Vault) {
			id, u := vaultName()
			_, err := v.Get(t.Context(), id, u)
			wantError(t, "Get", err, integration.ErrNotFound)
		},
		"the same again changes nothing": func(t *testing.T, v Vault) {
			id, u := vaultName()
			k := NewKey(t)
			mustDo(t, v.Put(t.Context(), id, u, k))
			mustDo(t, v.Put(t.Context(), id, u, k))
			if !must(v.Get(t.Context(), id, u))(t).Equal(k) {
				t.Error("another key came back")
			}
		},
		"another under the same name is a conflict": func(t *testing.T, v Vault) {
			id, u := vaultName()
			k := NewKey(t)
			mustDo(t, v.Put(t.Context(), id, u, k))
			wantError(t, "Put", v.Put(t.Context(), id, u, NewKey(t)), integration.ErrConflict)
			if !must(v.Get(t.Context(), id, u))(t).Equal(k) {
				t.Error("the first key was replaced")
			}
		},
		"uploads and integrations are apart": func(t *testing.T, v Vault) {
			id, u := vaultName()
			other, second := vaultName()
			k := NewKey(t)
			mustDo(t, v.Put(t.Context(), id, u, k))
			_, err := v.Get(t.Context(), id, second)
			wantError(t, "Get of another upload", err, integration.ErrNotFound)
			_, err = v.Get(t.Context(), other, u)
			wantError(t, "Get of another integration", err, integration.ErrNotFound)
			mustDo(t, v.Delete(t.Context(), other, u))
			must(v.Get(t.Context(), id, u))(t)
		},
	}
}

func vaultEndTests() map[string]func(*testing.T, Vault) {
	return map[string]func(*testing.T, Vault){
		"deleting is final, and no error twice": func(t *testing.T, v Vault) {
			id, u := vaultName()
			mustDo(t, v.Put(t.Context(), id, u, NewKey(t)))
			mustDo(t, v.Delete(t.Context(), id, u))
			mustDo(t, v.Delete(t.Context(), id, u))
			_, err := v.Get(t.Context(), id, u)
			wantError(t, "Get", err, integration.ErrNotFound)
		},
		"one of many keys wins": func(t *testing.T, v Vault) {
			id, u := vaultName()
			keys := make([]keyfile.PrivateKey, 10)
			for i := range keys {
				keys[i] = NewKey(t)
			}
			errs := race(len(keys), func(i int) error { return v.Put(t.Context(), id, u, keys[i]) })
			oneWins(t, errs, integration.ErrConflict)
			got := must(v.Get(t.Context(), id, u))(t)
			for i, err := range errs {
				if err == nil && !got.Equal(keys[i]) {
					t.Error("the winner's key is not the one that is there")
				}
			}
		},
		"many of one key all succeed": func(t *testing.T, v Vault) {
			id, u := vaultName()
			k := NewKey(t)
			mustDo(t, errors.Join(race(10, func(int) error { return v.Put(t.Context(), id, u, k) })...))
		},
		"cancelled calls end": func(t *testing.T, v Vault) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			id, u := vaultName()
			wantError(t, "Put", v.Put(ctx, id, u, NewKey(t)), context.Canceled)
			_, err := v.Get(t.Context(), id, u)
			wantError(t, "Get", err, integration.ErrNotFound)
		},
	}
}

// mustDo is for calls that have to succeed.
func mustDo(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
