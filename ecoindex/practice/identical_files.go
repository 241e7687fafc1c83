package practice

import (
	"crypto/sha256"
	"strconv"
)

// leastCopy is the length in bytes of a file whose copies count: shorter ones are the transparent dots of statistics.
const leastCopy = 100

// identicalFiles counts files that the page has already under another address. The largest of each is kept, the others can go.
func identicalFiles() Check {
	return Check{
		ID: "identical-files", Most: 0,
		Title: Words{"Fichiers identiques", "Identical files"},
		Advice: Words{
			"Servez chaque fichier sous une seule adresse : le navigateur télécharge autant de fois le même contenu qu’il a de noms.",
			"Serve each file under one address: the browser fetches the same content once for each of its names.",
		},
		Look: func(v *View) Finding {
			files := 0
			known := map[string]bool{} // addresses
			first := map[[sha256.Size]byte]string{}
			var bad []Offender
			for _, e := range chosen(v, came) {
				if !fetched(e.URL) || known[e.URL] || !e.Whole() || e.Decoded < leastCopy {
					continue
				}
				files++
				known[e.URL] = true
				sum := sha256.Sum256(e.Body)
				if same, ok := first[sum]; ok {
					bad = append(bad, Offender{URL: e.URL, Detail: "= " + short(same) + " · " + strconv.FormatInt(e.Decoded, 10) + " B", Bytes: e.Bytes})
					continue
				}
				first[sum] = e.URL
			}
			return blame(files, bad, 0, 1)
		},
	}
}
