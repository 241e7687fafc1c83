package browser

import (
	"slices"
	"strings"

	"veille/ecoindex/web"
)

// The scripts below run in the world of our own, like the others. A form or an image may give its own meaning to the names of a
// property of a form and of the document, so that these are read through those who define them.

// watchPage goes into the page before its own scripts: it keeps the long tasks, of which the browser tells only those who listen, and
// counts the elements that are animated when the page is loaded. Transitions are no animations: they end by themselves, after what a
// visitor does.
const watchPage = `(() => {
	if (window !== top) return;
	const tasks = [], moving = new WeakSet();
	const state = globalThis.` + pageState + ` = {tasks, animated: 0, sample() {
		for (const a of Document.prototype.getAnimations.call(document).slice(0, 10000)) {
			const target = a instanceof CSSTransition ? null : a.effect && a.effect.target;
			if (!target || moving.has(target)) continue;
			moving.add(target);
			state.animated++;
		}
	}};
	addEventListener("load", () => requestAnimationFrame(() => state.sample()));
	new PerformanceObserver(list => {
		for (const t of list.getEntries()) if (tasks.length < 5000) tasks.push([t.startTime, t.startTime + t.duration]);
	}).observe({type: "longtask", buffered: true});
})()`

// pageState is where watchPage leaves what it has seen.
const pageState = "veilleState"

// showPage is how the page is shown, once it has been scrolled. %f is replaced by the milliseconds from when it was loaded until it
// was scrolled: what blocks it is counted from its first content until then, and of each task what is beyond 50 ms.
//
// The size that the browser says an image has by nature is divided by the density that a srcset claims for it, so that it is
// multiplied again.
const showPage = `(rested => {
	const getter = (of, name) => { const get = Object.getOwnPropertyDescriptor(of, name).get; return e => get.call(e); };
	const tag = getter(Element.prototype, "localName"), parent = getter(Node.prototype, "parentElement"), base = getter(Node.prototype, "baseURI");
	const children = getter(Element.prototype, "children");
	const attribute = (e, name, most) => (Element.prototype.getAttribute.call(e, name) || "").slice(0, most);
	const state = globalThis.` + pageState + ` || {tasks: [], animated: 0, sample() {}};
	state.sample();
	const first = performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Infinity;
	const last = (performance.getEntriesByType("navigation")[0]?.loadEventEnd || 0) + rested;
	let blocked = 0;
	for (const [start, end] of state.tasks) blocked += Math.max(0, Math.min(end, last) - Math.max(start, first) - 50);
	const here = base(document);
	const natural = (img, source) => {
		const size = [img.naturalWidth, img.naturalHeight], near = parent(img);
		const sets = [attribute(img, "srcset", 4000)];
		if (near && tag(near) === "picture") for (const s of Array.from(children(near)).slice(0, 10)) if (tag(s) === "source") sets.push(attribute(s, "srcset", 4000));
		for (const set of sets) {
			const words = set.split(/\s+|(?<=\d[wx]),/, 60);
			for (let i = 1; i < words.length && size[0]; i++) {
				const [, n, unit] = words[i].match(/^(\d+(?:\.\d+)?)([wx]),?$/) || [];
				if (!unit || !URL.canParse(words[i-1], here) || new URL(words[i-1], here).href !== source) continue;
				const density = unit === "x" ? +n : n / size[0];
				return density > 0 && density < 100 ? size.map(x => Math.round(x * density)) : size;
			}
		}
		return size;
	};
	const images = [];
	let room = 3e6;
	for (const img of Document.prototype.getElementsByTagName.call(document, "img")) {
		if (images.length === 2000 || room < 0) break;
		if (!(img instanceof HTMLImageElement)) continue;
		const source = img.currentSrc || img.src, box = img.getBoundingClientRect(), seen = img.getClientRects().length > 0;
		const size = n => seen && n > 0 ? Math.max(1, Math.round(n)) : 0;
		const names = [];
		for (let e = img; e && names.length < 4; e = parent(e)) names.push([tag(e).slice(0, 80), attribute(e, "id", 80), attribute(e, "class", 150)]);
		const [naturalWidth, naturalHeight] = natural(img, source);
		const one = {
			url: source.slice(0, source.startsWith("data:") ? 64 : 2000), names, naturalWidth, naturalHeight,
			width: size(img.width), height: size(img.height), top: seen ? Math.round(box.top + scrollY) : 0,
			lazy: img.loading === "lazy", density: devicePixelRatio,
		};
		room -= one.url.length + names.flat().join("").length + 200;
		images.push(one);
	}
	return {animations: state.animated, blocked: Number.isFinite(blocked) ? blocked : 0, images};
})(%f)`

// wholeHTML is the document as it is now, unless it has more than 8 MiB, or would have more than 24 as the browser writes it to us.
const wholeHTML = `(() => {
	const getter = name => Object.getOwnPropertyDescriptor(Document.prototype, name).get.call(document);
	const type = getter("doctype"), root = getter("documentElement");
	const text = (type ? new XMLSerializer().serializeToString(type) + "\n" : "") + (root ? root.outerHTML : "");
	if (text.length > 8 << 20) return {large: true};
	let bytes = 0, written = 0;
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		bytes += c < 0x80 ? 1 : c < 0x800 || (c >= 0xd800 && c < 0xe000) ? 2 : 3;
		written += c >= 0x20 && c < 0x7f ? 1 : 6;
	}
	return bytes > 8 << 20 || written > 24 << 20 ? {large: true} : {text};
})()`

// shownImage is what showPage says of an image.
type shownImage struct {
	URL           string      `json:"url"`
	Names         [][3]string `json:"names"` // tag, id and class of the element and of those around it
	NaturalWidth  int         `json:"naturalWidth"`
	NaturalHeight int         `json:"naturalHeight"`
	Width         int         `json:"width"`
	Height        int         `json:"height"`
	Top           int         `json:"top"`
	Lazy          bool        `json:"lazy"`
	Density       float64     `json:"density"`
}

func (i *shownImage) image() web.ShownImage {
	return web.ShownImage{
		URL: withoutFragment(i.URL), Path: pathOf(i.Names), NaturalWidth: i.NaturalWidth, NaturalHeight: i.NaturalHeight,
		Width: i.Width, Height: i.Height, Top: i.Top, Lazy: i.Lazy, Density: i.Density,
	}
}

// pathOf is the way to an element, as web.Part says it: from the last id before it, or from the body.
func pathOf(around [][3]string) string {
	var names []string
	for _, one := range around {
		if len(names) > 0 && (one[0] == "html" || one[0] == "body") {
			break
		}
		name := web.NameOf(one[0], one[1], one[2])
		names = append(names, name)
		if strings.HasPrefix(name, "#") {
			break
		}
	}
	slices.Reverse(names)
	return strings.Join(names, " > ")
}
