// Makes the console's static files: `node build.mjs <output folder>`, run where
// node_modules lies. Bundles main.js and main.css with their fonts, keeps of
// Tabler only what templates, pages and scripts name, and draws the icon sprite.
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { purge } from "./purge.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const web = join(here, "..", "..");
const require = createRequire(join(process.cwd(), "package.json"));
const { build } = require("esbuild");
const output = process.argv[2] ?? join(web, "static");

async function words(folder) {
  const found = new Set();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(html|py|js)$/.test(entry.name)) continue;
    const text = await readFile(join(entry.parentPath, entry.name), "utf8");
    for (const word of text.matchAll(/[\w-]+/g)) found.add(word[0]);
  }
  return found;
}

const tabler = {
  name: "of Tabler only what is named",
  setup(builder) {
    builder.onLoad({ filter: /tabler\.min\.css$/ }, async ({ path }) => ({
      contents: purge(await readFile(path, "utf8"), await words(join(web, "console"))),
      loader: "css",
      resolveDir: dirname(path),
    }));
  },
};

async function sprite() {
  const names = (await readFile(join(here, "icons.txt"), "utf8")).split("\n").filter(Boolean);
  const symbols = await Promise.all(
    names.map(async (name) => {
      const svg = await readFile(require.resolve(`@tabler/icons/outline/${name}.svg`), "utf8");
      const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
      return `<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "")}</symbol>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`;
}

await mkdir(output, { recursive: true });
await build({
  entryPoints: [join(here, "main.js"), join(here, "main.css")],
  outdir: output,
  bundle: true,
  minify: true,
  target: ["chrome123", "firefox120", "safari17.5"],
  format: "iife",
  loader: { ".woff2": "file", ".svg": "dataurl" },
  assetNames: "[name]-[hash]",
  nodePaths: [join(process.cwd(), "node_modules")],
  plugins: [tabler],
  legalComments: "linked",
});
await writeFile(join(output, "icons.svg"), await sprite());
await copyFile(join(here, "logo.svg"), join(output, "logo.svg"));
