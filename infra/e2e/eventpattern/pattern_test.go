package eventpattern

import "testing"

const pending = `{"eventName":"INSERT","dynamodb":{"Keys":{"PK":{"S":"INT#1"},"SK":{"S":"NTC#a"}},"NewImage":{"status":{"S":"pending"}}}}`

func TestMatch(t *testing.T) {
	tests := map[string]struct {
		pattern, event string
		want           bool
	}{
		"notice":                   {`{"eventName":["INSERT","MODIFY"],"dynamodb":{"Keys":{"SK":{"S":[{"prefix":"NTC#"}]}},"NewImage":{"status":{"S":["pending"]}}}}`, pending, true},
		"another event name":       {`{"eventName":["MODIFY"]}`, pending, false},
		"another prefix":           {`{"dynamodb":{"Keys":{"SK":{"S":[{"prefix":"EVT#"}]}}}}`, pending, false},
		"misspelt path":            {`{"dynamodb":{"NewImages":{"status":{"S":["pending"]}}}}`, pending, false},
		"object where leaf wanted": {`{"dynamodb":["x"]}`, pending, false},
		"array in the event":       {`{"resources":["b"]}`, `{"resources":["a","b"]}`, true},
		"no element":               {`{"resources":["c"]}`, `{"resources":["a","b"]}`, false},
		"objects in an array":      {`{"a":{"b":[1]}}`, `{"a":[{"b":2},{"b":1}]}`, true},
		"number":                   {`{"n":[1.0]}`, `{"n":1}`, true},
		"number is no text":        {`{"n":["1"]}`, `{"n":1}`, false},
		"null":                     {`{"n":[null]}`, `{"n":null}`, true},
		"absent":                   {`{"a":{"b":[null]}}`, `{"a":{}}`, false},
		"another case":             {`{"a":["AWS"]}`, `{"a":"aws"}`, false},
		"all fields count":         {`{"a":[1],"b":[2]}`, `{"a":1}`, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p, err := Parse([]byte(tt.pattern))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := p.Match([]byte(tt.event)); err != nil || got != tt.want {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}

func TestNotAPattern(t *testing.T) {
	for name, text := range map[string]string{
		"no JSON": `{`, "a list": `[]`, "empty": `{}`, "bare value": `{"a":"b"}`, "empty list": `{"a":[]}`, "empty inside": `{"a":{}}`, "list in a list": `{"a":[["b"]]}`, "suffix": `{"a":[{"suffix":"b"}]}`, "unknown operator": `{"a":[{"prefixx":"b"}]}`,
		"two operators": `{"a":[{"prefix":"b","suffix":"c"}]}`, "no text": `{"a":[{"prefix":1}]}`, "deep": `{"a":{"b":[{"wildcrd":"*"}]}}`, "or": `{"$or":[{"a":[1]},{"b":[2]}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse([]byte(text)); err == nil {
				t.Error("was read")
			}
		})
	}
}
