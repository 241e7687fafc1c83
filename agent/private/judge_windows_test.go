package private

import (
	"crypto/sha1" //nolint:gosec // Windows does
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/sys/windows"
)

func TestOnlyTheSystemTheAdministratorsTheServiceAndThisAccountAreBelieved(t *testing.T) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	for owner, believed := range map[string]bool{
		"O:SY": true, "O:BA": true, "O:" + user.User.Sid.String(): true, "O:" + service: true,
		"O:BU": false, "O:WD": false, "O:AU": false, "O:S-1-5-21-1-2-3-1001": false, "O:LS": false, "O:S-1-5-80-1-2-3-4-5": false, "D:": false,
	} {
		sd, err := windows.SecurityDescriptorFromString(owner)
		if err != nil {
			t.Fatal(owner, err)
		}
		if err := owned(sd); (err == nil) != believed || err != nil && !errors.Is(err, ErrExposed) {
			t.Errorf("%s: %v, want believed: %t", owner, err, believed)
		}
	}
}

func TestTheAccessListsNameThoseWhoMay(t *testing.T) {
	for list, want := range map[string]string{
		fileList:               "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;" + service + ")(A;;FA;;;OW)",
		folderList:             "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" + service + ")(A;OICI;FA;;;OW)",
		folderList + readerToo: "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" + service + ")(A;OICI;FA;;;OW)(A;OICI;0x1200a9;;;BU)", // read and enter
	} {
		if sd, err := windows.SecurityDescriptorFromString(list); err != nil || sd.String() != want {
			t.Errorf("%s is understood as %s, %v; want %s", list, sd, err, want)
		}
	}
}

// The number of a service's account is the SHA-1 of its name in capitals, in UTF-16, as five numbers.
func TestTheServiceIsTheOneThatTheInstallerNames(t *testing.T) {
	var name []byte
	for _, unit := range utf16.Encode([]rune(strings.ToUpper("VeilleAgent"))) {
		name = binary.LittleEndian.AppendUint16(name, unit)
	}
	sum := sha1.Sum(name) //nolint:gosec // Windows does
	want := "S-1-5-80"
	for i := range 5 {
		want += fmt.Sprintf("-%d", binary.LittleEndian.Uint32(sum[4*i:]))
	}
	if service != want {
		t.Errorf("the service's account is %s, want %s", service, want)
	}
}
