oninstall = (e) => e.waitUntil(caches.open('first').then((c) => c.addAll(['/a/precached.json'])));
onactivate = (e) => e.waitUntil(clients.claim());
onfetch = (e) => e.respondWith(caches.match(e.request).then((hit) => hit ?? fetch(e.request)));
