/**
 * Inflate what the page carries: its data, as `emprisePage`, then its script, which starts the page. The document
 * itself stays as it was. The policy of the page names the hash of that script, so nothing else can run in its stead.
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
  const packed = ["page-data", "page-script"].map((id) => document.getElementById(id).textContent);
  const [data, script] = await Promise.all(packed.map(inflate));
  window.emprisePage = JSON.parse(data);
  const running = document.createElement("script");
  running.text = script;
  document.body.append(running);
  running.remove();
  if (!window.emprise) throw new Error("the script of the page did not run");
}

root.classList.add("alive");
load().catch(() => {
  root.classList.remove("alive");
  document.getElementById("unable").hidden = false;
  const panel = document.getElementById("panel");
  const plain = new DOMParser().parseFromString(panel.querySelector("noscript").textContent, "text/html");
  panel.append(...plain.body.childNodes);
});
