// Package iam judges who may do what, by the policies in a template.Stack.
//
// It follows AWS's policy evaluation logic for one account: an explicit Deny
// anywhere wins; else a role may what its own policies or the resource's
// policy allow. Keys are stricter: their policy must allow, either the caller
// or the account, and in the latter case the caller's own policies too.
// Services and strangers have no policies of their own, so that the resource's
// decide alone.
//
// Resource policies are those of buckets, queues, keys and topics, the
// permissions of functions, and the trust policies of roles.
//
// It understands the operators and forms that Keyward's templates use, and
// refuses policies with any other, rather than to judge them wrongly.
//
// Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy
// elements"; KMS developer guide, "Key policies".
package iam
