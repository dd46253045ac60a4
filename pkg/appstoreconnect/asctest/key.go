package asctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"keyward/pkg/integration"
)

// A KeyKind is what kind of key it is.
type KeyKind = integration.KeyKind

// The kinds of keys that a person can download from App Store Connect.
const (
	TeamKey       = integration.TeamKey
	IndividualKey = integration.IndividualKey
	// SubscriptionKey is an In-App Purchase key: a genuine key of the same
	// shape, which this API never accepts.
	SubscriptionKey KeyKind = "subscription"
)

// A Key is an API key as its owner sees it.
type Key struct {
	KeyID     string
	TeamID    string
	IssuerID  string // empty for individual keys
	Program   Program
	Kind      KeyKind
	Name      string
	Roles     []Role // of an individual key: its user's at the time
	UserID    string // of an individual key
	FileName  string // as Apple names the download, such as AuthKey_2X9R4HXF34.p8
	PEM       []byte // PKCS#8; empty when the private half was never here
	CreatedAt time.Time
	RevokedAt time.Time // zero while the key is in force
}

// key is a Key with what verifying needs. info is guarded by Server.mu; public
// never changes, so that a verified signature stays verified.
type key struct {
	info   Key
	public *ecdsa.PublicKey
	window window
}

var keyIDShape = regexp.MustCompile(`^[A-Z0-9]{10}$`)

// NewKey makes a team key with the roles (default: Admin). It fails for an
// unknown team or a role that keys cannot have.
func (s *Server) NewKey(teamID string, roles ...Role) (Key, error) {
	if len(roles) == 0 {
		roles = []Role{Admin}
	}
	return s.generate(Key{TeamID: teamID, Kind: TeamKey, Roles: roles})
}

// NewIndividualKey makes a key of one user of the team, named by ID or
// username. It has that user's roles.
func (s *Server) NewIndividualKey(teamID, user string) (Key, error) {
	s.mu.RLock()
	var found *resource
	if tm := s.teams[teamID]; tm != nil {
		for _, u := range tm.all("users") {
			if u.id == user || u.text("username") == user {
				found = u
			}
		}
	}
	s.mu.RUnlock()
	if found == nil {
		return Key{}, errors.New("asctest: no such user in the team")
	}
	return s.generate(Key{TeamID: teamID, Kind: IndividualKey, UserID: found.id, Roles: rolesOf(found)})
}

// NewSubscriptionKey makes an In-App Purchase key. This API answers 401 to
// its tokens.
func (s *Server) NewSubscriptionKey(teamID string) (Key, error) {
	return s.generate(Key{TeamID: teamID, Kind: SubscriptionKey})
}

func (s *Server) generate(k Key) (Key, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return Key{}, fmt.Errorf("asctest: making a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return Key{}, fmt.Errorf("asctest: encoding a key: %w", err)
	}
	k.PEM = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	k.KeyID = s.randomID(10)
	return s.register(k, &private.PublicKey)
}

// AddKey registers a team key that was made elsewhere, such as by openssl, by
// its public half: PEM or DER of a public key, or of a private key, whose
// public half is taken and the rest forgotten. An existing key of the same ID
// is replaced. No roles means Admin.
func (s *Server) AddKey(teamID, keyID string, public []byte, roles ...Role) (Key, error) {
	if !keyIDShape.MatchString(keyID) {
		return Key{}, fmt.Errorf("asctest: %q is not ten of A–Z and 0–9", keyID)
	}
	pub, err := parsePublic(public)
	if err != nil {
		return Key{}, err
	}
	if len(roles) == 0 {
		roles = []Role{Admin}
	}
	return s.register(Key{TeamID: teamID, KeyID: keyID, Kind: TeamKey, Roles: roles}, pub)
}

var errNotP256 = errors.New("asctest: not a P-256 key")

func parsePublic(b []byte) (*ecdsa.PublicKey, error) {
	if block, _ := pem.Decode(b); block != nil {
		b = block.Bytes
	}
	var pub any
	if p, err := x509.ParsePKIXPublicKey(b); err == nil {
		pub = p
	} else if p, err := x509.ParsePKCS8PrivateKey(b); err == nil {
		if private, ok := p.(*ecdsa.PrivateKey); ok {
			pub = &private.PublicKey
		}
	} else if p, err := x509.ParseECPrivateKey(b); err == nil {
		pub = &p.PublicKey
	}
	if ec, ok := pub.(*ecdsa.PublicKey); ok && ec.Curve == elliptic.P256() {
		return ec, nil
	}
	return nil, errNotP256
}

// register completes the key and puts it into force.
func (s *Server) register(k Key, public *ecdsa.PublicKey) (Key, error) {
	for _, r := range k.Roles {
		if k.Kind == TeamKey && !oneOf(r, KeyRoles()) {
			return Key{}, fmt.Errorf("asctest: a key cannot have the role %q", r)
		}
	}
	k.CreatedAt = s.Now()
	k.FileName = "AuthKey_" + k.KeyID + ".p8"
	if k.Kind == SubscriptionKey {
		k.FileName = "SubscriptionKey_" + k.KeyID + ".p8"
	}
	s.mu.Lock()
	tm := s.teams[k.TeamID]
	if tm != nil {
		k.Program = tm.info.Program
		if k.Kind != IndividualKey {
			k.IssuerID = tm.info.IssuerID
		}
		s.keys[k.KeyID] = &key{info: k, public: public}
	}
	s.mu.Unlock()
	if tm == nil {
		return Key{}, fmt.Errorf("asctest: no team %q", k.TeamID)
	}
	s.changed()
	return k.clone(), nil
}

// Key finds a key by its ID.
func (s *Server) Key(keyID string) (Key, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	k := s.keys[keyID]
	if k == nil {
		return Key{}, false
	}
	return k.info.clone(), true
}

// Keys lists the keys of a team, oldest first.
func (s *Server) Keys(teamID string) []Key {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var keys []Key
	for _, k := range s.keys {
		if k.info.TeamID == teamID {
			keys = append(keys, k.info.clone())
		}
	}
	slices.SortFunc(keys, func(a, b Key) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return compareText(a.KeyID, b.KeyID)
	})
	return keys
}

// Revoke revokes a key, for good. A key revoked before stays as it is.
func (s *Server) Revoke(keyID string) error {
	now := s.Now()
	return s.changeKey(keyID, func(k *Key) {
		if k.RevokedAt.IsZero() {
			k.RevokedAt = now
		}
	})
}

// SetRoles changes a key's roles. At Apple nobody can; here it saves making
// another key.
func (s *Server) SetRoles(keyID string, roles ...Role) error {
	return s.changeKey(keyID, func(k *Key) { k.Roles = slices.Clone(roles) })
}

// NameKey gives a key the name that lists show.
func (s *Server) NameKey(keyID, name string) error {
	return s.changeKey(keyID, func(k *Key) { k.Name = name })
}

// current is the key as it is now: an individual key has the roles that its
// user has, and goes with its user. Its slices must not be written to.
func (s *Server) current(k *key) Key {
	s.mu.RLock()
	defer s.mu.RUnlock()
	info := k.info
	if info.Kind != IndividualKey || s.teams[info.TeamID] == nil {
		return info
	}
	if user := s.teams[info.TeamID].get(ref{"users", info.UserID}); user != nil {
		info.Roles = rolesOf(user)
	} else if info.RevokedAt.IsZero() {
		info.RevokedAt = info.CreatedAt
	}
	return info
}

func (s *Server) changeKey(keyID string, change func(*Key)) error {
	s.mu.Lock()
	k := s.keys[keyID]
	if k != nil {
		change(&k.info)
	}
	s.mu.Unlock()
	if k == nil {
		return fmt.Errorf("asctest: no key %q", keyID)
	}
	s.changed()
	return nil
}

func (k Key) clone() Key {
	k.Roles, k.PEM = slices.Clone(k.Roles), slices.Clone(k.PEM)
	return k
}
