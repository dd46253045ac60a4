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
		"exists":                   {`{"n":[{"exists":true}]}`, `{"n":0}`, true},
		"does not exist":           {`{"n":[{"exists":false}]}`, `{"m":0}`, true},
		"deep and absent":          {`{"a":{"n":[{"exists":false}]}}`, `{"m":0}`, true},
		"exists after all":         {`{"n":[{"exists":false}]}`, `{"n":0}`, false},
		"anything but":             {`{"s":[{"anything-but":["a","b"]}]}`, `{"s":"c"}`, true},
		"but it is":                {`{"s":[{"anything-but":["a","b"]}]}`, `{"s":"b"}`, false},
		"anything but needs one":   {`{"s":[{"anything-but":"a"}]}`, `{}`, false},
		"anything but a prefix":    {`{"s":[{"anything-but":{"prefix":"a"}}]}`, `{"s":"ab"}`, false},
		"suffix":                   {`{"s":[{"suffix":".p8"}]}`, `{"s":"k.p8"}`, true},
		"ignoring case":            {`{"s":[{"equals-ignore-case":"aB"}]}`, `{"s":"Ab"}`, true},
		"numeric":                  {`{"n":[{"numeric":[">",0,"<=",5]}]}`, `{"n":5}`, true},
		"numeric, outside":         {`{"n":[{"numeric":[">",0,"<=",5]}]}`, `{"n":6}`, false},
		"or":                       {`{"$or":[{"a":[1]},{"b":[2]}]}`, `{"b":2}`, true},
		"neither":                  {`{"$or":[{"a":[1]},{"b":[2]}]}`, `{"b":1}`, false},
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
		"no JSON": `{`, "a list": `[]`, "empty": `{}`, "bare value": `{"a":"b"}`, "empty list": `{"a":[]}`, "unknown operator": `{"a":[{"prefixx":"b"}]}`,
		"two operators": `{"a":[{"prefix":"b","suffix":"c"}]}`, "no text": `{"a":[{"prefix":1}]}`, "half a comparison": `{"a":[{"numeric":[">"]}]}`,
		"odd operator": `{"a":[{"numeric":["!",1]}]}`, "deep": `{"a":{"b":[{"wildcrd":"*"}]}}`, "or of values": `{"$or":[1]}`,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse([]byte(text)); err == nil {
				t.Error("was read")
			}
		})
	}
}
