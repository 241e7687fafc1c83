package private

import (
	"errors"
	"testing"

	"golang.org/x/sys/windows"
)

func TestOnlyTheSystemTheAdministratorsAndThisAccountAreBelieved(t *testing.T) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	for owner, believed := range map[string]bool{
		"O:SY": true, "O:BA": true, "O:" + user.User.Sid.String(): true,
		"O:BU": false, "O:WD": false, "O:AU": false, "O:S-1-5-21-1-2-3-1001": false, "O:LS": false, "D:": false,
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
		fileList:               "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;OW)",
		folderList:             "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)",
		folderList + readerToo: "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)(A;OICI;0x1200a9;;;BU)", // read and enter
	} {
		if sd, err := windows.SecurityDescriptorFromString(list); err != nil || sd.String() != want {
			t.Errorf("%s is understood as %s, %v; want %s", list, sd, err, want)
		}
	}
}
