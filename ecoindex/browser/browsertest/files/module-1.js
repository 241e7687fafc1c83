import { add } from '/module-2.js';
import 'leaf';
add('static');
import('/module-3.js').then(() => add('dynamic'));
