/**
 * Elements from data: text stays text, whatever it holds.
 * @param {string} tag
 * @param {Props} [props] attributes; `on…` is a listener, `class`, `text`; false and null are left out
 * @param {...Child} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  return /** @type {HTMLElement} */ (fill(document.createElement(tag), props, children));
}

/**
 * Make the children of an element those that are given, by changing those that are there: what is in use stays the
 * very element that it was, with its focus, caret, scroll and fold. An element is the one of its id; one without is
 * that which holds the same, or stands in the same place. Null and false are left out.
 * @param {Element} element
 * @param {...Child} children
 */
export function show(element, ...children) {
  const had = element.contains(document.activeElement) ? document.activeElement : null;
  settle(
    element,
    /** @type {Met[]} */ (told(children).map((each) => (each instanceof Node ? each : document.createTextNode(each)))),
    had,
  );
  if (had?.id && !had.isConnected) bringBack(/** @type {Met} */ (had), /** @type {Met | null} */ (byId(had.id)));
}

/**
 * Put what was in use in the place that it has now, elsewhere, and unfold it.
 * @param {Met} had @param {Met | null} fresh
 */
function bringBack(had, fresh) {
  if (fresh?.nodeName !== had.nodeName) return;
  adopt(had, fresh, null);
  fresh.replaceWith(had);
  for (let fold = had.parentElement; fold; fold = fold.parentElement)
    if (fold instanceof HTMLDetailsElement) fold.open = true;
  had.focus({ preventScroll: true });
}

/**
 * What an element is known by among those around it: its id, else the first id in it.
 * @param {Met} node
 */
function nameOf(node) {
  const id = node.id || (node.firstElementChild && node.querySelector("[id]")?.id);
  return id ? `${node.nodeName} ${id}` : node.nodeName;
}

/**
 * Make the children of an element those that are given; none that holds the focus is ever moved.
 * @param {Element} parent @param {Met[]} fresh @param {Element | null} active
 */
function settle(parent, fresh, active) {
  const there = /** @type {Met[]} */ ([...parent.childNodes]);
  const names = there.map(nameOf);
  if (there.length === fresh.length && fresh.every((node, n) => nameOf(node) === names[n])) {
    fresh.forEach((node, n) => adopt(there[n], node, active));
    return;
  }
  const used = active && there.find((old) => old.contains(active));
  const pairs = paired(there, names, fresh, used, active);
  const kept = new Set(pairs.values());
  for (const old of there) if (!kept.has(old)) old.remove();
  let next = /** @type {Met | null} */ (parent.firstChild);
  for (const node of fresh) {
    const own = pairs.get(node) ?? node;
    if (own !== node) adopt(own, node, active);
    if (own !== next && own === used)
      for (let before = next; before && before !== used; before = next) {
        next = /** @type {Met | null} */ (before.nextSibling);
        parent.append(before);
      }
    if (own === next) next = /** @type {Met | null} */ (own.nextSibling);
    else parent.insertBefore(own, next);
  }
}

/**
 * For each child that is given the one that is there for it: what is in use first, then by name, then by place.
 * @param {Met[]} there @param {string[]} names @param {Met[]} fresh @param {Met | null | undefined} used
 * @param {Element | null} active @returns {Map<Met, Met>}
 */
function paired(there, names, fresh, used, active) {
  const pairs = new Map();
  const byName = new Map(there.map((old, n) => [names[n], old]));
  const left = new Set(there);
  /** @param {Met | undefined} node @param {Met | undefined} old */
  const pair = (node, old) => {
    if (node && old && left.delete(old)) pairs.set(node, old);
  };
  if (used && active?.id)
    pair(
      fresh.find(
        (node) =>
          node.nodeName === used.nodeName &&
          (node.id === active.id || node.querySelector?.(`#${CSS.escape(active.id)}`)),
      ),
      used,
    );
  for (const node of fresh)
    if (!pairs.has(node) && nameOf(node) !== node.nodeName) pair(node, byName.get(nameOf(node)));
  /** @type {Map<string, Set<Met>>} */
  const places = new Map();
  for (const old of left) if (!old.id) places.set(old.nodeName, (places.get(old.nodeName) ?? new Set()).add(old));
  for (const node of fresh) {
    if (pairs.has(node) || node.id) continue;
    const [old] = places.get(node.nodeName) ?? [];
    if (old) places.get(node.nodeName)?.delete(old);
    pair(node, old);
  }
  return pairs;
}

/**
 * Make an element like another; its reader folds and unfolds it, and writes in it.
 * @param {Met} old @param {Met} fresh @param {Element | null} active
 */
function adopt(old, fresh, active) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  const written = old.getAttribute("value");
  adoptAttributes(old, fresh);
  const [heard, now] = [listeners.get(old), listeners.get(fresh)];
  if (heard || now) {
    Object.assign(old, Object.fromEntries(Object.keys(heard ?? {}).map((name) => [name, null])), now);
    listeners.set(old, now ?? {});
  }
  settle(old, /** @type {Met[]} */ ([...fresh.childNodes]), active && old.contains(active) ? active : null);
  if (old.nodeName === "SELECT" && old.selectedIndex !== fresh.selectedIndex) old.selectedIndex = fresh.selectedIndex;
  if (old.nodeName !== "INPUT") return;
  if (old.checked !== fresh.checked) old.checked = fresh.checked;
  const writing = old === document.activeElement && written === fresh.getAttribute("value");
  if (old.value !== fresh.value && !writing) old.value = fresh.value;
}

/**
 * Give an element the attributes of another; the policy of a page refuses the text of a style, so that goes apart.
 * @param {HTMLElement} old @param {HTMLElement} fresh
 */
function adoptAttributes(old, fresh) {
  const kept = old.nodeName === "DETAILS" ? ["style", "open"] : ["style"];
  for (const { name } of [...old.attributes])
    if (!kept.includes(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (!kept.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old.getAttribute("style") !== fresh.getAttribute("style")) old.style.cssText = fresh.style.cssText;
}

/**
 * The same for SVG.
 * @param {string} tag @param {Props} [props] @param {...Child} children
 */
export function svg(tag, props = {}, ...children) {
  return /** @type {SVGElement} */ (fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children));
}

/** @param {Child[]} children @returns {(Node | string)[]} */
const told = (children) =>
  children.flatMap((child) => (child === null || child === undefined || child === false ? [] : [child]));

/**
 * What elements listen to: `onclick` and the like, each its function.
 * @type {WeakMap<Element, Props>}
 */
const listeners = new WeakMap();

/** @param {HTMLElement | SVGElement} element @param {Props} props @param {Child[]} children */
function fill(element, props, children) {
  const heard = Object.entries(props).filter(([name, value]) => name.startsWith("on") && value);
  if (heard.length) listeners.set(Object.assign(element, Object.fromEntries(heard)), Object.fromEntries(heard));
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined || name.startsWith("on")) continue;
    if (name === "text") element.textContent = String(value);
    else if (name.startsWith("--")) element.style.setProperty(name, String(value));
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...told(children));
  return element;
}

/**
 * Only web addresses become links.
 * @param {string} url @param {string} text @param {Props} [props]
 */
export function link(url, text, props = {}) {
  if (!/^https?:\/\//.test(url)) return h("span", props, text);
  return h("a", { href: url, rel: "noopener noreferrer", target: "_blank", ...props }, text);
}

/**
 * The element with an id: one of the template is there, any other may not be.
 * @template {string} Id
 * @param {Id} id
 * @returns {Id extends keyof FixedElements ? FixedElements[Id] : HTMLElement | null}
 */
export const byId = (id) => /** @type {any} */ (document.getElementById(id));

/**
 * The elements that a selector finds.
 * @param {string} selector
 * @returns {Marked[]}
 */
export const every = (selector, root = /** @type {ParentNode} */ (document)) => [
  .../** @type {NodeListOf<Marked>} */ (root.querySelectorAll(selector)),
];
