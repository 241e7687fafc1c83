new Worker('/worker-inner.js').onmessage = (e) => postMessage(e.data);
