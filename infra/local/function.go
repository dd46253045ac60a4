package local

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"keyward/pkg/correlation"
)

// A hosted function runs one of the eight handlers in this process: the same
// JSON goes in, with a request ID and a deadline, as Lambda gives them.
type hosted struct {
	name    string
	timeout time.Duration
	handler lambda.Handler
}

// host takes a handler as lambda.Start would.
func host(name string, timeout time.Duration, handler any) Function {
	return hosted{name: name, timeout: timeout, handler: lambda.NewHandler(handler)}
}

func (f hosted) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, f.timeout)
	defer cancel()
	id := requestID()
	ctx = lambdacontext.NewContext(correlation.With(ctx, id), &lambdacontext.LambdaContext{
		AwsRequestID:       id,
		InvokedFunctionArn: "arn:aws:lambda:local:000000000000:function:keyward-" + f.name,
	})
	return f.handler.Invoke(ctx, payload)
}

// requestID has the shape of AWS's request IDs.
func requestID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
