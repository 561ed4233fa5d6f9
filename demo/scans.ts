/** What comes back to a scanning centre: printed pages, filled in by participants and organizers, and spoilt as scanners and people do. */
import { chanceOf, type Chance } from '#collector/degrade/chance.ts';
import { fillBubble, fillIn, type Choose } from '#collector/degrade/hand.ts';
import { DEGRADATIONS, packJpeg } from '#collector/degrade/kinds.ts';
import { renderPdf } from '#collector/degrade/paper.ts';
import type { FormPage } from '#collector/form.ts';
import { ANSWERS } from '#collector/forms/answers.ts';
import { ATTENDANCE_SHEET } from '#collector/forms/attendance.ts';
import { PROTOCOL } from '#collector/forms/protocol.ts';
import { DATAMATRIX_BOX, QR_BOX, TWIN_BOX } from '#collector/layout.ts';
import type { GreyImage } from '#collector/read/grey.ts';
import { pdfOf } from '#collector/testing.ts';

export interface ScanTask {
  seed: number;
  /** The forms as the hub printed them. */
  printed: Uint8Array;
  /** Participants by room, in the order in which they were printed. */
  rooms: readonly number[];
  /** Pages that this file brings, counted from 0: from and before. */
  from: number;
  to: number;
}

const DPI = 200;
const QUALITY = 60;
const ABSENT = 0.08;
/** How pages of an ordinary day look. */
const ORDINARY = [
  'as printed',
  'rotated 2°',
  'noise',
  'low contrast',
  'fold',
  'stains',
  'pen over one code',
  'upside down',
];
/** Of so many pages of answers one has something that only a person can tell. */
const TROUBLE_EVERY = 5;

interface Sheet {
  page: FormPage;
  of: 'attendance' | 'protocol' | 'answers';
  room: number;
  participant: number;
}

/** The pages of a college in the order of printing, without its spares. */
export function sheetsOf(rooms: readonly number[]): Sheet[] {
  const pagesOf = (form: { pages: FormPage[] }, rest: Omit<Sheet, 'page'>): Sheet[] =>
    form.pages.map((page) => ({ page, ...rest }));
  let first = 1;
  return rooms.flatMap((participants, room) => {
    const numbers = Array.from({ length: participants }, (_, at) => first + at);
    first += participants;
    return [
      ...pagesOf(ATTENDANCE_SHEET, { of: 'attendance', room, participant: participants }),
      ...pagesOf(PROTOCOL, { of: 'protocol', room, participant: 0 }),
      ...numbers.flatMap((participant) => pagesOf(ANSWERS, { of: 'answers', room, participant })),
    ];
  });
}

/** One file as a scanner writes it: a PDF of pictures. */
export default async function scan({ seed, printed, rooms, from, to }: ScanTask): Promise<Uint8Array> {
  const images = await renderPdf(printed, DPI);
  const sheets = sheetsOf(rooms);
  const isAbsent = (participant: number): boolean => chanceOf(seed + 7_919 * participant)() < ABSENT;
  const firstOf = (room: number): number => rooms.slice(0, room).reduce((sum, count) => sum + count, 1);
  const jpegs = sheets.slice(from, to).map((sheet, index) => {
    const at = from + index;
    const image = images[at];
    if (!image) throw new Error(`the hub printed no page ${at + 1}`);
    const chance = chanceOf(seed + 31 * at);
    fillIn(image, sheet.page, DPI, chance, {
      choose: handOf(sheet, chance, isAbsent, firstOf(sheet.room)),
      writes: () => sheet.of !== 'answers' || (!isAbsent(sheet.participant) && chance() < 0.85),
    });
    const trouble = sheet.of === 'answers' && at % TROUBLE_EVERY === TROUBLE_EVERY - 1 ? at / TROUBLE_EVERY : null;
    if (trouble !== null) spoil(image, sheet.page, Math.floor(trouble), chance);
    const name = ORDINARY[Math.floor(chance() * ORDINARY.length)];
    const kind = DEGRADATIONS.find((one) => one.name === name);
    return packJpeg(kind ? kind.apply(image, chance, DPI / 25.4) : image, QUALITY);
  });
  // The same bytes for the same pages: the hub knows a file that comes twice.
  return pdfOf(jpegs, { info: { CreationDate: new Date(0) } });
}

function handOf(
  { of, participant }: Sheet,
  chance: Chance,
  isAbsent: (participant: number) => boolean,
  first: number,
): Choose {
  if (of === 'protocol') return ({ key }) => ({ option: key === 'breaches' ? 'no' : 'yes' });
  return (field) => {
    if (field.kind === 'attendance') {
      if (field.row === null) return isAbsent(participant) ? { option: 'absent' } : null;
      if (field.row > participant) return null;
      return { option: isAbsent(first + field.row - 1) ? 'absent' : 'attended' };
    }
    if (isAbsent(participant) || chance() < 0.04) return null;
    const { key: option = '' } = field.options[Math.floor(chance() * field.options.length)] ?? {};
    const instead = chance() < 0.05 ? field.correction?.[0]?.key : undefined;
    return instead === undefined ? { option } : { option, instead };
  };
}

/** In turn: codes that nobody can read any more, and a second bubble in a row. */
function spoil(image: GreyImage, page: FormPage, turn: number, chance: Chance): void {
  const [field] = page.fields;
  if (turn % 2 === 0 || field?.kind !== 'choice') {
    const perMm = DPI / 25.4;
    for (const box of [DATAMATRIX_BOX, TWIN_BOX, QR_BOX])
      for (let y = Math.floor(box.y * perMm); y < (box.y + box.height) * perMm; y++)
        image.data.fill(
          235,
          y * image.width + Math.floor(box.x * perMm),
          y * image.width + Math.ceil((box.x + box.width) * perMm),
        );
    return;
  }
  for (const { box } of field.options.slice(0, 2)) fillBubble(image, box, DPI, chance);
}
