package gate

import (
	"encoding/json"
	"net/http"
)

// A Row is an item of a table, or the key of one that was deleted, by the
// names of its attributes.
type Row map[string]struct{ S, N string }

// A Write is what a call changed in a table.
type Write struct {
	Table         string
	Puts, Deletes []Row
}

// A writeCall is what changes tables in DynamoDB's requests.
type writeCall struct {
	TableName     string
	Item, Key     Row
	TransactItems []struct{ Put, Delete, Update *writeCall }
}

func (g *Gate) dynamo(w http.ResponseWriter, c call) {
	g.tables.Lock()
	defer g.tables.Unlock()
	if status, _ := g.forward(w, c); status == http.StatusOK && g.cfg.Wrote != nil {
		for _, one := range writesOf(c) {
			g.cfg.Wrote(one)
		}
	}
}

func writesOf(c call) (out []Write) {
	var t writeCall
	if json.Unmarshal(c.body, &t) != nil {
		return nil
	}
	switch c.op {
	case "PutItem":
		return []Write{{Table: t.TableName, Puts: []Row{t.Item}}}
	case "DeleteItem":
		return []Write{{Table: t.TableName, Deletes: []Row{t.Key}}}
	case "TransactWriteItems":
		for _, item := range t.TransactItems {
			if item.Put != nil {
				out = append(out, Write{Table: item.Put.TableName, Puts: []Row{item.Put.Item}})
			}
			if item.Delete != nil {
				out = append(out, Write{Table: item.Delete.TableName, Deletes: []Row{item.Delete.Key}})
			}
		}
	}
	return out
}
