/** Whether a unique index refused a write: somebody else was faster, or it was done before. */
export function isDuplicateKey(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 11000;
}
