/**
 * Inflate what the page carries, and start it: what its map draws, as `empriseDrawn`, the rest of its data, as
 * `emprisePage`, and its script. Where the map need not wait for the rest, it is on the screen before that is read; an
 * address that holds a view waits for all of it, not to show another view first. The document itself stays as it was.
 * The policy of the page names the hash of the script, so nothing else can run in its stead. Where it cannot be done,
 * the page says why and shows what it shows without scripts.
 */

const root = document.documentElement;

/**
 * An element that every page has.
 * @template {keyof FixedElements} Id
 * @param {Id} id
 */
const fixed = (id) => /** @type {FixedElements[Id]} */ (document.getElementById(id));

/** Milliseconds that a page which is not seen, and so not painted, waits. */
const UNSEEN = 250;

/**
 * Inflate what `deflate` of `gis/maps/packing.py` wrote in an element.
 * @param {"page-data" | "page-map" | "page-script"} id
 */
async function inflated(id) {
  const letters = atob(fixed(id).textContent ?? "");
  const bytes = new Uint8Array(letters.length);
  for (let n = 0; n < bytes.length; n += 1) bytes[n] = letters.charCodeAt(n);
  const body = /** @type {ReadableStream<BufferSource>} */ (new Response(bytes).body);
  return new Response(body.pipeThrough(new DecompressionStream("deflate"))).text();
}

/** @param {string} script */
function run(script) {
  const running = document.createElement("script");
  running.text = script;
  document.body.append(running);
  running.remove();
  if (!window.emprise) throw new Error("the script of the page did not run");
}

const painted = () =>
  new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)));
    setTimeout(done, UNSEEN);
  });

async function load() {
  const [script, drawn] = await Promise.all([inflated("page-script"), inflated("page-map")]);
  window.empriseDrawn = JSON.parse(drawn);
  if (!location.hash && "mapFirst" in document.body.dataset) {
    run(script);
    await painted();
  }
  window.emprisePage = JSON.parse(await inflated("page-data"));
  if (!window.emprise) run(script);
  window.emprise.start();
}

root.classList.add("alive");
load().catch(() => {
  root.classList.remove("alive");
  fixed("unable").hidden = false;
  const panel = fixed("panel");
  const plain = new DOMParser().parseFromString(panel.querySelector("noscript")?.textContent ?? "", "text/html");
  panel.append(...plain.body.childNodes);
});
