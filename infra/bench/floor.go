package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"keyward/pkg/embedded"
	"keyward/pkg/keyfile"
)

// A floor does what no program can do without: sign, ask, commit. It decides
// nothing, reads nothing back and keeps its keys at hand.
type floor struct {
	db        *embedded.DB
	transport http.RoundTripper
	url       *url.URL
	keys      []floorKey
	value     []byte
}

type floorKey struct {
	private    *ecdsa.PrivateKey
	id, issuer string
	header     string // of its tokens, encoded
}

func newFloor(db *embedded.DB, apple *appleProcess, size int) (*floor, error) {
	u, err := url.Parse(apple.URL + "/v1/apps?fields%5Bapps%5D=bundleId&limit=1") // as in a quick check
	if err != nil {
		return nil, err
	}
	f := &floor{db: db, transport: apple.transport(), url: u, value: bytes.Repeat([]byte("v"), size)}
	for _, k := range apple.Keys {
		secret, err := keyfile.Parse(k.PEM)
		if err != nil {
			return nil, err
		}
		header := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"alg":"ES256","kid":%q,"typ":"JWT"}`, k.KeyID))
		f.keys = append(f.keys, floorKey{private: secret.Signer(), id: k.KeyID, issuer: k.IssuerID, header: header})
	}
	return f, nil
}

func (f *floor) side() side { return side{check: f.check} }

func (f *floor) check(ctx context.Context, i int) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	token, err := f.keys[i].sign(time.Now())
	if err != nil {
		return err
	}
	if err := f.ask(ctx, token); err != nil {
		return err
	}
	return f.db.Keep(ctx, string(nameOf(i)), f.value)
}

func (k floorKey) sign(now time.Time) (string, error) {
	claims := fmt.Appendf(nil, `{"aud":"appstoreconnect-v1","exp":%d,"iat":%d,"iss":%q}`, now.Unix()+600, now.Unix()-60, k.issuer)
	signed := k.header + "." + base64.RawURLEncoding.EncodeToString(claims)
	digest := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, digest[:])
	if err != nil {
		return "", err
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature[:]), nil
}

func (f *floor) ask(ctx context.Context, token string) error {
	req := (&http.Request{Method: http.MethodGet, URL: f.url, Host: f.url.Host, Header: http.Header{
		"Authorization": {"Bearer " + token}, "Accept": {"application/json"}, "User-Agent": {"Keyward"},
	}}).WithContext(ctx)
	resp, err := f.transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the floor's request was answered %d", resp.StatusCode)
	}
	return nil
}
