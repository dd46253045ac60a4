package boot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// clockAddress checks CLOCK_URL, by which tests set a function's time. Only an
// address of this machine is taken, written as such: whoever tells the time
// decides which links live and which tokens are valid.
func clockAddress(raw string) (*url.URL, error) {
	if raw == "" {
		return nil, nil
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, errors.New("CLOCK_URL is not a URL")
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if err != nil || !ip.IsLoopback() || u.Scheme != "http" || u.User != nil {
		return nil, errors.New("CLOCK_URL is refused: it is for tests, and must be http:// and a loopback address")
	}
	return u, nil
}

// clock is the wall clock, or, where there is a URL, whatever a GET of it
// says: a time as RFC 3339. It is asked each time anew, since a test's clock
// jumps. A clock that does not answer ends the process: there is no right time
// to go on with.
func clock(raw string) (func() time.Time, error) {
	u, err := clockAddress(raw)
	if err != nil || u == nil {
		return time.Now, err
	}
	client := &http.Client{
		Timeout:       5 * time.Second,
		Transport:     &http.Transport{MaxIdleConnsPerHost: 16}, // and no proxy
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func() time.Time {
		now, err := ask(client, u)
		if err != nil {
			panic("boot: " + err.Error())
		}
		return now
	}, nil
}

func ask(client *http.Client, u *url.URL) (time.Time, error) {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, u.String(), nil)
	if err != nil {
		return time.Time{}, fmt.Errorf("asking the clock: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return time.Time{}, fmt.Errorf("asking the clock: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 64))
	if err != nil || resp.StatusCode != http.StatusOK {
		return time.Time{}, fmt.Errorf("asking the clock: status %d: %w", resp.StatusCode, err)
	}
	now, err := time.Parse(time.RFC3339Nano, strings.TrimSpace(string(text)))
	if err != nil {
		return time.Time{}, errors.New("asking the clock: the answer is not a time in RFC 3339")
	}
	return now.UTC(), nil
}
