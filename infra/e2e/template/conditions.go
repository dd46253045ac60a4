package template

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// takeParameters checks what is given as CloudFormation does before it begins.
func (r *resolver) takeParameters(declared map[string]any, given map[string]string) error {
	var errs []error
	for name := range given {
		if _, ok := declared[name]; !ok {
			errs = append(errs, fmt.Errorf("parameter %s: the template does not know it", name))
		}
	}
	for name, raw := range declared {
		p := object(raw)
		v, ok := given[name]
		if d, has := p["Default"]; !ok && has {
			v, ok = text(d), true
		}
		if !ok {
			errs = append(errs, fmt.Errorf("parameter %s: is missing", name))
			continue
		}
		r.parameters[name] = v
		if why := objection(p, v); why != "" {
			errs = append(errs, fmt.Errorf("parameter %s: %s", name, why))
		}
	}
	return errors.Join(errs...)
}

// objection is what the parameter's declaration has against the value.
func objection(p map[string]any, v string) string {
	says := func(why string) string {
		if c := str(p["ConstraintDescription"]); c != "" {
			return c
		}
		return why
	}
	if pattern := str(p["AllowedPattern"]); pattern != "" {
		re, err := regexp.Compile("^(?:" + pattern + ")$")
		if err != nil {
			return "AllowedPattern is none: " + err.Error()
		}
		if !re.MatchString(v) {
			return says("does not fit " + pattern)
		}
	}
	if allowed := list(p["AllowedValues"]); allowed != nil {
		for _, a := range allowed {
			if text(a) == v {
				return ""
			}
		}
		return says("is none of the allowed values")
	}
	if str(p["Type"]) == "Number" {
		n, err := strconv.ParseFloat(v, 64)
		least, hasLeast := p["MinValue"].(float64)
		most, hasMost := p["MaxValue"].(float64)
		if err != nil || hasLeast && n < least || hasMost && n > most {
			return says("is not a number in the range")
		}
	}
	return ""
}

// judge works out the conditions, which may refer to each other.
func (r *resolver) judge(declared map[string]any) error {
	for range len(declared) + 1 {
		for name, c := range declared {
			if holds, err := r.truth(c); err == nil {
				r.conditions[name] = holds
			}
		}
	}
	for name, c := range declared {
		if _, err := r.truth(c); err != nil {
			return fmt.Errorf("condition %s: %w", name, err)
		}
	}
	return nil
}

func (r *resolver) truth(c any) (bool, error) {
	name, arg, ok := function(object(c))
	if !ok {
		return false, errors.New("not a condition")
	}
	switch name {
	case "Condition":
		holds, known := r.conditions[str(arg)]
		if !known {
			return false, fmt.Errorf("no condition %q", str(arg))
		}
		return holds, nil
	case "Fn::Equals":
		v, err := r.value(arg)
		if l := list(v); err == nil && len(l) == 2 {
			return text(l[0]) == text(l[1]), nil
		}
		return false, errors.Join(err, errors.New("Fn::Equals takes two arguments"))
	case "Fn::Not", "Fn::And", "Fn::Or":
		return r.combined(name, list(arg))
	}
	return false, fmt.Errorf("%s is no condition", name)
}

func (r *resolver) combined(name string, args []any) (bool, error) {
	every, some := true, false
	for _, a := range args {
		holds, err := r.truth(a)
		if err != nil {
			return false, err
		}
		every, some = every && holds, some || holds
	}
	switch name {
	case "Fn::Not":
		return !some, nil
	case "Fn::And":
		return every, nil
	}
	return some, nil
}

// checkRules gives the description of every assertion that does not hold.
func (r *resolver) checkRules(rules map[string]any) error {
	var errs []error
	for name, raw := range rules {
		rule := object(raw)
		if c, ok := rule["RuleCondition"]; ok {
			applies, err := r.truth(c)
			if err != nil {
				return fmt.Errorf("rule %s: %w", name, err)
			}
			if !applies {
				continue
			}
		}
		for _, a := range list(rule["Assertions"]) {
			holds, err := r.truth(object(a)["Assert"])
			if err != nil {
				return fmt.Errorf("rule %s: %w", name, err)
			}
			if !holds {
				errs = append(errs, fmt.Errorf("rule %s: %s", name, str(object(a)["AssertDescription"])))
			}
		}
	}
	return errors.Join(errs...)
}
