package infra

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// fileNames are files of ours as comments name them: documents, sources,
// templates. What programs write or take at run time has other endings.
var fileNames = regexp.MustCompile(`[A-Za-z0-9_/-]+\.(?:md|go|ya?ml|tmpl)\b`)

// A comment that sends its reader to a file must not send them to one that is
// not there, or not any more.
func TestCommentsNameFilesThatExist(t *testing.T) {
	here, sources := map[string]bool{}, []string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && len(d.Name()) > 2 && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		here[d.Name()] = true
		switch filepath.Ext(path) {
		case ".go", ".yaml", ".toml", "":
			sources = append(sources, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) < 500 {
		t.Fatalf("only %d files were found", len(sources))
	}
	for _, path := range sources {
		content, err := os.ReadFile(path)
		if err != nil || bytes.IndexByte(content, 0) >= 0 { // a program that was built here
			continue
		}
		for number, line := range bytes.Split(content, []byte("\n")) {
			for _, name := range fileNames.FindAllString(comment(path, string(line)), -1) {
				if !here[filepath.Base(name)] {
					t.Errorf("%s:%d names %s, which is not in the repository", path, number+1, name)
				}
			}
		}
	}
}

// comment is the comment of a line, as far as it stands alone or after blanks;
// links lead elsewhere.
func comment(path, line string) string {
	mark := "# "
	if filepath.Ext(path) == ".go" {
		mark = "// "
	}
	before, text, found := strings.Cut(line, mark)
	if !found || strings.TrimSpace(before) != "" && !strings.HasSuffix(before, " ") || strings.Contains(text, "://") {
		return ""
	}
	return text
}
