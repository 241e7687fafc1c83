package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"veille/cmd/internal/command"
	"veille/collector/signin"
)

// directory is the flags about the organisation's own directory, by which people may sign in.
type directory struct {
	issuer, client, secretFile, claim string
	address                           string // of the collector, as browsers reach it
}

func (d *directory) flags(fs *pflag.FlagSet) {
	fs.StringVar(&d.issuer, "oidc-issuer", "", "`URL` of the organisation's directory (OpenID Connect), by which people may then sign in, beside passwords; needs --oidc-client and --address")
	fs.StringVar(&d.client, "oidc-client", "", "`name` by which the directory knows this collector")
	fs.StringVar(&d.secretFile, "oidc-secret-file", "", "`file` with the secret that the directory has given it for that; without it the directory must do without one")
	fs.StringVar(&d.claim, "oidc-claim", "preferred_username", "`claim` of the directory whose value is the name of the user, see user list: one that people cannot change for themselves")
	fs.StringVar(&d.address, "address", "", "`URL` of this collector as browsers reach it, like https://veille.example.org: the directory sends people back to /sign-in/callback there")
}

// check refuses flags that do not go together.
func (d *directory) check() error {
	switch {
	case d.issuer == "" && d.client+d.secretFile != "":
		return command.Usage("--oidc-client and --oidc-secret-file go with --oidc-issuer")
	case d.issuer != "" && (d.client == "" || d.address == ""):
		return command.Usage("--oidc-issuer needs --oidc-client and --address")
	case d.issuer != "" && d.claim == "":
		return command.Usage("--oidc-claim is empty: name the claim whose value is the name of the user")
	}
	return nil
}

// open is the directory; nil where none was named.
func (d *directory) open(log *slog.Logger) (*signin.Directory, error) {
	if d.issuer == "" {
		return nil, nil //nolint:nilnil // no directory is an answer
	}
	secret := ""
	if d.secretFile != "" {
		text, err := os.ReadFile(d.secretFile)
		if err != nil {
			return nil, fmt.Errorf("read the secret of the directory: %w; correct --oidc-secret-file", err)
		}
		if secret = strings.TrimSpace(string(text)); secret == "" {
			return nil, fmt.Errorf("%s is empty: put the secret there that the directory has given this collector", d.secretFile)
		}
	}
	found, err := signin.NewDirectory(signin.DirectoryOptions{
		Issuer: d.issuer, ClientID: d.client, ClientSecret: secret, Claim: d.claim, Address: d.address, Log: log,
	})
	if err != nil {
		return nil, command.Usage("%w; correct --oidc-issuer, --oidc-client or --address", err)
	}
	return found, nil
}
