package gate

import (
	"encoding/json"
	"net/http"
	"slices"
)

// writes are the calls after which a table's stream may have something new.
var writes = []string{"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}

func (g *Gate) dynamo(w http.ResponseWriter, c call) {
	g.tables.Lock()
	status, _ := g.forward(w, c)
	g.tables.Unlock()
	if g.cfg.Wrote == nil || status != http.StatusOK || !slices.Contains(writes, c.op) {
		return
	}
	for _, table := range tablesOf(c.body) {
		g.cfg.Wrote(table)
	}
}

func tablesOf(body []byte) []string {
	var t tableCall
	if json.Unmarshal(body, &t) != nil {
		return nil
	}
	all := []string{t.TableName}
	for name := range t.RequestItems {
		all = append(all, name)
	}
	for _, item := range t.TransactItems {
		for _, of := range item {
			all = append(all, of.TableName)
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(name string) bool { return name == "" })
}
