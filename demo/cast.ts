/** Who the institutions are: how each behaves, drawn once from the seed. Pure. */
import { createChance } from './chance.ts';
import { INSTITUTIONS, VISITORS_INSTITUTION } from './region.ts';

/** What an institution sends at one attempt. */
export const FILE_KINDS = [
  'good',
  'messy', // understood in spite of its form
  'slips', // errors in a few cells
  'halfYearLost', // one half-year of several classes is not there
  'foreign', // a colleague's file from another institution
  'csv', // a text table renamed to .xls
  'again', // the very file that was refused before
] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** How far an institution goes by itself; most go to the end. */
export const STAGES = [
  'nothing',
  'registered',
  'given',
  'activated',
  'template',
  'uploaded',
  'failed',
  'report',
] as const;
export type Stage = (typeof STAGES)[number];

export interface Character {
  institution: string;
  format: 'xls' | 'xlsx';
  /** Files by attempt; the last is sent at every further one. */
  files: readonly [FileKind, ...FileKind[]];
  /** Forgets the tick at the first file and sets it later. */
  forgetsTick: boolean;
  /** The centre doubts the registration first. */
  isDoubted: boolean;
  /** Stays there whatever happens. */
  goesTo: Stage;
  /** How far it is when the visitor first looks; null for those who begin later. */
  opensAt: Stage | null;
}

type Part = Pick<Character, 'files' | 'forgetsTick' | 'isDoubted' | 'goesTo' | 'opensAt'>;

const part = (files: Character['files'], rest: Partial<Part> = {}): Part => ({
  files,
  forgetsTick: false,
  isDoubted: false,
  goesTo: 'report',
  opensAt: null,
  ...rest,
});
const times = (count: number, of: Part): Part[] => Array.from({ length: count }, () => of);

/** The parts of a region of 119: what stands at the opening first, the rest comes while the visitor watches. */
const PARTS: readonly Part[] = [
  ...times(13, part(['good'], { opensAt: 'report' })),
  ...times(3, part(['messy'], { opensAt: 'report' })),
  ...times(3, part(['slips', 'good'], { opensAt: 'report' })),
  ...times(2, part(['good'], { opensAt: 'report', forgetsTick: true })),
  ...times(2, part(['slips', 'good'], { opensAt: 'failed' })),
  part(['slips', 'slips', 'good'], { opensAt: 'failed' }),
  part(['foreign', 'good'], { opensAt: 'failed' }),
  ...times(3, part(['good'], { opensAt: 'uploaded', forgetsTick: true })),
  ...times(4, part(['good'], { opensAt: 'template' })),
  ...times(2, part(['messy'], { opensAt: 'activated' })),
  ...times(3, part(['good'], { opensAt: 'given' })),
  ...times(4, part(['good'], { opensAt: 'registered' })),
  part(['good'], { opensAt: 'registered', isDoubted: true }),
  ...times(29, part(['good'])),
  ...times(5, part(['messy'])),
  ...times(10, part(['slips', 'good'])),
  ...times(3, part(['slips', 'slips', 'good'])),
  ...times(3, part(['halfYearLost', 'good'])),
  ...times(2, part(['foreign', 'good'])),
  ...times(2, part(['csv', 'good'])),
  ...times(2, part(['slips', 'again', 'good'])),
  ...times(7, part(['good'], { forgetsTick: true })),
  ...times(1, part(['slips', 'good'], { isDoubted: true })),
  ...times(3, part(['good'], { goesTo: 'given' })),
  ...times(3, part(['good'], { goesTo: 'template' })),
  ...times(2, part(['slips'], { goesTo: 'failed' })),
  ...times(5, part(['good'], { goesTo: 'nothing' })),
];

/** The characters of all institutions but the visitor's own, which is left to him. */
export function castOf(seed: number): Character[] {
  const chance = createChance(seed, 'cast');
  const acting = chance.shuffled(INSTITUTIONS.filter(({ id }) => id !== VISITORS_INSTITUTION));
  return acting.map(({ id }, index) => ({
    institution: id,
    // «MS Excel 2003» is what the link offers first, and what most take.
    format: chance.happens(0.7) ? 'xls' : 'xlsx',
    ...(PARTS[index] ?? part(['good'])),
  }));
}
