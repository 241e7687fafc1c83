package spool

import "io/fs"

// syncDir does nothing: NTFS journals a rename, and Windows cannot sync a folder.
func syncDir(string) error { return nil }

// permit does nothing: who may read a file follows from the access list that it inherits from the agent's folder, which the
// installation sets.
func permit(string, fs.FileMode) error { return nil }
