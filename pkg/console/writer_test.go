package console_test

import (
	"bytes"
	"sync"
)

// A lineWriter may be written to from several goroutines.
type lineWriter struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lineWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lineWriter) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
