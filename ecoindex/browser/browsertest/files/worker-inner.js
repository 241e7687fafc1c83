fetch('/a/fetched-by-inner.json').then((r) => r.text()).then(() => postMessage('<b>done</b>'));
