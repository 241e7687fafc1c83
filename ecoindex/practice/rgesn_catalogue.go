package practice

// specificationCriteria are those of the specifications that a page says something about.
func specificationCriteria() []Criterion {
	return []Criterion{
		{
			ID:    "2.5",
			Title: Words{"La page s’adapte à la taille de l’écran", "The page fits the size of the screen"},
			Test:  Words{"pages sans balise viewport qui suive la largeur de l’appareil", "pages without a viewport tag that follows the width of the device"},
			Seen:  Words{"essayer la page à 360 et à 1200 pixels, et sur les appareils visés", "try the page at 360 and at 1200 pixels, and on the devices that are meant"},
			look:  checkOf("meta-viewport"),
		},
		{
			ID:    "2.10",
			Title: Words{"Le coût des services tiers a été pesé avant de les choisir", "The cost of other people’s services was weighed before they were chosen"},
			Test:  Words{"domaines tiers que la page appelle", "domains of others that the page calls"},
			Seen:  Words{"dire pourquoi chacun a été choisi, et ce qui l’aurait remplacé", "say why each was chosen, and what could have replaced it"},
			look:  (*evidence).outsideSites,
		},
	}
}

// interfaceCriteria are those of the interface.
func interfaceCriteria() []Criterion {
	return []Criterion{
		{
			ID: "4.1", plain: true,
			Title: Words{"Rien ne bouge ni ne joue sans qu’on le demande", "Nothing moves or plays unasked"},
			Test:  Words{"vidéos et sons qui se lancent seuls ; on note aussi GIF animés et animations", "videos and sounds that start by themselves; animated GIF pictures and animations are noted too"},
			Seen:  Words{"regarder les animations faites par les feuilles de style et les scripts", "look at the animations that style sheets and scripts make"},
			look:  (*evidence).autoplay,
		},
		{
			ID:    "4.2",
			Title: Words{"Pas de défilement sans fin", "No scrolling without end"},
			Test:  Words{"marques des outils connus de défilement sans fin", "marks of the well-known tools for endless scrolling"},
			Seen:  Words{"descendre au bas des listes : la page doit avoir une fin", "scroll down the lists: the page must have an end"},
			look:  (*evidence).endless,
		},
		{
			ID:    "4.4",
			Title: Words{"Le visiteur décide des services tiers", "Visitors decide on the services of others"},
			Test:  Words{"kilo-octets venus de tiers sans que personne ait cliqué", "kilobytes that came from others before anybody clicked"},
			Seen:  Words{"dire lesquels de ces services sont indispensables à la page", "say which of these services the page cannot do without"},
			Unit:  "kB",
			look:  (*evidence).outsideBytes,
		},
		{
			ID: "4.8", Decided: true,
			Title: Words{"Peu de polices à télécharger", "Few fonts to download"},
			Test: Words{
				"kilo-octets de polices de la page : 400 au plus, ou bien deux polices au plus et quatre variantes en tout",
				"kilobytes of fonts of the page: 400 at most, or else two fonts at most and four variants in all",
			},
			Seen: Words{"vérifier les pages qui n’ont pas été visitées", "check the pages that were not visited"},
			Unit: "kB",
			look: (*evidence).fontLoad,
		},
		{
			ID:    "4.11",
			Title: Words{"Poids et format sont dits avant un téléchargement", "Size and format are said before a download"},
			Test:  Words{"documents et archives dont le lien ne dit pas le poids", "documents and archives whose link does not say how large they are"},
			Seen:  Words{"vérifier au moins ceux de plus de 10 Mo, et ce qui est dit avant un envoi de fichier", "check those of more than 10 MB at least, and what is said before a file is sent in"},
			look:  checkOf("document-size-said"),
		},
	}
}

// contentCriteria are those of the contents.
func contentCriteria() []Criterion {
	return []Criterion{
		{
			ID: "5.1", Decided: true, more: true,
			Title: Words{"Images dans un format adapté", "Pictures in a fitting format"},
			Test:  Words{"part des images matricielles en WebP, AVIF ou JPEG XL : plus de 75 %", "share of bitmaps in WebP, AVIF or JPEG XL: more than 75 %"},
			Seen:  Words{"dessins et logos : préférer le SVG ; vérifier les pages qui n’ont pas été visitées", "drawings and logos: prefer SVG; check the pages that were not visited"},
			Unit:  "%",
			look:  (*evidence).modernImages,
		},
		{
			ID:    "5.2",
			Title: Words{"Images assez compressées", "Pictures compressed enough"},
			Test:  Words{"images plus lourdes que ne le demandent leurs pixels", "pictures that weigh more than their pixels ask for"},
			Seen:  Words{"comparer à l’œil une image et sa version plus compressée", "compare by eye a picture with one that is compressed more"},
			look:  checkOf("bitmap-optimised"),
		},
		{
			ID:    "5.3",
			Title: Words{"Vidéos dans une définition adaptée", "Videos in a fitting definition"},
			Test:  Words{"vidéos de la page offertes en un seul fichier", "videos of the page that are offered as one file only"},
			Seen:  Words{"vérifier la définition de chaque vidéo, celles des lecteurs tiers comprises", "check the definition of each video, those of other people’s players included"},
			look:  (*evidence).oneFileVideos,
		},
		{
			ID:    "5.4",
			Title: Words{"Vidéos assez compressées", "Videos compressed enough"},
			Test:  Words{"kilo-octets de vidéo que la page charge : 1 024 au plus, poids cible d’une page entière", "kilobytes of video that the page loads: 1,024 at most, the target for a whole page"},
			Seen:  Words{"vérifier le codec et le débit de chaque vidéo", "check the codec and the bit rate of each video"},
			Unit:  "kB",
			look:  (*evidence).videoBytes,
		},
		{
			ID:    "5.7",
			Title: Words{"Documents dans un format adapté", "Documents in a fitting format"},
			Test:  Words{"documents liés à la page ou montrés dedans", "documents that the page links to or shows"},
			Seen:  Words{"dire si chacun ne serait pas mieux en page web, et s’il est allégé", "say whether each were better as a web page, and whether it was made light"},
			look:  (*evidence).documents,
		},
	}
}

// transferCriteria are the first of those of the frontend: what is sent.
func transferCriteria() []Criterion {
	return []Criterion{
		{
			ID:    "6.1",
			Title: Words{"Un poids et un nombre de requêtes à ne pas dépasser", "A weight and a number of requests that are kept"},
			Test: Words{
				"part consommée des cibles de l’EcoIndex (40 requêtes, 1 024 ko), la plus grande des deux",
				"share used of the targets of the EcoIndex (40 requests, 1,024 kB), the larger of the two",
			},
			Seen: Words{"écrire le budget de chaque écran : le critère se juge sur lui", "write the budget of each screen: the criterion is judged by it"},
			Unit: "%",
			look: (*evidence).budget,
		},
		{
			ID: "6.2", plain: true,
			Title: Words{"Ce qui a été chargé se garde en cache", "What was loaded is kept in the cache"},
			Test:  Words{"fichiers statiques du site que le navigateur doit recharger en entier", "static files of the site that the browser must load again in full"},
			Seen:  Words{"juger les durées : un fichier qui change de nom peut se garder un an", "judge how long: a file that changes its name can be kept for a year"},
			look:  (*evidence).cached,
		},
		{
			ID: "6.3", Decided: true,
			Title: Words{"Textes envoyés compressés", "Texts sent compressed"},
			Test:  Words{"textes du site de plus de 1 ko envoyés sans gzip, brotli ni zstd", "texts of the site of more than 1 kB sent without gzip, brotli or zstd"},
			Seen:  Words{"vérifier les pages qui n’ont pas été visitées", "check the pages that were not visited"},
			look:  (*evidence).uncompressed,
		},
	}
}

// frontendCriteria are the others of the frontend.
func frontendCriteria() []Criterion {
	return []Criterion{
		{
			ID: "6.4", Decided: true, more: true,
			Title: Words{"Images à la taille où elles s’affichent", "Pictures at the size at which they are shown"},
			Test: Words{
				"part des images vectorielles, offertes en plusieurs tailles ou pas plus grandes qu’affichées : plus de la moitié (il faut un navigateur)",
				"share of pictures that are vectors, offered at several sizes or no larger than shown: more than half (a browser is needed)",
			},
			Seen: Words{"vérifier sur un petit écran", "check on a small screen"},
			Unit: "%",
			look: (*evidence).fittingImages,
		},
		{
			ID:    "6.5",
			Title: Words{"Rien n’est chargé pour rien", "Nothing is loaded in vain"},
			Test:  Words{"images cachées ou loin sous la première vue chargées d’office, fichiers en double", "pictures loaded at once though hidden or far below the first view, files that come twice"},
			Seen:  Words{"mesurer dans le navigateur la part du code qui ne sert pas", "measure in the browser the share of code that is not used"},
			look:  checkOf("images-hidden", "lazy-loading", "identical-files"),
		},
		{
			ID: "6.7", Decided: true,
			Title: Words{"Un seul domaine pour ses fichiers, HTTP/2 ou 3 pour tous", "One domain for one’s files, HTTP/2 or 3 for all"},
			Test: Words{
				"requêtes en HTTP/1, et domaines du site au-delà du premier qui servent des fichiers statiques",
				"requests over HTTP/1, and domains of the site beyond the first that serve static files",
			},
			Seen: Words{"vérifier les pages qui n’ont pas été visitées", "check the pages that were not visited"},
			look: (*evidence).oneDomain,
		},
	}
}

// backendCriteria are those of the backend. Of the hosting (8.x), a page says nothing: its figures are the host's.
func backendCriteria() []Criterion {
	return []Criterion{
		{
			ID:    "7.1",
			Title: Words{"Le serveur garde en cache ce qui est le plus demandé", "The server keeps what is asked for most in a cache"},
			Test:  Words{"âge de la page, quand un cache du serveur dit qu’elle vient de lui", "age of the page, where a cache of the server says that it comes from there"},
			Seen:  Words{"demander quels caches le serveur a : la plupart n’en disent rien", "ask which caches the server has: most say nothing of them"},
			Unit:  "s",
			look:  (*evidence).serverCache,
		},
	}
}
