const FAVOURITES = "emprise.favourites";

/**
 * Favourites that the browser keeps, where it may and the address has none.
 * @param {Shell<AvailablePage>} shell
 */
export function restoreFavourites(shell) {
  const { filters } = shell.state.get();
  const stored = storage()?.getItem(`${FAVOURITES}.${shell.page.slug}`);
  if (stored && filters.fav === undefined) shell.state.put({ filters: { ...filters, fav: stored } });
}

/**
 * Keep favourites in the browser, where it may.
 * @param {Shell<AvailablePage>} shell @param {string[]} ids
 */
export function keepFavourites(shell, ids) {
  storage()?.setItem(`${FAVOURITES}.${shell.page.slug}`, ids.join("|"));
}

function storage() {
  try {
    return window.localStorage;
  } catch {
    return null; // not allowed: the address keeps them
  }
}
