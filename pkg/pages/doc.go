// Package pages is what Keyward's web pages share: one stylesheet, one layout,
// assets under names that change with their contents, and the middleware that
// every page needs.
//
// # Use
//
//	assets, err := pages.NewAssets(pages.Base(), own)         // own: an embed.FS subtree
//	r, err := pages.NewRenderer(pages.RendererConfig{Assets: assets, Templates: templates})
//	mux.Handle("GET /assets/", assets)
//	h := pages.Chain(pages.Routes(mux, fail),
//		pages.RequestIDs(random), pages.Recover(log, fail), pages.Log(log, now), pages.Headers(https), pages.Bound(limits))
//
// Each file of Templates defines the template "content", which gets
// Page.Data; the layout puts header, footer and the head around it.
//
// # Safety
//
// Headers sets a content security policy without inline scripts or styles,
// and everything else that a page must say to be kept out of frames, caches,
// referrers and search engines. SameOrigin tells whether a POST came from a
// page of ours. A panic in a handler becomes a page with status 500: in
// Lambda it would end the process. The log names the route's pattern, never
// the path, because paths hold tokens.
package pages
