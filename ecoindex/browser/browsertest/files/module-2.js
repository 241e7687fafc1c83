import '/module-1.js';
export function add(text) {
  const item = document.createElement('li');
  item.textContent = text;
  document.getElementById('list').append(item);
}
