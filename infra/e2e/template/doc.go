// Package template reads Keyward's CloudFormation templates, as AWS would, on
// a machine without AWS: a Translator lets SAM's own translator work on the
// text, Resolve works out parameters, conditions, rules and intrinsic
// functions, and a Stack holds what a deployment would make.
//
//	template.yaml ──Translator (transform.py)──▶ Document ──Resolve(parameters)──▶ Stack
//
// What only AWS can know, such as the ID of a key or the address of a function
// URL, is made up, always alike; Options.Values puts real ones in its place,
// which is how a harness gives functions their environment.
//
// Package iam judges by a Stack who may do what.
package template
