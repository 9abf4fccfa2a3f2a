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
 * Put children in the place of those of an element; null and false are left out. What had the focus has it again, with
 * the caret where it was; what was unfolded or folded by its reader stays so.
 */
export function show(element, ...children) {
  const folds = new Map(every("details[id]", element).map((each) => [each.id, each.open]));
  const had = /** @type {any} */ (element.contains(document.activeElement) ? document.activeElement : null);
  const caret = had?.type === "search" || had?.type === "text" ? had.selectionStart : null;
  element.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== false));
  for (const each of every("details[id]", element)) each.open = folds.get(each.id) ?? each.open;
  const now = had?.id ? byId(had.id) : null;
  now?.focus({ preventScroll: true });
  if (now && caret !== null) now.setSelectionRange(caret, caret);
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  return /** @type {SVGElement} */ (
    fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children)
  );
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
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
