import type { Message } from '#models/forum/forum.ts';

/** What the reader is about to write in a thread; null: nothing. */
export type Writing = { kind: 'answer' } | { kind: 'followUp' } | { kind: 'correction'; message: Message } | null;
