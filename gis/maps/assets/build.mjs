// Bundle what every page carries: dist/emprise.js, dist/loader.js, dist/emprise.css, dist/licenses.txt.
// Nothing is written unless all of it can be put inside an HTML page as it is.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  target: "es2020",
  charset: "utf8",
  legalComments: "inline",
  metafile: true,
  write: false,
};

/** Text that would end, or change the reading of, the element it is put in. */
const forbidden = { ".js": /<\/script|<!--/i, ".css": /<\/style|<!--|@import/i, ".txt": /-->/ };

/** Stop at what a page could not carry. */
function refuse(name, text) {
  const found = text.match(forbidden[extname(name)]);
  if (found) {
    const around = text.slice(Math.max(0, found.index - 60), found.index + 60);
    throw new Error(`${name} holds \`${found[0]}\`, which a page cannot carry: …${around}…`);
  }
}

/** Folder of the npm package a bundled file comes from; nothing for our own files. */
function packageOf(path) {
  const found = path.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//);
  return found ? [found[1]] : [];
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(here, folder, "package.json")));
  const file = readdirSync(join(here, folder)).find((each) => /^(licen[cs]e|copying)/i.test(each));
  if (!file) throw new Error(`${name} ${version} comes without the text of its licence.`);
  const text = readFileSync(join(here, folder, file), "utf8")
    .replace(/\r\n/g, "\n")
    .trim();
  return `${name} ${version} (${license})\n\n${text}\n`;
}

async function main() {
  const script = await build({
    ...common,
    entryPoints: ["src/main.js"],
    format: "iife",
    globalName: "emprise",
    outfile: "dist/emprise.js",
  });
  const loader = await build({ ...common, entryPoints: ["src/loader.js"], format: "iife", outfile: "dist/loader.js" });
  const style = await build({
    ...common,
    entryPoints: ["css/main.css"],
    loader: { ".png": "empty" }, // pictures of Leaflet's markers and layer control: no page draws either
    outfile: "dist/emprise.css",
  });

  const bundled = [script, style].flatMap((each) => Object.keys(each.metafile.inputs));
  const folders = [...new Set(bundled.flatMap(packageOf))].sort();
  const files = {
    "emprise.js": script.outputFiles[0].text,
    "loader.js": loader.outputFiles[0].text,
    "emprise.css": style.outputFiles[0].text,
    "licenses.txt": folders.map(licenceOf).join("\n"),
  };
  for (const [name, text] of Object.entries(files)) refuse(name, text);

  const dist = join(here, "dist");
  if (existsSync(dist)) rmSync(dist, { recursive: true });
  mkdirSync(dist);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dist, name), text);
}

try {
  await main();
} catch (error) {
  if (!error.errors) console.error(error.message); // what esbuild refuses, it has shown already
  process.exitCode = 1;
}
