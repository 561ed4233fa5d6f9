export type EmbeddedStoreErrorCode =
  'data_folder_held' | 'data_folder_newer' | 'data_folder_unusable' | 'port_taken' | 'store_failed';

/** Why the store did not start, in words for the person who started it. */
export class EmbeddedStoreError extends Error {
  readonly code: EmbeddedStoreErrorCode;
  constructor(code: EmbeddedStoreErrorCode, message: string) {
    super(message);
    this.name = 'EmbeddedStoreError';
    this.code = code;
  }
}
