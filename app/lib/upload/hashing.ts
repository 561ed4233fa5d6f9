import type { HashTold } from './hash.worker.ts';

/** The worker that hashes files; what it tells of them goes to `hear`. */
export function startHashing(hear: (told: HashTold) => void): Worker {
  const worker = new Worker(new URL('./hash.worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<HashTold>) => hear(data);
  return worker;
}
