package browser

// The scripts below run in a world of their own, which the page's scripts can neither see nor change.

// countElements is the DOM rule of the reference: every element of the document and of its open shadow roots, html,
// head and body included, without what is inside an svg of the document. What is inside an svg of a shadow root is
// counted there, because the reference looks for svg with an XPath, which does not enter shadow roots.
const countElements = `(() => {
	const count = root => {
		let n = 0;
		for (const e of root.querySelectorAll("*")) n += e.shadowRoot ? 1 + count(e.shadowRoot) : 1;
		return n;
	};
	const inside = document.evaluate("count(//*[local-name()='svg']//*)", document, null, XPathResult.NUMBER_TYPE, null);
	return count(document) - inside.numberValue;
})()`

// countBelowBody is the DOM rule of the Lighthouse plugin: the elements below body and in open shadow roots, without
// the children of an svg; what is deeper in an svg is counted.
const countBelowBody = `(() => {
	const below = node => {
		let n = 0;
		const stack = [[node, false]];
		while (stack.length) {
			const [parent, inSVG] = stack.pop();
			for (const root of [parent, parent.shadowRoot]) {
				for (const e of root ? root.children : []) {
					const svg = !inSVG && e.localName === "svg";
					n += svg ? 1 - e.childElementCount : 1;
					stack.push([e, inSVG || svg]);
				}
			}
		}
		return n;
	};
	return document.body ? below(document.body) : 0;
})()`

// branches are the elements of the document with many others inside them, as tags, ids and classes: those of at least
// a fiftieth of all, and no more than four thousand. A form may give its own meaning to the names of a property, so that
// properties are read through those who define them.
const branches = `(() => {
	const getter = name => { const get = Object.getOwnPropertyDescriptor(Element.prototype, name).get; return e => get.call(e); };
	const children = getter("children"), shadow = getter("shadowRoot"), tag = getter("localName");
	const attribute = (e, name) => (Element.prototype.getAttribute.call(e, name) || "").slice(0, 200);
	const all = [], stack = [[document.documentElement, -1, 1, false]];
	while (stack.length && all.length < 1e6) {
		const [element, parent, weight, inShadow] = stack.pop();
		if (!element) continue;
		const at = all.push({element, parent, n: weight}) - 1;
		const inner = tag(element) === "svg" && !inShadow ? 0 : weight;
		const root = shadow(element);
		if (root) for (const e of Array.from(root.children).reverse()) stack.push([e, at, 1, true]);
		for (const e of Array.from(children(element)).reverse()) stack.push([e, at, inner, inShadow]);
	}
	for (let i = all.length - 1; i > 0; i--) all[all[i].parent].n += all[i].n;
	const least = Math.max(10, Math.floor((all[0]?.n || 0) / 50)), list = [];
	for (const one of all) {
		if (one.n < least || list.length === 4000) continue;
		one.index = list.length;
		list.push({parent: all[one.parent]?.index ?? -1, elements: one.n, tag: tag(one.element), id: attribute(one.element, "id"), class: attribute(one.element, "class")});
	}
	return list;
})()`

// lengthOfHTML is the length of the document as it is now, in bytes of UTF-8.
const lengthOfHTML = `document.documentElement ? new TextEncoder().encode(document.documentElement.outerHTML).length : 0`

// scrollDown goes to the bottom that the page has at the start, by the stops of Chromium's own smooth scroll: at most 45
// frames, slow at both ends. It lets the page draw at each stop, so that it meets what lies there; the reference meets
// the same on a machine that has time, and skips some of it on one that has not. Stops that would show nothing new are
// left out. The value says whether the bottom was reached.
const scrollDown = `(async () => {
	const page = document.scrollingElement || document.documentElement;
	if (!page) return true;
	const drawn = () => new Promise(done => {
		const late = setTimeout(done, 200);
		requestAnimationFrame(() => setTimeout(() => { clearTimeout(late); done(); }));
	});
	const bottom = Math.max(page.scrollHeight, document.body ? document.body.scrollHeight : 0);
	const start = window.scrollY, way = bottom - window.innerHeight - start;
	const frames = Math.min(45, Math.ceil(Math.sqrt(Math.max(way, 0))));
	let last = start;
	for (let n = 1; n <= frames; n++) {
		const t = n / frames;
		const y = start + way * (t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) * (1 - t));
		if (n < frames && y - last < window.innerHeight / 2) continue;
		window.scrollTo({top: n < frames ? y : bottom, behavior: "instant"});
		await drawn();
		last = y;
	}
	return page.scrollTop + window.innerHeight >= bottom - 2;
})()`

// liveliness says how a document lives: its elements, and whether something is due in it within some milliseconds, which
// %d is replaced by: a timer, the end of an animation, or a move to another page.
const liveliness = `(async ms => {
	if (window === top) await new Promise(done => requestIdleCallback(done, {timeout: 100})); // after the work that a framework cut into slices
	const ends = a => a.playState === "running" && a.effect ? a.effect.getComputedTiming().endTime - a.currentTime : Infinity;
	const due = !document.dispatchEvent(new UIEvent("` + timersEvent + `", {detail: ms, cancelable: true}));
	const loaded = performance.getEntriesByType("navigation")[0]?.loadEventEnd || 0;
	const moves = m => { const left = 1000 * parseFloat(m.content) - (performance.now() - loaded); return left <= ms && left > -2000; };
	if (Array.prototype.some.call(document.querySelectorAll('meta[http-equiv="refresh" i]'), moves)) return [0, true];
	return [document.getElementsByTagName("*").length, due || document.getAnimations().some(a => ends(a) <= ms)];
})(%d)`

// watchTimers goes into each document before its own scripts: it keeps the moments at which its timers are due, and
// takes our question whether one is due soon, which comes as an event that nobody else knows. The page's timers work as
// before.
const watchTimers = `(() => {
	const due = new Map();
	const {setTimeout: later, clearTimeout: forget, setInterval: often, clearInterval: stop} = globalThis;
	const clock = performance.now.bind(performance);
	const wrap = (start, keep) => function (handler, delay, ...rest) {
		if (typeof handler !== "function") return start(handler, delay, ...rest);
		const wait = Math.max(0, Number(delay) || 0);
		const id = start(function (...args) {
			if (keep) due.set(id, clock() + wait); else due.delete(id);
			return handler.apply(this, args);
		}, delay, ...rest);
		due.set(id, clock() + wait);
		return id;
	};
	const unwrap = end => function (id) { due.delete(Number(id)); return end(id); };
	globalThis.setTimeout = wrap(later, false);
	globalThis.setInterval = wrap(often, true);
	globalThis.clearTimeout = unwrap(forget);
	globalThis.clearInterval = unwrap(stop);
	document.addEventListener("` + timersEvent + `", e => {
		const until = clock() + e.detail;
		for (const at of due.values()) if (at <= until) return e.preventDefault();
	});
})()`

// timersEvent is the name of the event that asks for the timers.
const timersEvent = "veille:timers"

// iconAddresses are those of the icons that the document declares.
const iconAddresses = `Array.from(document.querySelectorAll('link[rel~="icon" i][href]'), l => l.href.split("#")[0])`
