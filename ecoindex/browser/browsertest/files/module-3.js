import 'leaf';
import data from '/a/data.json' with { type: 'json' };
export default data;
