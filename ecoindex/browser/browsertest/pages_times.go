package browsertest

// times are the pages about when things happen.
func times() []Page {
	return []Page{
		page("/late-800.html", 6, 2, Counts{0, 0},
			"What comes 0.8 s after the load event counts."),
		page("/late-2000.html", 6, 2, Counts{0, 0},
			"What comes 2 s after the load event counts."),
		page("/poll.html", 8, 4, Counts{0, 0},
			"A page that asks three times, each half second, and stops."),
		page("/lazy.html", 16, 7, Counts{0, 0},
			"Lazy pictures far below are fetched by the scroll."),
		page("/observer.html", 18, 13, Counts{0, 0},
			"Pictures fetched by a script as they come near are all met on the way down."),
		page("/on-scroll.html", 9, 2, Counts{0, 0},
			"Content that the first scroll event adds."),
		page("/on-key.html", 6, 1, Counts{0, 0},
			"Content that the arrow-down key adds."),
		page("/endless.html", 18, 4, Counts{0, 0},
			"A page that grows at its bottom has grown once: the bottom is that of the moment when the scroll begins."),
		page("/long.html", 137, 2, Counts{0, 0},
			"The bottom of 13,000 pixels is reached, on a page that scrolls smoothly by itself."),
		page("/consent.html", 11, 1, Counts{0, 0},
			"Before an answer to its banner the page loads nothing.").accepted(10, 4),
		page("/refresh.html", 5, 4, Counts{0, 0},
			"A page that refreshes to another: the elements of the second, the requests of both."),
		page("/replaced.html", 5, 4, Counts{0, 0},
			"The same where a script replaces the page."),
		page("/history.html", 8, 2, Counts{0, 0},
			"An application that changes its view and its address: one page."),
	}
}
