/** Sends one file with its progress. XMLHttpRequest, because fetch tells no progress of what it sends. */
import { FILE_BYTES_MAX } from '#models/attendance/attendance.form.ts';
import type { RefusalCode, RefusalParams } from '#models/error.ts';

export type UploadState =
  | { status: 'idle' }
  | { status: 'sending'; loaded: number; total: number }
  | { status: 'sent' }
  | { status: 'refused'; refusal: { code: RefusalCode; params: RefusalParams } };

const MEBIBYTE = 2 ** 20;

export class Upload {
  state = $state.raw<UploadState>({ status: 'idle' });
  #request: XMLHttpRequest | null = null;

  /** Resolves when the hub answered; true when the file was taken. */
  send(url: string, file: File, isAttested: boolean): Promise<boolean> {
    if (file.size > FILE_BYTES_MAX) {
      // Said before a minute of sending; the server says the same to whoever sends all the same.
      this.#refuse('file_too_large', { mb: Math.ceil(file.size / MEBIBYTE), mbMax: FILE_BYTES_MAX / MEBIBYTE });
      return Promise.resolve(false);
    }
    const address = `${url}?name=${encodeURIComponent(file.name)}&attested=${isAttested ? 'yes' : 'no'}`;
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      this.#request = request;
      this.state = { status: 'sending', loaded: 0, total: file.size };
      request.upload.onprogress = ({ loaded }) => {
        this.state = { status: 'sending', loaded, total: file.size };
      };
      request.onload = () => {
        const answer = request.response as { refusal?: { code: RefusalCode; params: RefusalParams } } | null;
        if (request.status === 200) this.state = { status: 'sent' };
        else this.#refuse(answer?.refusal?.code ?? 'busy', answer?.refusal?.params ?? {});
        resolve(request.status === 200);
      };
      request.onerror = () => {
        this.#refuse('line_lost', {});
        resolve(false);
      };
      request.onabort = () => {
        this.state = { status: 'idle' };
        resolve(false);
      };
      request.open('POST', address);
      request.responseType = 'json';
      request.setRequestHeader('content-type', 'application/octet-stream');
      request.send(file);
    });
  }

  cancel(): void {
    this.#request?.abort();
  }

  reset(): void {
    this.state = { status: 'idle' };
  }

  #refuse(code: RefusalCode, params: RefusalParams): void {
    this.state = { status: 'refused', refusal: { code, params } };
  }
}
