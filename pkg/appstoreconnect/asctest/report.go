package asctest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"slices"
)

// report answers sales and finance reports: tab-separated text under gzip. A
// vendor number that is not the team's is refused.
func (c *call) report(rt route, q query) (response, error) {
	team, _ := c.server.Team(c.key.TeamID)
	if !slices.Contains(q.filters["vendorNumber"], team.VendorNumber) {
		return response{}, errInvalidParam("filter[vendorNumber]", q.filters["vendorNumber"][0])
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprint(z, "Provider\tProvider Country\tSKU\tDeveloper\tTitle\tVersion\tUnits\n")
	for _, a := range team.Apps {
		fmt.Fprintf(z, "APPLE\tUS\t%s\t%s\t%s\t1.4.0\t7\n", a.SKU, team.Name, a.Name)
	}
	if err := z.Close(); err != nil {
		return response{}, err
	}
	return response{status: 200, contentType: "application/a-gzip", body: b.Bytes()}, nil
}
