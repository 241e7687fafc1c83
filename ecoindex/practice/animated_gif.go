package practice

import "fmt"

// animatedGIF counts GIF files with more than one frame, whatever their names and their types say.
func animatedGIF() Check {
	return Check{
		ID: "animated-gif", RWEB: []string{"0098"}, RefID: []string{"4002"}, RGESN: []string{"4.1"}, Most: 0,
		Title: Words{"GIF animés", "Animated GIF pictures"},
		Advice: Words{
			"Remplacez le GIF animé par une image fixe, ou par une courte vidéo qui ne démarre que si le visiteur le demande.",
			"Replace the animated GIF by a still picture, or by a short video that starts only where the visitor asks for it.",
		},
		Look: func(v *View) Finding {
			found := 0
			var bad []Offender
			for _, e := range chosen(v, isPicture) {
				frames := framesOf(e.Body)
				if frames > 0 {
					found++
				}
				if frames > 1 {
					bad = append(bad, Offender{URL: e.URL, Detail: fmt.Sprintf("gif × %d · %s", frames, kilobytes(e.Bytes))})
				}
			}
			return blame(found, bad, 0, 0)
		},
	}
}
