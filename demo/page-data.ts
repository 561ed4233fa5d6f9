/** The pages' data as the browser gets it: a flat list of values that name each other by index. Pure. */
import { z } from 'zod';

/** What stands for values that JSON has no word for. */
const UNDEFINED = -1;
const NULL_LIKE = new Set([UNDEFINED, -2, -3, -4, -5, -6]);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Puts a flat list together again: plain objects, lists and JSON's own values, which is all the hub's pages send. */
export function unflatten(flat: unknown): unknown {
  if (!Array.isArray(flat)) return undefined;
  const values: readonly unknown[] = flat;
  const at = (index: unknown): unknown => {
    if (typeof index !== 'number' || NULL_LIKE.has(index)) return undefined;
    const value = values[index];
    if (Array.isArray(value)) return value.map(at);
    if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, place]) => [key, at(place)]));
    return value;
  };
  return at(0);
}

const refusalSchema = z.object({
  code: z.string(),
  params: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
});

const pageSchema = z.union([
  z.object({ type: z.literal('redirect'), location: z.string() }),
  z.object({
    type: z.literal('data'),
    nodes: z.array(
      z
        .union([
          z.object({ type: z.literal('data'), data: z.unknown() }),
          z.object({ type: z.literal('error'), error: z.looseObject({}) }),
          z.object({ type: z.literal('skip') }),
        ])
        .nullable(),
    ),
  }),
]);

export type PageAnswer =
  | { kind: 'data'; data: Record<string, unknown> }
  | { kind: 'redirect'; location: string }
  | { kind: 'refused'; code: string };

/** Reads the answer to `<page>/__data.json`. */
export function readPage(answer: unknown): PageAnswer {
  const page = pageSchema.parse(answer);
  if (page.type === 'redirect') return { kind: 'redirect', location: page.location };
  const data: Record<string, unknown> = {};
  for (const node of page.nodes) {
    if (node?.type === 'error')
      return { kind: 'refused', code: refusalSchema.safeParse(node.error).data?.code ?? 'fault' };
    const own = node?.type === 'data' ? unflatten(node.data) : null;
    if (isRecord(own)) Object.assign(data, own);
  }
  return { kind: 'data', data };
}

const formSchema = z.union([
  z.object({ type: z.literal('redirect'), location: z.string() }),
  z.object({ type: z.enum(['success', 'failure']), data: z.string().optional() }),
  z.object({ type: z.literal('error'), error: z.looseObject({}) }),
]);

export type FormAnswer =
  { kind: 'done'; data: unknown } | { kind: 'redirect'; location: string } | { kind: 'refused'; code: string };

/** Reads the answer to a form that was sent by script. */
export function readForm(answer: unknown): FormAnswer {
  const form = formSchema.parse(answer);
  switch (form.type) {
    case 'redirect':
      return { kind: 'redirect', location: form.location };
    case 'success':
      return { kind: 'done', data: form.data === undefined ? null : unflatten(JSON.parse(form.data)) };
    case 'failure': {
      const data = form.data === undefined ? null : unflatten(JSON.parse(form.data));
      return { kind: 'refused', code: refusedOf(data) };
    }
    case 'error':
      return { kind: 'refused', code: refusalSchema.safeParse(form.error).data?.code ?? 'fault' };
    default:
      throw form satisfies never;
  }
}

/** The code in `{ refusal: { code } }`, which forms and scripts are answered with. */
export const refusedOf = (data: unknown): string =>
  z.object({ refusal: refusalSchema }).safeParse(data).data?.refusal.code ?? 'fault';
