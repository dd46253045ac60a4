package notify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"

	"keyward/pkg/integration"
)

// kinds reads every NoticeKind out of the domain's source, so that a new one
// cannot be forgotten here.
func kinds() map[integration.NoticeKind]bool {
	file, err := parser.ParseFile(token.NewFileSet(), "../integration/notice.go", nil, 0)
	if err != nil {
		panic(err)
	}
	found := map[integration.NoticeKind]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, "Notice") {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
			s, _ := strconv.Unquote(lit.Value)
			found[integration.NoticeKind(s)] = true
		}
		return true
	})
	if len(found) < 30 {
		panic("the kinds of notices were not found")
	}
	return found
}

// toBoth are the kinds that the domain writes to the customer and to support alike.
func toBoth() map[integration.NoticeKind]bool {
	return map[integration.NoticeKind]bool{
		integration.NoticeActionRequired: true, integration.NoticeAccessLost: true, integration.NoticeRecovered: true,
		integration.NoticeKeyRefused: true, integration.NoticeKeyDeleted: true,
		integration.NoticeCertExpiring: true, integration.NoticeCertExpired: true, integration.NoticeCertVanished: true,
		integration.NoticeCertRenewed: true, integration.NoticeCertBack: true, integration.NoticeNoSlot: true,
	}
}
