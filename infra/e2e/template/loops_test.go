package template_test

import (
	"maps"
	"slices"

	"keyward/infra/e2e/iam"
	"keyward/infra/e2e/template"
)

// checkLoops: Lambda ends a chain of events that comes through one function for
// about the sixteenth time, unless the function allows it. A function that can
// send to a queue that brings the message back to it, by way of others too,
// must allow it; no other may.
func checkLoops(w *world) problems {
	var p problems
	next, err := sendsTo(w.prod)
	if err != nil {
		p.addf("%v", err)
		return p
	}
	for _, f := range w.prod.OfType("AWS::Lambda::Function") {
		allowed := at(f, "RecursiveLoop") == "Allow"
		if loops := reaches(next, f.ID, f.ID, map[string]bool{}); loops != allowed {
			p.addf("%s: its messages come back to it is %v, and RecursiveLoop allows it is %v", f.ID, loops, allowed)
		}
	}
	return p
}

// sendsTo are the functions that read the queues that a function may send to.
func sendsTo(s *template.Stack) (map[string][]string, error) {
	a, err := iam.Read(s)
	if err != nil {
		return nil, err
	}
	readers := map[string]string{} // by the ARN of a queue
	for _, m := range s.OfType("AWS::Lambda::EventSourceMapping") {
		for _, f := range s.OfType("AWS::Lambda::Function") {
			if at(m, "FunctionName") == f.Ref {
				readers[str(at(m, "EventSourceArn"))] = f.ID
			}
		}
	}
	next := map[string][]string{}
	for _, f := range s.OfType("AWS::Lambda::Function") {
		for _, queue := range slices.Sorted(maps.Keys(readers)) {
			role := f.ID[:len(f.ID)-len("Function")] + "Role" // checkFunctions holds them to it
			if a.Evaluate(role, "sqs:SendMessage", queue, nil).Allowed {
				next[f.ID] = append(next[f.ID], readers[queue])
			}
		}
	}
	return next, nil
}

func reaches(next map[string][]string, from, to string, seen map[string]bool) bool {
	for _, f := range next[from] {
		if f == to {
			return true
		}
		if !seen[f] {
			seen[f] = true
			if reaches(next, f, to, seen) {
				return true
			}
		}
	}
	return false
}
