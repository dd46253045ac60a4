package conformance

import (
	"testing"
	"time"

	"keyward/pkg/correlation"
	"keyward/pkg/integration"
)

func noticeTests() map[string]func(*testing.T, Store) {
	return map[string]func(*testing.T, Store){
		"one that is there is left as it is": func(t *testing.T, s Store) {
			it := create(t, s, sample())
			first, second := sampleNotice(it.ID, "same"), sampleNotice(it.ID, "same")
			second.Kind = integration.NoticeAccepted
			mustCommit(t, s, integration.Change{Notices: []integration.Notice{first}})
			mustCommit(t, s, integration.Change{
				Notices: []integration.Notice{second, sampleNotice(it.ID, "other")},
				History: []integration.Entry{{Integration: it.ID, At: start, Seq: "1"}},
			})
			first.Version = 1
			same(t, "notice", must(s.Notice(t.Context(), it.ID, "same"))(t), first)
			same(t, "notices", len(must(s.Notices(t.Context(), it.ID))(t)), 2)
		},
		"one that was sent is not pending again": func(t *testing.T, s Store) {
			it := create(t, s, sample())
			n := sampleNotice(it.ID, "n")
			mustCommit(t, s, integration.Change{Notices: []integration.Notice{n}})
			was := must(s.Notice(t.Context(), it.ID, "n"))(t)
			is := was
			is.Status, is.SentAt = integration.Sent, start.Add(time.Minute)
			is.Content = integration.Content{Subject: "Your key works – Acme", Text: "Hello,\n\n 1. “Quote” \u2028 & <b>\n\t(link removed)\n"}
			mustCommit(t, s, integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(was, is)}})
			mustCommit(t, s, integration.Change{Notices: []integration.Notice{n}})
			is.Version = 2
			same(t, "notice", must(s.Notice(t.Context(), it.ID, "n"))(t), is)
		},
		"twice in one change is once": func(t *testing.T, s Store) {
			it := create(t, s, sample())
			mustCommit(t, s, integration.Change{Notices: []integration.Notice{sampleNotice(it.ID, "n"), sampleNotice(it.ID, "n")}})
			same(t, "notices", len(must(s.Notices(t.Context(), it.ID))(t)), 1)
		},
		"the same key of another integration is another": func(t *testing.T, s Store) {
			a, b := create(t, s, sample()), create(t, s, sample())
			mustCommit(t, s, integration.Change{Notices: []integration.Notice{sampleNotice(a.ID, "n"), sampleNotice(b.ID, "n")}})
			same(t, "notices", len(must(s.Notices(t.Context(), b.ID))(t)), 1)
		},
		"what is new is kept with its correlation ID": func(t *testing.T, s Store) {
			it := create(t, s, sample())
			own := sampleNotice(it.ID, "own")
			own.Correlation = "cause-0"
			u := integration.Upload{ID: "upl_1", Integration: it.ID, State: integration.UploadOpen}
			err := s.Commit(correlation.With(t.Context(), "cause-1"), integration.Change{
				Notices: []integration.Notice{sampleNotice(it.ID, "n"), own}, Uploads: []integration.Edit[integration.Upload]{integration.Create(u)},
			})
			if err != nil {
				t.Fatal(err)
			}
			was := must(s.Notice(t.Context(), it.ID, "n"))(t)
			is := was
			is.Status = integration.Sending
			if err := s.Commit(correlation.With(t.Context(), "cause-2"), integration.Change{Sent: []integration.Edit[integration.Notice]{integration.Put(was, is)}}); err != nil {
				t.Fatal(err)
			}
			same(t, "a notice that was written on", must(s.Notice(t.Context(), it.ID, "n"))(t).Correlation, "cause-1")
			same(t, "a notice that came with one", must(s.Notice(t.Context(), it.ID, "own"))(t).Correlation, "cause-0")
			same(t, "an upload", must(s.Upload(t.Context(), it.ID, "upl_1"))(t).Correlation, "cause-1")
		},
		"hostile keys": func(t *testing.T, s Store) {
			it := create(t, s, sample())
			for _, name := range hostileNames() {
				mustCommit(t, s, integration.Change{Notices: []integration.Notice{sampleNotice(it.ID, name)}})
				same(t, "notice", must(s.Notice(t.Context(), it.ID, name))(t).Dedupe, name)
			}
			same(t, "notices", len(must(s.Notices(t.Context(), it.ID))(t)), len(hostileNames()))
		},
	}
}
