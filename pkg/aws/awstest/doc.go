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
// tests of the adapters, never in the product.
//
// Mended by the Proxy:
//
//   - A cancelled transaction puts the table back to what it was at the
//     transaction's start, and so takes away what others wrote meanwhile: one
//     DynamoDB call is let through at a time.
//   - Presigned POST forms are stored whatever their policy and signature say,
//     ${filename} stays as it is, and the redirect names no ETag: see PostGate.
//
// Mended by moto.py, which runs moto here and for infra's end-to-end tests:
//
//   - A query sorts the whole table, and a transaction copies it for each of
//     its items.
//   - Connections are closed after every answer.
//
// To be borne:
//
//   - ClientRequestToken of a transaction is ignored: what is repeated after a
//     lost answer is judged anew. Tests of that use a Script.
//   - TTL deletes nothing. Clients are never throttled, transactions never
//     clash. Secrets are gone at once.
//   - SES keeps neither tags nor configuration set of a raw mail, and counts
//     the recipients in its header beside those in the call.
//   - The first call of each service takes a second or two.
//
// Moto is Python: see infra/python/requirements.txt. Where it is missing tests
// are skipped, saying so; in CI they fail.
package awstest
