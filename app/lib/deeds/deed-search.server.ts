/** What stands in the address of the journal of deeds; a field that is left empty is not asked. */
export const searchOf = (url: URL): Record<string, string> =>
  Object.fromEntries([...url.searchParams].filter(([, value]) => value.trim() !== ''));
