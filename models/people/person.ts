/** Who a person is to the hub. What he may do is in `rights.ts`. Pure, browser-safe. */
import { z } from 'zod';
import type { Assignment } from './rights.ts';

export interface Person {
  id: string;
  name: string;
  username: string;
  /** Those that hold now. */
  assignments: Assignment[];
}

export const usernameSchema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._-]{2,39}$/);
export const personNameSchema = z.string().trim().min(2).max(120);
