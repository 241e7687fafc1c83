package agent

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// enrolError is an answer other than 200 to an enrolment.
type enrolError struct{ answerError }

// Error is the answer, in which the collector says what to do.
func (e enrolError) Error() string { return e.said() }

// Unwrap is the answer, by which the pause after it is known.
func (e enrolError) Unwrap() error { return e.answerError }

// refused tells that the same token will not do later either.
func (e enrolError) refused() bool {
	return e.status == http.StatusUnauthorized || e.status == http.StatusForbidden
}

// Join is Enrol for a machine that nobody sits at: until the collector has answered it asks again, after pauses that grow to an hour, and
// ends with ctx. What fails is logged when it first does. A token that is refused is not tried again: Join answers that after an hour
// or two, so that whoever starts the agent again, with a token that was put right meanwhile, does not ask all the time.
func Join(ctx context.Context, client *http.Client, data string, ask Request, log *slog.Logger) (Identity, error) {
	for failures, said := 1, ""; ; failures++ {
		within, cancel := context.WithTimeout(ctx, postTimeout)
		id, _, err := Enrol(within, client, data, ask)
		cancel()
		if err == nil || ctx.Err() != nil {
			return id, errors.Join(err, ctx.Err())
		}
		if text := err.Error(); text != said {
			log.WarnContext(ctx, "not enrolled yet", "collector", ask.Collector, "err", err)
			said = text
		}
		refused, _ := errors.AsType[enrolError](err)
		if !wait(ctx, pause(err, failures)) || refused.refused() {
			return Identity{}, errors.Join(err, ctx.Err())
		}
	}
}

// Later is how long a machine that is enrolled elsewhere, or otherwise, waits before it asks again, after so many failures in a row: one or two
// minutes at first, an hour or two in the end, and where its token is refused.
func Later(err error, failures int) time.Duration { return pause(err, failures+4) }
