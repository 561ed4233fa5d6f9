/** Files that nobody names any more are thrown away: what a broken put has left, and what a node died over before it said whose it is. */
import type { Context } from '../context.ts';
import { pageOfBlob } from '../scanning/scan-image.ts';

/** So long a file may lie before it is named (ms): longer than any put takes, and any node that began it lives on. */
export const UNNAMED_KEPT_MS = 2 * 24 * 60 * 60_000;
/** Files looked at by one request, and in one round. */
const LOOKED_AT_ONCE = 500;
export const LOOKED_IN_ROUND_MAX = 20_000;

export function createBlobSweep(context: Context) {
  const { blobs, uploads, printRuns, scanFiles, scanPages, journal, now, newId } = context;
  /** Where the next round goes on; a node that starts begins from the first one. */
  let after = '';

  async function namedOf(ids: readonly string[]): Promise<Set<string>> {
    const byBlob = { blob: { $in: ids } };
    const pages = ids.flatMap((id) => pageOfBlob(id) ?? []);
    const [sent, printed, scanned, known, files] = await Promise.all([
      uploads.list(byBlob),
      printRuns.list(byBlob),
      scanFiles.list(byBlob),
      pages.length === 0 ? [] : scanPages.list({ _id: { $in: pages.map(({ page }) => page) } }),
      pages.length === 0 ? [] : scanFiles.list({ _id: { $in: pages.map(({ file }) => file) } }),
    ]);
    const named = new Set([...sent, ...printed, ...scanned].flatMap((one) => ('blob' in one ? (one.blob ?? []) : [])));
    const booked = new Set(known.map(({ id }) => id));
    const reading = new Set(files.filter(({ status }) => status === 'reading').map(({ id }) => id));
    for (const id of ids) {
      const of = pageOfBlob(id);
      if (of && (booked.has(of.page) || reading.has(of.file))) named.add(id);
    }
    return named;
  }

  return {
    /** One round; returns how many files were thrown away. Whoever finds some tells the journal of deeds. */
    async sweep(): Promise<number> {
      let removed = 0;
      for (let looked = 0; looked < LOOKED_IN_ROUND_MAX;) {
        const found = await blobs.list(after, LOOKED_AT_ONCE);
        const old = found.filter(({ sinceMs }) => sinceMs <= now() - UNNAMED_KEPT_MS).map(({ id }) => id);
        const named = old.length === 0 ? new Set() : await namedOf(old);
        for (const id of old)
          if (!named.has(id)) {
            await blobs.remove(id);
            removed += 1;
          }
        looked += found.length;
        after = found.length < LOOKED_AT_ONCE ? '' : (found.at(-1)?.id ?? '');
        if (after === '') break;
      }
      if (removed > 0)
        await journal.record(
          {
            ...{ actor: 'hub', atMs: now(), commandId: newId() },
            note: {
              ...{ kind: 'blobs.swept', path: '/', subject: 'blobs', subjectName: '' },
              differences: [{ field: 'count', before: null, after: removed }],
            },
          },
          [],
          () => Promise.resolve(),
        );
      return removed;
    },
  };
}
