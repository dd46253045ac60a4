package local

import (
	"testing"

	"keyward/pkg/integration"
)

func TestTheVendorsUserIsAskedForWhereItIsNamed(t *testing.T) {
	u, err := integration.NewVendorUser("builds@vendor.example")
	if err != nil {
		t.Fatal(err)
	}
	for name, asked := range map[string]integration.VendorUser{"named": u, "not named": {}} {
		t.Run(name, func(t *testing.T) {
			cfg := serverConfig(t)
			cfg.Vendor.User = asked
			s, _ := mustRun(t, cfg)
			levels, err := client(t, s).AccessLevels(t.Context())
			if err != nil || len(levels) != 3 {
				t.Fatalf("%d levels, %v", len(levels), err)
			}
			for _, l := range levels {
				want := ""
				if asked.Asked() && l.Name != "insights" {
					want = u.Address
				}
				if got := l.User; want == "" && got != nil || want != "" && (got == nil || got.Address != want) {
					t.Errorf("level %s asks for %v, want %q", l.Name, got, want)
				}
			}
		})
	}
}
