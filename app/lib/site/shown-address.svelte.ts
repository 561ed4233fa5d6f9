/**
 * What a page shows, kept in its address, so that a view can be sent to a colleague and is there after a reload. Called while the component
 * is made; follows what it is given without an entry in the browser's history.
 */
import { goto } from '$app/navigation';
import { page } from '$app/state';

/** By name; null for what is as it is anyway. */
export type Shown = Readonly<Record<string, string | null>>;

/** `?filter=open&q=school`; empty when nothing is to be said. */
export function queryOf(shown: Shown): string {
  const said = Object.entries(shown).filter((one): one is [string, string] => one[1] !== null);
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- lives within this call
  return said.length === 0 ? '' : `?${new URLSearchParams(said).toString()}`;
}

/** A search field's text as the address keeps it. */
export const soughtText = (sought: string): string | null => (sought.trim() === '' ? null : sought.trim());

/** `query` has its question mark, to be put behind another path too: an export of what is shown. */
export function keepInAddress(shown: () => Shown): { readonly query: string } {
  const query = $derived(queryOf(shown()));
  let isMounted = false;
  $effect(() => {
    const address = query === '' ? page.url.pathname : query;
    if (isMounted) void goto(address, { shallow: true, replace: true });
    isMounted = true;
  });
  return {
    get query() {
      return query;
    },
  };
}
