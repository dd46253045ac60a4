package embedded

import (
	"encoding/binary"
	"strings"
	"time"

	"keyward/pkg/table"
)

// row is what is stored under an item's key. The data comes first, and the
// item's other fields behind it, so that a value is not copied to be stored:
//
//	data, texts, their lengths (2 bytes each), format (1 byte), version (8 bytes)
type row []byte

// texts are the fields of an item that are stored as text.
const texts = 7

const tail = 2*texts + 1 + 8

func rowOf(i table.Item) row {
	r := row(i.Data)
	fields := [texts]string{i.Due.PK, i.Due.SK, i.List.PK, i.List.SK, i.Status, i.Member, i.Correlation}
	for _, f := range fields {
		r = append(r, f...)
	}
	for _, f := range fields {
		r = binary.BigEndian.AppendUint16(r, uint16(len(f))) // #nosec G115 -- names are of 2,048 bytes at most
	}
	r = append(r, byte(i.Format))
	return binary.BigEndian.AppendUint64(r, uint64(i.Version)) // #nosec G115 -- counted from 1
}

// item reads a row; its data is the row's own.
func (r row) item(k table.Key) (table.Item, error) {
	if len(r) < tail {
		return table.Item{}, table.ErrItem
	}
	lengths, end := r[len(r)-tail:], len(r)-tail
	var size [texts]int
	total := 0
	for i := range size {
		size[i] = int(binary.BigEndian.Uint16(lengths[2*i:]))
		total += size[i]
	}
	if total > end {
		return table.Item{}, table.ErrItem
	}
	rest := string(r[end-total : end])
	next := func(n int) (text string) {
		text, rest = rest[:n], rest[n:]
		return text
	}
	return table.Item{
		Key: k, Data: r[:end-total], Format: int(lengths[2*texts]), Version: r.version(),
		Due: table.Place{PK: next(size[0]), SK: next(size[1])}, List: table.Place{PK: next(size[2]), SK: next(size[3])},
		Status: next(size[4]), Member: next(size[5]), Correlation: next(size[6]),
	}, nil
}

// version is 0 for an item that is not there.
func (r row) version() int64 {
	if len(r) < tail {
		return 0
	}
	return int64(binary.BigEndian.Uint64(r[len(r)-8:])) // #nosec G115 -- written by rowOf
}

// A key in a file is a list of names, none of which holds the byte between
// them: partition key and sort key of an item, or of an index and then of the
// item that it has there.
const separator = "\x00"

func itemKey(k table.Key) []byte { return joined(k.PK, k.SK) }

func indexKey(p table.Place, k table.Key) []byte { return joined(p.PK, p.SK, k.PK, k.SK) }

func joined(names ...string) []byte {
	size := len(names)
	for _, n := range names {
		size += len(n)
	}
	key := append(make([]byte, 0, size), names[0]...)
	for _, n := range names[1:] {
		key = append(append(key, separator...), n...)
	}
	return key
}

// splitKey undoes itemKey.
func splitKey(key []byte) table.Key {
	pk, sk, _ := strings.Cut(string(key), separator)
	return table.Key{PK: pk, SK: sk}
}

// splitIndexKey undoes indexKey, without the index's partition.
func splitIndexKey(key []byte) table.Entry {
	_, rest, _ := strings.Cut(string(key), separator)
	sk, item, _ := strings.Cut(rest, separator)
	return table.Entry{Key: splitKey([]byte(item)), IndexSK: sk}
}

// stamp is a time as eight bytes that sort as the times do, in nanoseconds;
// the zero time is zero. What int64 cannot hold is clamped.
func stamp(t time.Time) uint64 {
	switch {
	case t.IsZero():
		return 0
	case t.Year() < 1678:
		return 1
	case t.Year() > 2261:
		return 1<<64 - 1
	}
	return uint64(t.UnixNano()) ^ 1<<63
}

// unstamp undoes stamp.
func unstamp(n uint64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(n^1<<63)).UTC()
}

func sequenceKey(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
