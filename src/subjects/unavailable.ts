/**
 * Why a subject cannot run here.
 */

/** A subject cannot be driven here. Both texts are whole sentences. */
export class Unavailable extends Error {
  readonly missing: string;
  readonly remedy: string;
  constructor(missing: string, remedy: string) {
    super(`${missing} ${remedy}`);
    this.missing = missing;
    this.remedy = remedy;
  }
}
