/** What is read of one page of a scan: its fields and its picture, by the right of whoever asks. */
import { findForm, type FormDefinition } from '#collector/form.ts';
import { FORMS } from '#collector/forms/index.ts';
import type { PixelBox } from '#collector/finding.ts';
import type { Homography } from '#collector/reading.ts';
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import type { Person } from '../people/person.ts';
import { isAllowed } from '../people/rights.ts';
import { fromReader, imageBlob, readWhole, thumbnailBlob } from './scan-image.ts';
import { answerOf, codeOf, type Answer, type ScanPage } from './scan-page.ts';

/** The longer side of a page for the eye (pixels). */
export const PAGE_SIDE_PIXELS_MAX = 2_400;

/** A field of a page with what is marked in it, for whoever decides. */
export interface PageFieldView {
  key: string;
  label: string;
  kind: string;
  options: { key: string; label: string }[];
  crop: PixelBox;
  answer: Answer;
}
/** Everything of one page that a decision needs. */
export interface ScanPageView {
  id: string;
  rev: number;
  status: ScanPage['status'];
  /** Pixels of the image as it came, by which crops and corners are told. */
  width: number;
  height: number;
  hasImage: boolean;
  /** From millimetres of the upright page to those pixels; null while the page's place is not known. */
  geometry: Homography | null;
  /** Quarter turns that a person gave it. */
  rotate: 0 | 1 | 2 | 3;
  /** The printed code of the page, when it is known. */
  text: string | null;
  place: { holder: string; number: number; form: string; page: number } | null;
  fields: PageFieldView[];
}

export function createScanPageQueries({
  units,
  scanPages,
  collector,
  blobs,
}: Pick<Context, 'units' | 'scanPages' | 'collector' | 'blobs'>) {
  /** A page image belongs to whoever works at its centre, and to its own college. */
  async function demandPage(person: Person, id: string): Promise<ScanPage> {
    const page = await scanPages.find(id);
    if (!page) throw new HubError('not_allowed');
    const [centre, college] = await Promise.all([units.find(page.centre), units.find(page.college)]);
    const isAtCentre = centre !== null && isAllowed(person, 'scanErrors.view', centre.path, page.procedure);
    const isOwn = college !== null && isAllowed(person, 'scans.own', college.path, page.procedure);
    // A page of another college that lies in this one's batch is not the college's own: it has no place there.
    if (!isAtCentre && !(isOwn && page.status === 'standing')) throw new HubError('not_allowed');
    return page;
  }

  const formOf = (page: ScanPage): { form: FormDefinition; number: number } | null => {
    const code = codeOf(page);
    const found = code && findForm(FORMS, code.form, code.version);
    return found && { form: found.form, number: code.page };
  };

  async function imageOf(page: ScanPage): Promise<Uint8Array> {
    if (!page.image) throw new HubError('not_found');
    return readWhole(blobs.read(imageBlob(page.file, page.n)), page.image.bytes);
  }

  return {
    /** What of a page a decision needs. */
    async scanPage(person: Person, id: string): Promise<ScanPageView> {
      const page = await demandPage(person, id);
      const found = formOf(page);
      const fields = found?.form.pages.find(({ number }) => number === found.number)?.fields ?? [];
      const code = codeOf(page);
      return {
        ...{ id: page.id, rev: page.rev, status: page.status },
        ...{ width: page.reading?.width ?? 0, height: page.reading?.height ?? 0 },
        ...{ hasImage: page.image !== null, geometry: page.reading?.geometry ?? null, rotate: page.hints.rotate ?? 0 },
        text: page.reading?.identity?.text ?? null,
        place: code && {
          ...{ holder: code.holder.kind, number: code.holder.number },
          ...{ form: found?.form.title ?? '', page: code.page },
        },
        fields: (page.reading?.fields ?? []).map((reading) => {
          const field = fields.find(({ key }) => key === reading.key);
          const options = field && 'options' in field ? field.options : [];
          return {
            ...{ key: reading.key, label: field?.label ?? reading.key, kind: reading.kind, crop: reading.crop },
            options: options.map(({ key, label }) => ({ key, label })),
            answer: answerOf(reading, page.decisions),
          };
        }),
      };
    },

    /** By what an image that was shown before is known to be the same still. */
    pageRev: async (person: Person, id: string): Promise<number> => (await demandPage(person, id)).rev,
    /** The whole page for the eye, upright where its place is known: JPEG. */
    async pageImage(person: Person, id: string): Promise<Uint8Array> {
      const page = await demandPage(person, id);
      const geometry = page.reading?.geometry ?? null;
      const { rotate } = page.hints;
      const image = await imageOf(page);
      const options = { sidePixelsMax: PAGE_SIDE_PIXELS_MAX, geometry, ...(rotate === undefined ? {} : { rotate }) };
      return fromReader(collector.renderPage(image, options));
    },
    /** The page as it came: what corners are clicked on. */
    async pageAsCame(person: Person, id: string): Promise<Uint8Array> {
      const page = await demandPage(person, id);
      return fromReader(collector.renderPage(await imageOf(page), { sidePixelsMax: PAGE_SIDE_PIXELS_MAX }));
    },
    /** The part of a page that an error is about: JPEG. */
    async crop(person: Person, id: string, box: PixelBox): Promise<Uint8Array> {
      const page = await demandPage(person, id);
      const image = await imageOf(page);
      return fromReader(collector.cropPage(image, { kind: 'pixels', box, sidePixelsMax: PAGE_SIDE_PIXELS_MAX }));
    },
    async thumbnail(person: Person, id: string): Promise<AsyncIterable<Uint8Array>> {
      const page = await demandPage(person, id);
      if (!page.image) throw new HubError('not_found');
      return blobs.read(thumbnailBlob(page.file, page.n));
    },
  };
}
