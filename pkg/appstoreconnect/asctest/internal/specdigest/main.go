// Command specdigest condenses Apple's OpenAPI document to the digest that
// the simulator is built with and tested against:
//
//	go run ./pkg/appstoreconnect/asctest/internal/specdigest openapi.json > \
//	    pkg/appstoreconnect/asctest/internal/digest/openapi-digest.json
//
// It keeps the operations of served.go and every schema that they reach.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"keyward/pkg/appstoreconnect/asctest/internal/digest"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "specdigest:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("want the path of openapi.json, got %d arguments", len(args))
	}
	raw, err := os.ReadFile(args[0])
	if err != nil {
		return fmt.Errorf("reading the document: %w", err)
	}
	var doc document
	if err := json.Unmarshal(raw, &doc); err != nil {
		return fmt.Errorf("parsing the document: %w", err)
	}
	d, err := condense(&doc)
	if err != nil {
		return err
	}
	return write(out, d)
}

// write puts one operation and one schema on a line, so that a change of
// Apple's shows up as a change of lines.
func write(out io.Writer, d *digest.Digest) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "{\"spec\": %q,\n\"operations\": {\n", d.Spec)
	if err := lines(w, d.Operations); err != nil {
		return err
	}
	fmt.Fprint(w, "},\n\"schemas\": {\n")
	if err := lines(w, d.Schemas); err != nil {
		return err
	}
	fmt.Fprint(w, "}}\n")
	return w.Flush()
}

func lines[T any](w io.Writer, m map[string]T) error {
	for i, name := range slices.Sorted(maps.Keys(m)) {
		b, err := json.Marshal(m[name])
		if err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		end := ","
		if i == len(m)-1 {
			end = ""
		}
		fmt.Fprintf(w, "%q: %s%s\n", name, b, end)
	}
	return nil
}
