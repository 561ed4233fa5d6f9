/** Sends files one after another with their progress; what was sent waits on the server for its publication. */
import type { RefusalCode, RefusalParams } from '#models/error.ts';
import { FILE_BYTES_MAX, type AttachedFile } from '#models/publication/publication.ts';

type Sending =
  | { status: 'idle' }
  | { status: 'sending'; name: string; loaded: number; total: number }
  | { status: 'refused'; name: string; refusal: { code: RefusalCode; params: RefusalParams } };

interface Answer {
  file?: AttachedFile;
  refusal?: { code: RefusalCode; params: RefusalParams };
}

export class Attachments {
  files = $state.raw<readonly AttachedFile[]>([]);
  sending = $state.raw<Sending>({ status: 'idle' });
  readonly #unit: () => string;
  #request: XMLHttpRequest | null = null;

  constructor(files: readonly AttachedFile[], unit: () => string) {
    this.files = files;
    this.#unit = unit;
  }

  get isBusy(): boolean {
    return this.sending.status === 'sending';
  }

  async send(chosen: readonly File[]): Promise<void> {
    for (const file of chosen) if (!(await this.#sendOne(file))) return;
  }

  cancel(): void {
    this.#request?.abort();
  }

  /** What waits only is thrown away; what an earlier edition has stays with it. */
  async remove({ id }: AttachedFile): Promise<void> {
    this.files = this.files.filter((file) => file.id !== id);
    await fetch(`/publications/files/${id}/drop`, { method: 'POST' });
  }

  #sendOne(file: File): Promise<boolean> {
    const { name, size: total } = file;
    return new Promise((resolve) => {
      const refuse = (code: RefusalCode, params: RefusalParams = {}): void => {
        this.sending = { status: 'refused', name, refusal: { code, params } };
        resolve(false);
      };
      if (total > FILE_BYTES_MAX) {
        refuse('attachment_too_large', { mb: Math.ceil(total / 2 ** 20), mbMax: FILE_BYTES_MAX / 2 ** 20 });
        return;
      }
      const request = new XMLHttpRequest();
      this.#request = request;
      this.sending = { status: 'sending', name, loaded: 0, total };
      request.upload.onprogress = ({ loaded }) => {
        this.sending = { status: 'sending', name, loaded, total };
      };
      request.onload = () => {
        const answer = request.response as Answer | null;
        if (!answer?.file) {
          refuse(answer?.refusal?.code ?? 'busy', answer?.refusal?.params);
          return;
        }
        this.files = [...this.files, answer.file];
        this.sending = { status: 'idle' };
        resolve(true);
      };
      request.onerror = () => refuse('line_lost');
      request.onabort = () => {
        this.sending = { status: 'idle' };
        resolve(false);
      };
      request.open(
        'POST',
        `/publications/files?unit=${encodeURIComponent(this.#unit())}&name=${encodeURIComponent(name)}`,
      );
      request.responseType = 'json';
      request.setRequestHeader('content-type', 'application/octet-stream');
      request.send(file);
    });
  }
}
