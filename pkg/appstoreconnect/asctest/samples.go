package asctest

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"time"
)

// A SampleFile is a file that the page offers for download, to try what
// happens when a customer sends it.
type SampleFile struct {
	Name    string // as it is downloaded
	About   string // one sentence
	Content []byte
}

// Samples lists the sample files; keys are not among them, they are the
// teams'.
func (s *Server) Samples() []SampleFile {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.samples)
}

// IDs of the teams that SampleTeams adds.
const (
	SampleHealthy = "J7Q4M2X9KD" // everything in order
	SampleExpired = "B3N8R6W2LT" // an agreement has expired
	SampleLapsed  = "H9C5V4Z7PF" // the membership has lapsed
)

// SampleTeams adds three fictitious teams with keys, certificates and files to
// download, for a first tour. It may be called once.
func SampleTeams(s *Server) error {
	for _, t := range []Team{sampleHealthy(), sampleExpired(), sampleLapsed()} {
		s.AddTeam(t)
	}
	for _, step := range []func(*Server) error{addSampleKeys, addSampleCertificates, addSampleProfiles, addSampleFiles} {
		if err := step(s); err != nil {
			return fmt.Errorf("adding the sample teams: %w", err)
		}
	}
	s.changed()
	return nil
}

func sampleHealthy() Team {
	return Team{
		TeamID: SampleHealthy, Name: "Juniper Field Guides LLC", IssuerID: "5b2f0c1e-77aa-6d1c-e053-0824d011b3f4",
		Apps: []App{
			{ID: "6451100201", BundleID: "com.juniperguides.birds", Name: "Juniper Birds"},
			{ID: "6451100202", BundleID: "com.juniperguides.trees", Name: "Juniper Trees"},
		},
		Users: []User{
			{Username: "marta.lindqvist@juniperguides.example", FirstName: "Marta", LastName: "Lindqvist",
				Roles: []Role{AccountHolder, Admin}, Provisioning: true},
			{Username: "deniz.aydin@juniperguides.example", FirstName: "Deniz", LastName: "Aydin",
				Roles: []Role{AppManager}, Provisioning: true},
			{Username: "priya.raman@juniperguides.example", FirstName: "Priya", LastName: "Raman", Roles: []Role{Marketing}},
		},
		Invitations: []Invitation{{Email: "oskar.holm@juniperguides.example", FirstName: "Oskar", LastName: "Holm",
			Roles: []Role{Developer}}},
		Devices: []Device{
			{Name: "Marta's iPhone", UDID: "00008140-000A1C2E3F48801C", Model: "iPhone 16"},
			{Name: "Office iPad", UDID: "00008112-001D44A90E32A01E", Model: "iPad Air"},
		},
	}
}

func sampleExpired() Team {
	return Team{
		TeamID: SampleExpired, Name: "Bramble and Oat Bakery Ltd", IssuerID: "8c91d4aa-02be-4f70-e053-0a24d0114c9e",
		Agreement: AgreementExpired,
		Apps:      []App{{ID: "6449900317", BundleID: "com.brambleandoat.orders", Name: "Bramble & Oat"}},
		Users: []User{{Username: "callum.brodie@brambleandoat.example", FirstName: "Callum", LastName: "Brodie",
			Roles: []Role{AccountHolder, Admin}, Provisioning: true}},
	}
}

func sampleLapsed() Team {
	return Team{
		TeamID: SampleLapsed, Name: "Harbour Street Academy", IssuerID: "1f7740d2-5ce3-9b08-e053-5b8c7c11a4d1",
		Membership: MembershipLapsed,
		Apps:       []App{{ID: "6460021908", BundleID: "org.harbourstreet.learn", Name: "Harbour Learn"}},
		Users: []User{{Username: "aiko.tanabe@harbourstreet.example", FirstName: "Aiko", LastName: "Tanabe",
			Roles: []Role{AccountHolder, Admin}, Provisioning: true}},
	}
}

func addSampleKeys(s *Server) error {
	for _, k := range []struct {
		team, name string
		roles      []Role
	}{
		{SampleHealthy, "Build service (App Manager)", []Role{AppManager}},
		{SampleHealthy, "Full access (Admin)", []Role{Admin}},
		{SampleHealthy, "Uploads only (Developer)", []Role{Developer}},
		{SampleHealthy, "Reviews and reports (Customer Support, Sales)", []Role{CustomerSupport, Sales}},
		{SampleHealthy, "Low role (Customer Support)", []Role{CustomerSupport}},
		{SampleExpired, "Build service (Admin)", []Role{Admin}},
		{SampleLapsed, "Build service (App Manager)", []Role{AppManager}},
	} {
		made, err := s.NewKey(k.team, k.roles...)
		if err != nil {
			return err
		}
		if err := s.NameKey(made.KeyID, k.name); err != nil {
			return err
		}
	}
	purchase, err := s.NewSubscriptionKey(SampleHealthy)
	if err != nil {
		return err
	}
	if err := s.NameKey(purchase.KeyID, "In-App Purchase key"); err != nil {
		return err
	}
	individual, err := s.NewIndividualKey(SampleHealthy, "deniz.aydin@juniperguides.example")
	if err != nil {
		return err
	}
	return s.NameKey(individual.KeyID, "Individual key of Deniz Aydin")
}

func addSampleCertificates(s *Server) error {
	for _, c := range []struct {
		team, certType string
		days           int
	}{
		{SampleHealthy, "DISTRIBUTION", 240}, {SampleHealthy, "IOS_DISTRIBUTION", 45},
		{SampleHealthy, "DEVELOPMENT", 120}, {SampleExpired, "DISTRIBUTION", 80}, {SampleLapsed, "IOS_DISTRIBUTION", 12},
	} {
		if _, err := s.IssueCertificate(c.team, c.certType, nil, time.Duration(c.days)*24*time.Hour); err != nil {
			return err
		}
	}
	return nil
}

// addSampleProfiles gives each app of the healthy team a store profile.
func addSampleProfiles(s *Server) error {
	for _, a := range sampleHealthy().Apps {
		if err := s.IssueProfile(SampleHealthy, a.Name+" App Store", "IOS_APP_STORE", a.BundleID); err != nil {
			return err
		}
	}
	return nil
}

func addSampleFiles(s *Server) error {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	good := s.Keys(SampleHealthy)[0]
	name := func() string { return "AuthKey_" + s.randomID(10) + ".p8" } // as a customer's would be called
	rsaName, cutName := name(), name()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.samples = []SampleFile{
		{rsaName, "An RSA key: not what App Store Connect issues.",
			pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})},
		{cutName, "A good key, cut off in the middle.", good.PEM[:len(good.PEM)/2]},
	}
	return nil
}
