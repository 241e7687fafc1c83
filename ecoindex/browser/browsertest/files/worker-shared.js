onconnect = (e) => fetch('/a/fetched-by-shared.json').then((r) => r.text()).then(() => e.ports[0].postMessage('<b>done</b>'));
