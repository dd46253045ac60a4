package gate

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
)

// refuseDenied answers in the service's own shape for denied requests.
func refuseDenied(w http.ResponseWriter, service, who string, a Request) {
	text := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action",
		who, a.Action, a.Resource, a.Action)
	status, code := http.StatusForbidden, "AccessDeniedException"
	switch service {
	case "dynamodb", "secretsmanager":
		status = http.StatusBadRequest
	case "s3":
		code = "AccessDenied"
	}
	refuse(w, service, status, code, text)
}

// refuse answers with an error in the service's protocol: XML for S3, JSON
// with __type for DynamoDB, SQS and Secrets Manager, JSON with a header for
// SES.
func refuse(w http.ResponseWriter, service string, status int, code, text string) {
	if service == "s3" {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, xml.Header)
		_ = xml.NewEncoder(w).Encode(struct {
			XMLName       struct{} `xml:"Error"`
			Code, Message string
		}{Code: code, Message: text})
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.Header().Set("X-Amzn-Errortype", code)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": "com.amazon.coral.service#" + code, "message": text, "Message": text})
}
