importScripts('/a/imported.js');
fetch('/a/fetched-by-worker.json').then((r) => r.text()).then(() => postMessage('<b>done</b>'));
