import '/a/static.js';
await import('/a/dynamic.js');
await (await fetch('/a/fetched-by-module.json')).text();
postMessage('<b>done</b>');
