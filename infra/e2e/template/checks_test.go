package template_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
)

// checks are what must hold of the templates beyond what cfn-lint knows.
var checks = map[string]func(*world) problems{
	"functions": checkFunctions, "urls": checkURLs, "table": checkTable, "bucket": checkBucket, "keys": checkKeys,
	"queues": checkQueues, "mappings": checkMappings, "stream": checkStream, "schedule": checkSchedule,
	"rules": checkRules, "mail": checkMail, "keeps": checkKeeps, "logs": checkLogs,
	"nested": checkNested, "domain": checkDomain, "alarms": checkAlarms, "metrics": checkMetrics,
	"queues that alert": checkQueueAlarms, "names": checkNames, "loops": checkLoops,
}

func TestTheTemplatesAreSound(t *testing.T) {
	w, err := build(mustTranslator(t), mustTexts(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		t.Run(name, func(t *testing.T) {
			for _, p := range checks[name](w) {
				t.Error(p)
			}
		})
	}
}

// found is what the checks say of these texts.
func found(tr translator, all texts) []string {
	w, err := build(tr, all)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		for _, p := range checks[name](w) {
			out = append(out, fmt.Sprintf("%s: %s", name, p))
		}
	}
	return out
}
