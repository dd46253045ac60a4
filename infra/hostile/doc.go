// Package hostile attacks the running whole: all of Keyward in one process,
// over HTTP, as customers, scanners, other sites and thieves would. It is
// made of tests alone.
//
//	files_test, corpus_test   thousands of wrong files through form, bucket and intake
//	form_test, post_test      wrong forms, for the upload store and the portal
//	event_test                wrong events, for each handler
//	leak_test                 secrets sent through everything, and looked for everywhere
//	link_test, browser_test   guesses, scanners, races, replays, other sites
//	route_test                the headers of every route that there is
//	outsider_test             raw connections to what `keyward local` serves
//	parser_test               every parser has its fuzz target
package hostile
