/** A browser's storage in memory; `room` is how many characters fit into one entry. */
export function storage(room = Infinity) {
  const kept = new Map<string, string>();
  return {
    kept,
    get length() {
      return kept.size;
    },
    key: (index: number) => [...kept.keys()][index] ?? null,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem(key: string, text: string) {
      if (text.length > room) throw new Error('full');
      kept.set(key, text);
    },
    removeItem: (key: string) => void kept.delete(key),
  };
}
