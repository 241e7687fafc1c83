package settings

import "slices"

// pages are all of them, in the order of the index.
func pages() []page {
	return slices.Concat(
		[]page{organisationPage(), sitesPage(), calendarsPage()},
		[]page{pricesPage(), factorsPage(), targetsPage(), actionsPage(), equipmentPage(), metersPage(), meteringPage()},
		[]page{quantitiesPage(), governancePage(), evidencePage(), remarksPage(), gridsPage(), templatesPage()},
		[]page{usersPage(), tokensPage()},
	)
}
