package relational

// TablesCopied are the names of the tables that Copy brings.
func TablesCopied() (names []string) {
	for _, t := range tablesCopied() {
		names = append(names, t.name)
	}
	return names
}
