package browsertest

// frames are the pages about documents within the document.
func frames() []Page {
	return []Page{
		page("/frame-same.html", 5, 3, Counts{1, 3},
			"What a frame of the same site loads counts; its elements do not.").frames(7),
		page("/frame-port.html", 5, 3, Counts{1, 3},
			"The same for a frame of another origin of the same site, which shares the process.").frames(7),
		page("/frame-cross.html", 5, 3, Counts{1, 3},
			"The same for a frame of another site, which has a process of its own.").frames(7),
		page("/frame-nested.html", 5, 4, Counts{1, 4},
			"The same for a frame of this site within a frame of another.").frames(13),
		page("/frame-srcdoc.html", 6, 2, Counts{2, 2},
			"Frames made of an attribute or of nothing are no requests, though what they load is.").frames(8),
		page("/frame-lazy.html", 6, 3, Counts{2, 1},
			"A lazy frame far below is loaded by the scroll, and not before.").frames(7),
		page("/frame-shadow.html", 7, 3, Counts{3, 3},
			"A frame within a shadow root is like any other.").frames(7),
		page("/frame-removed.html", 5, 3, Counts{1, 3},
			"What a frame of another site loaded counts after the frame has gone."),
		page("/objects.html", 7, 3, Counts{3, 3},
			"An object and an embed load documents of their own.").frames(2),
		page("/object-missing.html", 6, 2, Counts{2, 2},
			"The document of an object that is not found is a failed request, and the fallback is there in any case.").unseen(1102),
	}
}
