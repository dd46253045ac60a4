package awstest

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"keyward/pkg/embedded"
)

// A Proxy stands before moto and mends what would spoil tests; see the
// package comment.
type Proxy struct {
	*httptest.Server
	dynamo sync.Mutex
}

// NewProxy starts a proxy for the moto server at the URL, on a free port of
// 127.0.0.1. Close it.
func NewProxy(moto string) *Proxy {
	target, err := url.Parse(moto)
	if err != nil {
		panic("awstest: " + err.Error())
	}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // moto tells buckets and queues by it
		},
		Transport: &http.Transport{MaxIdleConnsPerHost: 128},
	}
	gate := &PostGate{Moto: moto, Secrets: secretOf, Now: time.Now}
	p := &Proxy{}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if embedded.IsForm(r) {
			gate.ServeHTTP(w, r)
			return
		}
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "DynamoDB") {
			p.dynamo.Lock()
			defer p.dynamo.Unlock()
		}
		forward.ServeHTTP(w, r)
	}))
	return p
}
