/** A path of this site, or the first page: an address from outside is never followed. */
export function ownPath(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/';
}
