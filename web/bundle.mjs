// Bundles the scripts and the map's style: node bundle.mjs FOLDER '{"wgs84": "/static/…", …}'
// Every name carries a hash of its content; entries.json tells which file each entry became.
import { readFile, writeFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { build } from "esbuild";

const PUBLIC = "/static/built/";
const [folder, outlines] = process.argv.slice(2);

const common = {
  absWorkingDir: import.meta.dirname,
  bundle: true,
  charset: "utf8",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  // The licences of what is bundled ask to travel with it.
  legalComments: "eof",
  logLevel: "warning",
  metafile: true,
  minify: true,
  outdir: folder,
  target: ["es2020", "chrome87", "safari14.1"],
};

// Leaflet's pictures belong to controls that this map has not.
const noPictures = {
  name: "no-pictures",
  setup: (plugins) =>
    plugins.onLoad({ filter: /leaflet\.css$/ }, async ({ path }) => ({
      contents: (await readFile(path, "utf8")).replace(/[^{}]*\{[^{}]*url\([^{}]*\}/g, ""),
      loader: "css",
    })),
};

function entriesOf({ metafile }) {
  return Object.fromEntries(
    Object.entries(metafile.outputs)
      .filter(([, output]) => output.entryPoint?.startsWith("src/"))
      .map(([path, output]) => [
        basename(output.entryPoint).replace(/\.ts$/, ".js"),
        relative(folder, join(import.meta.dirname, path)),
      ]),
  );
}

const style = entriesOf(
  await build({ ...common, entryPoints: ["src/map.css"], plugins: [noPictures] }),
);
const define = { MAP_STYLE: JSON.stringify(PUBLIC + style["map.css"]), OUTLINES: outlines };
const modules = async (names, more = {}) =>
  entriesOf(
    await build({
      ...common,
      ...more,
      define,
      entryPoints: names.map((name) => `src/${name}.ts`),
      format: "esm",
      splitting: true,
    }),
  );
// Pages of the map share Leaflet. What every page loads stands alone: no second round trip. The
// console shares nothing with them: all of its files are named so, and parents' phones keep none.
const scripts = {
  ...(await modules(["home", "site", "bus"])),
  ...(await modules(["page"])),
  ...(await modules(["console"], { chunkNames: "console-[name]-[hash]" })),
};
const worker = entriesOf(await build({ ...common, entryPoints: ["src/sw.ts"], format: "iife" }));

// A chunk is an entry as well for the metafile when it is imported dynamically; it is no one's.
const named = Object.entries({ ...style, ...scripts, ...worker }).filter(([name]) =>
  ["map.css", "page.js", "home.js", "site.js", "bus.js", "console.js", "sw.js"].includes(name),
);
await writeFile(join(folder, "entries.json"), JSON.stringify(Object.fromEntries(named)));
