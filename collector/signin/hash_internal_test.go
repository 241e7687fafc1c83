package signin

import (
	"bytes"
	"strings"
	"testing"
)

func TestAHashIsReadAsItWasWritten(t *testing.T) {
	h := newHash("une tortue sous la pluie")
	text := h.String()
	if !strings.HasPrefix(text, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("got %s", text)
	}
	got, err := parse(text)
	if err != nil || got.String() != text || got.older() {
		t.Fatalf("%s is read as %s, %v", text, got, err)
	}
	if !got.matches("une tortue sous la pluie") || got.matches("une tortue sous la pluie ") || got.matches("") {
		t.Error("it matches its password and no other")
	}
	if bytes.Equal(newHash("x").salt, newHash("x").salt) {
		t.Error("two hashes have the same salt")
	}
}

func TestAKnownHashOfTheReferenceProgramIsUnderstood(t *testing.T) {
	// From the tests of phc-winner-argon2 (test.c, argon2id, version 13): "password" with the salt "somesalt", t=2, m=2^8 KiB, p=1.
	h, err := parse("$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")
	if err != nil || !h.matches("password") || h.matches("passwore") || !h.older() {
		t.Errorf("%v, %v", h, err)
	}
}

func TestAHashThatAsksForTooMuchIsNotRead(t *testing.T) {
	const tail = "$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg"
	if _, err := parse("$argon2id$v=19$m=65536,t=4,p=4" + tail); err != nil {
		t.Errorf("the most that is allowed: %v", err)
	}
	for _, text := range []string{
		"", "x", "$argon2i$v=19$m=19456,t=2,p=1" + tail, "$argon2id$v=16$m=19456,t=2,p=1" + tail,
		"$argon2id$v=19$m=65537,t=1,p=1" + tail, "$argon2id$v=19$m=65536,t=5,p=1" + tail, "$argon2id$v=19$m=19456,t=11,p=1" + tail,
		"$argon2id$v=19$m=19456,t=2,p=5" + tail, "$argon2id$v=19$m=7,t=2,p=1" + tail, "$argon2id$v=19$m=0,t=2,p=1" + tail,
		"$argon2id$v=19$m=19456,t=0,p=1" + tail, "$argon2id$v=19$m=19456,t=2,p=0" + tail, "$argon2id$v=19$m=4294967296,t=2,p=1" + tail,
		"$argon2id$v=19$m=19456,t=2,p=1$MDEy$MDEyMzQ1Njc4OWFiY2RlZg", "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEy",
		"$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZh", // bits that mean nothing
		"$argon2id$v=19$m=19456,t=2,p=1" + tail + "\n", " $argon2id$v=19$m=19456,t=2,p=1" + tail,
	} {
		if h, err := parse(text); err == nil {
			t.Errorf("%q is read as %v", text, h)
		}
	}
}

func FuzzAHashThatIsReadHasABoundedCost(f *testing.F) {
	f.Add(newHash("x").String())
	f.Add("$argon2id$v=19$m=65536,t=4,p=4$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZg")
	f.Add("$argon2id$v=19$m=999999,t=99,p=9$$")
	f.Fuzz(func(t *testing.T, text string) {
		h, err := parse(text)
		if err != nil {
			return
		}
		if h.memory > 64*1024 || uint64(h.memory)*uint64(h.passes) > 256*1024 || h.passes == 0 || h.lanes == 0 || h.lanes > 4 || len(h.sum) < 16 {
			t.Errorf("%q asks for %d KiB, %d passes, %d lanes, %d bytes", text, h.memory, h.passes, h.lanes, len(h.sum))
		}
		if h.String() != text {
			t.Errorf("%q is written as %q", text, h)
		}
	})
}
