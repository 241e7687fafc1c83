package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
)

// picturesMade is how many pictures the pages of a made site choose from.
const picturesMade = 60

// makeAssets makes what the pages of a site share: style sheets, scripts, pictures and a list.
func makeAssets(put func(name string, body []byte) error) error {
	if err := put("css/site.css", makeCSS("s", 500)); err != nil {
		return err
	}
	for _, kind := range kindsOfPage() {
		if err := put("css/"+kind.name+".css", makeCSS(kind.name, 80)); err != nil {
			return err
		}
	}
	if err := put("js/library.js", makeLibrary(900)); err != nil {
		return err
	}
	if err := put("js/site.js", []byte(siteScript)); err != nil {
		return err
	}
	if err := put("lists/places.json", makeList(80)); err != nil {
		return err
	}
	if err := put("pictures/logo.png", makePicture(1000, 120, 40)); err != nil {
		return err
	}
	for n := range picturesMade {
		if err := put(fmt.Sprintf("pictures/%d.png", n), makePicture(n, 160, 100)); err != nil {
			return err
		}
	}
	return nil
}

// siteScript is what makes a browser's figures differ from those of a look without scripts.
const siteScript = `(function () {
  "use strict";
  var body = document.body, main = document.querySelector("main");
  function add(text) {
    var p = document.createElement("p");
    p.textContent = text;
    main.appendChild(p);
  }
  for (var i = 0; i < Number(body.dataset.adds); i++) {
    add("Added " + i);
  }
  for (var j = 0; j < Number(body.dataset.shows); j++) {
    var picture = new Image(160, 100);
    picture.alt = "";
    picture.src = "/pictures/" + (Number(body.dataset.first) + j) % 60 + ".png";
    main.appendChild(picture);
  }
  if (body.dataset.list) {
    fetch(body.dataset.list).then(function (answer) { return answer.json(); }).then(function (list) {
      list.forEach(function (place) { add(place.name + ": " + place.at.join(", ")); });
    });
  }
})();
`

// makeCSS writes so many rules.
func makeCSS(prefix string, rules int) []byte {
	var w strings.Builder
	for n := range rules {
		fmt.Fprintf(&w, ".%s-%d > p, .%s-%d li a:hover {\n  color: #%06x;\n  margin: %dpx %dpx;\n  padding: 0 %dem;\n}\n", prefix, n, prefix, n, n*4099%0xffffff, n%9, n%7, n%3)
	}
	return []byte(w.String())
}

// makeLibrary writes a script of so many functions, which nothing calls.
func makeLibrary(functions int) []byte {
	var w strings.Builder
	w.WriteString("var library = {};\n")
	for n := range functions {
		fmt.Fprintf(&w, "library.part%d = function (a, b) {\n  // adds up what is given, %d times\n  var sum = %d;\n  for (var i = 0; i < b; i++) {\n    sum += a * i;\n  }\n  return sum;\n};\n", n, n, n*31)
	}
	return []byte(w.String())
}

func makeList(places int) []byte {
	type place struct {
		Name string `json:"name"`
		At   [2]int `json:"at"`
	}
	list := make([]place, places)
	for n := range list {
		list[n] = place{fmt.Sprintf("Place %d", n), [2]int{n * 37 % 500, n * 91 % 500}}
	}
	text, _ := json.Marshal(list) // of numbers and words: it can always be written
	return text
}

// makePicture makes a picture of lines and some noise, so that it weighs what a small photograph does.
func makePicture(n, width, height int) []byte {
	dice := rand.New(rand.NewPCG(uint64(n), 27))
	p := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			base := uint8((x*(n%7+1) + y*(n%5+1)) / 2 % 200)
			p.SetRGBA(x, y, color.RGBA{base, base / 2, 255 - base, 255})
			if (x+y)%3 == 0 {
				noise := uint8(dice.IntN(56))
				p.SetRGBA(x, y, color.RGBA{base + noise, base / 2, 255 - base, 255})
			}
		}
	}
	var body bytes.Buffer
	_ = png.Encode(&body, p) // a buffer takes everything
	return body.Bytes()
}
