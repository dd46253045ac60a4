// Package queues is SQS on a virtual clock. Messages lie in moto's queues,
// which also count how often they were received and move them to their dead
// letters; moto's clock is the wall's, though, so that all that has to do with
// time is held here:
//
//	SendMessage with a delay   is sent to moto when its time has come
//	ReceiveMessage             hides messages in moto for good, and shows them again when their time is over
//	waiting for messages       is not done
//
// What is known to be empty is not asked.
package queues
