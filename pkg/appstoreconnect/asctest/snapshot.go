package asctest

// A SampleFile is a file that the page offers for download, to try what
// happens when a customer sends it.
type SampleFile struct {
	Name    string // as it is downloaded
	About   string // one sentence
	Content []byte
}
