// Package awstest gives tests AWS's stand-in: moto's server, one for each test
// binary, behind a proxy that mends what moto does wrong.
//
//	var moto awstest.Moto
//
//	func TestMain(m *testing.M) { os.Exit(moto.Run(m)) }
//
//	func TestStore(t *testing.T) {
//		cfg := moto.Reset(t)
//		client := dynamodb.NewFromConfig(cfg)
//		…
//
// Moto's faults that matter to Keyward are mended or listed here and in the
// tests of the adapters, never in the product. The proxy lets one DynamoDB
// call through at a time: in moto a cancelled transaction puts the table back
// to what it was at its start, and so takes away what others wrote meanwhile.
// It judges upload forms by their policies, which moto does not; see PostGate.
//
// Moto is Python: see infra/python/requirements.txt. Where it is missing tests
// are skipped, saying so; in CI they fail.
package awstest
