package asctest

import "net/http"

// Admin is a page and a JSON API to control the simulator by hand.
func (s *Server) Admin() http.Handler { return http.NotFoundHandler() }
