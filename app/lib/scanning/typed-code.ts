/** A code as it is typed from the paper: shown in groups of four, and what is wrong with it so far. Pure. */
import { CODE_CHARS, parseTypedCode } from '#collector/code.ts';

const isBetween = (char: string): boolean => /[\s\p{Dash}_.]/u.test(char);

/** Signs without what stands between them, in groups of four. */
export function grouped(typed: string): string {
  const signs = Array.from(typed).filter((char) => !isBetween(char));
  const groups: string[] = [];
  for (let at = 0; at < signs.length; at += 4) groups.push(signs.slice(at, at + 4).join(''));
  return groups.join(' ').toUpperCase();
}

export type TypedState =
  | { kind: 'empty' }
  | { kind: 'code' }
  /** So many signs of twenty. */
  | { kind: 'short' | 'long'; chars: number }
  /** A sign that no code has, and which of the twenty it is, from 1. */
  | { kind: 'sign'; sign: string; n: number; at: number }
  | { kind: 'checksum' };

export function typedState(typed: string): TypedState {
  if (grouped(typed) === '') return { kind: 'empty' };
  const parsed = parseTypedCode(typed);
  switch (parsed.kind) {
    case 'code':
      return { kind: 'code' };
    case 'length':
      return { kind: parsed.chars < CODE_CHARS ? 'short' : 'long', chars: parsed.chars };
    case 'sign': {
      const chars = Array.from(typed);
      const n = chars.slice(0, parsed.at).filter((char) => !isBetween(char)).length + 1;
      return { kind: 'sign', sign: chars[parsed.at] ?? '', n, at: parsed.at };
    }
    case 'checksum':
      return { kind: 'checksum' };
    default:
      return parsed satisfies never;
  }
}

/** Which option a key means: the letter as it is printed, or its place in the Latin alphabet, so that both layouts work. */
export function optionOf<T extends { label: string }>(
  options: readonly T[],
  event: Pick<KeyboardEvent, 'key' | 'code'>,
): T | null {
  const printed = options.find(({ label }) => label.length === 1 && label.toLowerCase() === event.key.toLowerCase());
  if (printed) return printed;
  const letter = /^Key([A-L])$/.exec(event.code)?.[1];
  return (letter && options[letter.charCodeAt(0) - 'A'.charCodeAt(0)]) || null;
}
