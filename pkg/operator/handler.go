package operator

import (
	"net/http"

	"github.com/aws/aws-lambda-go/lambdaurl"
)

// FunctionURLCaller is who signed a request to a function URL whose
// authorisation is AWS_IAM: requestContext.authorizer.iam.userArn, which AWS
// fills in after it has verified the signature. It is empty for requests that
// did not come that way.
func FunctionURLCaller(r *http.Request) string {
	ev, ok := lambdaurl.RequestFromContext(r.Context())
	if !ok || ev.RequestContext.Authorizer == nil || ev.RequestContext.Authorizer.IAM == nil {
		return ""
	}
	return ev.RequestContext.Authorizer.IAM.UserARN
}

// Handler answers the whole API.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	allowed := map[string][]string{}
	for _, rt := range s.routes() {
		mux.Handle(rt.method+" "+rt.path, s.endpoint(rt))
		allowed[rt.path] = append(allowed[rt.path], rt.method)
	}
	for path, methods := range allowed {
		mux.Handle(path, methodNotAllowed(methods))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		problem(http.StatusNotFound, CodeNotFound, "There is nothing here. All paths begin with /v1.").write(w, requestID(r))
	})
	return s.around(mux)
}
