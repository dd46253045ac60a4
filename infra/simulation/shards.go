package simulation

import (
	"context"
	"time"

	"keyward/pkg/integration"
)

const maxShards = integration.Shards

// Due is where the partitions of a sweep take turns: the sweep asks for all at
// once, each in a goroutine of its own, and all work of a partition comes
// between its first question here and its last.
func (p storePort) Due(ctx context.Context, shard int, by time.Time, limit int) ([]integration.Due, error) {
	w := p.w()
	t := taskOf(ctx)
	if t == nil || t.gate == nil {
		return p.due(ctx, shard, by, limit)
	}
	g := t.gate
	g.enter(shard)
	t.forks = true
	by = w.clock.of(t.fn) // the question was put when the sweep began, and may have waited
	if g.idle[shard] {
		g.leave(shard)
		return nil, nil
	}
	page, err := p.due(ctx, shard, by, limit)
	if !g.more(shard, page, err) {
		g.leave(shard)
	}
	return page, err
}

func (p storePort) due(ctx context.Context, shard int, by time.Time, limit int) ([]integration.Due, error) {
	w := p.w()
	return look(ctx, w, "store.Due", "", func() ([]integration.Due, error) {
		return aged(w, "due "+string(rune('a'+shard)), func() ([]integration.Due, error) { return w.store.Due(ctx, shard, by, limit) })
	})
}

// newShardGate is for one sweep. Which partitions have nothing due is found
// out here: each goroutine that need not look saves its stack.
func (w *World) newShardGate() *shardGate {
	g := &shardGate{}
	by := w.now().Add(w.clock.ahead("sweep") + time.Second)
	for i := range g.turns {
		g.turns[i] = make(chan struct{}, 1)
		page, err := w.store.Due(ctx(), i, by, 1)
		g.idle[i] = err == nil && len(page) == 0
	}
	g.turns[0] <- struct{}{}
	return g
}

func (g *shardGate) enter(shard int) {
	if !g.inside[shard] {
		<-g.turns[shard]
		g.inside[shard], g.seen = true, map[integration.Due]bool{}
	}
}

// more tells whether the partition will ask again: it does after a page with
// something new.
func (g *shardGate) more(_ int, page []integration.Due, err error) bool {
	if err != nil {
		return false
	}
	fresh := false
	for _, d := range page {
		d.At = time.Time{}
		if !g.seen[d] {
			g.seen[d], fresh = true, true
		}
	}
	return fresh
}

func (g *shardGate) leave(shard int) {
	if shard+1 < len(g.turns) {
		g.turns[shard+1] <- struct{}{}
	}
}

// A shardGate lets the partitions of one sweep take turns.
type shardGate struct {
	turns  [maxShards]chan struct{}
	inside [maxShards]bool
	idle   [maxShards]bool
	seen   map[integration.Due]bool // of the partition whose turn it is
}
