/** Where the images of pages lie, and how one is read. */
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HubError } from '../error.ts';
import { pageId } from './scan-page.ts';

export const imageBlob = (file: string, n: number): string => `page-${file}-${n}`;
export const thumbnailBlob = (file: string, n: number): string => `thumb-${file}-${n}`;

/** Which page of which file a stored image is of; null for any other file. */
export function pageOfBlob(blob: string): { file: string; page: string } | null {
  const [, file, n] = /^(?:page|thumb)-(.+)-(\d+)$/.exec(blob) ?? [];
  return file === undefined ? null : { file, page: pageId(file, Number(n)) };
}

/** A page image whole in memory. */
export async function readWhole(pieces: AsyncIterable<Uint8Array>, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** A file on this machine's disk while it is worked on: it may be too large to be held in memory. */
export async function withFile<T>(pieces: AsyncIterable<Uint8Array>, work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'svod-scan-'));
  try {
    const path = join(folder, 'file');
    await pipeline(pieces, createWriteStream(path, { mode: 0o600 }));
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the reader refuses, as a refusal of the hub; its classes are told apart by name. */
export async function fromReader<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    if (name === 'CollectorBusy') throw new HubError('busy');
    if (name === 'PageRefused') throw new HubError('bad_input', { field: 'page', reason: 'image' });
    throw error;
  }
}
