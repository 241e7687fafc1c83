//go:build !windows

package link

// systemProxy is none: Linux has no proxy of the machine but the environment, and that of macOS, which is set for each network
// and user in the System Settings, is not read. There, set HTTPS_PROXY in the service's settings, or --proxy.
func systemProxy() (servers, bypass string) { return "", "" }
