package browsertest

// loading are the pages about what is fetched, and how often.
func loading() []Page {
	return []Page{
		page("/data.html", 6, 1, Counts{2, 1},
			"data: addresses are no requests, not even for a frame.").frames(4),
		page("/blob.html", 8, 1, Counts{4, 1},
			"blob: addresses are no requests over the network.").har(3),
		page("/repeat.html", 7, 2, Counts{3, 2},
			"A picture that is there three times is one request."),
		page("/repeat-script.html", 7, 2, Counts{3, 2},
			"A picture that a script adds again is still one request."),
		page("/repeat-fetch.html", 7, 5, Counts{3, 4},
			"Data fetched again from the cache are one more request, of 0 bytes."),
		page("/repeat-frame.html", 8, 5, Counts{3, 3},
			"What a frame loads again from the cache is one more request each, of 0 bytes.").frames(5),
		page("/styles.html", 9, 7, Counts{3, 7},
			"A chain of imports, a background and a font that are used; those that are not used are not fetched."),
		page("/pictures.html", 12, 4, Counts{8, 4},
			"Of several sources the browser fetches the one that fits the viewport and that it can read."),
		page("/hints.html", 11, 5, Counts{1, 5},
			"Preloaded and prefetched files count, used or not; a connection made beforehand does not."),
		page("/speculation.html", 7, 3, Counts{1, 3},
			"Pages fetched in case they come next count; what they would load is not fetched."),
		page("/modules.html", 10, 6, Counts{5, 6},
			"Every module of a graph is fetched once, cycles, import maps and JSON included."),
		page("/icon.html", 6, 1, Counts{1, 1},
			"An icon that the page declares is fetched by a full browser, not by the headless shell that the reference starts.").har(2),
		page("/icon-usual.html", 6, 1, Counts{1, 2},
			"An address that ends in /favicon.ico is no request for the reference, even as a picture."),
		page("/slow.html", 7, 2, Counts{3, 2},
			"The load event waits for a slow picture."),
	}
}
