/** Who a person is to the hub. What he may do is in `rights.ts`. Pure, browser-safe. */
import { z } from 'zod';
import type { Assignment } from './rights.ts';

export interface Person {
  id: string;
  name: string;
  username: string;
  /** Those that hold now. */
  assignments: Assignment[];
  /** The next moment at which the clock alone begins or ends one of them; null or absent when none does. */
  changesAtMs?: number | null;
}

export const usernameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._-]{2,39}$/);
export const personNameSchema = z.string().trim().min(2).max(120);
