package portal

import (
	"html/template"
	"time"

	"keyward/pkg/wording"
)

// templateFuncs are what the templates need beside the fields of their data.
func templateFuncs() template.FuncMap {
	return template.FuncMap{
		"title":    func(p phase) string { return titles[p] },
		"utc":      func(t time.Time) string { return t.UTC().Format("15:04 UTC") },
		"day":      func(t time.Time) string { return t.UTC().Format("2 January 2006") },
		"unix":     func(t time.Time) int64 { return t.UnixMilli() },
		"list":     wording.List,
		"links":    wording.Links,
		"personal": func() string { return wording.LinkIsPersonal },
		"step":     func(now int) []step { return stepsAt(now) },
	}
}

// A step is one of the four that lead to a working key.
type step struct {
	Text     string
	Done, On bool
}

// stepsAt are the steps with those before now done.
func stepsAt(now int) []step {
	texts := []string{"Make the key", "Enter the IDs", "Upload the file", "We check it"}
	steps := make([]step, len(texts))
	for i, t := range texts {
		steps[i] = step{Text: t, Done: i < now, On: i == now}
	}
	return steps
}
