/** What stands in the address of a page that is narrowed by a form; a field that is left empty is not asked. */
export const searchOf = (url: URL): Record<string, string> =>
  Object.fromEntries([...url.searchParams].filter(([, value]) => value.trim() !== ''));
