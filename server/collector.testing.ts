/** A reader of pages for tests about everything else: a file is lines of JSON, each a page that says what would be read of it. */
import { readFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { encode, type PageCode } from '#collector/code.ts';
import type { CollectorFinding } from '#collector/finding.ts';
import type { Collector, FieldReading, PageReading, ReadingHints } from '#collector/reading.ts';

/** What a line says. */
export interface SaidPage {
  code: PageCode | null;
  findings?: CollectorFinding[];
  fields?: FieldReading[];
  /** The page gives no image. */
  isSetAside?: boolean;
}

export const fileOf = (pages: readonly (SaidPage & { salt?: number })[]): Uint8Array =>
  new TextEncoder().encode(pages.map((page) => JSON.stringify(page)).join('\n'));

/** The smallest JPEG there is: one grey pixel. */
const PIXEL = Uint8Array.from(
  Buffer.from(
    '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
    'base64',
  ),
);

function readingOf({ code, findings = [], fields = [] }: SaidPage, hints: ReadingHints = {}): PageReading {
  const known = hints.code ?? code;
  return {
    ...{ readerVersion: 1, width: 1_654, height: 2_339, dpi: 200, geometry: null, stageMs: {} },
    identity: known && {
      ...{ code: known, text: encode(known), isRepaired: false },
      sources: [hints.code ? ('typed' as const) : ('datamatrix' as const)],
    },
    fields: known ? fields : [],
    findings: hints.code ? findings.filter(({ code: found }) => found !== 'CODE_UNREADABLE') : findings,
  };
}

export function createCollectorStandIn(): Collector {
  const parse = (bytes: Uint8Array): SaidPage => JSON.parse(new TextDecoder().decode(bytes)) as SaidPage;
  return {
    async readFile(source, { fromPage = 1, signal, setAside }, take) {
      const bytes = 'path' in source ? await readFile(source.path) : source;
      const text = new TextDecoder().decode(bytes);
      if (!text.startsWith('{'))
        return {
          ...{ kind: null, pages: null },
          findings: [{ code: 'FILE_UNSUPPORTED', data: { reason: 'kind', looksLike: 'text', path: null } }],
        };
      const lines = text.split('\n');
      const findings: CollectorFinding[] = [];
      for (const [at, line] of lines.entries()) {
        const number = at + 1;
        const image = { bytes: new TextEncoder().encode(line), type: 'image/jpeg' as const };
        const said = parse(image.bytes);
        if (number < fromPage) continue;
        if (said.isSetAside) {
          const finding = { code: 'PAGE_SET_ASIDE', data: { reason: 'crashed', path: null, page: number } } as const;
          findings.push(finding);
          await setAside?.(finding);
        } else await take({ number, path: null, image, thumbnail: PIXEL, reading: readingOf(said) });
        await nextTurn();
        signal?.throwIfAborted();
      }
      return { kind: 'pdf', pages: lines.length, findings };
    },
    readPage: (bytes, { hints }) => Promise.resolve(readingOf(parse(bytes), hints)),
    cropPage: () => Promise.resolve(PIXEL),
    renderPage: () => Promise.resolve(PIXEL),
    async print({ items }, take) {
      let pages = 0;
      for await (const { form } of items) {
        pages += form.pages.length;
        await take(new TextEncoder().encode(`${form.id}\n`), pages);
      }
      return { pages };
    },
    close: () => Promise.resolve(),
  };
}
