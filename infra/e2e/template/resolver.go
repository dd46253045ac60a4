package template

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A resolver knows what the functions of a template refer to.
type resolver struct {
	resources       map[string]any
	parameters      map[string]string
	conditions      map[string]bool
	values          map[string]string
	region, account string
}

// noValue is what AWS::NoValue leaves behind, until it is taken out.
type noValue struct{}

func newResolver(d Document, o Options) (*resolver, error) {
	r := &resolver{
		resources: object(d["Resources"]), parameters: map[string]string{}, conditions: map[string]bool{},
		values: o.Values, region: o.Region, account: o.Account,
	}
	if r.region == "" {
		r.region = "eu-central-1"
	}
	if r.account == "" {
		r.account = "123456789012"
	}
	if err := r.takeParameters(object(d["Parameters"]), o.Parameters); err != nil {
		return nil, err
	}
	if err := r.judge(object(d["Conditions"])); err != nil {
		return nil, err
	}
	return r, r.checkRules(object(d["Rules"]))
}

// wanted tells whether the resource is there and its condition holds.
func (r *resolver) wanted(id string) bool {
	raw, there := r.resources[id]
	c, conditional := object(raw)["Condition"].(string)
	return there && (!conditional || r.conditions[c])
}

// value replaces the functions in it.
func (r *resolver) value(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if name, arg, ok := function(v); ok {
			return r.call(name, arg)
		}
		out := map[string]any{}
		for k, e := range v {
			x, err := r.value(e)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", k, err)
			}
			if _, none := x.(noValue); !none {
				out[k] = x
			}
		}
		return out, nil
	case []any:
		out := []any{}
		for _, e := range v {
			x, err := r.value(e)
			if err != nil {
				return nil, err
			}
			if _, none := x.(noValue); !none {
				out = append(out, x)
			}
		}
		return out, nil
	}
	return v, nil
}

// function takes {"Fn::X": arg} apart.
func function(v map[string]any) (string, any, bool) {
	if len(v) != 1 {
		return "", nil, false
	}
	for k, arg := range v {
		if k == "Ref" || k == "Condition" && str(arg) != "" || strings.HasPrefix(k, "Fn::") {
			return k, arg, true
		}
	}
	return "", nil, false
}

func (r *resolver) call(name string, arg any) (any, error) {
	switch name {
	case "Ref":
		if str(arg) == "AWS::NoValue" {
			return noValue{}, nil
		}
		return r.ref(str(arg))
	case "Fn::GetAtt":
		return r.getAtt(arg)
	case "Fn::Sub":
		return r.sub(arg)
	case "Fn::If":
		return r.choose(list(arg))
	case "Condition", "Fn::Equals", "Fn::Not", "Fn::And", "Fn::Or":
		return r.truth(map[string]any{name: arg})
	}
	args, err := r.value(arg)
	if err != nil {
		return nil, err
	}
	return plain(name, list(args))
}

// plain are the functions that only look at their arguments.
func plain(name string, args []any) (any, error) {
	if len(args) != 2 {
		return nil, fmt.Errorf("%s takes two arguments", name)
	}
	switch name {
	case "Fn::Join":
		var parts []string
		for _, p := range list(args[1]) {
			parts = append(parts, text(p))
		}
		return strings.Join(parts, str(args[0])), nil
	case "Fn::Split":
		var parts []any
		for p := range strings.SplitSeq(text(args[1]), str(args[0])) {
			parts = append(parts, p)
		}
		return parts, nil
	case "Fn::Select":
		i, err := strconv.Atoi(text(args[0]))
		if from := list(args[1]); err == nil && i >= 0 && i < len(from) {
			return from[i], nil
		}
		return nil, errors.New("Fn::Select picks what is not there")
	}
	return nil, fmt.Errorf("%s is a function that this package does not know", name)
}

func (r *resolver) choose(args []any) (any, error) {
	if len(args) != 3 {
		return nil, errors.New("Fn::If takes three arguments")
	}
	holds, known := r.conditions[str(args[0])]
	switch {
	case !known:
		return nil, fmt.Errorf("no condition %q", str(args[0]))
	case holds:
		return r.value(args[1])
	}
	return r.value(args[2])
}

var placeholder = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

func (r *resolver) sub(arg any) (any, error) {
	format, own := str(arg), map[string]any{}
	if l := list(arg); len(l) == 2 {
		format, own = str(l[0]), object(l[1])
	}
	var errs []error
	out := placeholder.ReplaceAllStringFunc(format, func(p string) string {
		name := strings.TrimSuffix(strings.TrimPrefix(p, "${"), "}")
		v, err := r.named(name, own)
		errs = append(errs, err)
		return text(v)
	})
	return strings.ReplaceAll(out, "${!", "${"), errors.Join(errs...)
}

func (r *resolver) named(name string, own map[string]any) (any, error) {
	if v, ok := own[name]; ok {
		return r.value(v)
	}
	if strings.Contains(name, ".") {
		return r.getAtt(name)
	}
	return r.ref(name)
}

// text is a scalar as CloudFormation writes it.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}
