package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"

	"golang.org/x/sys/windows/svc/eventlog"
)

// events writes each line of the log as one event of the event log, without its time, which the event has.
type events struct {
	slog.Handler
	line *bytes.Buffer
	one  *sync.Mutex
	log  *eventlog.Log
}

func newEvents(log *eventlog.Log) events {
	line := new(bytes.Buffer)
	plain := slog.NewTextHandler(line, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
			return slog.Attr{}
		}
		return a
	}})
	return events{plain, line, new(sync.Mutex), log}
}

// eventID is that of every event: EventCreate.exe, which has their text, has none above 1000.
const eventID = 1

// Handle writes one event.
func (e events) Handle(ctx context.Context, r slog.Record) error {
	e.one.Lock()
	defer e.one.Unlock()
	e.line.Reset()
	if err := e.Handler.Handle(ctx, r); err != nil {
		return err
	}
	text := strings.TrimSpace(e.line.String())
	switch {
	case r.Level >= slog.LevelError:
		return e.log.Error(eventID, text)
	case r.Level >= slog.LevelWarn:
		return e.log.Warning(eventID, text)
	}
	return e.log.Info(eventID, text)
}

// WithAttrs is e with attributes in each event.
func (e events) WithAttrs(attrs []slog.Attr) slog.Handler {
	e.Handler = e.Handler.WithAttrs(attrs)
	return e
}

// WithGroup is e with a group around what comes.
func (e events) WithGroup(name string) slog.Handler {
	e.Handler = e.Handler.WithGroup(name)
	return e
}
