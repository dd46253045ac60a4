package portal

import (
	"embed"
	"io/fs"
	"net/http"

	"keyward/pkg/pages"
)

//go:embed assets all:templates
var files embed.FS

// prepare reads assets and templates.
func (s *Service) prepare() error {
	own, err := fs.Sub(files, "assets")
	if err != nil {
		return err
	}
	templates, err := fs.Sub(files, "templates")
	if err != nil {
		return err
	}
	if s.assets, err = pages.NewAssets(pages.Base(), own); err != nil {
		return err
	}
	v := s.Vendor
	s.brand = pages.Brand{Name: v.Name, Support: v.SupportAddress, Help: v.SupportURL}
	if v.Logo != nil {
		s.brand.Logo = "logo." + v.Logo.Format
		if err := s.assets.Add(s.brand.Logo, v.Logo.Data); err != nil {
			return err
		}
	}
	s.render, err = pages.NewRenderer(pages.RendererConfig{
		Assets: s.assets, Templates: templates, Funcs: templateFuncs(), Log: s.Logger,
	})
	return err
}

// Handler serves the portal.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.home)
	mux.HandleFunc("GET /healthz", plainly("ok\n"))
	mux.HandleFunc("GET /robots.txt", plainly("User-agent: *\nDisallow: /\n"))
	mux.Handle("GET "+pages.AssetPrefix, s.assets)
	mux.HandleFunc("GET /l/{token}", s.showLink)
	mux.HandleFunc("POST /continue", s.sameOrigin(s.proceed))
	mux.HandleFunc("POST /link-request", s.sameOrigin(s.requestLink))
	mux.HandleFunc("GET /setup", s.withLink(s.showSetup))
	mux.HandleFunc("POST /setup", s.sameOrigin(s.withForm(s.takeSetup)))
	mux.HandleFunc("GET /uploads/{id}", s.withLink(s.showUpload))
	mux.HandleFunc("POST /uploads/{id}/renew", s.sameOrigin(s.withForm(s.renewUpload)))
	mux.HandleFunc("GET /uploads/{id}/status", s.showStatus)
	mux.HandleFunc("GET /uploads/{id}/status.json", s.sendStatus)
	mux.HandleFunc("POST /reauthorise", s.sameOrigin(s.withForm(s.reauthorise)))
	return pages.Chain(pages.Routes(mux, s.fail),
		pages.Headers(s.https), pages.RequestIDs(s.Random), pages.Recover(s.Logger, s.fail),
		pages.Log(s.Logger, s.Now), pages.Bound(pages.Limits{Body: maxBody, URI: maxURI}, s.fail))
}

// page answers with one of the portal's templates.
func (s *Service) page(w http.ResponseWriter, status int, name string, p pages.Page) {
	p.Brand = s.brand
	s.render.Render(w, status, name, p)
}

func (s *Service) home(w http.ResponseWriter, _ *http.Request) {
	s.page(w, http.StatusOK, "home", pages.Page{Title: "Secure key upload", Data: s.Vendor})
}

func plainly(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte(text))
	}
}

// sameOrigin refuses forms that were sent from somebody else's page.
func (s *Service) sameOrigin(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !pages.SameOrigin(r, s.origin(r)) {
			s.fail(w, r, http.StatusForbidden)
			return
		}
		if err := r.ParseForm(); err != nil {
			s.fail(w, r, parseStatus(err))
			return
		}
		next(w, r)
	}
}

func parseStatus(err error) int {
	switch {
	case pages.TooLarge(err):
		return http.StatusRequestEntityTooLarge
	case pages.Slow(err):
		return http.StatusRequestTimeout
	}
	return http.StatusBadRequest
}
