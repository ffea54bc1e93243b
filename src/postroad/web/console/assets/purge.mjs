// Drops the rules of a style sheet whose classes nobody names. Knows what
// Tabler's minified sheet is made of: rules, at-rules with rules in them, and
// strings; `:is()`-like arguments are judged with the rest of their selector.

function end(css, from) {
  // The index behind the block that opens at `from`.
  let depth = 0;
  for (let at = from; at < css.length; at++) {
    const sign = css[at];
    if (sign === '"' || sign === "'") at = css.indexOf(sign, at + 1);
    else if (sign === "{") depth++;
    else if (sign === "}" && --depth === 0) return at + 1;
  }
  return css.length;
}

function selectors(list) {
  const found = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < list.length; at++) {
    if (list[at] === "(" || list[at] === "[") depth++;
    else if (list[at] === ")" || list[at] === "]") depth--;
    else if (list[at] === "," && depth === 0) {
      found.push(list.slice(start, at));
      start = at + 1;
    }
  }
  return [...found, list.slice(start)];
}

const isNamed = (selector, words) =>
  [...selector.matchAll(/\.((?:[\w-]|\\.)+)/g)].every(([, name]) => words.has(name.replace(/\\/g, "")));

function rule(head, body, words) {
  if (/^@(media|supports|layer|container)/.test(head)) {
    const inner = purge(body.slice(1, -1), words);
    return inner && `${head}{${inner}}`;
  }
  if (head.startsWith("@")) return head + body;
  const kept = selectors(head).filter((selector) => isNamed(selector, words));
  return kept.length ? kept.join(",") + body : "";
}

export function purge(css, words) {
  const plain = css.replace(/\/\*[^!][\s\S]*?\*\//g, "");
  let out = "";
  let at = 0;
  while (at < plain.length) {
    const open = plain.indexOf("{", at);
    const semicolon = plain.indexOf(";", at);
    if (semicolon >= 0 && (open < 0 || semicolon < open)) {
      out += plain.slice(at, semicolon + 1);
      at = semicolon + 1;
      continue;
    }
    if (open < 0) break;
    const close = end(plain, open);
    const licence = plain.slice(at, open).match(/^\s*\/\*![\s\S]*?\*\//)?.[0] ?? "";
    out += licence + rule(plain.slice(at + licence.length, open).trim(), plain.slice(open, close), words);
    at = close;
  }
  return out;
}
