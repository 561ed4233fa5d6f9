/** Folding: of several events of one entity only the last is worth sending, because facts carry absolute state. Pure, browser-safe. */
import type { JournalEvent } from '#models/journal/journal.ts';

/**
 * The last event of each entity and type, in order. Applying them equals applying all (the law of live state); never used
 * for posts and claims, each of which is a fact of its own.
 */
export function fold(events: readonly JournalEvent[]): JournalEvent[] {
  const last = new Map<string, JournalEvent>();
  for (const event of events) {
    const key = `${event.type} ${event.entity}`;
    // Deleted first, so that the map keeps the order of the last ones.
    last.delete(key);
    last.set(key, event);
  }
  return [...last.values()];
}
