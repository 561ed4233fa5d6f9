/** Sends a list of units with its progress. XMLHttpRequest, because fetch tells no progress of what it sends. */
import { UNITS_FILE_BYTES_MAX } from '#models/org/unit.form.ts';
import type { RefusalCode, RefusalParams } from '#models/error.ts';

type ListUploadState =
  | { status: 'idle' }
  | { status: 'sending'; loaded: number; total: number }
  | { status: 'refused'; refusal: { code: RefusalCode; params: RefusalParams } };

const MEBIBYTE = 2 ** 20;

export class ListUpload {
  state = $state.raw<ListUploadState>({ status: 'idle' });

  /** Resolves with the id of the import, or with null when the file was refused. */
  send(unit: string, file: File): Promise<string | null> {
    if (file.size > UNITS_FILE_BYTES_MAX) {
      const params = { mb: Math.ceil(file.size / MEBIBYTE), mbMax: UNITS_FILE_BYTES_MAX / MEBIBYTE };
      this.state = { status: 'refused', refusal: { code: 'file_too_large', params } };
      return Promise.resolve(null);
    }
    return new Promise((resolve) => {
      const refuse = (code: RefusalCode, params: RefusalParams = {}): void => {
        this.state = { status: 'refused', refusal: { code, params } };
        resolve(null);
      };
      const request = new XMLHttpRequest();
      this.state = { status: 'sending', loaded: 0, total: file.size };
      request.upload.onprogress = ({ loaded }) => {
        this.state = { status: 'sending', loaded, total: file.size };
      };
      request.onload = () => {
        const answer = request.response as {
          import?: string;
          refusal?: { code: RefusalCode; params: RefusalParams };
        } | null;
        if (answer?.import !== undefined) resolve(answer.import);
        else refuse(answer?.refusal?.code ?? 'busy', answer?.refusal?.params);
      };
      request.onerror = () => refuse('line_lost');
      request.open('POST', `/imports/upload?unit=${encodeURIComponent(unit)}&name=${encodeURIComponent(file.name)}`);
      request.responseType = 'json';
      request.setRequestHeader('content-type', 'application/octet-stream');
      request.send(file);
    });
  }
}
