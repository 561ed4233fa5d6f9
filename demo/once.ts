import { HubError, type RefusalCode } from '#models/error.ts';

/** For deeds that a crash may have cut off: one that was done before is refused by one of these names. */
export async function unlessDone(work: () => Promise<unknown>, ...codes: RefusalCode[]): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof HubError && codes.includes(error.code))) throw error;
  }
}
