package demo

import (
	"fmt"
	"testing"
)

func TestForms(t *testing.T) {
	for _, tc := range []struct{ name, page, want string }{
		{"none", "<p>1 < 2</p>", "[]"},
		{"one", `<form method="post" action="/a"><input name="x" value="1"><input type=file name=f></form>`, "[{/a POST  [{x 1 } {f  file}]}]"},
		{"entities and quotes", `<form method='post' action="/a?b&amp;c"><input value="a>b &#34;" name='x'></form>`, `[{/a?b&c POST  [{x a>b " }]}]`},
		{"in capitals, over lines", "<FORM\n METHOD=post\tACTION=/a ><INPUT NAME=x /></FORM>", "[{/a POST  [{x  }]}]"},
		{"inputs elsewhere", `<input name="x"><form action="/a"></form><input name="y">`, "[{/a   []}]"},
		{"in a comment", `<!-- <form action="/a"> --><form action="/b"></form>`, "[{/b   []}]"},
		{"an attribute twice", `<form action="/a" action="/b"></form>`, "[{/a   []}]"},
		{"cut off", `<form action="/a"><input name="x`, "[{/a   [{x  }]}]"},
		{"odd", `<form = action="/a" ="x" disabled><input name></form`, "[{/a   []}]"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := fmt.Sprint(forms(tc.page)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func FuzzTags(f *testing.F) {
	f.Add(`<form method="post" action="/a"><input name="x" value="1"></form>`)
	f.Add(`<a href='x'><!--`)
	f.Fuzz(func(t *testing.T, page string) {
		n := 0
		for range tags(page) {
			if n++; n > len(page) {
				t.Fatal("more tags than characters")
			}
		}
	})
}
