package pages

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed assets
var baseFiles embed.FS

// AssetPrefix is where an Assets handler must be mounted.
const AssetPrefix = "/assets/"

// Base holds base.css, the stylesheet that all pages share, and icon.svg.
func Base() fs.FS {
	sub, err := fs.Sub(baseFiles, "assets")
	if err != nil {
		panic("pages: no assets embedded: " + err.Error()) // cannot happen
	}
	return sub
}

// Assets serves static files under names that carry a hash of the contents,
// so that browsers may keep them for good. It is an http.Handler for
// AssetPrefix. Do not Add while it serves.
type Assets struct {
	byName map[string]string // base.css → /assets/base.0123456789ab.css
	byPath map[string]asset
}

type asset struct {
	contentType string
	data        []byte
}

// NewAssets takes the files of all file systems; of two with the same name,
// the later one counts.
func NewAssets(systems ...fs.FS) (*Assets, error) {
	a := &Assets{byName: map[string]string{}, byPath: map[string]asset{}}
	for _, fsys := range systems {
		err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(fsys, name)
			if err != nil {
				return err
			}
			return a.Add(name, data)
		})
		if err != nil {
			return nil, fmt.Errorf("reading assets: %w", err)
		}
	}
	return a, nil
}

// Add puts in one more file. Its type goes by the name's ending, which must
// be known.
func (a *Assets) Add(name string, data []byte) error {
	contentType, ok := assetTypes[path.Ext(name)]
	if !ok {
		return fmt.Errorf("asset %q: unknown kind of file", name)
	}
	sum := sha256.Sum256(data)
	ext := path.Ext(name)
	p := AssetPrefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	a.byName[name] = p
	a.byPath[p] = asset{contentType: contentType, data: data}
	return nil
}

// assetTypes is our own list: mime.TypeByExtension depends on the machine.
var assetTypes = map[string]string{
	".css":  mime.FormatMediaType("text/css", map[string]string{"charset": "utf-8"}),
	".js":   mime.FormatMediaType("text/javascript", map[string]string{"charset": "utf-8"}),
	".svg":  "image/svg+xml",
	".png":  "image/png",
	".jpg":  "image/jpeg",
	".webp": "image/webp",
}

// Path is where the asset is served, or "" when there is none of that name.
func (a *Assets) Path(name string) string { return a.byName[name] }

// ServeHTTP serves the files at their hashed paths; other paths are 404.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := a.byPath[r.URL.Path]
	if !ok {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", file.contentType)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.data))
}
