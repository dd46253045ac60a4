package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"keyward/pkg/embedded"
)

// TestConsoleServesUntilInterrupted starts the pages as a person does, loads
// one, and stops them.
func TestConsoleServesUntilInterrupted(t *testing.T) {
	db, err := embedded.Open(embedded.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	api, err := startOperator(db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	printed, out := io.Pipe()
	code := make(chan int, 1)
	go func() {
		args := []string{"console", "--listen", "127.0.0.1:0", "--url", api.URL + "/api", "--token", "tok-support"}
		code <- run(ctx, args, streams{strings.NewReader(""), out, io.Discard})
	}()
	lines := bufio.NewReader(printed)
	line, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	page := load(t, ctx, strings.TrimSpace(strings.TrimPrefix(line, "The console is at ")))
	if !strings.Contains(page, "No integrations yet") {
		t.Errorf("got %q", page)
	}
	stop()
	if got := <-code; got != exitDone {
		t.Errorf("got exit code %d", got)
	}
}

func load(t *testing.T, ctx context.Context, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
