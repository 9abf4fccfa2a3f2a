/**
 * Put back what the page carries deflated: its data in their place, then its script, which starts the page.
 * The policy of the page names the hash of that script, so nothing else can run in its stead.
 * Where it cannot be done, the page says why and shows what it shows without scripts.
 */

const root = document.documentElement;

/** Inflate what `deflate` of `gis/maps/packing.py` wrote. */
async function inflate(packed) {
  const letters = atob(packed);
  const bytes = new Uint8Array(letters.length);
  for (let n = 0; n < bytes.length; n += 1) bytes[n] = letters.charCodeAt(n);
  return new Response(new Response(bytes).body.pipeThrough(new DecompressionStream("deflate"))).text();
}

async function load() {
  const places = ["page-data", "page-script"].map((id) => /** @type {any} */ (document.getElementById(id)));
  const [data, script] = await Promise.all(places.map((place) => inflate(place.textContent)));
  places[0].type = "application/json";
  places[0].textContent = data;
  places[1].remove();
  const running = document.createElement("script");
  running.text = script;
  document.body.append(running);
  if (!window.emprise) throw new Error("the script of the page did not run");
}

root.classList.add("alive");
load().catch(() => {
  root.classList.remove("alive");
  document.getElementById("unable").hidden = false;
  const panel = document.getElementById("panel");
  panel.insertAdjacentHTML("beforeend", panel.querySelector("noscript").textContent);
});
