package notify

import "testing"

// BenchmarkNewRenderer is what a cold start pays.
func BenchmarkNewRenderer(b *testing.B) {
	for b.Loop() {
		if _, err := NewRenderer(Letterhead{Vendor: vendor, Support: "help@vendor.example"}); err != nil {
			b.Fatal(err)
		}
	}
}
