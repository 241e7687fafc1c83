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

// lengthOfHTML is the length of the document as it is now, in bytes of UTF-8.
const lengthOfHTML = `document.documentElement ? new TextEncoder().encode(document.documentElement.outerHTML).length : 0`

// scrollDown goes to the bottom that the page has at the start, most of a viewport at a time, and lets the page draw at
// each stop, so that it meets all that lies between. The one smooth scroll of the reference meets the same on a machine
// that has time, skips some of it on one that has not, and may end before the bottom. The value says whether the bottom
// was reached.
const scrollDown = `(async () => {
	const page = document.scrollingElement || document.documentElement;
	const drawn = () => new Promise(done => {
		const late = setTimeout(done, 200);
		requestAnimationFrame(() => requestAnimationFrame(() => { clearTimeout(late); done(); }));
	});
	if (!page) return true;
	const bottom = Math.max(page.scrollHeight, document.body ? document.body.scrollHeight : 0);
	const step = Math.max(window.innerHeight * 0.9, (bottom - window.scrollY) / 200);
	for (let y = window.scrollY + step; ; y += step) {
		window.scrollTo({top: Math.min(y, bottom), behavior: "instant"});
		await drawn();
		if (y >= bottom) break;
	}
	return page.scrollTop + window.innerHeight >= bottom - 2;
})()`

// liveliness says how the document lives: its elements, and the milliseconds until the last of its finite animations ends.
const liveliness = `(() => {
	let last = 0;
	for (const a of document.getAnimations()) {
		if (a.playState !== "running" || !a.effect) continue;
		const left = a.effect.getComputedTiming().endTime - a.currentTime;
		if (isFinite(left)) last = Math.max(last, left);
	}
	return [document.getElementsByTagName("*").length, last];
})()`

// watchTimers goes into each document before its own scripts: it keeps the moments at which its timers are due, so
// that the adaptive protocol knows what is still to come. The page's timers work as before.
const watchTimers = `(() => {
	const due = new Map();
	const {setTimeout: later, clearTimeout: forget, setInterval: often, clearInterval: stop} = globalThis;
	const clock = performance.now.bind(performance);
	const wrap = (start, keep) => function (handler, delay, ...rest) {
		const wait = Math.max(0, Number(delay) || 0);
		if (typeof handler !== "function") return start(handler, delay, ...rest);
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
	Object.defineProperty(globalThis, "` + timersName + `", {value: () => {
		let next = -1;
		for (const at of due.values()) if (next < 0 || at < next) next = at;
		return next < 0 ? -1 : Math.max(0, next - clock());
	}});
})()`

// iconAddresses are those of the icons that the document declares.
const iconAddresses = `Array.from(document.querySelectorAll('link[rel~="icon" i][href]'), l => l.href)`

// timersName is where watchTimers answers the milliseconds to the next timer, or -1.
const timersName = "__veilleNextTimer"

const nextTimer = `typeof ` + timersName + ` === "function" ? ` + timersName + `() : -1`
