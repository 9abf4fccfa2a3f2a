/**
 * Elements from data: text stays text, whatever it holds.
 * @param {string} tag
 * @param {Record<string, any>} [props] attributes; `on…` is a listener, `class`, `text`; false and null are left out
 * @param {...(Node | string | null | undefined | false)} children
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
 * @param {...(Node | string | null | undefined | false)} children
 */
export function show(element, ...children) {
  const had = element.contains(document.activeElement) ? document.activeElement : null;
  settle(
    element,
    told(children).map((each) => (each instanceof Node ? each : document.createTextNode(each))),
    had,
  );
  if (had?.id && !had.isConnected) bringBack(had, byId(had.id));
}

/** Put what was in use in the place that it has now, elsewhere, and unfold it. */
function bringBack(had, fresh) {
  if (fresh?.nodeName !== had.nodeName) return;
  adopt(had, fresh, null);
  fresh.replaceWith(had);
  for (let fold = had.parentElement; fold; fold = fold.parentElement) if (fold.nodeName === "DETAILS") fold.open = true;
  had.focus({ preventScroll: true });
}

/** What an element is known by among those around it: its id, else the first id in it. */
function nameOf(node) {
  const id = node.id || (node.firstElementChild && node.querySelector("[id]")?.id);
  return id ? `${node.nodeName} ${id}` : node.nodeName;
}

/** Make the children of an element those that are given; none that holds the focus is ever moved. */
function settle(parent, fresh, active) {
  const there = [...parent.childNodes];
  const names = there.map(nameOf);
  if (there.length === fresh.length && fresh.every((node, n) => nameOf(node) === names[n])) {
    fresh.forEach((node, n) => adopt(there[n], node, active));
    return;
  }
  const used = active && there.find((old) => old.contains(active));
  const pairs = paired(there, names, fresh, used, active);
  const kept = new Set(pairs.values());
  for (const old of there) if (!kept.has(old)) old.remove();
  let next = parent.firstChild;
  for (const node of fresh) {
    const own = pairs.get(node) ?? node;
    if (own !== node) adopt(own, node, active);
    if (own !== next && own === used)
      for (let before = next; before !== used; before = next) {
        next = before.nextSibling;
        parent.append(before);
      }
    if (own === next) next = own.nextSibling;
    else parent.insertBefore(own, next);
  }
}

/** For each child that is given the one that is there for it: what is in use first, then by name, then by place. */
function paired(there, names, fresh, used, active) {
  const pairs = new Map();
  const byName = new Map(there.map((old, n) => [names[n], old]));
  const left = new Set(there);
  const pair = (node, old) => {
    if (node && left.delete(old)) pairs.set(node, old);
  };
  const holds = (node) =>
    node.nodeName === used.nodeName && (node.id === active.id || node.querySelector?.(`#${CSS.escape(active.id)}`));
  if (used && active.id) pair(fresh.find(holds), used);
  for (const node of fresh)
    if (!pairs.has(node) && nameOf(node) !== node.nodeName) pair(node, byName.get(nameOf(node)));
  const places = new Map();
  for (const old of left) if (!old.id) places.set(old.nodeName, (places.get(old.nodeName) ?? new Set()).add(old));
  for (const node of fresh) {
    if (pairs.has(node) || node.id) continue;
    const [old] = places.get(node.nodeName) ?? [];
    places.get(node.nodeName)?.delete(old);
    pair(node, old);
  }
  return pairs;
}

/** Make an element like another; its reader folds and unfolds it, and writes in it. */
function adopt(old, fresh, active) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  const written = old.getAttribute("value");
  adoptAttributes(old, fresh);
  const [heard, now] = [listeners.get(old), listeners.get(fresh)];
  if (heard || now) {
    for (const name of Object.keys({ ...heard, ...now })) old[name] = now?.[name] ?? null;
    listeners.set(old, now ?? {});
  }
  settle(old, [...fresh.childNodes], active && old.contains(active) ? active : null);
  if (old.nodeName === "SELECT" && old.selectedIndex !== fresh.selectedIndex) old.selectedIndex = fresh.selectedIndex;
  if (old.nodeName !== "INPUT") return;
  if (old.checked !== fresh.checked) old.checked = fresh.checked;
  const writing = old === document.activeElement && written === fresh.getAttribute("value");
  if (old.value !== fresh.value && !writing) old.value = fresh.value;
}

/** Give an element the attributes of another; the policy of a page refuses the text of a style, so that goes apart. */
function adoptAttributes(old, fresh) {
  const kept = old.nodeName === "DETAILS" ? ["style", "open"] : ["style"];
  for (const { name } of [...old.attributes])
    if (!kept.includes(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (!kept.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  if (old.getAttribute("style") !== fresh.getAttribute("style")) old.style.cssText = fresh.style.cssText;
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  return /** @type {SVGElement} */ (fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children));
}

const told = (children) => children.filter((child) => child !== null && child !== undefined && child !== false);

/** What elements listen to: `onclick` and the like, each its function. */
const listeners = new WeakMap();

function fill(element, props, children) {
  const heard = Object.entries(props).filter(([name, value]) => name.startsWith("on") && value);
  if (heard.length) listeners.set(element, Object.fromEntries(heard));
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element[name] = value;
    else if (name === "text") element.textContent = value;
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...told(children));
  return element;
}

/** Only web addresses become links. */
export function link(url, text, props = {}) {
  if (!/^https?:\/\//.test(url)) return h("span", props, text);
  return h("a", { href: url, rel: "noopener noreferrer", target: "_blank", ...props }, text);
}

/**
 * The element with an id, of whichever kind.
 * @param {string} id
 * @returns {any}
 */
export const byId = (id) => document.getElementById(id);

/**
 * The elements that a selector finds, of whichever kind.
 * @param {string} selector
 * @returns {any[]}
 */
export const every = (selector, root = /** @type {ParentNode} */ (document)) => [...root.querySelectorAll(selector)];
