/** Reading what should be there: a field that is missing or of another type reads as nothing. */
import { isDoc, type Doc, type Value } from './bson.ts';

export function docOf(value: Value | undefined): Doc {
  return isDoc(value) ? value : new Map<string, Value>();
}

export function listOf(value: Value | undefined): Value[] {
  return Array.isArray(value) ? value : [];
}
