package asctest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An apiError is an error as Apple words it.
type apiError struct {
	status int
	code   string
	title  string
	detail string
	// Where the mistake is: a JSON pointer into the body, or a query parameter.
	pointer, parameter string
}

func (e *apiError) Error() string { return e.code }

// body is the error object of the document.
func (e *apiError) body(id string) []byte {
	item := map[string]any{
		"id": id, "status": strconv.Itoa(e.status), "code": e.code, "title": e.title, "detail": e.detail,
	}
	if e.pointer != "" {
		item["source"] = map[string]string{"pointer": e.pointer}
	}
	if e.parameter != "" {
		item["source"] = map[string]string{"parameter": e.parameter}
	}
	b, err := json.MarshalIndent(map[string]any{"errors": []any{item}}, "", "  ")
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	return b
}

func errNotAuthorized() *apiError {
	return &apiError{status: 401, code: "NOT_AUTHORIZED",
		title: "Authentication credentials are missing or invalid.",
		detail: "Provide a properly configured and signed bearer token, and make sure that it has not expired. " +
			"Learn more about Generating Tokens for API Requests https://developer.apple.com/go/?id=api-generating-tokens"}
}

const forbiddenTitle = "This request is forbidden for security reasons"

func errForbidden() *apiError {
	return &apiError{status: 403, code: "FORBIDDEN_ERROR", title: forbiddenTitle,
		detail: "The API key in use does not allow this request"}
}

func errOperation(resource, operation, allowed string) *apiError {
	return &apiError{status: 403, code: "FORBIDDEN_ERROR", title: "The given operation is not allowed",
		detail: fmt.Sprintf("The resource '%s' does not allow '%s'. Allowed operations are: %s", resource, operation, allowed)}
}

// errMethod is recorded for a PATCH of /v1/bundleIdCapabilities [FIELD:
// cidertool/asc-go#11].
func errMethod() *apiError {
	return &apiError{status: 405, code: "METHOD_NOT_ALLOWED", title: "The request method is not valid for the resource path.",
		detail: "The request method used for this request is not valid for the resource path. Please consult the documentation."}
}

// blocked is what a team whose membership or agreements are not in order gets
// for every request, nil for others. As Apple's do, the details name the
// Account Holder.
func (t *team) blocked() *apiError {
	switch {
	case t.info.Membership == MembershipLapsed:
		return &apiError{status: 403, code: "FORBIDDEN_ERROR", title: forbiddenTitle, detail: fmt.Sprintf(
			"Team %s (%s) is not associated with an active membership. The Account Holder, %s, must renew it.",
			t.info.Name, t.info.TeamID, t.accountHolder())}
	case t.info.Agreement == AgreementExpired:
		return &apiError{status: 403, code: "FORBIDDEN.REQUIRED_AGREEMENTS_MISSING_OR_EXPIRED",
			title: "A required agreement is missing or has expired.", detail: fmt.Sprintf(
				"This request requires an in-effect agreement that has not been signed or has expired. "+
					"The Account Holder, %s, must sign it.", t.accountHolder())}
	case t.info.Agreement == AgreementNewLicense:
		return &apiError{status: 403, code: "FORBIDDEN_ERROR.PLA_NOT_ACCEPTED", title: forbiddenTitle, detail: fmt.Sprintf(
			"You currently don't have access to this membership resource. To resolve this issue, the Account Holder, %s, "+
				"must agree to the latest Program License Agreement in the developer account.", t.accountHolder())}
	case t.info.Agreement == AgreementNewOld:
		return &apiError{status: 403, code: "FORBIDDEN", title: "Access Unavailable", detail: fmt.Sprintf(
			"The Apple Developer Program License Agreement has been updated. The Account Holder, %s, must accept it "+
				"before the membership can be used.", t.accountHolder())}
	}
	return nil
}

func errRateLimit() *apiError {
	return &apiError{status: 429, code: "RATE_LIMIT_EXCEEDED", title: "The request rate limit has been reached.",
		detail: "We've received too many requests for this API. Please wait and try again or slow down your request rate."}
}

func errPath() *apiError {
	return &apiError{status: 404, code: "NOT_FOUND", title: "The specified resource does not exist",
		detail: "The path provided does not match a defined resource type."}
}

func errNotFound(r ref) *apiError {
	return &apiError{status: 404, code: "NOT_FOUND", title: "The specified resource does not exist",
		detail: fmt.Sprintf("There is no resource of type '%s' with id '%s'", r.kind, r.id)}
}

func errIllegal(name string) *apiError {
	return &apiError{status: 400, code: "PARAMETER_ERROR.ILLEGAL", title: "A parameter is not allowed", parameter: name,
		detail: fmt.Sprintf("The parameter '%s' can not be used with this request", name)}
}

func errInvalidParam(name, value string) *apiError {
	return &apiError{status: 400, code: "PARAMETER_ERROR.INVALID", title: "A parameter has an invalid value", parameter: name,
		detail: fmt.Sprintf("'%s' is not a valid value for the parameter '%s'", value, name)}
}

// errInvalidFilter lists the values that there are, without those that are
// refused [FIELD: codemagic-ci-cd/cli-tools#467].
func errInvalidFilter(name, value string, all, refused []string) *apiError {
	e := errInvalidParam(name, value)
	expected := slices.DeleteFunc(slices.Clone(all), func(v string) bool { return oneOf(v, refused) })
	e.detail = fmt.Sprintf("'%s' is not a valid filter value. Expected one of: %s", value, strings.Join(expected, ", "))
	return e
}

func errMissingParam(name string) *apiError {
	return &apiError{status: 400, code: "PARAMETER_ERROR.REQUIRED", title: "A required parameter is missing", parameter: name,
		detail: fmt.Sprintf("The parameter '%s' is required but was not provided", name)}
}

func errTooLarge() *apiError {
	return &apiError{status: 413, code: "ENTITY_TOO_LARGE", title: "The request entity is too large",
		detail: "The request body is larger than this resource accepts"}
}

func errJSON() *apiError {
	return &apiError{status: 400, code: "ENTITY_INVALID", title: "JSON processing failed",
		detail: "The request body is not valid JSON"}
}

func errUnprocessable(at string) *apiError {
	return &apiError{status: 422, code: "ENTITY_UNPROCESSABLE", title: "The request entity is not a valid request document object",
		detail: fmt.Sprintf("Unexpected or invalid value at '%s'.", at)}
}

// errEntity is a mistake in a body, at a JSON pointer. suffix narrows
// ENTITY_ERROR and may be empty.
func errEntity(suffix, title, detail, pointer string) *apiError {
	return &apiError{status: 409, code: "ENTITY_ERROR" + suffix, title: title, detail: detail, pointer: pointer}
}

// errRefused is a mistake that only Apple's developer account sees: the answer
// has no source [FIELD].
func errRefused(detail string) *apiError {
	return errEntity("", "There is a problem with the request entity", detail, "")
}

func errAttribute(name, detail string) *apiError {
	return errEntity(".ATTRIBUTE.INVALID", "An attribute in the provided entity has invalid value", detail,
		"/data/attributes/"+name)
}
