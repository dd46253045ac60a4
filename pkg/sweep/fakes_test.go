package sweep

import "context"

// letters is a dead-letter queue made of one function.
type letters func(limit, rounds int) (int, int, error)

func (l letters) Redrive(_ context.Context, limit, rounds int) (int, int, error) {
	return l(limit, rounds)
}
