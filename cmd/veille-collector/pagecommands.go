package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"veille/collector"
	"veille/collector/privacy"
	"veille/dashboards/frame"
)

// Give gives a command of a user who has signed in on the pages, by the road of calls over the API: the same roles, limits and lines of the
// audit log. It answers what the command printed, as JSON where it can. What is wrong with what was given is a frame.Problem, what the user may
// not do privacy.ErrRole, what is not there collector.ErrNotFound. A page that asks for several at a time waits for each.
func (a *adminAPI) Give(ctx context.Context, user collector.User, name string, args []string, flags map[string]any, file string) (string, json.RawMessage, error) {
	t, err := taskFor(user, name)
	if err != nil {
		return "", nil, forPages(err, a.store.Trouble)
	}
	asked := request{Args: args, Flags: map[string]json.RawMessage{}}
	if file != "" {
		asked.File = &file
	}
	for flag, value := range flags {
		if asked.Flags[flag], err = json.Marshal(value); err != nil {
			return "", nil, fmt.Errorf("flag %s of %s: %w", flag, name, err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, maxDuration)
	defer cancel()
	if err := a.keys.wait(ctx, user.ID); err != nil {
		return "", nil, err
	}
	defer a.keys.end(user.ID)
	done, err := a.give(ctx, t, user, asked)
	return done.Output, done.JSON, forPages(err, a.store.Trouble)
}

// forPages is the error of a command as pages know it; trouble tells errors of the database.
func forPages(err error, trouble func(error) bool) error {
	refused, isRefusal := errors.AsType[refusedError](err)
	switch {
	case err == nil:
		return nil
	case isRefusal && refused.status == http.StatusForbidden:
		return fmt.Errorf("%w: %w", privacy.ErrRole, err)
	case isRefusal && refused.status == http.StatusNotFound, httpStatus(err, trouble) == http.StatusServiceUnavailable:
		return err // ours: no such command, or trouble
	case errors.Is(err, collector.ErrNotFound):
		return err
	}
	return frame.Problem(err.Error())
}

// user is whose key of the API an Authorization header has; collector.ErrNotFound where it is nobody's.
func (a *adminAPI) user(ctx context.Context, header string) (collector.User, error) {
	user, err := a.keys.user(ctx, a.store, header)
	if _, unknown := errors.AsType[refusedError](err); unknown {
		return collector.User{}, collector.ErrNotFound
	}
	return user, err
}
