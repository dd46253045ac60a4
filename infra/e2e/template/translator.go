package template

import (
	"bufio"
	_ "embed" // for transform.py
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
)

// A Document is a template, as JSON.
type Document = map[string]any

// A Finding is what cfn-lint has to say.
type Finding struct {
	Rule    string `json:"rule"`
	Level   string `json:"level"` // error, warning or informational
	Message string `json:"message"`
	Path    string `json:"path"` // within the template; "transformed: …" within what SAM made of it
}

// A Translation is a template before and after SAM.
type Translation struct {
	Source   Document  `json:"source"`
	Template Document  `json:"template"`
	Lint     []Finding `json:"lint"`
	Error    string    `json:"error"`
}

//go:embed transform.py
var script string

// A Translator is a running transform.py. It is safe for concurrent use, one
// request at a time.
type Translator struct {
	mu    sync.Mutex
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	where string
}

// NewTranslator starts the Python that is named, which must have
// aws-sam-translator and cfn-lint; see infra/python. Close ends it.
func NewTranslator(python, region string) (*Translator, error) {
	cmd := exec.Command(python, "-c", script)
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the translator: %w", err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting the translator: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the translator: %w", err)
	}
	return &Translator{cmd: cmd, in: in, out: bufio.NewReader(out), where: region}, nil
}

// Close ends the Python.
func (t *Translator) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.in.Close()
	return t.cmd.Wait()
}

// Translate reads a template, and translates it where it is one of SAM's.
func (t *Translator) Translate(text string) (Translation, error) {
	return t.ask(map[string]any{"template": text, "region": t.where})
}

// Lint is Translate with cfn-lint's findings, on the text and on what SAM made
// of it. It takes seconds.
func (t *Translator) Lint(text string) (Translation, error) {
	return t.ask(map[string]any{"template": text, "region": t.where, "lint": true})
}

func (t *Translator) ask(request map[string]any) (Translation, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := json.NewEncoder(t.in).Encode(request); err != nil {
		return Translation{}, fmt.Errorf("asking the translator: %w", err)
	}
	line, err := t.out.ReadBytes('\n')
	if err != nil {
		return Translation{}, fmt.Errorf("asking the translator: %w", err)
	}
	var a Translation
	if err := json.Unmarshal(line, &a); err != nil {
		return Translation{}, fmt.Errorf("reading the translator's answer: %w", err)
	}
	if a.Error != "" {
		return a, errors.New("translating: " + a.Error)
	}
	return a, nil
}
