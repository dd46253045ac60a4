// Command keyward is Keyward on the command line: support's and automation's
// client of the operator, and Keyward whole on one machine.
//
// Each command is a file and a struct whose Run method does it. Commands that
// speak to an operator get a *session; what they print goes through its
// printer.
//
// # Exit codes
//
//	0  done
//	1  failed for another reason than those below
//	2  the command line is wrong
//	3  nothing of that name is there
//	4  not allowed
//	5  refused: a conflict, a state or an input that does not allow it
//	6  no answer, or the service is not well; trying again may help
package main
