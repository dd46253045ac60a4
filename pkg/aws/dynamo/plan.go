package dynamo

import (
	"fmt"
	"time"

	"keyward/pkg/integration"
)

// A condition is what must hold of an item for a write to happen.
type condition int

const (
	always    condition = iota
	atVersion           // the item is at the version; 0 means that it is not there
	ifAbsent            // where the item is there already it is left as it is
	unclaimed           // the item is not there, or has the same member; else ErrTaken
)

// A write is one item of a Commit.
type write struct {
	item    item
	when    condition
	version int64 // for atVersion
	gone    bool  // deletes the item
}

// A plan is a change as writes, each for another item. The first error stays.
type plan struct {
	writes []write
	seen   map[[2]string]condition
	err    error
}

func newPlan() *plan { return &plan{seen: map[[2]string]condition{}} }

// compile makes the plan of a change.
func compile(c integration.Change) ([]write, error) {
	p := newPlan()
	p.integration(c.Integration)
	for _, e := range c.Uploads {
		p.upload(e)
	}
	for _, e := range c.Contacts {
		p.contact(e)
	}
	for _, e := range c.Sent {
		p.sent(e)
	}
	for _, e := range c.Owners {
		p.owner(e)
	}
	p.additions(c)
	return p.writes, p.err
}

// additions are what a change only ever adds.
func (p *plan) additions(c integration.Change) {
	for _, n := range c.Notices {
		p.notice(n)
	}
	for _, l := range c.Links {
		w := write{when: atVersion, item: item{PK: pkLink(l.Hash), SK: meta, Version: 1}}
		w.item.tidy(l.ExpiresAt, keepLinks)
		p.put(w, l)
	}
	for _, crt := range c.Certificates {
		w := write{item: item{PK: pkIntegration(crt.Integration), SK: skCertificate(crt.Serial), Version: 1}}
		w.item.tidy(crt.GoneAt, keepCertificates)
		p.put(w, crt)
	}
	for _, e := range c.History {
		p.put(write{item: item{PK: pkIntegration(e.Integration), SK: skEntry(e), Version: 1}}, e)
	}
}

// put plans to write the item with the value.
func (p *plan) put(w write, value any) {
	if p.err != nil {
		return
	}
	if w.item.Data, p.err = encode(value); p.err == nil {
		p.add(w)
	}
}

// add plans a write whose item is complete.
func (p *plan) add(w write) {
	if p.err != nil {
		return
	}
	if p.err = w.item.valid(); p.err != nil {
		return
	}
	key := [2]string{w.item.PK, w.item.SK}
	if earlier, twice := p.seen[key]; twice {
		if earlier != ifAbsent || w.when != ifAbsent {
			p.refuse("a change writes one item twice")
		}
		return
	}
	p.seen[key] = w.when
	w.item.Format = format
	p.writes = append(p.writes, w)
}

// valid is ErrInvalid for an item that DynamoDB would not take.
func (i item) valid() error {
	if err := validKey(i.PK, i.SK); err != nil {
		return err
	}
	if err := validKey(i.ListPK, i.ListSK); err != nil {
		return err
	}
	if len(i.Data) > maxData {
		return fmt.Errorf("%w: an item of %d bytes is too big", integration.ErrInvalid, len(i.Data))
	}
	return nil
}

// maxData leaves room for the other attributes within DynamoDB's limit of
// 400 KB for an item.
const maxData = 395 << 10

// refuse notes why the change makes no sense.
func (p *plan) refuse(why string) {
	if p.err == nil {
		p.err = fmt.Errorf("%w: %s", integration.ErrInvalid, why)
	}
}

// How long items stay after their end; see the package comment.
const (
	keepLinks        = 30 * 24 * time.Hour
	keepUploads      = 90 * 24 * time.Hour
	keepNotices      = 400 * 24 * time.Hour
	keepCertificates = 400 * 24 * time.Hour
	keepMarks        = 90 * 24 * time.Hour
)
