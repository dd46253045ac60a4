package table

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"
	"unicode/utf8"

	"keyward/pkg/integration"
)

// A Key names an item.
type Key struct{ PK, SK string }

// An Item is one item of the table.
type Item struct {
	Key
	Due, List Place // in the indexes; zero: not in it
	Version   int64 // the optimistic lock, from 1
	Format    int   // how Data is written
	Data      []byte
	Status    string // of a notice: the stream's filter looks at it
	Member    string // "INT#id", of a reference
	// Correlation is of a notice, for whoever reads the stream.
	Correlation string
	TTL         int64 // when it may be deleted, in seconds since 1970; 0: never
}

// A Place is where an index has an item.
type Place struct{ PK, SK string }

// A Condition is what must hold of the stored item for a write to happen.
type Condition int

const (
	Always    Condition = iota
	AtVersion           // the item is at Write.Version; 0 means that it is not there. Else ErrConflict
	IfAbsent            // where the item is there already it is left as it is
	Unclaimed           // the item is not there, or has the same Member; else ErrTaken
)

// A Write puts or deletes one item.
type Write struct {
	Item    Item
	When    Condition
	Version int64 // for AtVersion
	Delete  bool
}

// An Engine keeps items.
type Engine interface {
	// Read runs one operation that reads, such as Operation{Name: "List"}. Its
	// error is look's, with the operation's name. It may call look again.
	Read(ctx context.Context, op Operation, look func(Reader) error) error
	// Write does all of the plan's writes or none; see conformance.Store,
	// Commit, for its errors. Each write is for another item.
	Write(ctx context.Context, op string, plan func() ([]Write, error)) error
}

// An Operation is a method of Store.
type Operation struct {
	Name string
	Lags bool // the caller takes an answer from some seconds ago
}

// A Reader reads within one operation. Items are valid until the operation ends.
type Reader interface {
	// Get reports whether the item is there.
	Get(Key) (Item, bool, error)
	// GetAll gives those that are there, in any order.
	GetAll([]Key) ([]Item, error)
	// Items gives items of the table, each as last written.
	Items(Range) iter.Seq2[Item, error]
	// Entries gives items of an index, which may lag behind writes.
	Entries(IndexRange) iter.Seq2[Entry, error]
	// Count is the number of an index partition's entries; it may lag.
	Count(i Index, pk string) (int, error)
}

// A Range is a part of a partition, in the order of the sort keys.
type Range struct {
	PK, Prefix string // sort keys begin with the prefix
	After      string // the sort key before the first one; "" begins at the range's end
	Backward   bool
	Limit      int // about how many are wanted; 0: all
}

// An Index is one of the two sparse indexes.
type Index string

// The indexes.
const (
	DueIndex  Index = "due"
	ListIndex Index = "list"
)

// An IndexRange is a part of an index partition, in the order of its sort keys.
type IndexRange struct {
	Index   Index
	PK      string
	After   string // only sort keys greater than it; "" is no bound
	Through string // only sort keys up to it; "" is no bound
	Limit   int    // about how many are wanted
}

// An Entry is an item as an index has it.
type Entry struct {
	Key
	IndexSK string
}

// ErrItem is all that is said of a stored item that cannot be read: the text
// of a decoder's error may quote it.
var ErrItem = errors.New("a stored item cannot be read")

// due puts the item into the index of due work; zero leaves it out.
func (i *Item) due(shard int, at time.Time) {
	if !at.IsZero() {
		i.Due = Place{duePK(shard), sortable(at)}
	}
}

// expire lets the item be deleted some time after its end; zero keeps it.
func (i *Item) expire(end time.Time, after time.Duration) {
	if unix := end.Add(after).Unix(); !end.IsZero() && unix > 0 {
		i.TTL = unix
	}
}

// DynamoDB's limits, in bytes. MaxData leaves room for the other attributes
// within 400 KB for an item.
const (
	maxPK   = 2048
	maxSK   = 1024
	MaxData = 395 << 10
)

// Valid is ErrInvalid for a key that DynamoDB would not take, and for one
// with a NUL, which no name of Keyward's has.
func (k Key) Valid() error {
	if len(k.PK) > maxPK || len(k.SK) > maxSK {
		return fmt.Errorf("%w: a name is too long", integration.ErrInvalid)
	}
	for _, part := range []string{k.PK, k.SK} {
		if strings.Contains(part, "\x00") || !utf8.ValidString(part) {
			return fmt.Errorf("%w: a name is not text", integration.ErrInvalid)
		}
	}
	return nil
}

// valid is ErrInvalid for an item that DynamoDB would not take.
func (i Item) valid() error {
	if err := i.Key.Valid(); err != nil {
		return err
	}
	if err := Key(i.List).Valid(); err != nil {
		return err
	}
	if len(i.Data) > MaxData {
		return fmt.Errorf("%w: an item of %d bytes is too big", integration.ErrInvalid, len(i.Data))
	}
	return nil
}
