package browser

import (
	"slices"
	"testing"
)

func TestTheBrowserGetsNoSecretsOfOurs(t *testing.T) {
	got := environment([]string{"PATH=/bin", "VEILLE_TOKEN=secret", "Path=C:\\bin", "LC_ALL=fr_FR.UTF-8", "AWS_SECRET_ACCESS_KEY=x", "https_proxy=http://a:b@c", "TMPDIR=/tmp", "LD_PRELOAD=x.so"}, "/profile")
	want := []string{"TMPDIR=/profile", "PATH=/bin", "Path=C:\\bin", "LC_ALL=fr_FR.UTF-8"}
	if !slices.Equal(got, want) {
		t.Errorf("the environment is %q", got)
	}
}
