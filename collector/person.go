package collector

import "slices"

// Role is what a person may see and do.
type Role string

// The roles of design §4. A person may have several.
const (
	RoleIT      Role = "it"      // deploys agents; the only one that sees single machines, each time with a reason
	RoleOfficer Role = "officer" // answers for sustainability: groups, prices, reports
	RoleWeb     Role = "web"     // web pages and their scores
	RoleReader  Role = "reader"  // figures of groups, and nothing to change
)

// Roles are all roles.
func Roles() []Role { return []Role{RoleIT, RoleOfficer, RoleWeb, RoleReader} }

// User is a named person of an organisation. Nobody shares an account.
type User struct {
	ID           int64
	Organisation int64
	Name         string // unique in the collector, as it is typed to sign in
	Roles        []Role // sorted; at least one
	Site         int64  // the only site that it may see, or 0 for all of the organisation
	AddedOn      Date
	RemovedOn    Date // "": it is good. Those who were removed stay for the audit log
}

// Has tells whether the person has one of the roles.
func (u User) Has(roles ...Role) bool {
	return slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(u.Roles, r) })
}

// Entry is one line of the audit log: who did what, on which date. It has no time of day: the log is about people too.
type Entry struct {
	ID           int64 // grows
	On           Date
	Organisation int64  // 0: of the whole collector
	Who          string // name of the user, or "command" for whoever runs commands on the server
	What         string // "machine revoke"
	Subject      string // what of: "machine 87"; never a secret
	Reason       string // why, where one must be given
}
