/** The only error that reading throws: these bytes are no capture that can be read, and where that shows. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
  /** The byte of the file at which the offending thing starts. */
  readonly offset: number;

  /** `problem` goes into the sentence "At byte N of the capture PROBLEM." */
  constructor(offset: number, problem: string) {
    super(`At byte ${offset} of the capture ${problem}.`);
    this.offset = offset;
  }
}
