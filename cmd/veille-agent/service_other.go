//go:build !windows

package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/spf13/pflag"

	"veille/cmd/internal/settings"
)

// serviceFlag declares nothing: systemd and launchd start a service as anybody starts a program.
func serviceFlag(*pflag.FlagSet, *bool) {}

// manage is for Windows only; nothing can ask for it here.
func manage(func(context.Context, *slog.Logger) error) error { return errors.ErrUnsupported }

// registered is nothing: settings are in the file here.
func registered() ([]settings.Source, error) { return nil, nil }

// forgetToken forgets nothing: a file of settings is its owner's.
func forgetToken() error { return nil }
