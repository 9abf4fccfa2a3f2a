/**
 * What waits for the mouse: nothing may move between a press and its click. Leaving a field for another is a press too.
 */

/** Milliseconds after which a button is no longer waited for: one that opens a list may be let go unseen. */
const LONGEST = 400;

let pressed = false;
window.addEventListener("mousedown", () => (pressed = true), { capture: true });
window.addEventListener("mouseup", () => (pressed = false), { capture: true });

/**
 * Do something when no button of the mouse is down, after the click that it makes.
 * @param {() => unknown} action
 */
export function whenReleased(action) {
  if (!pressed) {
    action();
    return;
  }
  let waiting = 0;
  const done = () => {
    window.removeEventListener("mouseup", soon, { capture: true });
    pressed = false;
    action();
  };
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(done);
  };
  waiting = setTimeout(done, LONGEST);
  window.addEventListener("mouseup", soon, { capture: true });
}
