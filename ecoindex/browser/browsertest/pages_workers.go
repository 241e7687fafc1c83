package browsertest

// workers are the pages about what workers load.
func workers() []Page {
	return []Page{
		page("/worker.html", 7, 4, Counts{3, 4},
			"A worker, its importScripts and its fetch are requests; of its own script only the headers weigh.").unseen(130),
		page("/worker-module.html", 7, 5, Counts{3, 5},
			"The same for a module worker, its static and its dynamic import.").unseen(139),
		page("/worker-nested.html", 7, 4, Counts{3, 4},
			"The same for a worker that a worker starts.").unseen(167),
		page("/worker-blob.html", 7, 2, Counts{3, 2},
			"A worker made of a blob fetches like any other; the blob itself is no request over the network.").har(3),
		page("/worker-ended.html", 7, 4, Counts{3, 4},
			"What a worker fetched counts after the worker was ended.").unseen(130),
		page("/worker-frame.html", 5, 5, Counts{1, 5},
			"A worker of a frame of another site counts.").frames(7).unseen(130),
		page("/worker-shared.html", 7, 2, Counts{3, 1},
			"The script of a shared worker is a request without an answer, and what the worker fetches is not seen.").unseen(1321),
		page("/worker-service.html", 7, 4, Counts{3, 1},
			"On a first visit the script of a service worker and what it stores beforehand count.").unseen(214),
		page("/worker-claims.html", 7, 6, Counts{3, 1},
			"What a page gets through a service worker is one request of the page, of 0 bytes, and one of the worker when it goes to the network.").unseen(245),
	}
}
