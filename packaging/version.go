package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// first is the version that packages of commits before the first tag lead up to.
const first = "0.1.0"

// version of the packages.
type version struct {
	text    string // as Debian and RPM compare them: 1.2.3, 1.2.3+4.gabcdef0, 0.1.0~git.20261123122033.abcdef0
	numeric string // three numbers, as Windows wants them
}

// parseVersion reads the version of a package, of which each system says in another way which one is higher.
func parseVersion(text string) (version, error) {
	m := regexp.MustCompile(`^([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,5})([~+][0-9A-Za-z.+~]+)?$`).FindStringSubmatch(text)
	if m == nil {
		return version{}, fmt.Errorf("the version %q is not three numbers like 1.2.3, with ~ or + and letters, digits and dots behind them where it is before or after that; correct --version", text)
	}
	for i, part := range strings.Split(m[1], ".") {
		if n, err := strconv.Atoi(part); err != nil || n > []int{255, 255, 65535}[i] { // of Windows' installer
			return version{}, fmt.Errorf("the version %q has a number above 255, or a third one above 65535, which Windows cannot compare; correct --version", text)
		}
	}
	return version{text, m[1]}, nil
}

// versionOf is the version that was asked for, else the one that git says, and the time of the commit.
func versionOf(ctx context.Context, asked string) (v version, epoch string, err error) {
	epoch, err = git(ctx, "log", "-1", "--format=%ct")
	if set := os.Getenv("SOURCE_DATE_EPOCH"); set != "" {
		epoch, err = set, nil
	}
	if err != nil {
		return version{}, "", fmt.Errorf("ask git when the last commit was: %w; or set SOURCE_DATE_EPOCH", err)
	}
	if _, err := strconv.ParseInt(epoch, 10, 64); err != nil {
		return version{}, "", fmt.Errorf("the time %q is not seconds since 1970; correct SOURCE_DATE_EPOCH", epoch)
	}
	if asked == "" {
		if asked, err = described(ctx); err != nil {
			return version{}, "", err
		}
	}
	v, err = parseVersion(asked)
	return v, epoch, err
}

// described is the version that git says: of the tag, as many commits after it, or before the first one.
func described(ctx context.Context) (string, error) {
	changed, err := git(ctx, "status", "--porcelain")
	if err != nil {
		return "", fmt.Errorf("ask git for the version: %w; or give --version", err)
	}
	tag, err := git(ctx, "describe", "--tags", "--long", "--match", "v[0-9]*")
	if err != nil { // there is no tag
		commit, err := git(ctx, "log", "-1", "--date=format-local:%Y%m%d%H%M%S", "--format=%cd.%h")
		if err != nil {
			return "", fmt.Errorf("ask git for the version: %w; or give --version", err)
		}
		return named(first+"~git."+commit, changed != ""), nil
	}
	return named(tagged(tag), changed != ""), nil
}

// tagged is the version that git describes at length, as TAG-COMMITS-gHASH. What comes after a hyphen in the tag comes before the release: v1.2.0-rc.1
// is 1.2.0~rc.1, which all systems take for less than 1.2.0.
func tagged(long string) string {
	parts := strings.Split(strings.TrimPrefix(long, "v"), "-")
	if len(parts) < 3 {
		return long // which git does not say
	}
	tag, commits := parts[:len(parts)-2], parts[len(parts)-2:]
	base, before, pre := strings.Cut(strings.Join(tag, "-"), "-")
	if pre {
		base += "~" + strings.ReplaceAll(before, "-", ".")
	}
	if commits[0] != "0" {
		base += "+" + strings.Join(commits, ".")
	}
	return base
}

// named is the version of a commit, or of one in which something was changed since.
func named(base string, changed bool) string {
	switch {
	case !changed:
		return base
	case strings.ContainsAny(base, "~+"):
		return base + ".changed"
	}
	return base + "+changed"
}

func git(ctx context.Context, args ...string) (string, error) {
	c := exec.CommandContext(ctx, "git", args...)
	c.Env = append(os.Environ(), "TZ=UTC")
	out, err := c.Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(string(exit.Stderr)))
	}
	return strings.TrimSpace(string(out)), err
}

// when is the time of the commit.
func (r *release) when() time.Time {
	seconds, _ := strconv.ParseInt(r.epoch, 10, 64) // versionOf has read it
	return time.Unix(seconds, 0).UTC()
}
