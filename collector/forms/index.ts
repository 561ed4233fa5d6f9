/** Every form that was ever printed stays here: paper of an old version may still come back. */
import type { FormDefinition } from '../form.ts';
import { ANSWERS } from './answers.ts';
import { ATTENDANCE_SHEET } from './attendance.ts';
import { COVER } from './cover.ts';
import { PROTOCOL } from './protocol.ts';
import { SPARE } from './spare.ts';

export const FORMS: readonly FormDefinition[] = [ANSWERS, PROTOCOL, ATTENDANCE_SHEET, COVER, SPARE];
