package demo

import (
	"fmt"
	"strconv"
	"time"
)

// A Report is the whole story as it went.
type Report struct {
	Steps        []Step      `json:"steps"`
	Integrations []Row       `json:"integrations"` // when the story ended
	Figures      Figures     `json:"figures"`
	Failed       *Difference `json:"failed,omitempty"`
}

// A Step is one thing that happened, and what was seen then.
type Step struct {
	Chapter string    `json:"chapter"`
	At      time.Time `json:"at"` // virtual, when it was over
	Who     string    `json:"who"`
	What    string    `json:"what"`
	OK      bool      `json:"ok"`
	Facts   []Fact    `json:"facts,omitempty"` // those seen until the first difference
	Mails   []Letter  `json:"mails,omitempty"` // all that went out meanwhile
}

// A Fact is something that was looked at.
type Fact struct {
	About string `json:"about"`
	Seen  string `json:"seen"`
}

// A Row is how an integration stands in the end.
type Row struct {
	Reference       string `json:"reference"`
	State           string `json:"state"`
	Checks          int    `json:"checks"`
	MailsToCustomer int    `json:"mails_to_customer"`
	MailsToSupport  int    `json:"mails_to_support"`
	Secrets         int    `json:"secrets"` // in the vault
}

// Figures say what the story took.
type Figures struct {
	Virtual    Seconds `json:"virtual_seconds"`
	Wall       Seconds `json:"wall_seconds"`
	AppleCalls int     `json:"apple_calls"`
	Checks     int     `json:"checks"`
	Mails      int     `json:"mails"`
}

// Seconds is a duration that JSON gives in seconds.
type Seconds time.Duration

// MarshalJSON rounds to milliseconds.
func (s Seconds) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, time.Duration(s).Round(time.Millisecond).Seconds(), 'f', -1, 64), nil
}

// A Difference is the first thing that was not as expected.
type Difference struct {
	Chapter string    `json:"chapter"`
	Step    string    `json:"step"`
	At      time.Time `json:"at"` // virtual
	About   string    `json:"about"`
	Want    string    `json:"want"`
	Seen    string    `json:"seen"`
}

func (d *Difference) Error() string {
	return fmt.Sprintf("%s, step %q: %s: expected %s, seen %s", d.Chapter, d.Step, d.About, d.Want, d.Seen)
}

// unexpected is a Difference before it is known where in the story it is.
type unexpected struct{ about, want, seen string }

func (u *unexpected) Error() string {
	return fmt.Sprintf("%s: expected %s, seen %s", u.about, u.want, u.seen)
}
