package awstest

import (
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const (
	accessKeyID = "AKIAKEYWARDTEST00000"
	secretKey   = "secret-of-nobody"
)

// Credentials are nobody's.
func Credentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(accessKeyID, secretKey, "")
}

func secretOf(id string) (string, bool) { return secretKey, id == accessKeyID }

// Config is a client configuration for the endpoint, with the standard
// retryer, as the functions have.
func Config(endpoint string) aws.Config {
	return aws.Config{
		Region: Region, Credentials: Credentials(), BaseEndpoint: aws.String(endpoint),
		HTTPClient: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 128}},
		Retryer:    func() aws.Retryer { return retry.NewStandard() },
	}
}
