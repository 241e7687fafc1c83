package private

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"
)

// entropy keeps what other programs protected for this machine from passing for ours. It is no secret: every program that
// can read the file can find it here. What keeps others of this machine away is the access list.
const entropy = "veille agent private 1"

// protect makes of body what can be read on this machine only: a copy of the file or of the disk's files does not say what it
// holds. Every user of this machine could read it (dpapi.h on CRYPTPROTECT_LOCAL_MACHINE), so the access list matters.
func protect(body []byte) ([]byte, error) {
	b, err := crypt(body, true)
	if err != nil {
		return nil, fmt.Errorf("CryptProtectData: %w", err)
	}
	return format(b), nil
}

// unprotect undoes protect. Windows says NTE_BAD_KEY_STATE where the machine has not the key, and ERROR_INVALID_DATA of what
// is damaged; neither was seen on Windows itself. Any other error may pass.
func unprotect(b []byte) ([]byte, error) {
	b, err := crypt(b, false)
	if errors.Is(err, windows.Errno(windows.NTE_BAD_KEY_STATE)) || errors.Is(err, windows.ERROR_INVALID_DATA) {
		return nil, ErrElsewhere
	}
	if err != nil {
		return nil, fmt.Errorf("CryptUnprotectData: %w", err)
	}
	return b, nil
}

// crypt encrypts or decrypts b by the key of this machine.
func crypt(b []byte, encrypt bool) ([]byte, error) {
	all := append(slices.Clip(b), entropy...) // so that there is a pointer to b even when it is empty
	in := windows.DataBlob{Size: uint32(len(b)), Data: &all[0]}
	key := windows.DataBlob{Size: uint32(len(entropy)), Data: &all[len(b)]}
	var out windows.DataBlob
	var err error
	if encrypt {
		err = windows.CryptProtectData(&in, nil, &key, 0, nil, windows.CRYPTPROTECT_LOCAL_MACHINE|windows.CRYPTPROTECT_UI_FORBIDDEN, &out)
	} else {
		err = windows.CryptUnprotectData(&in, nil, &key, 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out)
	}
	if err != nil {
		return nil, err
	}
	result := bytes.Clone(unsafe.Slice(out.Data, out.Size))
	_, _ = windows.LocalFree(windows.Handle(unsafe.Pointer(out.Data))) // at worst it stays
	return result, nil
}

// service is the account of the agent's service, NT SERVICE\VeilleAgent: Windows makes its number of its name, so it is the same on every
// machine, and where there is no such service it is nobody.
const service = "S-1-5-80-1603894018-2442607396-906538286-987619645-2244000395"

// Access lists, in the language of security descriptors: P inherits nothing, OICI is handed down to what is in a folder;
// full access for the system, the administrators, the service, which must read what an administrator makes, and, as S-1-3-4,
// the owner; and reading for the users.
const (
	fileList   = "D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;" + service + ")(A;;FA;;;S-1-3-4)"
	folderList = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;" + service + ")(A;OICI;FA;;;S-1-3-4)"
	readerToo  = "(A;OICI;FRFX;;;BU)"
)

// create makes an empty file, private from its first moment, in place of one that a crash left.
func create(name string) error {
	_ = os.Remove(name) // if it cannot be removed, it is there below
	path, sa, err := attributes(name, fileList)
	if err != nil {
		return err
	}
	file, err := windows.CreateFile(path, windows.GENERIC_WRITE, 0, &sa, windows.CREATE_NEW, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return err
	}
	return windows.CloseHandle(file)
}

// attributes are a name and an access list as Windows wants them to make something.
func attributes(name, list string) (path *uint16, sa windows.SecurityAttributes, err error) {
	sa.Length = uint32(unsafe.Sizeof(sa))
	sa.SecurityDescriptor, err = windows.SecurityDescriptorFromString(list)
	if err == nil {
		path, err = windows.UTF16PtrFromString(name)
	}
	return path, sa, err
}

func restrict(name string) error { return apply(name, fileList) }

// apply sets who may do what with a file or a folder and what is in it. Where this process may, it gives it to the
// administrators first: some machines give what an administrator makes to that person, whose files the service does not
// believe.
func apply(name, list string) error {
	sd, err := windows.SecurityDescriptorFromString("O:BA" + list)
	if err != nil {
		return err
	}
	owner, _, err := sd.Owner()
	if err != nil {
		return err
	}
	rules, _, err := sd.DACL()
	if err != nil {
		return err
	}
	_ = windows.SetNamedSecurityInfo(name, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION, owner, nil, nil, nil)
	const what = windows.DACL_SECURITY_INFORMATION | windows.PROTECTED_DACL_SECURITY_INFORMATION
	return windows.SetNamedSecurityInfo(name, windows.SE_FILE_OBJECT, what, nil, nil, rules, nil)
}

// inspect answers ErrExposed when a file or a folder belongs to somebody who could have made it for us. Its access list is
// not judged: programs that manage machines add to it.
func inspect(name string, _ fs.FileInfo) error {
	sd, err := windows.GetNamedSecurityInfo(name, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err != nil {
		return err
	}
	if sd == nil {
		return errors.New("its disk cannot keep others away; use one with NTFS")
	}
	return owned(sd)
}

// owned answers ErrExposed when the owner is neither the system nor the administrators nor the service nor the user of this process.
func owned(sd *windows.SECURITY_DESCRIPTOR) error {
	owner, _, err := sd.Owner()
	if err != nil {
		return err
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return err
	}
	agent, err := windows.StringToSid(service)
	if err != nil {
		return err
	}
	if owner == nil || !owner.Equals(agent) && !owner.IsWellKnown(windows.WinLocalSystemSid) && !owner.IsWellKnown(windows.WinBuiltinAdministratorsSid) && !owner.Equals(user.User.Sid) {
		return fmt.Errorf("%w: it belongs neither to the administrators nor to the service nor to this account; remove it if it is not yours", ErrExposed)
	}
	return nil
}

// Folder makes a folder where it is missing, and lets only the system, the administrators, the service and its owner into it and what is
// in it, or all users of this machine read when it is readable. It answers ErrExposed when the folder is somebody else's:
// every user may make folders where programs keep their data. Folders above it are made as Windows makes them.
func Folder(dir string, readable bool) error {
	list := folderList
	if readable {
		list += readerToo
	}
	path, sa, err := attributes(dir, list)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(dir), 0o755)
	}
	if err == nil {
		err = windows.CreateDirectory(path, &sa)
	}
	if err != nil && !errors.Is(err, windows.ERROR_ALREADY_EXISTS) {
		return fmt.Errorf("make the folder %s: %w", dir, err)
	}
	info, err := os.Lstat(dir)
	if err == nil && !info.IsDir() { // nor a junction, behind which may be a folder that is not to be changed
		err = errors.New("it is no folder")
	}
	if err == nil {
		err = inspect(dir, info)
	}
	if err == nil {
		err = apply(dir, list)
	}
	if err != nil {
		return fmt.Errorf("prepare the folder %s: %w", dir, err)
	}
	return nil
}
