package main

import (
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sys/windows/registry"

	"veille/cmd/internal/settings"
)

// The keys of the agent's settings, below HKEY_LOCAL_MACHINE. Their values are named as the flags of run are.
const (
	policyKey = `SOFTWARE\Policies\Veille\Agent` // of a group policy, or of Intune
	ownKey    = `SOFTWARE\Veille\Agent`          // of the installer
)

// registered is what the registry says of the agent: what a policy says first.
func registered() ([]settings.Source, error) {
	var all []settings.Source
	for _, key := range []string{policyKey, ownKey} {
		values, err := registryValues(key)
		if err != nil {
			return nil, fmt.Errorf(`read the settings in HKLM\%s: %w; run as an administrator of this machine`, key, err)
		}
		all = append(all, settings.Source{Name: `HKLM\` + key, Values: values})
	}
	return all, nil
}

func registryValues(key string) ([]settings.Value, error) {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, key, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if errors.Is(err, registry.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = k.Close() }() // only read
	names, err := k.ReadValueNames(-1)
	if err != nil {
		return nil, err
	}
	var values []settings.Value
	for _, name := range names {
		if name == "" { // the value that every key has
			continue
		}
		texts, err := registryValue(k, name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		values = append(values, settings.Value{Name: name, Texts: texts})
	}
	return values, nil
}

// forgetToken removes the token that the installer wrote: an enrolled machine needs none, and a token enrols others too. What a policy
// says is the policy's.
func forgetToken() error {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, ownKey, registry.SET_VALUE|registry.WOW64_64KEY)
	if err == nil {
		err = errors.Join(k.DeleteValue("token"), k.Close())
	}
	if err != nil && !errors.Is(err, registry.ErrNotExist) {
		return fmt.Errorf(`remove the value token of HKLM\%s: %w; this machine is enrolled, remove it as an administrator`, ownKey, err)
	}
	return nil
}

// registryValue is a value as the lines of a file would say it.
func registryValue(k registry.Key, name string) ([]string, error) {
	_, kind, err := k.GetValue(name, nil)
	if err != nil {
		return nil, err
	}
	switch kind {
	case registry.SZ:
		s, _, err := k.GetStringValue(name)
		return []string{s}, err
	case registry.EXPAND_SZ:
		s, _, err := k.GetStringValue(name)
		if err == nil {
			s, err = registry.ExpandString(s)
		}
		return []string{s}, err
	case registry.MULTI_SZ:
		s, _, err := k.GetStringsValue(name)
		return s, err
	case registry.DWORD, registry.QWORD:
		n, _, err := k.GetIntegerValue(name)
		return []string{strconv.FormatUint(n, 10)}, err
	}
	return nil, errors.New("it is neither text nor a number; delete it")
}
