// Renders the cases on standard input, one JSON object a line, by Wontache, and writes its answers. Started by mustache_differential.py,
// which says by an argument where the package is.
import readline from 'node:readline';
import {createRequire} from 'node:module';

const mustache = createRequire(process.argv[2] + '/')('wontache');

// Lists and objects are written as JSON, an empty list or object as nothing.
function worded(v) {
    if (!v || typeof v !== 'object') return v;
    const made = Array.isArray(v) ? v.map(worded) : Object.fromEntries(Object.entries(v).map(([key, member]) => [key, worded(member)]));
    const text = Object.keys(v).length ? JSON.stringify(v) : '';
    return Object.defineProperty(made, 'toString', {value: () => text, enumerable: false});
}

for await (const line of readline.createInterface({input: process.stdin})) {
    const {template, data, partials} = JSON.parse(line);
    let answer;
    try {
        answer = {output: mustache(template)(worded(data), {partials})};
    } catch (e) {
        answer = {error: String(e)};
    }
    console.log(JSON.stringify(answer));
}
