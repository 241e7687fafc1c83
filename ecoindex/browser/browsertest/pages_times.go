package browsertest

// times are the pages about when things happen.
func times() []Page {
	return []Page{
		page("/late-800.html", 6, 2, Counts{2, 2},
			"What comes 0.8 s after the load event counts."),
		page("/late-2000.html", 6, 2, Counts{2, 2},
			"What comes 2 s after the load event counts."),
		page("/poll.html", 8, 4, Counts{4, 4},
			"A page that asks three times, each half second, and stops."),
		page("/lazy.html", 16, 7, Counts{12, 2},
			"Lazy pictures far below are fetched by the scroll, and not before."),
		page("/observer.html", 14, 9, Counts{10, 5},
			"Pictures that a script fetches as they come near are all met on the way down."),
		page("/on-scroll.html", 9, 2, Counts{2, 1},
			"Content that the first scroll event adds."),
		page("/on-key.html", 6, 1, Counts{1, 1},
			"Content that the arrow-down key adds."),
		page("/endless.html", 18, 4, Counts{10, 3},
			"A page that grows at its bottom has grown once: the bottom is that of the moment when the scroll begins."),
		page("/long.html", 137, 2, Counts{132, 1},
			"The bottom of 13,000 pixels is reached, on a page that scrolls smoothly by itself."),
		page("/consent.html", 11, 1, Counts{7, 1},
			"Before an answer to its banner the page loads nothing.").accepted(10, 4),
		page("/refresh.html", 5, 4, Counts{1, 4},
			"A page that refreshes to another: the elements of the second, the requests of both."),
		page("/replaced.html", 5, 4, Counts{1, 4},
			"The same where a script replaces the page."),
		page("/history.html", 8, 2, Counts{4, 2},
			"An application that changes its view and its address: one page."),
	}
}
