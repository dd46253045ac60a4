package pattern_test

import (
	"testing"

	"keyward/infra/template/pattern"
)

func TestMatch(t *testing.T) {
	const event = `{"source":"aws.s3","n":1,"list":["a","b"],"detail":{"object":{"key":"incoming/x","size":5}}}`
	for name, c := range map[string]struct {
		pattern string
		want    bool
	}{
		"exact":                         {`{"source":["aws.s3"]}`, true},
		"one of several":                {`{"source":["aws.ec2","aws.s3"]}`, true},
		"another":                       {`{"source":["aws.ec2"]}`, false},
		"number":                        {`{"n":[1]}`, true},
		"a number is no text":           {`{"n":["1"]}`, false},
		"prefix, deep":                  {`{"detail":{"object":{"key":[{"prefix":"incoming/"}]}}}`, true},
		"another prefix":                {`{"detail":{"object":{"key":[{"prefix":"outgoing/"}]}}}`, false},
		"suffix":                        {`{"detail":{"object":{"key":[{"suffix":"/x"}]}}}`, true},
		"any element of a list":         {`{"list":["b"]}`, true},
		"no element of a list":          {`{"list":["c"]}`, false},
		"exists":                        {`{"source":[{"exists":true}]}`, true},
		"is absent":                     {`{"missing":[{"exists":false}]}`, true},
		"of what is absent":             {`{"missing":{"deep":["x"]}}`, false},
		"anything but":                  {`{"source":[{"anything-but":["aws.ec2"]}]}`, true},
		"anything but this":             {`{"source":[{"anything-but":"aws.s3"}]}`, false},
		"without regard to case":        {`{"source":[{"equals-ignore-case":"AWS.S3"}]}`, true},
		"all fields must fit":           {`{"source":["aws.s3"],"n":[2]}`, false},
		"names are told apart by case":  {`{"Source":["aws.s3"]}`, false},
		"values are told apart by case": {`{"source":["AWS.S3"]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := pattern.Parse(c.pattern)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := p.Match([]byte(event)); err != nil || got != c.want {
				t.Errorf("matches: %v, %v", got, err)
			}
		})
	}
}

func TestUnknownPatternsAreRefused(t *testing.T) {
	for _, text := range []string{``, `[]`, `{}`, `{"a":"b"}`, `{"a":[]}`, `{"a":{}}`, `{"a":[{"wildcard":"x*"}]}`, `{"a":[{"prefx":"x"}]}`, `{"a":[["b"]]}`} {
		if _, err := pattern.Parse(text); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}
