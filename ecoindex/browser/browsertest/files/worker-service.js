oninstall = (e) => e.waitUntil(caches.open('first').then((c) => c.addAll(['/a/precached.css', '/a/precached.png'])));
onfetch = (e) => e.respondWith(caches.match(e.request).then((hit) => hit ?? fetch(e.request)));
