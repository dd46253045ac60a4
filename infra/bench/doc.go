// Command bench measures Keyward beside a floor that is measured in the same
// run: the least that any program would have to do for the same result.
//
// # The validate path
//
//	SQS event ─▶ Lambda handler ─▶ store ─▶ vault ─▶ token ─▶ HTTPS ─▶ classify ─▶ Apply ─▶ commit
//	floor:                                  token ─▶ HTTPS ───────────────────▶ commit
//
// Both sides sign one ES256 token for each check, send the same GET through
// transports of the same making, over connections that are open already, and
// commit a value of the same size to the same file, in the same groups, with
// fsync. Leases are written and looked at outside the measured time, and each
// integration must have come out checked and well, or the run fails.
//
// Rounds of the two sides take turns, so that whatever else the machine does
// strikes both; medians are shown, and the ratio is taken round by round.
//
// # Whose CPU it is
//
// The simulated App Store Connect runs in a process of its own, so that "CPU
// per check" is that of one process alone: Keyward, its side of TLS, the
// garbage collector and the little that makes the load. What the simulator
// uses is shown beside it: on a machine of few cores it limits checks per
// second too, and a real Apple would not.
package main
