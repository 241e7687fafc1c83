package main

import (
	"slices"

	"veille/cmd/internal/command"
	"veille/collector"
)

// task is one command, and who may give it over the API.
type task struct {
	command func(*desk) command.Command
	roles   []collector.Role // one of them is needed
	file    bool             // it reads a file, whose text comes with a call
	whole   bool             // it is about the whole organisation: not for users who see one site only
	apart   string           // why it is not over the API; then roles is nil
}

// at is the command as it is given at a desk.
func (t task) at(d desk) command.Command {
	c := t.command(&d)
	d.what = c.Name
	if d.call == nil {
		c.Run = d.handingOver(c.Run)
	}
	return c
}

// tasks are all commands, in the order of help. A command that changes something, or tells of single machines, keeps an entry in the
// audit log.
func tasks() []task {
	const it, officer, web, reader = collector.RoleIT, collector.RoleOfficer, collector.RoleWeb, collector.RoleReader
	var (
		deployers = []collector.Role{it}
		keepers   = []collector.Role{it, officer} // of what a site is: its calendar, its groups
		everybody = []collector.Role{it, officer, web, reader}
	)
	return slices.Concat([]task{
		{command: func(d *desk) command.Command { return serveCommand(d.stdout, d.stderr) }, apart: "it is the collector that answers"},
		{command: siteAddCommand, roles: deployers, whole: true},
		{command: siteSetCommand, roles: deployers},
		{command: siteListCommand, roles: everybody},
		{command: groupAddCommand, roles: keepers},
		{command: groupListCommand, roles: everybody},
		{command: groupRenameCommand, roles: keepers},
		{command: groupRemoveCommand, roles: keepers},
		{command: tokenCreateCommand, roles: deployers},
		{command: tokenListCommand, roles: deployers},
		{command: tokenRevokeCommand, roles: deployers},
		{command: machineListCommand, roles: deployers},
		{command: machineShowCommand, apart: "what is kept of one machine is read on the server only"},
		{command: machineMoveCommand, roles: deployers},
		{command: machineReplaceCommand, roles: deployers},
		{command: machineKeepCommand, roles: deployers},
		{command: machineRevokeCommand, roles: deployers},
		{command: machineRestoreCommand, roles: deployers},
		{command: eraseCommand, roles: deployers},
		{command: quarantineListCommand, roles: deployers},
		{command: calendarSetCommand, roles: keepers},
		{command: calendarImportCommand, roles: keepers, file: true},
		{command: calendarCloseCommand, roles: keepers},
		{command: calendarReopenCommand, roles: keepers},
		{command: calendarShowCommand, roles: everybody},
		{command: policySetCommand, roles: deployers},
		{command: policyShowCommand, roles: everybody},
		{command: orgSetCommand, roles: keepers, whole: true},
		{command: orgShowCommand, roles: everybody},
		{command: userAddCommand, roles: deployers, whole: true},
		{command: userListCommand, roles: deployers, whole: true},
		{command: userSetCommand, roles: deployers, whole: true},
		{command: userRemoveCommand, roles: deployers, whole: true},
		{command: userKeyCommand, roles: deployers, whole: true},
		{command: userKeysCommand, roles: deployers, whole: true},
		{command: userRevokeKeyCommand, roles: deployers, whole: true},
		{command: userInviteCommand, roles: deployers, whole: true},
		{command: auditListCommand, roles: keepers, whole: true},
		{command: rollUpCommand, apart: "it is done every night while the collector runs"},
		{command: rollUpListCommand, apart: "it is about the whole collector"},
		{command: sizeCommand, apart: "it is about the whole server"},
		{command: backupCommand, apart: "it writes a file of the server"},
		{command: restoreCommand, apart: "it is done while the collector is stopped"},
		{command: checkCommand, apart: "it reads a file of the server, for as long as that takes"},
		{command: doctorCommand, apart: "it looks at the server"},
		{command: privacyFileCommand, apart: "it writes files into a folder of the server"},
		{command: func(d *desk) command.Command { return command.VersionCommand(d.stdout, "veille-collector") }, roles: everybody},
	}, bookTasks(), labelTasks(), webTasks(), deliveryTasks())
}

// bookTasks are those about what figures are reckoned with and compared to.
func bookTasks() []task {
	keepers := []collector.Role{collector.RoleIT, collector.RoleOfficer}
	return []task{
		{command: priceSetCommand, roles: keepers, whole: true},
		{command: priceListCommand, roles: keepers},
		{command: priceImportCommand, roles: keepers, whole: true, file: true},
		{command: priceRemoveCommand, roles: keepers, whole: true},
		{command: factorSetCommand, roles: keepers, whole: true},
		{command: factorListCommand, roles: keepers},
		{command: factorImportCommand, roles: keepers, whole: true, file: true},
		{command: factorRemoveCommand, roles: keepers, whole: true},
		{command: targetAddCommand, roles: keepers},
		{command: targetListCommand, roles: keepers},
		{command: targetRemoveCommand, roles: keepers},
		{command: actionAddCommand, roles: keepers},
		{command: actionListCommand, roles: keepers},
		{command: actionRemoveCommand, roles: keepers},
		{command: inventoryImportCommand, roles: keepers, file: true},
		{command: inventoryListCommand, roles: keepers},
	}
}

// deliveryTasks are those about delivery to databases of others, and about moving to another ledger.
func deliveryTasks() []task {
	const whole = "it is about the whole collector"
	return []task{
		{command: grafanaCommand, apart: "it writes files into a folder of the server"},
		{command: outboxListCommand, apart: whole},
		{command: outboxRefusedCommand, apart: whole},
		{command: outboxRetryCommand, apart: whole},
		{command: outboxAgainCommand, apart: whole},
		{command: outboxRemoveCommand, apart: whole},
		{command: migrateLedgerCommand, apart: "it is done while all collectors are stopped"},
		{command: migrateSeriesCommand, apart: "it reaches databases of others from the server"},
	}
}

// labelTasks are those about what organisations state, what they keep evidence of, and their reports. Of two commands one of which begins with
// the name of the other, the longer comes first: that is how a name is found.
func labelTasks() []task {
	const it, officer, web, reader = collector.RoleIT, collector.RoleOfficer, collector.RoleWeb, collector.RoleReader
	keepers, readers := []collector.Role{it, officer}, []collector.Role{it, officer, reader} // who states figures, and who sees them
	return []task{
		{command: quantitySetCommand, roles: keepers},
		{command: quantityListCommand, roles: readers},
		{command: quantityRemoveCommand, roles: keepers},
		{command: quantityImportCommand, roles: keepers, file: true},
		{command: stepAddCommand, roles: keepers, whole: true},
		{command: stepListCommand, roles: readers},
		{command: stepRemoveCommand, roles: keepers, whole: true},
		{command: evidenceAddCommand, roles: keepers, whole: true},
		{command: evidenceListCommand, roles: readers},
		{command: evidenceRemoveCommand, roles: keepers, whole: true},
		{command: remarkSetCommand, roles: keepers, whole: true},
		{command: remarkListCommand, roles: readers},
		{command: remarkRemoveCommand, roles: keepers, whole: true},
		{command: meterImportCommand, roles: keepers, file: true},
		{command: meterListCommand, roles: readers},
		{command: meterRemoveCommand, roles: keepers},
		{command: meterAddCommand, roles: keepers},
		{command: meterRulesCommand, roles: keepers},
		{command: meterEndCommand, roles: keepers},
		{command: meterTokenCommand, roles: []collector.Role{it}},
		{command: meterTokensCommand, roles: []collector.Role{it}},
		{command: meterRevokeTokenCommand, roles: []collector.Role{it}},
		{command: meterStatusCommand, roles: keepers},
		{command: meterCalibrateCommand, apart: "it reads hours of single machines, on the server only"},
		{command: gridImportCommand, roles: keepers, file: true},
		{command: gridListCommand, roles: []collector.Role{it, officer, web, reader}},
		{command: gridRemoveCommand, roles: keepers},
		{command: baselineListCommand, roles: readers},
		{command: baselineKeepCommand, apart: "it is done every night while the collector runs"},
		{command: templateListCommand, roles: keepers, whole: true},
		{command: templateShowCommand, roles: keepers, whole: true},
		{command: templateAddCommand, roles: keepers, whole: true, file: true},
		{command: templateRemoveCommand, roles: keepers, whole: true},
		{command: reportKeepCommand, roles: keepers, whole: true},
		{command: reportListCommand, roles: readers},
		{command: reportVerifyCommand, roles: readers, file: true},
		{command: reportCommand, apart: "it writes a file of the server; report keep keeps one, which the pages give in each format"},
		{command: openDataCommand, apart: "it writes files of the server"},
	}
}

// webTasks are those about public sites and pages.
func webTasks() []task {
	const it, officer, web, reader = collector.RoleIT, collector.RoleOfficer, collector.RoleWeb, collector.RoleReader
	webmaster, everybody := []collector.Role{officer, web}, []collector.Role{it, officer, web, reader}
	return []task{
		{command: websiteAddCommand, roles: webmaster},
		{command: websiteListCommand, roles: everybody},
		{command: websiteShowCommand, roles: everybody},
		{command: websiteSetCommand, roles: webmaster},
		{command: websiteMeasureCommand, roles: webmaster},
		{command: websiteRemoveCommand, roles: webmaster},
		{command: websiteAllowCommand, roles: []collector.Role{it}, whole: true},
		{command: websiteForbidCommand, roles: []collector.Role{it}, whole: true},
		{command: websiteHostsCommand, roles: []collector.Role{it, officer, web}, whole: true},
		{command: pageAddCommand, roles: webmaster},
		{command: pageListCommand, roles: everybody},
	}
}
